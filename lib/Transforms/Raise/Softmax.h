//===- Softmax.h - Recognising a softmax ------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H
#define ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H

#include "Element.h"

namespace mlir::attn {

/// Why something is not attention, for remarks.
struct Mismatch {
  std::string reason;
  Operation *culprit = nullptr;

  /// Notes a reason, and returns nothing.
  std::nullopt_t fail(const Twine &why, Operation *op = nullptr) {
    reason = why.str();
    culprit = op;
    return std::nullopt;
  }
};

/// exp(scores - max) / Σ exp(scores - max) over the keys.
struct Softmax {
  Element *scores = nullptr;
  /// A score without a value that joins maximum and sum, or null.
  Element *sink = nullptr;
  /// What is subtracted, and the sum; null for linalg.softmax.
  Element *shift = nullptr, *sum = nullptr;
};

/// The tensor operation that divides by the sum, if the element is a quotient
/// of an exponential: the softmax in remarks. Null for anything else.
Operation *getSoftmaxOp(ElementReader &reader, Element *weights);

/// Matches weights as a softmax over `key`.
std::optional<Softmax> matchSoftmax(ElementReader &reader, Element *weights,
                                    const IndexForm &key, Mismatch &mismatch);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H
