//===- HostMemoryTest.cpp - The host's memory as global memory ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Device.h"

#include "gtest/gtest.h"

using namespace attn::ptx;

namespace {

/// Adds 1 to the element of each thread.
constexpr const char *increment = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry increment(.param .u64 p) {
  .reg .b32 %r<3>;
  .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [p];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd2, %r1, 4;
  add.s64 %rd3, %rd1, %rd2;
  ld.global.u32 %r2, [%rd3];
  add.u32 %r2, %r2, 1;
  st.global.u32 [%rd3], %r2;
  ret;
}
)";

class HostMemory : public testing::Test {
protected:
  HostMemory() {
    auto module = device.load(increment, "increment.ptx");
    EXPECT_TRUE(bool(module)) << llvm::toString(module.takeError());
    kernel.emplace(llvm::cantFail((*module)->getKernel("increment")));
  }

  /// The error of a launch, or nothing.
  std::string launch(const void *address, uint32_t threads) {
    auto stats =
        device.launch(*kernel, Dim3(), Dim3{threads, 1, 1}, 0,
                      {Argument::value(reinterpret_cast<uint64_t>(address))});
    return stats ? "" : llvm::toString(stats.takeError());
  }

  llvm::Error map(void *host, uint64_t bytes, llvm::StringRef name) {
    return device.map(host, bytes, name);
  }

  static uint64_t addressOf(const void *pointer) {
    return reinterpret_cast<uint64_t>(pointer);
  }

  Device device;
  std::optional<Kernel> kernel;
  alignas(64) uint32_t memory[64] = {};
};

bool contains(llvm::StringRef text, llvm::StringRef part) {
  return text.contains(part);
}

TEST_F(HostMemory, IsReadAndWrittenInPlace) {
  llvm::cantFail(map(memory, sizeof(memory), "memory"));
  memory[3] = 41;
  EXPECT_EQ(launch(memory, 64), "");
  EXPECT_EQ(memory[3], 42u);
  EXPECT_EQ(memory[63], 1u);
}

TEST_F(HostMemory, EndsWhereItEnds) {
  llvm::cantFail(map(memory, 30, "first"));
  EXPECT_PRED2(contains, launch(memory, 8), "'first' of 30 bytes");
  llvm::cantFail(device.rename(addressOf(memory), "second"));
  EXPECT_PRED2(contains, launch(memory, 8), "'second' of 30 bytes");
  EXPECT_EQ(launch(memory, 7), "");
}

TEST_F(HostMemory, MayNotOverlap) {
  llvm::cantFail(map(memory + 8, 32, "first"));
  for (auto [begin, bytes] : {std::pair(8, 32), {7, 5}, {15, 8}, {0, 256}})
    EXPECT_EQ(llvm::toString(map(memory + begin, bytes, "second")),
              "'second' overlaps 'first'");
  llvm::cantFail(map(memory, 32, "before"));
  llvm::cantFail(map(memory + 16, 32, "after"));
}

TEST_F(HostMemory, IsForgottenAndReused) {
  llvm::cantFail(map(memory, sizeof(memory), "old"));
  llvm::cantFail(device.free(addressOf(memory)));
  EXPECT_PRED2(contains, launch(memory, 1), "use after free");
  EXPECT_PRED2(contains, llvm::toString(device.free(addressOf(memory))),
               ", which is freed already");
  // The host gives parts of it out again.
  llvm::cantFail(map(memory + 32, 64, "new"));
  EXPECT_EQ(launch(memory + 32, 16), "");
  EXPECT_PRED2(contains, launch(memory + 32, 17), "'new' of 64 bytes");
}

TEST_F(HostMemory, IsNotOtherSpaces) {
  EXPECT_PRED2(contains,
               llvm::toString(
                   map(reinterpret_cast<void *>(window::shared), 16, "memory")),
               "which is no address of global memory");
}

} // namespace
