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

/// Whether a schedule, which a user may have pinned, can tile its op.
static LogicalResult verifySchedule(SDPAOp op) {
  if (failed(verifyTileable(op, "a schedule")))
    return failure();
  bool lanes = op.getSchedule()->getQueries() == QueryPlacement::Lanes;
  if (op.getSchedule()->getPaired() != PairedProducts::None &&
      !(lanes && op.canPairScores()))
    return op.emitOpError("has a schedule with paired = scores, expected "
                          "queries = lanes and queries and keys of bf16 with "
                          "an even head_dim, contiguous along it");
  if (lanes)
    return success();
  int64_t queries = op.getStaticQuerySeqlen();
  if (ShapedType::isDynamic(op.getStaticQueryHeads()) ||
      ShapedType::isDynamic(op.getStaticKVHeads()) ||
      ShapedType::isDynamic(queries))
    return op.emitOpError("has a schedule with queries = rows and dynamic "
                          "heads or queries, expected static numbers of both");
  if (op.getStaticKVHeads() == 0 || op.getStaticQueryHeads() == 0)
    return op.emitOpError() << "has a schedule with queries = rows and no "
                            << (op.getStaticKVHeads() == 0 ? "KV" : "query")
                            << " heads, expected at least one";
  int64_t tile = op.getSchedule()->getQueryTile();
  if (tile != queries)
    return op.emitOpError() << "has a schedule with queries = rows and "
                            << "query_tile = " << tile << ", expected the "
                            << queries << " queries of a head";
  return success();
}

namespace {
struct AttnTile : attn::impl::AttnTileBase<AttnTile> {
  void runOnOperation() override {
    SmallVector<SDPAOp> ops;
    getOperation()->walk([&](SDPAOp op) {
      if (op.getSchedule())
        ops.push_back(op);
    });
    for (SDPAOp op : ops) {
      if (failed(verifySchedule(op)))
        return signalPassFailure();
      AttentionTiler tiler(op, *op.getSchedule());
      op->replaceAllUsesWith(tiler.tile());
      op->erase();
    }
  }
};
} // namespace
