//===- Digits.h - Reshaping tensors by the digits of indices ----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_DIGITS_H
#define ATTN_LIB_TRANSFORMS_RAISE_DIGITS_H

#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// The variables whose mixed-radix number is the index of one dimension, most
/// significant first; none for a dimension of size 1.
using Digits = SmallVector<unsigned, 2>;

/// The digits of all dimensions, in order.
SmallVector<unsigned> concatDigits(ArrayRef<Digits> dims);

/// Reshapes a tensor whose dimensions are the numbers `from` into one whose
/// dimensions are the numbers `to`; transposes where the order of their digits
/// is another. Digits that `to` lacks are read at 0, and along those that
/// `from` lacks, of static size, the tensor is repeated.
Value reshapeDigits(OpBuilder &b, Location loc, Value tensor,
                    ArrayRef<Digits> from, ArrayRef<Digits> to,
                    function_ref<int64_t(unsigned)> getSize);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_DIGITS_H
