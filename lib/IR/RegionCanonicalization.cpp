//===- RegionCanonicalization.cpp - Short forms of regions ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything here compares a query's position with a key, as linear forms
// (LinearForm.h).
//
//===----------------------------------------------------------------------===//

#include "RegionCanonicalization.h"
#include "LinearForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

/// A value of the form: a number, or a value from outside plus a number.
static Value materialize(RewriterBase &rewriter, SDPAOp op,
                         const LinearForm &form) {
  if (form.query || form.key || form.queries || form.keys ||
      form.terms.size() > 1)
    return {};
  Value value;
  if (!form.terms.empty()) {
    auto [term, factor] = *form.terms.begin();
    if (factor != 1)
      return {};
    value = term;
    if (form.constant == 0)
      return value;
  }
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Value constant =
      arith::ConstantIndexOp::create(rewriter, op.getLoc(), form.constant);
  if (!value)
    return constant;
  return arith::AddIOp::create(rewriter, op.getLoc(), value, constant);
}

/// Makes `position(i) = i + shift`, for an sdpa in which nothing reads the
/// position yet.
static LogicalResult setShift(RewriterBase &rewriter, SDPAOp op,
                              const LinearForm &shift) {
  LinearForm bottomRight = getKeysForm(op).add(getQueriesForm(op), -1);
  if (getDifference(shift, bottomRight) == 0) {
    rewriter.modifyOpInPlace(op, [&] { op.getQueryOffsetMutable().clear(); });
    return success();
  }
  Value offset = materialize(rewriter, op, shift);
  if (!offset)
    return failure();
  rewriter.modifyOpInPlace(op,
                           [&] { op.getQueryOffsetMutable().assign(offset); });
  return success();
}

static void setWindow(RewriterBase &rewriter, SDPAOp op, int64_t left,
                      int64_t right) {
  rewriter.modifyOpInPlace(op, [&] {
    if (left < 0 && right < 0)
      op.removeWindowAttr();
    else
      op.setWindow(ArrayRef<int64_t>{left, right});
  });
}

/// The narrower of two sides of a window, -1 for an open one.
static int64_t narrower(int64_t side, int64_t other) {
  return side < 0 ? other : std::min(side, other);
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

namespace {
/// `key <= query + bound`, or `key >= query + bound`; without a bound it always
/// holds.
struct KeyBound {
  bool isUpper;
  std::optional<LinearForm> bound;
};

/// A comparison as `low < high` or `low <= high`.
struct Order {
  Value low, high;
  bool isSigned, isStrict;
};
} // namespace

static std::optional<Order> matchOrder(Value condition) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return std::nullopt;
  Value lhs = compare.getLhs(), rhs = compare.getRhs();
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::sle:
    return Order{lhs, rhs, /*isSigned=*/true, /*isStrict=*/false};
  case arith::CmpIPredicate::slt:
    return Order{lhs, rhs, /*isSigned=*/true, /*isStrict=*/true};
  case arith::CmpIPredicate::sge:
    return Order{rhs, lhs, /*isSigned=*/true, /*isStrict=*/false};
  case arith::CmpIPredicate::sgt:
    return Order{rhs, lhs, /*isSigned=*/true, /*isStrict=*/true};
  case arith::CmpIPredicate::ule:
    return Order{lhs, rhs, /*isSigned=*/false, /*isStrict=*/false};
  case arith::CmpIPredicate::ult:
    return Order{lhs, rhs, /*isSigned=*/false, /*isStrict=*/true};
  case arith::CmpIPredicate::uge:
    return Order{rhs, lhs, /*isSigned=*/false, /*isStrict=*/false};
  case arith::CmpIPredicate::ugt:
    return Order{rhs, lhs, /*isSigned=*/false, /*isStrict=*/true};
  default:
    return std::nullopt;
  }
}

