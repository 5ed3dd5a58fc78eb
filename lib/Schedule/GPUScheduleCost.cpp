//===- GPUScheduleCost.cpp - What a GPU schedule takes --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/GPUSchedule.h"
#include "attn/Schedule/SharedTile.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::attn;

// Registers of a thread beside its tiles, from the fewest with which ptxas
// (13.0; sm_80, sm_89 and sm_120) spills nothing: addresses, loop counters, the
// softmax's state and operands on their way; where lengths are dynamic; where
// operands have 32 bits, or are of bf16.
static constexpr int64_t kOtherRegisters = 48;
static constexpr int64_t kDynamicRegisters = 8;
static constexpr int64_t kTF32Registers = 16, kBF16Registers = 8;
/// For softcap's tanh, and for ALiBi's slopes and distances.
static constexpr int64_t kVariantRegisters = 8;
/// For each fragment of rows: sums of weights that are not rounded, and the
/// addresses of a tensor that is read at every score, with an element on its
/// way.
static constexpr int64_t kSumRegisters = 2, kTensorRegisters = 10;
/// More for the sums of several fragments whose rows are heads of one query.
static constexpr int64_t kPackedSumRegisters = 4;
/// Such a tensor beside products of tf32, and where those are split, whose
/// operands' parts are on their way too.
static constexpr int64_t kTF32TensorRegisters = 24, kSplitTensorRegisters = 27;
/// A mask, whose bytes ptxas reads ahead; and beside products of tf32.
static constexpr int64_t kMaskRegisters = 20, kTF32MaskRegisters = 36;
/// More for a tensor with several dimensions of unknown size, for a division of
/// positions, and with operands of 16 bits where regions read tensors beside a
/// bias, whose elements ptxas has on their way at once, or where positions are
/// compared beside a bias of unknown size.
static constexpr int64_t kOpenTensorRegisters = 14, kDivisionRegisters = 12,
                         kReadBesideBiasRegisters = 46,
                         kCompareBesideBiasRegisters = 30;

/// What a thread takes beside its tiles where ptxas does all to save registers.
static constexpr int64_t kLeastOtherRegisters = 32;

/// What sizes are taken for that only the call knows, where a decode step asks
/// how many workgroups it has. There is one sequence, as where a user runs a
/// model: more of them take more workgroups than were aimed at, whose partial
/// results are a few per cent of the keys and values that they read. The query
/// heads are those of a model of 7 to 8 billion parameters.
static constexpr int64_t kAssumedBatch = 1, kAssumedQueryHeads = 32;

/// Cycles from an instruction of a warp to the next that waits for it, of those
/// that no other warp fills.
static constexpr double kDependentCycles = 2;

/// The parts of what the schedulers issue, and of what shared memory and L2
/// move, that the tensor cores do not hide: with them a tile of
/// FlashAttention-2 gets at most 73 % of what sm_80 can multiply, as published
/// (Dao, 2023).
static constexpr double kUnhiddenIssue = 0.5, kUnhiddenTransfers = 0.0625;

/// The part of a wait with one stage that no other workgroup fills.
static constexpr double kUnhiddenWait = 0.5;

/// Bytes that ldmatrix brings to a warp, as does an access of 16 bytes a
/// thread.
static constexpr int64_t kMatrixBytes = 512;

/// Registers that reads of tensors at every score take of each fragment, beside
/// those that a head's scores share.
static int64_t estimateTensorRegisters(SDPAOp op, bool isTF32, bool isSplit,
                                       const GPUTarget &target) {
  int64_t reads = op.getBias() ? 1 : 0, others = 0;
  for (Region *region : {&op.getScore(), &op.getMask()})
    region->walk([&](Operation *inner) {
      if (auto read = dyn_cast<tensor::ExtractOp>(inner)) {
        ++reads;
        if (read.getTensor().getType().getNumDynamicDims() > 1)
          others += kOpenTensorRegisters;
      } else if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp,
                     arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
                     arith::CeilDivUIOp>(inner)) {
        others += kDivisionRegisters;
      }
    });
  if (op.getBias() && !isTF32) {
    bool compares = op.getCausal() || op.getWindowAttr();
    if (reads > 1)
      others += kReadBesideBiasRegisters;
    else if (compares && op.getBias().getType().getNumDynamicDims() > 1)
      others += kCompareBesideBiasRegisters;
  }
  int64_t perRead = isSplit  ? kSplitTensorRegisters
                    : isTF32 ? kTF32TensorRegisters
                             : kTensorRegisters;
  int64_t perMask =
      isTF32 ? kTF32MaskRegisters : kMaskRegisters + target.extraMaskRegisters;
  return reads * perRead + (op.getKeep() ? perMask : 0) + others;
}

