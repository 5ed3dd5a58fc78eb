//===- DistributeMap.cpp - Scalar code for each register ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The registers of a thread lie at positions that differ by constants. Where a
// map's body adds positions up, or divides one by a constant that divides the
// registers' distances, what the thread decides is computed once for all
// registers, and the constants meet in a compare's other operand.
//
//===----------------------------------------------------------------------===//

#include "Distributor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

namespace {

/// An integer as a value that registers share and a constant.
struct Sum {
  Value shared;
  int64_t constant = 0;
};

/// Clones the body of a map for one register after the other.
class MapCloner {
public:
  MapCloner(MapOp op, OpBuilder &b) : op(op), b(b), loc(op.getLoc()) {}

  /// Starts the next register.
  void restart() {
    mapping.clear();
    sums.clear();
  }
  void map(BlockArgument argument, Value value) {
    mapping.map(argument, value);
  }
  void mapPosition(BlockArgument argument, Value thread, int64_t move) {
    sums[argument] = {thread, move};
  }
  /// What the body yields.
  Value run();

private:
  Sum getSum(Value value);
  void materialize(Value value);
  bool cloneCast(Operation *nested);
  bool cloneSum(Operation *nested);
  bool cloneDivision(Operation *nested);
  bool cloneCompare(arith::CmpIOp compare);
  void clone(Operation *nested);

  MapOp op;
  OpBuilder &b;
  Location loc;
  IRMapping mapping;
  DenseMap<Value, Sum> sums;
  /// By operation of the body and its operands' shared values.
  DenseMap<std::tuple<Operation *, Value, Value>, Value> shared;
};

} // namespace

Sum MapCloner::getSum(Value value) {
  auto known = sums.find(value);
  if (known != sums.end())
    return known->second;
  return {mapping.lookupOrDefault(value), 0};
}

/// Makes a value of a sum, for those who take no sums.
void MapCloner::materialize(Value value) {
  auto known = sums.find(value);
  if (known == sums.end() || mapping.contains(value))
    return;
  auto [result, constant] = known->second;
  if (constant != 0)
    result = arith::AddIOp::create(
        b, loc, result,
        arith::ConstantIntOp::create(b, loc, result.getType(), constant),
        arith::IntegerOverflowFlags::nsw);
  if (value.getType().isIndex())
    result = arith::IndexCastOp::create(b, loc, b.getIndexType(), result);
  mapping.map(value, result);
}

/// A position of the tile is an integer of 32 bits already.
bool MapCloner::cloneCast(Operation *nested) {
  if (!isa<arith::IndexCastOp, arith::IndexCastUIOp>(nested) ||
      !nested->getResult(0).getType().isInteger(32))
    return false;
  auto known = sums.find(nested->getOperand(0));
  if (known == sums.end())
    return false;
  Sum sum = known->second;
  sums[nested->getResult(0)] = sum;
  return true;
}

bool MapCloner::cloneSum(Operation *nested) {
  if (!isa<arith::AddIOp, arith::SubIOp>(nested) ||
      !nested->getResult(0).getType().isInteger(32))
    return false;
  auto flags = cast<arith::ArithIntegerOverflowFlagsInterface>(nested);
  if (!flags.hasNoSignedWrap())
    return false;
  Sum lhs = getSum(nested->getOperand(0)), rhs = getSum(nested->getOperand(1));
  Value &result = shared[{nested, lhs.shared, rhs.shared}];
  if (!result) {
    // Without the constants, what did not overflow may.
    IRMapping operands;
    operands.map(nested->getOperand(0), lhs.shared);
    operands.map(nested->getOperand(1), rhs.shared);
    OpBuilder::InsertionGuard guard(b);
    Operation *copy = b.clone(*nested, operands);
    copy->setAttr(flags.getIntegerOverflowAttrName(),
                  arith::IntegerOverflowFlagsAttr::get(
                      b.getContext(), arith::IntegerOverflowFlags::none));
    result = copy->getResult(0);
  }
  int64_t constant = isa<arith::AddIOp>(nested) ? lhs.constant + rhs.constant
                                                : lhs.constant - rhs.constant;
  sums[nested->getResult(0)] = {result, constant};
  return true;
}

