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
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::attn;

/// The value of an operation on numbers.
static std::optional<double> compute(Element *element,
                                     ArrayRef<double> operands) {
  double x = operands[0], y = operands.size() > 1 ? operands[1] : 0;
  std::optional<double> result =
      llvm::TypeSwitch<Operation *, std::optional<double>>(element->op)
          .Case<arith::AddFOp, arith::AddIOp>([&](auto) { return x + y; })
          .Case<arith::SubFOp, arith::SubIOp>([&](auto) { return x - y; })
          .Case<arith::MulFOp, arith::MulIOp>([&](auto) { return x * y; })
          .Case<arith::DivFOp>([&](auto) { return x / y; })
          .Case<arith::NegFOp>([&](auto) { return -x; })
          .Case<arith::SIToFPOp, arith::ExtSIOp>([&](auto) { return x; })
          .Case<arith::UIToFPOp, arith::ExtUIOp>(
              [&](auto) -> std::optional<double> {
                return x < 0 ? std::nullopt : std::optional(x);
              })
          .Default([](Operation *) { return std::nullopt; });
  // Integers are small and do not wrap, and 0 * inf is no number.
  if (!result || std::isnan(*result) ||
      (element->type.isIntOrIndex() && std::abs(*result) > 100))
    return std::nullopt;
  if (element->type.isInteger(1) && *result != 0 && *result != 1)
    return std::nullopt;
  return result;
}

std::optional<Choice> mlir::attn::matchChoice(ElementReader &reader,
                                              Element *element,
                                              unsigned depth) {
  element = reader.look(element);
  // What frontends compute from a mask is short.
  if (depth > 6)
    return std::nullopt;
  auto match = [&](Element *operand) {
    return matchChoice(reader, operand, depth + 1);
  };
  if (element->isSelect()) {
    auto x = reader.look(element->operands[1])->getNumber();
    auto y = reader.look(element->operands[2])->getNumber();
    if (x && y)
      return Choice{element->operands[0], *x, *y};
    // A branch may have been computed from the same condition.
    auto resolve = [&](std::optional<double> &number, unsigned branch) {
      auto choice = number ? std::nullopt : match(element->operands[branch]);
      if (choice && reader.areEqual(choice->condition, element->operands[0]))
        number = branch == 1 ? choice->ifTrue : choice->ifFalse;
    };
    resolve(x, 1);
    resolve(y, 2);
    if (x && y)
      return Choice{element->operands[0], *x, *y};
    return std::nullopt;
  }
  if (element->kind != Element::Kind::Operation || element->operands.empty() ||
      element->operands.size() > 2)
    return std::nullopt;
  Element *first = element->operands[0];
  if (first->type.isInteger(1) && element->operands.size() == 1) {
    if (element->is<arith::ExtUIOp>() || element->is<arith::UIToFPOp>())
      return Choice{first, 1, 0};
    if (element->is<arith::ExtSIOp>() || element->is<arith::SIToFPOp>())
      return Choice{first, -1, 0};
    return std::nullopt;
  }
  Element *condition = nullptr;
  SmallVector<double> ifTrue, ifFalse;
  for (Element *operand : element->operands) {
    if (auto number = reader.look(operand)->getNumber()) {
      ifTrue.push_back(*number);
      ifFalse.push_back(*number);
      continue;
    }
    auto choice = match(operand);
    if (!choice ||
        (condition && !reader.areEqual(condition, choice->condition)))
      return std::nullopt;
    condition = choice->condition;
    ifTrue.push_back(choice->ifTrue);
    ifFalse.push_back(choice->ifFalse);
  }
  auto x = compute(element, ifTrue), y = compute(element, ifFalse);
  if (!condition || !x || !y)
    return std::nullopt;
  return Choice{condition, *x, *y};
}

/// Whether an element is a number that times 0 is 0.
static bool isFinite(ElementReader &reader, Element *element) {
  element = reader.look(element);
  if (element->type.isIntOrIndex())
    return true;
  if (auto number = element->getNumber())
    return std::isfinite(*number);
  // Every integer has a float of 32 bits or more near it.
  return (element->is<arith::SIToFPOp>() || element->is<arith::UIToFPOp>()) &&
         element->type.getIntOrFloatBitWidth() >= 32 &&
         element->operands[0]->type.getIntOrFloatBitWidth() <= 64;
}

