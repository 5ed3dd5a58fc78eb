//===- Pipelines.h - From attention to code ---------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::attn {

struct AttnToCPUOptions : PassPipelineOptions<AttnToCPUOptions> {
  Option<std::string> targetCPU{
      *this, "target-cpu",
      llvm::cl::desc("LLVM's name of the CPU, or host (the default)"),
      llvm::cl::init("host")};
  Option<int64_t> threads{*this, "threads",
                          llvm::cl::desc("threads that the code will run on"),
                          llvm::cl::init(1)};
  Option<bool> raise{
      *this, "raise",
      llvm::cl::desc("find attention that is decomposed (attn-raise)"),
      llvm::cl::init(true)};
  ListOption<std::string> schedule{
      *this, "schedule",
      llvm::cl::desc("fields of the schedules to pin, such as kv_tile=128, and "
                     "print, which says of each op what was chosen and why")};
};

/// What a frontend gave becomes linalg; with `raise`, attention in it becomes
/// attn.sdpa.
void buildAttnFrontend(OpPassManager &pm, bool raise);
/// The same, and what surrounds attention becomes fused linalg.generic;
/// attn.sdpa is one operation still.
void buildAttnPrepare(OpPassManager &pm, bool raise);
/// Tensors become buffers, in place where that is possible; what the function
/// was given stays untouched.
void buildAttnBufferize(OpPassManager &pm);
/// Buffers that a function made for itself are freed.
void buildAttnDeallocate(OpPassManager &pm);

/// The stages of `attn-to-cpu`, in order.
/// L1 to L2: every sdpa gets a schedule and becomes loops over tiles.
void buildAttnCPUTile(OpPassManager &pm, const AttnToCPUOptions &options);
/// Tensors become buffers, parallel loops kernels of the thread pool.
void buildAttnCPUBufferize(OpPassManager &pm, const AttnToCPUOptions &options);
/// linalg on buffers becomes register tiles of 1-D vectors.
void buildAttnCPUVectorize(OpPassManager &pm, const AttnToCPUOptions &options);
/// Vectors, loops and buffers become the LLVM dialect.
void buildAttnCPUToLLVM(OpPassManager &pm, const AttnToCPUOptions &options);

/// All stages: functions on tensors become functions of the LLVM dialect, that
/// call the runtime for threads and memory.
void buildAttnToCPU(OpPassManager &pm, const AttnToCPUOptions &options);

struct AttnToNVVMOptions : PassPipelineOptions<AttnToNVVMOptions> {
  Option<std::string> chip{
      *this, "chip", llvm::cl::desc("the GPU to make code for, as in sm_89"),
      llvm::cl::init("sm_80")};
  Option<bool> raise{
      *this, "raise",
      llvm::cl::desc("find attention that is decomposed (attn-raise)"),
      llvm::cl::init(true)};
  ListOption<std::string> schedule{
      *this, "schedule",
      llvm::cl::desc(
          "fields of the schedules to pin, such as query_tile=64, and "
          "print, which says of each op what was chosen and why")};
};

/// The stages of `attn-to-nvvm`, in order.
/// L1 to L2: every sdpa gets a GPU schedule and becomes a loop over workgroups
/// that hold tiles as vectors.
void buildAttnGPUTile(OpPassManager &pm, const AttnToNVVMOptions &options);
/// Tensors become buffers, loops over workgroups kernel launches.
void buildAttnGPUBufferize(OpPassManager &pm, const AttnToNVVMOptions &options);
/// Tiles go through shared memory and become the registers of threads.
void buildAttnGPUDistribute(OpPassManager &pm,
                            const AttnToNVVMOptions &options);
/// Kernels for the threads of a GPU (gpu.func with upstream's operations on
/// memrefs, scalars and short vectors) become the NVVM and LLVM dialects,
/// memrefs by full descriptors; host code stays.
void buildAttnGPUToNVVM(OpPassManager &pm, const AttnToNVVMOptions &options);

/// The host's side of a module with kernels in the NVVM dialect: the kernels
/// become PTX inside the module, launches calls of the runtime (mgpuModuleLoad,
/// mgpuLaunchKernel and so on), and the rest CPU code as in `attn-to-cpu`.
/// Buffers come from the runtime's allocator, whose memory the device sees.
void buildAttnGPUHostToLLVM(OpPassManager &pm, const AttnToCPUOptions &options);

/// All stages: attention becomes GPU modules in the NVVM dialect and host code
/// that launches their kernels.
void buildAttnToNVVM(OpPassManager &pm, const AttnToNVVMOptions &options);

/// The stages that `module` needs: all, or the last where kernels for threads
/// and their launches are in it already.
void buildAttnToNVVM(OpPassManager &pm, ModuleOp module,
                     const AttnToNVVMOptions &options);

/// Registers the pipelines for textual use.
void registerAttnPipelines();
void registerAttnGPUPipelines();

} // namespace mlir::attn

#endif // ATTN_PIPELINES_PIPELINES_H