/// `(x + c d) / d` is `x / d + c`, and `(x + c d) % d` is `x % d`, for a
/// position in the tile, whose parts are no less than 0.
bool MapCloner::cloneDivision(Operation *nested) {
  APInt divisor;
  if (!isa<arith::DivUIOp, arith::RemUIOp>(nested) ||
      !nested->getResult(0).getType().isInteger(32) ||
      !matchPattern(nested->getOperand(1), m_ConstantInt(&divisor)) ||
      !divisor.isStrictlyPositive())
    return false;
  Value position = nested->getOperand(0);
  if (auto cast = position.getDefiningOp();
      isa_and_nonnull<arith::IndexCastOp, arith::IndexCastUIOp>(cast))
    position = cast->getOperand(0);
  auto known = sums.find(nested->getOperand(0));
  if (!isa<BlockArgument>(position) || known == sums.end() ||
      known->second.constant % divisor.getSExtValue() != 0)
    return false;
  auto [thread, move] = known->second;
  Value &result = shared[{nested, thread, Value()}];
  if (!result) {
    IRMapping operands;
    operands.map(nested->getOperand(0), thread);
    operands.map(nested->getOperand(1),
                 mapping.lookupOrDefault(nested->getOperand(1)));
    result = b.clone(*nested, operands)->getResult(0);
  }
  sums[nested->getResult(0)] = {
      result, isa<arith::DivUIOp>(nested) ? move / divisor.getSExtValue() : 0};
  return true;
}

/// `x + c` compared with a number is `x` compared with another.
bool MapCloner::cloneCompare(arith::CmpIOp compare) {
  APInt number;
  auto known = sums.find(compare.getLhs());
  bool isUnsigned =
      llvm::is_contained({arith::CmpIPredicate::ult, arith::CmpIPredicate::ule,
                          arith::CmpIPredicate::ugt, arith::CmpIPredicate::uge},
                         compare.getPredicate());
  Type type = compare.getLhs().getType();
  if (known == sums.end() || isUnsigned || !type.isInteger(32) ||
      !matchPattern(compare.getRhs(), m_ConstantInt(&number)))
    return false;
  int64_t difference = number.getSExtValue() - known->second.constant;
  if (!llvm::isInt<32>(difference))
    return false;
  Value moved = arith::ConstantIntOp::create(b, loc, type, difference);
  mapping.map(compare.getResult(),
              arith::CmpIOp::create(b, loc, compare.getPredicate(),
                                    known->second.shared, moved)
                  .getResult());
  return true;
}

void MapCloner::clone(Operation *nested) {
  nested->walk([&](Operation *user) {
    for (Value operand : user->getOperands())
      materialize(operand);
  });
  b.clone(*nested, mapping);
}

Value MapCloner::run() {
  Block &body = op.getBody().front();
  for (Operation &nested : body.without_terminator()) {
    auto compare = dyn_cast<arith::CmpIOp>(nested);
    if (!cloneCast(&nested) && !cloneSum(&nested) && !cloneDivision(&nested) &&
        !(compare && cloneCompare(compare)))
      clone(&nested);
  }
  Value yielded = body.getTerminator()->getOperand(0);
  materialize(yielded);
  return mapping.lookupOrDefault(yielded);
}

LogicalResult Distributor::distributeMap(MapOp op) {
  FailureOr<Fragment> result = create(op.getResult(), op);
  if (failed(result))
    return failure();
  if (result->packing != 1)
    return op.emitOpError("makes 16-bit elements, expected f32 or i1");
  Location loc = op.getLoc();
  SmallVector<Fragment, 0> inputs;
  for (Value input : op.getInputs()) {
    auto known = fragments.find(input);
    inputs.push_back(known != fragments.end() ? known->second
                                              : get(input, *result));
  }
  Block &body = op.getBody().front();
  MapCloner cloner(op, b);
  for (auto [i, value] : llvm::enumerate(result->values)) {
    if (!result->exists(i))
      continue;
    cloner.restart();
    uint32_t position = result->layout.getPosition(i, 0, 0);
    for (auto [input, argument] : llvm::zip(inputs, body.getArguments())) {
      // An input of fewer dimensions lacks the last ones.
      int64_t missing = 1;
      for (int64_t size :
           result->layout.getShape().drop_front(input.layout.getRank()))
        missing *= size;
      uint32_t at = position / missing;
      for (auto [j, element] : llvm::enumerate(input.values))
        if (input.layout.getPosition(j, 0, 0) == at)
          cloner.map(argument, element);
    }
    for (unsigned dim = 0; dim < result->layout.getRank(); ++dim) {
      auto [thread, move] =
          positions.getCoordinateParts(b, loc, result->layout, i, dim);
      cloner.mapPosition(body.getArgument(inputs.size() + dim), thread, move);
    }
    value = cloner.run();
  }
  fragments[op.getResult()] = *result;
  return success();
}