/// The tile of an operand with keys and features, whose rows are as they lie.
static SharedTile getStreamedTile(TensorLayout layout, int64_t keys,
                                  int64_t features, int64_t bytes) {
  return layout == TensorLayout::BHDS ? SharedTile{features, keys, bytes}
                                      : SharedTile{keys, features, bytes};
}

int64_t mlir::attn::getPaddedValueHeadDim(SDPAOp op, GPUScheduleAttr schedule) {
  int64_t columnWarps = std::max<int64_t>(
      MMAShape::rows * schedule.getWarps() / schedule.getQueryTile(), 1);
  return llvm::alignTo(op.getStaticValueHeadDim(),
                       MMAShape::depth * columnWarps);
}

int64_t mlir::attn::countWorkgroupsPerTile(SDPAOp op) {
  auto getOr = [](int64_t size, int64_t assumed) {
    return ShapedType::isDynamic(size) ? assumed : size;
  };
  // Packing heads takes knowing how many.
  bool isPacked = !ShapedType::isDynamic(op.getStaticQueryHeads()) &&
                  !ShapedType::isDynamic(op.getStaticKVHeads());
  int64_t heads = isPacked
                      ? op.getStaticKVHeads()
                      : getOr(op.getStaticQueryHeads(), kAssumedQueryHeads);
  return op.getDeterministic()
             ? heads
             : heads * getOr(op.getStaticBatch(), kAssumedBatch);
}

