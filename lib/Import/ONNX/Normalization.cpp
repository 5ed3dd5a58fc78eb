//===- Normalization.cpp - Operators that normalise -----------------------===//
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

/// The mean over trailing dimensions of a function of the elements.
static Value makeMean(OpBuilder &b, Location loc, Value x,
                      ArrayRef<int64_t> axes, bool ofSquares) {
  Type element = getElement(x);
  double count = 1;
  for (int64_t axis : axes)
    count *= static_cast<double>(getShape(x)[axis]);
  Value sum = reduce(
      b, loc, x, axes, /*keepDims=*/true, scalarConstant(b, loc, element, 0),
      [&](OpBuilder &nested, Location at, ValueRange v) -> Value {
        Value addend =
            ofSquares
                ? arith::MulFOp::create(nested, at, v[0], v[0]).getResult()
                : v[0];
        return arith::AddFOp::create(nested, at, addend, v[1]);
      });
  return elementwiseTo(
      b, loc, getShape(sum), sum, element,
      [&](OpBuilder &nested, Location at, ValueRange v) -> Value {
        return arith::DivFOp::create(
            nested, at, v[0], scalarConstant(nested, at, element, count));
      });
}

/// 1 / sqrt(x + epsilon).
static Value makeInverseRoot(OpBuilder &b, Location loc, Value x,
                             float epsilon) {
  Type element = getElement(x);
  return elementwiseTo(
      b, loc, getShape(x), x, element,
      [&](OpBuilder &nested, Location at, ValueRange v) -> Value {
        Value sum = arith::AddFOp::create(
            nested, at, v[0], scalarConstant(nested, at, element, epsilon));
        return arith::DivFOp::create(nested, at,
                                     scalarConstant(nested, at, element, 1),
                                     math::SqrtOp::create(nested, at, sum));
      });
}

template <typename Op>
static Value combine(OpBuilder &b, Location loc, Value x, Value y) {
  return elementwiseTo(
      b, loc, getShape(x), {x, y}, getElement(x),
      [](OpBuilder &nested, Location at, ValueRange v) -> Value {
        return Op::create(nested, at, v[0], v[1]);
      });
}

/// Whether a tensor broadcasts to the normalised one.
static LogicalResult checkBroadcasts(Node &node, Value x, Value parameter) {
  auto shape = broadcastShapes(node, {x, parameter});
  if (failed(shape))
    return failure();
  if (ArrayRef<int64_t>(*shape) != getShape(x))
    return node.fail("a parameter of shape " +
                     formatShape(getShape(parameter)) +
                     " does not broadcast to " + formatShape(getShape(x)));
  return success();
}

/// Both kinds of normalisation over the dimensions from `axis` on.
static LogicalResult convertNormalization(Node &node, bool isCentered) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0), scale = node.getInput(1),
        shift = node.getInput(2);
  Type element = getElement(x);
  if (!isa<FloatType>(element))
    return node.fail("input 0 has elements that are no floats");
  int64_t rank = getRank(x);
  int64_t axis = node.getAxis("axis", -1, rank);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  // Sums are in f32 at least, whatever it asks for.
  (void)node.getInt("stash_type", 1);
  if (node.hasFailed() || failed(checkBroadcasts(node, x, scale)) ||
      (shift && failed(checkBroadcasts(node, x, shift))))
    return failure();
  Type wide = getAccumulator(element);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(axis, rank));
  Value data = castTensor(b, loc, x, wide);
  if (isCentered) {
    Value mean = makeMean(b, loc, data, axes, /*ofSquares=*/false);
    data = combine<arith::SubFOp>(b, loc, data, mean);
    if (node.hasOutput(1))
      node.setOutput(1, mean);
  }
  Value inverse = makeInverseRoot(
      b, loc, makeMean(b, loc, data, axes, /*ofSquares=*/true), epsilon);
  if (node.hasOutput(2))
    node.setOutput(2, inverse);
  Value result = combine<arith::MulFOp>(b, loc, data, inverse);
  result =
      combine<arith::MulFOp>(b, loc, result, castTensor(b, loc, scale, wide));
  if (shift)
    result =
        combine<arith::AddFOp>(b, loc, result, castTensor(b, loc, shift, wide));
  node.setOutput(0, castTensor(b, loc, result, element));
  return success();
}

static LogicalResult convertLayerNormalization(Node &node) {
  return convertNormalization(node, /*isCentered=*/true);
}

static LogicalResult convertRMSNormalization(Node &node) {
  return convertNormalization(node, /*isCentered=*/false);
}

/// A parameter of each channel, dimension 1.
static FailureOr<Value> getChannels(Node &node, unsigned input, Type element) {
  Value x = node.getInput(0), parameter = node.getInput(input);
  if (getRank(x) < 2 || getRank(parameter) != 1 ||
      getShape(parameter)[0] != getShape(x)[1])
    return node.fail("input " + Twine(input) +
                     " is not one number for each channel of " +
                     formatShape(getShape(x)));
  SmallVector<int64_t> shape(getRank(x) - 1, 1);
  shape[0] = getShape(x)[1];
  return castTensor(node.b, node.loc,
                    reshape(node.b, node.loc, parameter, shape), element);
}

/// By the statistics that training left.
static LogicalResult convertBatchNormalization(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0);
  Type element = getElement(x), wide = getAccumulator(element);
  float epsilon = node.getFloat("epsilon", 1e-5f);
  (void)node.getFloat("momentum", 0.9f);
  if (!isa<FloatType>(element))
    return node.fail("input 0 has elements that are no floats");
  if (node.getInt("training_mode", 0) != 0)
    return node.failValue("training_mode", "1", "0");
  auto scale = getChannels(node, 1, wide), shift = getChannels(node, 2, wide),
       mean = getChannels(node, 3, wide), variance = getChannels(node, 4, wide);
  if (node.hasFailed())
    return failure();
  Value inverse = makeInverseRoot(b, loc, *variance, epsilon);
  Value result =
      combine<arith::SubFOp>(b, loc, castTensor(b, loc, x, wide), *mean);
  result = combine<arith::MulFOp>(b, loc, result, inverse);
  result = combine<arith::MulFOp>(b, loc, result, *scale);
  result = combine<arith::AddFOp>(b, loc, result, *shift);
  node.setOutput(0, castTensor(b, loc, result, element));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getNormalizationOperators() {
  static const OperatorEntry entries[] = {
      {"LayerNormalization", 17, 2, convertLayerNormalization},
      {"RMSNormalization", 23, 2, convertRMSNormalization},
      {"BatchNormalization", 9, 5, convertBatchNormalization},
  };
  return entries;
}
