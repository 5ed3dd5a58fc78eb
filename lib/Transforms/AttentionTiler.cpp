//===- AttentionTiler.cpp - Tiles one sdpa --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiler.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::attn;

SmallVector<Value>
AttentionTiler::generic(ArrayRef<utils::IteratorType> iterators,
                        ArrayRef<std::pair<Value, AffineMap>> inputs,
                        ArrayRef<std::pair<Value, AffineMap>> outputs,
                        Body body) {
  SmallVector<Value> ins = llvm::to_vector(llvm::make_first_range(inputs));
  SmallVector<Value> outs = llvm::to_vector(llvm::make_first_range(outputs));
  SmallVector<AffineMap> maps =
      llvm::to_vector(llvm::make_second_range(inputs));
  llvm::append_range(maps, llvm::make_second_range(outputs));
  auto generic = linalg::GenericOp::create(
      b, loc, ValueRange(outs).getTypes(), ins, outs, maps, iterators,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        linalg::YieldOp::create(nested, loc, body(nested, arguments));
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

AttentionTiler::HeadAndQuery AttentionTiler::getHeadAndQuery(OpBuilder &nested,
                                                             unsigned rank) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
  Value outer = linalg::IndexOp::create(b, loc, 0);
  if (!lanes) {
    // Rows are the queries of each head of the group in turn.
    int64_t count = rows / groupSize;
    OpFoldResult head = affine(d(0) + d(1).floorDiv(count), {firstHead, outer});
    OpFoldResult query = affine(d(0) + d(1) % count, {firstQuery, outer});
    return {toIndex(head), toIndex(query), toIndex(query)};
  }
  Value lane = linalg::IndexOp::create(b, loc, rank - 1);
  int64_t panel = schedule.getQueryPanel();
  // The lane is added last, so that the position grows evenly along a vector.
  Value start = toIndex(affine(d(0) + d(1) * panel, {firstQuery, outer}));
  Value query = arith::AddIOp::create(b, loc, start, lane);
  // Lanes past the last query repeat it: what they compute is not stored.
  OpFoldResult last = affine(d(0) + d(1) - 1, {firstQuery, queryCount});
  return {toIndex(firstHead), query,
          arith::MinSIOp::create(b, loc, query, toIndex(last))};
}

/// Whether every, and whether any, position of the tile is kept.
std::pair<Value, Value> AttentionTiler::classify(Value keyStart,
                                                 Value keyCount) {
  Value one = index(1);
  Value lastKey = arith::SubIOp::create(
      b, loc, arith::AddIOp::create(b, loc, keyStart, keyCount), one);
  return classifyKeys(lanes ? 1 : groupSize, keyStart, lastKey);
}

SmallVector<Value> AttentionTiler::tile() {
  findSizes();
  Value log2e = constant(llvm::numbers::log2e);
  scale = emitScale(b, loc, op);
  if (!modifiesScore(op))
    scale = b.createOrFold<arith::MulFOp>(loc, scale, log2e);

  OpFoldResult heads, tiles;
  if (lanes) {
    panels = schedule.getQueryTile() / schedule.getQueryPanel();
    heads = queryHeads;
    tiles = affine(d(0).ceilDiv(schedule.getQueryTile()), {queries});
  } else {
    groupSize = op.getStaticQueryHeads() / op.getStaticKVHeads();
    rows = groupSize * schedule.getQueryTile();
    heads = kvHeads;
    tiles = b.getIndexAttr(1);
  }
  // The group's size as a divisor of the query head.
  Value group;
  if (lanes)
    group = arith::DivUIOp::create(
        b, loc, toIndex(queryHeads),
        arith::MaxUIOp::create(b, loc, toIndex(kvHeads), index(1)));

  // Split keys give partial results, joined by attn.merge.
  bool split = splits > 1;
  SmallVector<Value> inits = createResults();

  SmallVector<OpFoldResult> bounds{batches, heads, tiles};
  if (split)
    bounds.push_back(b.getIndexAttr(splits));
  auto forall = scf::ForallOp::create(b, loc, bounds, inits, std::nullopt);
  forall->setDiscardableAttr(kKernelAttr, b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());

  SmallVector<Value> ivs = forall.getInductionVars();
  batch = ivs[0];
  OpFoldResult queryTileIndex = ivs[2];
  if (split)
    this->split = ivs[3];
  if (lanes) {
    firstHead = ivs[1];
    kvHead = arith::DivUIOp::create(b, loc, ivs[1], group).getResult();
    // The last query tiles of a causal mask have the most keys: first.
    if (op.getCausal())
      queryTileIndex = affine(d(0) - d(1) - 1, {tiles, ivs[2]});
    firstQuery = affine(d(0) * schedule.getQueryTile(), {queryTileIndex});
    queryCount = affine::makeComposedFoldedAffineMin(
        b, loc,
        AffineMap::get(
            2, 0,
            {d(0) - d(1), b.getAffineConstantExpr(schedule.getQueryTile())},
            b.getContext()),
        {queries, firstQuery});
  } else {
    kvHead = ivs[1];
    firstHead = affine(d(0) * groupSize, {ivs[1]});
    firstQuery = b.getIndexAttr(0);
    queryCount = b.getIndexAttr(schedule.getQueryTile());
  }

  queryTile = packQueries();
  State state = initState();
  auto [begin, end] = keyRange(schedule.getKvTile(), schedule.getKeyAlign());
  auto loop = scf::ForOp::create(
      b, loc, begin, end, index(schedule.getKvTile()), state.values(),
      [&](OpBuilder &nested, Location, Value keyStart, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        State next = step({carried[0], carried[1], carried[2]}, keyStart, end);
        scf::YieldOp::create(b, loc, next.values());
      });
  state = {loop.getResult(0), loop.getResult(1), loop.getResult(2)};

  // Slices of the results: heads of the group x queries [x features].
  auto regionArgs = forall.getRegionIterArgs();
  auto insert =
      [&](Value value, Value destination, ArrayRef<OpFoldResult> offsets,
          ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> strides) {
        OpBuilder::InsertionGuard guard(b);
        // In the order of the results, which is that of the calls reversed.
        b.setInsertionPointToStart(forall.getTerminator().getBody());
        tensor::ParallelInsertSliceOp::create(b, loc, value, destination,
                                              offsets, sizes, strides);
      };
  auto store = [&](Value destination, bool isLse) {
    unsigned rank = cast<ShapedType>(destination.getType()).getRank();
    SmallVector<OpFoldResult> offsets(rank), sizes(rank),
        strides(rank, b.getIndexAttr(1));
    unsigned lead = split;
    if (split) {
      offsets[0] = this->split;
      sizes[0] = b.getIndexAttr(1);
    }
    // The destination of the tile has no batch, nor a head where it is one.
    SmallVector<std::pair<unsigned, LogicalDim>> kept;
    auto place = [&](LogicalDim dim, OpFoldResult offset, OpFoldResult size) {
      unsigned at = lead + (isLse ? static_cast<unsigned>(dim)
                                  : SDPAOp::getDim(outputLayout, dim));
      offsets[at] = offset;
      sizes[at] = size;
      if (dim != LogicalDim::Batch && !(dim == LogicalDim::Head && lanes))
        kept.push_back({at, dim});
    };
    place(LogicalDim::Batch, batch, b.getIndexAttr(1));
    place(LogicalDim::Head, firstHead, b.getIndexAttr(lanes ? 1 : groupSize));
    place(LogicalDim::Sequence, firstQuery, queryCount);
    if (!isLse)
      place(LogicalDim::Feature, b.getIndexAttr(0),
            b.getIndexAttr(valueHeadDim));
    llvm::sort(kept, llvm::less_first());
    SmallVector<int64_t> shape;
    for (auto [at, dim] : kept)
      shape.push_back(
          getConstantIntValue(sizes[at]).value_or(ShapedType::kDynamic));
    auto dims = llvm::to_vector(llvm::make_second_range(kept));
    auto type = RankedTensorType::get(
        shape, cast<ShapedType>(destination.getType()).getElementType());
    Value target = tensor::ExtractSliceOp::create(b, loc, type, destination,
                                                  offsets, sizes, strides);
    Value value = isLse ? storeLse(state, target, dims)
                        : storeOutput(state, target, dims);
    insert(value, destination, offsets, sizes, strides);
  };
  b.setInsertionPoint(forall.getTerminator());
  if (inits.size() > 1)
    store(regionArgs[1], /*isLse=*/true);
  store(regionArgs[0], /*isLse=*/false);

  b.setInsertionPointAfter(forall);
  return finishResults(forall.getResults());
}
