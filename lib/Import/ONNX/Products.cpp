//===- Products.cpp - Operators that sum products -------------------------===//
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

static LogicalResult checkOneType(Node &node) {
  if (getElement(node.getInput(0)) != getElement(node.getInput(1)))
    return node.fail("the factors have elements of different types");
  return success();
}

static LogicalResult convertMatMul(Node &node) {
  if (failed(checkOneType(node)))
    return failure();
  auto product = matmul(node, node.getInput(0), node.getInput(1),
                        getElement(node.getInput(0)));
  if (failed(product))
    return failure();
  node.setOutput(0, *product);
  return success();
}

static Value scale(Node &node, Value tensor, float factor) {
  if (factor == 1)
    return tensor;
  Type element = getElement(tensor);
  return elementwiseTo(node.b, node.loc, getShape(tensor), tensor, element,
                       [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
                         return arith::MulFOp::create(
                             b, loc, x[0],
                             scalarConstant(b, loc, element, factor));
                       });
}

static LogicalResult convertGemm(Node &node) {
  Value x = node.getInput(0), y = node.getInput(1), z = node.getInput(2);
  Type element = getElement(x);
  if (failed(checkOneType(node)))
    return failure();
  if (getRank(x) != 2 || getRank(y) != 2)
    return node.fail("the factors have ranks " + Twine(getRank(x)) + " and " +
                     Twine(getRank(y)) + ", expected 2");
  if (!isa<FloatType>(element))
    return node.fail("the factors have elements that are no floats");
  if (node.getInt("transA", 0))
    x = transpose(node.b, node.loc, x, {1, 0});
  if (node.getInt("transB", 0))
    y = transpose(node.b, node.loc, y, {1, 0});
  float alpha = node.getFloat("alpha", 1), beta = node.getFloat("beta", 1);
  auto product = matmul(node, x, y, element);
  if (failed(product))
    return failure();
  Value result = scale(node, *product, alpha);
  if (z && beta != 0) {
    auto sum =
        elementwise(node, {result, scale(node, z, beta)}, element,
                    [](OpBuilder &b, Location loc, ValueRange v) -> Value {
                      return arith::AddFOp::create(b, loc, v[0], v[1]);
                    });
    if (failed(sum))
      return failure();
    result = *sum;
  }
  node.setOutput(0, result);
  return success();
}

