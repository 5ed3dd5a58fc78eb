//===- AttentionTilerLoad.cpp - Queries, keys and values of a tile --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiler.h"

using namespace mlir;
using namespace mlir::attn;

/// A matrix in f32: keys and values in a narrower type are widened once a tile
/// rather than once a use.
Value AttentionTiler::toF32(Value matrix, int64_t maxRows) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (type.getElementType() == f32 || !lanes)
    return matrix;
  // The scratch has static sizes, so that it can live on the stack.
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, matrix);
  SmallVector<int64_t> bound(type.getShape());
  for (int64_t &size : bound)
    if (ShapedType::isDynamic(size))
      size = maxRows;
  SmallVector<OpFoldResult> zeros(2, b.getIndexAttr(0)),
      ones(2, b.getIndexAttr(1));
  Value scratch =
      tensor::ExtractSliceOp::create(b, loc, empty(bound), zeros, sizes, ones);
  AffineMap identity = map(2, {0, 1});
  return generic({parallel, parallel}, {{matrix, identity}},
                 {{scratch, identity}},
                 [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                   return {arith::ExtFOp::create(nested, loc, f32, args[0])};
                 })[0];
}

/// The queries of a panel that exist.
OpFoldResult AttentionTiler::panelCount(int64_t panel) {
  if (panels == 1)
    return queryCount;
  int64_t size = schedule.getQueryPanel();
  OpFoldResult rest =
      maximum(b.getIndexAttr(0), affine(d(0) - panel * size, {queryCount}));
  return minimum(rest, b.getIndexAttr(size));
}

/// The lanes [begin, begin + count) of one panel of a tile.
Value AttentionTiler::panelSlice(Value tile, int64_t panel, OpFoldResult begin,
                                 OpFoldResult count) {
  PanelRange range = panelRange(tile, panel, begin, count);
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> shape(type.getShape().drop_front());
  shape.back() = getConstantIntValue(count).value_or(ShapedType::kDynamic);
  return tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), tile,
      range.offsets, range.sizes, range.strides);
}

Value AttentionTiler::insertPanel(Value lanes, Value tile, int64_t panel,
                                  OpFoldResult begin, OpFoldResult count) {
  PanelRange range = panelRange(tile, panel, begin, count);
  return tensor::InsertSliceOp::create(b, loc, lanes, tile, range.offsets,
                                       range.sizes, range.strides);
}

AttentionTiler::PanelRange AttentionTiler::panelRange(Value tile, int64_t panel,
                                                      OpFoldResult begin,
                                                      OpFoldResult count) {
  unsigned rank = cast<RankedTensorType>(tile.getType()).getRank();
  PanelRange range{SmallVector<OpFoldResult>(rank, b.getIndexAttr(0)),
                   tensor::getMixedSizes(b, loc, tile),
                   SmallVector<OpFoldResult>(rank, b.getIndexAttr(1))};
  range.offsets.front() = b.getIndexAttr(panel);
  range.sizes.front() = b.getIndexAttr(1);
  range.offsets.back() = begin;
  range.sizes.back() = count;
  return range;
}

/// rows x head_dim as rows x head_dim/2 x 2, without a copy.
Value AttentionTiler::pairFeatures(Value matrix) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<OpFoldResult> sizes{tensor::getMixedSize(b, loc, matrix, 0),
                                  b.getIndexAttr(headDim / 2),
                                  b.getIndexAttr(2)};
  return tensor::ExpandShapeOp::create(
      b, loc,
      RankedTensorType::get({type.getDimSize(0), headDim / 2, 2},
                            type.getElementType()),
      matrix, SmallVector<ReassociationIndices>{{0}, {1, 2}}, sizes);
}

