//===- SharedMemory.h - A block's shared memory and its checks --*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_SHAREDMEMORY_H
#define ATTN_RUNTIME_PTX_SHAREDMEMORY_H

#include "ptx/Inst.h"

#include "llvm/ADT/DenseMap.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attn::ptx {

/// The times of other agents that an agent, a barrier or a flag has seen: a
/// vector clock (Lamport 1978, Fidge 1988; used for races as in FastTrack,
/// Flanagan and Freund, PLDI 2009).
using VectorClock = std::vector<uint32_t>;

/// Happens-before between the warps of a cluster. Agents are warps, numbered
/// over the blocks of the cluster. Time is one counter; an access of agent b at
/// time t is ordered before agent a's next one if t <= seen(a, b).
class Clocks {
public:
  /// Everything earlier is ordered before everything that follows. Agents from
  /// `firstAsync` on do the asynchronous accesses of those before.
  void reset(unsigned numAgents, unsigned firstAsync);
  /// An asynchronous agent writes now.
  void noteAsyncWrite(unsigned agent) { lastAsyncWrite[agent] = time; }
  unsigned size() const { return numAgents; }
  unsigned getNumWarps() const { return numWarps; }
  uint32_t now() const { return time; }
  void tick() { ++time; }
  /// What a agent has seen, its own past included, becomes part of `into`.
  void release(unsigned agent, VectorClock &into);
  void acquire(unsigned agent, const VectorClock &from);
  uint32_t seen(unsigned agent, unsigned other) const {
    return times[size_t(agent) * numAgents + other];
  }
  /// Accesses up to this time are ordered before the agent's, whoever made
  /// them.
  uint32_t seenOfAll(unsigned agent) const { return minima[agent]; }

  /// The agent executes a fence between the generic and the asynchronous
  /// proxy: what it has seen others do by the one may be followed by the other.
  void fenceProxy(unsigned agent);
  /// Accesses of `other` up to this time come before the agent's with such a
  /// fence between.
  uint32_t fencedOf(unsigned agent, unsigned other) const {
    return fenced[size_t(agent) * numAgents + other];
  }
  bool isAsync(unsigned agent) const { return agent >= numWarps; }

private:
  void updateMinimum(unsigned agent);
  unsigned numAgents = 0;
  unsigned numWarps = 0;
  uint32_t time = 1;
  std::vector<uint32_t> times;
  std::vector<uint32_t> minima;
  /// As `times`; empty where no agent is asynchronous. A vector clock then has
  /// these behind the others.
  std::vector<uint32_t> fenced;
  /// Most asynchronous agents never write; those do not hold minima back.
  std::vector<uint32_t> lastAsyncWrite;
};

/// Where an undefined value comes from.
struct UndefinedSource {
  /// The first instruction that computed with it, or that loaded it.
  const Inst *inst = nullptr;
  llvm::StringRef name; // the register; empty: it was loaded
  Space space = Space::None;
  uint32_t offset = 0;                // in that space
  const Function *function = nullptr; // whose frame begins
  uint32_t base = 0;                  // here in the space
};

/// A byte of an undefined value that was stored.
struct UndefinedByte {
  UndefinedSource source;
  uint8_t bits = 0xff; // that have no value
};
/// By the byte's offset. An undefined byte without an entry was never written.
using UndefinedBytes = llvm::DenseMap<uint32_t, UndefinedByte>;

/// What is wrong with an access to shared memory. A message names the array
/// between the two parts.
struct AccessProblem {
  std::string what; // ends with the address
  std::string why;
};

/// Shared memory of one block. Each byte has a state, the time and thread of
/// its last write, and the time and thread of each agent's last read.
class SharedMemory {
public:
  /// Who makes an access: a lane of a warp, or an asynchronous agent.
  struct Accessor {
    static constexpr uint8_t anyLane = 0xff;
    unsigned agent = 0;
    uint8_t lane = anyLane;
    /// What the other lanes of the warp did up to this time is ordered before.
    uint32_t synced = ~0u;
  };