/// The padding at both ends of each spatial dimension.
static LogicalResult getPadding(Node &node, ArrayRef<int64_t> input,
                                ArrayRef<int64_t> kernel,
                                ArrayRef<int64_t> strides,
                                SmallVectorImpl<int64_t> &low,
                                SmallVectorImpl<int64_t> &high) {
  StringRef automatic = node.getString("auto_pad", "NOTSET");
  auto pads = node.getInts("pads");
  size_t rank = input.size();
  low.assign(rank, 0);
  high.assign(rank, 0);
  if (automatic == "NOTSET") {
    if (pads && pads->size() != 2 * rank)
      return node.failAttribute("pads", "has " + Twine(pads->size()) +
                                            " numbers, expected " +
                                            Twine(2 * rank));
    for (size_t i = 0; pads && i < rank; ++i) {
      low[i] = (*pads)[i];
      high[i] = (*pads)[rank + i];
    }
    return success();
  }
  if (automatic == "VALID")
    return success();
  if (automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
    return node.failValue("auto_pad", "'" + automatic + "'",
                          "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  for (size_t i = 0; i < rank; ++i) {
    int64_t output = llvm::divideCeil(input[i], strides[i]);
    int64_t total =
        std::max<int64_t>((output - 1) * strides[i] + kernel[i] - input[i], 0);
    low[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    high[i] = total - low[i];
  }
  return success();
}

/// Convolution over any number of dimensions: a sum over the channels of a
/// group and the positions of the kernel.
static LogicalResult convertConv(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0), w = node.getInput(1), bias = node.getInput(2);
  Type element = getElement(x);
  if (failed(checkOneType(node)))
    return failure();
  ArrayRef<int64_t> xShape = getShape(x), wShape = getShape(w);
  int64_t groups = node.getInt("group", 1);
  if (xShape.size() < 3 || xShape.size() != wShape.size() || groups < 1 ||
      wShape[0] % groups != 0 || xShape[1] != wShape[1] * groups)
    return node.fail("an input of shape " + formatShape(xShape) +
                     " is convolved with weights of " + formatShape(wShape) +
                     " in " + Twine(groups) + " groups");
  size_t rank = xShape.size() - 2;
  SmallVector<int64_t> ones(rank, 1);
  SmallVector<int64_t> strides = node.getInts("strides").value_or(ones);
  SmallVector<int64_t> dilations = node.getInts("dilations").value_or(ones);
  SmallVector<int64_t> kernel(wShape.drop_front(2));
  SmallVector<int64_t> shapeOfKernel =
      node.getInts("kernel_shape").value_or(kernel);
  if (node.hasFailed())
    return failure();
  if (strides.size() != rank || dilations.size() != rank ||
      shapeOfKernel != kernel ||
      llvm::any_of(strides, [](int64_t s) { return s < 1; }) ||
      llvm::any_of(dilations, [](int64_t d) { return d < 1; }))
    return node.fail("strides, dilations or kernel_shape do not fit weights "
                     "of shape " +
                     formatShape(wShape));
  SmallVector<int64_t> extent, low, high;
  for (size_t i = 0; i < rank; ++i)
    extent.push_back((kernel[i] - 1) * dilations[i] + 1);
  if (failed(
          getPadding(node, xShape.drop_front(2), extent, strides, low, high)))
    return failure();

  SmallVector<int64_t> padded{xShape[0], groups, xShape[1] / groups};
  SmallVector<int64_t> result{xShape[0], groups, wShape[0] / groups};
  SmallVector<int64_t> weights{groups, wShape[0] / groups, wShape[1]};
  SmallVector<OpFoldResult> lowAttrs(2, b.getIndexAttr(0)), highAttrs(lowAttrs);
  SmallVector<int64_t> wide(xShape.take_front(2));
  for (size_t i = 0; i < rank; ++i) {
    int64_t size = xShape[2 + i] + low[i] + high[i];
    if (low[i] < 0 || high[i] < 0 || size < extent[i])
      return node.fail("the kernel is larger than the padded input, or the "
                       "padding is negative");
    wide.push_back(size);
    padded.push_back(size);
    weights.push_back(kernel[i]);
    result.push_back((size - extent[i]) / strides[i] + 1);
    lowAttrs.push_back(b.getIndexAttr(low[i]));
    highAttrs.push_back(b.getIndexAttr(high[i]));
  }
  if (ArrayRef<int64_t>(wide) != xShape)
    x = tensor::PadOp::create(b, loc, RankedTensorType::get(wide, element), x,
                              lowAttrs, highAttrs,
                              scalarConstant(b, loc, element, 0));

  // Loops: batch, group, channel, positions; reduced: channel, kernel.
  unsigned loops = 3 + rank + 1 + rank;
  auto dim = [&](unsigned i) { return b.getAffineDimExpr(i); };
  SmallVector<AffineExpr> xExprs{dim(0), dim(1), dim(3 + rank)};
  SmallVector<AffineExpr> wExprs{dim(1), dim(2), dim(3 + rank)};
  SmallVector<AffineExpr> exprs{dim(0), dim(1), dim(2)};
  for (unsigned i = 0; i < rank; ++i) {
    xExprs.push_back(dim(3 + i) * strides[i] +
                     dim(4 + rank + i) * dilations[i]);
    wExprs.push_back(dim(4 + rank + i));
    exprs.push_back(dim(3 + i));
  }
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), 3 + rank, utils::IteratorType::parallel);
  Type accumulator = getAccumulator(element);
  Value init = splat(b, loc, result, scalarConstant(b, loc, accumulator, 0));
  SmallVector<AffineMap> maps{AffineMap::get(loops, 0, xExprs, b.getContext()),
                              AffineMap::get(loops, 0, wExprs, b.getContext()),
                              AffineMap::get(loops, 0, exprs, b.getContext())};
  Value sum =
      linalg::GenericOp::create(
          b, loc, init.getType(),
          ValueRange{reshape(b, loc, x, padded), reshape(b, loc, w, weights)},
          init, maps, iterators,
          [&](OpBuilder &nested, Location at, ValueRange v) {
            Value product = arith::MulFOp::create(
                nested, at, castScalar(nested, at, v[0], accumulator),
                castScalar(nested, at, v[1], accumulator));
            linalg::YieldOp::create(
                nested, at,
                arith::AddFOp::create(nested, at, v[2], product).getResult());
          })
          .getResult(0);
  SmallVector<int64_t> shape{xShape[0], wShape[0]};
  llvm::append_range(shape, ArrayRef<int64_t>(result).drop_front(3));
  Value output = castTensor(b, loc, reshape(b, loc, sum, shape), element);
  if (bias) {
    if (getRank(bias) != 1 || getShape(bias)[0] != wShape[0] ||
        getElement(bias) != element)
      return node.fail("the bias is not one number for each of " +
                       Twine(wShape[0]) + " channels");
    SmallVector<int64_t> column(rank + 1, 1);
    column[0] = wShape[0];
    output = elementwiseTo(
        b, loc, shape, {output, reshape(b, loc, bias, column)}, element,
        [](OpBuilder &nested, Location at, ValueRange v) -> Value {
          return arith::AddFOp::create(nested, at, v[0], v[1]);
        });
  }
  node.setOutput(0, output);
  return success();
}

