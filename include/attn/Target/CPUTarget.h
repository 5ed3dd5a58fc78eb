//===- CPUTarget.h - Description of a CPU -----------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_CPUTARGET_H
#define ATTN_TARGET_CPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace mlir::attn {

/// What the compiler knows of a CPU: the one source of register, cache and
/// instruction facts for schedules and code generation.
struct CPUTarget {
  std::string triple;
  std::string cpu;
  std::string features;

  /// f32 elements in a vector register.
  int64_t lanes = 4;
  /// Architectural vector registers.
  int64_t vectorRegisters = 16;
  bool hasFMA = false;
  bool hasAVX512 = false;
  /// Dot products of bf16 pairs into f32 (AVX512_BF16).
  bool hasBF16DotProduct = false;
  /// Conversions between f16 and f32 in vectors (F16C, AVX-512, AArch64).
  bool hasF16Conversion = false;

  /// Data caches of one core, in bytes.
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;

  /// What a kernel's buffers may take of its thread's stack: a part of the
  /// smallest that a program's threads have by default.
  int64_t kernelStackBytes = 1 << 20;

  /// Panels of queries that may share a tile. Each has code of its own to load
  /// and store it, which takes the compiler more than linear time.
  int64_t maxQueryPanels = 16;

  /// How far ahead a loop that streams memory should ask for it: the latency
  /// of memory (some 100 ns) times a core's share of the bandwidth (some
  /// 20 GB/s where all cores read).
  int64_t prefetchBytes = 2 << 10;

  /// Describes a CPU by LLVM's name for it (`znver4`, `x86-64-v3`,
  /// `apple-m2`), or this machine for `host`. Fails on an unknown name.
  static llvm::Expected<CPUTarget> get(llvm::StringRef cpu = "host");

  /// A code generator for this CPU, at -O3.
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
  createTargetMachine() const;
};

} // namespace mlir::attn

#endif // ATTN_TARGET_CPUTARGET_H