  enum State : uint8_t {
    Undefined, // some of its bits, see UndefinedBytes
    Defined,
    PendingCopy, // the destination of a cp.async that was not waited for
    PendingBulk, // of a cp.async.bulk
    Gap,         // between variables
  };

  /// Prepares for a block: the variables' bytes are undefined, others a gap.
  void reset(uint32_t bytes, llvm::ArrayRef<Variable> variables,
             Clocks &clocks);
  State stateAt(uint32_t offset) const { return State(state[offset]); }
  /// Whether a range touches bytes between variables.
  bool touchesGap(uint32_t offset, uint32_t bytes) const {
    for (uint32_t i = 0; i < bytes; ++i)
      if (state[offset + i] == Gap)
        return true;
    return false;
  }

  uint32_t getSize() const { return size; }
  uint8_t *getData() { return data.data(); }

  // The checks say in `problem` what is wrong and return false; bounds and
  // alignment have been checked before.

  bool read(const Accessor &by, uint32_t offset, uint32_t bytes,
            AccessProblem &problem) {
    // Loops of a fixed length become a few vector instructions.
    bool good = bytes == 16  ? readOrdered<16>(by, offset)
                : bytes == 4 ? readOrdered<4>(by, offset)
                : bytes == 8 ? readOrdered<8>(by, offset)
                             : readOrdered(by, offset, bytes);
    return good || readSlow(by, offset, bytes, problem);
  }
  /// Bytes whose bit in `padding` is set may be undefined.
  bool readPadded(const Accessor &by, uint32_t offset, uint32_t bytes,
                  uint32_t padding, AccessProblem &problem) {
    return readOrdered(by, offset, bytes) ||
           readSlow(by, offset, bytes, problem, padding);
  }
  /// Those of at most 32 bytes that have bits without a value, by bit.
  uint32_t findUndefined(uint32_t offset, uint32_t bytes) const {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < bytes; ++i)
      mask |= uint32_t(state[offset + i] == Undefined) << i;
    return mask;
  }
  /// Whether a fence stands between what was written by the generic proxy and
  /// an access by an asynchronous agent.
  bool checkProxy(unsigned agent, uint32_t offset, uint32_t bytes,
                  const char *what, AccessProblem &problem) const;
  /// The byte, which the accessor has just written, has bits without a value.
  void undefine(uint32_t offset, const UndefinedByte &byte) {
    state[offset] = Undefined;
    undefinedBytes[offset] = byte;
  }
  const UndefinedBytes &getUndefinedBytes() const { return undefinedBytes; }
  /// Marks and copies `bytes` from `from`. Lanes of one instruction share a
  /// time: the caller ticks the clocks before the first.
  bool write(const Accessor &by, uint32_t offset, uint32_t bytes,
             const uint8_t *from, AccessProblem &problem);
  /// A read-modify-write or another access that orders: it races with plain
  /// accesses alone, not with its like. Acquires and releases the clock of
  /// the location.
  bool atomic(const Accessor &by, uint32_t offset, uint32_t bytes, bool reads,
              AccessProblem &problem);

  /// The start of an asynchronous write by the agent: races with unordered
  /// accesses, and leaves the bytes in `state`.
  bool beginAsyncWrite(unsigned agent, uint32_t offset, uint32_t bytes,
                       State state, AccessProblem &problem);
  /// Its end: the bytes become defined, as written by the agent now, for a lane
  /// if it is the warp itself.
  void endAsyncWrite(unsigned agent, uint32_t offset, uint32_t bytes,
                     const uint8_t *from, uint8_t lane = Accessor::anyLane);

