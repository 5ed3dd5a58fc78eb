//===- InitAll.cpp - Registration of everything ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/InitAll.h"

#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/NVVM/Passes.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Import/TMTensor/TMTensor.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Decompose.h"
#include "attn/Transforms/Passes.h"
#include "attn/Transforms/TilingInterfaceImpl.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"

void mlir::attn::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  gpu::registerOffloadingLLVMTranslationInterfaceExternalModels(registry);
  registry.insert<AttnDialect, tm_tensor::TMTensorDialect>();
  registerDecompositionExternalModels(registry);
  registerTilingInterfaceExternalModels(registry);
}

void mlir::attn::registerAllPasses() {
  mlir::registerAllPasses();
  registerAttnTransformsPasses();
  registerAttnCPUPasses();
  registerAttnGPUPasses();
  registerAttnNVVMPasses();
  registerAttnPipelines();
  registerAttnGPUPipelines();
}
