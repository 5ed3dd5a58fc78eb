//===- GPUTargetTest.cpp - Descriptions of GPUs ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/GPUTarget.h"

#include "gtest/gtest.h"

using namespace mlir::attn;

TEST(GPUTargetTest, chips) {
  for (const char *chip : {"sm_80", "sm_86", "sm_87", "sm_89", "sm_90",
                           "sm_90a", "sm_120", "sm_120a"}) {
    SCOPED_TRACE(chip);
    llvm::Expected<GPUTarget> target = GPUTarget::get(chip);
    ASSERT_TRUE(static_cast<bool>(target))
        << llvm::toString(target.takeError());
    EXPECT_EQ(target->chip, chip);
    // The most that a block may have and what is reserved for it fill the
    // multiprocessor.
    EXPECT_EQ(target->sharedBytesPerBlock + target->reservedSharedBytes,
              target->sharedBytes);
    EXPECT_GE(target->warps, 48);
    EXPECT_GT(target->multiprocessors, 0);
  }
}

// 65536 registers of a multiprocessor, given out in eights, 255 a thread.
TEST(GPUTargetTest, registers) {
  GPUTarget target = llvm::cantFail(GPUTarget::get("sm_80"));
  EXPECT_EQ(target.getThreadRegisters(256), 255);
  EXPECT_EQ(target.getThreadRegisters(256, 2), 128);
  EXPECT_EQ(target.getThreadRegisters(128, 3), 168);
  EXPECT_EQ(target.getWorkgroups(256, 128), 2);
  EXPECT_EQ(target.getWorkgroups(256, 129), 1);
  EXPECT_EQ(target.getWorkgroups(128, 161), 3);
}

TEST(GPUTargetTest, unknown) {
  llvm::Expected<GPUTarget> target = GPUTarget::get("sm_42");
  ASSERT_FALSE(static_cast<bool>(target));
  EXPECT_EQ(llvm::toString(target.takeError()),
            "unknown chip 'sm_42', expected sm_80, sm_86, sm_87, sm_89, sm_90, "
            "sm_90a, sm_120, or sm_120a");
}

TEST(GPUTargetTest, computeCapability) {
  for (auto [capability, chip] :
       {std::pair(80u, "sm_80"), std::pair(88u, "sm_87"),
        std::pair(90u, "sm_90"), std::pair(121u, "sm_120")}) {
    llvm::Expected<GPUTarget> target = GPUTarget::getFor(capability);
    ASSERT_TRUE(static_cast<bool>(target))
        << llvm::toString(target.takeError());
    EXPECT_EQ(target->chip, chip);
  }
  llvm::Expected<GPUTarget> target = GPUTarget::getFor(75);
  ASSERT_FALSE(static_cast<bool>(target));
  EXPECT_EQ(llvm::toString(target.takeError()),
            "the GPU's compute capability is 7.5, expected at least 8.0");
}
