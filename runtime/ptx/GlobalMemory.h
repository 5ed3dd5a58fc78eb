//===- GlobalMemory.h - Buffers and variables of a device -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_GLOBALMEMORY_H
#define ATTN_RUNTIME_PTX_GLOBALMEMORY_H

#include "ptx/Types.h"

#include "llvm/Support/Error.h"
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace attn::ptx {

/// Allocations of exact sizes: at addresses of their own, or the host's memory
/// at the host's addresses. Freed ones are kept without their bytes, so that a
/// use of them can be named, until the host reuses their addresses.
class GlobalMemory {
public:
  struct Allocation {
    uint64_t address = 0;
    uint64_t size = 0;
    std::string name;
    bool freed = false;
    struct Deleter {
      Deleter() : owns(true) {}
      explicit Deleter(bool owns) : owns(owns) {}
      bool owns;
      void operator()(uint8_t *data) const {
        if (owns)
          std::free(data);
      }
    };
    std::unique_ptr<uint8_t, Deleter> data;
  };

  llvm::Expected<uint64_t> allocate(uint64_t bytes, llvm::StringRef name);
  /// Makes memory of the host an allocation at its own address.
  llvm::Error map(uint8_t *data, uint64_t bytes, llvm::StringRef name);
  /// Frees what allocate() gave; forgets what map() was given.
  llvm::Error free(uint64_t address);
  llvm::Error rename(uint64_t address, llvm::StringRef name);

  /// The allocation that holds the address, or the last one that begins before
  /// it; null where there is none.
  const Allocation *find(uint64_t address) const;

  /// The allocation that an address in no allocation most likely meant: one
  /// that it lies close to. For messages.
  const Allocation *nearest(uint64_t address) const;

  /// The host memory of a range that lies in one live allocation, or null.
  uint8_t *translate(uint64_t address, uint64_t bytes) const {
    const Allocation *a = find(address);
    if (!a || a->freed || address - a->address > a->size ||
        bytes > a->size - (address - a->address))
      return nullptr;
    return a->data.get() + (address - a->address);
  }

  /// Held by read-modify-writes, which blocks on several host threads share.
  std::mutex atomicsMutex;

private:
  Allocation *findLive(uint64_t address);
  /// Why findLive found nothing.
  llvm::Error noAllocation(uint64_t address) const;

  /// By address; pointers to the values are kept.
  std::map<uint64_t, Allocation> allocations;
  uint64_t next = window::global;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_GLOBALMEMORY_H
