//===- AllocatorTest.cpp - Memory for tensors and compiled kernels --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "memory/Allocator.h"

#include "gtest/gtest.h"
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

using namespace attnrt;

TEST(Allocator, AlignsToCacheLinesAndMore) {
  for (size_t size : {0, 1, 63, 4096, 1 << 20, (1 << 21) + 1})
    for (size_t alignment : {8, 64, 256, 4096}) {
      void *pointer = allocate(size, alignment);
      size_t expected = alignment < kAlignment ? kAlignment : alignment;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % expected, 0u)
          << size << " bytes aligned to " << alignment;
      std::memset(pointer, 0xff, size);
      deallocate(pointer);
    }
}

TEST(Allocator, CountsLiveAndPeakBytes) {
  uint64_t before = getMemoryUse().live;
  resetPeakMemory();
  void *a = allocate(1000);
  void *b = allocate(3000000);
  EXPECT_EQ(getMemoryUse().live, before + 3001000);
  deallocate(b);
  void *c = allocate(500);
  EXPECT_EQ(getMemoryUse().live, before + 1500);
  EXPECT_EQ(getMemoryUse().peak, before + 3001000);
  resetPeakMemory();
  EXPECT_EQ(getMemoryUse().peak, before + 1500);
  deallocate(a);
  deallocate(c);
  deallocate(nullptr);
  EXPECT_EQ(getMemoryUse().live, before);
}

TEST(Allocator, ReusesLargeBlocks) {
  releaseKeptMemory();
  void *a = allocate(3 << 20);
  deallocate(a);
  EXPECT_EQ(allocate(3 << 20), a) << "a freed block serves its size again";
  deallocate(a);
  void *b = allocate(1 << 20);
  EXPECT_NE(b, a) << "a block three times as large is not wasted on this";
  deallocate(b);
}

TEST(Allocator, ReportsWhatCannotBeAllocated) {
  EXPECT_EQ(tryAllocate(std::numeric_limits<size_t>::max()), nullptr);
  EXPECT_EQ(tryAllocate(size_t(1) << 60), nullptr);
  EXPECT_DEATH(allocate(size_t(1) << 60),
               "error: out of memory: cannot allocate 1152921504606846976 "
               "bytes while [0-9]+ bytes are in use");
}

TEST(Allocator, CallsTheHandler) {
  setOutOfMemoryHandler([](size_t size) { _exit(size >> 60 ? 3 : 4); });
  EXPECT_EXIT(_mlir_memref_to_llvm_alloc(size_t(1) << 60),
              testing::ExitedWithCode(3), "");
  setOutOfMemoryHandler(nullptr);
}

TEST(Allocator, ServesCompiledCode) {
  uint64_t before = getMemoryUse().live;
  void *a = _mlir_memref_to_llvm_alloc(100);
  void *b = _mlir_memref_to_llvm_aligned_alloc(128, 100);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b) % 128, 0u);
  EXPECT_EQ(getMemoryUse().live, before + 200);
  _mlir_memref_to_llvm_free(a);
  _mlir_memref_to_llvm_free(b);
  EXPECT_EQ(getMemoryUse().live, before);
}

namespace {
/// Counts what it is asked for; refuses what `limit` does not allow.
struct CountingSource : MemorySource {
  void *takeBlock(size_t size) override {
    ++blocks;
    return std::aligned_alloc(kAlignment, (size + 4095) & ~size_t(4095));
  }
  void giveBackBlock(void *block, size_t size) override {
    --blocks;
    std::free(block);
  }
  bool allocated(void *pointer, size_t size) override {
    if (size > limit)
      return false;
    last = {pointer, size};
    return true;
  }
  void deallocated(void *pointer) override { freed = pointer; }
  size_t getGuardSize() const override { return 4096; }

  int blocks = 0;
  size_t limit = size_t(1) << 30;
  std::pair<void *, size_t> last;
  void *freed = nullptr;
};
} // namespace

TEST(Allocator, TakesMemoryFromASource) {
  void *before = allocate(100);
  CountingSource source;
  setMemorySource(&source);
  void *a = allocate(100);
  EXPECT_EQ(source.last, std::pair(a, size_t(100)));
  std::memset(a, 0xff, 100 + 4096);
  void *b = allocate(3 << 20, 512);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b) % 512, 0u);
  EXPECT_EQ(source.blocks, 2);
  // What came from elsewhere goes back there.
  deallocate(before);
  EXPECT_EQ(source.freed, nullptr);
  deallocate(a);
  EXPECT_EQ(source.freed, a);
  EXPECT_EQ(source.blocks, 1);

  // A large block is kept, until the source changes.
  deallocate(b);
  EXPECT_EQ(source.freed, b);
  EXPECT_EQ(source.blocks, 1);
  source.limit = 10;
  EXPECT_EQ(tryAllocate(11), nullptr);
  EXPECT_EQ(source.blocks, 1);
  void *c = allocate(10);
  setMemorySource(nullptr);
  EXPECT_EQ(source.blocks, 1);
  deallocate(c);
  EXPECT_EQ(source.blocks, 0);
}
