//===- AccessCounters.cpp - Sectors and bank conflicts --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Global, local and constant memory are counted in sectors of 32 bytes. Shared
// memory has 32 banks of 4 bytes; a warp's access is served in passes in which
// each bank gives one word to all lanes that ask for it. 8-byte accesses go in
// two halves of the warp, 16-byte accesses in four quarters, as does each 8x8
// matrix of ldmatrix.
//
//===----------------------------------------------------------------------===//

#include "ptx/Exec.h"

using namespace attn::ptx;

/// Passes over the banks for these words.
static unsigned countPasses(llvm::ArrayRef<uint32_t> words) {
  uint32_t next[warpSize]; // chain of distinct words of the same bank
  int first[32];
  uint8_t length[32] = {};
  std::fill(std::begin(first), std::end(first), -1);
  unsigned passes = 0;
  for (uint32_t i = 0; i < words.size(); ++i) {
    unsigned bank = words[i] % 32;
    bool isNew = true;
    for (int j = first[bank]; j >= 0 && isNew; j = int(next[j]))
      isNew = words[j] != words[i];
    if (!isNew)
      continue;
    next[i] = uint32_t(first[bank]);
    first[bank] = i;
    passes = std::max<unsigned>(passes, ++length[bank]);
  }
  return passes;
}

static void countShared(Counters &counters, const uint64_t *addresses,
                        uint32_t lanes, uint32_t bytes) {
  unsigned wordsPerLane = std::max(1u, bytes / 4);
  unsigned lanesPerPass = std::max(1u, warpSize / wordsPerLane);
  for (unsigned begin = 0; begin < warpSize; begin += lanesPerPass) {
    uint32_t words[warpSize];
    unsigned count = 0;
    for (unsigned lane = begin; lane < begin + lanesPerPass; ++lane)
      if (lanes >> lane & 1)
        for (unsigned w = 0; w < wordsPerLane && count < warpSize; ++w)
          words[count++] = addresses[lane] / 4 + w;
    if (!count)
      continue;
    counters.wavefronts += countPasses({words, count});
    ++counters.idealWavefronts;
  }
}

static void countSectors(Counters &counters, const uint64_t *addresses,
                         uint32_t lanes, uint32_t bytes) {
  constexpr uint64_t sectorBytes = 32;
  llvm::SmallVector<uint64_t, 64> seen;
  forLanes(lanes, [&](unsigned lane) {
    uint64_t last = (addresses[lane] + bytes - 1) / sectorBytes;
    for (uint64_t s = addresses[lane] / sectorBytes; s <= last; ++s)
      if (std::find(seen.rbegin(), seen.rend(), s) == seen.rend())
        seen.push_back(s);
  });
  uint64_t dense =
      (uint64_t(llvm::popcount(lanes)) * bytes + sectorBytes - 1) / sectorBytes;
  counters.sectors += seen.size();
  counters.idealSectors += std::min<uint64_t>(dense, seen.size());
}

void Exec::countAccess(Space space, const uint64_t *addresses, uint32_t lanes,
                       uint32_t bytes, bool reads, bool writes) {
  if (!lanes)
    return;
  uint64_t total = uint64_t(llvm::popcount(lanes)) * bytes;
  ++counters->requests;
  counters->accesses += llvm::popcount(lanes);
  counters->bytesRead += reads ? total : 0;
  counters->bytesWritten += writes ? total : 0;
  if (space == Space::Generic)
    space = spaceOfGeneric(addresses[llvm::countr_zero(lanes)]);
  switch (space) {
  case Space::Shared:
    countShared(*counters, addresses, lanes, bytes);
    break;
  case Space::Global:
  case Space::Local:
  case Space::Const:
    countSectors(*counters, addresses, lanes, bytes);
    break;
  default:
    break;
  }
}
