//===- GPUTarget.cpp - Description of a GPU
//-----------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/GPUTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir::attn;

static constexpr int64_t KiB = 1024;

/// A100, RTX 3090, RTX 4090, H100, RTX 5090.
static const GPUTarget kTargets[] = {
    {"sm_80", 163 * KiB, 164 * KiB, KiB, 64, 108},
    {"sm_86", 99 * KiB, 100 * KiB, KiB, 48, 82},
    {"sm_89", 99 * KiB, 100 * KiB, KiB, 48, 128},
    {"sm_90", 227 * KiB, 228 * KiB, KiB, 64, 132},
    {"sm_120", 99 * KiB, 100 * KiB, KiB, 48, 170},
};

std::string GPUTarget::getChips() {
  return llvm::join(
      llvm::map_range(
          kTargets, [](const GPUTarget &target) { return target.chip.str(); }),
      ", ");
}

llvm::Expected<GPUTarget> GPUTarget::get(llvm::StringRef chip) {
  for (const GPUTarget &target : kTargets)
    if (target.chip == chip)
      return target;
  return llvm::createStringError("unknown chip '%s', expected one of %s",
                                 chip.str().c_str(), getChips().c_str());
}
