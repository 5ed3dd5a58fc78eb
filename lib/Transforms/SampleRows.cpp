//===- SampleRows.cpp - Attention by single queries -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNSAMPLEROWS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static Value filledWithNaN(OpBuilder &b, Location loc, Value tensor) {
  auto element =
      cast<FloatType>(cast<ShapedType>(tensor.getType()).getElementType());
  Value nan = arith::ConstantOp::create(
      b, loc,
      b.getFloatAttr(element, APFloat::getNaN(element.getFloatSemantics())));
  return linalg::FillOp::create(b, loc, nan, tensor).getResult(0);
}

static LogicalResult sampleRows(SDPAOp op, int64_t count) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto tilable = cast<TilingInterface>(op.getOperation());
  SmallVector<Range> domain = tilable.getIterationDomain(b);
  SmallVector<Value> results;
  if (failed(tensor::getOrCreateDestinations(b, loc, op, results)))
    return failure();

  // Of S queries, every ceil(S / count)-th back from the last, which sees the
  // most keys; all of them without a count.
  OpFoldResult queries = domain[2].size, rows = queries, stride, first;
  AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  };
  // A product, which is no affine expression unless the stride is a constant.
  auto times = [&](OpFoldResult index) -> OpFoldResult {
    if (std::optional<int64_t> constant = getConstantIntValue(stride))
      return apply(d0 * *constant, {index});
    return b.createOrFold<arith::MulIOp>(
        loc, getValueOrCreateConstantIndexOp(b, loc, index),
        getValueOrCreateConstantIndexOp(b, loc, stride));
  };
  if (count > 0) {
    stride = affine::makeComposedFoldedAffineMax(
        b, loc,
        AffineMap::get(1, 0, {d0.ceilDiv(count), b.getAffineConstantExpr(1)},
                       b.getContext()),
        {queries});
    rows = getAsOpFoldResult(b.createOrFold<arith::CeilDivSIOp>(
        loc, getValueOrCreateConstantIndexOp(b, loc, queries),
        getValueOrCreateConstantIndexOp(b, loc, stride)));
    OpFoldResult back = times(apply(d0 - 1, {rows}));
    first = apply(d0 - d1 - 1, {queries, back});
    for (Value &result : results)
      result = filledWithNaN(b, loc, result);
  }

  SmallVector<OpFoldResult> bounds{domain[0].size, domain[1].size, rows};
  auto forall = scf::ForallOp::create(b, loc, bounds, results, std::nullopt);
  b.setInsertionPointToStart(forall.getBody());
  ValueRange at = forall.getBody()->getArguments().take_front(3);
  OpFoldResult query = at[2];
  if (count > 0)
    query = apply(d0 + d1, {times(query), first});
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets{at[0], at[1], query, b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes{one, one, one, domain[3].size};
  FailureOr<TilingResult> tile =
      tilable.getTiledImplementation(b, offsets, sizes);
  if (failed(tile))
    return failure();
  for (auto [i, value] : llvm::enumerate(tile->tiledValues)) {
    SmallVector<OpFoldResult> resultOffsets, resultSizes;
    b.setInsertionPoint(forall.getTerminator());
    if (failed(tilable.getResultTilePosition(b, i, offsets, sizes,
                                             resultOffsets, resultSizes)))
      return failure();
    SmallVector<OpFoldResult> strides(resultSizes.size(), one);
    b.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, loc, value,
                                          forall.getRegionIterArgs()[i],
                                          resultOffsets, resultSizes, strides);
  }
  b.setInsertionPointAfter(forall);
  for (auto [result, rows] :
       llvm::zip_equal(op->getResults(), forall.getResults())) {
    Value value = rows;
    if (value.getType() != result.getType())
      value = tensor::CastOp::create(b, loc, result.getType(), value);
    result.replaceAllUsesWith(value);
  }
  op->erase();
  return success();
}

namespace {
struct AttnSampleRows : attn::impl::AttnSampleRowsBase<AttnSampleRows> {
  using Base::Base;

  void runOnOperation() override {
    if (count < 0) {
      emitError(getOperation()->getLoc())
          << "attn-sample-rows: count is " << count.getValue()
          << ", expected a number of rows, or 0 for all";
      return signalPassFailure();
    }
    SmallVector<SDPAOp> ops;
    getOperation()->walk([&](SDPAOp op) { ops.push_back(op); });
    for (SDPAOp op : ops)
      if (failed(sampleRows(op, count)))
        return signalPassFailure();
  }
};
} // namespace
