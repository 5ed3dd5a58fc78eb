//===- LowerTosa.cpp - tosa to linalg -------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Passes.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWERTOSA
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnLowerTosa : attn::impl::AttnLowerTosaBase<AttnLowerTosa> {
  LogicalResult initialize(MLIRContext *context) override {
    pipeline = OpPassManager(ModuleOp::getOperationName());
    // Without the validation: it holds programs to a level of the TOSA
    // specification, which has no f64 and bounds ranks and sizes.
    tosa::addTosaToLinalgPasses(pipeline, TosaToLinalgOptions(),
                                TosaToLinalgNamedOptions(), std::nullopt);
    pipeline.addNestedPass<func::FuncOp>(createTosaToArithPass());
    pipeline.addNestedPass<func::FuncOp>(createTosaToTensorPass());
    pipeline.addNestedPass<func::FuncOp>(createTosaToSCFPass());
    pipeline.addPass(createCanonicalizerPass());
    return success();
  }

  void runOnOperation() override {
    bool hasTosa =
        getOperation()
            ->walk([](Operation *op) {
              return isa_and_nonnull<tosa::TosaDialect>(op->getDialect())
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            })
            .wasInterrupted();
    if (hasTosa && failed(runPipeline(pipeline, getOperation())))
      return signalPassFailure();
  }

  OpPassManager pipeline;
};
} // namespace
