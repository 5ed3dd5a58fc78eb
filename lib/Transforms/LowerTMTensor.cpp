//===- LowerTMTensor.cpp - torch-mlir's scans to loops --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Import/TMTensor/TMTensor.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWERTMTENSOR
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using attn::tm_tensor::ScanOp;

namespace {
/// Lowers one scan: a loop over its dimension around the combination of slices.
class ScanLowering {
public:
  ScanLowering(ScanOp op, IRRewriter &rewriter)
      : op(op), b(rewriter), loc(op.getLoc()),
        type(cast<RankedTensorType>(op.getInputs()[0].getType())) {}
  void lower();

private:
  Value extract(OpBuilder &builder, Value tensor, OpFoldResult position);
  Value insert(OpBuilder &builder, Value slice, Value tensor,
               OpFoldResult position);
  Value combine(OpBuilder &builder, Value element, Value before);
  void getSlice(OpFoldResult position, SmallVector<OpFoldResult> &offsets,
                SmallVector<OpFoldResult> &sizes,
                SmallVector<OpFoldResult> &strides);

  ScanOp op;
  IRRewriter &b;
  Location loc;
  RankedTensorType type;
};
} // namespace

void ScanLowering::getSlice(OpFoldResult position,
                            SmallVector<OpFoldResult> &offsets,
                            SmallVector<OpFoldResult> &sizes,
                            SmallVector<OpFoldResult> &strides) {
  offsets.assign(type.getRank(), b.getIndexAttr(0));
  strides.assign(type.getRank(), b.getIndexAttr(1));
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  offsets[op.getDimension()] = position;
  sizes[op.getDimension()] = b.getIndexAttr(1);
}

Value ScanLowering::extract(OpBuilder &builder, Value tensor,
                            OpFoldResult position) {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  getSlice(position, offsets, sizes, strides);
  return tensor::ExtractSliceOp::create(
      builder, loc, cast<RankedTensorType>(op.getOutputs()[1].getType()),
      tensor, offsets, sizes, strides);
}

Value ScanLowering::insert(OpBuilder &builder, Value slice, Value tensor,
                           OpFoldResult position) {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  getSlice(position, offsets, sizes, strides);
  return tensor::InsertSliceOp::create(builder, loc, slice, tensor, offsets,
                                       sizes, strides);
}

Value ScanLowering::combine(OpBuilder &builder, Value element, Value before) {
  auto sliceType = cast<RankedTensorType>(element.getType());
  Value init = tensor::EmptyOp::create(builder, loc, sliceType.getShape(),
                                       sliceType.getElementType());
  SmallVector<AffineMap> maps(
      3, builder.getMultiDimIdentityMap(sliceType.getRank()));
  SmallVector<utils::IteratorType> loops(sliceType.getRank(),
                                         utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, sliceType, ValueRange{element, before}, init, maps,
             loops,
             [&](OpBuilder &nested, Location at, ValueRange arguments) {
               Block &body = op.getCombiner().front();
               IRMapping mapping;
               mapping.map(body.getArguments(), arguments.drop_back());
               for (Operation &inner : body.without_terminator())
                 nested.clone(inner, mapping);
               linalg::YieldOp::create(
                   nested, at,
                   mapping.lookupOrDefault(
                       body.getTerminator()->getOperand(0)));
             })
      .getResult(0);
}

void ScanLowering::lower() {
  b.setInsertionPoint(op);
  Value input = op.getInputs()[0], result = op.getOutputs()[0],
        accumulator = op.getOutputs()[1];
  int64_t size = type.getDimSize(op.getDimension());
  bool isInclusive = op.getInclusive();
  if (isInclusive && size != 0) {
    accumulator = extract(b, input, b.getIndexAttr(0));
    result = insert(b, accumulator, result, b.getIndexAttr(0));
  }
  Value begin = arith::ConstantIndexOp::create(b, loc, isInclusive ? 1 : 0);
  Value end = arith::ConstantIndexOp::create(b, loc, size);
  Value step = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(
      b, loc, begin, end, step, ValueRange{result, accumulator},
      [&](OpBuilder &nested, Location at, Value i, ValueRange state) {
        Value element = extract(nested, input, i);
        Value next = combine(nested, element, state[1]);
        Value all = insert(nested, isInclusive ? next : state[1], state[0], i);
        scf::YieldOp::create(nested, at, ValueRange{all, next});
      });
  b.replaceOp(op, loop.getResults());
}

namespace {
struct AttnLowerTMTensor
    : attn::impl::AttnLowerTMTensorBase<AttnLowerTMTensor> {
  void runOnOperation() override {
    SmallVector<ScanOp> scans;
    getOperation()->walk([&](ScanOp op) { scans.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (ScanOp op : scans)
      ScanLowering(op, rewriter).lower();
  }
};
} // namespace
