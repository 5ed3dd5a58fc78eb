//===- Tensors.cpp - Operations on tensors that converters share ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

std::string mlir::attn::onnx_import::formatShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar";
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

FailureOr<SmallVector<int64_t>>
mlir::attn::onnx_import::broadcastShapes(Node &node, ArrayRef<Value> tensors) {
  SmallVector<int64_t> shape;
  for (Value tensor : tensors) {
    ArrayRef<int64_t> other = getShape(tensor);
    if (other.size() > shape.size())
      shape.insert(shape.begin(), other.size() - shape.size(), 1);
    for (auto [size, otherSize] :
         llvm::zip(llvm::reverse(shape), llvm::reverse(other))) {
      if (size == 1)
        size = otherSize;
      else if (otherSize != 1 && otherSize != size)
        return node.fail("inputs of shapes " + formatShape(shape) + " and " +
                         formatShape(other) + " do not broadcast");
    }
  }
  return shape;
}

Value mlir::attn::onnx_import::elementwiseTo(OpBuilder &b, Location loc,
                                             ArrayRef<int64_t> shape,
                                             ArrayRef<Value> inputs,
                                             Type element, ScalarBuilder body) {
  unsigned rank = shape.size();
  SmallVector<AffineMap> maps;
  for (Value input : inputs) {
    ArrayRef<int64_t> sizes = getShape(input);
    SmallVector<AffineExpr> exprs;
    for (auto [i, size] : llvm::enumerate(sizes)) {
      unsigned dim = rank - sizes.size() + i;
      // A dimension of size 1 is read at 0 whatever the result's size is.
      exprs.push_back(size == 1 && shape[dim] != 1 ? b.getAffineConstantExpr(0)
                                                   : b.getAffineDimExpr(dim));
    }
    maps.push_back(AffineMap::get(rank, 0, exprs, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  Value init = tensor::EmptyOp::create(b, loc, shape, element);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, init.getType(), inputs, init, maps, iterators,
             [&](OpBuilder &nested, Location at, ValueRange arguments) {
               linalg::YieldOp::create(nested, at,
                                       body(nested, at, arguments.drop_back()));
             })
      .getResult(0);
}

FailureOr<Value> mlir::attn::onnx_import::elementwise(Node &node,
                                                      ArrayRef<Value> inputs,
                                                      Type element,
                                                      ScalarBuilder body) {
  auto shape = broadcastShapes(node, inputs);
  if (failed(shape))
    return failure();
  return elementwiseTo(node.b, node.loc, *shape, inputs, element, body);
}

Value mlir::attn::onnx_import::generate(OpBuilder &b, Location loc,
                                        ArrayRef<int64_t> shape, Type element,
                                        ScalarBuilder body) {
  return elementwiseTo(b, loc, shape, {}, element,
                       [&](OpBuilder &nested, Location at, ValueRange) {
                         SmallVector<Value> indices;
                         for (unsigned dim = 0; dim < shape.size(); ++dim)
                           indices.push_back(
                               linalg::IndexOp::create(nested, at, dim));
                         return body(nested, at, indices);
                       });
}

Value mlir::attn::onnx_import::broadcastTo(OpBuilder &b, Location loc,
                                           Value tensor,
                                           ArrayRef<int64_t> shape) {
  if (getShape(tensor) == shape)
    return tensor;
  return elementwiseTo(
      b, loc, shape, tensor, getElement(tensor),
      [](OpBuilder &, Location, ValueRange x) { return x[0]; });
}

Value mlir::attn::onnx_import::castScalar(OpBuilder &b, Location loc,
                                          Value scalar, Type type) {
  Type from = scalar.getType();
  if (from == type)
    return scalar;
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(type);
  unsigned fromWidth = from.isIndex() ? 64 : from.getIntOrFloatBitWidth();
  unsigned toWidth = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (from.isIndex() || type.isIndex()) {
    Type i64 = b.getI64Type();
    if (from.isIndex())
      return castScalar(b, loc, arith::IndexCastOp::create(b, loc, i64, scalar),
                        type);
    return arith::IndexCastOp::create(b, loc, type,
                                      castScalar(b, loc, scalar, i64));
  }
  if (type.isInteger(1)) {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(from));
    if (fromFloat)
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, scalar,
                                   zero);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, scalar,
                                 zero);
  }
  if (fromFloat && toFloat) {
    // bf16 and f16 go by way of f32.
    if (fromWidth == toWidth)
      return castScalar(b, loc, castScalar(b, loc, scalar, b.getF32Type()),
                        type);
    if (fromWidth < toWidth)
      return arith::ExtFOp::create(b, loc, type, scalar);
    return arith::TruncFOp::create(b, loc, type, scalar);
  }
  if (fromFloat)
    return arith::FPToSIOp::create(b, loc, type, scalar);
  bool isBool = from.isInteger(1);
  if (toFloat) {
    if (isBool)
      return arith::UIToFPOp::create(b, loc, type, scalar);
    return arith::SIToFPOp::create(b, loc, type, scalar);
  }
  if (isBool)
    return arith::ExtUIOp::create(b, loc, type, scalar);
  if (fromWidth < toWidth)
    return arith::ExtSIOp::create(b, loc, type, scalar);
  return arith::TruncIOp::create(b, loc, type, scalar);
}

