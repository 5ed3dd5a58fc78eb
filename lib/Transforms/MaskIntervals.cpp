//===- MaskIntervals.cpp - Masks over whole tiles -------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskIntervals.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::attn;

namespace {

/// What is known of a boolean in a tile: whether it always and whether it ever
/// holds.
struct Truth {
  Value all, any;
};

/// Interprets the body of a mask region over intervals.
class MaskInterpreter {
public:
  MaskInterpreter(OpBuilder &b, Location loc, Region &region)
      : b(b), loc(loc), region(region) {}

  void bind(BlockArgument argument, Interval interval) {
    intervals[argument] = interval;
  }
  Truth run();

private:
  using Predicate = arith::CmpIPredicate;

  Value compare(Predicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
  }
  Value conjunction(Value x, Value y) {
    return b.createOrFold<arith::AndIOp>(loc, x, y);
  }
  Value disjunction(Value x, Value y) {
    return b.createOrFold<arith::OrIOp>(loc, x, y);
  }
  Value negation(Value x) {
    Value one = arith::ConstantIntOp::create(b, loc, 1, 1);
    return b.createOrFold<arith::XOrIOp>(loc, x, one);
  }
  Truth unknown() {
    return {arith::ConstantIntOp::create(b, loc, 0, 1),
            arith::ConstantIntOp::create(b, loc, 1, 1)};
  }
  bool isOutside(Value value) {
    return !region.isAncestor(value.getParentRegion());
  }

  std::optional<Interval> getInterval(Value value);
  Truth getTruth(Value value);
  void visit(Operation *op);
  std::optional<Interval> visitInteger(Operation *op);
  std::optional<Truth> visitBoolean(Operation *op);
  std::optional<Interval> visitExtract(tensor::ExtractOp op);
  std::optional<Interval> visitRemainder(Value lhs, Value rhs);
  Truth visitComparison(arith::CmpIOp op);

  OpBuilder &b;
  Location loc;
  Region &region;
  DenseMap<Value, Interval> intervals;
  DenseMap<Value, Truth> truths;
};

} // namespace

std::optional<Interval> MaskInterpreter::getInterval(Value value) {
  if (auto found = intervals.find(value); found != intervals.end())
    return found->second;
  if (isOutside(value))
    return Interval{value, value};
  return std::nullopt;
}

Truth MaskInterpreter::getTruth(Value value) {
  if (auto found = truths.find(value); found != truths.end())
    return found->second;
  if (isOutside(value))
    return {value, value};
  return unknown();
}

Truth MaskInterpreter::run() {
  for (Operation &op : region.front().without_terminator())
    visit(&op);
  return getTruth(region.front().getTerminator()->getOperand(0));
}

void MaskInterpreter::visit(Operation *op) {
  if (op->getNumResults() != 1)
    return;
  Value result = op->getResult(0);
  if (result.getType().isInteger(1)) {
    if (std::optional<Truth> truth = visitBoolean(op))
      truths[result] = *truth;
  } else if (result.getType().isIntOrIndex()) {
    if (std::optional<Interval> interval = visitInteger(op))
      intervals[result] = *interval;
  }
}

