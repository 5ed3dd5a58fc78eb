//===- GPUSchedule.cpp - Tile shapes for a GPU ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/GPUSchedule.h"
#include "attn/Schedule/SharedTile.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

/// Registers of a thread for addresses, loop counters, the softmax's state and
/// operands on their way.
static constexpr int64_t kOtherRegisters = 56;
/// What operands of 32 bits take more than those of 16.
static constexpr int64_t kTF32Registers = 16;

/// Bytes that ldmatrix brings to a warp, as does an access of 16 bytes a
/// thread.
static constexpr int64_t kMatrixBytes = 512;

/// What tensors that are read at every score take more of them, the first one
/// and each: the addresses of a thread's rows, and elements on their way.
static constexpr int64_t kTensorRegisters = 48, kRegistersPerTensor = 24;

/// Warps of a multiprocessor below which latencies are not hidden: two for
/// each of its four schedulers.
static constexpr int64_t kEnoughWarps = 8;

/// What a register for which there is none adds to the price of a schedule:
/// more than any two that have them differ by.
static constexpr double kSpillPrice = 1000;

/// Workgroups for each multiprocessor that splitting the keys aims at.
static constexpr int64_t kBlocksPerMultiprocessor = 2;
/// Keys that a split has at least, so that joining the parts stays cheap.
static constexpr int64_t kMinSplitKeys = 256;

/// What sizes are taken for that only the call knows, where a decode step asks
/// how many parts its keys are to have. A cache is long: a step on a short one
/// takes little time either way. There is one sequence, as where a user runs a
/// model: more of them take more workgroups than were aimed at, whose partial
/// results are a few per cent of the keys and values that they read. The query
/// heads are those of a model of 7 to 8 billion parameters.
static constexpr int64_t kAssumedKeys = 32768, kAssumedBatch = 1,
                         kAssumedQueryHeads = 32;

int64_t mlir::attn::getRowsPerQuery(SDPAOp op) {
  int64_t heads = op.getStaticQueryHeads(), kvHeads = op.getStaticKVHeads();
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(kvHeads) ||
      kvHeads == 0)
    return 1;
  return llvm::PowerOf2Ceil(std::max<int64_t>(heads / kvHeads, 1));
}

/// Reads of tensors at every score, beside those that a head's scores share.
static int64_t countTensorReads(SDPAOp op) {
  int64_t reads = (op.getBias() ? 1 : 0) + (op.getKeep() ? 1 : 0);
  for (Region *region : {&op.getScore(), &op.getMask()})
    region->walk([&](tensor::ExtractOp) { ++reads; });
  return reads;
}

int64_t mlir::attn::getPaddedValueHeadDim(SDPAOp op, GPUScheduleAttr schedule) {
  int64_t columnWarps = std::max<int64_t>(
      MMAShape::rows * schedule.getWarps() / schedule.getQueryTile(), 1);
  return llvm::alignTo(op.getStaticValueHeadDim(),
                       MMAShape::depth * columnWarps);
}

