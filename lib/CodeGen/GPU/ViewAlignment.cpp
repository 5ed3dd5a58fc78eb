//===- ViewAlignment.cpp - Where views of memory start --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ViewAlignment.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::attn;

/// Of a value that may be ShapedType::kDynamic.
static unsigned getTrailingZeros(int64_t value) {
  return ShapedType::isDynamic(value)
             ? 0
             : llvm::countr_zero(static_cast<uint64_t>(value));
}

static unsigned getTrailingZeros(OpFoldResult value) {
  return getTrailingZeros(
      getConstantIntValue(value).value_or(ShapedType::kDynamic));
}

static ViewAlignment getUnknown(MemRefType type) {
  return {0, SmallVector<unsigned>(type.getRank(), 0)};
}

/// Of dimensions that lie one in the other, the last with `stride`.
static SmallVector<unsigned> getSuffixProducts(ArrayRef<int64_t> shape,
                                               unsigned stride) {
  SmallVector<unsigned> strides(shape.size());
  for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
    strides[dim] = stride;
    stride += getTrailingZeros(shape[dim]);
  }
  return strides;
}

/// What is no view: all that is known of a layout is its type.
static ViewAlignment getOfRoot(MemRefType type) {
  if (!type.getLayout().isIdentity())
    return getUnknown(type);
  return {getTrailingZeros(int64_t(0)),
          getSuffixProducts(type.getShape(), /*stride=*/0)};
}

static ViewAlignment apply(memref::SubViewOp view,
                           const ViewAlignment &source) {
  ViewAlignment result{source.offset, {}};
  llvm::SmallBitVector dropped = view.getDroppedDims();
  for (auto [dim, start, step, stride] : llvm::enumerate(
           view.getMixedOffsets(), view.getMixedStrides(), source.strides)) {
    // A start of 0 moves nothing, whatever the stride.
    result.offset = std::min(result.offset, stride + getTrailingZeros(start));
    if (!dropped.test(dim))
      result.strides.push_back(stride + getTrailingZeros(step));
  }
  return result;
}

static ViewAlignment apply(memref::ExpandShapeOp view,
                           const ViewAlignment &source) {
  ViewAlignment result{source.offset, {}};
  ArrayRef<int64_t> shape = view.getResultType().getShape();
  for (auto [dims, stride] :
       llvm::zip(view.getReassociationIndices(), source.strides))
    result.strides.append(
        getSuffixProducts(shape.slice(dims.front(), dims.size()), stride));
  // Of a view without dimensions there may be some of size 1.
  result.strides.resize(shape.size(), 0);
  return result;
}

/// The last dimension of a group that has more than one element decides, which
/// is known at run time only.
static ViewAlignment apply(memref::CollapseShapeOp view,
                           const ViewAlignment &source) {
  ViewAlignment result{source.offset, {}};
  for (const ReassociationIndices &dims : view.getReassociationIndices()) {
    unsigned stride = source.strides[dims.front()];
    for (int64_t dim : dims)
      stride = std::min(stride, source.strides[dim]);
    result.strides.push_back(stride);
  }
  return result;
}

static ViewAlignment apply(memref::ReinterpretCastOp view) {
  ViewAlignment result{getTrailingZeros(view.getMixedOffsets().front()), {}};
  for (OpFoldResult stride : view.getMixedStrides())
    result.strides.push_back(getTrailingZeros(stride));
  return result;
}

static ViewAlignment apply(memref::TransposeOp view,
                           const ViewAlignment &source) {
  ViewAlignment result{source.offset, {}};
  for (AffineExpr dim : view.getPermutation().getResults())
    result.strides.push_back(
        source.strides[cast<AffineDimExpr>(dim).getPosition()]);
  return result;
}

/// What a type states is so, whatever the view is of.
static void refine(ViewAlignment &alignment, MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return;
  if (!ShapedType::isDynamic(offset))
    alignment.offset = getTrailingZeros(offset);
  for (auto [zeros, stride] : llvm::zip(alignment.strides, strides))
    if (!ShapedType::isDynamic(stride))
      zeros = getTrailingZeros(stride);
}

std::optional<ViewAlignment> ViewAlignment::get(Value memory) {
  auto type = dyn_cast<MemRefType>(memory.getType());
  if (!type)
    return std::nullopt;
  ViewAlignment result;
  if (auto view = memory.getDefiningOp<ViewLikeOpInterface>()) {
    std::optional<ViewAlignment> source = get(view.getViewSource());
    if (!source)
      return std::nullopt;
    auto known =
        llvm::TypeSwitch<Operation *, std::optional<ViewAlignment>>(view)
            .Case<memref::SubViewOp, memref::ExpandShapeOp,
                  memref::CollapseShapeOp, memref::TransposeOp>(
                [&](auto op) { return apply(op, *source); })
            .Case([&](memref::ReinterpretCastOp op) { return apply(op); })
            .Case<memref::CastOp, memref::MemorySpaceCastOp>(
                [&](auto) { return *source; })
            // Others, such as memref.view, start where they like.
            .Default([](Operation *) { return std::nullopt; });
    if (!known)
      return std::nullopt;
    result = std::move(*known);
  } else {
    result = getOfRoot(type);
  }
  refine(result, type);
  return result;
}
