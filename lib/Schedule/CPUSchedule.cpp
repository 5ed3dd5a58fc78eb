//===- CPUSchedule.cpp - Tile shapes for a CPU ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/CPUSchedule.h"

#include "WindowKeys.h"
#include "attn/Schedule/RegisterSchedule.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::attn;

/// Rows of queries (query heads of a KV head x queries) up to which the keys
/// are read once for all of them, rather than once a head with the queries
/// along the lanes: a decode step.
static constexpr int64_t kMaxDecodeRows = 32;

/// Keys that a split of a decode step has at least, so that joining the parts
/// stays cheap; those that a cache of unknown length is taken to have.
static constexpr int64_t kMinSplitKeys = 512;
static constexpr int64_t kAssumedKeys = 32768;

/// Keys of a tile: at most, for panels of queries and for rows, whose streams
/// of K and V take turns; where a mask is evaluated by tiles and skips those it
/// empties; and at least.
static constexpr int64_t kMaxPanelKeys = 256;
static constexpr int64_t kMaxRowsKeys = 1024;
static constexpr int64_t kMaxMaskedKeys = 64;
static constexpr int64_t kMinKeys = 16;

/// The parts of the caches that a tile may take: K and V of L2, beside those of
/// the next step; scores of L1.
static constexpr int64_t kL2Part = 4;
static constexpr int64_t kL1Part = 2;

/// Units of work for each thread that even out their finish.
static constexpr int64_t kUnitsPerThread = 4;

/// What a panel of queries costs for each key, in cycles of a core that
/// starts two products and two loads a cycle.
static double getPanelCost(int64_t vectors, const RegisterTile &tile) {
  double products = tile.rows * vectors / 2.0;
  double loads = (tile.rows + vectors) / 2.0;
  // A row's fixed work: softmax bookkeeping and the loop itself.
  constexpr double overhead = 0.5;
  return std::max(products, loads) + overhead;
}

/// The panel width, in vectors, that wastes least: on lanes past the last
/// query, and on keys that only some of a panel's queries keep.
static int64_t choosePanelVectors(SDPAOp op, const RegisterTile &tile) {
  int64_t queries = op.getStaticQuerySeqlen();
  std::optional<int64_t> window = getWindowKeys(op, 1);
  int64_t best = tile.vectors;
  double bestCost = std::numeric_limits<double>::infinity();
  for (int64_t vectors = tile.vectors; vectors >= 1; --vectors) {
    int64_t panel = vectors * tile.lanes;
    double panels = ShapedType::isDynamic(queries)
                        ? 1.0 / panel
                        : llvm::divideCeil(queries, panel);
    double keys = window ? *window + panel - 1 : 1;
    double cost = panels * keys * getPanelCost(vectors, tile);
    if (cost < bestCost) {
      best = vectors;
      bestCost = cost;
    }
  }
  return best;
}

/// Panels of queries that share a tile of keys: two where keys and values are
/// widened to f32, once a tile; where only values are it does not pay. More
/// would gain little more, make more code, and compute more scores that a mask
/// drops.
static int64_t choosePanels(SDPAOp op, int64_t panel, PairedProducts paired) {
  if (op.getQuery().getType().getElementType().isF32() || op.getWindow() ||
      paired != PairedProducts::None)
    return 1;
  int64_t queries = op.getStaticQuerySeqlen();
  return ShapedType::isDynamic(queries) || queries > panel ? 2 : 1;
}

/// Keys in a tile. Panels of queries read the K and V tiles again and again:
/// they stay in L2. Rows (of which there are `rows`) read them once, and stream
/// the better the less often they change between K and V; their scores stay in
/// L1. A mask that is evaluated by tiles wants small ones.
static int64_t chooseKVTile(SDPAOp op, const CPUTarget &target,
                            std::optional<int64_t> rows) {
  bool skipsTiles = op.hasMaskRegion() || op.getKeep() || op.getWindow();
  int64_t limit = skipsTiles ? kMaxMaskedKeys
                  : rows     ? kMaxRowsKeys
                             : kMaxPanelKeys;
  int64_t bytesPerKey =
      4 * (op.getStaticHeadDim() + op.getStaticValueHeadDim());
  int64_t fit = rows ? target.l1Bytes / kL1Part / (4 * *rows)
                     : target.l2Bytes / kL2Part / bytesPerKey;
  int64_t keys = op.getStaticKVSeqlen();
  if (!ShapedType::isDynamic(keys))
    limit = std::min<int64_t>(limit,
                              llvm::PowerOf2Ceil(std::max<int64_t>(keys, 1)));
  return std::clamp<int64_t>(
      llvm::bit_floor<uint64_t>(std::max<int64_t>(fit, 1)),
      std::min(kMinKeys, limit), limit);
}

