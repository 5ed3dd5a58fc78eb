//===- RegisterSchedule.h - Register tiles for a CPU ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_REGISTERSCHEDULE_H
#define ATTN_SCHEDULE_REGISTERSCHEDULE_H

#include "attn/Target/CPUTarget.h"

namespace mlir::attn {

/// The accumulators of a product that live in registers:
/// rows x vectors x lanes of f32.
struct RegisterTile {
  int64_t rows, vectors, lanes;
};

/// The tile with the most arithmetic for each element loaded that leaves room
/// for the vectors of one operand and a broadcast of the other.
RegisterTile chooseRegisterTile(const CPUTarget &target);

/// How a kernel's operations are cut to register tiles and written out: the
/// options of `attn-register-tile` and `attn-vectorize`.
struct RegisterSchedule {
  RegisterTile tile;
  /// The fewest rows of a tile that divides the rows there are: with fewer the
  /// loads cost more than a last, partial tile does.
  int64_t minRows;
  /// Rows of each of the two sides of a product that reduces along the lanes,
  /// which loads a vector for every row.
  int64_t dotRows;
  /// Rows up to which a product takes all accumulators along its lanes, so that
  /// it reads its other operand in the order of memory.
  int64_t wideRows;
  /// Accumulators up to which a product's loop is unrolled `unroll` times,
  /// since the loop's own instructions count.
  int64_t smallTile;
  int64_t unroll;
  /// Iterations up to which a loop along the lanes is written out: it is short,
  /// and each of its starts would wait for the sums of the one before.
  int64_t dotIterations;
};

RegisterSchedule chooseRegisterSchedule(const CPUTarget &target);

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_REGISTERSCHEDULE_H
