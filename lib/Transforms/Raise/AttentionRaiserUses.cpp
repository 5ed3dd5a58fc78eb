//===- AttentionRaiserUses.cpp - What else needs the scores ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Raising pays where the scores vanish. What may need them beside the product
// with values is the logarithm of their sum of exponentials, which attn.sdpa
// gives, and products with other values, which are raised too.
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"
#include "Exponential.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;

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

/// The indices that a tensor with one element for each row may have.
SmallVector<SmallVector<IndexForm>>
AttentionRaiser::getRowIndices(RankedTensorType type) {
  SmallVector<SmallVector<IndexForm>> candidates;
  auto rank = static_cast<size_t>(type.getRank());
  if (softmax.sum && softmax.sum->isTensor() &&
      softmax.sum->indices.size() == rank)
    candidates.emplace_back(softmax.sum->indices.begin(),
                            softmax.sum->indices.end());
  // The dimensions of the scores in their order, and ones.
  SmallVector<IndexForm> row;
  for (const IndexForm &index : score.products.front().element->indices)
    if (!reader.space.dependsOn(index, key) && !getDigits(index).empty())
      row.push_back(index);
  SmallVector<IndexForm> indices;
  for (int64_t size : type.getShape()) {
    if (size != 1 && row.empty())
      return candidates;
    indices.push_back(size == 1 ? IndexForm() : row.front());
    if (size != 1)
      row.erase(row.begin());
  }
  if (row.empty())
    candidates.push_back(indices);
  return candidates;
}

/// Whether an element is the logarithm of the sum of exponentials, of the
/// softmax or of its scores anew.
bool AttentionRaiser::isLogSumExp(Element *element) {
  element = reader.look(element);
  Element *log = element, *shift = nullptr;
  if (element->is<arith::AddFOp>())
    for (unsigned i : {0, 1})
      if (reader.look(element->operands[i])->is<math::LogOp>()) {
        log = reader.look(element->operands[i]);
        shift = element->operands[1 - i];
      }
  if (!log->is<math::LogOp>())
    return false;
  Element *sum = log->operands[0];
  if (softmax.hasLse && reader.areEqual(sum, softmax.sum) &&
      !shift == !softmax.shift &&
      (!shift || reader.areEqual(shift, softmax.shift)))
    return true;
  // Whatever is subtracted from the scores is added again.
  if (softmax.factor != 1 || softmax.sink || !softmax.masks.empty() ||
      (shift && reader.dependsOn(shift, key)))
    return false;
  std::optional<Reduction> total = reader.getReduction(sum, {key});
  if (!total || !isa<arith::AddFOp>(total->combiner) ||
      !isNumber(reader, total->init, 0))
    return false;
  std::optional<Exponential> summed =
      matchExponential(reader, total->body, key);
  return summed && summed->kept.empty() && summed->factor == 1 &&
         !summed->shift == !shift &&
         (!shift || reader.areEqual(summed->shift, shift)) &&
         reader.areEqual(summed->scores, softmax.scores);
}

/// Whether an operation computes the logarithm of the sum of exponentials.
bool AttentionRaiser::isLse(Operation *op) {
  if (op->getNumResults() != 1 || op->getBlock() != root->getBlock())
    return false;
  Value result = op->getResult(0);
  if (llvm::any_of(lses, [&](Element *lse) { return lse->value == result; }))
    return true;
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || !isa<FloatType>(type.getElementType()))
    return false;
  for (ArrayRef<IndexForm> indices : getRowIndices(type)) {
    Element *element = reader.getTensor(result, indices);
    if (!isLogSumExp(element) || !getDims(element))
      continue;
    lses.push_back(element);
    return true;
  }
  return false;
}

/// Whether everything that an operation is used for is the logarithm of the
/// sum.
bool AttentionRaiser::leadsToLse(Operation *op, unsigned depth) {
  // A maximum, a difference, an exponential, a sum and a logarithm have views
  // between them.
  if (depth > 12 || op->use_empty() ||
      !(isa<linalg::LinalgOp>(op) || isPure(op)))
    return false;
  return llvm::all_of(op->getUsers(), [&](Operation *user) {
    return isOpTriviallyDead(user) || isLse(user) ||
           leadsToLse(user, depth + 1);
  });
}

/// What may be raised of another product of weights with values: the product,
/// or what divides it.
linalg::LinalgOp AttentionRaiser::findPeer(Operation *op) {
  auto peer = dyn_cast<linalg::LinalgOp>(op);
  if (!peer || peer->getBlock() != root->getBlock())
    return {};
  Operation *softmaxOp = nullptr;
  Mismatch ignored;
  if (AttentionRaiser(peer, b).matchDivided() ||
      AttentionRaiser(peer, b).matchRoot(softmaxOp, ignored))
    return peer;
  if (!peer->hasOneUse())
    return {};
  auto user = dyn_cast<linalg::LinalgOp>(*peer->user_begin());
  return user && AttentionRaiser(user, b).matchDivided() ? user
                                                         : linalg::LinalgOp();
}

/// Whether an operation belongs to another product of the weights with values.
bool AttentionRaiser::isOfPeer(Operation *op) {
  linalg::LinalgOp peer = findPeer(op);
  if (!peer || (isPeer && !llvm::is_contained(peers, peer)))
    return false;
  if (!llvm::is_contained(peers, peer))
    peers.push_back(peer);
  return true;
}

/// Everything that depends on the scores must end in the root.
bool AttentionRaiser::checkUses(Mismatch &mismatch) {
  visited = reader.getVisited();
  SetVector<Operation *> dependents;
  for (const Product &product : score.products)
    dependents.insert(product.op);
  for (unsigned i = 0; i < dependents.size(); ++i)
    for (Operation *user : dependents[i]->getUsers()) {
      while (user->getBlock() != root->getBlock() && user->getParentOp())
        user = user->getParentOp();
      if (user == root || user == zeroing || alreadyRead.contains(user))
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
      if (isOpTriviallyDead(user) || isLse(user) || leadsToLse(user) ||
          isOfPeer(user))
        continue;
      return fail(mismatch, "the scores are used elsewhere", user);
    }
  for (Element *element = value; element; element = reader.expand(element))
    if (element->isTensor() &&
        dependents.contains(element->value.getDefiningOp()))
      return fail(mismatch, "the values depend on the scores", root);
  return true;
}

/// Whether what attn.sdpa reads is computed from scores, which would have to
/// stay.
bool AttentionRaiser::dependsOnScores() {
  Block *block = sdpa->getBlock();
  SmallPtrSet<Operation *, 2> products;
  Operation *first = sdpa;
  for (const Product &product : score.products) {
    products.insert(product.op);
    Operation *ancestor = block->findAncestorOpInBlock(*product.op);
    if (!ancestor || ancestor->isBeforeInBlock(first))
      first = ancestor;
    if (!first)
      break;
  }
  // What comes before the products does not depend on them.
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  options.omitUsesFromAbove = false;
  options.filter = [&](Operation *op) {
    Operation *ancestor = block->findAncestorOpInBlock(*op);
    return !first || !ancestor || !ancestor->isBeforeInBlock(first);
  };
  SetVector<Operation *> slice;
  (void)getBackwardSlice(sdpa.getOperation(), &slice, options);
  return llvm::any_of(slice,
                      [&](Operation *op) { return products.contains(op); });
}
