//===- SDPATiler.h - What the tilers of sdpa share --------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_SDPATILER_H
#define ATTN_LIB_TRANSFORMS_SDPATILER_H

#include "ScoreModification.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

namespace mlir::attn {

/// Whether an sdpa can be tiled at all; `schedule` is what its diagnostics call
/// the schedule that it has, which a user may have pinned.
LogicalResult verifyTileable(SDPAOp op, StringRef schedule);

/// The sizes of one sdpa, the slices of its operands and the bounds of its
/// loops: what a tile is made of, a tensor or a vector, is for those who
/// derive.
class SDPATiler {
protected:
  SDPATiler(SDPAOp op, int64_t splits);

  //===--- Small builders -------------------------------------------------===//
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value toIndex(OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(b, loc, value);
  }
  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }
  AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }
  OpFoldResult affine(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  }
  OpFoldResult minimum(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMin(
        b, loc, AffineMap::getMultiDimIdentityMap(2, b.getContext()), {x, y});
  }
  OpFoldResult maximum(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMax(
        b, loc, AffineMap::getMultiDimIdentityMap(2, b.getContext()), {x, y});
  }

  //===--- Of the op ------------------------------------------------------===//
  /// Makes the values of the sizes, where the op is.
  void findSizes();
  /// The tensors that the tiles are written to: the output, and the lse where
  /// it is asked for; with split keys both for each part, in f32.
  SmallVector<Value> createResults();
  /// The results that replace those of the op.
  SmallVector<Value> finishResults(ValueRange results);

  //===--- Of a tile ------------------------------------------------------===//
  /// `heads` x rows x features of an operand, in the layout's order, without a
  /// copy. The batch's dimension is dropped, and the head's where `dropHead`.
  Value slice(Value operand, TensorLayout layout, OpFoldResult head,
              OpFoldResult heads, bool dropHead, OpFoldResult start,
              OpFoldResult length, int64_t features);
  /// The keys that some query of the tile may keep by causal and window, from a
  /// multiple of `align`; with split keys the part's share of them, a multiple
  /// of `tileKeys`. Nothing is left of a part whose end is not after its begin.
  std::pair<Value, Value> keyRange(int64_t tileKeys, int64_t align);
  /// Whether every, and whether any, position is kept of the tile's queries of
  /// `heads` heads and of these keys.
  std::pair<Value, Value> classifyKeys(int64_t heads, Value firstKey,
                                       Value lastKey);
  /// The sink of a query head as a score, `unit` times: one without a value
  /// that has been seen before any key. With split keys the first part sees it.
  Value emitSink(OpBuilder &nested, Value head, Value unit);

  SDPAOp op;
  OpBuilder b;
  Location loc;
  Type f32;

  /// Parts of the keys; more than one give partial results.
  int64_t splits;
  int64_t headDim, valueHeadDim;
  OpFoldResult batches, queryHeads, kvHeads, queries, keys;
  TensorLayout outputLayout;
  Value queryShift;
  // Of the current tile.
  OpFoldResult batch, firstHead, kvHead, firstQuery, queryCount, split;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_SDPATILER_H
