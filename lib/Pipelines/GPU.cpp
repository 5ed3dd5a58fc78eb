//===- GPU.cpp - From attention to NVIDIA GPU code ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/CodeGen/NVVM/Passes.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

void mlir::attn::buildAttnGPUToNVVM(OpPassManager &pm,
                                    const AttnToNVVMOptions &options) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createAttnLowerVectors());
  kernels.addPass(createConvertNVGPUToNVVMPass());
  kernels.addPass(createAttnMathToNVVM());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createAttnFinalizeNVVM());
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  target.optLevel = 3;
  pm.addPass(createGpuNVVMAttachTarget(target));
}

void mlir::attn::buildAttnToNVVM(OpPassManager &pm,
                                 const AttnToNVVMOptions &options) {
  buildAttnGPUToNVVM(pm, options);
}

using PipelineBuilder = void (*)(OpPassManager &, const AttnToNVVMOptions &);

/// A pipeline by its name, whose options are checked before it is built.
static void registerPipeline(StringRef name, StringRef description,
                             PipelineBuilder build) {
  registerPassPipeline(
      name, description,
      [build](OpPassManager &pm, StringRef text,
              function_ref<LogicalResult(const Twine &)> errorHandler)
          -> LogicalResult {
        AttnToNVVMOptions options;
        if (failed(options.parseFromString(text)))
          return failure();
        if (llvm::Error error = checkChip(options.chip))
          return errorHandler(llvm::toString(std::move(error)));
        build(pm, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> handler) {
        handler(AttnToNVVMOptions());
      });
}

void mlir::attn::registerAttnGPUPipelines() {
  registerPipeline("attn-to-nvvm",
                   "lower attention on tensors to kernels in the NVVM dialect",
                   buildAttnToNVVM);
  registerPipeline("attn-gpu-to-nvvm",
                   "the last stage of attn-to-nvvm: kernels of threads to the "
                   "NVVM dialect",
                   buildAttnGPUToNVVM);
}
