//===- Vectorize.cpp - linalg on register tiles to 1-D vectors ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileVectorizer.h"
#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNVECTORIZE
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnVectorize : attn::impl::AttnVectorizeBase<AttnVectorize> {
  using AttnVectorizeBase::AttnVectorizeBase;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    if (failed(Pass::initializeOptions(options, errorHandler)))
      return failure();
    return verifyLanes(lanes, errorHandler);
  }

  void runOnOperation() override {
    if (!isKernel(getOperation()))
      return;
    if (failed(verifyOnBuffers(getOperation())))
      return signalPassFailure();
    if (failed(lowerAffineInBodies()))
      return signalPassFailure();
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) {
      if (!isa<linalg::LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    SmallVector<scf::ForOp> smallLoops;
    for (Block *block : blocks)
      if (failed(vectorize(*block, smallLoops)))
        return signalPassFailure();
    // Only now: unrolling gives the loops' results to other operations.
    for (scf::ForOp loop : smallLoops)
      if (unroll > 1 && failed(loopUnrollByFactor(loop, unroll)))
        return signalPassFailure();
  }

private:
  /// An affine map has indices for operands, which would be vectors.
  LogicalResult lowerAffineInBodies() {
    SetVector<Operation *> bodies;
    getOperation()->walk([&](linalg::GenericOp op) {
      op.getBody()->walk([&](Operation *nested) {
        if (isa<affine::AffineDialect>(nested->getDialect()))
          bodies.insert(op);
      });
    });
    if (bodies.empty())
      return success();
    ConversionTarget target(getContext());
    target.addIllegalDialect<affine::AffineDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    RewritePatternSet patterns(&getContext());
    populateAffineToStdConversionPatterns(patterns);
    return applyPartialConversion(bodies.getArrayRef(), target,
                                  std::move(patterns));
  }

  LogicalResult vectorize(Block &block,
                          SmallVectorImpl<scf::ForOp> &smallLoops) {
    RegisterFile registers;
    VectorTarget target{lanes, smallTile, dotIterations, prefetchBytes,
                        dotBF16};
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto generic = dyn_cast<linalg::GenericOp>(op);
      if (!generic) {
        if (!isMemoryEffectFree(&op))
          registers.clear();
        continue;
      }
      // A load in the body may read what is in registers only.
      generic.getBody()->walk(
          [&](memref::LoadOp load) { registers.read(load.getMemRef()); });
      if (failed(TileVectorizer(generic, target, registers, smallLoops).run()))
        return failure();
    }
    return success();
  }
};
} // namespace
