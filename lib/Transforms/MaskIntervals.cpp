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
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

namespace {

/// Positions are taken to be less than this. In a longer sequence the analysis
/// is wrong only where the mask's own arithmetic wraps.
constexpr uint64_t kMaxPosition = uint64_t(1) << 28;

/// What is known of an integer in a tile: its interval at run time, and a bound
/// of its magnitude, by which most arithmetic is known not to wrap.
struct IntegerRange : Interval {
  uint64_t bound;
};

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
    ranges[argument] = {interval, kMaxPosition};
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

  std::optional<IntegerRange> getRange(Value value);
  Truth getTruth(Value value);
  void visit(Operation *op);
  std::optional<IntegerRange> visitInteger(Operation *op);
  std::optional<Truth> visitBoolean(Operation *op);
  std::optional<IntegerRange> visitArithmetic(Operation *op, IntegerRange x,
                                              IntegerRange y);
  std::optional<IntegerRange> visitCast(Operation *op, IntegerRange x);
  std::optional<IntegerRange> visitExtract(tensor::ExtractOp op);
  std::optional<IntegerRange> visitRemainder(Value lhs, Value rhs);
  IntegerRange widen(IntegerRange range);
  IntegerRange wrap(IntegerRange wide, Type type);
  Truth visitComparison(arith::CmpIOp op);

  OpBuilder &b;
  Location loc;
  Region &region;
  DenseMap<Value, IntegerRange> ranges;
  DenseMap<Value, Truth> truths;
};

} // namespace

static unsigned getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The largest value of a type of up to 64 bits.
static uint64_t getLargest(Type type) {
  return llvm::maskTrailingOnes<uint64_t>(getWidth(type) - 1);
}

/// The bound of a value that comes from outside. An index counts something.
static uint64_t getBound(Type type) {
  return type.isIndex() ? uint64_t(1) << 62 : getLargest(type) + 1;
}

std::optional<IntegerRange> MaskInterpreter::getRange(Value value) {
  if (auto found = ranges.find(value); found != ranges.end())
    return found->second;
  if (isOutside(value) && value.getType().isIntOrIndex() &&
      getWidth(value.getType()) <= 64)
    return IntegerRange{{value, value}, getBound(value.getType())};
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
  } else if (result.getType().isIntOrIndex() &&
             getWidth(result.getType()) <= 64) {
    if (std::optional<IntegerRange> range = visitInteger(op))
      ranges[result] = *range;
  }
}

std::optional<IntegerRange> MaskInterpreter::visitInteger(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>()) {
    APInt constant;
    if (!matchPattern(op, m_ConstantInt(&constant)))
      return std::nullopt;
    Value clone = b.clone(*op)->getResult(0);
    return IntegerRange{{clone, clone}, constant.abs().getZExtValue()};
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return visitExtract(extract);
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    auto x = getRange(select.getTrueValue());
    auto y = getRange(select.getFalseValue());
    if (!x || !y)
      return std::nullopt;
    return IntegerRange{{arith::MinSIOp::create(b, loc, x->low, y->low),
                         arith::MaxSIOp::create(b, loc, x->high, y->high)},
                        std::max(x->bound, y->bound)};
  }
  SmallVector<IntegerRange> operands;
  for (Value operand : op->getOperands()) {
    std::optional<IntegerRange> range =
        operand.getType().isInteger(1) ? std::nullopt : getRange(operand);
    if (!range)
      return std::nullopt;
    operands.push_back(*range);
  }
  return TypeSwitch<Operation *, std::optional<IntegerRange>>(op)
      .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp>(
          [&](auto) { return visitArithmetic(op, operands[0], operands[1]); })
      .Case<arith::MinSIOp, arith::MaxSIOp>([&](auto bound) -> IntegerRange {
        using Op = decltype(bound);
        return {{Op::create(b, loc, operands[0].low, operands[1].low),
                 Op::create(b, loc, operands[0].high, operands[1].high)},
                std::max(operands[0].bound, operands[1].bound)};
      })
      .Case<arith::DivSIOp, arith::FloorDivSIOp, arith::DivUIOp>(
          [&](auto division) -> std::optional<IntegerRange> {
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
            return IntegerRange{{Op::create(b, loc, operands[0].low, by),
                                 Op::create(b, loc, operands[0].high, by)},
                                operands[0].bound};
          })
      .Case<arith::RemSIOp, arith::RemUIOp>(
          [&](auto remainder) -> std::optional<IntegerRange> {
            // Of a position only: there signs do not matter.
            if (!isa<BlockArgument>(remainder.getLhs()))
              return std::nullopt;
            return visitRemainder(remainder.getLhs(), remainder.getRhs());
          })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(
          [&](auto) { return visitCast(op, operands[0]); })
      .Default(std::nullopt);
}

