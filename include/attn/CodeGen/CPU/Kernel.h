//===- Kernel.h - Functions that run on the thread pool ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_CPU_KERNEL_H
#define ATTN_CODEGEN_CPU_KERNEL_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {

/// Marks the parallel loops of tiled attention and the functions made of their
/// bodies: the passes that make register tiles and vectors work on these alone.
constexpr llvm::StringLiteral kKernelAttr = "attn.kernel";

inline void markKernel(func::FuncOp function) {
  function->setAttr(kKernelAttr, UnitAttr::get(function.getContext()));
}
inline bool isKernel(func::FuncOp function) {
  return function->hasAttr(kKernelAttr);
}

} // namespace mlir::attn

#endif // ATTN_CODEGEN_CPU_KERNEL_H
