//===- Views.cpp - Operators that rearrange a tensor ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

static int64_t getNumElements(ArrayRef<int64_t> shape) {
  return ShapedType::getNumElements(shape);
}

static LogicalResult setReshaped(Node &node, ArrayRef<int64_t> shape) {
  Value data = node.getInput(0);
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }) ||
      getNumElements(shape) != getNumElements(getShape(data)))
    return node.fail("a tensor of shape " + formatShape(getShape(data)) +
                     " has no reshape to " + formatShape(shape));
  node.setOutput(0, reshape(node.b, node.loc, data, shape));
  return success();
}

static LogicalResult convertReshape(Node &node) {
  ArrayRef<int64_t> from = getShape(node.getInput(0));
  bool allowZero = node.getInt("allowzero", 0) != 0;
  SmallVector<int64_t> shape = node.getConstantInts(1, "the shape");
  if (node.hasFailed())
    return failure();
  std::optional<unsigned> open;
  int64_t known = 1;
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == 0 && !allowZero && i < from.size())
      size = from[i];
    if (size == -1 && !open)
      open = i;
    else
      known *= size;
  }
  if (open)
    shape[*open] = known > 0 && getNumElements(from) % known == 0
                       ? getNumElements(from) / known
                       : -1;
  return setReshaped(node, shape);
}

static LogicalResult convertFlatten(Node &node) {
  ArrayRef<int64_t> from = getShape(node.getInput(0));
  int64_t rank = from.size(), axis = node.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return node.failAttribute(
        "axis", "is " + Twine(axis) + ", expected one of rank " + Twine(rank));
  if (axis < 0)
    axis += rank;
  return setReshaped(node, {getNumElements(from.take_front(axis)),
                            getNumElements(from.drop_front(axis))});
}

static LogicalResult convertSqueeze(Node &node) {
  ArrayRef<int64_t> from = getShape(node.getInput(0));
  auto axes = node.getIntsOfInputOrAttribute(1, "axes");
  if (node.hasFailed())
    return failure();
  SmallVector<bool> isDropped(from.size());
  if (!axes)
    for (auto [dropped, size] : llvm::zip_equal(isDropped, from))
      dropped = size == 1;
  else
    for (int64_t axis : *axes) {
      axis = node.normalizeAxis(axis, from.size());
      if (node.hasFailed())
        return failure();
      if (from[axis] != 1)
        return node.fail("dimension " + Twine(axis) + " is of size " +
                         Twine(from[axis]) + ", expected 1");
      isDropped[axis] = true;
    }
  SmallVector<int64_t> shape;
  for (auto [dropped, size] : llvm::zip_equal(isDropped, from))
    if (!dropped)
      shape.push_back(size);
  return setReshaped(node, shape);
}

static LogicalResult convertUnsqueeze(Node &node) {
  ArrayRef<int64_t> from = getShape(node.getInput(0));
  auto axes = node.getIntsOfInputOrAttribute(1, "axes");
  if (node.hasFailed())
    return failure();
  if (!axes)
    return node.fail("it has no axes");
  int64_t rank = from.size() + axes->size();
  SmallVector<bool> isNew(rank);
  for (int64_t axis : *axes) {
    axis = node.normalizeAxis(axis, rank);
    if (node.hasFailed())
      return failure();
    if (isNew[axis])
      return node.fail("axis " + Twine(axis) + " is given twice");
    isNew[axis] = true;
  }
  SmallVector<int64_t> shape;
  for (bool added : isNew) {
    shape.push_back(added ? 1 : from.front());
    if (!added)
      from = from.drop_front();
  }
  return setReshaped(node, shape);
}

static LogicalResult convertTranspose(Node &node) {
  int64_t rank = getRank(node.getInput(0));
  auto permutation = node.getInts("perm");
  if (!permutation)
    permutation = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(rank)));
  SmallVector<int64_t> sorted(*permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(rank)))
    return node.failAttribute("perm", "is no permutation of " + Twine(rank) +
                                          " dimensions");
  node.setOutput(0,
                 transpose(node.b, node.loc, node.getInput(0), *permutation));
  return success();
}

