//===- Signature.h - The types of a function to be called -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_SIGNATURE_H
#define ATTN_EXECUTION_SIGNATURE_H

#include "tensor/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

namespace mlir::attn {

/// An argument or result: a tensor or a scalar.
struct ValueType {
  attnrt::ElementType element;
  /// kDynamic where the size is not static. Empty for a scalar.
  SmallVector<int64_t> shape;
  bool isScalar;

  /// `1x8x?x64xf32`, or `index` and the like for scalars.
  std::string str() const;
};

/// What a function on tensors takes and returns. Buffers count as tensors;
/// whoever takes one may write to it.
struct Signature {
  std::string name;
  SmallVector<ValueType> arguments, results;

  /// Fails on a type that has no counterpart in the runtime.
  static llvm::Expected<Signature> get(func::FuncOp function);

  llvm::Error checkInputCount(size_t count) const;

  /// Checks that `inputs` fit the arguments; reinterprets those that say less
  /// of their element type than the signature (2-byte voids as bf16, u32 as
  /// i32). The error names the argument and both types.
  llvm::Error bind(MutableArrayRef<attnrt::Tensor> inputs) const;
};

} // namespace mlir::attn

#endif // ATTN_EXECUTION_SIGNATURE_H
