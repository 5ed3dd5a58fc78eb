//===- CPUTargetTest.cpp - Descriptions of CPUs ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/CPUTarget.h"

#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "gtest/gtest.h"

using namespace mlir::attn;

static CPUTarget getTarget(llvm::StringRef cpu) {
  llvm::Expected<CPUTarget> target = CPUTarget::get(cpu);
  if (target)
    return *target;
  ADD_FAILURE() << llvm::toString(target.takeError());
  return CPUTarget();
}

static std::string getError(llvm::StringRef cpu) {
  llvm::Expected<CPUTarget> target = CPUTarget::get(cpu);
  return target ? "" : llvm::toString(target.takeError());
}

TEST(CPUTargetTest, x86Levels) {
  struct {
    const char *cpu;
    int64_t lanes, vectorRegisters;
    bool hasFMA, hasAVX512, hasBF16DotProduct, hasF16Conversion;
  } levels[] = {
      {"x86-64", 4, 16, false, false, false, false},
      {"x86-64-v2", 4, 16, false, false, false, false},
      {"x86-64-v3", 8, 16, true, false, false, true},
      {"x86-64-v4", 16, 32, true, true, false, true},
      // AVX without FMA and F16C.
      {"sandybridge", 8, 16, false, false, false, false},
      {"znver3", 8, 16, true, false, false, true},
      {"znver4", 16, 32, true, true, true, true},
      {"skylake-avx512", 16, 32, true, true, false, true},
      {"sapphirerapids", 16, 32, true, true, true, true},
  };
  for (const auto &level : levels) {
    SCOPED_TRACE(level.cpu);
    CPUTarget target = getTarget(level.cpu);
    EXPECT_EQ(target.cpu, level.cpu);
    EXPECT_TRUE(llvm::Triple(target.triple).isX86());
    EXPECT_EQ(target.lanes, level.lanes);
    EXPECT_EQ(target.vectorRegisters, level.vectorRegisters);
    EXPECT_EQ(target.hasFMA, level.hasFMA);
    EXPECT_EQ(target.hasAVX512, level.hasAVX512);
    EXPECT_EQ(target.hasBF16DotProduct, level.hasBF16DotProduct);
    EXPECT_EQ(target.hasF16Conversion, level.hasF16Conversion);
  }
}

TEST(CPUTargetTest, AArch64) {
  for (const char *cpu : {"apple-m2", "neoverse-n1", "cortex-a76"}) {
    SCOPED_TRACE(cpu);
    CPUTarget target = getTarget(cpu);
    EXPECT_TRUE(llvm::Triple(target.triple).isAArch64());
    EXPECT_EQ(target.lanes, 4);
    EXPECT_EQ(target.vectorRegisters, 32);
    EXPECT_TRUE(target.hasFMA);
    EXPECT_TRUE(target.hasF16Conversion);
    EXPECT_FALSE(target.hasAVX512);
    EXPECT_FALSE(target.hasBF16DotProduct);
  }
}

TEST(CPUTargetTest, host) {
  CPUTarget target = getTarget("host");
  EXPECT_EQ(target.cpu, llvm::sys::getHostCPUName());
  EXPECT_EQ(target.triple, llvm::sys::getProcessTriple());
  EXPECT_FALSE(target.features.empty());
  EXPECT_GE(target.lanes, 4);
  EXPECT_GE(target.l1Bytes, 8 << 10);
  EXPECT_GE(target.l2Bytes, target.l1Bytes);
}

TEST(CPUTargetTest, unknown) {
  EXPECT_EQ(getError("pentium17"),
            "unknown CPU 'pentium17', expected host or a name that LLVM knows "
            "for x86-64 or AArch64, such as x86-64-v3, znver4 or apple-m2");
}

TEST(CPUTargetTest, targetMachine) {
  for (const char *cpu : {"x86-64-v3", "apple-m2"}) {
    SCOPED_TRACE(cpu);
    auto machine = getTarget(cpu).createTargetMachine();
    ASSERT_TRUE(static_cast<bool>(machine))
        << llvm::toString(machine.takeError());
    EXPECT_EQ((*machine)->getTargetCPU(), cpu);
    EXPECT_EQ((*machine)->getOptLevel(), llvm::CodeGenOptLevel::Aggressive);
  }
}

TEST(CPUTargetTest, targetMachineOfUnknownTriple) {
  CPUTarget target;
  target.triple = "no-such-architecture";
  auto machine = target.createTargetMachine();
  ASSERT_FALSE(static_cast<bool>(machine));
  std::string message = llvm::toString(machine.takeError());
  EXPECT_EQ(message.find("no code generator for 'no-such-architecture': "), 0u)
      << message;
}