Value mlir::attn::onnx_import::castTensor(OpBuilder &b, Location loc,
                                          Value tensor, Type element) {
  if (getElement(tensor) == element)
    return tensor;
  return elementwiseTo(b, loc, getShape(tensor), tensor, element,
                       [&](OpBuilder &nested, Location at, ValueRange x) {
                         return castScalar(nested, at, x[0], element);
                       });
}

/// The dimensions of two shapes of as many elements, in groups of the same
/// product, as few dimensions each as can be.
static void groupDims(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                      SmallVectorImpl<ReassociationIndices> &fromGroups,
                      SmallVectorImpl<ReassociationIndices> &toGroups) {
  unsigned i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    ReassociationIndices x{i}, y{j};
    int64_t p = from[i++], q = to[j++];
    while (p != q) {
      if (p < q) {
        x.push_back(i);
        p *= from[i++];
      } else {
        y.push_back(j);
        q *= to[j++];
      }
    }
    fromGroups.push_back(x);
    toGroups.push_back(y);
  }
  // Ones at the end.
  for (; i < from.size(); ++i)
    fromGroups.back().push_back(i);
  for (; j < to.size(); ++j)
    toGroups.back().push_back(j);
}

Value mlir::attn::onnx_import::reshape(OpBuilder &b, Location loc, Value tensor,
                                       ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> from = getShape(tensor);
  if (from == shape)
    return tensor;
  auto type = RankedTensorType::get(shape, getElement(tensor));
  if (type.getNumElements() == 0)
    return tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  SmallVector<ReassociationIndices> none;
  if (from.empty())
    return tensor::ExpandShapeOp::create(b, loc, type, tensor, none);
  if (shape.empty())
    return tensor::CollapseShapeOp::create(b, loc, type, tensor, none);
  SmallVector<ReassociationIndices> fromGroups, toGroups;
  groupDims(from, shape, fromGroups, toGroups);
  if (fromGroups.size() != from.size())
    tensor = tensor::CollapseShapeOp::create(b, loc, tensor, fromGroups);
  if (toGroups.size() != shape.size())
    tensor = tensor::ExpandShapeOp::create(b, loc, type, tensor, toGroups);
  return tensor;
}

Value mlir::attn::onnx_import::padRank(OpBuilder &b, Location loc, Value tensor,
                                       unsigned rank) {
  SmallVector<int64_t> shape(getShape(tensor));
  if (shape.size() < rank)
    shape.insert(shape.begin(), rank - shape.size(), 1);
  return reshape(b, loc, tensor, shape);
}

Value mlir::attn::onnx_import::transpose(OpBuilder &b, Location loc,
                                         Value tensor,
                                         ArrayRef<int64_t> permutation) {
  bool isIdentity = true;
  SmallVector<int64_t> shape;
  for (auto [i, dim] : llvm::enumerate(permutation)) {
    isIdentity &= dim == static_cast<int64_t>(i);
    shape.push_back(getShape(tensor)[dim]);
  }
  if (isIdentity)
    return tensor;
  Value init = tensor::EmptyOp::create(b, loc, shape, getElement(tensor));
  return linalg::TransposeOp::create(b, loc, tensor, init, permutation)
      ->getResult(0);
}

