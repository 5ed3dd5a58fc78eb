//===- Score.h - What is done to a product of query and key -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_SCORE_H
#define ATTN_LIB_TRANSFORMS_RAISE_SCORE_H

#include "Softmax.h"

namespace mlir::attn {

/// Σ_d query · key.
struct Product {
  Element *element = nullptr, *query = nullptr, *key = nullptr;
  IndexForm feature;
  int64_t featureSize = 0;
  linalg::LinalgOp op;
};

/// A condition under which a position is kept.
struct MaskTerm {
  Element *condition;
  bool isNegated;
};

/// A score in parts: modify(softcap(scale · product)) + Σ addends where all
/// masks hold.
struct Score {
  Product product;
  double scale = 1;
  /// Another factor: 1 / sqrt of a size that is not static.
  Value rootOf;
  std::optional<double> softcap;
  SmallVector<MaskTerm> masks;
  SmallVector<Element *> addends;
  /// The part that is multiplied by `scale` and capped, and what contains it;
  /// the same element where nothing else is done.
  Element *scaled = nullptr, *modified = nullptr;
};

/// Takes a score apart.
std::optional<Score> parseScore(ElementReader &reader, Element *scores,
                                const IndexForm &key, Mismatch &mismatch);

/// The masks with conjunctions taken apart and comparisons of what masks were
/// turned into undone; one that always holds is none.
SmallVector<MaskTerm> splitMasks(ElementReader &reader,
                                 ArrayRef<MaskTerm> masks);

/// Peels multiplications by constants: the element below and the factor.
std::pair<Element *, double> peelFactor(ElementReader &reader,
                                        Element *element);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_SCORE_H