/// A range in 64 bits.
IntegerRange MaskInterpreter::widen(IntegerRange range) {
  Type type = range.low.getType(), i64 = b.getI64Type();
  if (getWidth(type) == 64)
    return range;
  range.low = arith::ExtSIOp::create(b, loc, i64, range.low);
  range.high = arith::ExtSIOp::create(b, loc, i64, range.high);
  return range;
}

/// A range of 64 bits in a narrower type: all of the type where it could wrap.
IntegerRange MaskInterpreter::wrap(IntegerRange wide, Type type) {
  Type wideType = wide.low.getType();
  int64_t largest = getLargest(type);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(wideType, value));
  };
  Value least = constant(-largest - 1), most = constant(largest);
  Value fits = conjunction(compare(Predicate::sge, wide.low, least),
                           compare(Predicate::sle, wide.high, most));
  auto narrow = [&](Value end, Value otherwise) -> Value {
    Value kept = arith::SelectOp::create(b, loc, fits, end, otherwise);
    if (wideType.isIndex())
      return arith::IndexCastOp::create(b, loc, type, kept);
    return arith::TruncIOp::create(b, loc, type, kept);
  };
  return {{narrow(wide.low, least), narrow(wide.high, most)}, getBound(type)};
}

std::optional<IntegerRange> MaskInterpreter::visitArithmetic(Operation *op,
                                                             IntegerRange x,
                                                             IntegerRange y) {
  Type type = op->getResult(0).getType();
  uint64_t bound = isa<arith::MulIOp>(op)
                       ? llvm::SaturatingMultiply(x.bound, y.bound)
                       : llvm::SaturatingAdd(x.bound, y.bound);
  auto flags = cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  bool mayWrap = bound > getLargest(type) && !flags.hasNoSignedWrap();
  if (mayWrap) {
    // A hash of positions, if anything.
    if (getWidth(type) > 32)
      return std::nullopt;
    x = widen(x);
    y = widen(y);
  }
  IntegerRange result{{}, std::min(bound, getBound(type))};
  if (isa<arith::AddIOp>(op)) {
    result.low = arith::AddIOp::create(b, loc, x.low, y.low);
    result.high = arith::AddIOp::create(b, loc, x.high, y.high);
  } else if (isa<arith::SubIOp>(op)) {
    result.low = arith::SubIOp::create(b, loc, x.low, y.high);
    result.high = arith::SubIOp::create(b, loc, x.high, y.low);
  } else {
    SmallVector<Value> products;
    for (Value left : {x.low, x.high})
      for (Value right : {y.low, y.high})
        products.push_back(arith::MulIOp::create(b, loc, left, right));
    result.low = result.high = products[0];
    for (Value product : llvm::drop_begin(products)) {
      result.low = arith::MinSIOp::create(b, loc, result.low, product);
      result.high = arith::MaxSIOp::create(b, loc, result.high, product);
    }
  }
  return mayWrap ? wrap(result, type) : result;
}

std::optional<IntegerRange> MaskInterpreter::visitCast(Operation *op,
                                                       IntegerRange x) {
  Type type = op->getResult(0).getType();
  if (x.bound > getLargest(type) && getWidth(type) < getWidth(x.low.getType()))
    return wrap(widen(x), type);
  auto cast = [&](Value end) {
    OperationState state(loc, op->getName(), end, type);
    return b.create(state)->getResult(0);
  };
  return IntegerRange{{cast(x.low), cast(x.high)}, x.bound};
}

/// x mod c for c > 0: exact where x stays within one multiple of c.
std::optional<IntegerRange> MaskInterpreter::visitRemainder(Value lhs,
                                                            Value rhs) {
  APInt divisor;
  auto x = getRange(lhs), c = getRange(rhs);
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
  return IntegerRange{
      {arith::SelectOp::create(
           b, loc, same, arith::RemSIOp::create(b, loc, x->low, by), zero),
       arith::SelectOp::create(
           b, loc, same, arith::RemSIOp::create(b, loc, x->high, by), last)},
      divisor.getZExtValue()};
}

/// A captured tensor of integers, read at the positions of one dimension: the
/// minimum and maximum over the tile (documents, blocks of any kind).
std::optional<IntegerRange>
MaskInterpreter::visitExtract(tensor::ExtractOp op) {
  if (!isOutside(op.getTensor()))
    return std::nullopt;
  SmallVector<Value> indices;
  std::optional<unsigned> varying;
  Interval range;
  for (auto [i, index] : llvm::enumerate(op.getIndices())) {
    std::optional<IntegerRange> interval = getRange(index);
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
  uint64_t bound = getBound(first.getType());
  if (!varying)
    return IntegerRange{{first, first}, bound};
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
  return IntegerRange{{loop.getResult(0), loop.getResult(1)}, bound};
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
  auto x = getRange(op.getLhs()), y = getRange(op.getRhs());
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