GPUScheduleCost mlir::attn::estimateSchedule(SDPAOp op,
                                             GPUScheduleAttr schedule,
                                             const GPUTarget &target) {
  Type element = op.getQuery().getType().getElementType();
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  bool isTF32 = element.isF32(), isSplit = isTF32 && !op.getAllowTf32();
  int64_t depth = isTF32 ? MMAShape::depthTF32 : MMAShape::depth;
  // An f32 element is one or two registers of tf32, made by so many
  // instructions, and a product one or three.
  int64_t parts = isSplit ? 2 : 1, terms = isSplit ? 3 : 1;
  int64_t rounding = isSplit ? 3 : isTF32 ? 2 : 0;
  int64_t headDim = llvm::alignTo(op.getStaticHeadDim(), MMAShape::depth);
  int64_t valueHeadDim = getPaddedValueHeadDim(op, schedule);
  int64_t rows = schedule.getQueryTile(), keys = schedule.getKvTile();
  int64_t warps = schedule.getWarps();
  int64_t threads = warps * target.warpSize;
  bool queryInRegisters = schedule.getQueryInRegisters();

  SharedPlan plan{{keys, headDim, bytes},
                  {keys, valueHeadDim, bytes},
                  {rows, headDim, bytes},
                  {rows, valueHeadDim,
                   op.getOutput().getType().getElementTypeBitWidth() / 8},
                  schedule.getStages(),
                  queryInRegisters};
  if (schedule.getKvSplits() > 1)
    plan.output.elementBytes = 4;
  GPUScheduleCost cost;
  cost.sharedBytes = plan.bytes();

  // Warps for which there are no rows left share the columns of the output, and
  // all compute the scores.
  int64_t rowWarps = std::min(warps, rows / MMAShape::rows);
  int64_t columnWarps = warps / rowWarps;
  int64_t fragments = rows / rowWarps / MMAShape::rows;
  int64_t columns = valueHeadDim / columnWarps;
  double scores = fragments * MMAShape::rows * keys / double(target.warpSize);
  double outputs =
      fragments * MMAShape::rows * columns / double(target.warpSize);
  double queries = fragments * MMAShape::rows * headDim * bytes / 4 /
                   double(target.warpSize);
  // Queries that stay are there in both products. The weights take the scores'
  // registers as they are made; where they are split, twice as many, beside the
  // sums of a tile alone.
  double kept = queryInRegisters ? parts * queries : 0;
  double scoring = scores + (queryInRegisters ? kept : parts * fragments * 4);
  double adding = parts * scores + kept + (isSplit ? outputs : 0);
  cost.registers = kOtherRegisters + (isTF32 ? kTF32Registers : 0) + outputs +
                   std::max(scoring, adding);
  if (int64_t reads = countTensorReads(op)) {
    // What a thread cannot hold of them it reads again.
    int64_t wanted =
        cost.registers + kTensorRegisters + reads * kRegistersPerTensor;
    cost.spilledRegisters =
        std::max<int64_t>(wanted - target.registersPerThread, 0);
    if (cost.registers <= target.registersPerThread)
      cost.registers = wanted - cost.spilledRegisters;
  }

  double perKeys = terms * fragments * keys / double(MMAShape::columns) / depth;
  // Columns that are only there to share them do not count.
  double usefulColumns =
      llvm::alignTo(op.getStaticValueHeadDim(), MMAShape::depth) /
      double(columnWarps);
  double useful = perKeys * (headDim / double(columnWarps) + usefulColumns);
  double mma = perKeys * (headDim + columns);
  // What a warp reads of shared memory.
  double read = keys * (headDim + columns);
  if (!queryInRegisters)
    read += fragments * MMAShape::rows * headDim;
  double roundings = rounding * (scores + read / target.warpSize);
  double loads = read * bytes / kMatrixBytes;
  double copies = double(plan.key.bytes() + plan.value.bytes()) /
                  SharedTile::kChunkBytes / threads;
  // Of a score: maximum, multiply-add, exponential, sum, half a conversion.
  double softmax = 4.5 * scores + outputs;
  double loop = 20;
  cost.instructionsPerMMA =
      (mma + loads + 2 * copies + softmax + roundings + loop) / useful;

  int64_t byRegisters =
      target.registers / (llvm::alignTo(cost.registers, 8) * threads);
  int64_t byShared =
      target.sharedBytes / (cost.sharedBytes + target.reservedSharedBytes);
  cost.residentWarps = std::min(std::min(byRegisters, byShared) * warps,
                                target.warps / warps * warps);
  return cost;
}

static bool fits(const GPUScheduleCost &cost, const GPUTarget &target) {
  return cost.sharedBytes <= target.sharedBytesPerBlock &&
         cost.registers <= target.registersPerThread && cost.residentWarps > 0;
}

