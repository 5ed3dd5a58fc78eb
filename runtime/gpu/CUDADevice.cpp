//===- CUDADevice.cpp - An NVIDIA GPU -------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gpu/CUDADriver.h"
#include "gpu/Device.h"

#include "llvm/ADT/StringMap.h"
#include <vector>

using namespace attnrt;
using namespace attnrt::cuda;
using llvm::StringRef;

namespace {

struct CUDAKernel : GPUDevice::Kernel {
  Function function = nullptr;
  std::string name;
  /// What has been allowed so far; every device allows this much.
  uint32_t maxDynamicSharedBytes = 48 << 10;
};
struct CUDAModule : GPUDevice::Module {
  cuda::Module module = nullptr;
  llvm::StringMap<CUDAKernel> kernels;
};

class CUDADevice : public GPUDevice {
public:
  CUDADevice(const Driver &driver, cuda::Device device)
      : driver(driver), device(device) {}
  ~CUDADevice() override;
  llvm::Error initialize();

  std::optional<unsigned> getComputeCapability() const override {
    return capability;
  }

  llvm::Expected<GPUDevice::Module *> load(StringRef ptx) override;
  llvm::Error unload(GPUDevice::Module *module) override;
  llvm::Expected<Kernel *> getKernel(GPUDevice::Module *module,
                                     StringRef name) override;
  llvm::Error launch(Kernel *kernel, const LaunchShape &shape,
                     llvm::ArrayRef<void *> arguments) override;
  llvm::Error synchronize() override;
  llvm::json::Array takeLaunchStats() override;

  void *takeBlock(size_t size) override;
  void giveBackBlock(void *block, size_t size) override;

private:
  /// A launch and the events around it.
  struct Timed {
    llvm::json::Object stats;
    Event begin, end;
  };

  const Driver &driver;
  cuda::Device device;
  Context context = nullptr;
  unsigned capability = 0;
  int maxSharedBytes = 0;
  std::vector<std::unique_ptr<CUDAModule>> modules;
  std::vector<Timed> launches;
};

} // namespace

llvm::Error CUDADevice::initialize() {
  auto getAttribute = [&](DeviceAttribute attribute,
                          int &value) -> llvm::Error {
    return driver.check(driver.deviceGetAttribute(&value, attribute, device),
                        "cuDeviceGetAttribute");
  };
  int major, minor;
  if (llvm::Error error = getAttribute(ComputeCapabilityMajor, major))
    return error;
  if (llvm::Error error = getAttribute(ComputeCapabilityMinor, minor))
    return error;
  if (llvm::Error error =
          getAttribute(MaxSharedMemoryPerBlockOptIn, maxSharedBytes))
    return error;
  capability = static_cast<unsigned>(major * 10 + minor);
  if (llvm::Error error =
          driver.check(driver.primaryContextRetain(&context, device),
                       "cuDevicePrimaryCtxRetain"))
    return error;
  return driver.check(driver.contextSetCurrent(context), "cuCtxSetCurrent");
}

CUDADevice::~CUDADevice() {
  // The process is about to end; what fails here is of no use to anyone.
  for (Timed &launch : launches) {
    driver.eventDestroy(launch.begin);
    driver.eventDestroy(launch.end);
  }
  if (context)
    driver.primaryContextRelease(device);
}

llvm::Expected<GPUDevice::Module *> CUDADevice::load(StringRef ptx) {
  // The driver's compiler wants an end of the text.
  std::string text = ptx.str();
  char log[4096] = "";
  int options[] = {ErrorLogBuffer, ErrorLogBufferSizeBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log) - 1)};
  cuda::Module module;
  Result result = driver.moduleLoad(&module, text.c_str(), 2, options, values);
  if (result != 0) {
    StringRef line = StringRef(log).trim().split('\n').first;
    return driver.check(result, line.empty() ? llvm::Twine("cuModuleLoadDataEx")
                                             : "cuModuleLoadDataEx: " + line);
  }
  modules.push_back(std::make_unique<CUDAModule>());
  modules.back()->module = module;
  return modules.back().get();
}

llvm::Error CUDADevice::unload(GPUDevice::Module *module) {
  Result result =
      driver.moduleUnload(static_cast<CUDAModule *>(module)->module);
  llvm::erase_if(modules,
                 [&](const auto &loaded) { return loaded.get() == module; });
  return driver.check(result, "cuModuleUnload");
}

llvm::Expected<GPUDevice::Kernel *>
CUDADevice::getKernel(GPUDevice::Module *module, StringRef name) {
  auto *loaded = static_cast<CUDAModule *>(module);
  auto [it, isNew] = loaded->kernels.try_emplace(name);
  CUDAKernel &kernel = it->second;
  if (!isNew)
    return &kernel;
  kernel.name = name.str();
  Result result = driver.moduleGetFunction(&kernel.function, loaded->module,
                                           kernel.name.c_str());
  if (result != 0) {
    loaded->kernels.erase(it);
    return driver.check(result, "kernel '" + name + "': cuModuleGetFunction");
  }
  return &kernel;
}

