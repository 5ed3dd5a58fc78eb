//===- Reduction.h - Element-wise reductions of bulk copies -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_REDUCTION_H
#define ATTN_RUNTIME_PTX_REDUCTION_H

#include "ptx/Types.h"

namespace attn::ptx {

enum class ReductionOp : uint8_t {
  None,
  Add,
  Min,
  Max,
  Inc,
  Dec,
  And,
  Or,
  Xor,
};

/// target[i] = target[i] op source[i], each atomically.
void reduceArray(ReductionOp op, Type type, uint8_t *target,
                 const uint8_t *source, uint32_t count);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_REDUCTION_H
