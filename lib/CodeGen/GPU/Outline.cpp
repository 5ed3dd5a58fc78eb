//===- Outline.cpp - Launches to kernels that keep their schedules --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

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
    // Upstream's pass drops what it does not know of a launch. Each becomes a
    // call in its place, so that their order tells which is which.
    SmallVector<Attribute> marks;
    getOperation()->walk([&](gpu::LaunchOp launch) {
      marks.push_back(launch->getAttr(kKernelAttr));
    });
    SmallVector<gpu::LaunchFuncOp> earlier;
    getOperation()->walk(
        [&](gpu::LaunchFuncOp call) { earlier.push_back(call); });

    OpPassManager outlining(ModuleOp::getOperationName());
    outlining.addPass(createGpuKernelOutliningPass());
    if (failed(runPipeline(outlining, getOperation())))
      return signalPassFailure();

    SymbolTableCollection symbols;
    auto mark = marks.begin();
    getOperation()->walk([&](gpu::LaunchFuncOp call) {
      if (llvm::is_contained(earlier, call))
        return;
      auto kernel = symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(
          call, call.getKernelAttr());
      if (Attribute attr = *mark++)
        kernel->setAttr(kKernelAttr, attr);
    });
  }
};
} // namespace
