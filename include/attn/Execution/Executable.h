//===- Executable.h - A compiled module in this process --------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_EXECUTABLE_H
#define ATTN_EXECUTION_EXECUTABLE_H

#include "attn/Execution/ObjectCode.h"
#include "attn/Execution/Signature.h"

#include "llvm/Support/MemoryBuffer.h"

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::attn {

struct CPUTarget;

/// Functions on tensors, compiled and ready to be called.
class Executable {
public:
  /// Compiles a module of the LLVM dialect, whose functions have
  /// kFunctionPrefix before their names. `signatures` are those that they had
  /// on tensors, without the prefix, each to become callable. Where the module
  /// holds GPU binaries, they are loaded to the runtime's current device, which
  /// must stay the same as long as this lives.
  static llvm::Expected<std::unique_ptr<Executable>>
  create(ModuleOp module, const CPUTarget &target,
         ArrayRef<Signature> signatures);
  ~Executable();

  /// Calls a function. `inputs` must fit the signature (Signature::bind) and
  /// are not modified. Fails on what the device reports.
  llvm::Expected<SmallVector<attnrt::Tensor>>
  call(StringRef function, ArrayRef<attnrt::Tensor> inputs);

  /// What a call takes of stacks.
  const StackUse &getStackUse() const { return stack; }

private:
  Executable();

  using Packed = void (*)(void **);
  struct Function {
    Signature signature;
    Packed code;
  };

  StackUse stack;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*unload)() = nullptr;
  llvm::StringMap<Function> functions;
};

} // namespace mlir::attn

#endif // ATTN_EXECUTION_EXECUTABLE_H
