//===- SharedMemory.cpp - A block's shared memory and its checks ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/SharedMemory.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <cstring>

using namespace attn::ptx;

//===----------------------------------------------------------------------===//
// Clocks
//===----------------------------------------------------------------------===//

void Clocks::reset(unsigned agents, unsigned firstAsync) {
  numAgents = agents;
  numWarps = firstAsync;
  // Nothing that came before is unordered. Starting below 2^31 no cluster
  // wraps around.
  time = time >> 31 ? 1 : time + 1;
  times.assign(size_t(agents) * agents, time - 1);
  minima.assign(agents, time - 1);
  lastAsyncWrite.assign(agents, 0);
}

void Clocks::updateMinimum(unsigned agent) {
  uint32_t minimum = time;
  for (unsigned other = 0; other < numAgents; ++other)
    if (other != agent &&
        (other < numWarps || lastAsyncWrite[other] > seen(agent, other)))
      minimum = std::min(minimum, seen(agent, other));
  // Its own accesses are ordered by its program, yet an access at the present
  // time may be of the same instruction.
  minima[agent] = std::min(minimum, time);
}

void Clocks::release(unsigned agent, VectorClock &into) {
  into.resize(numAgents);
  for (unsigned other = 0; other < numAgents; ++other)
    into[other] = std::max(into[other], seen(agent, other));
  into[agent] = time++;
}

void Clocks::acquire(unsigned agent, const VectorClock &from) {
  if (from.empty())
    return;
  for (unsigned other = 0; other < numAgents; ++other) {
    uint32_t &t = times[size_t(agent) * numAgents + other];
    t = std::max(t, from[other]);
  }
  updateMinimum(agent);
}

//===----------------------------------------------------------------------===//
// SharedMemory
//===----------------------------------------------------------------------===//

void SharedMemory::reset(uint32_t bytes, llvm::ArrayRef<Variable> variables,
                         Clocks &newClocks) {
  bool resized = size != bytes || agents != newClocks.size();
  size = bytes;
  agents = newClocks.size();
  clocks = &newClocks;
  // Every access is older than anything of the new block, except after a
  // change of layout or of clocks.
  if (resized || clocks->now() < lastReset) {
    writeTime.assign(size, 0);
    readTime.assign(size_t(size) * agents, 0);
  }
  lastReset = clocks->now();
  data.assign(size, 0);
  state.assign(size, Gap);
  for (const Variable &v : variables)
    std::fill_n(state.begin() + v.address, v.size,
                v.isDefined ? Defined : Undefined);
  writer.resize(size);
  writtenAtomically.assign(size, 0);
  anyReads.assign(agents, 0);
  locationClocks.clear();
}

static std::string hex(uint32_t v) { return "0x" + llvm::utohexstr(v, true); }

bool SharedMemory::checkWrites(unsigned agent, uint32_t offset, uint32_t bytes,
                               const uint8_t *same, const char *what,
                               std::string &problem) {
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    unsigned other = writer[at];
    if (writeTime[at] == 0 || other == agent ||
        writeTime[at] <= clocks->seen(agent, other))
      continue;
    // Threads that all write the same value do no harm.
    if (same && same[i] == data[at])
      continue;
    problem = "race: " + std::string(what) + " of shared memory at " + hex(at) +
              " is not ordered after the write by " + agentName(other);
    return false;
  }
  return true;
}

bool SharedMemory::checkReads(unsigned agent, uint32_t offset, uint32_t bytes,
                              const char *what, std::string &problem) {
  for (unsigned other = 0; other < agents; ++other) {
    uint32_t seen = clocks->seen(agent, other);
    if (other == agent || anyReads[other] <= seen)
      continue;
    const uint32_t *times = &readTime[size_t(other) * size + offset];
    uint32_t latest = 0;
    for (uint32_t i = 0; i < bytes; ++i)
      latest = std::max(latest, times[i]);
    if (latest <= seen)
      continue;
    uint32_t at = offset;
    while (times[at - offset] <= seen)
      ++at;
    problem = "race: " + std::string(what) + " of shared memory at " + hex(at) +
              " is not ordered after the read by " + agentName(other);
    return false;
  }
  return true;
}

std::string SharedMemory::agentName(unsigned agent) const {
  unsigned warps = clocks->getNumWarps();
  return agent < warps ? "warp " + std::to_string(agent)
                       : "an asynchronous operation of warp " +
                             std::to_string(agent - warps);
}

