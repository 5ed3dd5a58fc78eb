//===- Proto.h - ONNX's messages --------------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_PROTO_H
#define ATTN_LIB_IMPORT_ONNX_PROTO_H

#include "onnx/onnx_pb.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Error.h"

namespace mlir::attn::onnx_import {

/// The type of elements of a TensorProto::DataType; null where there is none
/// here: strings, complex numbers, unsigned integers, narrow floats.
Type getElementType(MLIRContext *context, int32_t dataType);

/// `float16`, as ONNX names it.
std::string getTypeName(int32_t dataType);

/// Whether sizes are those of a tensor that could exist: none negative, and a
/// number of elements that does not overflow.
bool isShape(ArrayRef<int64_t> shape);

/// A value from its elements' bytes, a byte a bool.
DenseElementsAttr makeElements(RankedTensorType type, ArrayRef<char> bytes);

/// The value of a tensor; `folder` is where it keeps external data.
llvm::Expected<ElementsAttr> readTensor(MLIRContext *context,
                                        const onnx::TensorProto &tensor,
                                        StringRef folder);

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_PROTO_H
