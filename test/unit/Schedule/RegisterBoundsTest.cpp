//===- RegisterBoundsTest.cpp - Bounds by the workgroups that fit ---------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/RegisterBounds.h"

#include "gtest/gtest.h"

using namespace mlir::attn;

using Bounds = llvm::SmallVector<int64_t>;

static Bounds getBounds(int64_t threads, int64_t registers) {
  return getRegisterBounds(threads, registers,
                           llvm::cantFail(GPUTarget::get("sm_80")));
}

TEST(RegisterBoundsTest, oneWorkgroup) {
  EXPECT_EQ(getBounds(256, 255), Bounds({0, 255, 248, 240, 232, 224}));
}

TEST(RegisterBoundsTest, oneWorkgroupLess) {
  EXPECT_EQ(getBounds(256, 128),
            Bounds({0, 128, 120, 255, 248, 240, 232, 224}));
  EXPECT_EQ(getBounds(128, 168),
            Bounds({0, 168, 160, 255, 248, 240, 232, 224}));
}

// With 80 registers a third workgroup of 256 threads would fit.
TEST(RegisterBoundsTest, noBoundOfMoreWorkgroups) {
  for (int64_t bound : getBounds(256, 100))
    EXPECT_TRUE(bound == 0 || bound > 80) << bound;
}

TEST(RegisterBoundsTest, noSuchKernel) {
  EXPECT_TRUE(getBounds(0, 128).empty());
  EXPECT_TRUE(getBounds(-32, 128).empty());
  EXPECT_TRUE(getBounds(2048, 16).empty());
  EXPECT_TRUE(getBounds(256, 0).empty());
}
