//===- Softmax.cpp - Recognising a softmax --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn;

static bool isNumber(ElementReader &reader, Element *element, double number) {
  return reader.look(element)->getNumber() == number;
}

static linalg::SoftmaxOp getNamedSoftmax(Element *element) {
  return element->isTensor() ? element->value.getDefiningOp<linalg::SoftmaxOp>()
                             : linalg::SoftmaxOp();
}

/// What an exponential raises, and the logarithm of its base, which is above 1;
/// null for anything else.
static std::pair<Element *, double> matchPower(ElementReader &reader,
                                               Element *element) {
  if (element->is<math::ExpOp>())
    return {element->operands[0], 1};
  if (element->is<math::Exp2Op>())
    return {element->operands[0], M_LN2};
  if (element->is<math::PowFOp>())
    if (auto base = reader.look(element->operands[0])->getNumber();
        base && *base > 1)
      return {element->operands[1], std::log(*base)};
  return {nullptr, 0};
}

bool mlir::attn::isExponential(ElementReader &reader, Element *element) {
  SmallVector<MaskTerm> kept;
  return matchPower(reader, stripZeroing(reader, element, kept)).first;
}

namespace {
/// numerator / denominator, or exp(scores - log(denominator)), where `shift`
/// may be subtracted too.
struct Quotient {
  Element *numerator = nullptr, *denominator = nullptr;
  Element *scores = nullptr, *shift = nullptr;
  Operation *op = nullptr;
};
} // namespace

/// The exponential of a softmax's logarithm.
static std::optional<Quotient> matchExpOfLog(ElementReader &reader,
                                             Element *element) {
  if (!element->is<math::ExpOp>())
    return std::nullopt;
  Element *difference = reader.look(element->operands[0]);
  if (!difference->is<arith::SubFOp>())
    return std::nullopt;
  Quotient result;
  result.op = getTensorOp(element->op);
  result.scores = difference->operands[0];
  Element *log = reader.look(difference->operands[1]);
  if (log->is<arith::AddFOp>()) {
    Element *x = reader.look(log->operands[0]);
    bool isFirst = x->is<math::LogOp>();
    result.shift = log->operands[isFirst ? 1 : 0];
    log = isFirst ? x : reader.look(log->operands[1]);
  }
  if (!log->is<math::LogOp>())
    return std::nullopt;
  result.denominator = log->operands[0];
  return result;
}

static std::optional<Quotient> matchQuotient(ElementReader &reader,
                                             Element *element) {
  if (auto quotient = matchExpOfLog(reader, element))
    return quotient;
  Quotient result;
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
  if (!isExponential(reader, result.numerator))
    return std::nullopt;
  result.op = getTensorOp(element->op);
  return result;
}