private:
  template <uint32_t Bytes>
  bool readOrdered(const Accessor &by, uint32_t offset) {
    return readOrdered(by, offset, Bytes);
  }
  /// The whole of a read that finds defined bytes whose writes are ordered.
  [[gnu::always_inline]] bool readOrdered(const Accessor &by, uint32_t offset,
                                          uint32_t bytes) {
    if (!allDefined(offset, bytes))
      return false;
    if (!isOneOrderedWrite(by, offset, bytes) &&
        !allOrdered(by.agent, offset, bytes))
      return false;
    markRead(by, offset, bytes);
    return true;
  }
  [[gnu::always_inline]] bool allDefined(uint32_t offset,
                                         uint32_t bytes) const {
    uint8_t different = 0;
    for (uint32_t i = 0; i < bytes; ++i)
      different |= state[offset + i] ^ Defined;
    return different == 0;
  }
  [[gnu::always_inline]] bool allOrdered(unsigned agent, uint32_t offset,
                                         uint32_t bytes) const {
    uint32_t latest = 0;
    for (uint32_t i = 0; i < bytes; ++i)
      latest = latest < writeTime[offset + i] ? writeTime[offset + i] : latest;
    return latest <= clocks->seenOfAll(agent);
  }
  /// All of it was written at once, and that is ordered before the access.
  [[gnu::always_inline]] bool
  isOneOrderedWrite(const Accessor &by, uint32_t offset, uint32_t bytes) const {
    uint32_t time = writeTime[offset], different = 0;
    uint16_t agent = writer[offset], otherAgents = 0;
    for (uint32_t i = 0; i < bytes; ++i)
      different |= writeTime[offset + i] ^ time;
    for (uint32_t i = 0; i < bytes; ++i)
      otherAgents |= writer[offset + i] ^ agent;
    return !different && !otherAgents &&
           time <=
               (agent == by.agent ? by.synced : clocks->seen(by.agent, agent));
  }
  [[gnu::always_inline]] void markRead(const Accessor &by, uint32_t offset,
                                       uint32_t bytes) {
    size_t first = size_t(by.agent) * size + offset;
    uint32_t *times = &readTime[first];
    uint8_t *lanes = &readLane[first];
    // Another lane's read that nothing orders before this one still counts.
    for (uint32_t i = 0; i < bytes; ++i)
      lanes[i] = times[i] > by.synced && lanes[i] != by.lane ? Accessor::anyLane
                                                             : by.lane;
    for (uint32_t i = 0; i < bytes; ++i)
      times[i] = clocks->now();
    anyReads[by.agent] = clocks->now();
  }
  std::string agentName(unsigned agent) const;
  bool readSlow(const Accessor &by, uint32_t offset, uint32_t bytes,
                AccessProblem &problem, uint32_t padding = 0);
  bool checkWrites(const Accessor &by, uint32_t offset, uint32_t bytes,
                   const uint8_t *same, const char *what,
                   AccessProblem &problem);
  bool checkReads(const Accessor &by, uint32_t offset, uint32_t bytes,
                  const char *what, AccessProblem &problem);
  bool checkLanes(const Accessor &by, uint32_t offset, uint32_t bytes,
                  AccessProblem &problem);
  void markWrite(const Accessor &by, uint32_t offset, uint32_t bytes);

  uint32_t size = 0;
  unsigned agents = 0;
  uint32_t lastReset = 0;
  Clocks *clocks = nullptr;
  std::vector<uint8_t> data;
  std::vector<uint8_t> state;
  std::vector<uint32_t> writeTime;
  std::vector<uint16_t> writer;
  std::vector<uint8_t> writerLane;
  std::vector<uint8_t> writtenAtomically;
  std::vector<uint32_t> readTime; // [agent][offset]
  std::vector<uint8_t> readLane;  // likewise; Accessor::anyLane: several
  std::vector<uint32_t> anyReads; // [agent]: time of its last read anywhere
  llvm::DenseMap<uint32_t, VectorClock> locationClocks;
  UndefinedBytes undefinedBytes;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_SHAREDMEMORY_H
