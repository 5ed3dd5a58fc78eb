//===- AttentionRaiserMatch.cpp - What a root multiplies ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds weights and values in the operation at which raising begins.
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

/// Whether the only reduction of the root sums weights times values.
bool AttentionRaiser::matchRoot(Operation *&softmaxOp, Mismatch &mismatch) {
  if (root.getNumReductionLoops() != 1 || root->getNumResults() != 1 ||
      !root.hasPureTensorSemantics())
    return false;
  SmallVector<IndexForm> loops;
  for (unsigned loop = 0; loop < root.getNumLoops(); ++loop)
    loops.push_back(reader.addLoop(root, loop));
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
  SmallVector<IndexForm> loops;
  for (unsigned loop = 0; loop < root.getNumLoops(); ++loop)
    loops.push_back(reader.addLoop(root, loop));
  auto indices = reader.space.apply(
      root.getMatchingIndexingMap(root.getDpsInitOperand(0)), loops);
  if (!indices)
    return false;
  result = reader.getTensor(root->getResult(0), *indices);
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
  std::optional<IndexForm> reduced =
      dividend ? reader.addReducedLoop(dividend) : std::nullopt;
  if (!reduced)
    return false;
  key = *reduced;
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
