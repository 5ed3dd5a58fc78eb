//===- Raise.h - Attention in linalg to attn.sdpa ---------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_RAISE_H
#define ATTN_TRANSFORMS_RAISE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn {

/// Rewrites one product of weights and values, as `attn-raise` does, if it is
/// the end of attention. What is dead then stays for the caller to erase.
LogicalResult raiseAttention(linalg::LinalgOp product, RewriterBase &rewriter);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_RAISE_H
