//===- Digits.cpp - Reshaping tensors by the digits of indices ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Digits.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace mlir::attn;

using Groups = SmallVector<ReassociationIndices>;

/// Dimensions of `isUnit` joined to the one before them, the first ones to the
/// one after.
static Groups groupUnits(ArrayRef<bool> isUnit) {
  Groups groups;
  ReassociationIndices leading;
  for (auto [i, unit] : llvm::enumerate(isUnit)) {
    if (unit && groups.empty()) {
      leading.push_back(i);
    } else if (unit) {
      groups.back().push_back(i);
    } else {
      groups.push_back(leading);
      groups.back().push_back(i);
      leading.clear();
    }
  }
  return groups;
}

static bool areSingle(const Groups &groups) {
  return llvm::all_of(groups,
                      [](const auto &group) { return group.size() == 1; });
}

/// One dimension for each digit.
static Value splitDigits(OpBuilder &b, Location loc, Value tensor,
                         ArrayRef<Digits> dims,
                         function_ref<int64_t(unsigned)> getSize) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Groups groups;
  SmallVector<int64_t> shape;
  SmallVector<bool> isUnit;
  for (auto [i, digits] : llvm::enumerate(dims)) {
    ReassociationIndices group;
    auto append = [&](int64_t size, bool unit) {
      group.push_back(shape.size());
      shape.push_back(size);
      isUnit.push_back(unit);
    };
    if (digits.empty())
      append(type.getDimSize(i), true);
    for (unsigned digit : digits)
      append(digits.size() == 1 ? type.getDimSize(i) : getSize(digit), false);
    groups.push_back(group);
  }
  if (!areSingle(groups))
    tensor = tensor::ExpandShapeOp::create(b, loc, type.clone(shape), tensor,
                                           groups);
  Groups units = groupUnits(isUnit);
  if (units.size() == shape.size())
    return tensor;
  return tensor::CollapseShapeOp::create(b, loc, tensor, units);
}

/// The inverse: digits become the dimensions of `dims`.
static Value joinDigits(OpBuilder &b, Location loc, Value tensor,
                        ArrayRef<Digits> dims) {
  Groups groups;
  SmallVector<bool> isUnit;
  int64_t next = 0;
  for (const Digits &digits : dims) {
    isUnit.push_back(digits.empty());
    if (digits.empty())
      continue;
    groups.push_back({});
    for (size_t i = 0; i < digits.size(); ++i)
      groups.back().push_back(next++);
  }
  if (!areSingle(groups))
    tensor = tensor::CollapseShapeOp::create(b, loc, tensor, groups);
  Groups units = groupUnits(isUnit);
  if (units.size() == dims.size())
    return tensor;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape(dims.size(), 1);
  unsigned dim = 0;
  for (auto [i, unit] : llvm::enumerate(isUnit))
    if (!unit)
      shape[i] = type.getDimSize(dim++);
  return tensor::ExpandShapeOp::create(b, loc, type.clone(shape), tensor,
                                       units);
}

SmallVector<unsigned> mlir::attn::concatDigits(ArrayRef<Digits> dims) {
  SmallVector<unsigned> digits;
  for (const Digits &dim : dims)
    llvm::append_range(digits, dim);
  return digits;
}

/// The slice at 0 of the dimensions whose digits are not kept.
static Value dropDigits(OpBuilder &b, Location loc, Value tensor,
                        SmallVectorImpl<unsigned> &digits,
                        ArrayRef<unsigned> kept) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
  SmallVector<OpFoldResult> zeros(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape;
  for (auto [i, digit] : llvm::enumerate(digits)) {
    if (llvm::is_contained(kept, digit))
      shape.push_back(type.getDimSize(i));
    else
      sizes[i] = b.getIndexAttr(1);
  }
  if (shape.size() == digits.size())
    return tensor;
  llvm::erase_if(
      digits, [&](unsigned digit) { return !llvm::is_contained(kept, digit); });
  return tensor::ExtractSliceOp::create(b, loc, type.clone(shape), tensor,
                                        zeros, sizes, ones);
}

Value mlir::attn::reshapeDigits(OpBuilder &b, Location loc, Value tensor,
                                ArrayRef<Digits> from, ArrayRef<Digits> to,
                                function_ref<int64_t(unsigned)> getSize) {
  if (from == to)
    return tensor;
  // The digits may know sizes that the type does not.
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, digits] : llvm::zip_equal(shape, from)) {
    int64_t product = 1;
    for (unsigned digit : digits)
      product = ShapedType::isDynamic(product) ||
                        ShapedType::isDynamic(getSize(digit))
                    ? ShapedType::kDynamic
                    : product * getSize(digit);
    if (ShapedType::isDynamic(size))
      size = product;
  }
  if (ArrayRef(shape) != type.getShape())
    tensor = tensor::CastOp::create(b, loc, type.clone(shape), tensor);
  tensor = splitDigits(b, loc, tensor, from, getSize);
  SmallVector<unsigned> source = concatDigits(from), target = concatDigits(to);
  tensor = dropDigits(b, loc, tensor, source, target);
  SmallVector<unsigned> present =
      llvm::filter_to_vector(target, [&](unsigned digit) {
        return llvm::is_contained(source, digit);
      });
  if (source != present) {
    SmallVector<int64_t> permutation;
    for (unsigned digit : present)
      permutation.push_back(llvm::find(source, digit) - source.begin());
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
    applyPermutationToVector(sizes, permutation);
    Value init = tensor::EmptyOp::create(
        b, loc, sizes, cast<ShapedType>(tensor.getType()).getElementType());
    tensor = linalg::TransposeOp::create(b, loc, tensor, init, permutation)
                 ->getResult(0);
  }
  if (present != target) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
    SmallVector<int64_t> added;
    for (auto [i, digit] : llvm::enumerate(target))
      if (!llvm::is_contained(present, digit)) {
        added.push_back(i);
        sizes.insert(sizes.begin() + i, b.getIndexAttr(getSize(digit)));
      }
    Value init = tensor::EmptyOp::create(
        b, loc, sizes, cast<ShapedType>(tensor.getType()).getElementType());
    tensor =
        linalg::BroadcastOp::create(b, loc, tensor, init, added)->getResult(0);
  }
  return joinDigits(b, loc, tensor, to);
}
