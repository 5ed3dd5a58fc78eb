//===- Canonicalization.cpp - Operands and results of attn operations -----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Canonicalization of operands and results: casts, transposes, constant masks,
// unused results. RegionCanonicalization.cpp has that of masks and scores.
//
//===----------------------------------------------------------------------===//

#include "RegionCanonicalization.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::attn;

/// What a tensor holds everywhere, where that is one known constant.
static Attribute getSplat(Value tensor) {
  DenseElementsAttr elements;
  if (matchPattern(tensor, m_Constant(&elements)))
    return elements.isSplat() ? elements.getSplatValue<Attribute>()
                              : Attribute();
  Value scalar;
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    scalar = fill.value();
  else if (auto splat = tensor.getDefiningOp<tensor::SplatOp>())
    scalar = splat.getInput();
  Attribute value;
  if (scalar && matchPattern(scalar, m_Constant(&value)))
    return value;
  return {};
}

/// The permutation of a transpose in any spelling: dimension i of the result is
/// dimension permutation[i] of the input.
static std::optional<SmallVector<int64_t>> getPermutation(Operation *op) {
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(op))
    return llvm::to_vector(transpose.getPermutation());
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 ||
      generic.getBody()->getTerminator()->getOperand(0) !=
          generic.getBody()->getArgument(0))
    return std::nullopt;
  AffineMap in = generic.getIndexingMapsArray()[0];
  AffineMap out = generic.getIndexingMapsArray()[1];
  if (!in.isPermutation() || !out.isPermutation())
    return std::nullopt;
  SmallVector<int64_t> permutation;
  for (AffineExpr dim : out.getResults())
    permutation.push_back(*in.getResultPosition(dim));
  return permutation;
}

/// The layout that holds logical dimension `dim` at `dims[dim]`.
static std::optional<TensorLayout> findLayout(ArrayRef<unsigned> dims) {
  for (unsigned i = 0; i <= getMaxEnumValForTensorLayout(); ++i) {
    auto layout = static_cast<TensorLayout>(i);
    bool same = true;
    for (unsigned dim = 0; dim < 4; ++dim)
      same &= SDPAOp::getDim(layout, static_cast<LogicalDim>(dim)) == dims[dim];
    if (same)
      return layout;
  }
  return std::nullopt;
}

namespace {

/// A lse that nobody uses is not computed.
template <typename Op> struct DropUnusedLse : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!op.getLse() || !op.getLse().use_empty())
      return rewriter.notifyMatchFailure(op, "has no unused lse");
    OperationState state(op.getLoc(), op->getName(), op->getOperands(),
                         op.getOutput().getType(), op->getAttrs());
    for (Region &region : op->getRegions())
      rewriter.inlineRegionBefore(region, *state.addRegion(),
                                  state.regions.back()->end());
    Operation *without = rewriter.create(state);
    rewriter.replaceAllUsesWith(op.getOutput(), without->getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// An operand whose type says more takes the place of its cast.
template <typename Op> struct FoldCastOfOperand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> operands(op->getOperands());
    bool changed = false;
    for (Value &operand : operands) {
      auto cast = operand.getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      operand = cast.getSource();
      changed = true;
    }
    if (!changed)
      return rewriter.notifyMatchFailure(op, "has no operand to fold");
    rewriter.modifyOpInPlace(op, [&] { op->setOperands(operands); });
    return success();
  }
};

/// Sizes that the operands know are put into the types of the results.
struct RefineResultTypes : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    int64_t sizes[] = {op.getStaticBatch(), op.getStaticQueryHeads(),
                       op.getStaticQuerySeqlen(), op.getStaticValueHeadDim()};
    bool changed = false;
    for (auto [i, result] : llvm::enumerate(op->getResults())) {
      auto type = cast<RankedTensorType>(result.getType());
      TensorLayout layout = i == 0 ? op.getOutputLayout() : TensorLayout::BHSD;
      SmallVector<int64_t> shape(type.getShape());
      for (unsigned dim = 0; dim < shape.size(); ++dim) {
        unsigned at = SDPAOp::getDim(layout, static_cast<LogicalDim>(dim));
        if (ShapedType::isDynamic(shape[at]))
          shape[at] = sizes[dim];
      }
      if (ArrayRef(shape) == type.getShape())
        continue;
      changed = true;
      rewriter.modifyOpInPlace(op, [&] { result.setType(type.clone(shape)); });
      rewriter.setInsertionPointAfter(op);
      auto back = tensor::CastOp::create(rewriter, op.getLoc(), type, result);
      rewriter.replaceAllUsesExcept(result, back, back);
    }
    return success(changed);
  }
};

