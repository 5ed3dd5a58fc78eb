//===- GPUTarget.h - Description of a GPU -----------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_GPUTARGET_H
#define ATTN_TARGET_GPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace mlir::attn {

/// What the compiler knows of a GPU: the one source of its limits for
/// schedules and code generation. Figures are those of the CUDA C++
/// Programming Guide, table "Technical Specifications per Compute Capability".
struct GPUTarget {
  /// The name that compilers give the chip, such as sm_89.
  llvm::StringRef chip;
  /// Shared memory that one workgroup may ask for, and that a multiprocessor
  /// has, in bytes.
  int64_t sharedBytesPerBlock, sharedBytes;
  /// What a workgroup takes of a multiprocessor's shared memory beside what it
  /// asks for, in bytes.
  int64_t reservedSharedBytes;
  /// Warps that a multiprocessor holds at a time.
  int64_t warps;
  /// Multiprocessors of the largest GPU sold with the chip.
  int64_t multiprocessors;
  /// LLVM's name of the oldest PTX version that has what kernels use.
  llvm::StringRef ptxFeature;

  /// 32-bit registers of a multiprocessor, and the most that a thread has.
  int64_t registers = 65536, registersPerThread = 255;
  int64_t warpSize = 32;
  int64_t warpsPerBlock = 32;

  /// Describes a chip by its name. Fails on one that is not in the table.
  static llvm::Expected<GPUTarget> get(llvm::StringRef chip);
  /// Describes the newest chip that a GPU of this compute capability (89 for
  /// 8.9) runs code for, without features that are the chip's alone. Fails
  /// below all of them.
  static llvm::Expected<GPUTarget> getFor(unsigned computeCapability);
  /// The names of all chips, for messages.
  static std::string getChips();
};

} // namespace mlir::attn

#endif // ATTN_TARGET_GPUTARGET_H
