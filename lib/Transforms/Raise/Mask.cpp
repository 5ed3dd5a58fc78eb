//===- Mask.cpp - Masks in the spellings of frontends ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

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

template <typename Attr>
static bool appendResource(Attribute constant,
                           SmallVectorImpl<double> &numbers) {
  auto resource = dyn_cast<Attr>(constant);
  auto values = resource ? resource.tryGetAsArrayRef() : std::nullopt;
  if (values)
    numbers.append(values->begin(), values->end());
  return values.has_value();
}

/// The elements of a constant in row-major order.
static std::optional<SmallVector<double>> readNumbers(Value tensor) {
  Attribute constant;
  if (!matchPattern(tensor, m_Constant(&constant)))
    return std::nullopt;
  SmallVector<double> numbers;
  if (appendResource<DenseBoolResourceElementsAttr>(constant, numbers) ||
      appendResource<DenseI8ResourceElementsAttr>(constant, numbers) ||
      appendResource<DenseUI8ResourceElementsAttr>(constant, numbers) ||
      appendResource<DenseF32ResourceElementsAttr>(constant, numbers))
    return numbers;
  auto dense = dyn_cast<DenseElementsAttr>(constant);
  if (!dense)
    return std::nullopt;
  if (dense.getElementType().isInteger(1))
    for (bool value : dense.getValues<bool>())
      numbers.push_back(value);
  else if (dense.getElementType().isInteger())
    for (APInt value : dense.getValues<APInt>())
      numbers.push_back(value.getSExtValue());
  else if (isa<FloatType>(dense.getElementType()))
    for (const APFloat &value : dense.getValues<APFloat>())
      numbers.push_back(value.convertToDouble());
  else
    return std::nullopt;
  return numbers;
}

/// Whether each element of a constant keeps its position: where a bit is true,
/// a comparison holds, or the number that is added is 0; none for a number that
/// is neither 0 nor drops.
static std::optional<SmallVector<bool>>
readKept(Value tensor, Operation *comparison, double number) {
  auto numbers = readNumbers(tensor);
  if (!numbers)
    return std::nullopt;
  bool isBit = cast<ShapedType>(tensor.getType()).getElementType().isInteger(1);
  SmallVector<bool> kept;
  for (double value : *numbers) {
    if (comparison)
      kept.push_back(compare(comparison, value, number));
    else if (isBit)
      kept.push_back(value != 0);
    else if (value == 0 || dropsPosition(value))
      kept.push_back(value == 0);
    else
      return std::nullopt;
  }
  return kept;
}

std::optional<Band> mlir::attn::matchBand(ElementReader &reader,
                                          Element *constant, bool isNegated,
                                          const IndexForm &key) {
  IndexSpace &space = reader.space;
  constant = reader.look(constant);
  Operation *comparison = nullptr;
  double number = 0;
  if (constant->is<arith::CmpIOp>() || constant->is<arith::CmpFOp>()) {
    auto with = reader.look(constant->operands[1])->getNumber();
    if (!with)
      return std::nullopt;
    number = *with;
    comparison = constant->op;
    constant = reader.look(constant->operands[0]);
  }
  IndexForm keyForm = space.resolve(key);
  if (!constant->isTensor() || keyForm.terms.size() != 1)
    return std::nullopt;
  auto type = cast<RankedTensorType>(constant->value.getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  // One dimension moves with the key, one with another variable.
  unsigned keyVariable = keyForm.terms[0].first;
  std::optional<unsigned> queryVariable;
  int64_t start = 0, keyStride = 0, queryStride = 0;
  int64_t stride = type.getNumElements();
  for (auto [index, size] :
       llvm::zip_equal(constant->indices, type.getShape())) {
    stride /= std::max<int64_t>(size, 1);
    IndexForm form = space.resolve(index);
    start += form.constant * stride;
    for (auto [variable, factor] : form.terms) {
      if (space.getSize(variable) == 1)
        continue;
      if (variable == keyVariable)
        keyStride += factor * stride;
      else if (!queryVariable || *queryVariable == variable)
        queryStride += factor * stride;
      else
        return std::nullopt;
      if (variable != keyVariable)
        queryVariable = variable;
    }
  }
  if (!queryVariable || keyStride == 0)
    return std::nullopt;
  int64_t queries = space.getSize(*queryVariable);
  int64_t keys = space.getSize(keyVariable);
  if (ShapedType::isDynamic(queries) || ShapedType::isDynamic(keys))
    return std::nullopt;
  std::optional<SmallVector<bool>> kept =
      readKept(constant->value, comparison, number);
  if (!kept)
    return std::nullopt;

  int64_t low = keys, high = -queries;
  auto isKept = [&](int64_t i, int64_t j) {
    return (*kept)[start + i * queryStride + j * keyStride] != isNegated;
  };
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = 0; j < keys; ++j)
      if (isKept(i, j)) {
        low = std::min(low, j - i);
        high = std::max(high, j - i);
      }
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = 0; j < keys; ++j)
      if (isKept(i, j) != (low <= j - i && j - i <= high))
        return std::nullopt;
  Band band{space.getForm(*queryVariable), key, std::nullopt, std::nullopt};
  if (high < keys - 1)
    band.high = high;
  if (low > 1 - queries)
    band.low = low;
  if (!band.high && !band.low)
    return std::nullopt;
  return band;
}

SmallVector<MaskTerm> mlir::attn::splitMasks(ElementReader &reader,
                                             ArrayRef<MaskTerm> masks,
                                             const IndexForm &key) {
  SmallVector<MaskTerm> result;
  SmallVector<MaskTerm> worklist(masks.rbegin(), masks.rend());
  while (!worklist.empty()) {
    MaskTerm term = worklist.pop_back_val();
    while (!term.band && simplify(reader, term))
      ;
    if (!term.band)
      term.band = matchBand(reader, term.condition, term.isNegated, key);
    if (term.band) {
      term.isNegated = false;
      result.push_back(term);
      continue;
    }
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
