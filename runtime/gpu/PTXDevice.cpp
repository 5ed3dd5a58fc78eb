//===- PTXDevice.cpp - The PTX emulator as a device -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "gpu/Device.h"

#include "ptx/Device.h"

#include "llvm/ADT/StringMap.h"
#include <cstdlib>
#include <vector>

using namespace attnrt;
using attn::ptx::Dim3;
using attn::ptx::SourceError;
using llvm::StringRef;

namespace {

struct PTXKernel : GPUDevice::Kernel {
  explicit PTXKernel(attn::ptx::Kernel kernel) : kernel(kernel) {}
  attn::ptx::Kernel kernel;
};
struct PTXModule : GPUDevice::Module {
  explicit PTXModule(const attn::ptx::Module *module) : module(module) {}
  const attn::ptx::Module *module;
  llvm::StringMap<std::unique_ptr<PTXKernel>> kernels;
};

class PTXDevice : public GPUDevice {
public:
  explicit PTXDevice(unsigned threads) : threads(threads) {}

  std::optional<unsigned> getComputeCapability() const override {
    return std::nullopt;
  }

  llvm::Expected<Module *> load(StringRef ptx) override;
  llvm::Error unload(Module *module) override;
  llvm::Expected<Kernel *> getKernel(Module *module, StringRef name) override;
  llvm::Error launch(Kernel *kernel, const LaunchShape &shape,
                     llvm::ArrayRef<void *> arguments) override;
  llvm::Error synchronize() override { return llvm::Error::success(); }

  llvm::json::Array takeLaunchStats() override {
    return std::exchange(launches, llvm::json::Array());
  }

  void nameAllocation(void *pointer, StringRef name) override {
    // Memory that is not the device's has no name to change.
    llvm::consumeError(
        device.rename(reinterpret_cast<uint64_t>(pointer), name));
  }

  void *takeBlock(size_t size) override {
    return std::aligned_alloc(kAlignment,
                              (size + kAlignment - 1) & ~(kAlignment - 1));
  }
  void giveBackBlock(void *block, size_t size) override { std::free(block); }

  bool allocated(void *pointer, size_t size) override {
    llvm::Error error = device.map(pointer, size, "buffer");
    bool succeeded = !error;
    llvm::consumeError(std::move(error));
    return succeeded;
  }
  void deallocated(void *pointer) override {
    llvm::cantFail(device.free(reinterpret_cast<uint64_t>(pointer)));
  }

  /// More than the rows of any head: an access a row past the end faults too.
  size_t getGuardSize() const override { return 4096; }

private:
  attn::ptx::Device device;
  unsigned threads;
  std::vector<std::unique_ptr<PTXModule>> modules;
  llvm::json::Array launches;
};

} // namespace

/// What the emulator takes for the text's file, which there never was.
static constexpr llvm::StringLiteral kFile = "module";

/// An error without that name.
static llvm::Error nameLine(llvm::Error error, const llvm::Twine &what) {
  return llvm::handleErrors(
      std::move(error),
      [&](const SourceError &source) -> llvm::Error {
        return llvm::createStringError(what + ", line " +
                                       llvm::Twine(source.getLine()) +
                                       " of its PTX: " + source.getMessage());
      },
      [&](const llvm::StringError &other) -> llvm::Error {
        StringRef message = other.getMessage();
        message.consume_front((kFile + ": error: ").str());
        return llvm::createStringError(message);
      });
}

llvm::Expected<GPUDevice::Module *> PTXDevice::load(StringRef ptx) {
  auto module = device.load(ptx, kFile);
  if (!module)
    return nameLine(module.takeError(), "GPU module");
  modules.push_back(std::make_unique<PTXModule>(*module));
  return modules.back().get();
}

llvm::Error PTXDevice::unload(Module *module) {
  // The emulator keeps what it has loaded.
  return llvm::Error::success();
}

llvm::Expected<GPUDevice::Kernel *> PTXDevice::getKernel(Module *module,
                                                         StringRef name) {
  auto *loaded = static_cast<PTXModule *>(module);
  std::unique_ptr<PTXKernel> &kernel = loaded->kernels[name];
  if (!kernel) {
    auto found = loaded->module->getKernel(name);
    if (!found)
      return nameLine(found.takeError(), "GPU module");
    kernel = std::make_unique<PTXKernel>(*found);
  }
  return kernel.get();
}

llvm::Error PTXDevice::launch(Kernel *kernel, const LaunchShape &shape,
                              llvm::ArrayRef<void *> arguments) {
  const attn::ptx::Kernel &code = static_cast<PTXKernel *>(kernel)->kernel;
  auto parameters = code.getParameters();
  if (parameters.size() != arguments.size())
    return llvm::createStringError("kernel '" + code.getName() + "' takes " +
                                   llvm::Twine(parameters.size()) +
                                   " arguments, found " +
                                   llvm::Twine(arguments.size()));
  std::vector<attn::ptx::Argument> values;
  for (auto [parameter, address] : llvm::zip_equal(parameters, arguments))
    values.push_back(attn::ptx::Argument::bytes(
        llvm::ArrayRef(static_cast<const uint8_t *>(address), parameter.size)));
  attn::ptx::LaunchOptions options;
  options.threads = threads;
  auto stats =
      device.launch(code, Dim3{shape.grid[0], shape.grid[1], shape.grid[2]},
                    Dim3{shape.block[0], shape.block[1], shape.block[2]},
                    shape.dynamicSharedBytes, values, options);
  if (!stats)
    return nameLine(stats.takeError(), "kernel '" + code.getName() + "'");
  llvm::json::Value json = stats->toJSON();
  // The text has no name, and lines of it say little without it.
  json.getAsObject()->erase("file");
  json.getAsObject()->erase("lines");
  launches.push_back(std::move(json));
  return llvm::Error::success();
}

std::unique_ptr<GPUDevice> GPUDevice::createPTX(unsigned threads) {
  return std::make_unique<PTXDevice>(threads);
}