std::optional<int64_t> mlir::attn::countWorkgroups(SDPAOp op,
                                                   GPUScheduleAttr schedule) {
  int64_t queries = op.getStaticQuerySeqlen();
  if (op.getDeterministic() || ShapedType::isDynamic(queries))
    return std::nullopt;
  return countWorkgroupsPerTile(op) *
         llvm::divideCeil(queries * getRowsPerQuery(op),
                          schedule.getQueryTile()) *
         schedule.getKvSplits();
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

  SharedPlan plan{
      getStreamedTile(op.getKeyLayout(), keys, headDim, bytes),
      getStreamedTile(op.getValueLayout(), keys, valueHeadDim, bytes),
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
  cost.tileRegisters = outputs + std::max(scoring, adding);
  cost.registers = kOtherRegisters + cost.tileRegisters +
                   (isTF32             ? kTF32Registers
                    : element.isBF16() ? kBF16Registers
                                       : target.extraF16Registers);
  if (ShapedType::isDynamic(op.getStaticQuerySeqlen()) ||
      ShapedType::isDynamic(op.getStaticKVSeqlen()))
    cost.registers += kDynamicRegisters;
  if (op.getSoftcapAttr())
    cost.registers += kVariantRegisters;
  if (op.getAlibi())
    cost.registers += kVariantRegisters;
  if (op.getLse()) {
    cost.registers += fragments * kSumRegisters;
    if (fragments > 1 && getRowsPerQuery(op) > 1)
      cost.registers += kPackedSumRegisters;
  }
  if (int64_t perFragment =
          estimateTensorRegisters(op, isTF32, isSplit, target)) {
    // What a thread cannot hold of them it reads again.
    int64_t wanted = cost.registers + fragments * perFragment;
    int64_t most = getMostRegisters(schedule, target);
    cost.spilledRegisters = std::max<int64_t>(wanted - most, 0);
    if (cost.registers <= most)
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
  // Counters, addresses, waits, and branches around masks and the rescale. A
  // stage's number is a remainder, which is a mask for a power of two.
  double loop = llvm::isPowerOf2_64(schedule.getStages()) ? 100 : 110;
  double instructions = mma + loads + 2 * copies + softmax + roundings + loop;
  cost.instructionsPerMMA = instructions / useful;

  int64_t given = std::min(cost.registers, getMostRegisters(schedule, target));
  // So many warps may be asked for that none has a register.
  int64_t byRegisters = given > 0 ? target.getWorkgroups(threads, given) : 0;
  int64_t byShared =
      target.sharedBytes / (cost.sharedBytes + target.reservedSharedBytes);
  int64_t byWarps = target.warps / warps;
  cost.residentBlocks = std::min({byRegisters, byShared, byWarps});
  cost.residentWarps = cost.residentBlocks * warps;
  cost.bound = cost.residentBlocks == byRegisters ? ResidencyBound::Registers
               : cost.residentBlocks == byShared  ? ResidencyBound::SharedMemory
                                                  : ResidencyBound::Warps;

  // A step of all workgroups of a multiprocessor takes what the busiest of its
  // parts takes: the tensor cores, the schedulers, the shared memory, its way
  // to L2; or what one warp takes whose instructions wait for each other; or
  // what is left of memory's latency, whose copies are stages - 1 steps ahead.
  double blocks = std::max<int64_t>(cost.residentBlocks, 1);
  if (std::optional<int64_t> all = countWorkgroups(op, schedule))
    blocks = std::clamp<double>(llvm::divideCeil(*all, target.multiprocessors),
                                1, blocks);
  double warpsPerScheduler = std::ceil(blocks * warps / target.schedulers);
  double tensorCores = warpsPerScheduler * mma * target.mmaCycles;
  double issue = warpsPerScheduler * instructions;
  double copied = plan.key.bytes() + plan.value.bytes();
  double shared = blocks * warps * read * bytes / target.sharedBytesPerCycle;
  double l2 = blocks * copied / target.l2BytesPerCycle;
  double serial =
      mma * target.mmaCycles + (instructions - mma) * kDependentCycles;
  // With one stage keys and values are waited for in turn.
  double wait = schedule.getStages() == 1
                    ? 2.0 * target.memoryLatency
                    : target.memoryLatency / (schedule.getStages() - 1.0);
  double step = std::max({tensorCores, issue, shared, l2, serial, wait}) +
                kUnhiddenIssue * issue + kUnhiddenTransfers * (shared + l2);
  if (schedule.getStages() == 1)
    step = std::max(step, serial + wait) + kUnhiddenWait * wait;
  cost.cyclesPerMMA = step * target.schedulers / (blocks * warps * useful);
  return cost;
}

int64_t mlir::attn::chooseMaxRegisters(SDPAOp op,
                                       const GPUScheduleCandidate &candidate,
                                       const GPUTarget &target) {
  const GPUScheduleCost &cost = candidate.cost;
  int64_t blocks = cost.residentBlocks;
  if (!op.getQuery().getType().getElementType().isF32() || blocks == 0 ||
      cost.bound != ResidencyBound::Registers)
    return 0;
  // Of what was measured at head_dim 64 and 128, ptxas spills most where it
  // reads a mask ahead or sums up an lse with all 255; with a mask alone and
  // operands that are split it does well by itself.
  bool hasMask = op.getKeep() != nullptr, hasSums = op.getLse() != nullptr;
  if (blocks == 1 && !hasMask && !hasSums)
    return getThreadRegisters(candidate.schedule, target);
  if (hasMask && !hasSums && !op.getAllowTf32())
    return 0;
  int64_t least = cost.tileRegisters + kLeastOtherRegisters +
                  (blocks == 1 && hasSums ? kSumRegisters : 0);
  bool mayTryOneMore =
      least <= getThreadRegisters(candidate.schedule, target, blocks + 1);
  return mayTryOneMore ? getThreadRegisters(candidate.schedule, target, blocks)
                       : 0;
}
