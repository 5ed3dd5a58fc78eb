//===- Exponential.cpp - Exponentials of scores and their sums ------------===//
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

bool mlir::attn::isNumber(ElementReader &reader, Element *element,
                          double number) {
  return reader.look(element)->getNumber() == number;
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

std::optional<KeyReduction> mlir::attn::reduceKeys(ElementReader &reader,
                                                   Element *element,
                                                   const IndexForm &key,
                                                   bool isSinkFirst) {
  if (std::optional<Reduction> keys = reader.getReduction(element, {key}))
    return KeyReduction{*keys};
  std::optional<int64_t> size = reader.getReductionSize(element);
  auto range = reader.space.getRange(key);
  if (!size || !range || *size != range->second + 2)
    return std::nullopt;
  IndexForm ofKeys = key, ofSink(isSinkFirst ? 0 : *size - 1);
  ofKeys.constant += isSinkFirst ? 1 : 0;
  auto keys = reader.getReduction(element, {ofKeys}, /*isPart=*/true);
  auto sink = reader.getReduction(element, {ofSink}, /*isPart=*/true);
  if (!keys || !sink)
    return std::nullopt;
  return KeyReduction{*keys, sink->body};
}

void mlir::attn::readExponent(ElementReader &reader, Element *exponent,
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
  if (reader.isOne(result.factor))
    result.factor = 1;
}

std::optional<Exponential> mlir::attn::matchExponential(ElementReader &reader,
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

bool mlir::attn::areEqual(ElementReader &reader, const Exponential &x,
                          const Exponential &y) {
  return x.factor == y.factor && !x.shift == !y.shift &&
         (!x.shift || reader.areEqual(x.shift, y.shift)) &&
         reader.areEqual(x.scores, y.scores);
}

Element *mlir::attn::skipGuard(ElementReader &reader, Element *element,
                               double number, double otherwise) {
  Element *select = reader.look(element);
  if (!select->isSelect())
    return element;
  Element *condition = reader.look(select->operands[0]);
  if (!condition->is<arith::CmpFOp>() ||
      cast<arith::CmpFOp>(condition->op).getPredicate() !=
          arith::CmpFPredicate::OEQ ||
      !isNumber(reader, select->operands[1], otherwise))
    return element;
  Element *compared = condition->operands[0];
  if (reader.look(compared)->is<math::AbsFOp>()) {
    compared = reader.look(compared)->operands[0];
    number = std::abs(number);
  }
  if (!isNumber(reader, condition->operands[1], number) ||
      !reader.areEqual(compared, select->operands[2]))
    return element;
  return select->operands[2];
}