/// Q as it is, in pairs along head_dim. Lanes past the last query are 0.
Value AttentionTiler::packQueryPairs() {
  int64_t size = schedule.getQueryPanel();
  Type element = op.getQuery().getType().getElementType();
  Value packed = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{panels, headDim / 2, size, 2}, element);
  SmallVector<OpFoldResult> strides(4, b.getIndexAttr(1));
  for (int64_t panel = 0; panel < panels; ++panel) {
    OpFoldResult count = panelCount(panel);
    auto fillLanes = [&](OpFoldResult begin, OpFoldResult length,
                         function_ref<Value(Value)> create) {
      SmallVector<OpFoldResult> offsets{
          b.getIndexAttr(panel), b.getIndexAttr(0), begin, b.getIndexAttr(0)},
          sizes{b.getIndexAttr(1), b.getIndexAttr(headDim / 2), length,
                b.getIndexAttr(2)};
      int64_t lanes =
          getConstantIntValue(length).value_or(ShapedType::kDynamic);
      auto type = RankedTensorType::get({headDim / 2, lanes, 2}, element);
      Value target = tensor::ExtractSliceOp::create(b, loc, type, packed,
                                                    offsets, sizes, strides);
      packed = tensor::InsertSliceOp::create(b, loc, create(target), packed,
                                             offsets, sizes, strides);
    };
    Value queries = pairFeatures(
        sliceHead(op.getQuery(), op.getQueryLayout(), firstHead,
                  affine(d(0) + panel * size, {firstQuery}), count, headDim));
    fillLanes(b.getIndexAttr(0), count, [&](Value target) {
      return generic({parallel, parallel, parallel},
                     {{queries, map(3, {0, 1, 2})}},
                     {{target, map(3, {1, 0, 2})}},
                     [&](OpBuilder &, ValueRange args) -> SmallVector<Value> {
                       return {args[0]};
                     })[0];
    });
    fillLanes(count, affine(size - d(0), {count}),
              [&](Value target) { return fill(0.0, target); });
  }
  return packed;
}

/// Q, scaled, in f32 and in the order of the tile.
Value AttentionTiler::packQueries() {
  if (paired)
    return packQueryPairs();
  Value packed = empty(tileSizes(b.getIndexAttr(headDim)));
  if (!lanes)
    return packQueryRows(packed);
  int64_t size = schedule.getQueryPanel();
  for (int64_t panel = 0; panel < panels; ++panel) {
    OpFoldResult count = panelCount(panel);
    Value queries =
        sliceHead(op.getQuery(), op.getQueryLayout(), firstHead,
                  affine(d(0) + panel * size, {firstQuery}), count, headDim);
    Value target = panelSlice(packed, panel, b.getIndexAttr(0), count);
    AffineMap queryMap = op.getQueryLayout() == TensorLayout::BHDS
                             ? map(2, {1, 0})
                             : map(2, {0, 1});
    Value filled = generic(
        {parallel, parallel}, {{queries, queryMap}}, {{target, map(2, {1, 0})}},
        [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
          Value query = convertScalarToDtype(nested, loc, args[0], f32, false);
          return {arith::MulFOp::create(nested, loc, query, scale)};
        })[0];
    packed = insertPanel(filled, packed, panel, b.getIndexAttr(0), count);
    // What the lanes past the last query compute is not stored, but must be
    // computed on defined values.
    OpFoldResult rest = affine(size - d(0), {count});
    Value zeros = fill(0.0, panelSlice(packed, panel, count, rest));
    packed = insertPanel(zeros, packed, panel, count, rest);
  }
  return packed;
}

Value AttentionTiler::packQueryRows(Value init) {
  Value query = op.getQuery();
  return generic(
      tileIterators(parallel), {}, {{init, tileMap()}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        HeadAndQuery at = getHeadAndQuery(nested, tileRank());
        SmallVector<Value> indices(4);
        auto place = [&](LogicalDim dim, Value value) {
          indices[SDPAOp::getDim(op.getQueryLayout(), dim)] = value;
        };
        place(LogicalDim::Batch,
              getValueOrCreateConstantIndexOp(nested, loc, batch));
        place(LogicalDim::Head, at.head);
        place(LogicalDim::Sequence, at.storedQuery);
        place(LogicalDim::Feature, linalg::IndexOp::create(nested, loc, inner));
        Value element = tensor::ExtractOp::create(nested, loc, query, indices);
        element = convertScalarToDtype(nested, loc, element, f32, false);
        return {arith::MulFOp::create(nested, loc, element, scale)};
      })[0];
}

