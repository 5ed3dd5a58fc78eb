//===- Binary.cpp - Operators on the elements of several tensors ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

using BinaryFunction = Value (*)(OpBuilder &b, Location loc, Value x, Value y);

template <typename Op>
static Value apply(OpBuilder &b, Location loc, Value x, Value y) {
  return Op::create(b, loc, x, y);
}

/// Inputs 0 and 1 have elements of one type.
static LogicalResult checkSameType(Node &node, unsigned x, unsigned y) {
  Type first = getElement(node.getInput(x)),
       second = getElement(node.getInput(y));
  if (first == second)
    return success();
  std::string text;
  llvm::raw_string_ostream(text)
      << "inputs " << x << " and " << y << " have elements of " << first
      << " and " << second << ", expected one type";
  return node.fail(text);
}

static LogicalResult convertBinary(Node &node, Type element,
                                   BinaryFunction function) {
  if (failed(checkSameType(node, 0, 1)))
    return failure();
  auto result = elementwise(node, {node.getInput(0), node.getInput(1)}, element,
                            [&](OpBuilder &b, Location loc, ValueRange x) {
                              return function(b, loc, x[0], x[1]);
                            });
  if (failed(result))
    return failure();
  node.setOutput(0, *result);
  return success();
}

template <BinaryFunction onFloats, BinaryFunction onIntegers>
static LogicalResult convertNumbers(Node &node) {
  Type element = getElement(node.getInput(0));
  if (element.isInteger(1))
    return node.fail("input 0 has elements that are bools, expected numbers");
  return convertBinary(node, element,
                       isa<FloatType>(element) ? onFloats : onIntegers);
}

template <typename Op> static LogicalResult convertBools(Node &node) {
  if (!getElement(node.getInput(0)).isInteger(1))
    return node.fail("input 0 has elements that are no bools");
  return convertBinary(node, node.b.getI1Type(), apply<Op>);
}

template <arith::CmpFPredicate onFloats, arith::CmpIPredicate onIntegers>
static LogicalResult convertComparison(Node &node) {
  bool isFloat = isa<FloatType>(getElement(node.getInput(0)));
  return convertBinary(
      node, node.b.getI1Type(),
      isFloat
      ? [](OpBuilder &b, Location loc, Value x, Value y)
            -> Value { return arith::CmpFOp::create(b, loc, onFloats, x, y); }
      : [](OpBuilder &b, Location loc, Value x, Value y) -> Value {
          return arith::CmpIOp::create(b, loc, onIntegers, x, y);
        });
}

/// Min and Max of one input or more.
template <BinaryFunction onFloats, BinaryFunction onIntegers>
static LogicalResult convertExtremum(Node &node) {
  Value result = node.getInput(0);
  Type element = getElement(result);
  BinaryFunction function = isa<FloatType>(element) ? onFloats : onIntegers;
  for (unsigned i = 1; i < node.getNumInputs(); ++i) {
    if (failed(checkSameType(node, 0, i)))
      return failure();
    auto next = elementwise(node, {result, node.getInput(i)}, element,
                            [&](OpBuilder &b, Location loc, ValueRange x) {
                              return function(b, loc, x[0], x[1]);
                            });
    if (failed(next))
      return failure();
    result = *next;
  }
  node.setOutput(0, result);
  return success();
}

/// The remainder with the sign of the divisor.
static Value floorRemainder(OpBuilder &b, Location loc, Value x, Value y) {
  Value quotient = arith::FloorDivSIOp::create(b, loc, x, y);
  return arith::SubIOp::create(b, loc, x,
                               arith::MulIOp::create(b, loc, quotient, y));
}

/// The same of floats, by the remainder with the sign of the dividend.
static Value floorRemainderFloat(OpBuilder &b, Location loc, Value x, Value y) {
  Value zero = scalarConstant(b, loc, x.getType(), 0);
  Value remainder = arith::RemFOp::create(b, loc, x, y);
  auto isNegative = [&](Value v) -> Value {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, v, zero);
  };
  Value differs =
      arith::XOrIOp::create(b, loc, isNegative(remainder), isNegative(y));
  Value isZero =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, remainder, zero);
  Value moved = arith::SelectOp::create(
      b, loc, differs, arith::AddFOp::create(b, loc, remainder, y), remainder);
  // Zero has the sign of the divisor.
  return arith::SelectOp::create(
      b, loc, isZero, math::CopySignOp::create(b, loc, zero, y), moved);
}

static LogicalResult convertMod(Node &node) {
  Type element = getElement(node.getInput(0));
  bool isFmod = node.getInt("fmod", 0) != 0;
  if (isa<FloatType>(element))
    return convertBinary(node, element,
                         isFmod ? apply<arith::RemFOp> : floorRemainderFloat);
  return convertBinary(node, element,
                       isFmod ? apply<arith::RemSIOp> : floorRemainder);
}

