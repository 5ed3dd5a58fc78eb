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
#include "mlir/Dialect/Arith/Utils/Utils.h"
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
  SmallVector<Value> takeFirst(OpBuilder &builder);

  ScanOp op;
  IRRewriter &b;
  Location loc;
  RankedTensorType type;
  SmallVector<OpFoldResult> shape;
};
} // namespace

void ScanLowering::getSlice(OpFoldResult position,
                            SmallVector<OpFoldResult> &offsets,
                            SmallVector<OpFoldResult> &sizes,
                            SmallVector<OpFoldResult> &strides) {
  offsets.assign(type.getRank(), b.getIndexAttr(0));
  strides.assign(type.getRank(), b.getIndexAttr(1));
  sizes = shape;
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
  SmallVector<OpFoldResult> sizes(shape);
  sizes.erase(sizes.begin() + op.getDimension());
  Value init =
      tensor::EmptyOp::create(builder, loc, sizes, sliceType.getElementType());
  SmallVector<AffineMap> maps(
      3, builder.getMultiDimIdentityMap(sliceType.getRank()));
  SmallVector<utils::IteratorType> loops(sliceType.getRank(),
                                         utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, init.getType(), ValueRange{element, before}, init,
             maps, loops,
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

/// The result and the accumulator behind element 0 of an inclusive scan.
SmallVector<Value> ScanLowering::takeFirst(OpBuilder &builder) {
  OpFoldResult zero = builder.getIndexAttr(0);
  Value first = extract(builder, op.getInputs()[0], zero);
  return {insert(builder, first, op.getOutputs()[0], zero), first};
}

void ScanLowering::lower() {
  b.setInsertionPoint(op);
  Value input = op.getInputs()[0];
  SmallVector<Value> state(op.getOutputs());
  shape = tensor::getMixedSizes(b, loc, input);
  Value end = getValueOrCreateConstantIndexOp(b, loc, shape[op.getDimension()]);
  bool isInclusive = op.getInclusive();
  if (isInclusive && type.isDynamicDim(op.getDimension())) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value hasFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, end, zero);
    auto first = scf::IfOp::create(
        b, loc, hasFirst,
        [&](OpBuilder &nested, Location at) {
          scf::YieldOp::create(nested, at, takeFirst(nested));
        },
        [&](OpBuilder &nested, Location at) {
          scf::YieldOp::create(nested, at, state);
        });
    state = llvm::to_vector_of<Value>(first.getResults());
  } else if (isInclusive && type.getDimSize(op.getDimension()) != 0) {
    state = takeFirst(b);
  }
  Value begin = arith::ConstantIndexOp::create(b, loc, isInclusive ? 1 : 0);
  Value step = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(
      b, loc, begin, end, step, state,
      [&](OpBuilder &nested, Location at, Value i, ValueRange before) {
        Value element = extract(nested, input, i);
        Value next = combine(nested, element, before[1]);
        Value all =
            insert(nested, isInclusive ? next : before[1], before[0], i);
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
