//===- AttentionBuilder.h - attn.sdpa and its parts in linalg ---*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_ATTENTIONBUILDER_H
#define ATTN_LIB_IMPORT_ONNX_ATTENTIONBUILDER_H

#include "Tensors.h"
#include "attn/IR/AttnDialect.h"

namespace mlir::attn::onnx_import {

/// What attention of any operator comes down to. Sizes are B, H, S, D whatever
/// the layout is.
struct AttentionParts {
  Value query, key, value;
  TensorLayout layout = TensorLayout::BHSD;
  std::optional<float> scale;
  float softcap = 0;
  /// Positions of queries: `past` more than their number, or from the end of
  /// the keys that `nonpad` (i64, one a batch) counts.
  bool isCausal = false;
  int64_t windowLeft = -1, windowRight = -1;
  int64_t past = 0;
  Value nonpad;
  /// Tensors of rank 4 that broadcast to the scores.
  Value bias, keep;

  int64_t getSize(Value operand, LogicalDim dim) const {
    return getShape(operand)[SDPAOp::getDim(layout, dim)];
  }
  SmallVector<int64_t> getScoreShape() const {
    return {getSize(query, LogicalDim::Batch), getSize(query, LogicalDim::Head),
            getSize(query, LogicalDim::Sequence),
            getSize(key, LogicalDim::Sequence)};
  }
  double getScale() const;
};

/// Checks that the sizes of query, key and value fit each other, and gives all
/// three the widest of their types.
LogicalResult unifyOperands(Node &node, AttentionParts &parts);

/// The operation, of the type of its operands and in their layout.
Value buildSDPA(Node &node, const AttentionParts &parts);

/// scale * query * key^T of every position, B x Hq x Sq x Sk, in f32 at least.
Value buildScores(Node &node, const AttentionParts &parts);
/// softcap * tanh(scores / softcap).
Value buildSoftcap(Node &node, Value scores, float softcap);
/// Scores with bias, -inf where a mask drops them.
Value buildMasked(Node &node, const AttentionParts &parts, Value scores);
/// softmax of the scores, 0 in a row of which nothing is kept.
Value buildWeights(Node &node, Value scores);
/// Weights (B x Hq x Sq x Sk) times values, in B, H, S, D order. The type of
/// the operands; `product` is the operation that sums.
Value buildWeighted(Node &node, const AttentionParts &parts, Value weights,
                    linalg::LinalgOp &product);

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_ATTENTIONBUILDER_H