/// The number that an element is where a condition has a value.
static std::optional<double> evaluateWhere(ElementReader &reader,
                                           Element *element, Element *condition,
                                           bool value, unsigned depth = 0) {
  element = reader.look(element);
  if (auto number = element->getNumber())
    return number;
  if (reader.areEqual(element, condition))
    return value;
  // What frontends compute from a mask is short.
  if (depth > 6 || element->operands.empty())
    return std::nullopt;
  auto evaluate = [&](unsigned i) {
    return evaluateWhere(reader, element->operands[i], condition, value,
                         depth + 1);
  };
  std::optional<double> first = evaluate(0);
  if (element->isSelect())
    return first ? evaluate(*first != 0 ? 1 : 2) : std::nullopt;
  if (element->kind != Element::Kind::Operation || element->operands.size() > 2)
    return std::nullopt;
  if (element->operands.size() == 1) {
    bool isSigned =
        element->is<arith::ExtSIOp>() || element->is<arith::SIToFPOp>();
    if (first && isSigned && element->operands[0]->type.isInteger(1))
      first = -*first;
    return first ? compute(element, {*first}) : std::nullopt;
  }
  std::optional<double> second = evaluate(1);
  if (first && second)
    return compute(element, {*first, *second});
  bool isProduct = element->is<arith::MulFOp>() || element->is<arith::MulIOp>();
  if (isProduct && ((first == 0.0 && isFinite(reader, element->operands[1])) ||
                    (second == 0.0 && isFinite(reader, element->operands[0]))))
    return 0;
  return std::nullopt;
}

/// The conditions that an element is computed from, outermost first.
static void collectConditions(ElementReader &reader, Element *element,
                              SmallVectorImpl<Element *> &conditions,
                              unsigned depth = 0) {
  element = reader.look(element);
  if (depth > 6 || element->isTensor())
    return;
  for (Element *operand : element->operands) {
    if (operand->type.isInteger(1) && !element->type.isInteger(1))
      conditions.push_back(operand);
    collectConditions(reader, operand, conditions, depth + 1);
  }
}

std::optional<MaskTerm> mlir::attn::findDroppingCondition(ElementReader &reader,
                                                          Element *element,
                                                          double factor) {
  auto drops = [&](Element *condition, bool value) {
    auto number = evaluateWhere(reader, element, condition, value);
    return number && dropsPosition(*number * factor);
  };
  SmallVector<Element *> conditions;
  collectConditions(reader, element, conditions);
  for (Element *condition : conditions)
    for (bool value : {false, true})
      if (drops(condition, value) && !drops(condition, !value))
        return MaskTerm{condition, /*isNegated=*/value};
  return std::nullopt;
}

bool mlir::attn::evaluateComparison(Operation *comparison, double x, double y) {
  if (auto compare = dyn_cast<arith::CmpFOp>(comparison))
    return arith::applyCmpPredicate(compare.getPredicate(), APFloat(x),
                                    APFloat(y));
  // In the width of the operands: 1 as a signed bit is -1.
  Type type = getElementTypeOrSelf(comparison->getOperand(0).getType());
  unsigned width = type.isIndex() ? IndexType::kInternalStorageBitWidth
                                  : type.getIntOrFloatBitWidth();
  auto toInteger = [width](double number) {
    return APInt(width, static_cast<int64_t>(number), /*isSigned=*/true,
                 /*implicitTrunc=*/true);
  };
  return arith::applyCmpPredicate(
      cast<arith::CmpIOp>(comparison).getPredicate(), toInteger(x),
      toInteger(y));
}

