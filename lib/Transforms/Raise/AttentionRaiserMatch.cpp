//===- AttentionRaiserMatch.cpp - What a root multiplies ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds weights and values in the operation at which raising begins, and checks
// that nothing else needs what is to vanish.
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;

/// Whether the only reduction of the root sums weights times values.
bool AttentionRaiser::matchRoot(Operation *&softmaxOp, Mismatch &mismatch) {
  if (root.getNumReductionLoops() != 1 || root->getNumResults() != 1 ||
      !root.hasPureTensorSemantics())
    return false;
  SmallVector<IndexForm> loops;
  for (int64_t size : root.getStaticLoopRanges())
    loops.push_back(reader.space.getForm(reader.space.addVariable(size)));
  SmallVector<unsigned> reductions;
  root.getReductionDims(reductions);
  key = loops[reductions[0]];
  auto indices = reader.space.apply(
      root.getMatchingIndexingMap(root.getDpsInitOperand(0)), loops);
  if (!indices)
    return false;
  result = reader.getTensor(root->getResult(0), *indices);
  std::optional<Reduction> sum = reader.getReduction(result, {key});
  if (!sum)
    return false;
  Element *product = reader.look(sum->body);
  if (product->is<arith::MulFOp>() && isa<arith::AddFOp>(sum->combiner))
    for (unsigned i : {0, 1}) {
      weights = stripWeights(reader, product->operands[i]);
      value = product->operands[1 - i];
      softmaxOp = getSoftmaxOp(reader, weights.inner);
      if (softmaxOp && sum->init->getNumber() != 0.0)
        return fail(mismatch, "the product with values does not begin with 0",
                    root);
      if (softmaxOp)
        return true;
    }
  Operation *change = nullptr;
  softmaxOp = findChangedSoftmax(product, change);
  if (softmaxOp)
    fail(mismatch,
         change == root
             ? "its weights are not multiplied by values"
             : "its weights are changed before they are multiplied by values",
         change);
  return false;
}

/// The softmax that an element is computed from, and by which operation.
Operation *AttentionRaiser::findChangedSoftmax(Element *element,
                                               Operation *&change,
                                               unsigned depth) {
  element = stripWeights(reader, element).inner;
  // As far as a remark still helps.
  if (depth > 6)
    return nullptr;
  for (Element *operand : element->operands) {
    if (Operation *softmaxOp = getSoftmaxOp(reader, operand)) {
      change = getTensorOp(element->op);
      return softmaxOp;
    }
    if (Operation *softmaxOp = findChangedSoftmax(operand, change, depth + 1))
      return softmaxOp;
  }
  return nullptr;
}

/// Whether the root divides a product of exponentials and values by their sum,
/// as in FlashAttention (Dao et al., 2022).
bool AttentionRaiser::matchDivided() {
  if (root.getNumReductionLoops() != 0 || root->getNumResults() != 1 ||
      !root.hasPureTensorSemantics())
    return false;
  SmallVector<IndexForm> indices;
  for (int64_t size : cast<ShapedType>(root->getResult(0).getType()).getShape())
    indices.push_back(reader.space.getForm(reader.space.addVariable(size)));
  result = reader.getTensor(root->getResult(0), indices);
  Element *quotient = reader.expand(result), *dividend = nullptr;
  if (!quotient)
    return false;
  if (quotient->is<arith::DivFOp>()) {
    dividend = quotient->operands[0];
    divisor = quotient->operands[1];
  } else if (quotient->is<arith::MulFOp>()) {
    for (unsigned i : {0, 1}) {
      Element *inverse = reader.look(quotient->operands[i]);
      if (inverse->is<arith::DivFOp>() &&
          reader.look(inverse->operands[0])->getNumber() == 1.0) {
        dividend = quotient->operands[1 - i];
        divisor = inverse->operands[1];
      }
    }
  }
  std::optional<int64_t> size =
      dividend ? reader.getReductionSize(dividend) : std::nullopt;
  if (!size)
    return false;
  key = reader.space.getForm(reader.space.addVariable(*size));
  std::optional<Reduction> sum = reader.getReduction(dividend, {key});
  if (!sum || !isa<arith::AddFOp>(sum->combiner) ||
      sum->init->getNumber() != 0.0)
    return false;
  Element *product = reader.look(sum->body);
  if (!product->is<arith::MulFOp>())
    return false;
  for (unsigned i : {0, 1}) {
    weights = stripWeights(reader, product->operands[i]);
    value = product->operands[1 - i];
    if (isExponential(reader, weights.inner))
      return true;
  }
  return false;
}

