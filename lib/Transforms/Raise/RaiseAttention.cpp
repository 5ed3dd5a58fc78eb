//===- RaiseAttention.cpp - From matmuls and a softmax to sdpa ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"
#include "attn/Transforms/Passes.h"
#include "attn/Transforms/Raise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNRAISE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Whether the operation is a softmax over one of its dimensions.
static bool isSoftmax(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 || !op.hasPureTensorSemantics())
    return false;
  ElementReader reader;
  SmallVector<IndexForm> indices;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  for (int64_t size : type.getShape())
    indices.push_back(reader.space.getForm(reader.space.addVariable(size)));
  Element *weights = reader.getTensor(op->getResult(0), indices);
  return getSoftmaxOp(reader, weights) == op;
}

/// The first operation behind a softmax through which its weights are not read.
static Operation *findUse(Operation *softmax) {
  llvm::SetVector<Operation *> uses;
  uses.insert(softmax);
  for (unsigned i = 0; i < uses.size(); ++i) {
    Operation *op = uses[i];
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    bool isRead =
        linalgOp ? linalgOp.getNumReductionLoops() == 0
                 : isa<linalg::SoftmaxOp, tensor::CastOp, tensor::ExpandShapeOp,
                       tensor::CollapseShapeOp>(op) ||
                       op->hasTrait<OpTrait::Elementwise>();
    if (!isRead)
      return op;
    uses.insert(op->user_begin(), op->user_end());
  }
  return nullptr;
}

LogicalResult attn::raiseAttention(linalg::LinalgOp product,
                                   RewriterBase &rewriter) {
  Operation *softmaxOp = nullptr;
  Mismatch mismatch;
  return success(AttentionRaiser(product, rewriter).raise(softmaxOp, mismatch));
}

namespace {
struct AttnRaise : attn::impl::AttnRaiseBase<AttnRaise> {
  using Base::Base;

  void runOnOperation() override {
    Operation *function = getOperation();
    IRRewriter rewriter(&getContext());
    // A size of the scores is no use of them once it is one of the operands.
    RewritePatternSet sizes(&getContext());
    memref::populateResolveRankedShapedTypeResultDimsPatterns(sizes);
    tensor::DimOp::getCanonicalizationPatterns(sizes, &getContext());
    (void)applyPatternsGreedily(function, std::move(sizes));
    SmallVector<linalg::LinalgOp> roots;
    function->walk([&](linalg::LinalgOp op) { roots.push_back(op); });
    llvm::DenseMap<Operation *, Mismatch> failed;
    for (linalg::LinalgOp root : roots) {
      // It may have been raised with another product of the same weights.
      if (root->use_empty())
        continue;
      Operation *softmaxOp = nullptr;
      Mismatch mismatch;
      if (AttentionRaiser(root, rewriter).raise(softmaxOp, mismatch))
        ++raised;
      else if (softmaxOp)
        failed[softmaxOp] = mismatch;
    }
    // What was raised is dead now. What dead regions read is dead behind them.
    while (succeeded(runRegionDCE(rewriter, function->getRegions())))
      ;
    if (explain)
      explainFailures(function, failed);
    shortenRegions(function);
    // The new operations' views fold into those around them.
    RewritePatternSet patterns(&getContext());
    SDPAOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns,
                                                         &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    (void)applyPatternsGreedily(function, std::move(patterns));
  }

  /// Folds what the regions compute, so that masks and scores that have a short
  /// form are seen as one.
  void shortenRegions(Operation *function) {
    RewritePatternSet patterns(&getContext());
    SDPAOp::getCanonicalizationPatterns(patterns, &getContext());
    for (RegisteredOperationName op : getContext().getRegisteredOperations())
      if (isa<arith::ArithDialect, math::MathDialect>(op.getDialect()))
        op.getCanonicalizationPatterns(patterns, &getContext());
    SmallVector<Operation *> ops;
    function->walk([&](SDPAOp op) {
      op->walk([&](Operation *nested) { ops.push_back(nested); });
    });
    (void)applyOpPatternsGreedily(
        ops, std::move(patterns),
        GreedyRewriteConfig().setStrictness(
            GreedyRewriteStrictness::ExistingAndNewOps));
  }

  /// A remark for each softmax that is left.
  void explainFailures(Operation *function,
                       const llvm::DenseMap<Operation *, Mismatch> &failed) {
    function->walk([&](Operation *op) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      auto known = failed.find(op);
      if (known == failed.end() && !isa<linalg::SoftmaxOp>(op) &&
          !(linalgOp && isSoftmax(linalgOp)))
        return;
      Mismatch mismatch;
      mismatch.fail("its weights are not multiplied by values", findUse(op));
      if (known != failed.end())
        mismatch = known->second;
      InFlightDiagnostic remark =
          op->emitRemark() << "softmax is not attention: " << mismatch.reason;
      if (mismatch.culprit && mismatch.culprit != op)
        remark.attachNote(mismatch.culprit->getLoc())
            << "by this '" << mismatch.culprit->getName() << "'";
    });
  }
};
} // namespace