static std::optional<KeyBound> matchKeyBound(SDPAOp op, Value condition) {
  std::optional<Order> order = matchOrder(condition);
  if (!order)
    return std::nullopt;
  LinearReader reader(op, &op.getMask());
  std::optional<LinearForm> low = reader.read(order->low);
  std::optional<LinearForm> high = reader.read(order->high);
  if (!low || !high)
    return std::nullopt;
  // Unsigned is signed where nothing is negative.
  if (!order->isSigned && (!low->isNonNegative() || !high->isNonNegative()))
    return std::nullopt;
  LinearForm difference = *high;
  difference.add(*low, -1);
  if (order->isStrict)
    difference.constant -= 1;
  // 0 <= difference.
  if (difference.isNonNegative())
    return KeyBound{/*isUpper=*/true, std::nullopt};
  // The only query is number 0.
  if (op.getStaticQuerySeqlen() == 1)
    difference.query = -difference.key;
  if (difference.key == -1 && difference.query == 1) {
    difference.key = difference.query = 0;
    return KeyBound{/*isUpper=*/true, difference};
  }
  if (difference.key == 1 && difference.query == -1) {
    difference.key = difference.query = 0;
    LinearForm bound;
    bound.add(difference, -1);
    return KeyBound{/*isUpper=*/false, bound};
  }
  return std::nullopt;
}

/// Takes `key <= query + bound` into the short forms.
static LogicalResult absorbUpper(RewriterBase &rewriter, SDPAOp op,
                                 const LinearForm &bound) {
  if (!usesPosition(op)) {
    LinearForm bottomRight = getKeysForm(op).add(getQueriesForm(op), -1);
    std::optional<int64_t> beyond = getDifference(bound, bottomRight);
    bool isTopLeft = bound.isConstant() && bound.constant == 0 && beyond != 0;
    if (beyond > 0 || isTopLeft)
      rewriter.modifyOpInPlace(op, [&] { op.getQueryOffsetMutable().clear(); });
    else if (failed(setShift(rewriter, op, bound)))
      return failure();
    if (beyond > 0)
      setWindow(rewriter, op, -1, *beyond);
    else
      rewriter.modifyOpInPlace(op, [&] {
        op.setCausal(isTopLeft ? CausalAlignment::TopLeft
                               : CausalAlignment::BottomRight);
      });
    return success();
  }
  std::optional<LinearForm> shift = getShift(op);
  if (!shift)
    return failure();
  std::optional<int64_t> right = getDifference(bound, *shift);
  if (!right || *right < 0)
    return failure();
  if (op.getCausal())
    return success();
  if (*right == 0)
    rewriter.modifyOpInPlace(
        op, [&] { op.setCausal(CausalAlignment::BottomRight); });
  else
    setWindow(rewriter, op, op.getWindowLeft(),
              narrower(op.getWindowRight(), *right));
  return success();
}

/// Takes `key >= query + bound` into the short forms.
static LogicalResult absorbLower(RewriterBase &rewriter, SDPAOp op,
                                 const LinearForm &bound) {
  std::optional<LinearForm> shift = getShift(op);
  std::optional<int64_t> left;
  if (shift)
    left = getDifference(*shift, bound);
  if (!usesPosition(op) && (!left || *left < 0)) {
    // Any position will do: the one from which the bound is a number away.
    LinearForm base = bound;
    base.constant = 0;
    if (bound.constant > 0 || failed(setShift(rewriter, op, base)))
      return failure();
    left = -bound.constant;
  }
  if (!left || *left < 0)
    return failure();
  setWindow(rewriter, op, narrower(op.getWindowLeft(), *left),
            op.getWindowRight());
  return success();
}

/// The conditions whose conjunction a mask region yields, each as the use that
/// can be replaced.
static SmallVector<OpOperand *> getConjuncts(Region &mask) {
  SmallVector<OpOperand *> conjuncts;
  SmallVector<OpOperand *> worklist{
      &mask.front().getTerminator()->getOpOperand(0)};
  while (!worklist.empty()) {
    OpOperand *use = worklist.pop_back_val();
    auto both = use->get().getDefiningOp<arith::AndIOp>();
    if (both && both->hasOneUse() && mask.isAncestor(both->getParentRegion())) {
      worklist.push_back(&both.getRhsMutable());
      worklist.push_back(&both.getLhsMutable());
      continue;
    }
    conjuncts.push_back(use);
  }
  return conjuncts;
}

