//===- attn-opt.cpp - The attention compiler's pass driver ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Decompose.h"
#include "attn/Transforms/Passes.h"
#include "attn/Transforms/TilingInterfaceImpl.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<mlir::attn::AttnDialect>();
  mlir::attn::registerDecompositionExternalModels(registry);
  mlir::attn::registerTilingInterfaceExternalModels(registry);
  mlir::registerAllPasses();
  mlir::attn::registerAttnTransformsPasses();
  mlir::attn::registerAttnCPUPasses();
  mlir::attn::registerAttnPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Attention compiler pass driver\n", registry));
}
