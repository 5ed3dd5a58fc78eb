//===- Work.h - The work that attention has to do --------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TOOLS_ATTNRUN_WORK_H
#define ATTN_LIB_TOOLS_ATTNRUN_WORK_H

#include "tensor/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {

/// The floating-point operations of the two products of every sdpa in
/// `function`: 2 · kept · (D + Dv) for each head, where `kept` counts the
/// positions that causal and window keep; other masks count as kept. None
/// where a size depends on more than the inputs' shapes.
std::optional<double> countAttentionFlops(func::FuncOp function,
                                          ArrayRef<attnrt::Tensor> inputs);

/// The positions of a score matrix that causal and window keep. Query i stands
/// at i + offset; -1 leaves a side of the window open.
double countKept(int64_t queries, int64_t keys, int64_t offset, bool causal,
                 int64_t windowLeft, int64_t windowRight);

} // namespace mlir::attn

#endif // ATTN_LIB_TOOLS_ATTNRUN_WORK_H