Value mlir::attn::onnx_import::concat(OpBuilder &b, Location loc,
                                      ArrayRef<Value> tensors, int64_t axis) {
  SmallVector<Value> parts(tensors);
  llvm::erase_if(parts, [&](Value part) { return getShape(part)[axis] == 0; });
  if (parts.empty())
    return tensors[0];
  if (parts.size() == 1)
    return parts[0];
  return tensor::ConcatOp::create(b, loc, axis, parts);
}

Value mlir::attn::onnx_import::slice(OpBuilder &b, Location loc, Value tensor,
                                     int64_t axis, int64_t begin, int64_t end) {
  SmallVector<int64_t> sizes(getShape(tensor)), offsets(sizes.size(), 0),
      strides(sizes.size(), 1);
  if (begin == 0 && end == sizes[axis])
    return tensor;
  offsets[axis] = begin;
  sizes[axis] = end - begin;
  // An empty slice may begin at the end, which is no offset.
  if (begin == end)
    return tensor::EmptyOp::create(b, loc, sizes, getElement(tensor));
  auto attributes = [&](ArrayRef<int64_t> values) {
    return llvm::map_to_vector(values, [&](int64_t value) -> OpFoldResult {
      return b.getIndexAttr(value);
    });
  };
  return tensor::ExtractSliceOp::create(b, loc, tensor, attributes(offsets),
                                        attributes(sizes), attributes(strides));
}

Value mlir::attn::onnx_import::splat(OpBuilder &b, Location loc,
                                     ArrayRef<int64_t> shape, Value scalar) {
  Value init = tensor::EmptyOp::create(b, loc, shape, scalar.getType());
  return linalg::FillOp::create(b, loc, scalar, init).getResult(0);
}

Value mlir::attn::onnx_import::scalarConstant(OpBuilder &b, Location loc,
                                              Type type, double value) {
  TypedAttr attribute =
      isa<FloatType>(type)
          ? TypedAttr(b.getFloatAttr(type, value))
          : TypedAttr(b.getIntegerAttr(type, static_cast<int64_t>(value)));
  return arith::ConstantOp::create(b, loc, attribute);
}

Type mlir::attn::onnx_import::getAccumulator(Type element) {
  return element.isF16() || element.isBF16()
             ? Float32Type::get(element.getContext())
             : element;
}

Value mlir::attn::onnx_import::reduce(OpBuilder &b, Location loc, Value tensor,
                                      ArrayRef<int64_t> axes, bool keepDims,
                                      Value init, ScalarBuilder combine) {
  ArrayRef<int64_t> shape = getShape(tensor);
  SmallVector<int64_t> kept, reduced;
  SmallVector<AffineExpr> exprs;
  SmallVector<utils::IteratorType> iterators;
  for (auto [dim, size] : llvm::enumerate(shape)) {
    bool isReduced = llvm::is_contained(axes, static_cast<int64_t>(dim));
    iterators.push_back(isReduced ? utils::IteratorType::reduction
                                  : utils::IteratorType::parallel);
    kept.push_back(isReduced ? 1 : size);
    if (isReduced)
      continue;
    reduced.push_back(size);
    exprs.push_back(b.getAffineDimExpr(dim));
  }
  Value filled = splat(b, loc, reduced, init);
  SmallVector<AffineMap> maps{
      b.getMultiDimIdentityMap(shape.size()),
      AffineMap::get(shape.size(), 0, exprs, b.getContext())};
  Value result =
      linalg::GenericOp::create(
          b, loc, filled.getType(), tensor, filled, maps, iterators,
          [&](OpBuilder &nested, Location at, ValueRange arguments) {
            linalg::YieldOp::create(nested, at, combine(nested, at, arguments));
          })
          .getResult(0);
  return keepDims ? reshape(b, loc, result, kept) : result;
}