static void dropConjunct(RewriterBase &rewriter, SDPAOp op, OpOperand &use) {
  Operation *user = use.getOwner();
  if (auto both = dyn_cast<arith::AndIOp>(user)) {
    rewriter.replaceOp(both, use.getOperandNumber() == 0 ? both.getRhs()
                                                         : both.getLhs());
    return;
  }
  // The only one.
  rewriter.modifyOpInPlace(op,
                           [&] { rewriter.eraseBlock(&op.getMask().front()); });
}

namespace {

/// A mask region that keeps everything is no mask; one that bounds the key by
/// the query is a causal mask or a window.
struct AbsorbMask : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasMaskRegion())
      return rewriter.notifyMatchFailure(op, "has no mask region");
    SmallVector<OpOperand *> conjuncts = getConjuncts(op.getMask());
    for (OpOperand *use : conjuncts)
      if (matchPattern(use->get(), m_One())) {
        dropConjunct(rewriter, op, *use);
        return success();
      }
    // An upper bound says where a query is; lower ones are relative to it.
    for (bool upper : {true, false})
      for (OpOperand *use : conjuncts) {
        std::optional<KeyBound> bound = matchKeyBound(op, use->get());
        if (!bound || bound->isUpper != upper)
          continue;
        if (bound->bound &&
            failed(upper ? absorbUpper(rewriter, op, *bound->bound)
                         : absorbLower(rewriter, op, *bound->bound)))
          continue;
        dropConjunct(rewriter, op, *use);
        return success();
      }
    return failure();
  }
};

/// A condition that bounds a distance of query and key on both sides becomes
/// one for each: an unsigned comparison, to which a negative distance is a
/// large one, or one of the absolute value.
struct SplitDistance : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasMaskRegion())
      return rewriter.notifyMatchFailure(op, "has no mask region");
    LinearReader reader(op, &op.getMask());
    for (OpOperand *use : getConjuncts(op.getMask())) {
      std::optional<Order> order = matchOrder(use->get());
      std::optional<LinearForm> limit;
      if (order)
        limit = reader.read(order->high);
      // The limit may not be a large one itself.
      if (!limit || !limit->isNonNegative())
        continue;
      Value distance = order->low;
      auto absolute = distance.getDefiningOp<math::AbsIOp>();
      if (absolute && order->isSigned)
        distance = absolute.getOperand();
      else if (order->isSigned)
        continue;
      std::optional<LinearForm> form = reader.read(distance);
      if (!form || form->query * form->key != -1)
        continue;
      Operation *compare = use->get().getDefiningOp();
      Location loc = compare->getLoc();
      rewriter.setInsertionPoint(compare);
      auto predicate = order->isStrict ? arith::CmpIPredicate::slt
                                       : arith::CmpIPredicate::sle;
      Value below = arith::CmpIOp::create(rewriter, loc, predicate, distance,
                                          order->high);
      Value zero = arith::ConstantOp::create(
          rewriter, loc, rewriter.getIntegerAttr(distance.getType(), 0));
      Value above;
      if (absolute) {
        Value least = arith::SubIOp::create(rewriter, loc, zero, order->high);
        above =
            arith::CmpIOp::create(rewriter, loc, predicate, least, distance);
      } else {
        above = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sle,
                                      zero, distance);
      }
      Value inside = arith::AndIOp::create(rewriter, loc, above, below);
      rewriter.modifyOpInPlace(use->getOwner(), [&] { use->set(inside); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "bounds no distance on both sides");
  }
};

/// Causal masks and windows that keep every key are dropped, and the offset
/// with the last that reads it.
struct DropRedundantMask : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override;
};

} // namespace

