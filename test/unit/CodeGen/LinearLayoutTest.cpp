//===- LinearLayoutTest.cpp - Layouts as mathematics ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/LinearLayout.h"

#include "llvm/ADT/Sequence.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <set>

using namespace mlir;
using namespace mlir::attn;

/// The shapes of the tiles that kernels have, with their numbers of warps.
static const int64_t kTiles[][3] = {{16, 8, 1},    {16, 64, 1},   {64, 64, 4},
                                    {128, 64, 4},  {128, 128, 8}, {64, 256, 2},
                                    {256, 16, 16}, {32, 512, 1}};

template <typename Function>
static void forEachThread(int64_t warps, Function function) {
  for (uint32_t warp = 0; warp < warps; ++warp)
    for (uint32_t lane = 0; lane < 32; ++lane)
      function(lane, warp);
}

TEST(LinearLayoutTest, IsLinear) {
  LinearLayout layout = LinearLayout::getMMA(128, 64, 4);
  EXPECT_EQ(layout.getPosition(0, 0, 0), 0u);
  forEachThread(4, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t reg = 0; reg < layout.getNumRegisters(); ++reg)
      EXPECT_EQ(layout.getPosition(reg, lane, warp),
                layout.getPosition(reg, 0, 0) ^ layout.getPosition(0, lane, 0) ^
                    layout.getPosition(0, 0, warp));
  });
}

// PTX ISA, "Matrix fragments for mma.m16n8k16": groupID = lane / 4; element i
// of C is in row groupID + 8 (i / 2), column 2 (lane % 4) + i % 2.
TEST(LinearLayoutTest, AccumulatorOfMMA) {
  LinearLayout layout = LinearLayout::getMMA(16, 8, 1);
  ASSERT_EQ(layout.getNumRegisters(), 4);
  forEachThread(1, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t i = 0; i < 4; ++i)
      EXPECT_EQ(layout.getCoordinates(layout.getPosition(i, lane, warp)),
                (SmallVector<int64_t>{lane / 4 + 8 * (i / 2),
                                      2 * (lane % 4) + i % 2}));
  });
}

// There, element i of A (16 x 16) is in row groupID + 8 (i / 2 % 2), column
// 2 (lane % 4) + i % 2 + 8 (i / 4).
TEST(LinearLayoutTest, OperandAOfMMA) {
  LinearLayout layout = LinearLayout::getMMA(16, 16, 1);
  ASSERT_EQ(layout.getNumRegisters(), 8);
  forEachThread(1, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t i = 0; i < 8; ++i)
      EXPECT_EQ(layout.getCoordinates(layout.getPosition(i, lane, warp)),
                (SmallVector<int64_t>{lane / 4 + 8 * (i / 2 % 2),
                                      2 * (lane % 4) + i % 2 + 8 * (i / 4)}));
  });
}

// PTX ISA, "Matrix fragments for mma.m16n8k8", .tf32: element i of A (16 x 8)
// is in row groupID + 8 (i % 2), column lane % 4 + 4 (i / 2).
TEST(LinearLayoutTest, OperandAOfTF32MMA) {
  LinearLayout layout = LinearLayout::getOperandTF32(16, 8, 1);
  ASSERT_EQ(layout.getNumRegisters(), 4);
  forEachThread(1, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t i = 0; i < 4; ++i)
      EXPECT_EQ(layout.getCoordinates(layout.getPosition(i, lane, warp)),
                (SmallVector<int64_t>{lane / 4 + 8 * (i % 2),
                                      lane % 4 + 4 * (i / 2)}));
  });
}

// The accumulator is that operand with the same permutation of k in every row:
// element i, at k = lane % 4 + 4 (i / 2), holds column 2 (k % 4) + k / 4.
TEST(LinearLayoutTest, AccumulatorIsOperandAOfTF32MMA) {
  LinearLayout accumulator = LinearLayout::getMMA(16, 8, 1),
               operand = LinearLayout::getOperandTF32(16, 8, 1);
  forEachThread(1, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t i = 0; i < 4; ++i) {
      auto in = operand.getCoordinates(operand.getPosition(i, lane, warp));
      EXPECT_EQ(accumulator.getCoordinates(
                    accumulator.getPosition(i / 2 + 2 * (i % 2), lane, warp)),
                (SmallVector<int64_t>{in[0], 2 * (in[1] % 4) + in[1] / 4}));
    }
  });
}