static LogicalResult convertPow(Node &node) {
  Value base = node.getInput(0), exponent = node.getInput(1);
  Type element = getElement(base);
  // Integers are raised in f64.
  Type computed = isa<FloatType>(element) ? element : node.b.getF64Type();
  // A square and a root are what models raise to most.
  if (DenseElementsAttr value = node.evaluate(exponent);
      value && value.isSplat() && getRank(exponent) <= getRank(base)) {
    double number =
        isa<FloatType>(getElement(exponent))
            ? value.getSplatValue<FloatAttr>().getValueAsDouble()
            : static_cast<double>(value.getSplatValue<APInt>().getSExtValue());
    if ((number == 2 || number == 0.5) && element == computed) {
      auto result =
          elementwise(node, {base, exponent}, element,
                      [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
                        if (number == 2)
                          return arith::MulFOp::create(b, loc, x[0], x[0]);
                        return math::SqrtOp::create(b, loc, x[0]);
                      });
      if (failed(result))
        return failure();
      node.setOutput(0, *result);
      return success();
    }
  }
  auto result =
      elementwise(node, {base, exponent}, element,
                  [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
                    Value power = math::PowFOp::create(
                        b, loc, castScalar(b, loc, x[0], computed),
                        castScalar(b, loc, x[1], computed));
                    return castScalar(b, loc, power, element);
                  });
  if (failed(result))
    return failure();
  node.setOutput(0, *result);
  return success();
}

static LogicalResult convertWhere(Node &node) {
  if (!getElement(node.getInput(0)).isInteger(1))
    return node.fail("input 0 has elements that are no bools");
  if (failed(checkSameType(node, 1, 2)))
    return failure();
  auto result =
      elementwise(node, {node.getInput(0), node.getInput(1), node.getInput(2)},
                  getElement(node.getInput(1)),
                  [](OpBuilder &b, Location loc, ValueRange x) -> Value {
                    return arith::SelectOp::create(b, loc, x[0], x[1], x[2]);
                  });
  if (failed(result))
    return failure();
  node.setOutput(0, *result);
  return success();
}

static LogicalResult convertClip(Node &node) {
  Value result = node.getInput(0);
  Type element = getElement(result);
  bool isFloat = isa<FloatType>(element);
  for (unsigned i : {1, 2}) {
    Value bound = node.getInput(i);
    if (!bound)
      continue;
    if (failed(checkSameType(node, 0, i)))
      return failure();
    auto next = elementwise(
        node, {result, bound}, element,
        [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
          if (i == 1)
            return isFloat ? apply<arith::MaximumFOp>(b, loc, x[0], x[1])
                           : apply<arith::MaxSIOp>(b, loc, x[0], x[1]);
          return isFloat ? apply<arith::MinimumFOp>(b, loc, x[0], x[1])
                         : apply<arith::MinSIOp>(b, loc, x[0], x[1]);
        });
    if (failed(next))
      return failure();
    result = *next;
  }
  node.setOutput(0, result);
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getBinaryOperators() {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static const OperatorEntry entries[] = {
      {"Add", 7, 2, convertNumbers<apply<arith::AddFOp>, apply<arith::AddIOp>>},
      {"Sub", 7, 2, convertNumbers<apply<arith::SubFOp>, apply<arith::SubIOp>>},
      {"Mul", 7, 2, convertNumbers<apply<arith::MulFOp>, apply<arith::MulIOp>>},
      {"Div", 7, 2,
       convertNumbers<apply<arith::DivFOp>, apply<arith::DivSIOp>>},
      {"Mod", 10, 2, convertMod},
      {"Pow", 7, 2, convertPow},
      {"Min", 8, 1,
       convertExtremum<apply<arith::MinimumFOp>, apply<arith::MinSIOp>>},
      {"Max", 8, 1,
       convertExtremum<apply<arith::MaximumFOp>, apply<arith::MaxSIOp>>},
      {"Sum", 8, 1,
       convertExtremum<apply<arith::AddFOp>, apply<arith::AddIOp>>},
      {"Equal", 7, 2, convertComparison<F::OEQ, I::eq>},
      {"Less", 7, 2, convertComparison<F::OLT, I::slt>},
      {"LessOrEqual", 12, 2, convertComparison<F::OLE, I::sle>},
      {"Greater", 7, 2, convertComparison<F::OGT, I::sgt>},
      {"GreaterOrEqual", 12, 2, convertComparison<F::OGE, I::sge>},
      {"And", 7, 2, convertBools<arith::AndIOp>},
      {"Or", 7, 2, convertBools<arith::OrIOp>},
      {"Xor", 7, 2, convertBools<arith::XOrIOp>},
      {"Where", 9, 3, convertWhere},
      {"Clip", 11, 1, convertClip},
  };
  return entries;
}
