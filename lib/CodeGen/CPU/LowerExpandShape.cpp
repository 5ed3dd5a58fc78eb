//===- LowerExpandShape.cpp - memref.expand_shape by its sizes ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWEREXPANDSHAPE
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

/// Whether some dimension expands to several of dynamic size.
static bool hasSeveralDynamicSizes(memref::ExpandShapeOp op) {
  return llvm::any_of(op.getReassociationIndices(),
                      [&](ArrayRef<int64_t> group) {
                        return llvm::count_if(group, [&](int64_t dim) {
                                 return op.getResultType().isDynamicDim(dim);
                               }) > 1;
                      });
}

static void lower(memref::ExpandShapeOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto source = memref::ExtractStridedMetadataOp::create(b, loc, op.getSrc());
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size());
  AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    // The innermost dimension of a group has the stride of the whole.
    OpFoldResult stride = source.getConstifiedMixedStrides()[dim];
    for (int64_t inner : llvm::reverse(group)) {
      strides[inner] = stride;
      stride = affine::makeComposedFoldedAffineApply(b, loc, d0 * d1,
                                                     {stride, sizes[inner]});
    }
  }
  auto result = memref::ReinterpretCastOp::create(
      b, loc, op.getResultType(), source.getBaseBuffer(),
      source.getConstifiedMixedOffset(), sizes, strides);
  op.replaceAllUsesWith(result.getResult());
  op.erase();
}

namespace {
struct AttnLowerExpandShape
    : attn::impl::AttnLowerExpandShapeBase<AttnLowerExpandShape> {
  void runOnOperation() override {
    getOperation()->walk([](memref::ExpandShapeOp op) {
      if (hasSeveralDynamicSizes(op))
        lower(op);
    });
  }
};
} // namespace
