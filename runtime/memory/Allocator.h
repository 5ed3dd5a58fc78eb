//===- Allocator.h - Memory for tensors and compiled kernels ---*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_MEMORY_ALLOCATOR_H
#define ATTN_RUNTIME_MEMORY_ALLOCATOR_H

#include <cstddef>
#include <cstdint>

namespace attnrt {

/// What is allocated, in bytes that were asked for.
struct MemoryUse {
  uint64_t live = 0;
  /// The most that was live since the last resetPeakMemory().
  uint64_t peak = 0;
};

MemoryUse getMemoryUse();

/// Starts a new measurement: the peak becomes what is live now.
void resetPeakMemory();

/// The alignment of every allocation: a cache line, and the widest vector.
inline constexpr size_t kAlignment = 64;

/// Allocates `size` bytes, uninitialised. Null where there is no memory.
///
/// Freed large blocks are kept for later allocations, so that a kernel that
/// runs again does not pay for page faults again; never so many that live
/// and kept blocks together exceed the most that was ever live.
void *tryAllocate(size_t size, size_t alignment = kAlignment);

/// As tryAllocate(), but calls the handler where there is no memory.
void *allocate(size_t size, size_t alignment = kAlignment);

/// Frees what tryAllocate() or allocate() returned; null is ignored.
void deallocate(void *pointer);

/// Called with the size that could not be allocated; must not return. The
/// default prints one line and aborts.
using OutOfMemoryHandler = void (*)(size_t size);
OutOfMemoryHandler setOutOfMemoryHandler(OutOfMemoryHandler handler);

/// Gives the kept blocks back to where they came from.
void releaseKeptMemory();

/// Where the blocks come from that allocations lie in. Called under the
/// allocator's lock.
class MemorySource {
public:
  virtual ~MemorySource() = default;

  /// A block, aligned to kAlignment; null where there is no memory.
  virtual void *takeBlock(size_t size) = 0;
  virtual void giveBackBlock(void *block, size_t size) = 0;

  /// Told of each allocation. False where there is no place for it, which then
  /// counts as no memory.
  virtual bool allocated(void *pointer, size_t size) { return true; }
  virtual void deallocated(void *pointer) {}

  /// Bytes behind each allocation that belong to no other.
  virtual size_t getGuardSize() const { return 0; }
};

/// Later allocations come from `source`; by default, or if it is null, from
/// the system. A source must outlive what came from it.
void setMemorySource(MemorySource *source);

} // namespace attnrt

/// What `finalize-memref-to-llvm{use-generic-functions}` calls.
extern "C" {
void *_mlir_memref_to_llvm_alloc(size_t size);
void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t size);
void _mlir_memref_to_llvm_free(void *pointer);
}

#endif // ATTN_RUNTIME_MEMORY_ALLOCATOR_H
