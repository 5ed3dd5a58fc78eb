//===- LinalgToLoops.cpp - linalg outside kernels to loops ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "Lanes.h"
#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLINALGTOLOOPS
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using linalg::GenericOp;

/// The loop order that lets a loop vectoriser work: the lane dimension
/// innermost, then the reductions, so that with a parallel lane dimension
/// each step of a reduction is one vector operation.
static SmallVector<unsigned> chooseLoopOrder(GenericOp op) {
  std::optional<unsigned> lane = attn::chooseLaneDim(op);
  SmallVector<unsigned> order, reductions;
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (dim == lane)
      continue;
    (type == utils::IteratorType::parallel ? order : reductions).push_back(dim);
  }
  order.append(reductions);
  if (lane)
    order.push_back(*lane);
  return order;
}

/// linalg leaves the order of a reduction open, which LLVM only knows from
/// flags; and a product that is added may be fused to it. No other operation
/// gets flags: the LLVM dialect has no place for those of a conversion.
static void relaxReductions(GenericOp op) {
  for (Operation &nested : op.getBody()->without_terminator()) {
    if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(nested))
      continue;
    auto arith = cast<arith::ArithFastMathInterface>(nested);
    arith::FastMathFlags flags = arith.getFastMathFlagsAttr().getValue() |
                                 arith::FastMathFlags::contract;
    if (op.getNumReductionLoops() != 0 && isa<arith::AddFOp>(nested))
      flags = flags | arith::FastMathFlags::reassoc;
    nested.setAttr(arith.getFastMathAttrName(),
                   arith::FastMathFlagsAttr::get(op.getContext(), flags));
  }
}

static LogicalResult lowerToLoops(IRRewriter &rewriter, linalg::LinalgOp op) {
  rewriter.setInsertionPoint(op);
  auto generic = dyn_cast<GenericOp>(op.getOperation());
  if (!generic) {
    FailureOr<GenericOp> generalized = linalg::generalizeNamedOp(rewriter, op);
    if (failed(generalized))
      return op->emitOpError("has no form as loops");
    generic = *generalized;
  }
  relaxReductions(generic);
  rewriter.setInsertionPoint(generic);
  // Without loops there is no order, which upstream takes for an error.
  FailureOr<GenericOp> ordered = generic;
  if (generic.getNumLoops() != 0)
    ordered = linalg::interchangeGenericOp(rewriter, generic,
                                           chooseLoopOrder(generic));
  if (failed(ordered))
    return generic.emitOpError("has loops in an order that cannot be changed");
  rewriter.setInsertionPoint(*ordered);
  if (failed(linalg::linalgOpToLoops(rewriter, *ordered)))
    return ordered->emitOpError("has no form as loops");
  rewriter.eraseOp(*ordered);
  return success();
}

/// A copy between layouts would become a call that copies element by element;
/// one between contiguous buffers becomes memcpy.
static void generalizeCopies(func::FuncOp function, IRRewriter &rewriter) {
  function.walk([&](memref::CopyOp copy) {
    auto isContiguous = [](Value buffer) {
      auto type = dyn_cast<MemRefType>(buffer.getType());
      return !type || type.getLayout().isIdentity();
    };
    if (isContiguous(copy.getSource()) && isContiguous(copy.getTarget()))
      return;
    rewriter.setInsertionPoint(copy);
    linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  });
}

/// A print of a vector becomes loops over its elements.
static LogicalResult lowerPrints(func::FuncOp function) {
  WalkResult search = function.walk([](vector::PrintOp print) {
    return isa_and_nonnull<VectorType>(print.getPrintType())
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  if (!search.wasInterrupted())
    return success();
  RewritePatternSet patterns(function.getContext());
  populateVectorToSCFConversionPatterns(patterns);
  return applyPatternsGreedily(function, std::move(patterns));
}

namespace {
struct AttnLinalgToLoops
    : attn::impl::AttnLinalgToLoopsBase<AttnLinalgToLoops> {
  void runOnOperation() override {
    if (attn::isKernel(getOperation()))
      return;
    if (failed(attn::verifyOnBuffers(getOperation())))
      return signalPassFailure();
    if (failed(lowerPrints(getOperation())))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    generalizeCopies(getOperation(), rewriter);
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      if (failed(lowerToLoops(rewriter, op)))
        return signalPassFailure();
  }
};
} // namespace
