//===- Constants.cpp - Operators that make a tensor -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

static Value integers(Node &node, ArrayRef<int64_t> values, bool isScalar) {
  auto type = RankedTensorType::get(
      isScalar ? ArrayRef<int64_t>()
               : ArrayRef<int64_t>(static_cast<int64_t>(values.size())),
      node.b.getI64Type());
  return arith::ConstantOp::create(node.b, node.loc,
                                   DenseElementsAttr::get(type, values));
}

static Value floats(Node &node, ArrayRef<float> values, bool isScalar) {
  auto type = RankedTensorType::get(
      isScalar ? ArrayRef<int64_t>()
               : ArrayRef<int64_t>(static_cast<int64_t>(values.size())),
      node.b.getF32Type());
  return arith::ConstantOp::create(node.b, node.loc,
                                   DenseElementsAttr::get(type, values));
}

static LogicalResult convertConstant(Node &node) {
  if (node.hasAttribute("value")) {
    const onnx::TensorProto *tensor = node.getTensor("value");
    if (!tensor)
      return failure();
    auto value = node.importTensor(*tensor);
    if (failed(value))
      return failure();
    node.setOutput(0, *value);
  } else if (node.hasAttribute("value_int")) {
    node.setOutput(0, integers(node, node.getInt("value_int", 0), true));
  } else if (node.hasAttribute("value_float")) {
    node.setOutput(0, floats(node, node.getFloat("value_float", 0), true));
  } else if (node.hasAttribute("value_ints")) {
    auto values = node.getInts("value_ints");
    node.setOutput(
        0, integers(node, values.value_or(SmallVector<int64_t>()), false));
  } else if (node.hasAttribute("value_floats")) {
    auto values = node.getFloats("value_floats");
    node.setOutput(0,
                   floats(node, values.value_or(SmallVector<float>()), false));
  } else {
    return node.fail("it has no value that is supported, expected value, "
                     "value_int, value_ints, value_float or value_floats");
  }
  return success();
}

static LogicalResult convertConstantOfShape(Node &node) {
  SmallVector<int64_t> shape = node.getConstantInts(0, "the shape");
  if (node.hasFailed())
    return failure();
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return node.fail("the shape has a negative size");
  Value value = floats(node, 0.0f, true);
  if (const onnx::TensorProto *tensor = node.getTensor("value")) {
    auto imported = node.importTensor(*tensor);
    if (failed(imported))
      return failure();
    value = *imported;
  }
  DenseElementsAttr known = node.evaluate(value);
  if (!known || known.getNumElements() != 1)
    return node.failAttribute("value", "is no tensor of one element");
  Value scalar = arith::ConstantOp::create(
      node.b, node.loc, cast<TypedAttr>(*known.getValues<Attribute>().begin()));
  node.setOutput(0, splat(node.b, node.loc, shape, scalar));
  return success();
}

static LogicalResult convertShape(Node &node) {
  ArrayRef<int64_t> shape = getShape(node.getInput(0));
  int64_t rank = shape.size();
  auto clamp = [&](int64_t bound) {
    return std::clamp<int64_t>(bound < 0 ? bound + rank : bound, 0, rank);
  };
  int64_t start = clamp(node.getInt("start", 0));
  int64_t end = clamp(node.getInt("end", rank));
  node.setOutput(
      0, integers(node, shape.slice(start, std::max<int64_t>(end - start, 0)),
                  false));
  return success();
}

static LogicalResult convertSize(Node &node) {
  node.setOutput(
      0, integers(node, node.getType(0).getNumElements(), /*isScalar=*/true));
  return success();
}

static LogicalResult convertRange(Node &node) {
  Type element = getElement(node.getInput(0));
  double numbers[3];
  for (unsigned i = 0; i < 3; ++i) {
    DenseElementsAttr value = node.evaluate(node.getInput(i));
    if (!value || value.getNumElements() != 1)
      return node.fail("a bound depends on the inputs of the model, expected "
                       "a value that is known");
    numbers[i] =
        isa<FloatType>(element)
            ? (*value.getValues<FloatAttr>().begin()).getValueAsDouble()
            : static_cast<double>(
                  (*value.getValues<APInt>().begin()).getSExtValue());
  }
  auto [start, limit, delta] = numbers;
  if (delta == 0)
    return node.fail("the step is 0");
  auto count =
      static_cast<int64_t>(std::max(std::ceil((limit - start) / delta), 0.0));
  node.setOutput(
      0, generate(
             node.b, node.loc, count, element,
             [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
               Value i = castScalar(b, loc, loops[0], element);
               Value first = scalarConstant(b, loc, element, start);
               Value step = scalarConstant(b, loc, element, delta);
               if (isa<FloatType>(element))
                 return arith::AddFOp::create(
                     b, loc, first, arith::MulFOp::create(b, loc, i, step));
               if (delta != 1)
                 i = arith::MulIOp::create(b, loc, i, step);
               return start == 0
                          ? i
                          : arith::AddIOp::create(b, loc, first, i).getResult();
             }));
  return success();
}

static LogicalResult convertEyeLike(Node &node) {
  Value like = node.getInput(0);
  if (getRank(like) != 2)
    return node.fail("input 0 has rank " + Twine(getRank(like)) +
                     ", expected 2");
  Type element = getElement(like);
  int64_t dtype = node.getInt("dtype", 0), diagonal = node.getInt("k", 0);
  if (dtype != 0)
    element = getElementType(node.b.getContext(), static_cast<int32_t>(dtype));
  if (!element)
    return node.failAttribute("dtype", "is a type that is not supported");
  node.setOutput(
      0, generate(node.b, node.loc, getShape(like), element,
                  [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
                    Value on = arith::AddIOp::create(
                        b, loc, loops[0],
                        arith::ConstantIndexOp::create(b, loc, diagonal));
                    Value isOn = arith::CmpIOp::create(
                        b, loc, arith::CmpIPredicate::eq, loops[1], on);
                    return castScalar(b, loc, isOn, element);
                  }));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getConstantOperators() {
  static const OperatorEntry entries[] = {
      {"Constant", 1, 0, convertConstant},
      {"ConstantOfShape", 9, 1, convertConstantOfShape},
      {"Shape", 1, 1, convertShape},
      {"Size", 1, 1, convertSize},
      {"Range", 11, 3, convertRange},
      {"EyeLike", 9, 1, convertEyeLike},
  };
  return entries;
}
