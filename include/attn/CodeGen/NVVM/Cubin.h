//===- Cubin.h - PTX to cubin -----------------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_CUBIN_H
#define ATTN_CODEGEN_NVVM_CUBIN_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::attn {

/// The path of CUDA's assembler: `path` where it is not empty, otherwise the
/// ptxas on the path, or below the CUDA toolkit that CUDA_HOME or CUDA_PATH
/// name, /usr/local/cuda if neither does.
llvm::Expected<std::string> findPTXAssembler(llvm::StringRef path = "");

/// What ptxas gives a kernel: registers of a thread, and the bytes of registers
/// that its code stores to local memory and loads from it.
struct KernelResources {
  std::string name;
  int64_t registers = 0, spillBytes = 0;
};

/// Machine code for one chip.
struct Cubin {
  std::string bytes;
  llvm::SmallVector<KernelResources, 0> kernels;
};

/// The cubin of a PTX text. What ptxas prints of a failure goes to the error.
llvm::Expected<Cubin> assemblePTX(llvm::StringRef ptx, llvm::StringRef chip,
                                  llvm::StringRef assembler);

} // namespace mlir::attn

#endif // ATTN_CODEGEN_NVVM_CUBIN_H
