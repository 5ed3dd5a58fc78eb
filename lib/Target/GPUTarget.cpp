//===- GPUTarget.cpp - Description of a GPU -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/GPUTarget.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::attn;

static constexpr int64_t KiB = 1024;

/// A100, RTX 3090, Jetson Orin, RTX 4090, H100, RTX 5090. PTX 8.0 came with
/// CUDA 12.0, 8.7 with 12.8.
static const GPUTarget kTargets[] = {
    {"sm_80", 163 * KiB, 164 * KiB, KiB, 64, 108, 8, "+ptx80"},
    {"sm_86", 99 * KiB, 100 * KiB, KiB, 48, 82, 32, "+ptx80"},
    {"sm_87", 163 * KiB, 164 * KiB, KiB, 48, 16, 8, "+ptx80"},
    {"sm_89", 99 * KiB, 100 * KiB, KiB, 48, 128, 32, "+ptx80"},
    {"sm_90", 227 * KiB, 228 * KiB, KiB, 64, 132, 6, "+ptx80", 6, 28},
    {"sm_90a", 227 * KiB, 228 * KiB, KiB, 64, 132, 6, "+ptx80", 6, 28},
    {"sm_120", 99 * KiB, 100 * KiB, KiB, 48, 170, 32, "+ptx87"},
    {"sm_120a", 99 * KiB, 100 * KiB, KiB, 48, 170, 32, "+ptx87"},
};

int64_t GPUTarget::getThreadRegisters(int64_t threads,
                                      int64_t workgroups) const {
  return std::min<int64_t>(
      registersPerThread,
      llvm::alignDown(registers / (workgroups * threads), registerGranularity));
}

int64_t GPUTarget::getWorkgroups(int64_t threads,
                                 int64_t threadRegisters) const {
  return registers /
         (threads * llvm::alignTo(threadRegisters, registerGranularity));
}

std::string GPUTarget::getChips() {
  std::string names;
  for (const GPUTarget &target : llvm::drop_end(kTargets))
    names += target.chip.str() + ", ";
  return names + "or " + std::end(kTargets)[-1].chip.str();
}

llvm::Expected<GPUTarget> GPUTarget::get(llvm::StringRef chip) {
  for (const GPUTarget &target : kTargets)
    if (target.chip == chip)
      return target;
  return llvm::createStringError("unknown chip '%s', expected %s",
                                 chip.str().c_str(), getChips().c_str());
}

llvm::Expected<GPUTarget> GPUTarget::getFor(unsigned computeCapability) {
  const GPUTarget *newest = nullptr;
  for (const GPUTarget &target : kTargets) {
    unsigned number;
    if (!target.chip.substr(3).getAsInteger(10, number) &&
        number <= computeCapability)
      newest = &target;
  }
  if (newest)
    return *newest;
  return llvm::createStringError(
      "the GPU's compute capability is %u.%u, expected at least 8.0",
      computeCapability / 10, computeCapability % 10);
}
