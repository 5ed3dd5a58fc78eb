//===- TileAttention.cpp - Tile sdpa into an online softmax ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiler.h"
#include "attn/Transforms/Passes.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNTILE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnTile : attn::impl::AttnTileBase<AttnTile> {
  void runOnOperation() override {
    SmallVector<SDPAOp> ops;
    getOperation()->walk([&](SDPAOp op) {
      if (op.getSchedule())
        ops.push_back(op);
    });
    for (SDPAOp op : ops) {
      AttentionTiler tiler(op, *op.getSchedule());
      op->replaceAllUsesWith(tiler.tile());
      op->erase();
    }
  }
};
} // namespace
