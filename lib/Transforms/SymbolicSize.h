//===- SymbolicSize.h - Sizes of tensors that are not known -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's value bounds compare sums of sizes; a reshape multiplies them.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_SYMBOLICSIZE_H
#define ATTN_LIB_TRANSFORMS_SYMBOLICSIZE_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::attn {

/// A size as the product of a number and of what is known when the program
/// runs: integers, and dimensions of tensors.
class SymbolicSize {
public:
  SymbolicSize() = default;
  explicit SymbolicSize(int64_t number) : number(number) {}

  /// The size that an index or an integer is.
  static SymbolicSize get(OpFoldResult size);
  /// The size of a tensor's dimension, as far back as its producers tell.
  static SymbolicSize get(Value tensor, int64_t dim);

  bool isStatic() const { return unknowns.empty(); }
  /// Whether only dimensions of tensors are unknown: none is negative, and the
  /// product of those of one tensor does not wrap.
  bool isOfDimensions() const;
  /// The size, or ShapedType::kDynamic.
  int64_t getStatic() const;
  /// Whether a larger product can begin with this one.
  bool divides(const SymbolicSize &other) const;
  /// The product as an operation of the given type of integer or index.
  Value build(OpBuilder &b, Location loc, Type type) const;
  SymbolicSize &operator*=(const SymbolicSize &other);
  /// By one that divides it.
  SymbolicSize &operator/=(const SymbolicSize &other);
  bool operator==(const SymbolicSize &other) const {
    return number == other.number && unknowns == other.unknowns;
  }
  bool operator!=(const SymbolicSize &other) const { return !(*this == other); }

private:
  /// A value that is an integer, with dimension -1, or a tensor's dimension.
  using Unknown = std::pair<void *, int64_t>;
  static SymbolicSize getUnknown(Value value, int64_t dim);

  int64_t number = 1;
  /// Sorted.
  SmallVector<Unknown, 2> unknowns;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_SYMBOLICSIZE_H