bool SharedMemory::readSlow(unsigned agent, uint32_t offset, uint32_t bytes,
                            std::string &problem) {
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    switch (State(state[at])) {
    case Defined:
      continue;
    case Undefined:
      problem = "read of uninitialised shared memory at " + hex(at);
      return false;
    case PendingCopy:
      problem = "read of shared memory at " + hex(at) +
                " before the cp.async to it was waited for";
      return false;
    case PendingBulk:
      problem = "read of shared memory at " + hex(at) +
                " before the bulk copy to it was waited for";
      return false;
    case Gap:
      problem = "read outside of the shared variables at " + hex(at);
      return false;
    }
  }
  if (!checkWrites(agent, offset, bytes, nullptr, "read", problem))
    return false;
  markRead(agent, offset, bytes);
  return true;
}

bool SharedMemory::write(unsigned agent, uint32_t offset, uint32_t bytes,
                         const uint8_t *from, std::string &problem) {
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    if (state[at] > Defined) {
      problem = "write to shared memory at " + hex(at) +
                " while an asynchronous copy to it is under way";
      return false;
    }
    // Another lane of this very instruction.
    if (writeTime[at] == clocks->now() && writer[at] == agent &&
        data[at] != from[i]) {
      problem = "race: two threads of the warp write different values to "
                "shared memory at " +
                hex(at);
      return false;
    }
  }
  if (!allOrdered(agent, offset, bytes) &&
      !checkWrites(agent, offset, bytes, from, "write", problem))
    return false;
  if (!checkReads(agent, offset, bytes, "write", problem))
    return false;
  std::memcpy(&data[offset], from, bytes);
  std::memset(&state[offset], Defined, bytes);
  std::memset(&writtenAtomically[offset], 0, bytes);
  std::fill_n(writeTime.begin() + offset, bytes, clocks->now());
  std::fill_n(writer.begin() + offset, bytes, uint16_t(agent));
  return true;
}

bool SharedMemory::atomic(unsigned agent, uint32_t offset, uint32_t bytes,
                          bool reads, std::string &problem) {
  // What others released here comes first, so that a lock orders what it
  // guards.
  auto location = locationClocks.find(offset);
  if (location != locationClocks.end())
    clocks->acquire(agent, location->second);
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    if (state[at] > Defined || (reads && state[at] == Undefined))
      return readSlow(agent, at, 1, problem);
    if (!writtenAtomically[at] &&
        !checkWrites(agent, at, 1, nullptr, "atomic access", problem))
      return false;
  }
  if (!checkReads(agent, offset, bytes, "atomic access", problem))
    return false;
  std::memset(&state[offset], Defined, bytes);
  std::memset(&writtenAtomically[offset], 1, bytes);
  std::fill_n(writeTime.begin() + offset, bytes, clocks->now());
  std::fill_n(writer.begin() + offset, bytes, uint16_t(agent));
  clocks->release(agent, locationClocks[offset]);
  return true;
}

bool SharedMemory::beginAsyncWrite(unsigned agent, uint32_t offset,
                                   uint32_t bytes, State newState,
                                   std::string &problem) {
  clocks->noteAsyncWrite(agent);
  for (uint32_t i = 0; i < bytes; ++i)
    if (state[offset + i] > Defined) {
      problem = "asynchronous copy to shared memory at " + hex(offset + i) +
                " while another to it is under way";
      return false;
    }
  if (!checkWrites(agent, offset, bytes, nullptr, "asynchronous copy",
                   problem) ||
      !checkReads(agent, offset, bytes, "asynchronous copy", problem))
    return false;
  std::memset(&state[offset], newState, bytes);
  std::memset(&writtenAtomically[offset], 0, bytes);
  std::fill_n(writeTime.begin() + offset, bytes, clocks->now());
  std::fill_n(writer.begin() + offset, bytes, uint16_t(agent));
  return true;
}

void SharedMemory::endAsyncWrite(unsigned agent, uint32_t offset,
                                 uint32_t bytes, const uint8_t *from) {
  clocks->noteAsyncWrite(agent);
  std::memcpy(&data[offset], from, bytes);
  std::memset(&state[offset], Defined, bytes);
  std::fill_n(writeTime.begin() + offset, bytes, clocks->now());
  std::fill_n(writer.begin() + offset, bytes, uint16_t(agent));
}
