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

/// The sum over a feature of query * key.
struct Product {
  Element *element = nullptr, *query = nullptr, *key = nullptr;
  IndexForm feature;
  int64_t featureSize = 0;
  linalg::LinalgOp op;
};

/// What is added to a score, times a number.
struct Addend {
  Element *element;
  double factor = 1;
};

/// A score in parts: factor * modify(softcap(scale * products)) and the sum of
/// addends where all masks hold.
struct Score {
  /// Products of which the score has the sum: attn.sdpa has one, over the
  /// features of all.
  SmallVector<Product> products;
  double scale = 1, factor = 1;
  /// Another factor: 1 / sqrt of a size that is not static.
  Value rootOf;
  std::optional<double> softcap;
  SmallVector<MaskTerm> masks;
  SmallVector<Addend> addends;
  /// The part that is multiplied by `scale` and capped, and what contains it;
  /// the same element where nothing else is done.
  Element *scaled = nullptr, *modified = nullptr;
  /// The sum of the products, each times a number.
  Element *sum = nullptr;
  double sumFactor = 1;
  /// What is outside of `modified`, if nothing is a scale or a softcap.
  double outerFactor = 1;

  /// Leaves scale and softcap to the modification.
  void modifySum() {
    scaled = sum;
    scale = sumFactor;
    rootOf = Value();
    softcap = std::nullopt;
    factor = outerFactor;
  }
};

/// Takes a score apart.
std::optional<Score> parseScore(ElementReader &reader, const Softmax &softmax,
                                const IndexForm &key, Mismatch &mismatch);

/// The masks with conjunctions taken apart, comparisons of what masks were
/// turned into undone, and constants as bands where they are; one that always
/// holds is none.
SmallVector<MaskTerm> splitMasks(ElementReader &reader,
                                 ArrayRef<MaskTerm> masks,
                                 const IndexForm &key);

/// Whether the terms hold a condition.
bool containsTerm(ElementReader &reader, ArrayRef<MaskTerm> terms,
                  const MaskTerm &term);

/// A value that is one of two numbers, by a condition.
struct Choice {
  Element *condition;
  double ifTrue, ifFalse;
};

/// Reads a selection of numbers, a bit as a number, and arithmetic with numbers
/// on either.
std::optional<Choice> matchChoice(ElementReader &reader, Element *element,
                                  unsigned depth = 0);

/// The condition, of those that an element is computed from, by which it is a
/// number that drops its position where the condition does not hold, whatever
/// else it is computed from; the element is multiplied by `factor`.
std::optional<MaskTerm> findDroppingCondition(ElementReader &reader,
                                              Element *element, double factor);

/// The outcome of a comparison, of floats or integers, for two other numbers.
bool evaluateComparison(Operation *comparison, double x, double y);

/// The band of positions at which a constant tensor is true, or not false where
/// negated; of floats, at which it is 0 where it, times `factor`, drops all
/// other positions. None where its true elements are no band.
std::optional<Band> matchBand(ElementReader &reader, Element *constant,
                              bool isNegated, const IndexForm &key,
                              double factor = 1);

/// The largest number that frontends write for -inf: -1e4, as bf16 rounds it.
inline constexpr double mostDropped = -9984;

/// Whether a score of this value has no weight beside any other: -inf, or a
/// number that programs mean it by. exp(-9984) is 0 in every type, so that the
/// weight is 0 unless all scores of the row are as far down.
bool dropsPosition(std::optional<double> score);

/// Peels multiplications by constants: the element below and the factor.
std::pair<Element *, double> peelFactor(ElementReader &reader,
                                        Element *element);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_SCORE_H
