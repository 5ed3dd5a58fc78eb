//===- CheckTiled.cpp - Find attention that is no loops -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"
#include "attn/Transforms/Passes.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHECKTILED
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnCheckTiled : attn::impl::AttnCheckTiledBase<AttnCheckTiled> {
  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (!isa<SDPAOp, MergeOp>(op))
        return;
      op->emitOpError() << "is not tiled, expected loops over tiles: run "
                           "attn-cpu-tile or attn-gpu-tile-stage first";
      signalPassFailure();
    });
  }
};
} // namespace
