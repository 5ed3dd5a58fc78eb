//===- ThreadPositions.h - Positions of a thread's elements -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_GPU_THREADPOSITIONS_H
#define ATTN_LIB_CODEGEN_GPU_THREADPOSITIONS_H

#include "attn/CodeGen/GPU/LinearLayout.h"
#include "attn/Schedule/SharedTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include <map>

namespace mlir::attn {

/// Reads one of PTX's special registers, such as tid.x, in a way that is not
/// recognised as the same: the values made of it would be found equal to
/// earlier ones otherwise, and those kept in registers.
Value readAnew(OpBuilder &b, Location loc, StringRef name);

/// Makes the values that depend on which thread runs. By linearity the position
/// of a register is that of register 0, which the thread decides, exclusive-or
/// a constant; what depends on the thread is computed once, at the kernel's
/// start.
class ThreadPositions {
public:
  ThreadPositions(gpu::LaunchOp launch);

  /// From here on, values are made anew after `op`: what only the end of a
  /// kernel needs would take registers throughout its loop.
  void restartAfter(Operation *op);
  /// `replacement` has taken the place of `op`: what is made before the one has
  /// to be before the other.
  void replaceAnchor(Operation *op, Operation *replacement);

  /// The coordinate of register 0 along `dim`, as i32.
  Value getThreadCoordinate(const LinearLayout &layout, unsigned dim);
  /// The coordinate of a register along `dim`: what the thread decides, as i32,
  /// and a constant to add.
  std::pair<Value, int64_t> getCoordinateParts(OpBuilder &b, Location loc,
                                               const LinearLayout &layout,
                                               uint32_t reg, unsigned dim);
  /// The same as a sum, as index.
  Value getCoordinate(OpBuilder &b, Location loc, const LinearLayout &layout,
                      uint32_t reg, unsigned dim);

  /// The offset in a tile in shared memory, in elements, of a register that
  /// holds `layout`'s position moved by (row, column). The moves have no bits
  /// in common with the positions of `layout`'s threads.
  Value getSharedOffset(OpBuilder &b, Location loc, const SharedTile &tile,
                        const LinearLayout &layout, int64_t row,
                        int64_t column);

  /// Whether this thread's elements are its own: of threads that hold the same
  /// ones, the first. Null where no two do.
  Value isOwner(const LinearLayout &layout);

private:
  using Input = LinearLayout::Input;

  /// The bits of the coordinate that threads set.
  static uint32_t getThreadMask(const LinearLayout &layout, unsigned dim);
  Value constant(int64_t value);

  OpBuilder start;
  Location loc;
  Value thread;
  /// By layout and dimension; by layout, tile and exclusive-or of the column.
  std::map<std::string, Value> cache;
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_GPU_THREADPOSITIONS_H
