//===- Dispatcher.cpp - Deals clusters out to host threads ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Dispatcher.h"

#include "llvm/ADT/STLExtras.h"
#include <deque>
#include <thread>

using namespace attn::ptx;

/// Of Dispatcher::stuckSince: the worker runs something, or has ended.
static constexpr uint64_t isBusy = ~uint64_t(0);
static constexpr uint64_t hasEnded = ~uint64_t(0) - 1;

Dispatcher::Dispatcher(const Launch &launch, uint64_t numClusters,
                       uint64_t maxResident, unsigned threads)
    : launch(launch), numClusters(numClusters),
      residentPerThread(launch.kernel->synchronisesGlobally
                            ? std::max<uint64_t>(maxResident / threads, 1)
                            : 1),
      threads(threads), limit(numClusters), stuckSince(threads),
      counters(launch.program->code.size()) {
  for (std::atomic<uint64_t> &since : stuckSince)
    since = isBusy;
}

void Dispatcher::Waiter::observe(uint64_t now, bool isSpinning) {
  bool isSame = epoch == now;
  if (!isSame) {
    *this = {cluster, now, StateCycle()};
    Interpreter::forgetPolls(*cluster);
  }
  // All of this turn fell into a time without a change.
  hasSpun |= isSame && isSpinning && !isStuck;
  isStuck |= hasSpun;
  // Most states return at once; those of a loop that counts do not, and to look
  // at each would take longer than the loop.
  constexpr uint64_t often = 16, seldom = 64;
  if (++turns > often && turns % seldom)
    return;
  isStuck |= cycle.observe(Interpreter::hashState(*cluster));
}

/// Whether nothing that runs can ever go on.
bool Dispatcher::isDeadlock(llvm::ArrayRef<Waiter> waiters, unsigned worker) {
  uint64_t now = epoch.load();
  bool allStuck = llvm::all_of(waiters, [&](const Waiter &waiter) {
    return waiter.isStuck && waiter.epoch == now;
  });
  stuckSince[worker] = allStuck ? now : isBusy;
  return llvm::all_of(stuckSince, [&](const std::atomic<uint64_t> &since) {
    uint64_t value = since.load();
    return value == now || value == hasEnded;
  });
}

std::string Dispatcher::describeDeadlock(llvm::ArrayRef<Waiter> waiters) const {
  bool hasSpun = llvm::any_of(
      waiters, [](const Waiter &waiter) { return waiter.hasSpun; });
  // Of threads that count, no one knows what they do in the end.
  std::string why = hasSpun ? std::to_string(launch.options.maxPolls) +
                                  " polls in a row found nothing new "
                                  "(--max-polls=N allows N)"
                            : "no warp can go on";
  uint64_t left = numClusters - std::min(next.load(), numClusters);
  if (left && residentPerThread > 1)
    why += ", and " + std::to_string(left) +
           " blocks or clusters have no room beside the " +
           std::to_string(residentPerThread * threads) +
           " that the target holds at once";
  return why;
}

void Dispatcher::record(Interpreter &interpreter, uint64_t index,
                        Interpreter::Result result) {
  std::lock_guard<std::mutex> lock(mutex);
  if (index >= limit)
    return;
  limit = index;
  stopped = result == Interpreter::Stopped;
  faultLine = interpreter.getFaultLine();
  fault = interpreter.getFault();
}

void Dispatcher::work(unsigned worker) {
  Interpreter interpreter(launch);
  std::deque<Waiter> waiters;
  while (true) {
    // Those that have not begun come first: they may be what others wait for.
    Waiter waiter;
    bool isNew = false;
    if (waiters.size() < residentPerThread && next.load() < limit.load()) {
      uint64_t index = next.fetch_add(1);
      isNew = index < limit.load();
      if (isNew)
        waiter.cluster = &interpreter.begin(index);
    }
    if (!isNew) {
      if (waiters.empty())
        break;
      waiter = waiters.front();
      waiters.pop_front();
    }
    Cluster &cluster = *waiter.cluster;
    if (cluster.index >= limit.load())
      continue;
    Interpreter::Result result = interpreter.run(cluster);
    if (interpreter.madeChanges() || result == Interpreter::Finished)
      epoch.fetch_add(1);
    if (result == Interpreter::Finished) {
      interpreter.recycle(cluster);
      continue;
    }
    if (result == Interpreter::Waiting) {
      bool mayBegin =
          waiters.size() + 1 < residentPerThread && next.load() < limit.load();
      if (!mayBegin)
        waiter.observe(epoch.load(), interpreter.isSpinning());
      waiters.push_back(waiter);
      llvm::SmallVector<Waiter> all(waiters.begin(), waiters.end());
      if (mayBegin || !isDeadlock(all, worker)) {
        if (threads > 1)
          std::this_thread::yield();
        continue;
      }
      // What they waited for faulted.
      if (hasFaulted)
        break;
      const Waiter &first =
          *llvm::min_element(waiters, [](const Waiter &a, const Waiter &b) {
            return a.cluster->index < b.cluster->index;
          });
      result = interpreter.deadlock(*first.cluster, describeDeadlock(all));
      record(interpreter, first.cluster->index, result);
      break;
    }
    hasFaulted = true;
    record(interpreter, cluster.index, result);
    break;
  }
  stuckSince[worker] = hasEnded;
  std::lock_guard<std::mutex> lock(mutex);
  for (auto [to, from] : llvm::zip(counters, interpreter.getCounters()))
    to += from;
}

llvm::Expected<LaunchStats> Dispatcher::run() {
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < threads; ++i)
    workers.emplace_back([this, i] { work(i); });
  work(0);
  for (std::thread &worker : workers)
    worker.join();
  if (limit < numClusters && !stopped)
    return llvm::make_error<SourceError>(launch.program->file, faultLine,
                                         fault);
  LaunchStats stats;
  stats.kernel = launch.kernel->name;
  stats.file = launch.program->file;
  stats.grid = launch.grid;
  stats.block = launch.block;
  stats.sharedBytes = launch.usedSharedBytes;
  stats.stopped = stopped;
  for (auto [inst, count] : llvm::zip(launch.program->code, counters)) {
    auto nameOf = [&](Space space) {
      return count.requests && space != Space::None ? spaceName(space).str()
                                                    : std::string();
    };
    if (count.issued)
      stats.instructions.push_back({inst.line, inst.text.str(),
                                    nameOf(inst.space), nameOf(inst.copiesTo),
                                    count});
  }
  return stats;
}
