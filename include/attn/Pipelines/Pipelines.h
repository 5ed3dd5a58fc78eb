//===- Pipelines.h - From attention to code ---------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

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
};

/// What a frontend gave becomes linalg; with `raise`, attention in it becomes
/// attn.sdpa.
void buildAttnFrontend(OpPassManager &pm, bool raise);

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

/// Registers the pipelines for textual use.
void registerAttnPipelines();

} // namespace mlir::attn

#endif // ATTN_PIPELINES_PIPELINES_H