LogicalResult
DropRedundantMask::matchAndRewrite(SDPAOp op, PatternRewriter &rewriter) const {
  if (op.getQueryOffset() && !usesPosition(op)) {
    rewriter.modifyOpInPlace(op, [&] { op.getQueryOffsetMutable().clear(); });
    return success();
  }
  std::optional<LinearForm> shift = getShift(op);
  if (!shift)
    return failure();
  LinearForm bottomRight = getKeysForm(op).add(getQueriesForm(op), -1);
  bool isBottomRight = getDifference(*shift, bottomRight) == 0;
  if (isBottomRight &&
      (op.getQueryOffset() || op.getCausal() == CausalAlignment::TopLeft)) {
    rewriter.modifyOpInPlace(op, [&] {
      op.getQueryOffsetMutable().clear();
      if (op.getCausal())
        op.setCausal(CausalAlignment::BottomRight);
    });
    return success();
  }
  if (op.getQueryOffset() && op.getCausal() && shift->isConstant() &&
      shift->constant == 0) {
    rewriter.modifyOpInPlace(op, [&] {
      op.getQueryOffsetMutable().clear();
      op.setCausal(CausalAlignment::TopLeft);
    });
    return success();
  }

  // The first query is at `shift`, and the last key at Sk - 1.
  LinearForm lastKey = getKeysForm(op);
  lastKey.constant -= 1;
  std::optional<int64_t> beyondFirst = getDifference(lastKey, *shift);
  int64_t left = op.getWindowLeft(), right = op.getWindowRight();
  // With the default alignment another reader of the position does not change.
  bool keepsAlignment = op.getCausal() != CausalAlignment::TopLeft ||
                        !(op.getWindow() || op.getAlibi());
  if (op.getCausal() && keepsAlignment && beyondFirst && *beyondFirst <= 0) {
    rewriter.modifyOpInPlace(op, [&] { op.removeCausalAttr(); });
    return success();
  }
  if (!op.getWindow())
    return failure();
  if (right >= 0 && (op.getCausal() || (beyondFirst && right >= *beyondFirst)))
    right = -1;
  // The last query is at Sq - 1 + shift.
  LinearForm lastQuery = getQueriesForm(op);
  lastQuery.constant -= 1;
  lastQuery.add(*shift, 1);
  if (left >= 0 && lastQuery.isConstant() && left >= lastQuery.constant)
    left = -1;
  if (left == op.getWindowLeft() && right == op.getWindowRight() &&
      (left >= 0 || right >= 0))
    return failure();
  setWindow(rewriter, op, left, right);
  return success();
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

static void dropScoreRegion(RewriterBase &rewriter, SDPAOp op) {
  rewriter.modifyOpInPlace(
      op, [&] { rewriter.eraseBlock(&op.getScore().front()); });
}

/// A constant as a number.
static std::optional<double> getFloat(Value value) {
  FloatAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  return attr.getValueAsDouble();
}

namespace {

/// A score region that returns its score is none.
struct DropIdentityScore : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasScoreRegion() ||
        op.getScore().front().getTerminator()->getOperand(0) !=
            op.getScore().getArgument(0))
      return rewriter.notifyMatchFailure(op, "has no identity for a score");
    dropScoreRegion(rewriter, op);
    return success();
  }
};

/// A score region whose first step is c · tanh(s / c) leaves it to softcap.
struct AbsorbSoftcap : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasScoreRegion() || op.getSoftcap())
      return rewriter.notifyMatchFailure(op, "has no score region to cap");
    BlockArgument score = op.getScore().getArgument(0);
    if (!score.hasOneUse())
      return rewriter.notifyMatchFailure(op, "uses the score itself");
    Operation *ratio = *score.user_begin();
    std::optional<double> cap;
    if (auto division = dyn_cast<arith::DivFOp>(ratio);
        division && division.getLhs() == score)
      cap = getFloat(division.getRhs());
    else if (auto product = dyn_cast<arith::MulFOp>(ratio))
      if (std::optional<double> inverse = getFloat(
              product.getLhs() == score ? product.getRhs() : product.getLhs());
          inverse && *inverse > 0)
        cap = 1 / *inverse;
    if (!cap || !ratio->hasOneUse())
      return rewriter.notifyMatchFailure(op, "does not divide by a constant");
    auto tanh = dyn_cast<math::TanhOp>(*ratio->user_begin());
    if (!tanh || !tanh->hasOneUse())
      return rewriter.notifyMatchFailure(op, "has no tanh");
    auto capped = dyn_cast<arith::MulFOp>(*tanh->user_begin());
    if (!capped)
      return rewriter.notifyMatchFailure(op, "does not multiply by the cap");
    std::optional<double> factor =
        getFloat(capped.getLhs() == tanh ? capped.getRhs() : capped.getLhs());
    if (!factor)
      return rewriter.notifyMatchFailure(op, "does not multiply by a number");
    // The cap is an f32, and its inverse was rounded to the type of scores.
    bool isSame = score.getType().isF64() ? std::abs(*cap / *factor - 1) < 1e-15
                                          : static_cast<float>(1 / *cap) ==
                                                static_cast<float>(1 / *factor);
    if (static_cast<float>(*factor) != *factor || !(*factor > 0) ||
        std::isinf(*factor) || !isSame)
      return rewriter.notifyMatchFailure(op, "has two different caps");
    rewriter.modifyOpInPlace(
        op, [&] { op.setSoftcap(APFloat(static_cast<float>(*factor))); });
    rewriter.replaceOp(capped, score);
    return success();
  }
};

