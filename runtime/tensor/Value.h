//===- Value.h - Tensors as command-line arguments -------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_TENSOR_VALUE_H
#define ATTN_RUNTIME_TENSOR_VALUE_H

#include "tensor/Tensor.h"

namespace attnrt {

/// Parses a value as iree-run-module writes it:
///
///     @q.npy                       a .npy file
///     2x3xf32=0.5                  every element 0.5
///     2x3xf32=[1 2 3][4 5 6]       elements; brackets and commas are optional
///     2x3xbf16=@raw.bin            the file's bytes
///     2x3xf16=random:7             fillRandom() with seed 7
///     2x3xf32=zeros, 2x3xf32       zeros
///     i32=5                        a tensor of rank 0, or a scalar
llvm::Expected<Tensor> parseValue(llvm::StringRef text);

/// The inverse, `2x2xf32=[1 2][3 4]`; after `maxElements` elements the rest is
/// `...`.
std::string formatValue(const Tensor &tensor, int64_t maxElements = 1024);

} // namespace attnrt

#endif // ATTN_RUNTIME_TENSOR_VALUE_H
