//===- Device.h - GPUs and what stands for one ------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_GPU_DEVICE_H
#define ATTN_RUNTIME_GPU_DEVICE_H

#include "memory/Allocator.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace attnrt {

/// Blocks, threads of a block, and bytes of dynamic shared memory.
struct LaunchShape {
  uint32_t grid[3];
  uint32_t block[3];
  uint32_t dynamicSharedBytes;
};

/// A device that runs PTX. Its memory is the host's too: what it gives as a
/// MemorySource can be read and written from both sides at one address.
class GPUDevice : public MemorySource {
public:
  /// The emulator of runtime/ptx, on `threads` threads of the host; 0: as many
  /// as it has cores. It finds out-of-bounds accesses, races and more.
  static std::unique_ptr<GPUDevice> createPTX(unsigned threads = 0);

  /// The first NVIDIA GPU, by the driver's libcuda.so.1. Fails where there is
  /// no driver or no GPU.
  static llvm::Expected<std::unique_ptr<GPUDevice>> createCUDA();

  /// 89 for compute capability 8.9. None where any code runs.
  virtual std::optional<unsigned> getComputeCapability() const = 0;

  struct Module {
    virtual ~Module() = default;
  };
  struct Kernel {
    virtual ~Kernel() = default;
  };
  /// Loads PTX text. The module lives until unload(), or as long as the device.
  virtual llvm::Expected<Module *> load(llvm::StringRef ptx) = 0;
  virtual llvm::Error unload(Module *module) = 0;
  virtual llvm::Expected<Kernel *> getKernel(Module *module,
                                             llvm::StringRef name) = 0;

  /// Starts a kernel after those before it. `arguments` are the addresses of
  /// its parameters' values.
  virtual llvm::Error launch(Kernel *kernel, const LaunchShape &shape,
                             llvm::ArrayRef<void *> arguments) = 0;

  /// Waits for all launches. Their faults may come to light here.
  virtual llvm::Error synchronize() = 0;

  /// What the device knows of each launch since the last call of this: its
  /// kernel, grid, block and shared memory, and its counters or its time.
  virtual llvm::json::Array takeLaunchStats() = 0;

  /// What messages about faults call an allocation.
  virtual void nameAllocation(void *pointer, llvm::StringRef name) {}
};

} // namespace attnrt

#endif // ATTN_RUNTIME_GPU_DEVICE_H
