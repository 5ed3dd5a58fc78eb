//===- MaskIntervals.h - Masks over whole tiles -----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_MASKINTERVALS_H
#define ATTN_LIB_TRANSFORMS_MASKINTERVALS_H

#include "attn/IR/AttnDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// The values an integer or index may have in a tile, both ends included.
struct Interval {
  Value low, high;
};

/// Evaluates an sdpa's mask over a tile of positions in interval arithmetic
/// and returns (all, any), both i1: `all` implies that every position of the
/// tile is kept; a tile with a kept position has `any` true. What the analysis
/// does not understand makes `all` false and `any` true.
std::pair<Value, Value> classifyTile(OpBuilder &b, Location loc, SDPAOp op,
                                     Value queryShift, Interval batch,
                                     Interval head, Interval query,
                                     Interval key);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_MASKINTERVALS_H