static int64_t chooseSplits(SDPAOp op, int64_t threads) {
  int64_t keys = op.getStaticKVSeqlen();
  if (ShapedType::isDynamic(keys))
    keys = kAssumedKeys;
  if (std::optional<int64_t> window = getWindowKeys(op, 1))
    keys = std::min(keys, *window);
  int64_t most = std::max<int64_t>(keys / kMinSplitKeys, 1);
  if (op.getDeterministic())
    return std::min(most, 2 * kUnitsPerThread);
  int64_t units = op.getStaticKVHeads();
  if (int64_t batch = op.getStaticBatch(); !ShapedType::isDynamic(batch))
    units *= std::max<int64_t>(batch, 1);
  int64_t wanted = llvm::divideCeil(kUnitsPerThread * threads, units);
  return std::clamp<int64_t>(wanted, 1, most);
}

/// Dot products of bf16 do twice the work of a multiply-add each. They want two
/// neighbours along head_dim next to each other in memory.
static PairedProducts choosePairs(SDPAOp op, const CPUTarget &target) {
  return target.hasBF16DotProduct && op.canPairScores() ? PairedProducts::Scores
                                                        : PairedProducts::None;
}

ScheduleAttr mlir::attn::chooseSchedule(SDPAOp op, const CPUTarget &target,
                                        int64_t threads) {
  RegisterTile tile = chooseRegisterTile(target);
  int64_t queries = op.getStaticQuerySeqlen();
  int64_t heads = op.getStaticQueryHeads(), kvHeads = op.getStaticKVHeads();
  bool isStatic = !ShapedType::isDynamic(queries) &&
                  !ShapedType::isDynamic(heads) &&
                  !ShapedType::isDynamic(kvHeads) && kvHeads > 0 && heads > 0 &&
                  queries > 0;
  MLIRContext *context = op.getContext();
  if (isStatic && heads / kvHeads * queries <= kMaxDecodeRows &&
      queries < tile.lanes)
    return ScheduleAttr::get(
        context, QueryPlacement::Rows, queries, queries,
        chooseKVTile(op, target, heads / kvHeads * queries),
        chooseSplits(op, threads), PairedProducts::None, /*key_align=*/1);
  int64_t kvTile = chooseKVTile(op, target, std::nullopt);
  int64_t panel = choosePanelVectors(op, tile) * tile.lanes;
  PairedProducts paired = choosePairs(op, target);
  // What a window's first tile has more is masked, as its edge is anyway.
  int64_t keyAlign = op.getWindowLeft() >= 0 ? tile.rows : 1;
  return ScheduleAttr::get(context, QueryPlacement::Lanes,
                           panel * choosePanels(op, panel, paired), panel,
                           kvTile, /*kv_splits=*/1, paired, keyAlign);
}

LogicalResult mlir::attn::verifySchedule(SDPAOp op, const CPUTarget &target) {
  ScheduleAttr schedule = *op.getSchedule();
  int64_t panels = schedule.getQueryTile() / schedule.getQueryPanel();
  if (panels <= target.maxQueryPanels)
    return success();
  return op.emitOpError() << "has a schedule whose query_tile "
                          << schedule.getQueryTile() << " has " << panels
                          << " panels of " << schedule.getQueryPanel()
                          << ", expected at most " << target.maxQueryPanels;
}

std::string mlir::attn::describeSchedule(SDPAOp op, const CPUTarget &target,
                                         int64_t threads) {
  ScheduleAttr schedule = *op.getSchedule();
  int64_t keys = schedule.getKvTile();
  int64_t tileBytes =
      4 * keys * (op.getStaticHeadDim() + op.getStaticValueHeadDim());
  std::string text;
  llvm::raw_string_ostream os(text);
  if (schedule.getQueries() == QueryPlacement::Rows) {
    // Of the query heads that share a KV head.
    int64_t rows = schedule.getQueryTile();
    int64_t heads = op.getStaticQueryHeads(), kvHeads = op.getStaticKVHeads();
    if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(kvHeads) &&
        kvHeads > 0)
      rows *= heads / kvHeads;
    os << "a decode step of " << rows << " rows, at most " << kMaxDecodeRows
       << ", which reads keys and values once; scores of a tile take "
       << 4 * rows * keys << " of " << target.l1Bytes / kL1Part
       << " bytes of L1, a tile of keys and values " << tileBytes
       << " bytes; keys in " << schedule.getKvSplits() << " parts for "
       << threads << (threads == 1 ? " thread" : " threads");
    return text;
  }
  RegisterTile tile = chooseRegisterTile(target);
  os << "panels of " << llvm::divideCeil(schedule.getQueryPanel(), tile.lanes)
     << " vectors of " << tile.lanes << " queries, by register tiles of "
     << tile.rows << " x " << tile.vectors << " of " << target.vectorRegisters
     << " vectors; a tile of keys and values takes " << tileBytes << " of "
     << target.l2Bytes / kL2Part << " bytes of L2";
  return text;
}
