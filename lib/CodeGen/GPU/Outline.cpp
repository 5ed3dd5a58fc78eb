//===- Outline.cpp - Launches to kernels that keep their schedules --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPUOUTLINE
#include "attn/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnGPUOutline : attn::impl::AttnGPUOutlineBase<AttnGPUOutline> {
  void runOnOperation() override {
    // Upstream's pass drops what it does not know of a launch, but keeps the
    // operations in it: one of them carries the marks.
    getOperation()->walk([](gpu::LaunchOp launch) {
      if (!launch->hasAttr(kKernelAttr))
        return;
      auto b = OpBuilder::atBlockBegin(&launch.getBody().front());
      copyKernelMarks(launch,
                      arith::ConstantIndexOp::create(b, launch.getLoc(), 0));
    });
    OpPassManager outlining(ModuleOp::getOperationName());
    outlining.addPass(createGpuKernelOutliningPass());
    if (failed(runPipeline(outlining, getOperation())))
      return signalPassFailure();
    getOperation()->walk([](arith::ConstantOp carrier) {
      if (!carrier->hasAttr(kKernelAttr))
        return;
      if (auto kernel = dyn_cast<gpu::GPUFuncOp>(carrier->getParentOp()))
        copyKernelMarks(carrier, kernel);
      carrier.erase();
    });
  }
};
} // namespace
