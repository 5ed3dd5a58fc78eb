//===- IndexSpace.h - Indices as sums of variables --------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshapes turn one index into quotients and remainders of others. Where the
// sizes fit, each of these is a sum of multiples of variables again, once a
// variable is split into the digits that the reshape asks for: of an index n of
// batches x heads, `n / heads` and `n % heads` are the variables batch and
// head, and n is `batch * heads + head` from then on.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_INDEXSPACE_H
#define ATTN_LIB_TRANSFORMS_RAISE_INDEXSPACE_H

#include "../SymbolicSize.h"

#include "mlir/IR/AffineMap.h"

namespace mlir::attn {

/// constant + Σ factor · variable, in the order of decreasing factors.
struct IndexForm {
  int64_t constant = 0;
  SmallVector<std::pair<unsigned, int64_t>, 2> terms;

  IndexForm() = default;
  explicit IndexForm(int64_t constant) : constant(constant) {}
  bool isConstant() const { return terms.empty(); }
};

class IndexSpace {
public:
  /// A variable from 0 to size - 1; the size may be dynamic. It is each of
  /// those that are known.
  unsigned addVariable(int64_t size, ArrayRef<SymbolicSize> known = {});
  IndexForm getForm(unsigned variable);
  int64_t getSize(unsigned variable) const { return variables[variable].size; }

  /// The form in terms of variables that are not split.
  IndexForm resolve(const IndexForm &form) const;

  /// x + factor * y, if that is a form: a factor that is dynamic stands for the
  /// sizes of what follows it alone.
  std::optional<IndexForm> add(const IndexForm &x, const IndexForm &y,
                               int64_t factor = 1);

  /// high * size + low, where `low` counts to a size that is dynamic.
  std::optional<IndexForm> join(const IndexForm &high, const IndexForm &low);

  /// form / divisor and form % divisor, if these are forms; this may split
  /// variables.
  std::optional<std::pair<IndexForm, IndexForm>> divide(IndexForm form,
                                                        int64_t divisor);

  /// The value of an affine expression of forms, without symbols.
  std::optional<IndexForm> apply(AffineExpr expr, ArrayRef<IndexForm> dims);
  std::optional<SmallVector<IndexForm>> apply(AffineMap map,
                                              ArrayRef<IndexForm> dims);

  /// The smallest and the largest value of a form, where its variables have
  /// static sizes.
  std::optional<std::pair<int64_t, int64_t>>
  getRange(const IndexForm &form) const;

  /// What is known to be the number of values that a form counts from 0.
  SmallVector<SymbolicSize> getSizes(const IndexForm &form) const;

  /// Whether two forms have the same value for all values of the variables.
  bool areEqual(const IndexForm &x, const IndexForm &y) const;

  /// Whether the form's value depends on that of `other`.
  bool dependsOn(const IndexForm &form, const IndexForm &other) const;

  /// The variables of a form in mixed radix, most significant first: each
  /// factor is the product of the sizes that follow. A form of another kind,
  /// or one that does not count to `size`, is none.
  std::optional<SmallVector<unsigned>> getDigits(const IndexForm &form,
                                                 int64_t size) const;

private:
  struct Variable {
    int64_t size;
    SmallVector<SymbolicSize, 2> known;
    /// Where split: high * lowSize + low.
    bool isSplit = false;
    unsigned high = 0, low = 0;
  };
  SmallVector<Variable> variables;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_INDEXSPACE_H
