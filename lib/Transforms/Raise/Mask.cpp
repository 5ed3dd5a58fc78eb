//===- Mask.cpp - Masks in the spellings of frontends ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A value that is one of two numbers, by a condition.
struct Choice {
  Element *condition;
  double ifTrue, ifFalse;
};
} // namespace

static std::optional<Choice> matchChoice(ElementReader &reader,
                                         Element *element) {
  element = reader.look(element);
  if (element->isSelect()) {
    auto x = reader.look(element->operands[1])->getNumber();
    auto y = reader.look(element->operands[2])->getNumber();
    if (x && y)
      return Choice{element->operands[0], *x, *y};
    return std::nullopt;
  }
  bool isUnsigned =
      element->is<arith::ExtUIOp>() || element->is<arith::UIToFPOp>();
  if (!isUnsigned && !element->is<arith::ExtSIOp>() &&
      !element->is<arith::SIToFPOp>())
    return std::nullopt;
  Element *source = element->operands[0];
  if (!source->type.isInteger(1))
    return std::nullopt;
  return Choice{source, isUnsigned ? 1.0 : -1.0, 0.0};
}

/// The outcome of a comparison with a number, for another number.
static bool compare(Operation *op, double x, double y) {
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return arith::applyCmpPredicate(compare.getPredicate(), APFloat(x),
                                    APFloat(y));
  auto toInteger = [](double number) {
    return APInt(64, static_cast<int64_t>(number), /*isSigned=*/true);
  };
  return arith::applyCmpPredicate(cast<arith::CmpIOp>(op).getPredicate(),
                                  toInteger(x), toInteger(y));
}

/// Undoes one step from a condition to another; false where it is none.
static bool simplify(ElementReader &reader, MaskTerm &term) {
  Element *condition = reader.look(term.condition);
  // not x
  if (condition->is<arith::XOrIOp>())
    for (unsigned i : {0, 1})
      if (reader.look(condition->operands[i])->getNumber() == 1.0) {
        term = {condition->operands[1 - i], !term.isNegated};
        return true;
      }
  // x ? true : false
  if (condition->isSelect())
    if (auto choice = matchChoice(reader, condition);
        choice && choice->ifTrue != choice->ifFalse) {
      term = {choice->condition, term.isNegated != (choice->ifTrue == 0)};
      return true;
    }
  // (x ? a : b) == c
  if (!condition->is<arith::CmpFOp>() && !condition->is<arith::CmpIOp>())
    return false;
  auto choice = matchChoice(reader, condition->operands[0]);
  auto number = reader.look(condition->operands[1])->getNumber();
  if (!choice || !number)
    return false;
  bool ifTrue = compare(condition->op, choice->ifTrue, *number);
  if (ifTrue == compare(condition->op, choice->ifFalse, *number))
    return false;
  term = {choice->condition, term.isNegated == ifTrue};
  return true;
}

SmallVector<MaskTerm> mlir::attn::splitMasks(ElementReader &reader,
                                             ArrayRef<MaskTerm> masks) {
  SmallVector<MaskTerm> result;
  SmallVector<MaskTerm> worklist(masks.rbegin(), masks.rend());
  while (!worklist.empty()) {
    MaskTerm term = worklist.pop_back_val();
    while (simplify(reader, term))
      ;
    Element *condition = reader.look(term.condition);
    // x and y, or not (x or y).
    if (term.isNegated ? condition->is<arith::OrIOp>()
                       : condition->is<arith::AndIOp>()) {
      worklist.push_back({condition->operands[1], term.isNegated});
      worklist.push_back({condition->operands[0], term.isNegated});
      continue;
    }
    std::optional<double> number = condition->getNumber();
    if (!number || (*number != 0) == term.isNegated)
      result.push_back(term);
  }
  return result;
}
