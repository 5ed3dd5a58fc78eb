//===- Symbols.cpp - What host code with kernels may call -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gpu/Symbols.h"

#include <cstring>

using namespace attnrt;

static GPUDevice *currentDevice = nullptr;
static std::string firstError;

/// The current device, unless there is none or an error stands.
static GPUDevice *getDevice() {
  if (!currentDevice && firstError.empty())
    firstError = "no GPU has been chosen to run kernels on";
  return firstError.empty() ? currentDevice : nullptr;
}

static void record(llvm::Error error) {
  if (!error)
    return;
  std::string message = llvm::toString(std::move(error));
  if (firstError.empty())
    firstError = std::move(message);
}

template <typename T> static T *getOrRecord(llvm::Expected<T *> value) {
  if (value)
    return *value;
  record(value.takeError());
  return nullptr;
}

void attnrt::setCurrentDevice(GPUDevice *device) {
  currentDevice = device;
  setMemorySource(device);
}

llvm::Error attnrt::takeDeviceError() {
  if (firstError.empty())
    return llvm::Error::success();
  return llvm::createStringError(std::exchange(firstError, std::string()));
}

static void *moduleLoadJIT(const char *ptx, int optimization) {
  GPUDevice *device = getDevice();
  return device ? getOrRecord(device->load(ptx)) : nullptr;
}

static void moduleUnload(GPUDevice::Module *module) {
  if (GPUDevice *device = getDevice(); device && module)
    record(device->unload(module));
}

static void *moduleGetFunction(GPUDevice::Module *module, const char *name) {
  GPUDevice *device = getDevice();
  return device ? getOrRecord(device->getKernel(module, name)) : nullptr;
}

static void launchKernel(GPUDevice::Kernel *kernel, intptr_t gridX,
                         intptr_t gridY, intptr_t gridZ, intptr_t blockX,
                         intptr_t blockY, intptr_t blockZ,
                         int32_t dynamicSharedBytes, void *stream,
                         void **arguments, void **extra, size_t numArguments) {
  GPUDevice *device = getDevice();
  if (!device)
    return;
  // An empty tensor needs no blocks, which no device would take.
  if (!gridX || !gridY || !gridZ)
    return;
  LaunchShape shape;
  int64_t sizes[] = {gridX, gridY, gridZ, blockX, blockY, blockZ};
  for (auto [i, size] : llvm::enumerate(sizes)) {
    if (!llvm::isUInt<31>(size))
      return record(llvm::createStringError(
          "a launch of %lld in dimension %d of its grid, expected at most 2^31 "
          "- 1",
          static_cast<long long>(size), static_cast<int>(i % 3)));
    (i < 3 ? shape.grid : shape.block)[i % 3] = static_cast<uint32_t>(size);
  }
  shape.dynamicSharedBytes = static_cast<uint32_t>(dynamicSharedBytes);
  record(
      device->launch(kernel, shape, llvm::ArrayRef(arguments, numArguments)));
}

// Launches run one after the other: there is one stream.
static void *streamCreate() { return nullptr; }
static void streamDestroy(void *stream) {}
static void streamSynchronize(void *stream) {
  if (GPUDevice *device = getDevice())
    record(device->synchronize());
}

static void *memAlloc(uint64_t size, void *stream, bool isHostShared) {
  return allocate(size);
}
static void memFree(void *pointer, void *stream) {
  streamSynchronize(stream);
  deallocate(pointer);
}
static void memCopy(void *to, const void *from, size_t size, void *stream) {
  streamSynchronize(stream);
  std::memcpy(to, from, size);
}
static void memSet32(uint32_t *to, uint32_t value, size_t count, void *stream) {
  streamSynchronize(stream);
  std::fill_n(to, count, value);
}
static void memSet16(uint16_t *to, uint16_t value, size_t count, void *stream) {
  streamSynchronize(stream);
  std::fill_n(to, count, value);
}

llvm::ArrayRef<RuntimeSymbol> attnrt::getGPUSymbols() {
  static const RuntimeSymbol symbols[] = {
      makeSymbol("mgpuModuleLoadJIT", moduleLoadJIT),
      makeSymbol("mgpuModuleUnload", moduleUnload),
      makeSymbol("mgpuModuleGetFunction", moduleGetFunction),
      makeSymbol("mgpuLaunchKernel", launchKernel),
      makeSymbol("mgpuStreamCreate", streamCreate),
      makeSymbol("mgpuStreamDestroy", streamDestroy),
      makeSymbol("mgpuStreamSynchronize", streamSynchronize),
      makeSymbol("mgpuMemAlloc", memAlloc),
      makeSymbol("mgpuMemFree", memFree),
      makeSymbol("mgpuMemcpy", memCopy),
      makeSymbol("mgpuMemset32", memSet32),
      makeSymbol("mgpuMemset16", memSet16),
  };
  return symbols;
}
