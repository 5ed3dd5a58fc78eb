//===- AttentionTilerStore.cpp - Results of a tile ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiler.h"

using namespace mlir;
using namespace mlir::attn;

/// Where the state of a query lies, in a linalg.generic over the dimensions
/// `dims` of a result.
SmallVector<Value> AttentionTiler::stateIndices(ArrayRef<LogicalDim> dims) {
  auto at = [&](LogicalDim dim) -> Value {
    return linalg::IndexOp::create(b, loc,
                                   llvm::find(dims, dim) - dims.begin());
  };
  Value query = at(LogicalDim::Sequence);
  if (lanes) {
    int64_t panel = schedule.getQueryPanel();
    return {toIndex(affine(d(0).floorDiv(panel), {query})),
            toIndex(affine(d(0) % panel, {query}))};
  }
  return {toIndex(
      affine(d(0) * (rows / groupSize) + d(1), {at(LogicalDim::Head), query}))};
}

/// A row that kept nothing is 0, even where its tiles held values that are not
/// finite: 0 times those would be NaN.
Value AttentionTiler::scaled(OpBuilder &nested, Value output, Value inverse) {
  Value zero =
      arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(0));
  Value isEmpty = arith::CmpFOp::create(nested, loc, arith::CmpFPredicate::OEQ,
                                        inverse, zero);
  Value product = arith::MulFOp::create(nested, loc, output, inverse);
  return arith::SelectOp::create(nested, loc, isEmpty, zero, product);
}

/// Divides by the sum and writes the tile's rows in the output's order.
Value AttentionTiler::storeOutput(State state, Value destination,
                                  ArrayRef<LogicalDim> dims) {
  auto element = cast<ShapedType>(destination.getType()).getElementType();
  SmallVector<utils::IteratorType> stateIterators(stateRank(), parallel);
  AffineMap stateIdentity =
      AffineMap::getMultiDimIdentityMap(stateRank(), b.getContext());
  Value inverse = generic(
      stateIterators, {{state.sum, stateIdentity}},
      {{empty(stateSizes()), stateIdentity}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value zero =
            arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(0));
        Value one =
            arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(1));
        Value isZero = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, args[0], zero);
        Value quotient = arith::DivFOp::create(nested, loc, one, args[0]);
        return {arith::SelectOp::create(nested, loc, isZero, zero, quotient)};
      })[0];
  if (lanes)
    return storePanels(inverse, state.output, destination, dims);
  Value normalized =
      generic(tileIterators(parallel), {{inverse, stateMap()}},
              {{state.output, tileMap()}},
              [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                return {scaled(nested, args[1], args[0])};
              })[0];
  auto type = cast<RankedTensorType>(destination.getType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), b.getContext());
  return generic(iterators, {}, {{destination, identity}},
                 [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
                   OpBuilder::InsertionGuard guard(b);
                   b.setInsertionPoint(nested.getInsertionBlock(),
                                       nested.getInsertionPoint());
                   SmallVector<Value> indices = stateIndices(dims);
                   auto feature =
                       llvm::find(dims, LogicalDim::Feature) - dims.begin();
                   indices.insert(indices.begin() + inner,
                                  linalg::IndexOp::create(b, loc, feature));
                   Value value =
                       tensor::ExtractOp::create(b, loc, normalized, indices);
                   if (element != f32)
                     value = arith::TruncFOp::create(b, loc, element, value);
                   return {value};
                 })[0];
}

/// Transposes the panels of the output into the destination's rows.
Value AttentionTiler::storePanels(Value inverse, Value output,
                                  Value destination,
                                  ArrayRef<LogicalDim> dims) {
  Type element = cast<ShapedType>(destination.getType()).getElementType();
  unsigned queryDim = llvm::find(dims, LogicalDim::Sequence) - dims.begin();
  AffineMap outputMap = queryDim == 0 ? map(2, {1, 0}) : map(2, {0, 1});
  for (int64_t panel = 0; panel < panels; ++panel) {
    OpFoldResult count = panelCount(panel);
    SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0)),
        sizes = tensor::getMixedSizes(b, loc, destination),
        strides(2, b.getIndexAttr(1));
    offsets[queryDim] = b.getIndexAttr(panel * schedule.getQueryPanel());
    sizes[queryDim] = count;
    Value target = destination;
    if (panels > 1)
      target = tensor::ExtractSliceOp::create(b, loc, destination, offsets,
                                              sizes, strides);
    Value stored = generic(
        {parallel, parallel},
        {{panelSlice(output, panel, b.getIndexAttr(0), count), outputMap},
         {panelSlice(inverse, panel, b.getIndexAttr(0), count),
          map(2, {queryDim})}},
        {{target, map(2, {0, 1})}},
        [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
          return {convertScalarToDtype(
              nested, loc, scaled(nested, args[0], args[1]), element, false)};
        })[0];
    destination =
        panels == 1 ? stored
                    : tensor::InsertSliceOp::create(b, loc, stored, destination,
                                                    offsets, sizes, strides)
                          .getResult();
  }
  return destination;
}

/// lse = ln 2 · (max + log2 sum).
Value AttentionTiler::storeLse(State state, Value destination,
                               ArrayRef<LogicalDim> dims) {
  auto type = cast<RankedTensorType>(destination.getType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), b.getContext());
  return generic(
      iterators, {}, {{destination, identity}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        SmallVector<Value> indices = stateIndices(dims);
        Value max = tensor::ExtractOp::create(b, loc, state.max, indices);
        Value sum = tensor::ExtractOp::create(b, loc, state.sum, indices);
        Value log2 = math::Log2Op::create(b, loc, sum);
        Value total = arith::AddFOp::create(b, loc, max, log2);
        return {
            arith::MulFOp::create(b, loc, total, constant(llvm::numbers::ln2))};
      })[0];
}
