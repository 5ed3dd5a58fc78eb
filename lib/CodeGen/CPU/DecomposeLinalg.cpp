//===- DecomposeLinalg.cpp - Composite linalg operations to simple ones ---===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNDECOMPOSELINALG
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

/// linalg.pack and linalg.unpack: views and a transpose, and padding or a
/// slice.
static LogicalResult lowerPacking(IRRewriter &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  if (auto pack = dyn_cast<linalg::PackOp>(op)) {
    if (succeeded(linalg::lowerPack(rewriter, pack)))
      return success();
  } else if (succeeded(
                 linalg::lowerUnPack(rewriter, cast<linalg::UnPackOp>(op)))) {
    return success();
  }
  return op->emitOpError("cannot be decomposed, expected tensors with static "
                         "inner tiles");
}

namespace {
struct AttnDecomposeLinalg
    : attn::impl::AttnDecomposeLinalgBase<AttnDecomposeLinalg> {
  void runOnOperation() override {
    SmallVector<linalg::AggregatedOpInterface> ops;
    getOperation()->walk([&](linalg::AggregatedOpInterface op) {
      // attn.sdpa is one too, and not to be taken apart here.
      if (isa<linalg::LinalgDialect>(op->getDialect()))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::AggregatedOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
      if (failed(results)) {
        op->emitOpError("cannot be decomposed");
        return signalPassFailure();
      }
      rewriter.replaceOp(op, *results);
    }
    SmallVector<Operation *> packings;
    getOperation()->walk([&](Operation *op) {
      if (isa<linalg::PackOp, linalg::UnPackOp>(op))
        packings.push_back(op);
    });
    for (Operation *op : packings)
      if (failed(lowerPacking(rewriter, op)))
        return signalPassFailure();
  }
};
} // namespace