static LogicalResult convertExpand(Node &node) {
  Value data = node.getInput(0);
  SmallVector<int64_t> target = node.getConstantInts(1, "the shape");
  if (node.hasFailed())
    return failure();
  // Sizes of the tensor stay where the shape has 1.
  SmallVector<int64_t> shape(getShape(data));
  if (shape.size() < target.size())
    shape.insert(shape.begin(), target.size() - shape.size(), 1);
  for (auto [size, wanted] :
       llvm::zip(llvm::reverse(shape), llvm::reverse(target))) {
    if (size == 1)
      size = wanted;
    else if (wanted != 1 && wanted != size)
      return node.fail("a tensor of shape " + formatShape(getShape(data)) +
                       " does not broadcast to " + formatShape(target));
  }
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return node.fail("the shape has a negative size");
  node.setOutput(0, broadcastTo(node.b, node.loc, data, shape));
  return success();
}

static LogicalResult convertConcat(Node &node) {
  int64_t rank = getRank(node.getInput(0));
  int64_t axis = node.getAxis("axis", 0, rank);
  if (node.hasFailed())
    return failure();
  for (Value input : node.getInputs()) {
    if (!input)
      return node.fail("an input is left out");
    SmallVector<int64_t> shape(getShape(input)),
        first(getShape(node.getInput(0)));
    if (getElement(input) != getElement(node.getInput(0)) ||
        shape.size() != first.size())
      return node.fail("inputs are of different types or ranks");
    shape[axis] = first[axis] = 1;
    if (shape != first)
      return node.fail("tensors of shapes " +
                       formatShape(getShape(node.getInput(0))) + " and " +
                       formatShape(getShape(input)) +
                       " do not join along dimension " + Twine(axis));
  }
  node.setOutput(0, concat(node.b, node.loc, node.getInputs(), axis));
  return success();
}

static LogicalResult convertSplit(Node &node) {
  Value data = node.getInput(0);
  int64_t axis = node.getAxis("axis", 0, getRank(data));
  auto sizes = node.getIntsOfInputOrAttribute(1, "split");
  int64_t parts = node.getInt("num_outputs", node.getNumOutputs());
  if (node.hasFailed())
    return failure();
  int64_t size = getShape(data)[axis];
  if (!sizes) {
    // The last one is what is left.
    int64_t part = parts > 0 ? llvm::divideCeil(size, parts) : 0;
    sizes.emplace();
    for (int64_t begin = 0; parts-- > 0; begin += part)
      sizes->push_back(std::clamp<int64_t>(size - begin, 0, part));
  }
  if (sizes->size() != node.getNumOutputs() ||
      llvm::any_of(*sizes, [](int64_t part) { return part < 0; }) ||
      std::accumulate(sizes->begin(), sizes->end(), int64_t(0)) != size)
    return node.fail("a dimension of size " + Twine(size) +
                     " does not split into parts of " + formatShape(*sizes));
  int64_t begin = 0;
  for (auto [i, part] : llvm::enumerate(*sizes)) {
    node.setOutput(i, slice(node.b, node.loc, data, axis, begin, begin + part));
    begin += part;
  }
  return success();
}

static LogicalResult convertTile(Node &node) {
  Value data = node.getInput(0);
  SmallVector<int64_t> repeats = node.getConstantInts(1, "the repeats");
  if (node.hasFailed())
    return failure();
  ArrayRef<int64_t> from = getShape(data);
  if (repeats.size() != from.size() ||
      llvm::any_of(repeats, [](int64_t count) { return count < 0; }))
    return node.fail("the repeats " + formatShape(repeats) +
                     " do not fit a tensor of shape " + formatShape(from));
  // Each dimension is repeats x size for a moment.
  SmallVector<int64_t> unit, wide, shape;
  for (auto [size, count] : llvm::zip_equal(from, repeats)) {
    unit.append({1, size});
    wide.append({count, size});
    shape.push_back(size * count);
  }
  Value repeated = broadcastTo(node.b, node.loc,
                               reshape(node.b, node.loc, data, unit), wide);
  node.setOutput(0, reshape(node.b, node.loc, repeated, shape));
  return success();
}

