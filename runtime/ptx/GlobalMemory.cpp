//===- GlobalMemory.cpp - Buffers and variables of a device ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/GlobalMemory.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attn::ptx;

/// As cudaMalloc aligns.
static constexpr uint64_t allocationAlign = 256;

static constexpr uint64_t maxBytes = uint64_t(1) << 40;

/// Between allocations, so that no small overrun reaches the next one.
static constexpr uint64_t gapBytes = 4096;

llvm::Expected<uint64_t> GlobalMemory::allocate(uint64_t bytes,
                                                llvm::StringRef name) {
  Allocation allocation;
  allocation.address = next;
  allocation.size = bytes;
  allocation.name = name.str();
  // Zero pages that the host gives out when they are touched.
  if (bytes < maxBytes)
    allocation.data.reset(
        static_cast<uint8_t *>(std::calloc(std::max<uint64_t>(bytes, 1), 1)));
  if (!allocation.data)
    return llvm::createStringError("cannot allocate " + llvm::Twine(bytes) +
                                   " bytes for '" + name + "'");
  next = llvm::alignTo(next + bytes + 1, allocationAlign) + gapBytes;
  allocations.push_back(std::move(allocation));
  return allocations.back().address;
}

const GlobalMemory::Allocation *GlobalMemory::find(uint64_t address) const {
  auto it = llvm::partition_point(
      allocations, [&](const Allocation &a) { return a.address <= address; });
  return it == allocations.begin() ? nullptr : &*std::prev(it);
}

const GlobalMemory::Allocation *GlobalMemory::nearest(uint64_t address) const {
  auto after = llvm::partition_point(
      allocations, [&](const Allocation &a) { return a.address <= address; });
  const Allocation *best = nullptr;
  uint64_t distance = gapBytes;
  if (after != allocations.begin()) {
    const Allocation &a = *std::prev(after);
    uint64_t end = a.address + a.size;
    uint64_t past = address < end ? 0 : address - end;
    if (past < distance) {
      best = &a;
      distance = past;
    }
  }
  if (after != allocations.end() && after->address - address < distance)
    best = &*after;
  return best;
}

llvm::Error GlobalMemory::free(uint64_t address) {
  auto *allocation = const_cast<Allocation *>(find(address));
  if (!allocation || allocation->address != address || allocation->freed)
    return llvm::createStringError("0x" + llvm::utohexstr(address) +
                                   " is not the address of a live allocation");
  allocation->freed = true;
  allocation->data.reset();
  return llvm::Error::success();
}
