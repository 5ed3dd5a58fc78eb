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
  if (element->isSelect() && isNumber(reader, element->operands[1], 0)) {
    result.isEmpty = element->operands[0];
    element = reader.look(element->operands[2]);
  }
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
  if (linalg::SoftmaxOp named = getNamedSoftmax(reader.look(weights)))
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

/// Whether a condition says that all scores are -inf.
static bool isEmptyRow(ElementReader &reader, Element *condition,
                       const Softmax &softmax, const IndexForm &key) {
  auto isInfinite = [&](Element *element, Element *of) {
    element = reader.look(element);
    return element->is<arith::CmpFOp>() &&
           cast<arith::CmpFOp>(element->op).getPredicate() ==
               arith::CmpFPredicate::OEQ &&
           isNumber(reader, element->operands[1], -INFINITY) &&
           reader.areEqual(element->operands[0], of);
  };
  if (isInfinite(condition, softmax.shift))
    return true;
  std::optional<Reduction> all = reader.getReduction(condition, {key});
  return all && isa<arith::AndIOp>(all->combiner) &&
         isNumber(reader, all->init, 1) && !reader.dependsOn(condition, key) &&
         isInfinite(all->body, softmax.scores);
}

std::optional<Softmax> mlir::attn::matchSoftmax(ElementReader &reader,
                                                Element *weights,
                                                const IndexForm &key,
                                                Mismatch &mismatch) {
  Softmax result;
  Element *seen = reader.look(weights);
  if (linalg::SoftmaxOp named = getNamedSoftmax(seen)) {
    for (auto [i, index] : llvm::enumerate(seen->indices))
      if (i == named.getDimension() ? !reader.space.areEqual(index, key)
                                    : reader.space.dependsOn(index, key))
        return mismatch.fail("the softmax is not over the keys", named);
    result.scores = reader.getTensor(named.getInput(), seen->indices);
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
    if (!reader.getReduction(x, {key}))
      std::swap(x, y);
    max = x;
    result.sink = y;
    if (reader.dependsOn(y, key))
      return mismatch.fail("the maximum is with another score", difference);
  }
  std::optional<Reduction> maximum = reader.getReduction(max, {key});
  if (!maximum || reader.dependsOn(max, key) ||
      !isa<arith::MaximumFOp, arith::MaxNumFOp>(maximum->combiner))
    return mismatch.fail("what is subtracted is no maximum over the keys",
                         difference);
  Operation *maximumOp = getTensorOp(maximum->combiner);
  if (std::optional<double> init = maximum->init->getNumber();
      !init || *init > -1e30)
    return mismatch.fail("the maximum does not begin with -inf", maximumOp);
  if (!reader.areEqual(maximum->body, result.scores))
    return mismatch.fail("the maximum is of other data than the exponent",
                         maximumOp);

  Element *sum = skipGuard(reader, quotient->denominator, 0, 1);
  result.sum = sum;
  if (result.sink) {
    Element *both = reader.look(sum);
    if (!both->is<arith::AddFOp>())
      return mismatch.fail("the sum lacks the sink of the maximum", op);
    Element *keys = both->operands[0], *sink = reader.look(both->operands[1]);
    if (!sink->is<math::ExpOp>()) {
      keys = both->operands[1];
      sink = reader.look(both->operands[0]);
    }
    Element *exponentOfSink =
        sink->is<math::ExpOp>() ? reader.look(sink->operands[0]) : nullptr;
    if (!exponentOfSink || !exponentOfSink->is<arith::SubFOp>() ||
        !reader.areEqual(exponentOfSink->operands[0], result.sink) ||
        !reader.areEqual(exponentOfSink->operands[1], result.shift))
      return mismatch.fail("the sum lacks the sink of the maximum", op);
    sum = keys;
  }
  std::optional<Reduction> total = reader.getReduction(sum, {key});
  if (!total || reader.dependsOn(sum, key) ||
      !isa<arith::AddFOp>(total->combiner) || !isNumber(reader, total->init, 0))
    return mismatch.fail("the divisor is no sum over the keys", op);
  if (!reader.areEqual(total->body, quotient->numerator))
    return mismatch.fail("the sum is of other data than the dividend",
                         getTensorOp(total->combiner));
  if (quotient->isEmpty && !isEmptyRow(reader, quotient->isEmpty, result, key))
    return mismatch.fail("a condition other than an empty row zeroes weights",
                         op);
  return result;
}
