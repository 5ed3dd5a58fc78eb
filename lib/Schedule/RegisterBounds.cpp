//===- RegisterBounds.cpp - Registers for the assembler -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/RegisterBounds.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

/// Bounds to try for a number of workgroups. Of what ptxas (13.0) spills at 255
/// registers because it reads far ahead, most is gone at 224; where fewer
/// workgroups would have more registers each, they are what is missing.
static constexpr unsigned kBoundsOfMost = 5, kBoundsBeforeMost = 2;

SmallVector<int64_t> attn::getRegisterBounds(int64_t threads, int64_t registers,
                                             const GPUTarget &target) {
  if (threads < 1 || threads > target.warpsPerBlock * target.warpSize ||
      registers < 1)
    return {};
  SmallVector<int64_t> bounds{kUnboundedRegisters};
  auto add = [&](int64_t workgroups, unsigned number) {
    int64_t next = target.getThreadRegisters(threads, workgroups);
    int64_t withOneMore = target.getThreadRegisters(threads, workgroups + 1);
    for (unsigned i = 0; i < number && next > withOneMore; ++i) {
      bounds.push_back(next);
      next = llvm::alignTo(next, target.registerGranularity) -
             target.registerGranularity;
    }
  };
  int64_t workgroups = target.getWorkgroups(threads, registers);
  if (workgroups > 1) {
    add(workgroups, kBoundsBeforeMost);
    --workgroups;
  }
  if (workgroups > 0)
    add(workgroups, kBoundsOfMost);
  return bounds;
}
