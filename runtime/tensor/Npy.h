//===- Npy.h - Tensors in NumPy's .npy files -------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_TENSOR_NPY_H
#define ATTN_RUNTIME_TENSOR_NPY_H

#include "tensor/Tensor.h"

namespace attnrt {

/// Reads a .npy file (format 1.0 to 3.0, little-endian; integers, bool and
/// floats). Fortran order becomes row-major. bf16 is not one of NumPy's types:
/// it arrives as opaque elements of 2 bytes (`|V2`, as ml_dtypes writes it), to
/// be reinterpreted by who knows better.
llvm::Expected<Tensor> readNpy(llvm::StringRef path);

/// Writes format 1.0; bf16 as `|V2`. The file appears whole or not at all.
llvm::Error writeNpy(llvm::StringRef path, const Tensor &tensor);

} // namespace attnrt

#endif // ATTN_RUNTIME_TENSOR_NPY_H
