//===- Harness.h - Run kernels on the PTX emulator in tests -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_PTX_HARNESS_H
#define ATTN_TEST_UNIT_PTX_HARNESS_H

#include "ptx/Device.h"

#include "gtest/gtest.h"

#include <string>
#include <vector>

namespace attn::ptx::test {

/// A Dim3 that an integer converts to.
struct Extent : Dim3 {
  constexpr Extent(int x = 1, int y = 1, int z = 1)
      : Dim3{uint32_t(x), uint32_t(y), uint32_t(z)} {}
};

struct LaunchShape {
  Extent grid;
  Extent block;
  uint32_t shared = 0;
};

/// A buffer of the device.
template <typename T> struct Buffer {
  uint64_t address;
  size_t count;
};

/// What the counters of a launch add up to.
struct Totals {
  explicit Totals(const LaunchStats &stats) : stats(stats) {}
  /// Of the instructions whose opcode begins with `prefix` and that access
  /// `space`; an empty one stands for any.
  Counters of(llvm::StringRef prefix, llvm::StringRef space = "") const;
  /// Passes over the banks of shared memory beyond those that the sizes of
  /// the accesses need.
  uint64_t bankConflicts() const;

  LaunchStats stats;
};

/// One module on a device of its own. Every failure that the test does not
/// ask for is a gtest failure.
class Runner {
public:
  /// Loads a file.
  explicit Runner(const std::string &path);
  /// Loads PTX text, called `name` in messages.
  Runner(llvm::StringRef text, llvm::StringRef name);

  template <typename T>
  Buffer<T> upload(const std::vector<T> &values,
                   llvm::StringRef name = "input") {
    return {uploadBytes({reinterpret_cast<const uint8_t *>(values.data()),
                         values.size() * sizeof(T)},
                        name),
            values.size()};
  }
  template <typename T>
  Buffer<T> zeros(size_t count, llvm::StringRef name = "output") {
    return upload(std::vector<T>(count), name);
  }
  template <typename T> std::vector<T> read(Buffer<T> buffer) {
    std::vector<T> values(buffer.count);
    readBytes(
        {reinterpret_cast<uint8_t *>(values.data()), buffer.count * sizeof(T)},
        buffer.address);
    return values;
  }

  /// Launches a kernel that must run clean.
  template <typename... Args>
  Totals launch(llvm::StringRef kernel, LaunchShape shape,
                const Args &...args) {
    return Totals(launchClean(kernel, shape, {argument(args)...}));
  }
  /// Launches a kernel that must not; the error's text, or "" if it ran clean.
  template <typename... Args>
  std::string fault(llvm::StringRef kernel, LaunchShape shape,
                    const Args &...args) {
    return launchFault(kernel, shape, {argument(args)...});
  }

  Device &getDevice() { return device; }
  const Module *getModule() const { return module; }
  LaunchOptions options;

private:
  template <typename T> static Argument argument(const T &value) {
    return Argument::value(value);
  }
  template <typename T> static Argument argument(const Buffer<T> &buffer) {
    return Argument::value(buffer.address);
  }
  void load(llvm::StringRef text, llvm::StringRef name);
  uint64_t uploadBytes(llvm::ArrayRef<uint8_t> bytes, llvm::StringRef name);
  void readBytes(llvm::MutableArrayRef<uint8_t> bytes, uint64_t address);
  llvm::Expected<LaunchStats> run(llvm::StringRef kernel, LaunchShape shape,
                                  llvm::ArrayRef<Argument> args);
  LaunchStats launchClean(llvm::StringRef kernel, LaunchShape shape,
                          llvm::ArrayRef<Argument> args);
  std::string launchFault(llvm::StringRef kernel, LaunchShape shape,
                          llvm::ArrayRef<Argument> args);

  Device device;
  const Module *module = nullptr;
};

/// The message of loading text, "" if it loads.
std::string loadError(llvm::StringRef text, llvm::StringRef name = "test.ptx");

/// A suite whose tests run the PTX of each architecture: the parameter is its
/// name, such as "sm_80".
class KernelTest : public testing::TestWithParam<const char *> {
protected:
  /// The file that nvcc made of kernels/NAME.cu.
  std::string kernelFile(const std::string &name) const;
};

/// A file in kernels/ of the build, as nvcc made it for an architecture.
std::string compiledKernel(const std::string &name, const std::string &arch);

/// The text of a file; a test failure if it cannot be read.
std::string readFile(const std::string &path);

#define ATTN_FOR_EACH_ARCHITECTURE(SUITE)                                      \
  INSTANTIATE_TEST_SUITE_P(                                                    \
      PTX, SUITE, testing::Values("sm_80", "sm_90a"),                          \
      [](const auto &info) { return std::string(info.param); })

} // namespace attn::ptx::test

#endif // ATTN_TEST_UNIT_PTX_HARNESS_H
