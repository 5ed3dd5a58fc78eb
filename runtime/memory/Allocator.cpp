//===- Allocator.cpp - Memory for tensors and compiled kernels ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "memory/Allocator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <utility>

using namespace attnrt;

namespace {

/// Blocks of this size and more come from the system directly and are kept
/// when freed; smaller ones are malloc's business.
constexpr size_t kLargeBlock = size_t(1) << 18;
/// Large blocks of this size ask for huge pages: a decode step reads all of K
/// and V once, and would otherwise miss the TLB on each 4 KiB.
constexpr size_t kHugePage = size_t(1) << 21;

/// Stands directly before what the user sees.
struct Block {
  void *address;
  size_t size;
  MemorySource *source;
};
struct Header {
  Block block;
  size_t size;
};
static_assert(sizeof(Header) <= kAlignment);

class SystemMemory : public MemorySource {
public:
  void *takeBlock(size_t size) override {
    if (size < kLargeBlock)
      return std::aligned_alloc(kAlignment,
                                (size + kAlignment - 1) & ~(kAlignment - 1));
    void *address = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED)
      return nullptr;
    if (size >= kHugePage)
      madvise(address, size, MADV_HUGEPAGE);
    return address;
  }
  void giveBackBlock(void *block, size_t size) override {
    if (size < kLargeBlock)
      std::free(block);
    else
      munmap(block, size);
  }
};

class Allocator {
public:
  void *allocate(size_t size, size_t alignment);
  void deallocate(void *pointer);
  void releaseKept();
  void setSource(MemorySource *newSource);

  MemoryUse getUse() {
    std::lock_guard<std::mutex> lock(mutex);
    return use;
  }
  void resetPeak() {
    std::lock_guard<std::mutex> lock(mutex);
    use.peak = use.live;
  }

private:
  Block takeKept(size_t size);
  /// Drops the oldest kept blocks until no more than `limit` bytes are kept.
  void trimKept(size_t limit);

  std::mutex mutex;
  SystemMemory system;
  MemorySource *source = &system;
  MemoryUse use;
  /// Whole large blocks in use, the most of them ever, and those kept.
  size_t largeLive = 0;
  size_t largePeak = 0;
  size_t keptSize = 0;
  std::deque<Block> kept;
};

} // namespace

/// Never destroyed: tensors with static storage may be freed after it.
static Allocator &getAllocator() {
  static Allocator *allocator = new Allocator;
  return *allocator;
}

Block Allocator::takeKept(size_t size) {
  // The smallest that fits; one more than a quarter larger would waste memory
  // that the peak does not show.
  auto best = kept.end();
  for (auto it = kept.begin(); it != kept.end(); ++it)
    if (it->size >= size && it->size - size <= size / 4 &&
        (best == kept.end() || it->size < best->size))
      best = it;
  if (best == kept.end())
    return {nullptr, 0, nullptr};
  Block block = *best;
  kept.erase(best);
  keptSize -= block.size;
  return block;
}

void Allocator::trimKept(size_t limit) {
  while (keptSize > limit) {
    Block block = kept.front();
    block.source->giveBackBlock(block.address, block.size);
    keptSize -= block.size;
    kept.pop_front();
  }
}

void *Allocator::allocate(size_t size, size_t alignment) {
  std::lock_guard<std::mutex> lock(mutex);
  // One alignment's width holds the header; a wider one than the block's own
  // takes as much to align.
  alignment = std::max(alignment, kAlignment);
  size_t extra = alignment + (alignment - kAlignment) + source->getGuardSize();
  size_t blockSize;
  if (__builtin_add_overflow(size, extra, &blockSize))
    return nullptr;

  Block block{nullptr, blockSize, source};
  if (blockSize >= kLargeBlock) {
    size_t page = blockSize >= kHugePage ? kHugePage : 4096;
    size_t rounded = (blockSize + page - 1) & ~(page - 1);
    if (rounded < blockSize)
      return nullptr;
    block = takeKept(rounded);
    if (!block.address) {
      size_t peak = std::max(largePeak, largeLive + rounded);
      trimKept(peak - largeLive - rounded);
      block = {source->takeBlock(rounded), rounded, source};
    }
  } else {
    block.address = source->takeBlock(blockSize);
  }
  if (!block.address)
    return nullptr;

  uintptr_t begin = reinterpret_cast<uintptr_t>(block.address);
  uintptr_t aligned =
      (begin + sizeof(Header) + alignment - 1) & ~(alignment - 1);
  auto *pointer = reinterpret_cast<void *>(aligned);
  if (!source->allocated(pointer, size)) {
    source->giveBackBlock(block.address, block.size);
    return nullptr;
  }
  new (static_cast<Header *>(pointer) - 1) Header{block, size};
  if (block.size >= kLargeBlock) {
    largeLive += block.size;
    largePeak = std::max(largePeak, largeLive);
  }
  use.live += size;
  use.peak = std::max(use.peak, use.live);
  return pointer;
}

void Allocator::deallocate(void *pointer) {
  if (!pointer)
    return;
  Header header = static_cast<Header *>(pointer)[-1];
  std::lock_guard<std::mutex> lock(mutex);
  Block block = header.block;
  block.source->deallocated(pointer);
  use.live -= header.size;
  if (block.size >= kLargeBlock)
    largeLive -= block.size;
  if (block.size < kLargeBlock || block.source != source) {
    block.source->giveBackBlock(block.address, block.size);
    return;
  }
  kept.push_back(block);
  keptSize += block.size;
}

void Allocator::setSource(MemorySource *newSource) {
  std::lock_guard<std::mutex> lock(mutex);
  trimKept(0);
  source = newSource ? newSource : &system;
}

void Allocator::releaseKept() {
  std::lock_guard<std::mutex> lock(mutex);
  trimKept(0);
}

[[noreturn]] static void reportOutOfMemory(size_t size) {
  std::fprintf(stderr,
               "error: out of memory: cannot allocate %zu bytes while %llu "
               "bytes are in use\n",
               size, static_cast<unsigned long long>(getMemoryUse().live));
  std::abort();
}

static OutOfMemoryHandler outOfMemoryHandler = reportOutOfMemory;

MemoryUse attnrt::getMemoryUse() { return getAllocator().getUse(); }
void attnrt::resetPeakMemory() { getAllocator().resetPeak(); }
void attnrt::releaseKeptMemory() { getAllocator().releaseKept(); }

OutOfMemoryHandler attnrt::setOutOfMemoryHandler(OutOfMemoryHandler handler) {
  return std::exchange(outOfMemoryHandler,
                       handler ? handler : reportOutOfMemory);
}

void attnrt::setMemorySource(MemorySource *source) {
  getAllocator().setSource(source);
}

void *attnrt::tryAllocate(size_t size, size_t alignment) {
  return getAllocator().allocate(size, alignment);
}

void *attnrt::allocate(size_t size, size_t alignment) {
  void *pointer = tryAllocate(size, alignment);
  if (!pointer)
    outOfMemoryHandler(size);
  return pointer;
}

void attnrt::deallocate(void *pointer) { getAllocator().deallocate(pointer); }

void *_mlir_memref_to_llvm_alloc(size_t size) { return allocate(size); }
void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t size) {
  return allocate(size, alignment);
}
void _mlir_memref_to_llvm_free(void *pointer) { deallocate(pointer); }
