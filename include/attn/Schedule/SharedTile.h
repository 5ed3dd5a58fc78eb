//===- SharedTile.h - Tiles in shared memory --------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_SHAREDTILE_H
#define ATTN_SCHEDULE_SHAREDTILE_H

#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstdint>

namespace mlir::attn {

/// How a tile lies in shared memory, so that eight threads which read or write
/// 16 bytes each of eight rows, as ldmatrix does, meet 32 different banks.
/// Where a row is a power of two of at least 8 such chunks, chunk `c` of row
/// `r` is at `c ^ (r mod 8)`; any other row is padded to an odd number of
/// chunks.
struct SharedTile {
  int64_t rows, columns;
  int64_t elementBytes;

  static constexpr int64_t kChunkBytes = 16;
  /// Chunks that all banks hold.
  static constexpr int64_t kBankChunks = 8;

  int64_t chunkElements() const { return kChunkBytes / elementBytes; }
  int64_t chunksPerRow() const {
    return llvm::divideCeil(columns * elementBytes, kChunkBytes);
  }
  bool isSwizzled() const {
    return chunksPerRow() >= kBankChunks && llvm::isPowerOf2_64(chunksPerRow());
  }
  /// From a row to the next, in elements.
  int64_t rowElements() const {
    return (isSwizzled() ? chunksPerRow() : chunksPerRow() | 1) *
           chunkElements();
  }
  int64_t elements() const { return rows * rowElements(); }
  int64_t bytes() const { return elements() * elementBytes; }
};

/// Where the tiles of a workgroup lie in its shared memory, in bytes: stages of
/// keys, then stages of values. Queries that go to registers at once share the
/// values' place, and the output, at the end, everybody's.
struct SharedPlan {
  SharedTile key, value, query, output;
  int64_t stages;
  bool queryInRegisters;

  int64_t keyOffset() const { return 0; }
  int64_t valueOffset() const { return key.bytes() * stages; }
  int64_t queryOffset() const {
    return valueOffset() + (queryInRegisters ? 0 : value.bytes() * stages);
  }
  int64_t outputOffset() const { return 0; }
  int64_t bytes() const {
    return std::max({valueOffset() + value.bytes() * stages,
                     queryOffset() + query.bytes(), output.bytes()});
  }
};

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_SHAREDTILE_H
