//===- Tensors.h - Operations on tensors that converters share --*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_TENSORS_H
#define ATTN_LIB_IMPORT_ONNX_TENSORS_H

#include "Node.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn::onnx_import {

using ScalarBuilder =
    function_ref<Value(OpBuilder &b, Location loc, ValueRange scalars)>;

inline RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}
inline ArrayRef<int64_t> getShape(Value value) {
  return getTensorType(value).getShape();
}
inline int64_t getRank(Value value) { return getTensorType(value).getRank(); }
inline Type getElement(Value value) {
  return getTensorType(value).getElementType();
}

/// The shape that tensors broadcast to, by ONNX's (NumPy's) rule; fails the
/// node where there is none.
FailureOr<SmallVector<int64_t>> broadcastShapes(Node &node,
                                                ArrayRef<Value> tensors);

/// A tensor of `element`, each computed from those of the inputs, which
/// broadcast.
FailureOr<Value> elementwise(Node &node, ArrayRef<Value> inputs, Type element,
                             ScalarBuilder body);
/// The same where the shape is known and the inputs broadcast to it.
Value elementwiseTo(OpBuilder &b, Location loc, ArrayRef<int64_t> shape,
                    ArrayRef<Value> inputs, Type element, ScalarBuilder body);

/// A tensor whose elements are computed from their indices. The body may read
/// tensors by tensor.extract.
Value generate(OpBuilder &b, Location loc, ArrayRef<int64_t> shape,
               Type element, ScalarBuilder body);

Value broadcastTo(OpBuilder &b, Location loc, Value tensor,
                  ArrayRef<int64_t> shape);

/// As ONNX's Cast: floats to integers towards zero, to bool by `!= 0`.
Value castScalar(OpBuilder &b, Location loc, Value scalar, Type type);
Value castTensor(OpBuilder &b, Location loc, Value tensor, Type element);

/// The same elements in row-major order.
Value reshape(OpBuilder &b, Location loc, Value tensor,
              ArrayRef<int64_t> shape);
/// Reshapes so that the tensor has `rank` dimensions, with leading ones.
Value padRank(OpBuilder &b, Location loc, Value tensor, unsigned rank);

Value transpose(OpBuilder &b, Location loc, Value tensor,
                ArrayRef<int64_t> permutation);

Value concat(OpBuilder &b, Location loc, ArrayRef<Value> tensors, int64_t axis);

Value slice(OpBuilder &b, Location loc, Value tensor, int64_t axis,
            int64_t begin, int64_t end);

/// A tensor of one value.
Value splat(OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Value scalar);
Value scalarConstant(OpBuilder &b, Location loc, Type type, double value);

/// Combines elements along dimensions, which the result keeps as size 1 with
/// `keepDims`. `combine` takes an element and the accumulator.
Value reduce(OpBuilder &b, Location loc, Value tensor, ArrayRef<int64_t> axes,
             bool keepDims, Value init, ScalarBuilder combine);

/// f32 for f16 and bf16, else the type: what sums are accumulated in.
Type getAccumulator(Type element);

/// A sum of products by indexing maps of loops; one map an operand, the last
/// of the result.
Value contract(OpBuilder &b, Location loc, Value x, Value y,
               ArrayRef<AffineMap> maps, ArrayRef<int64_t> shape, Type element);

/// Matrix products, batches broadcasting, in the type of `element`.
FailureOr<Value> matmul(Node &node, Value x, Value y, Type element);

/// softmax along an axis, computed in f32 at least.
Value softmax(OpBuilder &b, Location loc, Value tensor, int64_t axis);

/// The sizes as `2x3`, for messages.
std::string formatShape(ArrayRef<int64_t> shape);

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_TENSORS_H