// With runs, column n of instruction j is column run · n + j of the tile: what
// a thread needs of a row of operand B, whose column is groupID, is a run.
TEST(LinearLayoutTest, RunsOfColumns) {
  for (int64_t run : {1, 2, 4}) {
    LinearLayout layout = LinearLayout::getMMA(
        16, 8 * run, 1, LinearLayout::SpareWarps::Copy, run);
    LinearLayout accumulator = LinearLayout::getMMA(16, 8, 1);
    std::set<uint32_t> registers;
    for (uint32_t j = 0; j < run; ++j)
      for (uint32_t i = 0; i < 4; ++i) {
        auto at = accumulator.getCoordinates(accumulator.getPosition(i, 0, 0));
        uint32_t position = at[0] * 8 * run + run * at[1] + j;
        auto all = llvm::seq<uint32_t>(0, layout.getNumRegisters());
        auto reg = llvm::find_if(all, [&](uint32_t candidate) {
          return layout.getPosition(candidate, 0, 0) == position;
        });
        ASSERT_NE(reg, all.end());
        registers.insert(*reg);
        forEachThread(1, [&](uint32_t lane, uint32_t warp) {
          auto of = accumulator.getCoordinates(
              accumulator.getPosition(i, lane, warp));
          EXPECT_EQ(layout.getCoordinates(layout.getPosition(*reg, lane, warp)),
                    (SmallVector<int64_t>{of[0], run * of[1] + j}));
        });
      }
    EXPECT_EQ(registers.size(), 4u * run);
  }
}

TEST(LinearLayoutTest, CoversTheTileOnce) {
  for (auto [rows, columns, warps] : kTiles) {
    SCOPED_TRACE(testing::Message() << rows << "x" << columns);
    LinearLayout mma = LinearLayout::getMMA(rows, columns, warps);
    EXPECT_TRUE(mma.isSurjective());
    EXPECT_TRUE(mma.isInjective());
    EXPECT_EQ(mma.getNumRegisters() * 32 * warps, rows * columns);
    LinearLayout operand = LinearLayout::getOperandTF32(rows, columns, warps);
    EXPECT_TRUE(operand.isSurjective());
    EXPECT_TRUE(operand.isInjective());
    for (int64_t run : {2, 4}) {
      if (columns % (8 * run) != 0)
        continue;
      LinearLayout runs = LinearLayout::getMMA(
          rows, columns, warps, LinearLayout::SpareWarps::Copy, run);
      EXPECT_TRUE(runs.isSurjective());
      EXPECT_TRUE(runs.isInjective());
    }
    LinearLayout blocked = LinearLayout::getBlocked(rows, columns, 8, warps);
    EXPECT_TRUE(blocked.isSurjective());
    // By counting, too.
    SmallVector<int> held(rows * columns);
    forEachThread(warps, [&](uint32_t lane, uint32_t warp) {
      for (uint32_t reg = 0; reg < mma.getNumRegisters(); ++reg)
        ++held[mma.getPosition(reg, lane, warp)];
    });
    EXPECT_TRUE(llvm::all_of(held, [](int count) { return count == 1; }));
  }
}

// 16 bytes a thread, a warp's accesses one after the other.
TEST(LinearLayoutTest, BlockedIsCoalesced) {
  LinearLayout layout = LinearLayout::getBlocked(64, 64, 8, 4);
  EXPECT_TRUE(layout.isInjective());
  forEachThread(4, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t reg = 0; reg < layout.getNumRegisters(); ++reg)
      EXPECT_EQ(layout.getPosition(reg, lane, warp),
                reg % 8 + 8 * (lane + 32 * (warp + 4 * (reg / 8))));
  });
}

// A tile too small for all threads: those past its end hold copies.
TEST(LinearLayoutTest, BlockedRepeatsWhatIsLeftOver) {
  LinearLayout layout = LinearLayout::getBlocked(4, 16, 8, 2);
  EXPECT_TRUE(layout.isSurjective());
  EXPECT_FALSE(layout.isInjective());
  EXPECT_EQ(layout.getPosition(3, 9, 1), layout.getPosition(3, 1, 0));
}

TEST(LinearLayoutTest, ReshapeKeepsPositions) {
  LinearLayout layout = LinearLayout::getMMA(64, 64, 4);
  LinearLayout reshaped = layout.reshape({16, 4, 64});
  forEachThread(4, [&](uint32_t lane, uint32_t warp) {
    uint32_t position = layout.getPosition(5, lane, warp);
    EXPECT_EQ(reshaped.getPosition(5, lane, warp), position);
    EXPECT_EQ(reshaped.getCoordinates(position),
              (SmallVector<int64_t>{position / 64 / 4, position / 64 % 4,
                                    position % 64}));
  });
  EXPECT_EQ(reshaped.reshape({64, 64}), layout);
}

