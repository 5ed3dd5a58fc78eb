//===- SharedTileTest.cpp - Banks of shared memory ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/SharedTile.h"

#include "gtest/gtest.h"
#include <set>

using namespace mlir::attn;

/// The 16-byte chunk of shared memory where a chunk of a row lies.
static int64_t getChunk(const SharedTile &tile, int64_t row, int64_t chunk) {
  if (tile.isSwizzled())
    chunk ^= row % SharedTile::kBankChunks;
  return row * tile.rowElements() / tile.chunkElements() + chunk;
}

// ldmatrix reads 16 bytes of each of eight consecutive rows at once: without
// conflicts if they are in different eighths of the banks.
TEST(SharedTileTest, EightRowsMeetAllBanks) {
  for (int64_t elementBytes : {2, 4})
    for (int64_t columns = 16; columns <= 576; columns += 16) {
      SharedTile tile{64, columns, elementBytes};
      for (int64_t row = 0; row < 64; row += 8)
        for (int64_t chunk = 0; chunk < tile.chunksPerRow(); ++chunk) {
          std::set<int64_t> banks;
          for (int64_t i = 0; i < 8; ++i)
            banks.insert(getChunk(tile, row + i, chunk) %
                         SharedTile::kBankChunks);
          EXPECT_EQ(banks.size(), 8u) << columns << " columns, row " << row;
        }
    }
}

// Operand B of a tf32 product whose first operand is an accumulator: eight
// threads read 16 bytes each, a chunk and the next of every other row.
TEST(SharedTileTest, EveryOtherRowMeetsAllBanks) {
  for (int64_t columns = 32; columns <= 576; columns += 32) {
    SharedTile tile{64, columns, 4};
    for (int64_t row = 0; row < 64; row += row % 2 ? 7 : 1)
      for (int64_t chunk = 0; chunk < tile.chunksPerRow(); chunk += 2) {
        std::set<int64_t> banks;
        for (int64_t i = 0; i < 8; ++i)
          banks.insert(getChunk(tile, row + i / 2 * 2, chunk + i % 2) %
                       SharedTile::kBankChunks);
        EXPECT_EQ(banks.size(), 8u) << columns << " columns, row " << row;
      }
  }
}

// Nothing overlaps and everything is inside.
TEST(SharedTileTest, HoldsEveryChunkOnce) {
  for (int64_t columns : {16, 36, 64, 80, 128, 256}) {
    SharedTile tile{32, columns, 2};
    std::set<int64_t> chunks;
    for (int64_t row = 0; row < tile.rows; ++row)
      for (int64_t chunk = 0; chunk < tile.chunksPerRow(); ++chunk) {
        int64_t at = getChunk(tile, row, chunk);
        EXPECT_TRUE(chunks.insert(at).second);
        EXPECT_LT(at * SharedTile::kChunkBytes, tile.bytes());
      }
  }
}

TEST(SharedPlanTest, TilesDoNotMeetWhileTheyAreUsed) {
  SharedPlan plan{{64, 128, 2}, {64, 128, 2}, {128, 128, 2}, {128, 128, 2}, 2,
                  true};
  EXPECT_EQ(plan.keyOffset(), 0);
  EXPECT_EQ(plan.valueOffset(), 2 * 64 * 128 * 2);
  EXPECT_EQ(plan.queryOffset(), plan.valueOffset());
  EXPECT_EQ(plan.bytes(), 4 * 64 * 128 * 2);
  // Queries that are read at every step have a place of their own.
  plan.queryInRegisters = false;
  EXPECT_EQ(plan.queryOffset(), 4 * 64 * 128 * 2);
  EXPECT_EQ(plan.bytes(), 4 * 64 * 128 * 2 + 128 * 128 * 2);
}
