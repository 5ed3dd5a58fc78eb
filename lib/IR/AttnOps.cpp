//===- AttnOps.cpp - Shapes of the attn operations ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::attn;

unsigned SDPAOp::getDim(TensorLayout layout, LogicalDim dim) {
  // Columns: batch, head, sequence, feature.
  static constexpr unsigned dims[][4] = {
      {0, 1, 2, 3}, // bhsd
      {0, 2, 1, 3}, // bshd
      {0, 1, 3, 2}, // bhds
  };
  return dims[static_cast<unsigned>(layout)][static_cast<unsigned>(dim)];
}

int64_t SDPAOp::getStaticSize(Value operand, TensorLayout layout,
                              LogicalDim dim) {
  return cast<RankedTensorType>(operand.getType())
      .getDimSize(getDim(layout, dim));
}
int64_t SDPAOp::getStaticBatch() {
  return getStaticSize(getQuery(), getQueryLayout(), LogicalDim::Batch);
}
int64_t SDPAOp::getStaticQueryHeads() {
  return getStaticSize(getQuery(), getQueryLayout(), LogicalDim::Head);
}
int64_t SDPAOp::getStaticKVHeads() {
  return getStaticSize(getKey(), getKeyLayout(), LogicalDim::Head);
}
int64_t SDPAOp::getStaticQuerySeqlen() {
  return getStaticSize(getQuery(), getQueryLayout(), LogicalDim::Sequence);
}
int64_t SDPAOp::getStaticKVSeqlen() {
  return getStaticSize(getKey(), getKeyLayout(), LogicalDim::Sequence);
}
int64_t SDPAOp::getStaticHeadDim() {
  return getStaticSize(getQuery(), getQueryLayout(), LogicalDim::Feature);
}
int64_t SDPAOp::getStaticValueHeadDim() {
  return getStaticSize(getValue(), getValueLayout(), LogicalDim::Feature);
}

bool SDPAOp::canPairScores() {
  auto isBF16 = [](Value operand) {
    return getElementTypeOrSelf(operand.getType()).isBF16();
  };
  int64_t headDim = getStaticHeadDim();
  return isBF16(getQuery()) && isBF16(getKey()) &&
         !ShapedType::isDynamic(headDim) && headDim % 2 == 0 &&
         getQueryLayout() != TensorLayout::BHDS &&
         getKeyLayout() != TensorLayout::BHDS;
}

OpFoldResult SDPAOp::getSize(OpBuilder &b, Location loc, Value operand,
                             TensorLayout layout, LogicalDim dim) {
  return tensor::getMixedSize(b, loc, operand, getDim(layout, dim));
}

OpFoldResult SDPAOp::getGroupSize(OpBuilder &b, Location loc) {
  auto atLeastOne = [&](OpFoldResult size) -> Value {
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    return b.createOrFold<arith::MaxUIOp>(
        loc, getValueOrCreateConstantIndexOp(b, loc, size), one);
  };
  int64_t queryHeads = getStaticQueryHeads(), kvHeads = getStaticKVHeads();
  if (!ShapedType::isDynamic(queryHeads) && !ShapedType::isDynamic(kvHeads))
    return b.getIndexAttr(
        std::max<int64_t>(kvHeads == 0 ? 1 : queryHeads / kvHeads, 1));
  Value divisor =
      atLeastOne(getSize(b, loc, getKey(), getKeyLayout(), LogicalDim::Head));
  Value heads = getValueOrCreateConstantIndexOp(
      b, loc, getSize(b, loc, getQuery(), getQueryLayout(), LogicalDim::Head));
  return getAsOpFoldResult(
      atLeastOne(b.createOrFold<arith::DivUIOp>(loc, heads, divisor)));
}

FloatType SDPAOp::getAccumulatorType() {
  Type element = getQuery().getType().getElementType();
  if (element.isF64())
    return cast<FloatType>(element);
  return Float32Type::get(getContext());
}

LogicalResult SDPAOp::reifyResultShapes(OpBuilder &b,
                                        ReifiedRankedShapedTypeDims &shapes) {
  Location loc = getLoc();
  OpFoldResult batch =
      getSize(b, loc, getQuery(), getQueryLayout(), LogicalDim::Batch);
  OpFoldResult heads =
      getSize(b, loc, getQuery(), getQueryLayout(), LogicalDim::Head);
  OpFoldResult queries =
      getSize(b, loc, getQuery(), getQueryLayout(), LogicalDim::Sequence);
  OpFoldResult features =
      getSize(b, loc, getValue(), getValueLayout(), LogicalDim::Feature);
  SmallVector<OpFoldResult> output(4);
  auto place = [&](LogicalDim dim, OpFoldResult size) {
    output[getDim(getOutputLayout(), dim)] = size;
  };
  place(LogicalDim::Batch, batch);
  place(LogicalDim::Head, heads);
  place(LogicalDim::Sequence, queries);
  place(LogicalDim::Feature, features);
  // A static result dimension is reified as an attribute, as the interface
  // asks, even where the operand it comes from is dynamic.
  auto refine = [&](Value result, SmallVector<OpFoldResult> sizes) {
    auto type = cast<RankedTensorType>(result.getType());
    for (auto [i, size] : llvm::enumerate(type.getShape())) {
      if (!ShapedType::isDynamic(size))
        sizes[i] = b.getIndexAttr(size);
      else if (auto attr = dyn_cast<Attribute>(sizes[i]))
        sizes[i] = getValueOrCreateConstantIndexOp(b, loc, sizes[i]);
    }
    return sizes;
  };
  shapes.push_back(refine(getOutput(), output));
  if (getLse())
    shapes.push_back(refine(getLse(), {batch, heads, queries}));
  return success();
}

LogicalResult MergeOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  for (Value result : getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<OpFoldResult> sizes;
    for (auto [i, size] : llvm::enumerate(type.getShape())) {
      if (!ShapedType::isDynamic(size))
        sizes.push_back(b.getIndexAttr(size));
      else
        sizes.push_back(tensor::DimOp::create(b, getLoc(), getPartials(), i + 1)
                            .getResult());
    }
    shapes.push_back(sizes);
  }
  return success();
}