/// Whether an operation computes the logarithm of the sum of exponentials.
bool AttentionRaiser::isLse(Operation *op) {
  if (lse || !softmax.hasLse || !softmax.sum->isTensor() ||
      op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type ||
      type.getRank() != static_cast<int64_t>(softmax.sum->indices.size()))
    return false;
  Element *element =
      reader.look(reader.getTensor(op->getResult(0), softmax.sum->indices));
  if (!element->is<arith::AddFOp>())
    return false;
  for (unsigned i : {0, 1}) {
    Element *log = reader.look(element->operands[i]);
    if (log->is<math::LogOp>() &&
        reader.areEqual(log->operands[0], softmax.sum) &&
        reader.areEqual(element->operands[1 - i], softmax.shift)) {
      lse = op;
      return true;
    }
  }
  return false;
}

/// Whether everything that an operation is used for is the logarithm of the
/// sum.
bool AttentionRaiser::leadsToLse(Operation *op, unsigned depth) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (depth > 4 || op->getNumResults() != 1 || op->use_empty() ||
      !(linalgOp ? linalgOp.getNumReductionLoops() == 0 : isPure(op)))
    return false;
  return llvm::all_of(op->getUsers(), [&](Operation *user) {
    return user == lse || isLse(user) || leadsToLse(user, depth + 1);
  });
}

/// What zeroes weights may only do so where there are none.
bool AttentionRaiser::checkZeroing(Mismatch &mismatch) {
  SmallVector<MaskTerm> masks = splitMasks(reader, score.masks, key);
  for (const MaskTerm &zeroing : softmax.kept)
    for (const MaskTerm &term : splitMasks(reader, zeroing, key))
      if (!isImplied(reader, term, softmax, masks, key))
        return fail(mismatch,
                    "a condition other than an empty row zeroes weights",
                    getTensorOp(zeroing.op));
  return true;
}

/// The only user of the root's result, where it is 0 instead in rows whose sum
/// of exponentials is 0.
linalg::LinalgOp AttentionRaiser::findZeroing() {
  if (!softmax.sum || !root->hasOneUse())
    return {};
  auto user = dyn_cast<linalg::LinalgOp>(*root->user_begin());
  if (!user || user->getNumResults() != 1 ||
      user->getResult(0).getType() != root->getResult(0).getType())
    return {};
  Element *select =
      reader.look(reader.getTensor(user->getResult(0), result->indices));
  if (!select->isSelect())
    return {};
  Element *condition = reader.look(select->operands[0]);
  auto isZero = [&](Element *element) {
    return reader.look(element)->getNumber() == 0.0;
  };
  bool isOfEmptyRows = condition->is<arith::CmpFOp>() &&
                       cast<arith::CmpFOp>(condition->op).getPredicate() ==
                           arith::CmpFPredicate::OEQ &&
                       isZero(condition->operands[1]) &&
                       reader.areEqual(condition->operands[0], softmax.sum);
  return isOfEmptyRows && isZero(select->operands[1]) &&
                 reader.areEqual(select->operands[2], result)
             ? user
             : linalg::LinalgOp();
}

/// Everything that depends on the scores must end in the root.
bool AttentionRaiser::checkUses(Mismatch &mismatch) {
  SetVector<Operation *> visited = reader.getVisited();
  SetVector<Operation *> dependents;
  dependents.insert(score.product.op);
  for (unsigned i = 0; i < dependents.size(); ++i)
    for (Operation *user : dependents[i]->getUsers()) {
      while (user->getBlock() != root->getBlock() && user->getParentOp())
        user = user->getParentOp();
      if (user == root || user == lse || user == zeroing)
        continue;
      // Weights may have been computed from the logarithm of the sum.
      bool isVisited = visited.contains(user) || isa<linalg::SoftmaxOp>(user);
      if (isVisited &&
          llvm::any_of(user->getUsers(),
                       [&](Operation *next) {
                         return !visited.contains(next) &&
                                !isOpTriviallyDead(next);
                       }) &&
          isLse(user))
        continue;
      if (isVisited) {
        dependents.insert(user);
        continue;
      }
      if (isOpTriviallyDead(user) || isLse(user) || leadsToLse(user))
        continue;
      return fail(mismatch, "the scores are used elsewhere", user);
    }
  for (Element *element = value; element; element = reader.expand(element))
    if (element->isTensor() &&
        dependents.contains(element->value.getDefiningOp()))
      return fail(mismatch, "the values depend on the scores", root);
  return true;
}
