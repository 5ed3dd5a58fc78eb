//===- Lanes.cpp - Which dimension lies along vector lanes ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"

#include "PairProduct.h"

using namespace mlir;
using namespace mlir::attn;

LogicalResult mlir::attn::verifyLanes(
    int64_t lanes, function_ref<LogicalResult(const Twine &)> errorHandler) {
  if (lanes > 0 && llvm::isPowerOf2_64(lanes))
    return success();
  return errorHandler("lanes is " + Twine(lanes) +
                      ", expected a positive power of two");
}

bool mlir::attn::hasContiguousLastDim(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || type.getRank() == 0)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

std::optional<unsigned> mlir::attn::chooseLaneDim(linalg::GenericOp op) {
  if (auto product = getPairProduct(op))
    return product->lane;
  std::optional<unsigned> best;
  std::pair<bool, unsigned> bestRank;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    unsigned uses = 0;
    bool valid = true;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      if (!map.isFunctionOfDim(dim))
        continue;
      ++uses;
      AffineExpr expr = getAffineDimExpr(dim, op.getContext());
      bool onlyLast = map.getResults().back() == expr;
      for (AffineExpr result : map.getResults().drop_back())
        onlyLast &= !result.isFunctionOfDim(dim);
      valid &= onlyLast && hasContiguousLastDim(operand.get());
    }
    if (!valid || uses == 0)
      continue;
    bool isParallel =
        op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
    std::pair<bool, unsigned> rank{isParallel, uses};
    if (!best || rank >= bestRank) {
      best = dim;
      bestRank = rank;
    }
  }
  return best;
}

/// The dimension along which an operand's elements are contiguous.
static std::optional<unsigned> getContiguousDim(linalg::GenericOp op,
                                                OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (map.getNumResults() == 0 || !map.isProjectedPermutation() ||
      !hasContiguousLastDim(operand.get()))
    return std::nullopt;
  return map.getDimPosition(map.getNumResults() - 1);
}

std::optional<TransposeDims>
mlir::attn::getTransposeDims(linalg::GenericOp op) {
  if (op.getNumParallelLoops() != op.getNumLoops() || chooseLaneDim(op) ||
      op.getNumDpsInits() == 0)
    return std::nullopt;
  std::optional<unsigned> stored, loaded;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    std::optional<unsigned> dim = getContiguousDim(op, init);
    if (!dim || (stored && *stored != *dim))
      return std::nullopt;
    stored = dim;
  }
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    std::optional<unsigned> dim = getContiguousDim(op, *input);
    if (dim == stored || !map.isFunctionOfDim(*stored))
      continue;
    if (!dim || (loaded && *loaded != *dim))
      return std::nullopt;
    loaded = dim;
  }
  if (!loaded)
    return std::nullopt;
  return TransposeDims{*stored, *loaded};
}

std::optional<unsigned> mlir::attn::getProductReduction(linalg::GenericOp op) {
  if (auto product = getPairProduct(op))
    return product->loop;
  SmallVector<unsigned> dims;
  op.getReductionDims(dims);
  if (op.getNumDpsInputs() == 2 && op.getNumDpsInits() == 1 && dims.size() == 1)
    return dims.front();
  return std::nullopt;
}

SmallVector<int64_t> mlir::attn::getIterationSizes(linalg::GenericOp op) {
  return op.getStaticLoopRanges();
}
