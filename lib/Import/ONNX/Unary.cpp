//===- Unary.cpp - Operators on the elements of one tensor ----------------===//
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

/// A function of a float or an integer.
using ScalarFunction = Value (*)(OpBuilder &b, Location loc, Value x);

static Value constant(OpBuilder &b, Location loc, Value like, double value) {
  return scalarConstant(b, loc, like.getType(), value);
}

template <typename Op> static Value apply(OpBuilder &b, Location loc, Value x) {
  return Op::create(b, loc, x);
}

static Value divide(OpBuilder &b, Location loc, Value x, Value y) {
  return arith::DivFOp::create(b, loc, x, y);
}

/// 1 / (1 + exp(-x)).
static Value sigmoid(OpBuilder &b, Location loc, Value x) {
  Value one = constant(b, loc, x, 1);
  Value exp = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, x));
  return divide(b, loc, one, arith::AddFOp::create(b, loc, one, exp));
}

static Value multiply(OpBuilder &b, Location loc, Value x, Value y) {
  return arith::MulFOp::create(b, loc, x, y);
}

static LogicalResult convertUnary(Node &node, ScalarFunction function) {
  Type element = getElement(node.getInput(0));
  auto result = elementwise(node, node.getInput(0), element,
                            [&](OpBuilder &b, Location loc, ValueRange x) {
                              return function(b, loc, x[0]);
                            });
  if (failed(result))
    return failure();
  node.setOutput(0, *result);
  return success();
}

/// A function of floats.
template <ScalarFunction function>
static LogicalResult convertFloat(Node &node) {
  Type element = getElement(node.getInput(0));
  if (!isa<FloatType>(element))
    return node.fail("input 0 has elements that are no floats");
  return convertUnary(node, function);
}

/// Different functions of floats and integers.
template <ScalarFunction onFloats, ScalarFunction onIntegers>
static LogicalResult convertNumber(Node &node) {
  bool isFloat = isa<FloatType>(getElement(node.getInput(0)));
  return convertUnary(node, isFloat ? onFloats : onIntegers);
}

static Value negateInteger(OpBuilder &b, Location loc, Value x) {
  return arith::SubIOp::create(b, loc, constant(b, loc, x, 0), x);
}

static Value reciprocal(OpBuilder &b, Location loc, Value x) {
  return divide(b, loc, constant(b, loc, x, 1), x);
}

static Value reluFloat(OpBuilder &b, Location loc, Value x) {
  return arith::MaximumFOp::create(b, loc, x, constant(b, loc, x, 0));
}

static Value reluInteger(OpBuilder &b, Location loc, Value x) {
  return arith::MaxSIOp::create(b, loc, x, constant(b, loc, x, 0));
}

/// max(x, 0) + log1p(exp(-|x|)), which does not overflow.
static Value softplus(OpBuilder &b, Location loc, Value x) {
  Value absolute = math::AbsFOp::create(b, loc, x);
  Value exp =
      math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, absolute));
  return arith::AddFOp::create(b, loc, reluFloat(b, loc, x),
                               math::Log1pOp::create(b, loc, exp));
}

static Value signFloat(OpBuilder &b, Location loc, Value x) {
  Value zero = constant(b, loc, x, 0);
  auto select = [&](arith::CmpFPredicate predicate, double value,
                    Value otherwise) -> Value {
    return arith::SelectOp::create(
        b, loc, arith::CmpFOp::create(b, loc, predicate, x, zero),
        constant(b, loc, x, value), otherwise);
  };
  return select(arith::CmpFPredicate::OGT, 1,
                select(arith::CmpFPredicate::OLT, -1, x));
}

static Value signInteger(OpBuilder &b, Location loc, Value x) {
  Value one = constant(b, loc, x, 1), minusOne = constant(b, loc, x, -1);
  return arith::MaxSIOp::create(b, loc, arith::MinSIOp::create(b, loc, x, one),
                                minusOne);
}

static Value notBool(OpBuilder &b, Location loc, Value x) {
  return arith::XOrIOp::create(b, loc, x, constant(b, loc, x, 1));
}