/// A transposed query, key or value is read in place.
struct FoldTransposeOfOperand : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    auto fold = [&](OpOperand &operand, TensorLayout layout,
                    function_ref<void(TensorLayout)> setLayout) {
      Operation *producer = operand.get().getDefiningOp();
      auto permutation = getPermutation(producer);
      if (!permutation || permutation->size() != 4)
        return false;
      unsigned dims[4];
      for (unsigned dim = 0; dim < 4; ++dim)
        dims[dim] = (*permutation)[SDPAOp::getDim(
            layout, static_cast<LogicalDim>(dim))];
      std::optional<TensorLayout> folded = findLayout(dims);
      if (!folded)
        return false;
      rewriter.modifyOpInPlace(op, [&] {
        operand.set(producer->getOperand(0));
        setLayout(*folded);
      });
      return true;
    };
    bool changed =
        fold(op.getQueryMutable(), op.getQueryLayout(),
             [&](TensorLayout layout) { op.setQueryLayout(layout); });
    changed |= fold(op.getKeyMutable(), op.getKeyLayout(),
                    [&](TensorLayout layout) { op.setKeyLayout(layout); });
    changed |= fold(op.getValueMutable(), op.getValueLayout(),
                    [&](TensorLayout layout) { op.setValueLayout(layout); });
    return success(changed);
  }
};

/// An output that is only transposed is written in that order.
struct FoldTransposeOfOutput : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getOutput().hasOneUse())
      return rewriter.notifyMatchFailure(op, "output has several uses");
    OpOperand &use = *op.getOutput().getUses().begin();
    Operation *transpose = use.getOwner();
    auto permutation = getPermutation(transpose);
    if (!permutation || use.getOperandNumber() != 0)
      return rewriter.notifyMatchFailure(op, "output is not transposed");
    unsigned dims[4];
    for (unsigned dim = 0; dim < 4; ++dim) {
      int64_t at =
          SDPAOp::getDim(op.getOutputLayout(), static_cast<LogicalDim>(dim));
      dims[dim] = llvm::find(*permutation, at) - permutation->begin();
    }
    std::optional<TensorLayout> layout = findLayout(dims);
    if (!layout)
      return rewriter.notifyMatchFailure(op, "no layout has this order");
    Type type = transpose->getResult(0).getType();
    rewriter.modifyOpInPlace(op, [&] {
      op.getOutput().setType(cast<RankedTensorType>(type));
      op.setOutputLayout(*layout);
    });
    rewriter.replaceOp(transpose, op.getOutput());
    return success();
  }
};

/// A mask that keeps everything and a bias of zeros are no operands.
struct DropNeutralOperands : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    bool changed = false;
    if (op.getKeep())
      if (auto splat = dyn_cast_or_null<IntegerAttr>(getSplat(op.getKeep()));
          splat && splat.getValue().isOne()) {
        rewriter.modifyOpInPlace(op, [&] { op.getKeepMutable().clear(); });
        changed = true;
      }
    if (op.getBias())
      if (auto splat = dyn_cast_or_null<FloatAttr>(getSplat(op.getBias()));
          splat && splat.getValue().isZero()) {
        rewriter.modifyOpInPlace(op, [&] { op.getBiasMutable().clear(); });
        changed = true;
      }
    return success(changed);
  }
};

/// Attention without rows, or whose mask keeps nothing, is its zeros.
struct FoldEmptyAttention : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!keepsNothing(op) || (op.getLse() && op.getSinks()))
      return failure();
    ReifiedRankedShapedTypeDims sizes;
    if (failed(op.reifyResultShapes(rewriter, sizes)))
      return failure();
    SmallVector<Value> results;
    for (auto [result, shape] : llvm::zip_equal(op.getResults(), sizes)) {
      auto type = cast<RankedTensorType>(result.getType());
      double number = results.empty() ? 0.0 : -INFINITY;
      Value element = arith::ConstantOp::create(
          rewriter, op.getLoc(),
          rewriter.getFloatAttr(type.getElementType(), number));
      Value zeros = tensor::SplatOp::create(rewriter, op.getLoc(), element,
                                            ArrayRef<OpFoldResult>(shape));
      if (zeros.getType() != type)
        zeros = tensor::CastOp::create(rewriter, op.getLoc(), type, zeros);
      results.push_back(zeros);
    }
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  static bool keepsNothing(SDPAOp op) {
    if (op.getStaticBatch() == 0 || op.getStaticQueryHeads() == 0 ||
        op.getStaticQuerySeqlen() == 0)
      return true;
    return op.hasMaskRegion() &&
           matchPattern(op.getMask().front().getTerminator()->getOperand(0),
                        m_Zero());
  }
};

} // namespace

void SDPAOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns
      .add<DropNeutralOperands, DropUnusedLse<SDPAOp>,
           FoldCastOfOperand<SDPAOp>, FoldEmptyAttention,
           FoldTransposeOfOperand, FoldTransposeOfOutput, RefineResultTypes>(
          context);
  populateRegionCanonicalizationPatterns(patterns);
}

void MergeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropUnusedLse<MergeOp>, FoldCastOfOperand<MergeOp>>(context);
}

LogicalResult AssertOp::canonicalize(AssertOp op, PatternRewriter &rewriter) {
  if (!matchPattern(op.getCondition(), m_One()))
    return failure();
  rewriter.eraseOp(op);
  return success();
}
