//===- GPUSchedule.cpp - Tile shapes for a GPU ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/GPUSchedule.h"

#include "WindowKeys.h"
#include "attn/Target/MMAShape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::attn;

/// What a register for which there is none adds to the price of a schedule:
/// more than any two that have them differ by.
static constexpr double kSpillPrice = 1000;

/// Workgroups for each multiprocessor that splitting the keys aims at.
static constexpr int64_t kBlocksPerMultiprocessor = 2;
/// Keys that a split has at least, so that joining the parts stays cheap.
static constexpr int64_t kMinSplitKeys = 256;

/// Instructions of a merge for each part of a row, and for each element that a
/// thread has of it.
static constexpr double kMergeRowInstructions = 48,
                        kMergeElementInstructions = 3;

/// Keys of a cache whose length only the call knows. It is long: a step on a
/// short one takes little time either way.
static constexpr int64_t kAssumedKeys = 32768;

/// Queries of a prompt whose length only the call knows.
static constexpr double kAssumedQueries = 8192;

int64_t mlir::attn::getRowsPerQuery(SDPAOp op) {
  int64_t heads = op.getStaticQueryHeads(), kvHeads = op.getStaticKVHeads();
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(kvHeads) ||
      kvHeads == 0)
    return 1;
  return llvm::PowerOf2Ceil(std::max<int64_t>(heads / kvHeads, 1));
}

int64_t mlir::attn::getThreadRegisters(GPUScheduleAttr schedule,
                                       const GPUTarget &target,
                                       int64_t workgroups) {
  return target.getThreadRegisters(schedule.getWarps() * target.warpSize,
                                   workgroups);
}

int64_t mlir::attn::getMostRegisters(GPUScheduleAttr schedule,
                                     const GPUTarget &target) {
  int64_t registers = getThreadRegisters(schedule, target);
  int64_t most = schedule.getMaxRegisters();
  return most > 0 ? std::min(registers, most) : registers;
}

bool mlir::attn::fits(GPUScheduleAttr schedule, const GPUScheduleCost &cost,
                      const GPUTarget &target) {
  return schedule.getMaxRegisters() <= getThreadRegisters(schedule, target) &&
         cost.sharedBytes <= target.sharedBytesPerBlock &&
         cost.registers <= getMostRegisters(schedule, target) &&
         cost.residentWarps > 0;
}

/// Queries in a tile of so many rows, of those that there are.
static int64_t getTileQueries(SDPAOp op, int64_t rows) {
  int64_t queries = std::max<int64_t>(rows / getRowsPerQuery(op), 1);
  int64_t all = op.getStaticQuerySeqlen();
  return ShapedType::isDynamic(all) ? queries : std::min(queries, all);
}

static int64_t chooseSplits(SDPAOp op, int64_t rows, const GPUTarget &target) {
  int64_t queries = op.getStaticQuerySeqlen();
  // Queries of unknown number may be those of a prompt, which fill the GPU by
  // themselves, and whose partial results would take more memory than all else.
  if (ShapedType::isDynamic(queries))
    return 1;
  int64_t keys = op.getStaticKVSeqlen();
  if (ShapedType::isDynamic(keys))
    keys = kAssumedKeys;
  if (std::optional<int64_t> window =
          getWindowKeys(op, getTileQueries(op, rows)))
    keys = std::min(keys, *window);
  int64_t most = std::max<int64_t>(keys / kMinSplitKeys, 1);
  int64_t blocks = countWorkgroupsPerTile(op);
  // The order of a row's sums is to depend on the op's shape alone.
  if (!op.getDeterministic())
    blocks *= llvm::divideCeil(queries * getRowsPerQuery(op), rows);
  if (blocks >= target.multiprocessors)
    return 1;
  int64_t wanted = kBlocksPerMultiprocessor * target.multiprocessors /
                   std::max<int64_t>(blocks, 1);
  return std::clamp<int64_t>(wanted, 1, most);
}

/// The keys that the parts of a head go through for a tile of queries, and the
/// part of them that a query keeps: the others fill a last tile, or are those
/// of other queries' windows. Causal attention counts as full.
static std::pair<double, double> getUsedKeys(SDPAOp op,
                                             GPUScheduleAttr schedule) {
  int64_t tile = schedule.getKvTile(), splits = schedule.getKvSplits();
  int64_t keys = op.getStaticKVSeqlen();
  bool isOpen = ShapedType::isDynamic(keys);
  if (isOpen)
    keys = kAssumedKeys;
  int64_t kept = keys, range = keys;
  std::optional<int64_t> window =
      getWindowKeys(op, getTileQueries(op, schedule.getQueryTile()));
  if (window && *window < keys) {
    kept = std::min(keys, getWindowKeys(op, 1).value_or(*window));
    range = *window;
  } else if (isOpen) {
    return {keys, 1};
  }
  if (kept <= 0)
    return {0, 1};
  // A window's first key may be any of its tile.
  int64_t part = llvm::divideCeil(range, splits);
  int64_t computed = range < keys ? std::min<int64_t>(part + tile - 1,
                                                      llvm::alignTo(keys, tile))
                                  : llvm::alignTo(part, tile);
  return {double(computed) * splits, double(kept) / double(computed * splits)};
}

