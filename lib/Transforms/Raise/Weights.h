//===- Weights.h - What is done to a softmax before its use -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_WEIGHTS_H
#define ATTN_LIB_TRANSFORMS_RAISE_WEIGHTS_H

#include "Element.h"

namespace mlir::attn {

/// A condition under which a position is kept.
struct MaskTerm {
  Element *condition;
  bool isNegated;
  /// What the condition, a constant, amounts to.
  std::optional<Band> band = std::nullopt;
  /// What applies it, where that is worth a remark.
  Operation *op = nullptr;
  /// The choice by which what the program computes where it holds, terms of
  /// other choices among it, may be undefined elsewhere.
  Element *guard = nullptr;
};

/// Whether a choice executes one of its branches alone.
bool isGuard(Element *select);

/// factor * inner where all of `kept` hold, and 0 elsewhere.
struct Weights {
  Element *inner;
  double factor = 1;
  SmallVector<MaskTerm> kept;
};

/// Takes off what zeroes weights, guards them against NaN and infinities, and
/// multiplies them by numbers.
Weights stripWeights(ElementReader &reader, Element *weights);

/// Takes off what zeroes an element: the conditions under which it is not
/// zeroed go to `kept`.
Element *stripZeroing(ElementReader &reader, Element *element,
                      SmallVectorImpl<MaskTerm> &kept);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_WEIGHTS_H