Operation *mlir::attn::getSoftmaxOp(ElementReader &reader, Element *weights) {
  Element *inner = stripWeights(reader, weights).inner;
  if (linalg::SoftmaxOp named = getNamedSoftmax(inner))
    return named;
  std::optional<Quotient> quotient = matchQuotient(reader, inner);
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

namespace {
/// A reduction over the keys, or over the keys and one more score.
struct KeyReduction {
  Reduction keys;
  Element *sink = nullptr;
};

/// exp(factor * (scores - shift)), or 0 where a condition does not hold.
struct Exponential {
  Element *inner = nullptr, *scores = nullptr, *shift = nullptr;
  double factor = 1;
  SmallVector<MaskTerm> kept;
  /// What makes the exponent.
  Operation *op = nullptr;
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

/// Reads an exponent as factor * (scores - shift).
static void readExponent(ElementReader &reader, Element *exponent,
                         const IndexForm &key, Exponential &result) {
  exponent = reader.look(exponent);
  result.scores = exponent;
  // What varies with the keys is no shift, unless it should be the maximum.
  auto isDifference = [&](Element *x) {
    return x->is<arith::SubFOp>() && (!reader.dependsOn(x->operands[1], key) ||
                                      reader.getReductionSize(x->operands[1]));
  };
  auto [below, number] = peelFactor(reader, exponent);
  if (below && number > 0 && isDifference(reader.look(below))) {
    exponent = reader.look(below);
    result.factor *= number;
  }
  if (isDifference(exponent)) {
    result.scores = exponent->operands[0];
    result.shift = exponent->operands[1];
    while (true) {
      auto [score, ofScore] = peelFactor(reader, result.scores);
      auto [shift, ofShift] = peelFactor(reader, result.shift);
      if (!score || !shift || ofScore != ofShift || !(ofScore > 0))
        break;
      result.scores = score;
      result.shift = shift;
      result.factor *= ofScore;
    }
  }
  // A base that was written as the logarithm of another.
  if (isOne(result.factor))
    result.factor = 1;
}

/// Matches an exponential, whatever its base.
static std::optional<Exponential> matchExponential(ElementReader &reader,
                                                   Element *element,
                                                   const IndexForm &key) {
  Exponential result;
  result.inner = stripZeroing(reader, element, result.kept);
  auto [power, factor] = matchPower(reader, result.inner);
  if (!power)
    return std::nullopt;
  result.factor = factor;
  Element *exponent = reader.look(power);
  result.op = getTensorOp(exponent->op ? exponent->op : result.inner->op);
  readExponent(reader, exponent, key, result);
  return result;
}

/// Matches the exponential of a quotient.
static std::optional<Exponential> matchNumerator(ElementReader &reader,
                                                 const Quotient &quotient,
                                                 const IndexForm &key) {
  if (quotient.numerator)
    return matchExponential(reader, quotient.numerator, key);
  Exponential result;
  result.op = quotient.op;
  if (quotient.shift) {
    result.scores = quotient.scores;
    result.shift = quotient.shift;
  } else {
    readExponent(reader, quotient.scores, key, result);
  }
  return result;
}

/// Whether two exponentials are of the same scores.
static bool areEqual(ElementReader &reader, const Exponential &x,
                     const Exponential &y) {
  return x.factor == y.factor && !x.shift == !y.shift &&
         (!x.shift || reader.areEqual(x.shift, y.shift)) &&
         reader.areEqual(x.scores, y.scores);
}

/// The exponent of a sink beside scores whose exponential is given.
static Element *matchSink(ElementReader &reader, Element *element,
                          const Exponential &scores, const IndexForm &key) {
  std::optional<Exponential> sink = matchExponential(reader, element, key);
  if (!sink || !sink->kept.empty())
    return nullptr;
  Exponential other = scores;
  other.scores = sink->scores;
  return areEqual(reader, *sink, other) ? sink->scores : nullptr;
}

/// Checks that what is subtracted is the maximum of the scores, and of a sink.
static LogicalResult matchMaximum(ElementReader &reader,
                                  const Exponential &exponential,
                                  const IndexForm &key, Softmax &result,
                                  bool &isSinkReduced, Mismatch &mismatch) {
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
      return mismatch.fail("the maximum is with another score", exponential.op),
             failure();
  }
  std::optional<KeyReduction> maximum = reduceKeys(reader, max, key);
  if (!maximum || (maximum->sink && result.sink) ||
      reader.dependsOn(max, key) ||
      !isa<arith::MaximumFOp, arith::MaxNumFOp>(maximum->keys.combiner))
    return mismatch.fail("what is subtracted is no maximum over the keys",
                         exponential.op),
           failure();
  Operation *maximumOp = getTensorOp(maximum->keys.combiner);
  if (!dropsPosition(maximum->keys.init->getNumber()))
    return mismatch.fail("the maximum does not begin with -inf", maximumOp),
           failure();
  if (!reader.areEqual(maximum->keys.body, result.scores))
    return mismatch.fail("the maximum is of other data than the exponent",
                         maximumOp),
           failure();
  result.maximum = max;
  isSinkReduced = maximum->sink != nullptr;
  if (isSinkReduced)
    result.sink = maximum->sink;
  return success();
}

static std::optional<Softmax>
matchNamed(ElementReader &reader, const Weights &weights,
           linalg::SoftmaxOp named, const IndexForm &key, Mismatch &mismatch) {
  Softmax result;
  for (auto [i, index] : llvm::enumerate(weights.inner->indices))
    if (i == named.getDimension() ? !reader.space.areEqual(index, key)
                                  : reader.space.dependsOn(index, key))
      return mismatch.fail("the softmax is not over the keys", named);
  result.scores = reader.getTensor(named.getInput(), weights.inner->indices);
  result.compared = result.scores;
  result.weights = weights.inner;
  result.kept = weights.kept;
  return result;
}

std::optional<Softmax> mlir::attn::matchSoftmax(ElementReader &reader,
                                                const Weights &weights,
                                                Element *divisor, Operation *op,
                                                const IndexForm &key,
                                                Mismatch &mismatch) {
  if (linalg::SoftmaxOp named = getNamedSoftmax(weights.inner))
    return matchNamed(reader, weights, named, key, mismatch);
  std::optional<Quotient> quotient;
  if (divisor)
    quotient = Quotient{weights.inner, divisor, /*scores=*/nullptr,
                        /*shift=*/nullptr, op};
  else
    quotient = matchQuotient(reader, weights.inner);
  std::optional<Exponential> exponential;
  if (quotient)
    exponential = matchNumerator(reader, *quotient, key);
  if (!exponential)
    return mismatch.fail("no softmax is multiplied");
  op = quotient->op;
  Softmax result;
  result.weights = weights.inner;
  result.scores = result.compared = exponential->scores;
  result.shift = exponential->shift;
  result.factor = exponential->factor;
  bool isSinkReduced = false;
  if (result.shift && failed(matchMaximum(reader, *exponential, key, result,
                                          isSinkReduced, mismatch)))
    return std::nullopt;

  Element *sum = skipGuard(reader, quotient->denominator, 0, 1);
  result.sum = sum;
  Element *both = reader.look(sum);
  if (both->is<arith::AddFOp>() && !isSinkReduced) {
    for (unsigned i : {0, 1})
      if (Element *sink =
              matchSink(reader, both->operands[i], *exponential, key);
          sink &&
          (result.shift ? result.sink && reader.areEqual(sink, result.sink)
                        : !reader.dependsOn(sink, key))) {
        result.sink = sink;
        sum = both->operands[1 - i];
        break;
      }
  }
  if (result.sink && !isSinkReduced && sum == result.sum)
    return mismatch.fail("the sum lacks the sink of the maximum", op);
  std::optional<KeyReduction> total = reduceKeys(reader, sum, key);
  if (!total || reader.dependsOn(sum, key) ||
      !isa<arith::AddFOp>(total->keys.combiner) ||
      !isNumber(reader, total->keys.init, 0))
    return mismatch.fail("the divisor is no sum over the keys", op);
  Operation *totalOp = getTensorOp(total->keys.combiner);
  std::optional<Exponential> summed =
      matchExponential(reader, total->keys.body, key);
  if (!summed || !areEqual(reader, *summed, *exponential))
    return mismatch.fail("the sum is of other data than the dividend", totalOp);
  if (isSinkReduced != (total->sink != nullptr) ||
      (isSinkReduced &&
       (!matchSink(reader, total->sink, *exponential, key) ||
        !reader.areEqual(matchSink(reader, total->sink, *exponential, key),
                         result.sink))))
    return mismatch.fail("the sum lacks the sink of the maximum", op);
  // What the sum leaves out has no weight either.
  result.kept = weights.kept;
  llvm::append_range(result.kept, exponential->kept);
  for (const MaskTerm &term : splitMasks(reader, summed->kept, key)) {
    result.masks.push_back(term);
    if (!containsTerm(reader, splitMasks(reader, result.kept, key), term))
      return mismatch.fail("the sum leaves out more than the dividend",
                           totalOp);
  }
  result.hasLse = result.shift && result.factor == 1;
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
    result.hasLse = false;
  }
  return result;
}
