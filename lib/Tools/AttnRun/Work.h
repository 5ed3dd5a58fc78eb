//===- Work.h - The work that attention has to do --------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TOOLS_ATTNRUN_WORK_H
#define ATTN_LIB_TOOLS_ATTNRUN_WORK_H

#include "attn/Execution/Compiler.h"
#include "tensor/Tensor.h"

namespace mlir::attn {

/// The floating-point operations of the two products of every sdpa that a call
/// of `function` executes: 2 · positions · (D + Dv), with `masks` only those
/// positions that the mask keeps. Runs the function once, instrumented, on the
/// CPU; its module is lowered in place.
llvm::Expected<double> countAttentionFlops(func::FuncOp function,
                                           ArrayRef<attnrt::Tensor> inputs,
                                           CompileOptions options, bool masks);

} // namespace mlir::attn

#endif // ATTN_LIB_TOOLS_ATTNRUN_WORK_H
