//===- CUDADriver.cpp - NVIDIA's driver, if there is one ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gpu/CUDADriver.h"

#include <dlfcn.h>

using namespace attnrt::cuda;

static constexpr const char *kLibrary = "libcuda.so.1";

llvm::Error Driver::check(Result result, const llvm::Twine &call) const {
  if (result == 0)
    return llvm::Error::success();
  const char *name = nullptr, *text = nullptr;
  getErrorName(result, &name);
  getErrorString(result, &text);
  return llvm::createStringError(call + ": " + (text ? text : "error") + " (" +
                                 (name ? name : llvm::Twine(result).str()) +
                                 ")");
}

llvm::Expected<const Driver *> Driver::load() {
  static Driver driver;
  static bool isLoaded = false;
  if (isLoaded)
    return &driver;
  void *library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::createStringError(
        "no NVIDIA driver on this machine (%s); --device=ptx runs the same "
        "code on the emulator",
        dlerror());
#define ATTN_CUDA_LOAD(name, symbol, ...)                                      \
  driver.name = reinterpret_cast<std::add_pointer_t<__VA_ARGS__>>(             \
      dlsym(library, symbol));                                                 \
  if (!driver.name)                                                            \
    return llvm::createStringError(                                            \
        "the NVIDIA driver is too old: %s has no %s", kLibrary, symbol);
  ATTN_CUDA_FUNCTIONS(ATTN_CUDA_LOAD)
#undef ATTN_CUDA_LOAD
  if (llvm::Error error = driver.check(driver.init(0), "cuInit"))
    return std::move(error);
  isLoaded = true;
  return &driver;
}