/// The part of a tensor over queries and keys that a tile sees, transposed into
/// `tile`, panel x key x query.
Value AttentionTiler::transposeScores(Value tensor, Value tile, Value keyStart,
                                      OpFoldResult keyCount) {
  Type element = getElementTypeOrSelf(tensor.getType());
  int64_t size = schedule.getQueryPanel();
  int64_t staticKeys =
      getConstantIntValue(keyCount).value_or(ShapedType::kDynamic);
  for (int64_t panel = 0; panel < panels; ++panel) {
    OpFoldResult count = panelCount(panel), none = b.getIndexAttr(0);
    SmallVector<OpFoldResult> starts{
        getBroadcastIndex(b, loc, tensor, 0, toIndex(batch)),
        getBroadcastIndex(b, loc, tensor, 1, toIndex(firstHead)),
        affine(d(0) + panel * size, {firstQuery}), keyStart},
        sizes{b.getIndexAttr(1), b.getIndexAttr(1), count, keyCount},
        strides(4, b.getIndexAttr(1));
    int64_t staticCount =
        getConstantIntValue(count).value_or(ShapedType::kDynamic);
    Value source = tensor::ExtractSliceOp::create(
        b, loc, RankedTensorType::get({staticCount, staticKeys}, element),
        tensor, starts, sizes, strides);
    Value transposed =
        generic({parallel, parallel}, {{source, map(2, {1, 0})}},
                {{panelSlice(tile, panel, none, count), map(2, {0, 1})}},
                [&](OpBuilder &, ValueRange args) -> SmallVector<Value> {
                  return {args[0]};
                })[0];
    tile = insertPanel(transposed, tile, panel, none, count);
    // As for the queries: what is past the last one is not stored.
    OpFoldResult rest = affine(size - d(0), {count});
    Value zeros = fill(0.0, panelSlice(tile, panel, count, rest));
    tile = insertPanel(zeros, tile, panel, count, rest);
  }
  return tile;
}

/// The same for a tensor that broadcasts along queries or keys.
Value AttentionTiler::broadcastScores(Value tensor, Value tile,
                                      Value keyStart) {
  return generic(
      tileIterators(parallel), {}, {{tile, tileMap()}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        HeadAndQuery at = getHeadAndQuery(nested, tileRank());
        Value key = arith::AddIOp::create(
            nested, loc, keyStart, linalg::IndexOp::create(nested, loc, inner));
        Value batchIndex = getValueOrCreateConstantIndexOp(nested, loc, batch);
        return {extractBroadcast(
            nested, loc, tensor,
            {batchIndex, at.head, at.query, key, at.storedQuery})};
      })[0];
}

/// The part of a bias or mask tensor that a tile sees, in the order of the
/// tile's scores: a transpose in registers takes a fraction of the time of
/// gathers. None where it is known not to vary along both queries and keys.
Value AttentionTiler::loadScoreTensor(Value tensor, Value keyStart,
                                      OpFoldResult keyCount) {
  if (!tensor || !lanes)
    return Value();
  auto type = cast<RankedTensorType>(tensor.getType());
  if (llvm::is_contained(type.getShape().take_back(2), 1))
    return Value();
  Value scratch = tensor::EmptyOp::create(
      b, loc, tileSizes(b.getIndexAttr(schedule.getKvTile())),
      type.getElementType());
  SmallVector<OpFoldResult> offsets(tileRank(), b.getIndexAttr(0)),
      ones(tileRank(), b.getIndexAttr(1));
  Value tile = tensor::ExtractSliceOp::create(b, loc, scratch, offsets,
                                              tileSizes(keyCount), ones);
  // A dynamic dimension may turn out to be one that broadcasts.
  Value varies;
  for (unsigned dim : {2, 3}) {
    if (!type.isDynamicDim(dim))
      continue;
    Value isLong = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::ne,
        tensor::DimOp::create(b, loc, tensor, dim), index(1));
    varies = varies ? arith::AndIOp::create(b, loc, varies, isLong) : isLong;
  }
  if (!varies)
    return transposeScores(tensor, tile, keyStart, keyCount);
  auto branch = scf::IfOp::create(b, loc, tile.getType(), varies,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loc,
                       transposeScores(tensor, tile, keyStart, keyCount));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, broadcastScores(tensor, tile, keyStart));
  return branch.getResult(0);
}

AttentionTiler::State AttentionTiler::initState() {
  State state;
  SmallVector<OpFoldResult> outputSizes =
      tileSizes(b.getIndexAttr(valueHeadDim));
  state.output = fill(0.0, empty(outputSizes));
  Value max = empty(stateSizes()), sum = empty(stateSizes());
  if (!op.getSinks()) {
    state.max = fill(-INFINITY, max);
    state.sum = fill(0.0, sum);
    return state;
  }
  SmallVector<utils::IteratorType> iterators(stateRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(stateRank(), b.getContext());
  auto results = generic(
      iterators, {}, {{max, identity}, {sum, identity}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        Value head = getHeadAndQuery(nested, stateRank()).head;
        auto value = [&](double x) -> Value {
          return arith::ConstantOp::create(nested, loc,
                                           nested.getF32FloatAttr(x));
        };
        Value sink = emitSink(nested, head, value(llvm::numbers::log2e));
        Value isNone = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, sink, value(-INFINITY));
        Value one =
            arith::SelectOp::create(nested, loc, isNone, value(0), value(1));
        return {sink, one};
      });
  state.max = results[0];
  state.sum = results[1];
  return state;
}