TEST(LinearLayoutTest, TransposeExchangesCoordinates) {
  LinearLayout layout = LinearLayout::getMMA(64, 128, 2);
  LinearLayout transposed = layout.transpose({1, 0});
  EXPECT_EQ(transposed.getShape(), ArrayRef<int64_t>({128, 64}));
  forEachThread(2, [&](uint32_t lane, uint32_t warp) {
    for (uint32_t reg = 0; reg < layout.getNumRegisters(); ++reg) {
      auto from = layout.getCoordinates(layout.getPosition(reg, lane, warp));
      auto to =
          transposed.getCoordinates(transposed.getPosition(reg, lane, warp));
      std::swap(to[0], to[1]);
      EXPECT_EQ(from, to);
    }
  });
  EXPECT_EQ(transposed.transpose({1, 0}), layout);
}

// A new dimension is all in a thread, and goes without a trace.
TEST(LinearLayoutTest, InsertedDimension) {
  LinearLayout layout = LinearLayout::getBlocked(8, 32, 2, 4);
  for (unsigned dim : {0, 1, 2}) {
    LinearLayout inserted = layout.insertDim(dim, 4);
    SmallVector<int64_t> shape(layout.getShape());
    shape.insert(shape.begin() + dim, 4);
    EXPECT_EQ(inserted.getShape(), ArrayRef<int64_t>(shape));
    EXPECT_EQ(inserted.getNumRegisters(), 4 * layout.getNumRegisters());
    EXPECT_TRUE(inserted.isWithinWarp(dim));
    EXPECT_TRUE(inserted.getLaneBits(dim).empty());
    EXPECT_EQ(inserted.dropDim(dim), layout);
  }
}

// The maximum of a row: 4 lanes hold its columns, and after the exchange all
// four hold the result.
TEST(LinearLayoutTest, ReductionAlongARow) {
  LinearLayout layout = LinearLayout::getMMA(128, 64, 4);
  EXPECT_TRUE(layout.isWithinWarp(1));
  EXPECT_FALSE(layout.isWithinWarp(0));
  EXPECT_EQ(layout.getLaneBits(1), (SmallVector<unsigned>{0, 1}));
  EXPECT_EQ(layout.getLaneBits(0), (SmallVector<unsigned>{2, 3, 4}));
  LinearLayout rows = layout.dropDim(1);
  EXPECT_EQ(rows.getShape(), ArrayRef<int64_t>({128}));
  EXPECT_EQ(rows.getNumRegisters(), 4);
  EXPECT_TRUE(rows.isSurjective());
  forEachThread(4, [&](uint32_t lane, uint32_t warp) {
    // A row of the result is one of the rows whose elements the thread holds.
    for (uint32_t reg = 0; reg < 4; ++reg) {
      uint32_t row = rows.getPosition(reg, lane, warp);
      EXPECT_TRUE(llvm::any_of(
          llvm::seq<uint32_t>(0, layout.getNumRegisters()), [&](uint32_t r) {
            return layout.getCoordinate(layout.getPosition(r, lane, warp), 0) ==
                   row;
          }));
    }
    EXPECT_EQ(rows.getPosition(0, lane, warp),
              rows.getPosition(0, lane ^ 3, warp));
  });
}

TEST(LinearLayoutTest, RegisterPermutation) {
  LinearLayout layout = LinearLayout::getMMA(64, 64, 4);
  auto same = layout.getRegisterPermutation(layout);
  ASSERT_TRUE(same);
  EXPECT_TRUE(llvm::equal(*same, llvm::seq<uint32_t>(0, 32)));
  // Registers in another order.
  LinearLayout::Bases reversed(
      llvm::reverse(layout.getBases(LinearLayout::Input::Register)));
  LinearLayout other({64, 64}, reversed,
                     layout.getBases(LinearLayout::Input::Lane),
                     layout.getBases(LinearLayout::Input::Warp));
  auto permutation = layout.getRegisterPermutation(other);
  ASSERT_TRUE(permutation);
  for (uint32_t reg = 0; reg < 32; ++reg)
    EXPECT_EQ(layout.getPosition((*permutation)[reg], 0, 0),
              other.getPosition(reg, 0, 0));
  // Another thread's elements are out of reach.
  EXPECT_FALSE(
      layout.getRegisterPermutation(LinearLayout::getBlocked(64, 64, 8, 4)));
}

TEST(LinearLayoutTest, Prints) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << LinearLayout::getMMA(32, 16, 2);
  EXPECT_EQ(text, "<32x16, register = [(0, 1), (8, 0), (0, 8)], lane = [(0, "
                  "2), (0, 4), (1, 0), (2, 0), (4, 0)], warp = [(16, 0)]>");
}
