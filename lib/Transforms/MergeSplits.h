//===- MergeSplits.h - Joins the parts of split keys ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_MERGESPLITS_H
#define ATTN_LIB_TRANSFORMS_MERGESPLITS_H

#include "attn/IR/AttnDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// Joins results over parts of the keys (parts x B x Hq x Sq x Dv and
/// parts x B x Hq x Sq, f32) by attn.merge into those of the op, in its layout.
SmallVector<Value> emitMergeOfSplits(OpBuilder &b, Location loc, SDPAOp op,
                                     Value outputs, Value lses);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_MERGESPLITS_H
