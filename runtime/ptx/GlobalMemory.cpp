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
  uint64_t address = next;
  next = llvm::alignTo(next + bytes + 1, allocationAlign) + gapBytes;
  allocations.emplace(address, std::move(allocation));
  return address;
}

llvm::Error GlobalMemory::map(uint8_t *data, uint64_t bytes,
                              llvm::StringRef name) {
  auto address = reinterpret_cast<uint64_t>(data);
  uint64_t end = address + std::max<uint64_t>(bytes, 1);
  // Those that the host has freed in the meantime go.
  auto it = allocations.lower_bound(address);
  while (it != allocations.begin() &&
         std::prev(it)->second.address + std::prev(it)->second.size > address)
    --it;
  while (it != allocations.end() && it->first < end) {
    if (!it->second.freed)
      return llvm::createStringError("'" + name + "' overlaps '" +
                                     it->second.name + "'");
    it = allocations.erase(it);
  }
  if (spaceOfGeneric(address) != Space::Global ||
      spaceOfGeneric(end - 1) != Space::Global)
    return llvm::createStringError("'" + name + "' lies at 0x" +
                                   llvm::utohexstr(address, true) +
                                   ", which is no address of global memory");
  Allocation allocation{address,
                        bytes,
                        name.str(),
                        /*freed=*/false,
                        {data, Allocation::Deleter{/*owns=*/false}}};
  allocations.emplace(address, std::move(allocation));
  return llvm::Error::success();
}

const GlobalMemory::Allocation *GlobalMemory::find(uint64_t address) const {
  auto it = allocations.upper_bound(address);
  return it == allocations.begin() ? nullptr : &std::prev(it)->second;
}

const GlobalMemory::Allocation *GlobalMemory::nearest(uint64_t address) const {
  auto after = allocations.upper_bound(address);
  const Allocation *best = nullptr;
  uint64_t distance = gapBytes;
  if (after != allocations.begin()) {
    const Allocation &a = std::prev(after)->second;
    uint64_t end = a.address + a.size;
    uint64_t past = address < end ? 0 : address - end;
    if (past < distance) {
      best = &a;
      distance = past;
    }
  }
  if (after != allocations.end() && after->first - address < distance)
    best = &after->second;
  return best;
}

GlobalMemory::Allocation *GlobalMemory::findLive(uint64_t address) {
  auto it = allocations.find(address);
  return it == allocations.end() || it->second.freed ? nullptr : &it->second;
}

llvm::Error GlobalMemory::noAllocation(uint64_t address) const {
  std::string at = "0x" + llvm::utohexstr(address, true);
  const Allocation *a = find(address);
  if (!a || address - a->address >= std::max<uint64_t>(a->size, 1))
    return llvm::createStringError(at + " is not the address of an allocation");
  std::string name =
      "array '" + a->name + "' of " + std::to_string(a->size) + " bytes";
  if (a->address != address)
    return llvm::createStringError(at +
                                   " is not the address of an allocation, "
                                   "but lies " +
                                   llvm::Twine(address - a->address) +
                                   " bytes into " + name);
  return llvm::createStringError(at + " is the address of " + name +
                                 ", which is freed already");
}

llvm::Error GlobalMemory::rename(uint64_t address, llvm::StringRef name) {
  Allocation *allocation = findLive(address);
  if (!allocation)
    return noAllocation(address);
  allocation->name = name.str();
  return llvm::Error::success();
}

llvm::Error GlobalMemory::free(uint64_t address) {
  Allocation *allocation = findLive(address);
  if (!allocation)
    return noAllocation(address);
  allocation->freed = true;
  allocation->data.reset();
  return llvm::Error::success();
}
