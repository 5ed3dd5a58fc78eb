//===- Lanes.h - Which dimension lies along vector lanes --------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_LANES_H
#define ATTN_LIB_CODEGEN_CPU_LANES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn {

/// Checks the option of passes that says how many lanes a vector has.
LogicalResult
verifyLanes(int64_t lanes,
            function_ref<LogicalResult(const Twine &)> errorHandler);

/// Whether neighbours along a memref's last dimension are neighbours in memory.
bool hasContiguousLastDim(Value memref);

/// The dimension of a linalg.generic on memrefs that lies along vector lanes:
/// one that each operand either does not depend on or has as its contiguous
/// last dimension. A parallel dimension is preferred; a reduction dimension
/// makes the operation a dot product. None where no dimension qualifies. A
/// product of pairs (PairProduct.h) has that of its sums.
std::optional<unsigned> chooseLaneDim(linalg::GenericOp op);

/// A linalg.generic that transposes: its outputs have one dimension contiguous,
/// an input another, so that no dimension can lie along the lanes of both.
struct TransposeDims {
  unsigned stored, loaded;
};
std::optional<TransposeDims> getTransposeDims(linalg::GenericOp op);

/// The reduction dimension that a loop runs over with the outputs in
/// registers: that of a product of two inputs, elements or pairs.
std::optional<unsigned> getProductReduction(linalg::GenericOp op);

/// The static sizes of the iteration space; kDynamic where not static.
SmallVector<int64_t> getIterationSizes(linalg::GenericOp op);

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_LANES_H