/// What joining the parts of the keys adds to the time of each mma of theirs:
/// the instructions of the merge, and the way of the parts to memory and back.
static double priceMerge(SDPAOp op, GPUScheduleAttr schedule, double keys,
                         const GPUTarget &target) {
  if (schedule.getKvSplits() == 1 || keys == 0)
    return 0;
  double rows = schedule.getQueryTile();
  double columns = op.getStaticValueHeadDim();
  double elements = rows * columns * schedule.getKvSplits();
  double instructions = rows * schedule.getKvSplits() * kMergeRowInstructions +
                        elements / target.warpSize * kMergeElementInstructions;
  double bytes = 2 * 4 * elements;
  double products = rows * keys * (op.getStaticHeadDim() + columns) /
                    (MMAShape::rows * MMAShape::columns * MMAShape::depth);
  return (instructions + bytes * target.schedulers / target.l2BytesPerCycle) /
         products;
}

/// The part of the rows that a schedule computes which exist, times that of the
/// multiprocessors which have work.
static double getUsedPart(SDPAOp op, GPUScheduleAttr schedule,
                          const GPUTarget &target) {
  double tile = schedule.getQueryTile(), used = 1;
  int64_t queries = op.getStaticQuerySeqlen();
  if (ShapedType::isDynamic(queries)) {
    // Half of the last tile is of no use.
    double rows = kAssumedQueries * getRowsPerQuery(op);
    used = rows / (rows + tile / 2);
  } else if (double rows = queries * getRowsPerQuery(op)) {
    used = rows / (tile * std::ceil(rows / tile));
  }
  std::optional<int64_t> blocks = countWorkgroups(op, schedule);
  if (!blocks || *blocks == 0)
    return used;
  return used *
         std::min(1.0, *blocks / static_cast<double>(target.multiprocessors));
}

GPUScheduleCandidate mlir::attn::evaluateSchedule(SDPAOp op,
                                                  GPUScheduleAttr schedule,
                                                  const GPUTarget &target) {
  GPUScheduleCost cost = estimateSchedule(op, schedule, target);
  auto [keys, usedKeys] = getUsedKeys(op, schedule);
  double price = (cost.cyclesPerMMA / getUsedPart(op, schedule, target) +
                  priceMerge(op, schedule, keys, target)) /
                 usedKeys;
  // Never while another schedule holds all in registers.
  price += kSpillPrice * double(cost.spilledRegisters);
  return {schedule, cost, price};
}

/// Whether there is a tile of work for each warp, and no more than the chip and
/// a warp take.
static bool isSensible(SDPAOp op, GPUScheduleAttr schedule,
                       const GPUTarget &target,
                       const GPUScheduleOptions &options) {
  int64_t rowBlocks = schedule.getQueryTile() / MMAShape::rows;
  int64_t columnBlocks =
      llvm::divideCeil(op.getStaticValueHeadDim(), MMAShape::depth);
  if (rowBlocks == 0 || schedule.getKvTile() < MMAShape::depth ||
      schedule.getWarps() > target.warpsPerBlock ||
      schedule.getWarps() > rowBlocks * columnBlocks)
    return false;
  // A warp has one or two fragments of rows, unless it is asked for more.
  return options.queryTile || options.warps ||
         rowBlocks <= 2 * schedule.getWarps();
}

