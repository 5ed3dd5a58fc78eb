//===- Exponential.h - Exponentials of scores and their sums ----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_EXPONENTIAL_H
#define ATTN_LIB_TRANSFORMS_RAISE_EXPONENTIAL_H

#include "Weights.h"

namespace mlir::attn {

/// exp(factor * (scores - shift)), or 0 where a condition does not hold.
struct Exponential {
  Element *inner = nullptr, *scores = nullptr, *shift = nullptr;
  double factor = 1;
  SmallVector<MaskTerm> kept;
  /// What makes the exponent.
  Operation *op = nullptr;
};

/// A reduction over the keys, or over the keys and one more score.
struct KeyReduction {
  Reduction keys;
  Element *sink = nullptr;
};

/// Whether an element is a constant of this value.
bool isNumber(ElementReader &reader, Element *element, double number);

/// Whether the element is an exponential, of which a quotient may be a softmax.
bool isExponential(ElementReader &reader, Element *element);

/// Matches an exponential, whatever its base.
std::optional<Exponential>
matchExponential(ElementReader &reader, Element *element, const IndexForm &key);

/// Reads an exponent as factor * (scores - shift).
void readExponent(ElementReader &reader, Element *exponent,
                  const IndexForm &key, Exponential &result);

/// Whether two exponentials are of the same scores.
bool areEqual(ElementReader &reader, const Exponential &x,
              const Exponential &y);

/// Matches a reduction over the keys. One more score stands after the keys, or
/// before them if `isSinkFirst`.
std::optional<KeyReduction> reduceKeys(ElementReader &reader, Element *element,
                                       const IndexForm &key, bool isSinkFirst);

/// `x == number ? otherwise : x` and `|x| == |number| ? otherwise : x`, as x.
Element *skipGuard(ElementReader &reader, Element *element, double number,
                   double otherwise);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_EXPONENTIAL_H
