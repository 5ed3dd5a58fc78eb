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
  fenced.assign(agents > firstAsync ? size_t(agents) * agents : 0, time - 1);
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
  into.resize(fenced.empty() ? numAgents : 2 * numAgents);
  for (unsigned other = 0; other < numAgents; ++other)
    into[other] = std::max(into[other], seen(agent, other));
  if (!fenced.empty())
    for (unsigned other = 0; other < numAgents; ++other)
      into[numAgents + other] =
          std::max(into[numAgents + other], fencedOf(agent, other));
  into[agent] = time++;
}

void Clocks::acquire(unsigned agent, const VectorClock &from) {
  if (from.empty())
    return;
  for (unsigned other = 0; other < numAgents; ++other) {
    uint32_t &t = times[size_t(agent) * numAgents + other];
    t = std::max(t, from[other]);
  }
  if (!fenced.empty())
    for (unsigned other = 0; other < numAgents; ++other) {
      uint32_t &t = fenced[size_t(agent) * numAgents + other];
      t = std::max(t, from[numAgents + other]);
    }
  updateMinimum(agent);
}

void Clocks::fenceProxy(unsigned agent) {
  if (fenced.empty())
    return;
  size_t row = size_t(agent) * numAgents;
  for (unsigned other = 0; other < numAgents; ++other)
    fenced[row + other] = std::max(fenced[row + other], seen(agent, other));
  fenced[row + agent] = time++;
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
    readLane.assign(size_t(size) * agents, Accessor::anyLane);
  }
  lastReset = clocks->now();
  data.assign(size, 0);
  state.assign(size, Gap);
  for (const Variable &v : variables)
    std::fill_n(state.begin() + v.address, v.size,
                v.isDefined ? Defined : Undefined);
  writer.resize(size);
  writerLane.resize(size);
  writtenAtomically.assign(size, 0);
  anyReads.assign(agents, 0);
  locationClocks.clear();
  undefinedBytes.clear();
}

static std::string hex(uint32_t v) { return "0x" + llvm::utohexstr(v, true); }

static std::string laneName(uint8_t lane) {
  return (lane == SharedMemory::Accessor::anyLane
              ? std::string("other lanes")
              : "lane " + std::to_string(lane)) +
         " of the same warp, which needs a bar.warp.sync between";
}

bool SharedMemory::checkWrites(const Accessor &by, uint32_t offset,
                               uint32_t bytes, const uint8_t *same,
                               const char *what, AccessProblem &problem) {
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    unsigned other = writer[at];
    bool isOwn = other == by.agent;
    bool isOrdered = isOwn ? writeTime[at] <= by.synced ||
                                 writerLane[at] == by.lane ||
                                 writerLane[at] == Accessor::anyLane
                           : writeTime[at] <= clocks->seen(by.agent, other);
    if (writeTime[at] == 0 || isOrdered)
      continue;
    // Threads that all write the same value do no harm.
    if (same && same[i] == data[at])
      continue;
    problem = {"race: " + std::string(what) + " of shared memory at " + hex(at),
               " is not ordered after the write by " +
                   (isOwn ? laneName(writerLane[at]) : agentName(other))};
    return false;
  }
  return true;
}

/// Reads by other lanes of the accessor's warp.
bool SharedMemory::checkLanes(const Accessor &by, uint32_t offset,
                              uint32_t bytes, AccessProblem &problem) {
  if (anyReads[by.agent] <= by.synced)
    return true;
  size_t first = size_t(by.agent) * size + offset;
  for (uint32_t i = 0; i < bytes; ++i) {
    if (readTime[first + i] <= by.synced || readLane[first + i] == by.lane)
      continue;
    problem = {"race: write of shared memory at " + hex(offset + i),
               " is not ordered after the read by " +
                   laneName(readLane[first + i])};
    return false;
  }
  return true;
}

