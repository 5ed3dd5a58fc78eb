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
  /// Cycles between two mma.sync of one of a multiprocessor's schedulers, of
  /// m16n8k16 on 16-bit elements or m16n8k8 on tf32, both with sums in f32: by
  /// the peak rates of NVIDIA's white papers; on sm_90 by the 63 % of them that
  /// mma.sync reaches (Luo et al., "Benchmarking and Dissecting the Nvidia
  /// Hopper GPU Architecture via Microbenchmarking", 2024).
  int64_t mmaCycles;
  /// LLVM's name of the oldest PTX version that has what kernels use.
  llvm::StringRef ptxFeature;
  /// Registers that ptxas (13.0) takes on the chip beside those that it takes
  /// on sm_80: for a kernel of f16, and for a mask on 16-bit elements.
  int64_t extraF16Registers = 0, extraMaskRegisters = 0;

  /// 32-bit registers of a multiprocessor, and the most that a thread has.
  int64_t registers = 65536, registersPerThread = 255;
  /// A thread's registers are given out in multiples of this number.
  int64_t registerGranularity = 8;
  int64_t warpSize = 32;
  int64_t warpsPerBlock = 32;
  /// Parts of a multiprocessor that start an instruction a cycle each.
  int64_t schedulers = 4;
  /// Bytes of shared memory that a multiprocessor reads or writes in a cycle.
  int64_t sharedBytesPerCycle = 128;
  /// Bytes that L2 gives each multiprocessor in a cycle: sm_80's 5120 for all,
  /// by its white paper; others have none.
  int64_t l2BytesPerCycle = 47;
  /// Cycles from a request to global memory to its data: 470 to 540 measured on
  /// sm_80, sm_89 and sm_90 (Luo et al., 2024), and some for others' requests.
  int64_t memoryLatency = 600;

  /// Registers that each thread may have where a multiprocessor holds so many
  /// workgroups of so many threads.
  int64_t getThreadRegisters(int64_t threads, int64_t workgroups = 1) const;

  /// Workgroups of so many threads with so many registers each for which a
  /// multiprocessor has registers.
  int64_t getWorkgroups(int64_t threads, int64_t threadRegisters) const;

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
