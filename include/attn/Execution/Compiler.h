//===- Compiler.h - From a module to an executable -------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_COMPILER_H
#define ATTN_EXECUTION_COMPILER_H

#include "attn/Execution/Executable.h"
#include "attn/Target/CPUTarget.h"

#include "mlir/IR/DialectRegistry.h"

namespace mlir::attn {

/// Registers the dialects that a module may hold and that the pipelines make.
void registerCompilerDialects(DialectRegistry &registry);

/// The function to run: the one of that name; without a name `main`, or the
/// only public one. The error lists what there is.
llvm::Expected<func::FuncOp> findEntryFunction(ModuleOp module, StringRef name);

struct CompileOptions {
  /// LLVM's name of the CPU.
  std::string targetCPU = "host";
  /// Threads that the code will run on.
  int64_t threads = 1;
  /// The GPU to make kernels for, as in sm_89; empty: all code is the CPU's.
  /// The runtime's current device must be one that runs it.
  std::string chip = "";
  /// Whether attention that is decomposed is found and fused (`attn-raise`).
  bool raise = true;
  /// Fields of the schedules to pin, as in query_tile=64, and print.
  std::vector<std::string> schedule = {};
};

/// Compiles `function` and what it needs of its module through `attn-to-cpu`,
/// or, for a GPU, `attn-to-nvvm` and `attn-gpu-host-to-llvm`. The module is
/// lowered in place; what goes wrong in a pass is reported to the context's
/// diagnostics.
llvm::Expected<std::unique_ptr<Executable>>
compile(func::FuncOp function, const CompileOptions &options);

/// Makes of a module its definition in f64: `attn-sample-rows`,
/// `attn-promote-to-f64` and `attn-decompose`. With `sampledRows`, each sdpa
/// evaluates that many rows of a head and gives NaN in the others.
llvm::Error makeReference(ModuleOp module, int64_t sampledRows = 0);

} // namespace mlir::attn

#endif // ATTN_EXECUTION_COMPILER_H
