//===- LowerComplex.cpp - Complex numbers to the LLVM dialect -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWERCOMPLEX
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {
struct AttnLowerComplex : attn::impl::AttnLowerComplexBase<AttnLowerComplex> {
  LogicalResult initialize(MLIRContext *context) override {
    pipeline = OpPassManager(ModuleOp::getOperationName());
    pipeline.addPass(createConvertComplexToStandardPass());
    pipeline.addPass(createConvertComplexToLLVMPass());
    return success();
  }

  void runOnOperation() override {
    bool hasComplex =
        getOperation()
            ->walk([](Operation *op) {
              return isa_and_nonnull<complex::ComplexDialect>(op->getDialect())
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            })
            .wasInterrupted();
    if (hasComplex && failed(runPipeline(pipeline, getOperation())))
      return signalPassFailure();
  }

  OpPassManager pipeline;
};
} // namespace
