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

#include <memory>

namespace mlir::attn {

/// A tensor seen from the iteration space: each of its dimensions is a number
/// of digits, and its elements times `factor` are what was read.
struct View {
  Value tensor;
  SmallVector<Digits> dims;
  double factor = 1;
  /// How much of a dimension is read, from its beginning, where that may be a
  /// part or, under a condition, more than there is.
  SmallVector<std::optional<SymbolicSize>> parts;
  bool isPart() const {
    return llvm::any_of(parts, [](const auto &part) { return bool(part); });
  }
};

/// The first operands of attn.sdpa and what is left of their factors.
struct QueryAndKey {
  Value query, key;
  TensorLayout queryLayout = TensorLayout::BHSD;
  TensorLayout keyLayout = TensorLayout::BHSD;
  double factor = 1;
};

/// Raises one product of weights and values.
class AttentionRaiser {
public:
  AttentionRaiser(linalg::LinalgOp root, RewriterBase &rewriter)
      : root(root), b(rewriter), loc(root.getLoc()) {
    // A constant of f64 may be meant to the last bits.
    if (root->getNumResults() == 1 &&
        getElementTypeOrSelf(root->getResult(0).getType()).isF64())
      reader.tolerance = 1e-14;
  }

  /// Rewrites the root. Where it multiplies a softmax and still is no
  /// attention, `softmaxOp` is that softmax and the mismatch says why.
  bool raise(Operation *&softmaxOp, Mismatch &mismatch);

private:
  /// Everything but the replacement.
  bool build(Operation *&softmaxOp, Mismatch &mismatch);
  bool buildPeers(Mismatch &mismatch);
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
  SmallVector<SmallVector<IndexForm>> getRowIndices(RankedTensorType type);
  bool isLogSumExp(Element *element);
  bool isLse(Operation *op);
  bool leadsToLse(Operation *op, unsigned depth = 0);
  linalg::LinalgOp findPeer(Operation *op);
  bool isOfPeer(Operation *op);
  linalg::LinalgOp findZeroing();
  bool moveBeforeUsesOfLse(Mismatch &mismatch);
  bool classifyLoops(Mismatch &mismatch);
  bool buildOperands(Mismatch &mismatch);
  bool buildQueryAndKey(Type type, QueryAndKey &operands, Mismatch &mismatch);
  bool fits(double number, Type type) const;
  bool buildScore(Mismatch &mismatch);
  bool dependsOnScores();
  void replaceResults();

  Digits getDigits(const IndexForm &form);
  std::optional<SmallVector<Digits>> getDims(Element *element);
  std::optional<SmallVector<std::optional<SymbolicSize>>>
  getParts(Element *element);
  SmallVector<View> getViews(Element *element, bool throughFactors);
  /// The logical dimensions in the order of a layout.
  static SmallVector<Digits> arrange(ArrayRef<Digits> logical,
                                     TensorLayout layout);
  /// The layout in which the logical dimensions have this order of digits, or
  /// bhsd.
  static TensorLayout findLayout(ArrayRef<Digits> logical,
                                 ArrayRef<unsigned> order);
  bool isFeatureSize(Value size);
  Value buildOperand(ArrayRef<View> views, ArrayRef<Digits> logical, Type type,
                     bool isPlain, TensorLayout &layout, double &factor);
  /// A tensor that broadcasts to batch x heads x queries x keys.
  Value buildBroadcast(Element *element);
  bool isCheap(Element *element, unsigned &budget);
  Value reshape(Value tensor, ArrayRef<Digits> from, ArrayRef<Digits> to) {
    return reshapeDigits(b, loc, tensor, from, to, [&](unsigned digit) {
      return reader.space.getSize(digit);
    });
  }

  Value reshapePart(const View &view, ArrayRef<Digits> to);
  Value buildSinks(double number);
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
  /// The results that are the logarithm of the sum of exponentials.
  SmallVector<Element *> lses;
  /// What was read until the uses of the scores were looked at.
  SetVector<Operation *> visited;
  /// Other products of the weights with values; of these one is raised with
  /// all others, or none is.
  SmallVector<linalg::LinalgOp> peers;
  bool isPeer = false;
  /// What the product of which this is a peer read.
  SetVector<Operation *> alreadyRead;
  SmallVector<std::unique_ptr<AttentionRaiser>> peerRaisers;
  /// What the region multiplies scores by beside the scale.
  double leafFactor = 1;
  /// What makes the rows 0 that keep nothing, where there is such an operation.
  linalg::LinalgOp zeroing;
  /// The value that the output replaces: the root's, or that with its empty
  /// rows zeroed, rounded to the type of the operands, or both.
  Value output;
  TensorLayout outputLayout = TensorLayout::BHSD;

  // The digits of the logical dimensions.
  Digits batch, kvHead, head, query, keys, valueFeature;
  /// Those of each product's features.
  SmallVector<Digits> features;
  SDPAOp sdpa;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_ATTENTIONRAISER_H
