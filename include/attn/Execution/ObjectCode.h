//===- ObjectCode.h - LLVM dialect to machine code -------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_OBJECTCODE_H
#define ATTN_EXECUTION_OBJECTCODE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace mlir::attn {

/// A function that a caller without its C++ type wants to call.
struct PackedFunction {
  std::string name;
  unsigned numResults;
};

/// The prefix of a program's functions in compiled code, which no library's
/// function has.
inline constexpr llvm::StringLiteral kFunctionPrefix = "attn.function.";

/// The prefix of a packed function's companion.
inline constexpr llvm::StringLiteral kPackedPrefix = "attn.packed.";

/// What must be called before the first function, and after the last.
inline constexpr llvm::StringLiteral kLoadFunction = "attn.load";
inline constexpr llvm::StringLiteral kUnloadFunction = "attn.unload";

/// What compiled functions take of stacks, in bytes.
struct StackUse {
  /// Of the calling thread: the frames of all functions that are not kernels.
  uint64_t caller = 0;
  /// Of each thread: the largest frame of a kernel, its buffers included.
  uint64_t kernel = 0;
};

struct ObjectCode {
  std::unique_ptr<llvm::MemoryBuffer> file;
  StackUse stack;
};

/// Compiles a module of the LLVM dialect to an object file in memory.
///
/// With `packed`, each of these functions gets a companion
/// `void attn.packed.NAME(void **values)` that loads the arguments from the
/// addresses in `values` and stores the results to those after them, so that a
/// caller needs no calling convention.
///
/// GPU binaries become data, with functions `void attn.load()` and `void
/// attn.unload()` that hand them to the runtime and take them back; a module
/// without any has neither.
///
/// Functions that `attn-outline-parallel` made are vector code already and see
/// scalar clean-up only; other functions go through LLVM's loop vectoriser.
llvm::Expected<ObjectCode>
compileToObject(ModuleOp module, llvm::TargetMachine &machine,
                ArrayRef<PackedFunction> packed = {});

} // namespace mlir::attn

#endif // ATTN_EXECUTION_OBJECTCODE_H
