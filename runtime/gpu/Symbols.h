//===- Symbols.h - What host code with kernels may call ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_GPU_SYMBOLS_H
#define ATTN_RUNTIME_GPU_SYMBOLS_H

#include "cpu/Symbols.h"
#include "gpu/Device.h"

namespace attnrt {

/// Makes `device` the one that the functions of getGPUSymbols() use and that
/// allocations come from; null: none, and the system. It must outlive both.
void setCurrentDevice(GPUDevice *device);

/// Makes a device the current one as long as this lives.
class DeviceScope {
public:
  explicit DeviceScope(std::unique_ptr<GPUDevice> device)
      : device(std::move(device)) {
    setCurrentDevice(this->device.get());
  }
  ~DeviceScope() { setCurrentDevice(nullptr); }
  DeviceScope(const DeviceScope &) = delete;
  DeviceScope &operator=(const DeviceScope &) = delete;

  GPUDevice &operator*() const { return *device; }
  GPUDevice *operator->() const { return device.get(); }

private:
  std::unique_ptr<GPUDevice> device;
};

/// The first error since the last call of this. After an error the functions
/// of getGPUSymbols() do nothing until then: compiled code cannot stop.
llvm::Error takeDeviceError();

/// The functions mgpu* that `gpu-to-llvm` and the translation of
/// `gpu.launch_func` call, on the current device.
llvm::ArrayRef<RuntimeSymbol> getGPUSymbols();

} // namespace attnrt

#endif // ATTN_RUNTIME_GPU_SYMBOLS_H
