//===- Softmax.cpp - Recognising a softmax --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Softmax.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn;

static bool isNumber(ElementReader &reader, Element *element, double number) {
  return reader.look(element)->getNumber() == number;
}

/// The tensor operation that an operation on scalars belongs to.
static Operation *getTensorOp(Operation *op) {
  while (op && !isa<linalg::LinalgOp>(op) &&
         !llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>))
    op = op->getParentOp();
  return op;
}

static linalg::SoftmaxOp getNamedSoftmax(Element *element) {
  return element->isTensor() ? element->value.getDefiningOp<linalg::SoftmaxOp>()
                             : linalg::SoftmaxOp();
}

/// The condition by which weights are zeroed, which is skipped.
static Element *skipZeroing(ElementReader &reader, Element *&weights) {
  Element *select = reader.look(weights);
  if (!select->isSelect() || !isNumber(reader, select->operands[1], 0))
    return nullptr;
  weights = reader.look(select->operands[2]);
  return select->operands[0];
}

namespace {
/// numerator / denominator, where a row without keys gives 0.
struct Quotient {
  Element *numerator, *denominator, *isEmpty = nullptr;
  Operation *op;
};
} // namespace

static std::optional<Quotient> matchQuotient(ElementReader &reader,
                                             Element *weights) {
  Element *element = reader.look(weights);
  Quotient result;
  result.isEmpty = skipZeroing(reader, element);
  if (element->is<arith::DivFOp>()) {
    result.numerator = reader.look(element->operands[0]);
    result.denominator = element->operands[1];
  } else if (element->is<arith::MulFOp>()) {
    // By the reciprocal.
    Element *x = reader.look(element->operands[0]);
    Element *y = reader.look(element->operands[1]);
    if (x->is<arith::DivFOp>())
      std::swap(x, y);
    if (!y->is<arith::DivFOp>() || !isNumber(reader, y->operands[0], 1))
      return std::nullopt;
    result.numerator = x;
    result.denominator = y->operands[1];
  } else {
    return std::nullopt;
  }
  if (!result.numerator->is<math::ExpOp>())
    return std::nullopt;
  result.op = getTensorOp(element->op);
  return result;
}

Operation *mlir::attn::getSoftmaxOp(ElementReader &reader, Element *weights) {
  Element *inner = reader.look(weights);
  (void)skipZeroing(reader, inner);
  if (linalg::SoftmaxOp named = getNamedSoftmax(inner))
    return named;
  std::optional<Quotient> quotient = matchQuotient(reader, weights);
  return quotient ? quotient->op : nullptr;
}