static Value softsign(OpBuilder &b, Location loc, Value x) {
  return divide(b, loc, x,
                arith::AddFOp::create(b, loc, constant(b, loc, x, 1),
                                      math::AbsFOp::create(b, loc, x)));
}

static LogicalResult convertNot(Node &node) {
  if (!getElement(node.getInput(0)).isInteger(1))
    return node.fail("input 0 has elements that are no bools");
  return convertUnary(node, notBool);
}

static LogicalResult
convertFloats(Node &node, Type result,
              function_ref<Value(OpBuilder &, Location, Value)> function) {
  if (!isa<FloatType>(getElement(node.getInput(0))))
    return node.fail("input 0 has elements that are no floats");
  auto output = elementwise(node, node.getInput(0), result,
                            [&](OpBuilder &b, Location loc, ValueRange x) {
                              return function(b, loc, x[0]);
                            });
  if (failed(output))
    return failure();
  node.setOutput(0, *output);
  return success();
}

/// A function of floats with attributes.
static LogicalResult
convertWith(Node &node,
            function_ref<Value(OpBuilder &, Location, Value)> function) {
  return convertFloats(node, getElement(node.getInput(0)), function);
}

static LogicalResult convertGelu(Node &node) {
  StringRef approximate = node.getString("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return node.failValue("approximate", "'" + approximate + "'",
                          "'none' or 'tanh'");
  return convertWith(node, [&](OpBuilder &b, Location loc, Value x) -> Value {
    Value half = multiply(b, loc, x, constant(b, loc, x, 0.5));
    Value inner;
    if (approximate == "none") {
      inner = math::ErfOp::create(
          b, loc, multiply(b, loc, x, constant(b, loc, x, M_SQRT1_2)));
    } else {
      Value cube = multiply(b, loc, multiply(b, loc, x, x), x);
      Value sum = arith::AddFOp::create(
          b, loc, x, multiply(b, loc, cube, constant(b, loc, x, 0.044715)));
      inner = math::TanhOp::create(
          b, loc, multiply(b, loc, sum, constant(b, loc, x, 0.7978845608)));
    }
    return multiply(
        b, loc, half,
        arith::AddFOp::create(b, loc, inner, constant(b, loc, x, 1)));
  });
}

static LogicalResult convertSwish(Node &node) {
  float alpha = node.getFloat("alpha", 1);
  return convertWith(node, [&](OpBuilder &b, Location loc, Value x) -> Value {
    Value scaled =
        alpha == 1 ? x : multiply(b, loc, x, constant(b, loc, x, alpha));
    return multiply(b, loc, x, sigmoid(b, loc, scaled));
  });
}

static LogicalResult convertLeakyRelu(Node &node) {
  float alpha = node.getFloat("alpha", 0.01f);
  return convertWith(node, [&](OpBuilder &b, Location loc, Value x) -> Value {
    Value isPositive = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE,
                                             x, constant(b, loc, x, 0));
    return arith::SelectOp::create(
        b, loc, isPositive, x, multiply(b, loc, x, constant(b, loc, x, alpha)));
  });
}

static LogicalResult convertElu(Node &node) {
  float alpha = node.getFloat("alpha", 1);
  return convertWith(node, [&](OpBuilder &b, Location loc, Value x) -> Value {
    Value isPositive = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE,
                                             x, constant(b, loc, x, 0));
    Value low = multiply(b, loc, constant(b, loc, x, alpha),
                         math::ExpM1Op::create(b, loc, x));
    return arith::SelectOp::create(b, loc, isPositive, x, low);
  });
}

static LogicalResult convertHardSigmoid(Node &node) {
  float alpha = node.getFloat("alpha", 0.2f), beta = node.getFloat("beta", 0.5);
  return convertWith(node, [&](OpBuilder &b, Location loc, Value x) -> Value {
    Value line = arith::AddFOp::create(
        b, loc, multiply(b, loc, x, constant(b, loc, x, alpha)),
        constant(b, loc, x, beta));
    Value low = arith::MinimumFOp::create(b, loc, line, constant(b, loc, x, 1));
    return arith::MaximumFOp::create(b, loc, low, constant(b, loc, x, 0));
  });
}

