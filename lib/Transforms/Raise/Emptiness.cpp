//===- Emptiness.cpp - Conditions that say that nothing is kept -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row of which every position is dropped has no softmax; frontends give it
// weights of 0 in many ways, and so does attn.sdpa. What matters is only that
// nothing else is zeroed.
//
//===----------------------------------------------------------------------===//

#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
class EmptinessMatcher {
public:
  EmptinessMatcher(ElementReader &reader, const Softmax &softmax,
                   ArrayRef<MaskTerm> masks, const IndexForm &key)
      : reader(reader), softmax(softmax), masks(masks), key(key) {}

  bool isImplied(const MaskTerm &term);

private:
  bool isMask(const MaskTerm &term);
  bool isEmptyRow(const MaskTerm &term);
  bool comparesRow(const MaskTerm &term, Element *comparison);

  ElementReader &reader;
  const Softmax &softmax;
  ArrayRef<MaskTerm> masks;
  const IndexForm &key;
};
} // namespace

/// Whether a score that is the largest of a row, or a single one, fails the
/// term where it is -inf and holds where it keeps its position.
static bool failsIfDropped(const MaskTerm &term, Operation *comparison,
                           double number) {
  auto holds = [&](double value) {
    return evaluateComparison(comparison, value, number) != term.isNegated;
  };
  return !holds(-INFINITY) && holds(mostDropped) &&
         holds(std::numeric_limits<float>::max());
}

bool EmptinessMatcher::isMask(const MaskTerm &term) {
  if (containsTerm(reader, masks, term))
    return true;
  // The score is -inf.
  Element *comparison = reader.look(term.condition);
  if (term.band || !comparison->is<arith::CmpFOp>())
    return false;
  auto number = reader.look(comparison->operands[1])->getNumber();
  return number && reader.areEqual(comparison->operands[0], softmax.compared) &&
         failsIfDropped(term, comparison->op, *number);
}

/// Whether a sum has an element among its terms.
static bool isAddend(ElementReader &reader, Element *sum, Element *element) {
  if (reader.areEqual(sum, element))
    return true;
  sum = reader.look(sum);
  return sum->is<arith::AddFOp>() &&
         (isAddend(reader, sum->operands[0], element) ||
          isAddend(reader, sum->operands[1], element));
}

/// A comparison of what a row has one of: its maximum, its sum, or its weights
/// with themselves.
bool EmptinessMatcher::comparesRow(const MaskTerm &term, Element *comparison) {
  // The weights of an empty row are NaN.
  auto predicate = cast<arith::CmpFOp>(comparison->op).getPredicate();
  auto isNaN =
      term.isNegated ? arith::CmpFPredicate::UNO : arith::CmpFPredicate::ORD;
  auto isOther =
      term.isNegated ? arith::CmpFPredicate::UNE : arith::CmpFPredicate::OEQ;
  if ((predicate == isNaN || predicate == isOther) &&
      llvm::all_of(comparison->operands, [&](Element *operand) {
        return reader.areEqual(operand, softmax.weights);
      }))
    return true;
  Element *compared = comparison->operands[0];
  auto number = reader.look(comparison->operands[1])->getNumber();
  if (!number || reader.dependsOn(compared, key))
    return false;
  auto isValue = [&](Element *value) {
    return value && reader.areEqual(compared, value);
  };
  if (isValue(softmax.shift) || isValue(softmax.maximum))
    return failsIfDropped(term, comparison->op, *number);
  if (isValue(softmax.sum)) {
    auto holds = [&](double value) {
      return evaluateComparison(comparison->op, value, *number) !=
             term.isNegated;
    };
    // The largest exponential is 1 where the maximum is subtracted; that of
    // a position that is zeroed leaves smaller ones.
    bool hasLargest = softmax.shift && softmax.masks.empty();
    double least = hasLargest ? 1 : std::numeric_limits<float>::min();
    return !holds(0) && holds(least) &&
           holds(std::numeric_limits<float>::max());
  }
  // The maximum of the scores, or of what is added to them.
  std::optional<Reduction> most = reader.getReduction(compared, {key});
  return most && isa<arith::MaximumFOp, arith::MaxNumFOp>(most->combiner) &&
         dropsPosition(most->init->getNumber()) &&
         isAddend(reader, softmax.compared, most->body) &&
         failsIfDropped(term, comparison->op, *number);
}

bool EmptinessMatcher::isEmptyRow(const MaskTerm &term) {
  Element *condition = reader.look(term.condition);
  if (term.band)
    return false;
  if (condition->is<arith::CmpFOp>())
    return comparesRow(term, condition);
  // Whether all positions are dropped, or any is not.
  std::optional<Reduction> all = reader.getReduction(condition, {key});
  if (!all || reader.dependsOn(condition, key) ||
      !(term.isNegated ? isa<arith::AndIOp>(all->combiner)
                       : isa<arith::OrIOp>(all->combiner)) ||
      all->init->getNumber() != (term.isNegated ? 1.0 : 0.0))
    return false;
  SmallVector<MaskTerm> terms =
      splitMasks(reader, MaskTerm{all->body, term.isNegated}, key);
  // Each position has to fail one of the terms, which may be another for each.
  return !terms.empty() && llvm::all_of(terms, [&](const MaskTerm &position) {
    return isMask(position);
  });
}

bool EmptinessMatcher::isImplied(const MaskTerm &term) {
  return isMask(term) || isEmptyRow(term);
}

bool mlir::attn::isImplied(ElementReader &reader, const MaskTerm &term,
                           const Softmax &softmax, ArrayRef<MaskTerm> masks,
                           const IndexForm &key) {
  return EmptinessMatcher(reader, softmax, masks, key).isImplied(term);
}
