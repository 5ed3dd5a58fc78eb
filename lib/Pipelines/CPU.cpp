//===- CPU.cpp - From attention to CPU code -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegisterPipeline.h"
#include "attn/CodeGen/CPU/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Schedule/RegisterSchedule.h"
#include "attn/Target/CPUTarget.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// The target of the options. attn-choose-schedule reports an unknown CPU; the
/// pipeline is built for a plain one until then.
static CPUTarget getTarget(const AttnToCPUOptions &options) {
  auto target = CPUTarget::get(options.targetCPU);
  if (target)
    return *target;
  llvm::consumeError(target.takeError());
  return CPUTarget();
}

void mlir::attn::buildAttnPrepare(OpPassManager &pm, bool raise) {
  buildAttnFrontend(pm, raise);
  pm.addNestedPass<func::FuncOp>(createAttnDecomposeLinalg());
  pm.addNestedPass<func::FuncOp>(createAttnLowerGather());
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  pm.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
  pm.addNestedPass<func::FuncOp>(createLinalgElementwiseOpFusionPass());
  addCleanup(pm);
  pm.addPass(createAttnCheckShapes());
}

void mlir::attn::buildAttnCPUTile(OpPassManager &pm,
                                  const AttnToCPUOptions &options) {
  buildAttnPrepare(pm, options.raise);
  AttnChooseScheduleOptions schedule;
  schedule.targetCPU = options.targetCPU;
  schedule.threads = options.threads;
  schedule.schedule = llvm::to_vector(options.schedule);
  pm.addPass(createAttnChooseSchedule(schedule));
  pm.addPass(createAttnTile());
  // Merges of split keys, and what got no schedule.
  pm.addPass(createAttnDecompose());
  // Not CSE: it would let two tiles share one tensor.empty, and bufferization
  // would have to tell them apart by copies.
  pm.addPass(createCanonicalizerPass());
}

void mlir::attn::buildAttnBufferize(OpPassManager &pm) {
  pm.addPass(createAttnCheckTiled());
  pm.addNestedPass<func::FuncOp>(createAttnProtectArguments());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  // A loop of the program's own may yield a new buffer each time.
  bufferize.allowReturnAllocsFromLoops = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  addCleanup(pm);
}

void mlir::attn::buildAttnDeallocate(OpPassManager &pm) {
  bufferization::BufferDeallocationPipelineOptions deallocation;
  bufferization::buildBufferDeallocationPipeline(pm, deallocation);
  pm.addPass(createConvertBufferizationToMemRefPass());
}

void mlir::attn::buildAttnCPUBufferize(OpPassManager &pm,
                                       const AttnToCPUOptions &options) {
  buildAttnBufferize(pm);
  AttnOutlineParallelOptions outline;
  outline.stackBytes = getTarget(options).kernelStackBytes;
  pm.addPass(createAttnOutlineParallel(outline));
  addCleanup(pm);
  buildAttnDeallocate(pm);
}

void mlir::attn::buildAttnCPUVectorize(OpPassManager &pm,
                                       const AttnToCPUOptions &options) {
  CPUTarget target = getTarget(options);
  RegisterSchedule schedule = chooseRegisterSchedule(target);
  AttnRegisterTileOptions registers;
  registers.lanes = schedule.tile.lanes;
  registers.vectors = schedule.tile.vectors;
  registers.rows = schedule.tile.rows;
  registers.minRows = schedule.minRows;
  registers.dotRows = schedule.dotRows;
  registers.wideRows = schedule.wideRows;
  pm.addNestedPass<func::FuncOp>(createAttnRegisterTile(registers));
  addCleanup(pm);
  pm.addPass(createLowerAffinePass());
  AttnVectorizeOptions vectorize;
  vectorize.lanes = schedule.tile.lanes;
  vectorize.smallTile = schedule.smallTile;
  vectorize.unroll = schedule.unroll;
  vectorize.dotIterations = schedule.dotIterations;
  vectorize.prefetchBytes = target.prefetchBytes;
  vectorize.dotBF16 = target.hasBF16DotProduct;
  pm.addNestedPass<func::FuncOp>(createAttnVectorize(vectorize));
  addCleanup(pm);
  AttnExpandMathOptions math;
  math.scaleF = target.hasAVX512;
  pm.addPass(createAttnExpandMath(math));
  pm.addNestedPass<func::FuncOp>(createAttnLinalgToLoops());
}

void mlir::attn::buildAttnCPUToLLVM(OpPassManager &pm,
                                    const AttnToCPUOptions &options) {
  pm.addPass(createAttnLowerAssertions());
  pm.addNestedPass<func::FuncOp>(createAttnLowerExpandShape());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createAttnLowerComplex());
  // The conversions of mathematics unroll vectors, so that they come before
  // that of vectors; powers of integers become functions with loops.
  pm.addPass(createConvertMathToFuncs());
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(createAttnWidenBooleans());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vector;
  vector.reassociateFPReductions = true;
  vector.x86Vector = getTarget(options).hasAVX512;
  pm.addPass(createConvertVectorToLLVMPass(vector));
  FinalizeMemRefToLLVMConversionPassOptions memref;
  memref.useGenericFunctions = true;
  memref.useAlignedAlloc = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memref));
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void mlir::attn::buildAttnToCPU(OpPassManager &pm,
                                const AttnToCPUOptions &options) {
  buildAttnCPUTile(pm, options);
  buildAttnCPUBufferize(pm, options);
  buildAttnCPUVectorize(pm, options);
  buildAttnCPUToLLVM(pm, options);
}

void mlir::attn::registerAttnPipelines() {
  auto add = [](StringRef name, StringRef description,
                void (*build)(OpPassManager &, const AttnToCPUOptions &)) {
    registerPipeline<AttnToCPUOptions>(
        name, description, build, [](const AttnToCPUOptions &options) {
          return CPUTarget::get(options.targetCPU).takeError();
        });
  };
  add("attn-to-cpu", "lower attention on tensors to the LLVM dialect for a CPU",
      buildAttnToCPU);
  add("attn-cpu-tile", "stage 1 of attn-to-cpu: schedule and tile attention",
      buildAttnCPUTile);
  add("attn-cpu-bufferize",
      "stage 2 of attn-to-cpu: tensors to buffers, parallel loops to kernels",
      buildAttnCPUBufferize);
  add("attn-cpu-vectorize",
      "stage 3 of attn-to-cpu: linalg on buffers to register tiles of vectors",
      buildAttnCPUVectorize);
  add("attn-cpu-to-llvm", "stage 4 of attn-to-cpu: to the LLVM dialect",
      buildAttnCPUToLLVM);
  add("attn-gpu-host-to-llvm",
      "embed kernels in the NVVM dialect as PTX and lower the host "
      "code around them to the LLVM dialect",
      buildAttnGPUHostToLLVM);
}
