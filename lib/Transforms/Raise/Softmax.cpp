//===- Softmax.cpp - Recognising a softmax --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Exponential.h"
#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn;

static linalg::SoftmaxOp getNamedSoftmax(Element *element) {
  return element->isTensor() && !element->isPart()
             ? element->value.getDefiningOp<linalg::SoftmaxOp>()
             : linalg::SoftmaxOp();
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

/// Whether the dividend is an exponential times something else, and the divisor
/// a sum: a softmax whose exponentials were changed.
static bool isChanged(ElementReader &reader, const Quotient &quotient) {
  return quotient.numerator->is<arith::MulFOp>() &&
         reader.getReductionSize(quotient.denominator) &&
         llvm::any_of(quotient.numerator->operands, [&](Element *factor) {
           return isExponential(reader, factor);
         });
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
  if (!isExponential(reader, result.numerator) && !isChanged(reader, result))
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

/// Matches the exponential of a quotient; none where it was changed.
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

namespace {
class SoftmaxMatcher {
public:
  SoftmaxMatcher(ElementReader &reader, const Weights &weights,
                 const IndexForm &key, bool isSinkFirst, Mismatch &mismatch)
      : reader(reader), weights(weights), key(key), isSinkFirst(isSinkFirst),
        mismatch(mismatch) {}

  std::optional<Softmax> matchNamed(linalg::SoftmaxOp named);
  std::optional<Softmax> match(const Quotient &quotient);

private:
  std::optional<KeyReduction> reduce(Element *element) {
    return reduceKeys(reader, element, key, isSinkFirst);
  }
  Element *matchSink(Element *element);
  LogicalResult matchMaximum();
  LogicalResult matchSum(Element *sum);
  LogicalResult matchTotal(Element *sum);
  void skipShift();
  LogicalResult failOver(Element *row, Element *scores, const Twine &otherwise,
                         Operation *op);

  ElementReader &reader;
  const Weights &weights;
  const IndexForm &key;
  /// Whether one more score, where there is one, stands before the others.
  bool isSinkFirst;
  Mismatch &mismatch;
  Exponential exponential;
  /// What divides.
  Operation *op = nullptr;
  /// Whether the maximum is one over keys and a sink.
  bool isSinkReduced = false;
  Softmax result;
};
} // namespace

/// What a dimension of the scores that `row` lacks counts; none where it lacks
/// none.
static std::optional<StringRef> nameAxis(ElementReader &reader, Element *row,
                                         Element *scores,
                                         const IndexForm &key) {
  Softmax softmax;
  softmax.scores = scores;
  Mismatch ignored;
  std::optional<Score> score = parseScore(reader, softmax, key, ignored);
  if (!score)
    return std::nullopt;
  const Product &product = score->products.front();
  for (const IndexForm &index : product.element->indices)
    if (!reader.space.resolve(index).isConstant() &&
        !reader.dependsOn(row, index))
      return reader.dependsOn(product.key, index)
                 ? StringRef("batches or heads")
                 : StringRef("queries");
  return std::nullopt;
}

/// Says over what a softmax is that is not over the keys, where `row` shows it.
LogicalResult SoftmaxMatcher::failOver(Element *row, Element *scores,
                                       const Twine &otherwise, Operation *op) {
  std::optional<StringRef> axis;
  if (reader.dependsOn(row, key))
    axis = nameAxis(reader, row, scores, key);
  if (axis)
    mismatch.fail("the softmax is over " + *axis + ", not over the keys", op);
  else
    mismatch.fail(otherwise, op);
  return failure();
}

/// The exponent of a sink beside the scores of the exponential.
Element *SoftmaxMatcher::matchSink(Element *element) {
  Type type = element->type;
  element = reader.look(element);
  std::optional<double> number = element->getNumber();
  // exp(sink) itself.
  if (number && *number > 0 && !exponential.shift)
    return reader.getConstant(std::log(*number) / exponential.factor, type);
  std::optional<Exponential> sink = matchExponential(reader, element, key);
  if (!sink || !sink->kept.empty())
    return nullptr;
  // 0 less what is subtracted.
  Element *exponent = reader.look(sink->scores);
  if (!sink->shift && exponential.shift && sink->factor == exponential.factor &&
      exponent->is<arith::NegFOp>() &&
      reader.areEqual(exponent->operands[0], exponential.shift))
    return reader.getConstant(0, type);
  Exponential other = exponential;
  other.scores = sink->scores;
  return areEqual(reader, *sink, other) ? sink->scores : nullptr;
}

/// Checks that what is subtracted is the maximum of the scores, and of a sink.
LogicalResult SoftmaxMatcher::matchMaximum() {
  Element *max = skipGuard(reader, result.shift, -INFINITY, 0);
  max = reader.look(max);
  if (max->is<arith::MaximumFOp>() || max->is<arith::MaxNumFOp>()) {
    // The maximum with a sink.
    Element *x = max->operands[0], *y = max->operands[1];
    if (!reduce(x))
      std::swap(x, y);
    max = x;
    result.sink = y;
    if (reader.dependsOn(y, key))
      return mismatch.fail("the maximum is with another score", exponential.op),
             failure();
  }
  std::optional<KeyReduction> maximum = reduce(max);
  if (!maximum || (maximum->sink && result.sink) ||
      reader.dependsOn(max, key) ||
      !isa<arith::MaximumFOp, arith::MaxNumFOp>(maximum->keys.combiner))
    return failOver(max, result.scores,
                    "what is subtracted is no maximum over the keys",
                    exponential.op);
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

/// Checks that the divisor is the sum of the exponentials, and of a sink's.
LogicalResult SoftmaxMatcher::matchSum(Element *sum) {
  Element *both = reader.look(sum);
  Element *ofMaximum = isSinkReduced ? nullptr : result.sink;
  bool hasSink = false;
  if (both->is<arith::AddFOp>() && !isSinkReduced)
    for (unsigned i : {0, 1}) {
      Element *sink = matchSink(both->operands[i]);
      // It may join the sum alone: what is subtracted changes nothing.
      if (!sink || reader.dependsOn(sink, key) ||
          (ofMaximum && !reader.areEqual(sink, ofMaximum)))
        continue;
      result.sink = sink;
      sum = both->operands[1 - i];
      hasSink = true;
      break;
    }
  if (ofMaximum && !hasSink)
    return mismatch.fail("the sum lacks the sink of the maximum", op),
           failure();
  return matchTotal(sum);
}

/// Checks the sum over the keys, and over a sink if the maximum is.
LogicalResult SoftmaxMatcher::matchTotal(Element *sum) {
  std::optional<KeyReduction> total = reduce(sum);
  bool isSum = total && !reader.dependsOn(sum, key) &&
               isa<arith::AddFOp>(total->keys.combiner);
  if (isSum && !isNumber(reader, total->keys.init, 0)) {
    // A sum that begins with the exponential of a sink.
    Element *sink = result.sink ? nullptr : matchSink(total->keys.init);
    isSum = sink != nullptr && !total->sink;
    result.sink = sink;
  }
  if (!isSum)
    return failOver(sum, result.scores, "the divisor is no sum over the keys",
                    op);
  Operation *totalOp = getTensorOp(total->keys.combiner);
  std::optional<Exponential> summed =
      matchExponential(reader, total->keys.body, key);
  if (!summed || !areEqual(reader, *summed, exponential))
    return mismatch.fail("the sum is of other data than the dividend", totalOp),
           failure();
  Element *sink = total->sink ? matchSink(total->sink) : nullptr;
  // Without a maximum the sum alone has the sink.
  if (total->sink && !isSinkReduced && !result.shift && !result.sink)
    result.sink = sink;
  bool isReduced = isSinkReduced || (total->sink && !result.shift);
  if (isReduced != (total->sink != nullptr) ||
      (isReduced && (!sink || !reader.areEqual(sink, result.sink))))
    return mismatch.fail("the sum lacks the sink of the maximum", op),
           failure();
  // What the sum leaves out has no weight either.
  result.kept = weights.kept;
  llvm::append_range(result.kept, exponential.kept);
  for (const MaskTerm &term : splitMasks(reader, summed->kept, key)) {
    result.masks.push_back(term);
    if (!containsTerm(reader, splitMasks(reader, result.kept, key), term))
      return mismatch.fail("the sum leaves out more than the dividend",
                           totalOp),
             failure();
  }
  return success();
}

/// What is subtracted from all scores of a row changes nothing.
void SoftmaxMatcher::skipShift() {
  Element *shifted = reader.look(result.scores);
  if (!shifted->is<arith::SubFOp>() ||
      reader.dependsOn(shifted->operands[1], key))
    return;
  if (result.sink) {
    Element *sink = reader.look(result.sink);
    if (!sink->is<arith::SubFOp>() ||
        !reader.areEqual(sink->operands[1], shifted->operands[1]))
      return;
    result.sink = sink->operands[0];
  }
  // A maximum, most often: it is no use of the scores.
  (void)reduce(shifted->operands[1]);
  result.scores = shifted->operands[0];
  // The sum of shifted exponentials is another.
  result.hasLse = false;
}

std::optional<Softmax> SoftmaxMatcher::matchNamed(linalg::SoftmaxOp named) {
  ArrayRef<IndexForm> indices = weights.inner->indices;
  auto dim = static_cast<unsigned>(named.getDimension());
  auto type = cast<RankedTensorType>(named.getInput().getType());
  result.scores = reader.getTensor(named.getInput(), indices);
  result.compared = result.scores;
  result.weights = weights.inner;
  result.kept = weights.kept;
  if (!reader.space.dependsOn(indices[dim], key)) {
    // A row has the dimensions that the softmax is not over.
    SmallVector<IndexForm> others(indices);
    others[dim] = IndexForm();
    (void)failOver(reader.getTensor(named.getInput(), others), result.scores,
                   "the softmax is not over the keys", named);
    return std::nullopt;
  }
  for (auto [i, index] : llvm::enumerate(indices))
    if (i != dim && reader.space.dependsOn(index, key))
      return mismatch.fail("the softmax is not over the keys", named);
  int64_t size = type.getDimSize(dim);
  if (reader.space.areEqual(indices[dim], key) &&
      reader.space.getDigits(key, size))
    return result;
  // One more score is a sink.
  auto range = reader.space.getRange(key);
  IndexForm ofKeys = key;
  ofKeys.constant += isSinkFirst ? 1 : 0;
  if (ShapedType::isDynamic(size) || !range || size != range->second + 2 ||
      !reader.space.areEqual(indices[dim], ofKeys))
    return mismatch.fail("the softmax is over other positions than the values",
                         named);
  SmallVector<IndexForm> ofSink(indices);
  ofSink[dim] = IndexForm(isSinkFirst ? 0 : size - 1);
  result.sink = reader.getTensor(named.getInput(), ofSink);
  return result;
}

std::optional<Softmax> SoftmaxMatcher::match(const Quotient &quotient) {
  std::optional<Exponential> dividend = matchNumerator(reader, quotient, key);
  if (!dividend)
    return mismatch.fail("its exponentials are multiplied by what is no mask",
                         getTensorOp(quotient.numerator->op));
  exponential = *dividend;
  op = quotient.op;
  result.weights = weights.inner;
  result.scores = result.compared = exponential.scores;
  result.shift = exponential.shift;
  result.factor = exponential.factor;
  if (result.shift && failed(matchMaximum()))
    return std::nullopt;
  result.sum = skipGuard(reader, quotient.denominator, 0, 1);
  if (failed(matchSum(result.sum)))
    return std::nullopt;
  result.hasLse = result.factor == 1;
  skipShift();
  return result;
}

std::optional<Softmax> mlir::attn::matchSoftmax(ElementReader &reader,
                                                const Weights &weights,
                                                Element *divisor, Operation *op,
                                                const IndexForm &key,
                                                Mismatch &mismatch) {
  linalg::SoftmaxOp named = getNamedSoftmax(weights.inner);
  std::optional<Quotient> quotient;
  if (divisor)
    quotient = Quotient{weights.inner, divisor, /*scores=*/nullptr,
                        /*shift=*/nullptr, op};
  else if (!named)
    quotient = matchQuotient(reader, weights.inner);
  if (!named && !quotient)
    return std::nullopt;
  auto match = [&](bool isSinkFirst, Mismatch &why) {
    SoftmaxMatcher matcher(reader, weights, key, isSinkFirst, why);
    return named ? matcher.matchNamed(named) : matcher.match(*quotient);
  };
  if (std::optional<Softmax> softmax = match(/*isSinkFirst=*/false, mismatch))
    return softmax;
  Mismatch ignored;
  return match(/*isSinkFirst=*/true, ignored);
}
