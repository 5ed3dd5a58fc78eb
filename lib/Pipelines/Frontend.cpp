//===- Frontend.cpp - From programs of frontends to attention -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

void mlir::attn::buildAttnFrontend(OpPassManager &pm, bool raise) {
  pm.addPass(createAttnLowerTosa());
  pm.addNestedPass<func::FuncOp>(createAttnLowerTMTensor());
  if (!raise)
    return;
  // Constants meet what reads them: a mask of constants is known as what it
  // says then.
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(arith::createIntRangeOptimizationsPass());
  pm.addNestedPass<func::FuncOp>(createAttnResolveDynamicShapes());
  pm.addNestedPass<func::FuncOp>(createAttnRaise());
}
