//===- GPU.cpp - From attention to NVIDIA GPU code ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisterPipeline.h"
#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/CodeGen/NVVM/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
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

static void addCleanup(OpPassManager &pm) {
  // Kernels are unrolled to thousands of operations. From their end to their
  // beginning, what is dead goes before anyone looks at its operands, which
  // takes a fifth of the time.
  GreedyRewriteConfig config;
  config.setUseTopDownTraversal(false);
  pm.addPass(createCanonicalizerPass(config));
  pm.addPass(createCSEPass());
}

void mlir::attn::buildAttnGPUTile(OpPassManager &pm,
                                  const AttnToNVVMOptions &options) {
  // What surrounds attention runs on the host.
  buildAttnPrepare(pm, options.raise);
  AttnChooseGPUScheduleOptions schedule;
  schedule.chip = options.chip;
  schedule.schedule = llvm::to_vector(options.schedule);
  pm.addPass(createAttnChooseGPUSchedule(schedule));
  pm.addPass(createAttnGPUTile());
  // Merges of split keys.
  pm.addPass(createAttnDecompose());
  pm.addPass(createCanonicalizerPass());
}

void mlir::attn::buildAttnGPUBufferize(OpPassManager &pm,
                                       const AttnToNVVMOptions &options) {
  buildAttnBufferize(pm);
  pm.addPass(createAttnGPULaunch());
  addCleanup(pm);
  buildAttnDeallocate(pm);
}

void mlir::attn::buildAttnGPUDistribute(OpPassManager &pm,
                                        const AttnToNVVMOptions &options) {
  pm.addPass(createAttnGPUStage());
  pm.addPass(createLowerAffinePass());
  addCleanup(pm);
  pm.addPass(createAttnGPUNarrowPositions());
  addCleanup(pm);
  pm.addPass(createAttnGPUDistribute());
  addCleanup(pm);
  pm.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createAttnGPUOutline());
  addCleanup(pm);
}

void mlir::attn::buildAttnGPUHostToLLVM(OpPassManager &pm,
                                        const AttnToCPUOptions &options) {
  pm.addPass(createAttnEmbedPTX());
  pm.addNestedPass<func::FuncOp>(createAttnShareMemory());
  // What surrounds the launches is code like any other; their operands wait
  // behind casts for gpu-to-llvm.
  buildAttnCPUVectorize(pm, options);
  buildAttnCPUToLLVM(pm, options);
  pm.addPass(createGpuToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void mlir::attn::buildAttnToNVVM(OpPassManager &pm,
                                 const AttnToNVVMOptions &options) {
  buildAttnGPUTile(pm, options);
  buildAttnGPUBufferize(pm, options);
  buildAttnGPUDistribute(pm, options);
  buildAttnGPUToNVVM(pm, options);
}

void mlir::attn::buildAttnToNVVM(OpPassManager &pm, ModuleOp module,
                                 const AttnToNVVMOptions &options) {
  if (module.getOps<gpu::GPUModuleOp>().empty())
    buildAttnToNVVM(pm, options);
  else
    buildAttnGPUToNVVM(pm, options);
}

void mlir::attn::registerAttnGPUPipelines() {
  using Options = AttnToNVVMOptions;
  auto add =
      [](
          StringRef name, StringRef description,
          void (*build)(OpPassManager &, const Options &),
          llvm::Error (*check)(const Options &) = [](const Options &options) {
            return checkChip(options.chip);
          }) { registerPipeline<Options>(name, description, build, check); };
  // attn-choose-gpu-schedule reports an unknown chip at what asks for it.
  auto checkNothing = [](const Options &) -> llvm::Error {
    return llvm::Error::success();
  };
  add("attn-to-nvvm",
      "lower attention on tensors to kernels in the NVVM dialect",
      buildAttnToNVVM, checkNothing);
  add("attn-gpu-tile-stage",
      "stage 1 of attn-to-nvvm: schedule and tile attention", buildAttnGPUTile,
      checkNothing);
  add("attn-gpu-bufferize",
      "stage 2 of attn-to-nvvm: tensors to buffers, loops over "
      "workgroups to launches",
      buildAttnGPUBufferize);
  add("attn-gpu-to-threads",
      "stage 3 of attn-to-nvvm: tiles through shared memory and "
      "over the threads, kernels outlined",
      buildAttnGPUDistribute);
  add("attn-gpu-to-nvvm",
      "the last stage of attn-to-nvvm: kernels of threads to the "
      "NVVM dialect",
      buildAttnGPUToNVVM);
}