/// Where the padding at an index of the result is read from, by the mode.
static Value getInside(OpBuilder &b, Location loc, Value index, int64_t low,
                       int64_t size, StringRef mode) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value position = arith::AddIOp::create(b, loc, index, number(-low));
  if (mode == "edge" || size == 1) {
    Value from = arith::MaxSIOp::create(b, loc, position, number(0));
    return arith::MinSIOp::create(b, loc, from, number(size - 1));
  }
  int64_t period = mode == "wrap" ? size : 2 * (size - 1);
  // The remainder is taken of a number that is not negative.
  int64_t periods = llvm::divideCeil(std::max<int64_t>(low, 0), period);
  Value shifted =
      arith::AddIOp::create(b, loc, position, number(periods * period));
  Value within = arith::RemUIOp::create(b, loc, shifted, number(period));
  if (mode == "wrap")
    return within;
  Value back = arith::SubIOp::create(b, loc, number(period), within);
  return arith::MinSIOp::create(b, loc, within, back);
}

/// Padding with elements of the tensor itself.
static Value padFromInside(Node &node, Value data, StringRef mode,
                           ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  SmallVector<int64_t> shape(getShape(data)), sizes(shape);
  for (auto [size, before, after] : llvm::zip_equal(shape, low, high))
    size += std::max<int64_t>(before, 0) + std::max<int64_t>(after, 0);
  return generate(node.b, node.loc, shape, getElement(data),
                  [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
                    SmallVector<Value> position;
                    for (auto [i, loop] : llvm::enumerate(loops))
                      position.push_back(getInside(b, loc, loop,
                                                   std::max<int64_t>(low[i], 0),
                                                   sizes[i], mode));
                    return tensor::ExtractOp::create(b, loc, data, position);
                  });
}

static LogicalResult convertPad(Node &node) {
  OpBuilder &b = node.b;
  Value data = node.getInput(0);
  StringRef mode = node.getString("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" &&
      mode != "wrap")
    return node.failValue("mode", "'" + mode + "'",
                          "'constant', 'edge', 'reflect' or 'wrap'");
  int64_t rank = getRank(data);
  SmallVector<int64_t> pads = node.getConstantInts(1, "the padding");
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(rank));
  if (node.getInput(3))
    axes = node.getConstantInts(3, "the axes");
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, rank);
  if (node.hasFailed())
    return failure();
  if (pads.size() != 2 * axes.size())
    return node.fail("the padding has " + Twine(pads.size()) +
                     " numbers, expected " + Twine(2 * axes.size()));
  SmallVector<int64_t> low(rank), high(rank);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    low[axis] = pads[i];
    high[axis] = pads[axes.size() + i];
  }
  // What a negative number cuts off comes first.
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t size = getShape(data)[axis];
    int64_t begin = std::max<int64_t>(-low[axis], 0);
    int64_t end = size - std::max<int64_t>(-high[axis], 0);
    if (begin > end)
      return node.fail("the padding cuts off more than there is");
    data = slice(b, node.loc, data, axis, begin, end);
  }
  Type element = getElement(data);
  if (mode != "constant") {
    if (getNumElements(getShape(data)) == 0)
      return node.fail("the data is empty, which has no edge");
    node.setOutput(0, padFromInside(node, data, mode, low, high));
    return success();
  }
  Value fill = node.getInput(2);
  if (fill &&
      (getNumElements(getShape(fill)) != 1 || getElement(fill) != element))
    return node.fail("the value to pad with is no scalar of the data's type");
  SmallVector<int64_t> shape;
  SmallVector<OpFoldResult> lowAttrs, highAttrs;
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t before = std::max<int64_t>(low[axis], 0);
    int64_t after = std::max<int64_t>(high[axis], 0);
    shape.push_back(getShape(data)[axis] + before + after);
    lowAttrs.push_back(b.getIndexAttr(before));
    highAttrs.push_back(b.getIndexAttr(after));
  }
  Value value = fill ? tensor::ExtractOp::create(b, node.loc,
                                                 reshape(b, node.loc, fill, {}),
                                                 ValueRange())
                           .getResult()
                     : scalarConstant(b, node.loc, element, 0);
  node.setOutput(0, tensor::PadOp::create(b, node.loc,
                                          RankedTensorType::get(shape, element),
                                          data, lowAttrs, highAttrs, value));
  return success();
}