/// Undoes one step from a condition to another; false where it is none.
static bool simplify(ElementReader &reader, MaskTerm &term) {
  Element *condition = reader.look(term.condition);
  // not x
  if (condition->is<arith::XOrIOp>())
    for (unsigned i : {0, 1})
      if (reader.look(condition->operands[i])->getNumber() == 1.0) {
        term.condition = condition->operands[1 - i];
        term.isNegated = !term.isNegated;
        return true;
      }
  // x ? true : false
  if (condition->isSelect())
    if (auto choice = matchChoice(reader, condition);
        choice && choice->ifTrue != choice->ifFalse) {
      term.condition = choice->condition;
      term.isNegated = term.isNegated != (choice->ifTrue == 0);
      return true;
    }
  // (x ? a : b) == c
  if (!condition->is<arith::CmpFOp>() && !condition->is<arith::CmpIOp>())
    return false;
  auto choice = matchChoice(reader, condition->operands[0]);
  auto number = reader.look(condition->operands[1])->getNumber();
  if (!choice || !number)
    return false;
  bool ifTrue = evaluateComparison(condition->op, choice->ifTrue, *number);
  if (ifTrue == evaluateComparison(condition->op, choice->ifFalse, *number))
    return false;
  term.condition = choice->condition;
  term.isNegated = term.isNegated == ifTrue;
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
readKept(Value tensor, Operation *comparison, double number, double factor) {
  auto numbers = readNumbers(tensor);
  if (!numbers)
    return std::nullopt;
  bool isBit = cast<ShapedType>(tensor.getType()).getElementType().isInteger(1);
  SmallVector<bool> kept;
  for (double value : *numbers) {
    if (comparison)
      kept.push_back(evaluateComparison(comparison, value, number));
    else if (isBit)
      kept.push_back(value != 0);
    else if (value == 0 || dropsPosition(value * factor))
      kept.push_back(value == 0);
    else
      return std::nullopt;
  }
  return kept;
}

std::optional<Band> mlir::attn::matchBand(ElementReader &reader,
                                          Element *constant, bool isNegated,
                                          const IndexForm &key, double factor) {
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
      readKept(constant->value, comparison, number, factor);
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
  // Numbers that all drop tell positions apart still.
  if (low > high)
    return std::nullopt;
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

/// Whether two terms are the same condition.
static bool areSame(ElementReader &reader, const MaskTerm &x,
                    const MaskTerm &y) {
  if (x.band && y.band)
    return x.band->low == y.band->low && x.band->high == y.band->high &&
           reader.space.areEqual(x.band->query, y.band->query) &&
           reader.space.areEqual(x.band->key, y.band->key);
  return !x.band && !y.band && x.isNegated == y.isNegated &&
         reader.areEqual(x.condition, y.condition);
}

bool mlir::attn::containsTerm(ElementReader &reader, ArrayRef<MaskTerm> terms,
                              const MaskTerm &term) {
  return llvm::any_of(terms, [&](const MaskTerm &other) {
    return areSame(reader, term, other);
  });
}

/// The conditions under which a product is not 0: none of its factors is. Of
/// these one is 1 or 0, or the product of others could vanish.
static bool splitProduct(ElementReader &reader, const MaskTerm &term,
                         SmallVectorImpl<MaskTerm> &factors) {
  Element *comparison = reader.look(term.condition);
  if (!comparison->is<arith::CmpIOp>() && !comparison->is<arith::CmpFOp>())
    return false;
  auto keeps = [&](double value) {
    return evaluateComparison(comparison->op, value, 0) != term.isNegated;
  };
  if (reader.look(comparison->operands[1])->getNumber() != 0.0 || keeps(0) ||
      !keeps(1) || !keeps(-1))
    return false;
  Element *product = reader.look(comparison->operands[0]);
  if (!product->is<arith::MulIOp>() && !product->is<arith::MulFOp>())
    return false;
  for (unsigned i : {0, 1}) {
    auto choice = matchChoice(reader, product->operands[i]);
    Element *other = product->operands[1 - i];
    if (!choice || !isFinite(reader, other) ||
        std::abs(choice->ifTrue) + std::abs(choice->ifFalse) != 1)
      continue;
    factors.push_back({choice->condition, /*isNegated=*/choice->ifTrue == 0});
    factors.push_back(
        {reader.getOperation(comparison, {other, comparison->operands[1]}),
         term.isNegated});
    return true;
  }
  return false;
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
    if (SmallVector<MaskTerm> factors; splitProduct(reader, term, factors)) {
      for (MaskTerm &factor : factors)
        factor.guard = term.guard;
      worklist.append(factors.rbegin(), factors.rend());
      continue;
    }
    // x and y, or not (x or y).
    if (term.isNegated ? condition->is<arith::OrIOp>()
                       : condition->is<arith::AndIOp>()) {
      for (Element *operand : llvm::reverse(condition->operands)) {
        MaskTerm &part = worklist.emplace_back(term);
        part.condition = operand;
      }
      continue;
    }
    std::optional<double> number = condition->getNumber();
    if (!number || (*number != 0) == term.isNegated)
      result.push_back(term);
  }
  return result;
}
