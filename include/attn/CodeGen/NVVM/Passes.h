//===- Passes.h - AttnNVVM passes -------------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_PASSES_H
#define ATTN_CODEGEN_NVVM_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::attn {
#define GEN_PASS_DECL
#include "attn/CodeGen/NVVM/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

#endif // ATTN_CODEGEN_NVVM_PASSES_H
