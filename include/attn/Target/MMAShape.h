//===- MMAShape.h - The tensor cores' instruction ---------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_MMASHAPE_H
#define ATTN_TARGET_MMASHAPE_H

#include <cstdint>

namespace mlir::attn {

/// The products of mma.sync that every chip from sm_80 on has (PTX ISA 9.7.15):
/// m16n8k16 of 16-bit operands, m16n8k8 of tf32. Rows and columns of the
/// accumulator, and the length of the reduction.
struct MMAShape {
  static constexpr int64_t rows = 16, columns = 8, depth = 16, depthTF32 = 8;
  /// Lanes that hold the columns of one row, two neighbours each.
  static constexpr int64_t lanesOfRow = columns / 2;
};

} // namespace mlir::attn

#endif // ATTN_TARGET_MMASHAPE_H