std::optional<Interval> MaskInterpreter::visitInteger(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>()) {
    Value clone = b.clone(*op)->getResult(0);
    return Interval{clone, clone};
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return visitExtract(extract);
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    auto x = getInterval(select.getTrueValue());
    auto y = getInterval(select.getFalseValue());
    if (!x || !y)
      return std::nullopt;
    return Interval{arith::MinSIOp::create(b, loc, x->low, y->low),
                    arith::MaxSIOp::create(b, loc, x->high, y->high)};
  }
  SmallVector<Interval> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Interval> interval =
        operand.getType().isInteger(1) ? std::nullopt : getInterval(operand);
    if (!interval)
      return std::nullopt;
    operands.push_back(*interval);
  }
  return TypeSwitch<Operation *, std::optional<Interval>>(op)
      .Case<arith::AddIOp>([&](auto) -> Interval {
        return {
            arith::AddIOp::create(b, loc, operands[0].low, operands[1].low),
            arith::AddIOp::create(b, loc, operands[0].high, operands[1].high)};
      })
      .Case<arith::SubIOp>([&](auto) -> Interval {
        return {
            arith::SubIOp::create(b, loc, operands[0].low, operands[1].high),
            arith::SubIOp::create(b, loc, operands[0].high, operands[1].low)};
      })
      .Case<arith::MinSIOp, arith::MaxSIOp>([&](auto bound) -> Interval {
        using Op = decltype(bound);
        return {Op::create(b, loc, operands[0].low, operands[1].low),
                Op::create(b, loc, operands[0].high, operands[1].high)};
      })
      .Case<arith::MulIOp>([&](auto) -> Interval {
        SmallVector<Value> products;
        for (Value x : {operands[0].low, operands[0].high})
          for (Value y : {operands[1].low, operands[1].high})
            products.push_back(arith::MulIOp::create(b, loc, x, y));
        Interval result{products[0], products[0]};
        for (Value product : llvm::drop_begin(products)) {
          result.low = arith::MinSIOp::create(b, loc, result.low, product);
          result.high = arith::MaxSIOp::create(b, loc, result.high, product);
        }
        return result;
      })
      .Case<arith::DivSIOp, arith::FloorDivSIOp, arith::DivUIOp>(
          [&](auto division) -> std::optional<Interval> {
            // Monotonic in the dividend where the divisor is a positive
            // constant (and, unsigned, where the dividend is not negative: an
            // index of a position).
            using Op = decltype(division);
            APInt divisor;
            if (!matchPattern(division.getRhs(), m_ConstantInt(&divisor)) ||
                !divisor.isStrictlyPositive())
              return std::nullopt;
            Value by = operands[1].low;
            if (isa<arith::DivUIOp>(division.getOperation()) &&
                !isa<BlockArgument>(division.getLhs()))
              return std::nullopt;
            return Interval{Op::create(b, loc, operands[0].low, by),
                            Op::create(b, loc, operands[0].high, by)};
          })
      .Case<arith::RemSIOp, arith::RemUIOp>(
          [&](auto remainder) -> std::optional<Interval> {
            // Of a position only: there signs do not matter.
            if (!isa<BlockArgument>(remainder.getLhs()))
              return std::nullopt;
            return visitRemainder(remainder.getLhs(), remainder.getRhs());
          })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(
          [&](auto cast) -> Interval {
            using Op = decltype(cast);
            Type type = cast.getType();
            return {Op::create(b, loc, type, operands[0].low),
                    Op::create(b, loc, type, operands[0].high)};
          })
      .Default(std::nullopt);
}

/// x mod c for c > 0: exact where x stays within one multiple of c.
std::optional<Interval> MaskInterpreter::visitRemainder(Value lhs, Value rhs) {
  APInt divisor;
  auto x = getInterval(lhs), c = getInterval(rhs);
  if (!x || !c || !matchPattern(rhs, m_ConstantInt(&divisor)) ||
      !divisor.isStrictlyPositive())
    return std::nullopt;
  Value by = c->low;
  Value same =
      compare(Predicate::eq, arith::DivSIOp::create(b, loc, x->low, by),
              arith::DivSIOp::create(b, loc, x->high, by));
  Type type = lhs.getType();
  Value zero = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, 0));
  Value last = arith::ConstantOp::create(
      b, loc, b.getIntegerAttr(type, divisor.getSExtValue() - 1));
  return Interval{
      arith::SelectOp::create(b, loc, same,
                              arith::RemSIOp::create(b, loc, x->low, by), zero),
      arith::SelectOp::create(
          b, loc, same, arith::RemSIOp::create(b, loc, x->high, by), last)};
}

/// A captured tensor of integers, read at the positions of one dimension: the
/// minimum and maximum over the tile (documents, blocks of any kind).
std::optional<Interval> MaskInterpreter::visitExtract(tensor::ExtractOp op) {
  if (!isOutside(op.getTensor()))
    return std::nullopt;
  SmallVector<Value> indices;
  std::optional<unsigned> varying;
  Interval range;
  for (auto [i, index] : llvm::enumerate(op.getIndices())) {
    std::optional<Interval> interval = getInterval(index);
    if (!interval)
      return std::nullopt;
    indices.push_back(interval->low);
    if (interval->low == interval->high)
      continue;
    // An index that is not a position itself could leave the tensor between
    // the ends of its interval.
    if (varying || !isa<BlockArgument>(index))
      return std::nullopt;
    varying = i;
    range = *interval;
  }
  Value first = tensor::ExtractOp::create(b, loc, op.getTensor(), indices);
  if (!varying)
    return Interval{first, first};
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value begin = arith::AddIOp::create(b, loc, range.low, one);
  Value end = arith::AddIOp::create(b, loc, range.high, one);
  auto loop = scf::ForOp::create(
      b, loc, begin, end, one, ValueRange{first, first},
      [&](OpBuilder &nested, Location, Value at, ValueRange ends) {
        indices[*varying] = at;
        Value value =
            tensor::ExtractOp::create(nested, loc, op.getTensor(), indices);
        scf::YieldOp::create(
            nested, loc,
            ValueRange{arith::MinSIOp::create(nested, loc, ends[0], value),
                       arith::MaxSIOp::create(nested, loc, ends[1], value)});
      });
  return Interval{loop.getResult(0), loop.getResult(1)};
}

