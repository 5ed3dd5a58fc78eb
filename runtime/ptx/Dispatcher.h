//===- Dispatcher.h - Deals clusters out to host threads --------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_DISPATCHER_H
#define ATTN_RUNTIME_PTX_DISPATCHER_H

#include "ptx/Interpreter.h"

#include <atomic>
#include <mutex>

namespace attn::ptx {

/// Runs the clusters of a grid on host threads, begun in order. Each runs to
/// its end unless it waits for what another one is to do: then the others have
/// their turn, as on a GPU that holds as many at once (`maxResident`). Of
/// several faults that of the first cluster is reported, whatever the timing.
class Dispatcher {
public:
  Dispatcher(const Launch &launch, uint64_t numClusters, uint64_t maxResident,
             unsigned threads);
  llvm::Expected<LaunchStats> run();

private:
  /// A cluster that waits. It does so for ever once its state returns while no
  /// memory changes, or all of it spins.
  struct Waiter {
    Cluster *cluster = nullptr;
    uint64_t epoch = ~uint64_t(0);
    StateCycle cycle;
    uint64_t turns = 0;
    bool isStuck = false;
    bool hasSpun = false; // that is why
    void observe(uint64_t now, bool isSpinning);
  };
  void work(unsigned worker);
  bool isDeadlock(llvm::ArrayRef<Waiter> waiters, unsigned worker);
  std::string describeDeadlock(llvm::ArrayRef<Waiter> waiters) const;
  void record(Interpreter &interpreter, uint64_t index,
              Interpreter::Result result);

  const Launch &launch;
  uint64_t numClusters;
  uint64_t residentPerThread;
  unsigned threads;
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> limit; // no cluster from here on is started
  /// Counts the turns in which memory changed, and for each worker the count
  /// since which all that it runs is stuck.
  std::atomic<uint64_t> epoch{0};
  std::vector<std::atomic<uint64_t>> stuckSince;
  std::atomic<bool> hasFaulted{false}; // or stopped, other than by waiting
  std::mutex mutex;                    // of what follows
  std::vector<Counters> counters;
  bool stopped = false;
  unsigned faultLine = 0;
  std::string fault;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_DISPATCHER_H
