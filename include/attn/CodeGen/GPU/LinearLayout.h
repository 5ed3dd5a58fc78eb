//===- LinearLayout.h - Layouts as linear maps over GF(2) -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which thread of a workgroup holds which element of a tile in which of its
// registers. As in "Linear Layouts: Robust Code Generation of Efficient Tensor
// Computation Using F2" (Zhou et al., 2025), a layout is a linear map over
// GF(2): it takes the bits of (register, lane, warp) to the bits of a position
// in the tile, and is given by the images of the single bits, its bases. The
// position of (r, l, w) is the exclusive or of the bases whose bits are set.
//
// Tile dimensions are powers of two here; a tile of 80 columns has the layout
// of one of 128, and the registers past column 80 do not exist.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_GPU_LINEARLAYOUT_H
#define ATTN_CODEGEN_GPU_LINEARLAYOUT_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::attn {

/// A linear map from the bits of (register, lane, warp) to those of a position
/// in a row-major tile.
class LinearLayout {
public:
  /// Where a thread's elements come from.
  enum class Input { Register, Lane, Warp };
  using Bases = SmallVector<uint32_t>;

  LinearLayout() = default;
  /// `shape` in powers of two; each base is a row-major position.
  LinearLayout(ArrayRef<int64_t> shape, Bases registers, Bases lanes,
               Bases warps);

  ArrayRef<int64_t> getShape() const { return shape; }
  unsigned getRank() const { return shape.size(); }
  const Bases &getBases(Input input) const {
    return bases[static_cast<unsigned>(input)];
  }
  int64_t getNumRegisters() const {
    return int64_t(1) << getBases(Input::Register).size();
  }

  /// The row-major position that a thread's register holds.
  uint32_t getPosition(uint32_t reg, uint32_t lane, uint32_t warp) const;
  /// A row-major position as one index for each dimension.
  SmallVector<int64_t> getCoordinates(uint32_t position) const;
  /// The part of a row-major position that dimension `dim` is, as an index.
  int64_t getCoordinate(uint32_t position, unsigned dim) const;

  /// The same elements of a tile of another shape, row-major.
  LinearLayout reshape(ArrayRef<int64_t> newShape) const;
  /// The layout of a reduction's result: dimension `dim` is gone, registers
  /// that differ in nothing else are one, and lanes hold copies.
  LinearLayout dropDim(unsigned dim) const;
  /// The inverse, with a new dimension `dim` of `size` whose elements are all
  /// in a thread's registers.
  LinearLayout insertDim(unsigned dim, int64_t size) const;
  /// Dimension `i` of the result is dimension `permutation[i]`.
  LinearLayout transpose(ArrayRef<int64_t> permutation) const;

  /// Whether every position has a thread that holds it.
  bool isSurjective() const;
  /// Whether no position is held twice.
  bool isInjective() const;
  /// The bits of a lane that change nothing but dimension `dim`, as a mask:
  /// over them a reduction along `dim` exchanges values.
  SmallVector<unsigned> getLaneBits(unsigned dim) const;
  /// Whether dimension `dim` lies inside a warp, so that a reduction along it
  /// needs no shared memory.
  bool isWithinWarp(unsigned dim) const;

  /// For each register of `target`, the register of this layout that holds the
  /// same position; nothing where that is in another thread.
  std::optional<SmallVector<uint32_t>>
  getRegisterPermutation(const LinearLayout &target) const;

  bool operator==(const LinearLayout &other) const {
    return shape == other.shape && bases[0] == other.bases[0] &&
           bases[1] == other.bases[1] && bases[2] == other.bases[2];
  }
  bool operator!=(const LinearLayout &other) const { return !(*this == other); }
  void print(raw_ostream &os) const;

  //===--- The layouts of the instructions --------------------------------===//
  /// What warps do for which a tile has no 16 rows left: hold copies, or take
  /// turns with blocks of 16 columns.
  enum class SpareWarps { Copy, Columns };
  /// The accumulator of mma.sync m16n8 (PTX ISA 9.7.15.5.8), repeated over
  /// `rows` x `columns`: columns and the rows of one warp in registers, warps
  /// along the rows. It is the layout of a 16-bit operand A of m16n8k16 as
  /// well, so that a product's result is the next product's operand in place;
  /// and of a tf32 operand A of m16n8k8, whose sum over k takes each 8 columns
  /// in another order: even ones first, then odd ones.
  ///
  /// Which columns of the tile are one instruction's is free too: with `run`
  /// columns next to each other they are column j of `run` instructions, so
  /// that a thread finds their operands B in one access.
  static LinearLayout getMMA(int64_t rows, int64_t columns, int64_t warps,
                             SpareWarps spare = SpareWarps::Copy,
                             int64_t run = 1);
  /// A tf32 operand A of m16n8k8 (PTX ISA 9.7.15.5.7) with k in the order of
  /// the columns, which is that of ldmatrix.
  static LinearLayout getOperandTF32(int64_t rows, int64_t columns,
                                     int64_t warps);
  /// Consecutive threads along consecutive rows, `vector` elements of a row in
  /// a thread: the layout of coalesced accesses to memory. What is left over
  /// of the tile is in registers; threads that are left over hold copies.
  static LinearLayout getBlocked(int64_t rows, int64_t columns, int64_t vector,
                                 int64_t warps);

  static constexpr unsigned kLaneBits = 5;

private:
  uint32_t dimShift(unsigned dim) const;

  SmallVector<int64_t> shape;
  Bases bases[3];
};

inline raw_ostream &operator<<(raw_ostream &os, const LinearLayout &layout) {
  layout.print(os);
  return os;
}

} // namespace mlir::attn

#endif // ATTN_CODEGEN_GPU_LINEARLAYOUT_H