std::optional<Truth> MaskInterpreter::visitBoolean(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>()) {
    Value clone = b.clone(*op)->getResult(0);
    return Truth{clone, clone};
  }
  return TypeSwitch<Operation *, std::optional<Truth>>(op)
      .Case<arith::CmpIOp>([&](auto cmp) { return visitComparison(cmp); })
      .Case<arith::AndIOp>([&](auto) {
        Truth x = getTruth(op->getOperand(0)), y = getTruth(op->getOperand(1));
        return Truth{conjunction(x.all, y.all), conjunction(x.any, y.any)};
      })
      .Case<arith::OrIOp>([&](auto) {
        Truth x = getTruth(op->getOperand(0)), y = getTruth(op->getOperand(1));
        return Truth{disjunction(x.all, y.all), disjunction(x.any, y.any)};
      })
      .Case<arith::XOrIOp>([&](auto) -> std::optional<Truth> {
        if (!matchPattern(op->getOperand(1), m_One()))
          return std::nullopt;
        Truth x = getTruth(op->getOperand(0));
        return Truth{negation(x.any), negation(x.all)};
      })
      .Case<arith::SelectOp>([&](auto select) {
        Truth x = getTruth(select.getTrueValue());
        Truth y = getTruth(select.getFalseValue());
        return Truth{conjunction(x.all, y.all), disjunction(x.any, y.any)};
      })
      .Default(std::nullopt);
}

Truth MaskInterpreter::visitComparison(arith::CmpIOp op) {
  auto x = getInterval(op.getLhs()), y = getInterval(op.getRhs());
  if (!x || !y)
    return unknown();
  switch (op.getPredicate()) {
  case Predicate::slt:
  case Predicate::sle:
    return {compare(op.getPredicate(), x->high, y->low),
            compare(op.getPredicate(), x->low, y->high)};
  case Predicate::sgt:
  case Predicate::sge:
    return {compare(op.getPredicate(), x->low, y->high),
            compare(op.getPredicate(), x->high, y->low)};
  case Predicate::eq:
  case Predicate::ne: {
    Value never = disjunction(compare(Predicate::slt, x->high, y->low),
                              compare(Predicate::sgt, x->low, y->high));
    Value always =
        conjunction(conjunction(compare(Predicate::eq, x->low, x->high),
                                compare(Predicate::eq, y->low, y->high)),
                    compare(Predicate::eq, x->low, y->low));
    if (op.getPredicate() == Predicate::eq)
      return {always, negation(never)};
    return {never, negation(always)};
  }
  default:
    return unknown();
  }
}

std::pair<Value, Value> mlir::attn::classifyTile(OpBuilder &b, Location loc,
                                                 SDPAOp op, Value queryShift,
                                                 Interval batch, Interval head,
                                                 Interval query, Interval key) {
  Value all = arith::ConstantIntOp::create(b, loc, 1, 1), any = all;
  auto also = [&](Value newAll, Value newAny) {
    all = b.createOrFold<arith::AndIOp>(loc, all, newAll);
    any = b.createOrFold<arith::AndIOp>(loc, any, newAny);
  };
  auto compare = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs,
                     int64_t shift) {
    Value at = arith::AddIOp::create(b, loc, rhs, queryShift);
    if (shift)
      at = arith::AddIOp::create(b, loc, at,
                                 arith::ConstantIndexOp::create(b, loc, shift));
    return arith::CmpIOp::create(b, loc, predicate, lhs, at);
  };
  constexpr auto sle = arith::CmpIPredicate::sle,
                 sge = arith::CmpIPredicate::sge;
  if (op.getCausal())
    also(compare(sle, key.high, query.low, 0),
         compare(sle, key.low, query.high, 0));
  if (int64_t right = op.getWindowRight(); right >= 0)
    also(compare(sle, key.high, query.low, right),
         compare(sle, key.low, query.high, right));
  if (int64_t left = op.getWindowLeft(); left >= 0)
    also(compare(sge, key.low, query.high, -left),
         compare(sge, key.high, query.low, -left));
  if (op.getKeep())
    also(arith::ConstantIntOp::create(b, loc, 0, 1),
         arith::ConstantIntOp::create(b, loc, 1, 1));
  if (op.hasMaskRegion()) {
    Region &region = op.getMask();
    MaskInterpreter interpreter(b, loc, region);
    Interval position[] = {batch, head, query, key};
    for (auto [argument, interval] :
         llvm::zip_equal(region.getArguments(), position))
      interpreter.bind(argument, interval);
    Truth truth = interpreter.run();
    also(truth.all, truth.any);
  }
  return {all, any};
}
