//===- RegisterSchedule.cpp - Register tiles for a CPU --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/RegisterSchedule.h"

#include <algorithm>

using namespace mlir::attn;

RegisterTile mlir::attn::chooseRegisterTile(const CPUTarget &target) {
  RegisterTile best{1, 1, target.lanes};
  for (int64_t vectors = 1; vectors <= 4; ++vectors) {
    // Powers of two divide head dimensions and key tiles.
    for (int64_t rows = 1;
         rows * vectors + vectors + 1 <= target.vectorRegisters; rows *= 2) {
      auto intensity = [](const RegisterTile &tile) {
        return static_cast<double>(tile.rows * tile.vectors) /
               (tile.rows + tile.vectors);
      };
      RegisterTile tile{rows, vectors, target.lanes};
      if (intensity(tile) > intensity(best))
        best = tile;
    }
  }
  return best;
}

RegisterSchedule mlir::attn::chooseRegisterSchedule(const CPUTarget &target) {
  RegisterSchedule schedule;
  schedule.tile = chooseRegisterTile(target);
  int64_t rows = schedule.tile.rows;
  schedule.minRows = rows / 2 + 1;
  schedule.dotRows = std::max<int64_t>(rows / 2, 1);
  schedule.wideRows = rows / 2;
  schedule.smallTile = 16;
  schedule.unroll = 2;
  schedule.dotIterations = 16;
  return schedule;
}
