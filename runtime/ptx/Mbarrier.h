//===- Mbarrier.h - Barrier objects in shared memory ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_MBARRIER_H
#define ATTN_RUNTIME_PTX_MBARRIER_H

#include "ptx/Exec.h"

#include <functional>

namespace attn::ptx {

/// An mbarrier object. The block that holds its 8 bytes keeps it by their
/// offset (Block::objects).
struct Mbarrier {
  static constexpr uint32_t maxCount = (1u << 20) - 1;

  uint32_t offset = 0;
  uint32_t phase = 0; // how many have completed
  uint32_t expected = 0;
  uint32_t pending = 0;
  int32_t transactions = 0; // bytes expected and not yet completed
  VectorClock collecting;   // what arrivals of this phase release
  VectorClock released;     // what a completed phase makes visible
  /// Asynchronous operations that will arrive or complete transactions. They
  /// are performed when a thread next asks for the phase: late enough that a
  /// use of their results before that is found.
  std::vector<std::function<void(Clocks &)>> operations;

  /// The effects of arriving; the phase completes with the last of them. The
  /// counts have been checked.
  void arrive(uint32_t count, Clocks &clocks, unsigned agent);
  void completeTransactions(uint32_t bytes, Clocks &clocks, unsigned agent);
  void perform(Clocks &clocks);
  bool hasCompleted(uint32_t phaseParity) const {
    return (phase & 1) != (phaseParity & 1);
  }

private:
  void completePhase();
};

/// The initialised object at an address; null after a fault.
Mbarrier *findMbarrier(Exec &e, Space space, uint64_t address, unsigned lane);

/// The object at the same offset in another block of the cluster.
Mbarrier *findMbarrier(Exec &e, Block &block, uint32_t offset, unsigned lane);

/// Checked versions of the member functions: false after a fault.
bool arriveMbarrier(Exec &e, Mbarrier &barrier, uint32_t count, unsigned lane,
                    bool releases = true);
bool expectTransactions(Exec &e, Mbarrier &barrier, uint32_t bytes,
                        unsigned lane);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_MBARRIER_H
