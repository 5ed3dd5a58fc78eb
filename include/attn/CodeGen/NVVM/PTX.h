//===- PTX.h - NVVM dialect to PTX and cubin --------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_NVVM_PTX_H
#define ATTN_CODEGEN_NVVM_PTX_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::attn {

/// Fails unless code can be made for `chip`, as in `sm_89`; the error lists the
/// chips that are known.
llvm::Error checkChip(StringRef chip);

/// The target that `attn-gpu-to-nvvm` attached, which names the chip; an error
/// at the module where there is none.
FailureOr<NVVM::NVVMTargetAttr> getNVVMTarget(gpu::GPUModuleOp module);

/// The optimised LLVM IR of a module whose functions are in the LLVM dialect,
/// as `attn-gpu-to-nvvm` leaves them.
llvm::Expected<std::string> emitNVVMIR(gpu::GPUModuleOp module, StringRef chip);

/// The same as PTX text, for the oldest PTX version that serves the chip: a
/// driver loads it that knows that version. Pointers to shared, constant and
/// local memory are 32 bits wide.
llvm::Expected<std::string> emitPTX(gpu::GPUModuleOp module, StringRef chip);

} // namespace mlir::attn

#endif // ATTN_CODEGEN_NVVM_PTX_H