static LogicalResult convertEinsum(Node &node) {
  std::string equation = node.getString("equation", "").str();
  llvm::erase(equation, ' ');
  auto fail = [&](const Twine &why) {
    return node.failAttribute("equation", "'" + equation + "' " + why);
  };
  if (node.getNumInputs() > 2)
    return node.fail("it has " + Twine(node.getNumInputs()) +
                     " inputs, expected 1 or 2");
  if (StringRef(equation).contains('.'))
    return fail("has an ellipsis, which is not supported");
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  // Without a right side it has the letters that occur once, in order.
  std::string once;
  for (char letter : left)
    if (letter != ',' && left.count(letter) == 1)
      once.push_back(letter);
  llvm::sort(once);
  if (!StringRef(equation).contains("->"))
    right = once;
  if (terms.size() != node.getNumInputs())
    return fail("has " + Twine(terms.size()) + " terms, expected " +
                Twine(node.getNumInputs()));
  SmallVector<char> letters;
  SmallVector<int64_t> sizes;
  for (char letter : right) {
    letters.push_back(letter);
    sizes.push_back(-1);
  }
  OpBuilder &b = node.b;
  SmallVector<SmallVector<AffineExpr>> exprs;
  for (auto [i, term] : llvm::enumerate(terms)) {
    ArrayRef<int64_t> shape = getShape(node.getInput(i));
    if (term.size() != shape.size())
      return fail("does not fit an input of shape " + formatShape(shape));
    exprs.emplace_back();
    for (auto [letter, size] : llvm::zip_equal(term, shape)) {
      auto *found = llvm::find(letters, letter);
      size_t position = found - letters.begin();
      if (found == letters.end()) {
        letters.push_back(letter);
        sizes.push_back(-1);
      }
      if (sizes[position] >= 0 && sizes[position] != size)
        return fail("gives '" + Twine(letter) + "' the sizes " +
                    Twine(sizes[position]) + " and " + Twine(size));
      sizes[position] = size;
      exprs.back().push_back(b.getAffineDimExpr(position));
    }
  }
  if (llvm::is_contained(sizes, -1))
    return fail("has a letter on the right that no input has");
  unsigned loops = letters.size(), outer = right.size();
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> results : exprs)
    maps.push_back(AffineMap::get(loops, 0, results, b.getContext()));
  SmallVector<AffineExpr> written;
  for (unsigned i = 0; i < outer; ++i)
    written.push_back(b.getAffineDimExpr(i));
  maps.push_back(AffineMap::get(loops, 0, written, b.getContext()));
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), outer, utils::IteratorType::parallel);
  Type element = getElement(node.getInput(0));
  if (!isa<FloatType>(element) ||
      (terms.size() == 2 && element != getElement(node.getInput(1))))
    return node.fail("the inputs have elements that are no floats of one type");
  Type accumulator = getAccumulator(element);
  Value init = splat(b, node.loc, ArrayRef<int64_t>(sizes).take_front(outer),
                     scalarConstant(b, node.loc, accumulator, 0));
  Value sum =
      linalg::GenericOp::create(
          b, node.loc, init.getType(), node.getInputs(), init, maps, iterators,
          [&](OpBuilder &nested, Location at, ValueRange v) {
            Value product = castScalar(nested, at, v[0], accumulator);
            if (terms.size() == 2)
              product = arith::MulFOp::create(
                  nested, at, product,
                  castScalar(nested, at, v[1], accumulator));
            linalg::YieldOp::create(
                nested, at,
                arith::AddFOp::create(nested, at, v.back(), product)
                    .getResult());
          })
          .getResult(0);
  node.setOutput(0, castTensor(b, node.loc, sum, element));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getProductOperators() {
  static const OperatorEntry entries[] = {
      {"MatMul", 1, 2, convertMatMul},
      {"Gemm", 7, 2, convertGemm},
      {"Conv", 1, 2, convertConv},
      {"Einsum", 12, 1, convertEinsum},
  };
  return entries;
}
