//===- GPUTiler.h - Tiles one sdpa for the workgroups of a GPU --*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FlashAttention-2's forward pass (Dao, 2023, algorithm 1) on vectors of a
// tile's shape. Where the CPU's tiles are tensors, which become buffers that L1
// holds, a GPU holds its tiles in the registers of a workgroup: they are
// vectors from the start.
//
// The rows of a tile are the queries of all query heads that share a KV head,
// `pack` heads a query, so that a tile of keys is read once for all of them.
// Scores stay as the product makes them: their factor, in units of log2,
// becomes part of the exponential's argument, one fused multiply-add.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_GPUTILER_H
#define ATTN_LIB_TRANSFORMS_GPUTILER_H

#include "SDPATiler.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::attn {

/// Builds the tiled form of one sdpa.
class GPUTiler : private SDPATiler {
public:
  GPUTiler(SDPAOp op, GPUScheduleAttr schedule)
      : SDPATiler(op, schedule.getKvSplits()), schedule(schedule) {}

  /// The results that replace those of the op.
  SmallVector<Value> tile();

private:
  /// The online softmax's state. A row's weights are exp2(factor · score +
  /// shift), where the shift stands for a maximum that need not be the running
  /// one: it is one that no score has been more than `limit` above (as
  /// FlashAttention-4 does; Zadouri et al., 2026). Beside them the running sums
  /// of each row in parts, and the unnormalised output.
  struct State {
    Value limit, shift, sums, output;
    SmallVector<Value> values() const { return {limit, shift, sums, output}; }
    static State of(ValueRange values) {
      return {values[0], values[1], values[2], values[3]};
    }
  };

  /// Weights may grow to 2 to the power of this before the maximum follows:
  /// sums of them are as exact as those of weights below 1, and far from the
  /// largest f16.
  static constexpr double kMaxLag = 8;

  /// Beyond this the factor of a row's scores is a power of two. Half its last
  /// place, 64, is what bf16 has of exponents to spare on both sides.
  static constexpr double kHugeProduct = 0x1p30;

  /// Where nobody asks for the lse, a row's sum is that of the rounded weights,
  /// by a product with ones: tensor cores add, and what rounding does to the
  /// weights it does to their sum. The product has this many columns, all
  /// alike.
  static constexpr int64_t kSumColumns = MMAShape::columns;
  /// Else a row's sum is kept in parts until the end, by pair of columns modulo
  /// this: no exchange between threads inside the loop.
  static constexpr int64_t kPartialSums = MMAShape::lanesOfRow;
  /// Head dimensions are padded to a multiple of what a product takes.
  static constexpr int64_t kFeatureMultiple = MMAShape::depth;

  //===--- Small builders -------------------------------------------------===//
  VectorType vectorOf(ArrayRef<int64_t> shape, Type element = {}) {
    return VectorType::get(shape, element ? element : Type(f32));
  }
  Value splat(double value, ArrayRef<int64_t> shape);
  Value splat(Value scalar, ArrayRef<int64_t> shape);
  /// A value for each row, for all `columns` of a tile.
  Value broadcastRows(Value rowValues, int64_t columns);
  Value multiplyAdd(Value x, Value y, Value z) {
    return math::FmaOp::create(b, loc, x, y, z);
  }
  Value exp2(Value x) {
    return math::Exp2Op::create(b, loc, x, arith::FastMathFlags::afn);
  }
  Value reduceRows(vector::CombiningKind kind, Value tile, Value init);
  Value select(arith::CmpFPredicate predicate, Value lhs, Value rhs, Value then,
               Value otherwise);
  /// An attn.map whose body gets the inputs' elements and the indices.
  Value map(VectorType type, ValueRange inputs,
            function_ref<Value(OpBuilder &, ValueRange)> body);

  //===--- Tiles ----------------------------------------------------------===//
  void analyse();
  Value readKeys(Value operand, TensorLayout layout, Value start,
                 int64_t paddedFeatures);
  Value readQueries();
  Value product(Value lhs, Value rhs, bool isTransposed, Value acc);
  int64_t getSumColumns() const {
    return sumsByProduct ? kSumColumns : kPartialSums;
  }
  State initState();
  State loopOverKeys(State state);
  State step(State state, Value keySlice, Value valueSlice, Value keyStart);
  Value isHuge(Value product);
  Value factorOf(Value shift);
  Value shiftOf(Value max);
  Value shiftFor(Value max);
  State followMaximum(State state, Value tileMax, Value isRaised);
  State raiseMaximum(State state, Value tileMax);
  /// Tensor cores cut off what they add to a sum, one product after another: in
  /// f32's accuracy they sum up a tile alone, and what joins the tiles rounds.
  bool joinsTiles() {
    return op.getValue().getType().getElementType().isF32() &&
           !op.getAllowTf32();
  }
  State update(State state, Value keyTile, function_ref<Value()> readValues,
               Value keyStart);
  std::pair<Value, Value> classify(Value keyStart);
  Value modifyScores(Value scores, Value keyStart);
  Value scoresWhere(Value scores, Value keyStart, bool applyMask);
  ScorePosition positionOf(OpBuilder &nested, Value row, Value key);
  void store(State state, scf::ForallOp forall);
  void storeTile(Value value, Value destination, scf::ForallOp forall,
                 TensorLayout layout, bool hasFeatures);

  GPUScheduleAttr schedule;
  int64_t rows, keysPerTile;
  /// Query heads of a KV head, and rows that a query has of them.
  int64_t groupSize = 1, pack = 1;
  int64_t paddedHeadDim, paddedValueHeadDim;
  /// Whether scores are in units of log2 before their maximum is taken.
  bool factorInScores;
  /// Whether sums are products with ones.
  bool sumsByProduct;
  /// Whether the last tile of keys may be shorter.
  bool isTail;
  Value factor, unscaled;
  /// Of rows whose maximum is huge; null where none can be.
  Value hugeFactor;
  /// `kMaxLag` in units of scores without their factor.
  Value lag;
  // Of the current tile.
  Value queryTile;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_GPUTILER_H
