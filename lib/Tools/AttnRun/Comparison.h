//===- Comparison.h - How far results are from expected ones ---*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TOOLS_ATTNRUN_COMPARISON_H
#define ATTN_LIB_TOOLS_ATTNRUN_COMPARISON_H

#include "tensor/Tensor.h"

#include "llvm/ADT/SmallVector.h"

namespace mlir::attn {

/// Where `found` differs most from `expected`.
struct Comparison {
  /// Of |found - expected|. Equal infinities differ by 0, as do two NaNs; a NaN
  /// or an infinity on one side alone by +inf.
  double maxError = 0;
  /// The indices of that element, and both values.
  llvm::SmallVector<int64_t> position;
  double found = 0, expected = 0;
  /// Elements that were compared.
  int64_t count = 0;
};

/// Compares tensors of one shape. With `skipNaN` a NaN in `expected` is an
/// element without expectation.
Comparison compare(const attnrt::Tensor &found, const attnrt::Tensor &expected,
                   bool skipNaN);

} // namespace mlir::attn

#endif // ATTN_LIB_TOOLS_ATTNRUN_COMPARISON_H