bool SharedMemory::checkReads(const Accessor &by, uint32_t offset,
                              uint32_t bytes, const char *what,
                              AccessProblem &problem) {
  for (unsigned other = 0; other < agents; ++other) {
    uint32_t seen = clocks->seen(by.agent, other);
    if (other == by.agent || anyReads[other] <= seen)
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
    problem = {"race: " + std::string(what) + " of shared memory at " + hex(at),
               " is not ordered after the read by " + agentName(other)};
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

void SharedMemory::markWrite(const Accessor &by, uint32_t offset,
                             uint32_t bytes) {
  std::memset(&state[offset], Defined, bytes);
  std::fill_n(writeTime.begin() + offset, bytes, clocks->now());
  std::fill_n(writer.begin() + offset, bytes, uint16_t(by.agent));
  std::memset(&writerLane[offset], by.lane, bytes);
}

bool SharedMemory::readSlow(const Accessor &by, uint32_t offset, uint32_t bytes,
                            AccessProblem &problem, uint32_t padding) {
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    switch (State(state[at])) {
    case Defined:
      continue;
    case Undefined:
      if (padding >> i & 1)
        continue;
      problem = {"read of uninitialised shared memory at " + hex(at), ""};
      return false;
    case PendingCopy:
      problem = {"read of shared memory at " + hex(at),
                 " before the cp.async to it was waited for"};
      return false;
    case PendingBulk:
      problem = {"read of shared memory at " + hex(at),
                 " before the bulk copy to it was waited for"};
      return false;
    case Gap:
      problem = {"read outside of the shared variables at " + hex(at), ""};
      return false;
    }
  }
  if (!checkWrites(by, offset, bytes, nullptr, "read", problem))
    return false;
  markRead(by, offset, bytes);
  return true;
}

bool SharedMemory::checkProxy(unsigned agent, uint32_t offset, uint32_t bytes,
                              const char *what, AccessProblem &problem) const {
  for (uint32_t at = offset; at < offset + bytes; ++at) {
    unsigned other = writer[at];
    if (writeTime[at] == 0 || clocks->isAsync(other) ||
        writeTime[at] <= clocks->fencedOf(agent, other))
      continue;
    problem = {"asynchronous " + std::string(what) + " of shared memory at " +
                   hex(at),
               ", but no fence.proxy.async comes after the write by " +
                   agentName(other)};
    return false;
  }
  return true;
}

bool SharedMemory::write(const Accessor &by, uint32_t offset, uint32_t bytes,
                         const uint8_t *from, AccessProblem &problem) {
  bool isShared = false;
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    if (state[at] > Defined) {
      problem = {"write to shared memory at " + hex(at),
                 " while an asynchronous copy to it is under way"};
      return false;
    }
    if (writeTime[at] != clocks->now() || writer[at] != by.agent)
      continue;
    // Another lane of this very instruction.
    if (data[at] != from[i]) {
      problem = {"race: two threads of the warp write different values to "
                 "shared memory at " +
                     hex(at),
                 ""};
      return false;
    }
    isShared |= writerLane[at] != by.lane;
  }
  if (!allOrdered(by.agent, offset, bytes) &&
      !checkWrites(by, offset, bytes, from, "write", problem))
    return false;
  if (!checkReads(by, offset, bytes, "write", problem) ||
      !checkLanes(by, offset, bytes, problem))
    return false;
  std::memcpy(&data[offset], from, bytes);
  std::memset(&writtenAtomically[offset], 0, bytes);
  markWrite({by.agent, isShared ? Accessor::anyLane : by.lane}, offset, bytes);
  return true;
}

bool SharedMemory::atomic(const Accessor &by, uint32_t offset, uint32_t bytes,
                          bool reads, AccessProblem &problem) {
  // What others released here comes first, so that a lock orders what it
  // guards.
  auto location = locationClocks.find(offset);
  if (location != locationClocks.end())
    clocks->acquire(by.agent, location->second);
  for (uint32_t i = 0; i < bytes; ++i) {
    uint32_t at = offset + i;
    if (state[at] > Defined || (reads && state[at] == Undefined))
      return readSlow(by, at, 1, problem);
    if (!writtenAtomically[at] &&
        !checkWrites(by, at, 1, nullptr, "atomic access", problem))
      return false;
  }
  if (!checkReads(by, offset, bytes, "atomic access", problem))
    return false;
  std::memset(&writtenAtomically[offset], 1, bytes);
  markWrite({by.agent}, offset, bytes);
  clocks->release(by.agent, locationClocks[offset]);
  return true;
}

bool SharedMemory::beginAsyncWrite(unsigned agent, uint32_t offset,
                                   uint32_t bytes, State newState,
                                   AccessProblem &problem) {
  clocks->noteAsyncWrite(agent);
  for (uint32_t i = 0; i < bytes; ++i)
    if (state[offset + i] > Defined) {
      problem = {"asynchronous copy to shared memory at " + hex(offset + i),
                 " while another to it is under way"};
      return false;
    }
  Accessor by{agent};
  if (!checkWrites(by, offset, bytes, nullptr, "asynchronous copy", problem) ||
      !checkReads(by, offset, bytes, "asynchronous copy", problem))
    return false;
  std::memset(&writtenAtomically[offset], 0, bytes);
  markWrite(by, offset, bytes);
  std::memset(&state[offset], newState, bytes);
  return true;
}

void SharedMemory::endAsyncWrite(unsigned agent, uint32_t offset,
                                 uint32_t bytes, const uint8_t *from,
                                 uint8_t lane) {
  clocks->noteAsyncWrite(agent);
  std::memcpy(&data[offset], from, bytes);
  markWrite({agent, lane}, offset, bytes);
}
