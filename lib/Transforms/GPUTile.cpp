//===- GPUTile.cpp - Tile sdpa for the workgroups of a GPU ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GPUMerge.h"
#include "GPUTiler.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPUTILE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnGPUTile : attn::impl::AttnGPUTileBase<AttnGPUTile> {
  void runOnOperation() override {
    SmallVector<SDPAOp> ops;
    getOperation()->walk([&](SDPAOp op) {
      // Without keys there is nothing to compute: attn-decompose fills in
      // zeros.
      if (op.getGpuSchedule() && op.getStaticKVSeqlen() != 0)
        ops.push_back(op);
    });
    for (SDPAOp op : ops) {
      if (failed(verifyTileable(op, "a GPU schedule")))
        return signalPassFailure();
      GPUTiler tiler(op, *op.getGpuSchedule());
      op->replaceAllUsesWith(tiler.tile());
      op->erase();
    }
    SmallVector<MergeOp> merges;
    getOperation()->walk([&](MergeOp op) {
      if (isTileableMerge(op))
        merges.push_back(op);
    });
    for (MergeOp op : merges) {
      op->replaceAllUsesWith(tileMerge(op));
      op->erase();
    }
  }
};
} // namespace
