//===- Cubin.h - PTX to cubin -----------------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_CUBIN_H
#define ATTN_CODEGEN_NVVM_CUBIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::attn {

/// The path of CUDA's assembler: `path` where it is not empty, otherwise the
/// ptxas on the path, or below the CUDA toolkit that CUDA_HOME or CUDA_PATH
/// name, /usr/local/cuda if neither does.
llvm::Expected<std::string> findPTXAssembler(llvm::StringRef path = "");

/// The cubin of a PTX text, as bytes. What ptxas prints goes to the error.
llvm::Expected<std::string> assemblePTX(llvm::StringRef ptx,
                                        llvm::StringRef chip,
                                        llvm::StringRef assembler);

} // namespace mlir::attn

#endif // ATTN_CODEGEN_NVVM_CUBIN_H
