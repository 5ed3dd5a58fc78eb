//===- CountWork.cpp - Programs that count attention's work ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreModification.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCOUNTWORK
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static Value createProduct(OpBuilder &b, Location loc,
                           ArrayRef<OpFoldResult> sizes) {
  Value product = arith::ConstantIndexOp::create(b, loc, 1);
  for (OpFoldResult size : sizes)
    product = b.createOrFold<arith::MulIOp>(
        loc, product, getValueOrCreateConstantIndexOp(b, loc, size));
  return product;
}

/// Counts the positions of an iteration space where `keep` holds.
static Value countPositions(
    OpBuilder &b, Location loc, ArrayRef<OpFoldResult> sizes,
    function_ref<Value(OpBuilder &, Location, ValueRange indices)> keep) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  SmallVector<Value> begins(sizes.size(), zero), steps(sizes.size(), one);
  SmallVector<Value> ends = getValueOrCreateConstantIndexOp(b, loc, sizes);
  return scf::buildLoopNest(
             b, loc, begins, ends, steps, zero,
             [&](OpBuilder &nested, Location at, ValueRange indices,
                 ValueRange counts) -> scf::ValueVector {
               Value next = arith::AddIOp::create(nested, at, counts[0], one);
               return {arith::SelectOp::create(
                   nested, at, keep(nested, at, indices), next, counts[0])};
             })
      .results.front();
}

/// The positions of all heads of all batches, with `masks` those that the mask
/// keeps.
static Value countScores(OpBuilder &b, SDPAOp op, bool masks) {
  Location loc = op.getLoc();
  auto size = [&](Value operand, TensorLayout layout, LogicalDim dim) {
    return op.getSize(b, loc, operand, layout, dim);
  };
  TensorLayout layout = op.getQueryLayout();
  OpFoldResult batches = size(op.getQuery(), layout, LogicalDim::Batch);
  OpFoldResult heads = size(op.getQuery(), layout, LogicalDim::Head);
  OpFoldResult queries = size(op.getQuery(), layout, LogicalDim::Sequence);
  OpFoldResult keys =
      size(op.getKey(), op.getKeyLayout(), LogicalDim::Sequence);
  if (!masks || !hasMask(op))
    return createProduct(b, loc, {batches, heads, queries, keys});
  Value shift = emitQueryShift(b, loc, op);
  auto keep = [&](OpBuilder &nested, Location at, Value batch, Value head,
                  Value query, Value key) {
    return emitKeep(nested, at, op, shift, {batch, head, query, key, query});
  };
  if (op.getKeep() || op.hasMaskRegion())
    return countPositions(b, loc, {batches, heads, queries, keys},
                          [&](OpBuilder &nested, Location at, ValueRange at4) {
                            return keep(nested, at, at4[0], at4[1], at4[2],
                                        at4[3]);
                          });
  // Causal and window are the same for every head.
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value kept =
      countPositions(b, loc, {queries, keys},
                     [&](OpBuilder &nested, Location at, ValueRange at2) {
                       return keep(nested, at, zero, zero, at2[0], at2[1]);
                     });
  return createProduct(b, loc, {batches, heads, kept});
}

namespace {
struct AttnCountWork : attn::impl::AttnCountWorkBase<AttnCountWork> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<SDPAOp> ops;
    module.walk([&](SDPAOp op) { ops.push_back(op); });
    if (ops.empty())
      return;
    auto b = OpBuilder::atBlockBegin(module.getBody());
    FunctionType type = b.getFunctionType({b.getI64Type(), b.getI64Type()}, {});
    auto report =
        func::FuncOp::create(b, module.getLoc(), kCountWorkFunction, type);
    report.setPrivate();
    for (SDPAOp op : ops) {
      b.setInsertionPoint(op);
      Location loc = op.getLoc();
      Value headDims =
          createProduct(b, loc,
                        {op.getSize(b, loc, op.getQuery(), op.getQueryLayout(),
                                    LogicalDim::Feature)});
      headDims = b.createOrFold<arith::AddIOp>(
          loc, headDims,
          createProduct(b, loc,
                        {op.getSize(b, loc, op.getValue(), op.getValueLayout(),
                                    LogicalDim::Feature)}));
      SmallVector<Value> arguments;
      for (Value count : {countScores(b, op, masks), headDims})
        arguments.push_back(
            arith::IndexCastOp::create(b, loc, b.getI64Type(), count));
      func::CallOp::create(b, loc, report, arguments);
    }
  }
};
} // namespace
