//===- Target.h - The chips that PTX is for ---------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_TARGET_H
#define ATTN_RUNTIME_PTX_TARGET_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace attn::ptx {

/// A name of .target, such as sm_90a.
struct Target {
  unsigned sm = 0;
  /// 'a': with the features of this chip alone; 'f': with those of its family;
  /// 0: with what later chips have too.
  char suffix = 0;
  std::string getName() const;
};

/// None for a name that the ISA does not list.
std::optional<Target> parseTarget(llvm::StringRef name);

/// What a chip of this target holds.
struct ChipLimits {
  unsigned sm;
  unsigned multiprocessors; // of the largest one sold
  unsigned threads;         // of a multiprocessor
  unsigned blocks;
  uint32_t sharedBytes;      // of a multiprocessor
  uint32_t sharedBlockBytes; // that one block may have
  /// Blocks that it holds at once.
  uint64_t residentBlocks(uint64_t blockThreads, uint32_t blockShared) const;
};
const ChipLimits &chipLimits(const Target &target);

/// What a target lacks for an instruction, whose opcode, modifiers and special
/// registers these are: "sm_80 or higher"; empty if it has all.
std::string missingFeature(llvm::ArrayRef<llvm::StringRef> parts,
                           const Target &target);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_TARGET_H
