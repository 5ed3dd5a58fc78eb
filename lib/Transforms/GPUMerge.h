//===- GPUMerge.h - Tile merge for the workgroups of a GPU ------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_GPUMERGE_H
#define ATTN_LIB_TRANSFORMS_GPUMERGE_H

#include "attn/IR/AttnDialect.h"

namespace mlir::attn {

/// Whether a merge can be tiled: partial results in f32, static features.
bool isTileableMerge(MergeOp op);

/// Builds the tiled form of a merge, a workgroup for each row, and returns the
/// results that replace those of the op.
SmallVector<Value> tileMerge(MergeOp op);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_GPUMERGE_H