llvm::Error CUDADevice::launch(Kernel *launched, const LaunchShape &shape,
                               llvm::ArrayRef<void *> arguments) {
  auto *kernel = static_cast<CUDAKernel *>(launched);
  auto check = [&](Result result, const char *call) {
    return driver.check(result, "kernel '" + kernel->name + "': " + call);
  };
  if (shape.dynamicSharedBytes > static_cast<uint32_t>(maxSharedBytes))
    return llvm::createStringError("kernel '" + kernel->name + "' asks for " +
                                   llvm::Twine(shape.dynamicSharedBytes) +
                                   " bytes of shared memory, this GPU has " +
                                   llvm::Twine(maxSharedBytes));
  if (shape.dynamicSharedBytes > kernel->maxDynamicSharedBytes) {
    if (llvm::Error error =
            check(driver.functionSetAttribute(
                      kernel->function, MaxDynamicSharedSizeBytes,
                      static_cast<int>(shape.dynamicSharedBytes)),
                  "cuFuncSetAttribute"))
      return error;
    kernel->maxDynamicSharedBytes = shape.dynamicSharedBytes;
  }
  Timed launch;
  launch.stats = llvm::json::Object{{"kernel", kernel->name},
                                    {"grid", llvm::json::Array(shape.grid)},
                                    {"block", llvm::json::Array(shape.block)},
                                    {"shared_bytes", shape.dynamicSharedBytes}};
  if (llvm::Error error =
          check(driver.eventCreate(&launch.begin, 0), "cuEventCreate"))
    return error;
  if (llvm::Error error =
          check(driver.eventCreate(&launch.end, 0), "cuEventCreate"))
    return error;
  if (llvm::Error error =
          check(driver.eventRecord(launch.begin, nullptr), "cuEventRecord"))
    return error;
  if (llvm::Error error = check(
          driver.launchKernel(kernel->function, shape.grid[0], shape.grid[1],
                              shape.grid[2], shape.block[0], shape.block[1],
                              shape.block[2], shape.dynamicSharedBytes, nullptr,
                              const_cast<void **>(arguments.data()), nullptr),
          "cuLaunchKernel"))
    return error;
  if (llvm::Error error =
          check(driver.eventRecord(launch.end, nullptr), "cuEventRecord"))
    return error;
  launches.push_back(std::move(launch));
  return llvm::Error::success();
}

llvm::Error CUDADevice::synchronize() {
  Result result = driver.contextSynchronize();
  std::string kernel =
      launches.empty()
          ? ""
          : ("kernel '" + *launches.back().stats.getString("kernel") + "': ")
                .str();
  return driver.check(result, kernel + "cuCtxSynchronize");
}

llvm::json::Array CUDADevice::takeLaunchStats() {
  llvm::json::Array stats;
  for (Timed &launch : launches) {
    float milliseconds;
    if (driver.eventElapsedTime(&milliseconds, launch.begin, launch.end) == 0)
      launch.stats["device_ms"] = milliseconds;
    driver.eventDestroy(launch.begin);
    driver.eventDestroy(launch.end);
    stats.push_back(std::move(launch.stats));
  }
  launches.clear();
  return stats;
}

void *CUDADevice::takeBlock(size_t size) {
  DevicePointer pointer;
  if (driver.memoryAllocateManaged(&pointer, size, AttachGlobal) != 0)
    return nullptr;
  return reinterpret_cast<void *>(pointer);
}

void CUDADevice::giveBackBlock(void *block, size_t size) {
  driver.memoryFree(reinterpret_cast<DevicePointer>(block));
}

llvm::Expected<std::unique_ptr<GPUDevice>> GPUDevice::createCUDA() {
  auto driver = Driver::load();
  if (!driver)
    return driver.takeError();
  int count = 0;
  if (llvm::Error error = (*driver)->check((*driver)->deviceGetCount(&count),
                                           "cuDeviceGetCount"))
    return std::move(error);
  if (count == 0)
    return llvm::createStringError(
        "no NVIDIA GPU on this machine; --device=ptx runs the same code on the "
        "emulator");
  cuda::Device ordinal;
  if (llvm::Error error =
          (*driver)->check((*driver)->deviceGet(&ordinal, 0), "cuDeviceGet"))
    return std::move(error);
  auto device = std::make_unique<CUDADevice>(**driver, ordinal);
  if (llvm::Error error = device->initialize())
    return std::move(error);
  return device;
}
