//===- Weights.cpp - What is done to a softmax before its use -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"
#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::isGuard(Element *select) {
  return isa_and_nonnull<scf::IfOp>(select->op);
}

/// One step of `stripZeroing`; null where there is none.
static Element *stripZero(ElementReader &reader, Element *element,
                          SmallVectorImpl<MaskTerm> &kept) {
  if (element->isSelect())
    for (unsigned i : {1, 2})
      if (reader.look(element->operands[i])->getNumber() == 0.0) {
        kept.push_back({element->operands[0], /*isNegated=*/i == 1,
                        /*band=*/std::nullopt, element->op,
                        isGuard(element) ? element : nullptr});
        return element->operands[3 - i];
      }
  if (element->is<arith::MulFOp>())
    for (unsigned i : {0, 1})
      if (auto choice = matchChoice(reader, element->operands[i]))
        if ((choice->ifTrue == 1 && choice->ifFalse == 0) ||
            (choice->ifTrue == 0 && choice->ifFalse == 1)) {
          kept.push_back({choice->condition,
                          /*isNegated=*/choice->ifTrue == 0,
                          /*band=*/std::nullopt, element->op});
          return element->operands[1 - i];
        }
  return nullptr;
}

Element *mlir::attn::stripZeroing(ElementReader &reader, Element *element,
                                  SmallVectorImpl<MaskTerm> &kept) {
  element = reader.look(element);
  while (Element *below = stripZero(reader, element, kept))
    element = reader.look(below);
  return element;
}

/// `x == infinity ? number : x` as x, which no weight is.
static Element *skipInfinityGuard(ElementReader &reader, Element *element) {
  if (!element->isSelect())
    return nullptr;
  Element *condition = reader.look(element->operands[0]);
  if (!condition->is<arith::CmpFOp>() ||
      cast<arith::CmpFOp>(condition->op).getPredicate() !=
          arith::CmpFPredicate::OEQ ||
      !reader.areEqual(condition->operands[0], element->operands[2]))
    return nullptr;
  auto number = reader.look(condition->operands[1])->getNumber();
  return number && std::isinf(*number) ? element->operands[2] : nullptr;
}

Weights mlir::attn::stripWeights(ElementReader &reader, Element *weights) {
  Weights result;
  result.inner = reader.look(weights);
  while (true) {
    Element *below = stripZero(reader, result.inner, result.kept);
    if (!below)
      below = skipInfinityGuard(reader, result.inner);
    if (!below) {
      double number;
      std::tie(below, number) = peelFactor(reader, result.inner);
      result.factor *= number;
    }
    if (!below)
      return result;
    result.inner = reader.look(below);
  }
}
