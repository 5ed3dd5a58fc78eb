//===- Decompose.h - Attention as plain linalg ------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_DECOMPOSE_H
#define ATTN_TRANSFORMS_DECOMPOSE_H

#include "attn/IR/AttnDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// Builds what an operation means in plain linalg, tensor, arith, math and scf,
/// and returns the values of its results.
SmallVector<Value> decompose(OpBuilder &b, SDPAOp op);
SmallVector<Value> decompose(OpBuilder &b, MergeOp op);

/// Attaches linalg's AggregatedOpInterface to the operations, so that
/// transform.structured.decompose_interface applies to them.
void registerDecompositionExternalModels(DialectRegistry &registry);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_DECOMPOSE_H
