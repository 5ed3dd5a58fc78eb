//===- SDPATiler.cpp - What the tilers of sdpa share ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SDPATiler.h"
#include "MaskIntervals.h"
#include "MergeSplits.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

LogicalResult mlir::attn::verifyTileable(SDPAOp op, StringRef schedule) {
  if (!op.getAccumulatorType().isF32())
    return op.emitOpError() << "has " << schedule << " and operands of "
                            << op.getQuery().getType().getElementType()
                            << ", expected f32, f16 or bf16";
  if (ShapedType::isDynamic(op.getStaticHeadDim()) ||
      ShapedType::isDynamic(op.getStaticValueHeadDim()))
    return op.emitOpError() << "has " << schedule
                            << " and a dynamic head_dim, expected static head "
                               "dimensions";
  return success();
}

SDPATiler::SDPATiler(SDPAOp op, int64_t splits)
    : op(op), b(op), loc(op.getLoc()), f32(b.getF32Type()), splits(splits),
      headDim(op.getStaticHeadDim()), valueHeadDim(op.getStaticValueHeadDim()),
      outputLayout(splits > 1 ? TensorLayout::BHSD : op.getOutputLayout()) {}

void SDPATiler::findSizes() {
  auto getSize = [&](Value operand, TensorLayout layout, LogicalDim dim) {
    return op.getSize(b, loc, operand, layout, dim);
  };
  batches = getSize(op.getQuery(), op.getQueryLayout(), LogicalDim::Batch);
  queryHeads = getSize(op.getQuery(), op.getQueryLayout(), LogicalDim::Head);
  kvHeads = getSize(op.getKey(), op.getKeyLayout(), LogicalDim::Head);
  queries = getSize(op.getQuery(), op.getQueryLayout(), LogicalDim::Sequence);
  keys = getSize(op.getKey(), op.getKeyLayout(), LogicalDim::Sequence);
  queryShift = emitQueryShift(b, loc, op);
}

SmallVector<Value> SDPATiler::createResults() {
  bool isSplit = splits > 1;
  SmallVector<OpFoldResult> lseSizes{batches, queryHeads, queries};
  SmallVector<OpFoldResult> outputSizes(4);
  auto place = [&](LogicalDim dim, OpFoldResult size) {
    outputSizes[SDPAOp::getDim(outputLayout, dim)] = size;
  };
  place(LogicalDim::Batch, batches);
  place(LogicalDim::Head, queryHeads);
  place(LogicalDim::Sequence, queries);
  place(LogicalDim::Feature, b.getIndexAttr(valueHeadDim));
  if (isSplit) {
    lseSizes.insert(lseSizes.begin(), b.getIndexAttr(splits));
    outputSizes.insert(outputSizes.begin(), b.getIndexAttr(splits));
  }
  Type element = isSplit ? f32 : op.getOutput().getType().getElementType();
  SmallVector<Value> results{
      tensor::EmptyOp::create(b, loc, outputSizes, element)};
  if (isSplit || op.getLse())
    results.push_back(tensor::EmptyOp::create(b, loc, lseSizes, f32));
  return results;
}

SmallVector<Value> SDPATiler::finishResults(ValueRange results) {
  if (splits > 1)
    return emitMergeOfSplits(b, loc, op, results[0], results[1]);
  SmallVector<Value> finished;
  for (auto [result, type] : llvm::zip(results, op.getResultTypes()))
    finished.push_back(
        result.getType() == type
            ? Value(result)
            : tensor::CastOp::create(b, loc, type, result).getResult());
  return finished;
}

Value SDPATiler::slice(Value operand, TensorLayout layout, OpFoldResult head,
                       OpFoldResult heads, bool dropHead, OpFoldResult start,
                       OpFoldResult length, int64_t features) {
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<OpFoldResult> offsets(4), sizes(4), strides(4, b.getIndexAttr(1));
  auto place = [&](LogicalDim dim, OpFoldResult offset, OpFoldResult size) {
    unsigned at = SDPAOp::getDim(layout, dim);
    offsets[at] = offset;
    sizes[at] = size;
  };
  place(LogicalDim::Batch, batch, b.getIndexAttr(1));
  place(LogicalDim::Head, head, heads);
  place(LogicalDim::Sequence, start, length);
  place(LogicalDim::Feature, b.getIndexAttr(0), b.getIndexAttr(features));
  SmallVector<int64_t> shape;
  for (unsigned at = 0; at < sizes.size(); ++at)
    if (at != SDPAOp::getDim(layout, LogicalDim::Batch) &&
        !(dropHead && at == SDPAOp::getDim(layout, LogicalDim::Head)))
      shape.push_back(
          getConstantIntValue(sizes[at]).value_or(ShapedType::kDynamic));
  return tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), operand,
      offsets, sizes, strides);
}

std::pair<Value, Value> SDPATiler::keyRange(int64_t tileKeys, int64_t align) {
  OpFoldResult begin = b.getIndexAttr(0), end = keys;
  OpFoldResult shift = OpFoldResult(queryShift);
  // Position of the last query, and one past the last key it sees.
  auto bound = [&](int64_t right) {
    return affine(d(0) + d(1) + d(2) + right, {firstQuery, queryCount, shift});
  };
  if (op.getCausal())
    end = minimum(end, bound(0));
  if (op.getWindowRight() >= 0)
    end = minimum(end, bound(op.getWindowRight()));
  if (op.getWindowLeft() >= 0)
    begin = maximum(
        begin,
        affine((d(0) + d(1) - op.getWindowLeft()).floorDiv(align) * align,
               {firstQuery, shift}));
  if (splits > 1) {
    // Parts of what the mask leaves: a window's keys would all be in one part
    // of a long cache.
    OpFoldResult chunk = affine(
        (d(0) - d(1)).ceilDiv(splits * tileKeys) * tileKeys, {end, begin});
    Value start = arith::MulIOp::create(b, loc, toIndex(chunk), toIndex(split));
    begin = affine(d(0) + d(1), {begin, start});
    end = minimum(end, affine(d(0) + d(1), {begin, chunk}));
  }
  return {toIndex(begin), toIndex(end)};
}

std::pair<Value, Value> SDPATiler::classifyKeys(int64_t heads, Value firstKey,
                                                Value lastKey) {
  Value lastHead = toIndex(affine(d(0) + (heads - 1), {firstHead}));
  Value lastQuery = toIndex(affine(d(0) + d(1) - 1, {firstQuery, queryCount}));
  Value batchValue = toIndex(batch);
  return classifyTile(b, loc, op, queryShift, {batchValue, batchValue},
                      {toIndex(firstHead), lastHead},
                      {toIndex(firstQuery), lastQuery}, {firstKey, lastKey});
}

Value SDPATiler::emitSink(OpBuilder &nested, Value head, Value unit) {
  Value sink = tensor::ExtractOp::create(nested, loc, op.getSinks(), head);
  sink = convertScalarToDtype(nested, loc, sink, f32, /*isUnsignedCast=*/false);
  sink = arith::MulFOp::create(nested, loc, sink, unit);
  if (splits == 1)
    return sink;
  Value isFirst =
      arith::CmpIOp::create(nested, loc, arith::CmpIPredicate::eq,
                            getValueOrCreateConstantIndexOp(nested, loc, split),
                            arith::ConstantIndexOp::create(nested, loc, 0));
  Value none =
      arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(-INFINITY));
  return arith::SelectOp::create(nested, loc, isFirst, sink, none);
}