/// A predicate of floats.
static LogicalResult
convertPredicate(Node &node,
                 function_ref<Value(OpBuilder &, Location, Value)> predicate) {
  return convertFloats(node, node.b.getI1Type(), predicate);
}

static LogicalResult convertIsNaN(Node &node) {
  return convertPredicate(node, [](OpBuilder &b, Location loc, Value x) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
  });
}

static LogicalResult convertIsInf(Node &node) {
  bool negative = node.getInt("detect_negative", 1) != 0;
  bool positive = node.getInt("detect_positive", 1) != 0;
  return convertPredicate(node, [&](OpBuilder &b, Location loc, Value x) {
    Value result = scalarConstant(b, loc, b.getI1Type(), 0);
    auto add = [&](bool isDetected, double value) {
      if (isDetected)
        result = arith::OrIOp::create(
            b, loc, result,
            arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x,
                                  constant(b, loc, x, value)));
    };
    add(negative, -INFINITY);
    add(positive, INFINITY);
    return result;
  });
}

static LogicalResult convertCast(Node &node) {
  int64_t to = node.getInt("to", 0);
  // These are about narrow floats alone.
  (void)node.getInt("saturate", 1);
  (void)node.getString("round_mode", "up");
  Type element = getElementType(node.b.getContext(), static_cast<int32_t>(to));
  if (!element)
    return node.failAttribute("to", "is type " +
                                        getTypeName(static_cast<int32_t>(to)) +
                                        ", which is not supported");
  node.setOutput(0, castTensor(node.b, node.loc, node.getInput(0), element));
  return success();
}

static LogicalResult convertCastLike(Node &node) {
  (void)node.getInt("saturate", 1);
  (void)node.getString("round_mode", "up");
  node.setOutput(0, castTensor(node.b, node.loc, node.getInput(0),
                               getElement(node.getInput(1))));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getUnaryOperators() {
  static const OperatorEntry entries[] = {
      {"Abs", 6, 1, convertNumber<apply<math::AbsFOp>, apply<math::AbsIOp>>},
      {"Neg", 6, 1, convertNumber<apply<arith::NegFOp>, negateInteger>},
      {"Sign", 9, 1, convertNumber<signFloat, signInteger>},
      {"Relu", 6, 1, convertNumber<reluFloat, reluInteger>},
      {"Exp", 6, 1, convertFloat<apply<math::ExpOp>>},
      {"Log", 6, 1, convertFloat<apply<math::LogOp>>},
      {"Sqrt", 6, 1, convertFloat<apply<math::SqrtOp>>},
      {"Reciprocal", 6, 1, convertFloat<reciprocal>},
      {"Tanh", 6, 1, convertFloat<apply<math::TanhOp>>},
      {"Erf", 9, 1, convertFloat<apply<math::ErfOp>>},
      {"Sin", 7, 1, convertFloat<apply<math::SinOp>>},
      {"Cos", 7, 1, convertFloat<apply<math::CosOp>>},
      {"Floor", 6, 1, convertFloat<apply<math::FloorOp>>},
      {"Ceil", 6, 1, convertFloat<apply<math::CeilOp>>},
      {"Round", 11, 1, convertFloat<apply<math::RoundEvenOp>>},
      {"Sigmoid", 6, 1, convertFloat<sigmoid>},
      {"Softplus", 1, 1, convertFloat<softplus>},
      {"Softsign", 1, 1, convertFloat<softsign>},
      {"Gelu", 20, 1, convertGelu},
      {"Swish", 24, 1, convertSwish},
      {"LeakyRelu", 6, 1, convertLeakyRelu},
      {"Elu", 6, 1, convertElu},
      {"HardSigmoid", 6, 1, convertHardSigmoid},
      {"Not", 1, 1, convertNot},
      {"IsNaN", 9, 1, convertIsNaN},
      {"IsInf", 10, 1, convertIsInf},
      {"Cast", 6, 1, convertCast},
      {"CastLike", 15, 2, convertCastLike},
  };
  return entries;
}