/// `x == number ? otherwise : x`, as x.
static Element *skipGuard(ElementReader &reader, Element *element,
                          double number, double otherwise) {
  Element *select = reader.look(element);
  if (!select->isSelect())
    return element;
  Element *condition = reader.look(select->operands[0]);
  if (!condition->is<arith::CmpFOp>() ||
      cast<arith::CmpFOp>(condition->op).getPredicate() !=
          arith::CmpFPredicate::OEQ ||
      !isNumber(reader, condition->operands[1], number) ||
      !isNumber(reader, select->operands[1], otherwise) ||
      !reader.areEqual(condition->operands[0], select->operands[2]))
    return element;
  return select->operands[2];
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

/// Whether a condition says that all scores are -inf.
static bool isEmptyRow(ElementReader &reader, Element *condition,
                       Element *weights, const Softmax &softmax,
                       const IndexForm &key) {
  auto isInfinite = [&](Element *element, Element *of) {
    element = reader.look(element);
    return element->is<arith::CmpFOp>() &&
           cast<arith::CmpFOp>(element->op).getPredicate() ==
               arith::CmpFPredicate::OEQ &&
           isNumber(reader, element->operands[1], -INFINITY) &&
           reader.areEqual(element->operands[0], of);
  };
  if (softmax.shift && isInfinite(condition, softmax.shift))
    return true;
  // The weights of an empty row are NaN.
  Element *comparison = reader.look(condition);
  if (comparison->is<arith::CmpFOp>() &&
      cast<arith::CmpFOp>(comparison->op).getPredicate() ==
          arith::CmpFPredicate::UNO &&
      llvm::all_of(comparison->operands, [&](Element *operand) {
        return reader.areEqual(operand, weights);
      }))
    return true;
  // The maximum of what is added to the scores.
  std::optional<Reduction> most =
      comparison->is<arith::CmpFOp>()
          ? reader.getReduction(comparison->operands[0], {key})
          : std::nullopt;
  if (most && isa<arith::MaximumFOp, arith::MaxNumFOp>(most->combiner) &&
      isNumber(reader, most->init, -INFINITY) &&
      !reader.dependsOn(condition, key) &&
      isInfinite(condition, comparison->operands[0]) &&
      isAddend(reader, softmax.scores, most->body))
    return true;
  std::optional<Reduction> all = reader.getReduction(condition, {key});
  return all && isa<arith::AndIOp>(all->combiner) &&
         isNumber(reader, all->init, 1) && !reader.dependsOn(condition, key) &&
         isInfinite(all->body, softmax.scores);
}

namespace {
/// A reduction over the keys, or over the keys and one more score.
struct KeyReduction {
  Reduction keys;
  Element *sink = nullptr;
};
} // namespace

static std::optional<KeyReduction>
reduceKeys(ElementReader &reader, Element *element, const IndexForm &key) {
  if (std::optional<Reduction> keys = reader.getReduction(element, {key}))
    return KeyReduction{*keys};
  std::optional<int64_t> size = reader.getReductionSize(element);
  auto range = reader.space.getRange(key);
  if (!size || !range || *size != range->second + 2)
    return std::nullopt;
  auto keys = reader.getReduction(element, {key}, /*isPart=*/true);
  auto sink = reader.getReduction(element, {IndexForm(range->second + 1)},
                                  /*isPart=*/true);
  if (!keys || !sink)
    return std::nullopt;
  return KeyReduction{*keys, sink->body};
}

/// exp(score - shift) of a sink.
static bool isExponentialOf(ElementReader &reader, Element *element,
                            const Softmax &softmax) {
  element = reader.look(element);
  if (!element->is<math::ExpOp>())
    return false;
  Element *exponent = reader.look(element->operands[0]);
  return exponent->is<arith::SubFOp>() &&
         reader.areEqual(exponent->operands[0], softmax.sink) &&
         reader.areEqual(exponent->operands[1], softmax.shift);
}

std::optional<Softmax> mlir::attn::matchSoftmax(ElementReader &reader,
                                                Element *weights,
                                                const IndexForm &key,
                                                Mismatch &mismatch) {
  Softmax result;
  Element *seen = reader.look(weights);
  Element *isEmpty = skipZeroing(reader, seen);
  if (linalg::SoftmaxOp named = getNamedSoftmax(seen)) {
    for (auto [i, index] : llvm::enumerate(seen->indices))
      if (i == named.getDimension() ? !reader.space.areEqual(index, key)
                                    : reader.space.dependsOn(index, key))
        return mismatch.fail("the softmax is not over the keys", named);
    result.scores = reader.getTensor(named.getInput(), seen->indices);
    if (isEmpty && !isEmptyRow(reader, isEmpty, seen, result, key))
      return mismatch.fail("a condition other than an empty row zeroes weights",
                           named);
    return result;
  }
  std::optional<Quotient> quotient = matchQuotient(reader, weights);
  if (!quotient)
    return mismatch.fail("no softmax is multiplied");
  Operation *op = quotient->op;
  Element *exponent = reader.look(quotient->numerator->operands[0]);
  if (!exponent->is<arith::SubFOp>())
    return mismatch.fail("the exponent is no difference of score and maximum",
                         getTensorOp(quotient->numerator->op));
  Operation *difference = getTensorOp(exponent->op);
  result.scores = exponent->operands[0];
  result.shift = exponent->operands[1];

  Element *max = skipGuard(reader, result.shift, -INFINITY, 0);
  max = reader.look(max);
  if (max->is<arith::MaximumFOp>() || max->is<arith::MaxNumFOp>()) {
    // The maximum with a sink.
    Element *x = max->operands[0], *y = max->operands[1];
    if (!reduceKeys(reader, x, key))
      std::swap(x, y);
    max = x;
    result.sink = y;
    if (reader.dependsOn(y, key))
      return mismatch.fail("the maximum is with another score", difference);
  }
  std::optional<KeyReduction> maximum = reduceKeys(reader, max, key);
  if (!maximum || (maximum->sink && result.sink) ||
      reader.dependsOn(max, key) ||
      !isa<arith::MaximumFOp, arith::MaxNumFOp>(maximum->keys.combiner))
    return mismatch.fail("what is subtracted is no maximum over the keys",
                         difference);
  Operation *maximumOp = getTensorOp(maximum->keys.combiner);
  if (std::optional<double> init = maximum->keys.init->getNumber();
      !init || *init > -1e30)
    return mismatch.fail("the maximum does not begin with -inf", maximumOp);
  if (!reader.areEqual(maximum->keys.body, result.scores))
    return mismatch.fail("the maximum is of other data than the exponent",
                         maximumOp);

  bool isSinkReduced = maximum->sink != nullptr;
  if (isSinkReduced)
    result.sink = maximum->sink;

  Element *sum = skipGuard(reader, quotient->denominator, 0, 1);
  result.sum = sum;
  if (result.sink && !isSinkReduced) {
    Element *both = reader.look(sum);
    if (!both->is<arith::AddFOp>())
      return mismatch.fail("the sum lacks the sink of the maximum", op);
    Element *keys = both->operands[0], *sink = both->operands[1];
    if (!isExponentialOf(reader, sink, result))
      std::swap(keys, sink);
    if (!isExponentialOf(reader, sink, result))
      return mismatch.fail("the sum lacks the sink of the maximum", op);
    sum = keys;
  }
  std::optional<KeyReduction> total = reduceKeys(reader, sum, key);
  if (!total || reader.dependsOn(sum, key) ||
      !isa<arith::AddFOp>(total->keys.combiner) ||
      !isNumber(reader, total->keys.init, 0))
    return mismatch.fail("the divisor is no sum over the keys", op);
  if (!reader.areEqual(total->keys.body, quotient->numerator))
    return mismatch.fail("the sum is of other data than the dividend",
                         getTensorOp(total->keys.combiner));
  if (isSinkReduced != (total->sink != nullptr) ||
      (isSinkReduced && !isExponentialOf(reader, total->sink, result)))
    return mismatch.fail("the sum lacks the sink of the maximum", op);
  if (quotient->isEmpty &&
      !isEmptyRow(reader, quotient->isEmpty, seen, result, key))
    return mismatch.fail("a condition other than an empty row zeroes weights",
                         op);
  // What is subtracted from all scores of a row changes nothing.
  Element *shifted = reader.look(result.scores);
  if (shifted->is<arith::SubFOp>() &&
      !reader.dependsOn(shifted->operands[1], key)) {
    if (result.sink) {
      Element *sink = reader.look(result.sink);
      if (!sink->is<arith::SubFOp>() ||
          !reader.areEqual(sink->operands[1], shifted->operands[1]))
        return result;
      result.sink = sink->operands[0];
    }
    // A maximum, most often: it is no use of the scores.
    (void)reduceKeys(reader, shifted->operands[1], key);
    result.scores = shifted->operands[0];
    // The sum of shifted exponentials is another.
    result.sum = nullptr;
  }
  return result;
}