/// A score region whose last step adds slopes[h] · (j - position(i)) leaves it
/// to alibi.
struct AbsorbAlibi : OpRewritePattern<SDPAOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SDPAOp op,
                                PatternRewriter &rewriter) const override;
};

} // namespace

/// The tensor of slopes whose element for the query head a value is, exactly.
static Value matchSlopes(SDPAOp op, Value slope) {
  if (auto extended = slope.getDefiningOp<arith::ExtFOp>())
    slope = extended.getIn();
  auto extract = slope.getDefiningOp<tensor::ExtractOp>();
  Region &region = op.getScore();
  if (!extract || extract.getIndices().size() != 1 ||
      extract.getIndices()[0] != region.getArgument(2) ||
      region.isAncestor(extract.getTensor().getParentRegion()))
    return {};
  int64_t size = extract.getTensor().getType().getDimSize(0);
  int64_t heads = op.getStaticQueryHeads();
  if (!ShapedType::isDynamic(size) && !ShapedType::isDynamic(heads) &&
      size != heads)
    return {};
  return extract.getTensor();
}

LogicalResult AbsorbAlibi::matchAndRewrite(SDPAOp op,
                                           PatternRewriter &rewriter) const {
  if (!op.hasScoreRegion() || op.getAlibi())
    return rewriter.notifyMatchFailure(op, "has no score region to take from");
  Region &region = op.getScore();
  Value result = region.front().getTerminator()->getOperand(0);
  Operation *sum = result.getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::SubFOp>(sum))
    return rewriter.notifyMatchFailure(op, "does not end in a sum");
  for (unsigned i : {0, 1}) {
    // Only the right operand of a difference is subtracted.
    if (isa<arith::SubFOp>(sum) && i == 0)
      continue;
    auto product = sum->getOperand(i).getDefiningOp<arith::MulFOp>();
    if (!product)
      continue;
    for (unsigned j : {0, 1}) {
      Value slopes = matchSlopes(op, product->getOperand(j));
      auto distance =
          product->getOperand(1 - j).getDefiningOp<arith::SIToFPOp>();
      if (!slopes || !distance)
        continue;
      std::optional<LinearForm> form =
          LinearReader(op, &region).read(distance.getIn());
      // alibi itself counts distances in 32 bits.
      if (auto cast = distance.getIn().getDefiningOp<arith::IndexCastOp>();
          !form && cast && cast.getType().isInteger(32))
        form = LinearReader(op, &region).read(cast.getIn());
      if (!form)
        continue;
      LinearForm shift;
      shift.add(*form, isa<arith::SubFOp>(sum) ? 1 : -1);
      // -(j - i - shift).
      if (shift.key != -1 || shift.query != 1)
        continue;
      shift.key = shift.query = 0;
      if (usesPosition(op)) {
        std::optional<LinearForm> current = getShift(op);
        if (!current || getDifference(shift, *current) != 0)
          continue;
      } else if (failed(setShift(rewriter, op, shift))) {
        continue;
      }
      rewriter.modifyOpInPlace(op,
                               [&] { op.getAlibiMutable().assign(slopes); });
      rewriter.replaceAllUsesWith(result, sum->getOperand(1 - i));
      return success();
    }
  }
  return rewriter.notifyMatchFailure(op, "does not end in alibi");
}

void mlir::attn::populateRegionCanonicalizationPatterns(
    RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  // A mask says where queries are before alibi does.
  patterns.add<AbsorbMask, SplitDistance>(context, /*benefit=*/2);
  patterns
      .add<AbsorbAlibi, AbsorbSoftcap, DropIdentityScore, DropRedundantMask>(
          context);
}