GPUScheduleChoice
mlir::attn::chooseGPUSchedule(SDPAOp op, const GPUTarget &target,
                              const GPUScheduleOptions &options) {
  GPUScheduleChoice choice;
  SmallVector<GPUScheduleCandidate, 0> fitting;
  auto isCheaper = [](const GPUScheduleCandidate &one,
                      const GPUScheduleCandidate &other) {
    return one.price < other.price;
  };
  auto consider = [&](GPUScheduleAttr schedule) {
    if (!isSensible(op, schedule, target, options))
      return;
    GPUScheduleCandidate candidate = evaluateSchedule(op, schedule, target);
    if (!options.maxRegisters) {
      GPUScheduleOptions registers;
      registers.maxRegisters = chooseMaxRegisters(op, candidate, target);
      candidate.schedule = registers.apply(schedule);
    }
    if (fits(candidate.schedule, candidate.cost, target))
      fitting.push_back(candidate);
    else if (!choice.unfit || isCheaper(candidate, *choice.unfit))
      choice.unfit = candidate;
  };
  auto getAll = [](auto pinned, auto... values) {
    using Value = typename decltype(pinned)::value_type;
    return pinned ? SmallVector<Value>{*pinned} : SmallVector<Value>{values...};
  };
  // The order of a row's sums is to depend on the op's shape alone, not on what
  // a batch makes of the price: then only the smallest tile, which may have no
  // room for partial results in f32, is better off with one part.
  auto getSplits = [&](int64_t rows, auto get) -> SmallVector<int64_t> {
    if (options.kvSplits)
      return {*options.kvSplits};
    int64_t splits = chooseSplits(op, rows, target);
    if (splits == 1)
      return {1};
    if (!op.getDeterministic())
      return {splits, 1};
    bool isSmallest = rows == MMAShape::rows;
    GPUScheduleAttr split = get(splits);
    if (isSmallest && !fits(split, estimateSchedule(op, split, target), target))
      return {1};
    return {splits};
  };
  for (int64_t rows : getAll(options.queryTile, 128, 64, 32, 16))
    for (int64_t warps : getAll(options.warps, 4, 8, 2, 1))
      for (int64_t keys : getAll(options.kvTile, 64, 32, 128, 16))
        for (int64_t stages : getAll(options.stages, 2, 3, 4, 1))
          for (bool queryInRegisters :
               getAll(options.queryInRegisters, true, false)) {
            auto get = [&](int64_t splits) {
              return GPUScheduleAttr::get(op.getContext(), rows, keys, warps,
                                          stages, splits, queryInRegisters,
                                          options.maxRegisters.value_or(0));
            };
            for (int64_t splits : getSplits(rows, get))
              consider(get(splits));
          }
  if (fitting.empty())
    return choice;
  choice.chosen = *llvm::min_element(fitting, isCheaper);
  auto hasOtherTiles = [chosen = choice.chosen->schedule](
                           const GPUScheduleCandidate &candidate) {
    GPUScheduleAttr other = candidate.schedule;
    return other.getQueryTile() != chosen.getQueryTile() ||
           other.getKvTile() != chosen.getKvTile() ||
           other.getWarps() != chosen.getWarps() ||
           other.getKvSplits() != chosen.getKvSplits();
  };
  llvm::erase_if(fitting, std::not_fn(hasOtherTiles));
  if (!fitting.empty())
    choice.next = *llvm::min_element(fitting, isCheaper);
  return choice;
}

std::string mlir::attn::findFittingChanges(SDPAOp op,
                                           const GPUScheduleOptions &pinned,
                                           const GPUTarget &target) {
  SmallVector<std::string> changes;
  auto free = [&](StringRef name, auto GPUScheduleOptions::*field, auto get) {
    GPUScheduleOptions options = pinned;
    if (!std::exchange(options.*field, std::nullopt))
      return;
    GPUScheduleChoice choice = chooseGPUSchedule(op, target, options);
    if (!choice.chosen)
      return;
    auto value = (choice.chosen->schedule.*get)();
    if constexpr (std::is_same_v<decltype(value), bool>)
      changes.push_back((name + " = " + (value ? "true" : "false")).str());
    else
      changes.push_back((name + " = " + Twine(value)).str());
  };
  free("query_tile", &GPUScheduleOptions::queryTile,
       &GPUScheduleAttr::getQueryTile);
  free("kv_tile", &GPUScheduleOptions::kvTile, &GPUScheduleAttr::getKvTile);
  free("warps", &GPUScheduleOptions::warps, &GPUScheduleAttr::getWarps);
  free("stages", &GPUScheduleOptions::stages, &GPUScheduleAttr::getStages);
  free("kv_splits", &GPUScheduleOptions::kvSplits,
       &GPUScheduleAttr::getKvSplits);
  free("query_in_registers", &GPUScheduleOptions::queryInRegisters,
       &GPUScheduleAttr::getQueryInRegisters);
  free("max_registers", &GPUScheduleOptions::maxRegisters,
       &GPUScheduleAttr::getMaxRegisters);
  if (!changes.empty())
    return llvm::join(changes, " or ") +
           (changes.size() > 1 ? " fit" : " fits");
  GPUScheduleChoice choice = chooseGPUSchedule(op, target);
  if (!choice.chosen)
    return "";
  std::string text;
  llvm::raw_string_ostream(text) << choice.chosen->schedule;
  return text + " fits";
}

int64_t mlir::attn::getLeastSharedBytes(SDPAOp op, const GPUTarget &target) {
  auto estimate = [&](int64_t warps, bool queryInRegisters) {
    return estimateSchedule(
        op,
        GPUScheduleAttr::get(op.getContext(), MMAShape::rows, /*kv_tile=*/16,
                             warps, /*stages=*/1,
                             /*kv_splits=*/1, queryInRegisters,
                             /*max_registers=*/0),
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
