//===- MergeSplits.cpp - Joins the parts of split keys --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MergeSplits.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::attn;

SmallVector<Value> mlir::attn::emitMergeOfSplits(OpBuilder &b, Location loc,
                                                 SDPAOp op, Value outputs,
                                                 Value lses) {
  SmallVector<Type> types(op.getResultTypes());
  auto outputType = cast<RankedTensorType>(types[0]);
  TensorLayout layout = op.getOutputLayout();
  SmallVector<int64_t> shape(4), permutation(4);
  for (LogicalDim dim : {LogicalDim::Batch, LogicalDim::Head,
                         LogicalDim::Sequence, LogicalDim::Feature}) {
    unsigned at = SDPAOp::getDim(layout, dim);
    permutation[at] = static_cast<int64_t>(dim);
    shape[permutation[at]] = outputType.getDimSize(at);
  }
  types[0] = outputType.clone(shape);
  auto merge = MergeOp::create(b, loc, types, outputs, lses);
  SmallVector<Value> results(merge.getResults());
  if (layout != TensorLayout::BHSD) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, results[0]);
    applyPermutationToVector(sizes, permutation);
    Value init =
        tensor::EmptyOp::create(b, loc, sizes, outputType.getElementType());
    results[0] =
        linalg::TransposeOp::create(b, loc, results[0], init, permutation)
            .getResult()[0];
    if (results[0].getType() != outputType)
      results[0] = tensor::CastOp::create(b, loc, outputType, results[0]);
  }
  return results;
}
