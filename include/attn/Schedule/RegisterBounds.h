//===- RegisterBounds.h - Registers for the assembler -----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_REGISTERBOUNDS_H
#define ATTN_SCHEDULE_REGISTERBOUNDS_H

#include "attn/Target/GPUTarget.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::attn {

/// The bound of a kernel whose registers are the assembler's to choose.
constexpr int64_t kUnboundedRegisters = 0;

/// Bounds on the registers of a kernel of so many threads to try, in their
/// order, where ptxas took so many and spilled some: none; what as many
/// workgroups leave each thread, or one less, and somewhat fewer. Workgroups
/// are counted by registers alone. There are no bounds for numbers of threads
/// or registers that no kernel has.
SmallVector<int64_t> getRegisterBounds(int64_t threads, int64_t registers,
                                       const GPUTarget &target);

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_REGISTERBOUNDS_H
