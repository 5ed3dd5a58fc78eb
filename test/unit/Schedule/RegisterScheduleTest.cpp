//===- RegisterScheduleTest.cpp - Register tiles of several CPUs ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/RegisterSchedule.h"

#include "gtest/gtest.h"

using namespace mlir::attn;

static CPUTarget getTarget(const char *cpu) {
  return llvm::cantFail(CPUTarget::get(cpu));
}

/// A tile, the vectors of one operand and a broadcast fit the registers.
static void expectFits(const RegisterTile &tile, const CPUTarget &target) {
  EXPECT_LE(tile.rows * tile.vectors + tile.vectors + 1,
            target.vectorRegisters);
  EXPECT_EQ(tile.lanes, target.lanes);
}

TEST(RegisterTileTest, sixteenRegisters) {
  CPUTarget target = getTarget("x86-64-v3");
  RegisterTile tile = chooseRegisterTile(target);
  EXPECT_EQ(tile.rows, 4);
  EXPECT_EQ(tile.vectors, 3);
  expectFits(tile, target);
}

TEST(RegisterTileTest, thirtyTwoRegisters) {
  for (const char *cpu : {"x86-64-v4", "apple-m2"}) {
    SCOPED_TRACE(cpu);
    CPUTarget target = getTarget(cpu);
    RegisterTile tile = chooseRegisterTile(target);
    EXPECT_EQ(tile.rows, 8);
    EXPECT_EQ(tile.vectors, 3);
    expectFits(tile, target);
  }
}

TEST(RegisterScheduleTest, rowsFollowTheTile) {
  for (const char *cpu : {"x86-64", "x86-64-v3", "x86-64-v4", "apple-m2"}) {
    SCOPED_TRACE(cpu);
    RegisterSchedule schedule = chooseRegisterSchedule(getTarget(cpu));
    int64_t rows = schedule.tile.rows;
    // More than half a tile's rows, and no more than them.
    EXPECT_GT(2 * schedule.minRows, rows);
    EXPECT_LE(schedule.minRows, rows);
    // Both sides of a dot product's tile and its sums fit the registers.
    EXPECT_GE(schedule.dotRows, 1);
    EXPECT_LE(schedule.dotRows * (schedule.dotRows + 2),
              rows * schedule.tile.vectors);
    EXPECT_LE(schedule.wideRows, rows);
    EXPECT_GE(schedule.unroll, 1);
  }
}
