//===- RegisterSearch.h - Bounds without spills -----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_REGISTERSEARCH_H
#define ATTN_CODEGEN_NVVM_REGISTERSEARCH_H

#include "attn/CodeGen/NVVM/Cubin.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::attn {

/// A GPU module's code for one chip.
struct AssembledModule {
  std::string ptx;
  Cubin cubin;
};

/// Compiles a module whose functions are in the LLVM dialect. Where ptxas
/// spills registers of a kernel whose bound on them is its
/// `attn.chosen_max_registers`, other bounds are tried, and the best one
/// becomes its `nvvm.maxnreg`. Warns of what is spilled still.
llvm::Expected<AssembledModule> assembleWithoutSpills(gpu::GPUModuleOp module,
                                                      StringRef chip,
                                                      StringRef assembler);

} // namespace mlir::attn

#endif // ATTN_CODEGEN_NVVM_REGISTERSEARCH_H
