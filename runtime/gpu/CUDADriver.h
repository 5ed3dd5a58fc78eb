//===- CUDADriver.h - NVIDIA's driver, if there is one ----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of the CUDA driver API that the device needs, declared here so
// that neither the build nor the program needs CUDA: the library is loaded
// when a device is asked for.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_GPU_CUDADRIVER_H
#define ATTN_RUNTIME_GPU_CUDADRIVER_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <cstddef>
#include <cstdint>

namespace attnrt::cuda {

using Result = int;
using Device = int;
using DevicePointer = uint64_t;
using Context = struct ContextImpl *;
using Module = struct ModuleImpl *;
using Function = struct FunctionImpl *;
using Stream = struct StreamImpl *;
using Event = struct EventImpl *;

// The values of cuda.h's enumerators.
enum DeviceAttribute {
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  MaxSharedMemoryPerBlockOptIn = 97
};
enum FunctionAttribute { MaxDynamicSharedSizeBytes = 8 };
enum JITOption { ErrorLogBuffer = 5, ErrorLogBufferSizeBytes = 6 };
enum ManagedMemoryFlag { AttachGlobal = 1 };

/// Name, type and the symbol in the library of each function.
#define ATTN_CUDA_FUNCTIONS(X)                                                 \
  X(getErrorString, "cuGetErrorString", Result(Result, const char **))         \
  X(getErrorName, "cuGetErrorName", Result(Result, const char **))             \
  X(init, "cuInit", Result(unsigned))                                          \
  X(deviceGetCount, "cuDeviceGetCount", Result(int *))                         \
  X(deviceGet, "cuDeviceGet", Result(Device *, int))                           \
  X(deviceGetAttribute, "cuDeviceGetAttribute", Result(int *, int, Device))    \
  X(primaryContextRetain, "cuDevicePrimaryCtxRetain",                          \
    Result(Context *, Device))                                                 \
  X(primaryContextRelease, "cuDevicePrimaryCtxRelease_v2", Result(Device))     \
  X(contextSetCurrent, "cuCtxSetCurrent", Result(Context))                     \
  X(contextSynchronize, "cuCtxSynchronize", Result())                          \
  X(moduleLoad, "cuModuleLoadDataEx",                                          \
    Result(Module *, const void *, unsigned, int *, void **))                  \
  X(moduleUnload, "cuModuleUnload", Result(Module))                            \
  X(moduleGetFunction, "cuModuleGetFunction",                                  \
    Result(Function *, Module, const char *))                                  \
  X(functionSetAttribute, "cuFuncSetAttribute", Result(Function, int, int))    \
  X(launchKernel, "cuLaunchKernel",                                            \
    Result(Function, unsigned, unsigned, unsigned, unsigned, unsigned,         \
           unsigned, unsigned, Stream, void **, void **))                      \
  X(memoryAllocateManaged, "cuMemAllocManaged",                                \
    Result(DevicePointer *, size_t, unsigned))                                 \
  X(memoryFree, "cuMemFree_v2", Result(DevicePointer))                         \
  X(eventCreate, "cuEventCreate", Result(Event *, unsigned))                   \
  X(eventRecord, "cuEventRecord", Result(Event, Stream))                       \
  X(eventElapsedTime, "cuEventElapsedTime", Result(float *, Event, Event))     \
  X(eventDestroy, "cuEventDestroy_v2", Result(Event))

struct Driver {
#define ATTN_CUDA_MEMBER(name, symbol, ...)                                    \
  std::add_pointer_t<__VA_ARGS__> name = nullptr;
  ATTN_CUDA_FUNCTIONS(ATTN_CUDA_MEMBER)
#undef ATTN_CUDA_MEMBER

  /// Loads libcuda.so.1 and initialises it. The driver stays loaded.
  static llvm::Expected<const Driver *> load();

  /// An error that names the call and what the driver says of `result`.
  llvm::Error check(Result result, const llvm::Twine &call) const;
};

} // namespace attnrt::cuda

#endif // ATTN_RUNTIME_GPU_CUDADRIVER_H
