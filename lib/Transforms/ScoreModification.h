//===- ScoreModification.h - Scalar code of an sdpa's variant ---*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_SCOREMODIFICATION_H
#define ATTN_LIB_TRANSFORMS_SCOREMODIFICATION_H

#include "attn/IR/AttnDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// A position of the score matrix: batch, query head, query and key as values
/// of type index.
struct ScorePosition {
  Value batch, head, query, key;
  /// The query for which tensors are read: `query`, or the last one for a
  /// position past it, whose score is computed but not used.
  Value storedQuery;
  /// What bias and keep have there, where it has been read already.
  Value bias = nullptr, keep = nullptr;
  /// The key for which a mask's tensors are read, where it is not `key`.
  Value clampedKey = nullptr;

  Value getStoredKey() const { return clampedKey ? clampedKey : key; }
};

/// The index into dimension `dim` of a tensor that broadcasts to batch x heads
/// x queries x keys, for that of the result.
Value getBroadcastIndex(OpBuilder &b, Location loc, Value tensor, unsigned dim,
                        Value index);

/// Reads a tensor that broadcasts to batch x heads x queries x keys.
Value extractBroadcast(OpBuilder &b, Location loc, Value tensor,
                       ScorePosition position);

/// What an sdpa does to a score, apart from the mask: softcap, score region,
/// alibi and bias.
bool modifiesScore(SDPAOp op);

/// Whether an sdpa drops positions.
bool hasMask(SDPAOp op);

/// The shift from a query's index to its position among the keys
/// (`position(i) = i + shift`), by query_offset or causal alignment.
Value emitQueryShift(OpBuilder &b, Location loc, SDPAOp op);

/// The factor of the scores: the attribute, or 1/sqrt(head_dim).
Value emitScale(OpBuilder &b, Location loc, SDPAOp op);

/// Whether the mask keeps a position; null where the sdpa has no mask.
Value emitKeep(OpBuilder &b, Location loc, SDPAOp op, Value queryShift,
               ScorePosition position);

/// The modified score of a position that is kept.
Value emitScore(OpBuilder &b, Location loc, SDPAOp op, Value queryShift,
                Value score, ScorePosition position);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_SCOREMODIFICATION_H