/// The lower or upper triangle of matrices, zero elsewhere.
static LogicalResult convertTrilu(Node &node) {
  Value data = node.getInput(0);
  bool isUpper = node.getInt("upper", 1) != 0;
  int64_t diagonal = 0;
  if (node.getInput(1)) {
    SmallVector<int64_t> number = node.getConstantInts(1, "the diagonal");
    if (!node.hasFailed() && number.size() == 1)
      diagonal = number[0];
  }
  int64_t rank = getRank(data);
  if (rank < 2)
    return node.fail("input 0 has rank " + Twine(rank) +
                     ", expected a matrix or more");
  if (node.hasFailed())
    return failure();
  Type element = getElement(data);
  node.setOutput(
      0,
      elementwiseTo(
          node.b, node.loc, getShape(data), data, element,
          [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
            Value row = linalg::IndexOp::create(b, loc, rank - 2);
            Value column = linalg::IndexOp::create(b, loc, rank - 1);
            Value on = arith::AddIOp::create(
                b, loc, row, arith::ConstantIndexOp::create(b, loc, diagonal));
            Value isKept = arith::CmpIOp::create(
                b, loc,
                isUpper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle,
                column, on);
            return arith::SelectOp::create(b, loc, isKept, x[0],
                                           scalarConstant(b, loc, element, 0));
          }));
  return success();
}

/// To the size that a tensor has, which vision models do where they could be
/// used at another: every way to interpolate is the identity then.
static LogicalResult convertResize(Node &node) {
  for (StringRef name : {"mode", "nearest_mode", "keep_aspect_ratio_policy"})
    (void)node.getString(name, "");
  for (StringRef name : {"antialias", "exclude_outside"})
    (void)node.getInt(name, 0);
  for (StringRef name : {"cubic_coeff_a", "extrapolation_value"})
    (void)node.getFloat(name, 0);
  StringRef coordinates =
      node.getString("coordinate_transformation_mode", "half_pixel");
  if (coordinates == "tf_crop_and_resize")
    return node.failValue("coordinate_transformation_mode",
                          "'" + coordinates + "'", "another");
  ArrayRef<int64_t> shape = getShape(node.getInput(0));
  SmallVector<int64_t> axes = node.getInts("axes").value_or(
      llvm::to_vector(llvm::seq<int64_t>(static_cast<int64_t>(shape.size()))));
  for (int64_t &axis : axes)
    axis = node.normalizeAxis(axis, shape.size());
  if (node.hasFailed())
    return failure();
  bool isIdentity = false;
  if (node.getInput(3)) {
    SmallVector<int64_t> sizes = node.getConstantInts(3, "the sizes");
    isIdentity = sizes.size() == axes.size() &&
                 llvm::all_of(llvm::zip(axes, sizes), [&](auto pair) {
                   return shape[std::get<0>(pair)] == std::get<1>(pair);
                 });
  } else if (node.getInput(2)) {
    DenseElementsAttr scales = node.evaluate(node.getInput(2));
    isIdentity =
        scales && isa<FloatType>(scales.getElementType()) &&
        llvm::all_of(scales.getValues<APFloat>(), [](const APFloat &scale) {
          return scale.isExactlyValue(1);
        });
  }
  if (node.hasFailed())
    return failure();
  if (!isIdentity)
    return node.fail("it changes the size, which is not supported");
  node.setOutput(0, node.getInput(0));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getViewOperators() {
  static const OperatorEntry entries[] = {
      {"Reshape", 5, 2, convertReshape},
      {"Flatten", 1, 1, convertFlatten},
      {"Squeeze", 1, 1, convertSqueeze},
      {"Unsqueeze", 1, 1, convertUnsqueeze},
      {"Transpose", 1, 1, convertTranspose},
      {"Expand", 8, 2, convertExpand},
      {"Concat", 4, 1, convertConcat},
      {"Split", 2, 1, convertSplit},
      {"Tile", 6, 2, convertTile},
      {"Pad", 11, 2, convertPad},
      {"Trilu", 14, 1, convertTrilu},
      {"Resize", 13, 1, convertResize},
  };
  return entries;
}
