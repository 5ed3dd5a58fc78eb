//===- OpcodeTable.cpp - All instructions ---------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"

#define ATTN_PTX_DECLARE_GROUPS(target)                                        \
  namespace attn::ptx::target {                                                \
  void addMoveInstructions(OpcodeTable &table);                                \
  void addIntegerInstructions(OpcodeTable &table);                             \
  void addBitInstructions(OpcodeTable &table);                                 \
  void addFloatInstructions(OpcodeTable &table);                               \
  void addConvertInstructions(OpcodeTable &table);                             \
  void addCompareInstructions(OpcodeTable &table);                             \
  void addMatrixInstructions(OpcodeTable &table);                              \
  static void addAll(OpcodeTable &table) {                                     \
    addMoveInstructions(table);                                                \
    addIntegerInstructions(table);                                             \
    addBitInstructions(table);                                                 \
    addFloatInstructions(table);                                               \
    addConvertInstructions(table);                                             \
    addCompareInstructions(table);                                             \
    addMatrixInstructions(table);                                              \
  }                                                                            \
  }

ATTN_PTX_DECLARE_GROUPS(baseline)
#ifdef ATTN_PTX_HAVE_X86_V3
ATTN_PTX_DECLARE_GROUPS(x86v3)
#endif

using namespace attn::ptx;

static void addLaneInstructions(OpcodeTable &table) {
#ifdef ATTN_PTX_HAVE_X86_V3
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2"))
    return x86v3::addAll(table);
#endif
  baseline::addAll(table);
}

/// Those that compute lane by lane.
static const OpcodeTable &laneTable() {
  static const OpcodeTable table = [] {
    OpcodeTable t;
    addLaneInstructions(t);
    t.erase("mma");
    addVideoInstructions(t);
    return t;
  }();
  return table;
}

bool attn::ptx::isLaneOpcode(llvm::StringRef opcode) {
  return laneTable().contains(opcode);
}

const OpcodeTable &attn::ptx::opcodeTable() {
  static const OpcodeTable table = [] {
    OpcodeTable t;
    addLaneInstructions(t);
    addControlInstructions(t);
    addMemoryInstructions(t);
    addAtomicInstructions(t);
    addWarpInstructions(t);
    addBarrierInstructions(t);
    addAsyncCopyInstructions(t);
    addMbarrierInstructions(t);
    addWarpgroupInstructions(t);
    addClusterInstructions(t);
    addTensorMapInstructions(t);
    addMatrixMemoryInstructions(t);
    addVideoInstructions(t);
    addWmmaInstructions(t);
    return t;
  }();
  return table;
}