Value mlir::attn::onnx_import::contract(OpBuilder &b, Location loc, Value x,
                                        Value y, ArrayRef<AffineMap> maps,
                                        ArrayRef<int64_t> shape, Type element) {
  Type accumulator = getAccumulator(element);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(accumulator));
  Value init = splat(b, loc, shape, zero);
  Value result = linalg::ContractOp::create(b, loc, TypeRange(init.getType()),
                                            ValueRange{x, y}, ValueRange(init),
                                            b.getAffineMapArrayAttr(maps))
                     .getResult(0);
  return castTensor(b, loc, result, element);
}

FailureOr<Value> mlir::attn::onnx_import::matmul(Node &node, Value x, Value y,
                                                 Type element) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  bool isRow = getRank(x) == 1, isColumn = getRank(y) == 1;
  if (getRank(x) == 0 || getRank(y) == 0)
    return node.fail("a factor is a scalar, expected a matrix");
  if (isRow)
    x = padRank(b, loc, x, 2);
  if (isColumn)
    y = reshape(b, loc, y, {getShape(y)[0], 1});
  int64_t xRank = getRank(x), yRank = getRank(y);
  int64_t m = getShape(x)[xRank - 2], k = getShape(x)[xRank - 1];
  int64_t n = getShape(y)[yRank - 1];
  if (getShape(y)[yRank - 2] != k)
    return node.fail("a matrix of shape " + formatShape(getShape(x)) +
                     " is multiplied by one of " + formatShape(getShape(y)));
  // Batches broadcast: a loop for each that is not 1 in both.
  int64_t batches = std::max(xRank, yRank) - 2;
  SmallVector<int64_t> loopSizes, outer(batches, 1);
  SmallVector<AffineExpr> xExprs, yExprs, exprs;
  SmallVector<int64_t> xShape, yShape;
  for (int64_t i = 0; i < batches; ++i) {
    int64_t xDim = i - (batches - (xRank - 2));
    int64_t yDim = i - (batches - (yRank - 2));
    int64_t xSize = xDim < 0 ? 1 : getShape(x)[xDim];
    int64_t ySize = yDim < 0 ? 1 : getShape(y)[yDim];
    if (xSize != ySize && xSize != 1 && ySize != 1)
      return node.fail("batches of shapes " + formatShape(getShape(x)) +
                       " and " + formatShape(getShape(y)) +
                       " do not broadcast");
    outer[i] = xSize == 1 ? ySize : xSize;
    if (xSize == 1 && ySize == 1)
      continue;
    AffineExpr loop = b.getAffineDimExpr(loopSizes.size());
    loopSizes.push_back(outer[i]);
    exprs.push_back(loop);
    if (xSize != 1) {
      xExprs.push_back(loop);
      xShape.push_back(xSize);
    }
    if (ySize != 1) {
      yExprs.push_back(loop);
      yShape.push_back(ySize);
    }
  }
  unsigned loops = loopSizes.size();
  AffineExpr row = b.getAffineDimExpr(loops),
             column = b.getAffineDimExpr(loops + 1),
             inner = b.getAffineDimExpr(loops + 2);
  xExprs.append({row, inner});
  yExprs.append({inner, column});
  exprs.append({row, column});
  xShape.append({m, k});
  yShape.append({k, n});
  SmallVector<int64_t> shape(loopSizes);
  shape.append({m, n});
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> results :
       {ArrayRef<AffineExpr>(xExprs), ArrayRef<AffineExpr>(yExprs),
        ArrayRef<AffineExpr>(exprs)})
    maps.push_back(AffineMap::get(loops + 3, 0, results, b.getContext()));
  Value product = contract(b, loc, reshape(b, loc, x, xShape),
                           reshape(b, loc, y, yShape), maps, shape, element);
  if (!isRow)
    outer.push_back(m);
  if (!isColumn)
    outer.push_back(n);
  return reshape(b, loc, product, outer);
}

Value mlir::attn::onnx_import::softmax(OpBuilder &b, Location loc, Value tensor,
                                       int64_t axis) {
  Type element = getElement(tensor);
  Value wide = castTensor(b, loc, tensor, getAccumulator(element));
  Value init =
      tensor::EmptyOp::create(b, loc, getShape(wide), getElement(wide));
  Value result =
      linalg::SoftmaxOp::create(b, loc, TypeRange(init.getType()), wide, init,
                                b.getI64IntegerAttr(axis))
          ->getResult(0);
  return castTensor(b, loc, result, element);
}