static int64_t chooseSplits(SDPAOp op, int64_t rows, const GPUTarget &target) {
  int64_t queries = op.getStaticQuerySeqlen();
  // Queries of unknown number may be those of a prompt, which fill the GPU by
  // themselves, and whose partial results would take more memory than all else.
  if (ShapedType::isDynamic(queries))
    return 1;
  auto getOr = [](int64_t size, int64_t assumed) {
    return ShapedType::isDynamic(size) ? assumed : size;
  };
  int64_t keys = getOr(op.getStaticKVSeqlen(), kAssumedKeys);
  // A tile of queries sees no more of a window's keys than these.
  int64_t left = op.getWindowLeft(),
          right = op.getCausal() ? 0 : op.getWindowRight();
  if (left >= 0 && left < keys && right >= 0 && right < keys)
    keys = std::min(keys, left + right + queries);
  int64_t most = std::max<int64_t>(keys / kMinSplitKeys, 1);
  // Heads that are packed share a workgroup, which takes knowing how many.
  bool isPacked = !ShapedType::isDynamic(op.getStaticQueryHeads()) &&
                  !ShapedType::isDynamic(op.getStaticKVHeads());
  int64_t heads = isPacked
                      ? op.getStaticKVHeads()
                      : getOr(op.getStaticQueryHeads(), kAssumedQueryHeads);
  // The order of a row's sums is to depend on the op's shape alone.
  int64_t blocks =
      op.getDeterministic()
          ? heads
          : getOr(op.getStaticBatch(), kAssumedBatch) * heads *
                llvm::divideCeil(queries * getRowsPerQuery(op), rows);
  if (blocks >= target.multiprocessors)
    return 1;
  int64_t wanted = kBlocksPerMultiprocessor * target.multiprocessors /
                   std::max<int64_t>(blocks, 1);
  return std::clamp<int64_t>(wanted, 1, most);
}

GPUScheduleAttr mlir::attn::chooseGPUSchedule(SDPAOp op,
                                              const GPUTarget &target) {
  int64_t queries = op.getStaticQuerySeqlen();
  int64_t needed = ShapedType::isDynamic(queries)
                       ? std::numeric_limits<int64_t>::max()
                       : queries * getRowsPerQuery(op);
  GPUScheduleAttr best;
  double bestCost = std::numeric_limits<double>::infinity();
  for (int64_t rows : {128, 64, 32, 16})
    for (int64_t warps : {4, 8, 2, 1})
      for (int64_t keys : {64, 32, 128, 16})
        for (int64_t stages : {2, 1})
          for (bool queryInRegisters : {true, false}) {
            // A warp has one or two fragments of rows, and at least a block of
            // columns.
            if (rows > 2 * MMAShape::rows * warps ||
                MMAShape::rows * warps / rows >
                    llvm::divideCeil(op.getStaticValueHeadDim(),
                                     MMAShape::depth))
              continue;
            GPUScheduleAttr schedule;
            GPUScheduleCost cost;
            auto tryParts = [&](int64_t splits) {
              schedule =
                  GPUScheduleAttr::get(op.getContext(), rows, keys, warps,
                                       stages, splits, queryInRegisters);
              cost = estimateSchedule(op, schedule, target);
              return fits(cost, target);
            };
            // Partial results are in f32, for which a large tile may have no
            // room: then a smaller one has more parts, and only the smallest
            // is better off with one.
            if (!tryParts(chooseSplits(op, rows, target)) &&
                !(rows == MMAShape::rows && tryParts(1)))
              continue;
            // Work on rows that exist, for each row computed.
            double used = needed >= rows ? 1.0 : needed / double(rows);
            double hidden =
                std::min(1.0, cost.residentWarps / double(kEnoughWarps));
            double price = cost.instructionsPerMMA / used / std::sqrt(hidden) *
                           (stages == 1 ? 1.5 : 1.0);
            // Never while another schedule holds all in registers.
            if (cost.spilledRegisters > 0)
              price += kSpillPrice * double(cost.spilledRegisters);
            if (price < bestCost) {
              bestCost = price;
              best = schedule;
            }
          }
  return best;
}

int64_t mlir::attn::getLeastSharedBytes(SDPAOp op, const GPUTarget &target) {
  auto estimate = [&](int64_t warps, bool queryInRegisters) {
    return estimateSchedule(
        op,
        GPUScheduleAttr::get(op.getContext(), MMAShape::rows, /*kv_tile=*/16,
                             warps, /*stages=*/1,
                             /*kv_splits=*/1, queryInRegisters),
        target);
  };
  std::optional<int64_t> least;
  for (int64_t warps : {1, 2, 4, 8})
    for (bool queryInRegisters : {true, false}) {
      GPUScheduleCost cost = estimate(warps, queryInRegisters);
      if (cost.registers <= target.registersPerThread)
        least = std::min(least.value_or(cost.sharedBytes), cost.sharedBytes);
    }
  // Where registers do not suffice either, as if they did.
  return least.value_or(estimate(1, /*queryInRegisters=*/true).sharedBytes);
}
