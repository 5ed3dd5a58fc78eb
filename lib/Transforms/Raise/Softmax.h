//===- Softmax.h - Recognising a softmax ------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H
#define ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H

#include "Weights.h"

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

/// exp(factor * (scores - max)) / sum exp(factor * (scores - max)) over the
/// keys.
struct Softmax {
  Element *scores = nullptr;
  double factor = 1;
  /// A score without a value that joins maximum and sum, or null.
  Element *sink = nullptr;
  /// What is subtracted, and the sum; null for linalg.softmax. Nothing may be
  /// subtracted.
  Element *shift = nullptr, *sum = nullptr;
  /// Whether shift + log(sum), or log(sum) where nothing is subtracted, is the
  /// logarithm of the sum of exponentials.
  bool hasLse = false;
  /// Exponentials are 0, in the sum too, where these do not hold.
  SmallVector<MaskTerm> masks;
  /// Weights are 0 where these do not hold.
  SmallVector<MaskTerm> kept;
  /// The weights, maxima and scores that conditions may ask about.
  Element *weights = nullptr, *maximum = nullptr, *compared = nullptr;
};

/// The tensor operation that divides by the sum, if the element is a quotient
/// of an exponential: the softmax in remarks. Null for anything else.
Operation *getSoftmaxOp(ElementReader &reader, Element *weights);

/// Whether the element is an exponential, of which a quotient may be a softmax.
bool isExponential(ElementReader &reader, Element *element);

/// Matches weights as a softmax over `key`. Those that are exponentials are
/// divided by `divisor` in `op`, after the product with values.
std::optional<Softmax> matchSoftmax(ElementReader &reader,
                                    const Weights &weights, Element *divisor,
                                    Operation *op, const IndexForm &key,
                                    Mismatch &mismatch);

/// Whether `term` fails only where softmax and masks give no weight: at
/// positions that a mask drops, or in rows without keys.
bool isImplied(ElementReader &reader, const MaskTerm &term,
               const Softmax &softmax, ArrayRef<MaskTerm> masks,
               const IndexForm &key);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_SOFTMAX_H
