//===- LowerGather.cpp - Gathers and scatters to copies of slices ---------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWERGATHER
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {

/// A slice of a tensor: whole in all dimensions but those at a position.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};

/// Lowers one gather or scatter: a loop over the coordinates that copies a
/// slice for each.
class SliceCopier {
public:
  SliceCopier(Operation *op, TypedValue<RankedTensorType> indices,
              ArrayRef<int64_t> dims)
      : b(op), loc(op->getLoc()), indices(indices), dims(dims) {}

  Value gather(tensor::GatherOp op);
  Value scatter(tensor::ScatterOp op);

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  /// Of a tensor whose sizes are those, the slice at the coordinates.
  Slice sliceAt(OpBuilder &nested, ValueRange position,
                ArrayRef<OpFoldResult> sizes);
  /// Of a tensor with a slice for each position, the slice of one.
  Slice sliceOf(ValueRange position, ArrayRef<OpFoldResult> sizes);
  /// A slice without its dimensions before `begin` and those in `dropped`.
  Value extract(OpBuilder &nested, Value tensor, const Slice &slice,
                int64_t begin, ArrayRef<int64_t> dropped);
  Value loop(Value init,
             function_ref<Value(OpBuilder &, ValueRange, Value)> body);

  OpBuilder b;
  Location loc;
  TypedValue<RankedTensorType> indices;
  ArrayRef<int64_t> dims;
};

} // namespace

Slice SliceCopier::sliceAt(OpBuilder &nested, ValueRange position,
                           ArrayRef<OpFoldResult> sizes) {
  Slice slice{SmallVector<OpFoldResult>(sizes.size(), b.getIndexAttr(0)),
              llvm::to_vector(sizes),
              SmallVector<OpFoldResult>(sizes.size(), b.getIndexAttr(1))};
  for (auto [i, dim] : llvm::enumerate(dims)) {
    SmallVector<Value> at(position);
    at.push_back(arith::ConstantIndexOp::create(nested, loc, i));
    Value coordinate = tensor::ExtractOp::create(nested, loc, indices, at);
    if (!coordinate.getType().isIndex())
      coordinate = arith::IndexCastOp::create(
          nested, loc, nested.getIndexType(), coordinate);
    slice.offsets[dim] = coordinate;
    slice.sizes[dim] = b.getIndexAttr(1);
  }
  return slice;
}

Slice SliceCopier::sliceOf(ValueRange position, ArrayRef<OpFoldResult> sizes) {
  Slice slice{SmallVector<OpFoldResult>(sizes.size(), b.getIndexAttr(0)),
              llvm::to_vector(sizes),
              SmallVector<OpFoldResult>(sizes.size(), b.getIndexAttr(1))};
  for (auto [i, index] : llvm::enumerate(position)) {
    slice.offsets[i] = index;
    slice.sizes[i] = b.getIndexAttr(1);
  }
  return slice;
}

Value SliceCopier::extract(OpBuilder &nested, Value tensor, const Slice &slice,
                           int64_t begin, ArrayRef<int64_t> dropped) {
  SmallVector<int64_t> shape;
  for (int64_t dim = begin, e = slice.sizes.size(); dim < e; ++dim)
    if (!llvm::is_contained(dropped, dim))
      shape.push_back(
          getConstantIntValue(slice.sizes[dim]).value_or(ShapedType::kDynamic));
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(tensor));
  return tensor::ExtractSliceOp::create(
      nested, loc, type, tensor, slice.offsets, slice.sizes, slice.strides);
}

Value SliceCopier::loop(
    Value init, function_ref<Value(OpBuilder &, ValueRange, Value)> body) {
  SmallVector<Value> begins, ends, steps;
  for (OpFoldResult size :
       ArrayRef(tensor::getMixedSizes(b, loc, indices)).drop_back()) {
    begins.push_back(constant(0));
    ends.push_back(getValueOrCreateConstantIndexOp(b, loc, size));
    steps.push_back(constant(1));
  }
  return scf::buildLoopNest(b, loc, begins, ends, steps, init,
                            [&](OpBuilder &nested, Location,
                                ValueRange position, ValueRange carried) {
                              return scf::ValueVector{
                                  body(nested, position, carried[0])};
                            })
      .results.front();
}

Value SliceCopier::gather(tensor::GatherOp op) {
  Value source = op.getSource();
  SmallVector<OpFoldResult> sourceSizes = tensor::getMixedSizes(b, loc, source);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, indices);
  sizes.pop_back();
  bool isReduced = op.getResultType().getRank() !=
                   static_cast<int64_t>(sizes.size() + sourceSizes.size());
  ArrayRef<int64_t> dropped = isReduced ? dims : ArrayRef<int64_t>();
  for (auto [dim, size] : llvm::enumerate(sourceSizes))
    if (!llvm::is_contained(dims, dim))
      sizes.push_back(size);
    else if (!isReduced)
      sizes.push_back(b.getIndexAttr(1));
  Value init = tensor::EmptyOp::create(b, loc, sizes,
                                       op.getResultType().getElementType());
  return loop(init, [&](OpBuilder &nested, ValueRange position, Value carried) {
    Value slice =
        extract(nested, source, sliceAt(nested, position, sourceSizes),
                /*begin=*/0, dropped);
    Slice place = sliceOf(position, sizes);
    return tensor::InsertSliceOp::create(nested, loc, slice, carried,
                                         place.offsets, place.sizes,
                                         place.strides)
        .getResult();
  });
}

Value SliceCopier::scatter(tensor::ScatterOp op) {
  Value source = op.getSource();
  SmallVector<OpFoldResult> sourceSizes = tensor::getMixedSizes(b, loc, source);
  int64_t positions = indices.getType().getRank() - 1;
  // The sizes of the slice are those of what is copied.
  SmallVector<OpFoldResult> sizes;
  bool isReduced =
      op.getSourceType().getRank() != positions + op.getDestType().getRank();
  auto next = sourceSizes.begin() + positions;
  for (int64_t dim = 0, e = op.getDestType().getRank(); dim < e; ++dim)
    sizes.push_back(isReduced && llvm::is_contained(dims, dim)
                        ? OpFoldResult(b.getIndexAttr(1))
                        : *next++);
  return loop(
      op.getDest(), [&](OpBuilder &nested, ValueRange position, Value carried) {
        Value slice = extract(nested, source, sliceOf(position, sourceSizes),
                              /*begin=*/positions, {});
        Slice place = sliceAt(nested, position, sizes);
        return tensor::InsertSliceOp::create(nested, loc, slice, carried,
                                             place.offsets, place.sizes,
                                             place.strides)
            .getResult();
      });
}

namespace {
struct AttnLowerGather : attn::impl::AttnLowerGatherBase<AttnLowerGather> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      Value result;
      if (auto gather = dyn_cast<tensor::GatherOp>(op))
        result = SliceCopier(op, gather.getIndices(), gather.getGatherDims())
                     .gather(gather);
      else if (auto scatter = dyn_cast<tensor::ScatterOp>(op))
        result = SliceCopier(op, scatter.getIndices(), scatter.getScatterDims())
                     .scatter(scatter);
      else
        return;
      op->replaceAllUsesWith(ValueRange{result});
      op->erase();
    });
  }
};
} // namespace
