//===- AttentionRaiser.h - One attention in linalg --------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_ATTENTIONRAISER_H
#define ATTN_LIB_TRANSFORMS_RAISE_ATTENTIONRAISER_H

#include "Digits.h"
#include "Score.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::attn {

/// A tensor seen from the iteration space: each of its dimensions is a number
/// of digits, and its elements times `factor` are what was read.
struct View {
  Value tensor;
  SmallVector<Digits> dims;
  double factor = 1;
  /// Whether each of its sizes is that of the digits.
  bool hasAllSizes = true;
};

/// Raises one product of weights and values.
class AttentionRaiser {
public:
  AttentionRaiser(linalg::LinalgOp root, RewriterBase &rewriter)
      : root(root), b(rewriter), loc(root.getLoc()) {}

  /// Rewrites the root. Where it multiplies a softmax and still is no
  /// attention, `softmaxOp` is that softmax and the mismatch says why.
  bool raise(Operation *&softmaxOp, Mismatch &mismatch);

private:
  bool fail(Mismatch &mismatch, const Twine &why, Operation *op = nullptr) {
    mismatch.fail(why, op);
    return false;
  }
  bool matchRoot(Operation *&softmaxOp, Mismatch &mismatch);
  bool matchDivided();
  Operation *findChangedSoftmax(Element *element, Operation *&change,
                                unsigned depth = 0);
  bool checkZeroing(Mismatch &mismatch);
  bool checkUses(Mismatch &mismatch);
  bool isLse(Operation *op);
  bool leadsToLse(Operation *op, unsigned depth = 0);
  linalg::LinalgOp findZeroing();
  bool moveBeforeUsesOfLse(Mismatch &mismatch);
  bool classifyLoops(Mismatch &mismatch);
  bool buildOperands(Mismatch &mismatch);
  bool buildScore(Mismatch &mismatch);
  void replaceResults();

  Digits getDigits(const IndexForm &form);
  std::optional<SmallVector<Digits>> getDims(Element *element);
  SmallVector<View> getViews(Element *element, bool throughFactors);
  /// The logical dimensions in the order of a layout.
  static SmallVector<Digits> arrange(ArrayRef<Digits> logical,
                                     TensorLayout layout);
  /// The layout in which the logical dimensions have this order of digits, or
  /// bhsd.
  static TensorLayout findLayout(ArrayRef<Digits> logical,
                                 ArrayRef<unsigned> order);
  bool isFeatureSize(Value size, ArrayRef<View> views);
  Value buildOperand(ArrayRef<View> views, ArrayRef<Digits> logical, Type type,
                     TensorLayout &layout, double &factor);
  /// A tensor that broadcasts to batch x heads x queries x keys.
  Value buildBroadcast(Element *element);
  bool isCheap(Element *element, unsigned &budget);
  Value reshape(Value tensor, ArrayRef<Digits> from, ArrayRef<Digits> to) {
    return reshapeDigits(b, loc, tensor, from, to, [&](unsigned digit) {
      return reader.space.getSize(digit);
    });
  }

  Value scaleOutput(Value tensor);

  linalg::LinalgOp root;
  RewriterBase &b;
  Location loc;
  ElementReader reader;
  Element *result = nullptr, *value = nullptr;
  Weights weights;
  /// What the product of exponentials and values is divided by.
  Element *divisor = nullptr;
  IndexForm key;
  Softmax softmax;
  Score score;
  Operation *lse = nullptr;
  /// What makes the rows 0 that keep nothing, where there is such an operation.
  linalg::LinalgOp zeroing;
  /// The value that the output replaces: the root's, or that with its empty
  /// rows zeroed, rounded to the type of the operands, or both.
  Value output;
  TensorLayout outputLayout = TensorLayout::BHSD;

  // The digits of the logical dimensions.
  Digits batch, kvHead, head, query, keys, feature, valueFeature;
  SDPAOp sdpa;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_ATTENTIONRAISER_H
