//===- ThreadPool.cpp - Threads that share a loop's iterations ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/ThreadPool.h"

#include <algorithm>
#include <sched.h>
#include <unistd.h>

using namespace attnrt;

/// Kernels keep their tiles on the stack.
static constexpr size_t kStackSize = size_t(16) << 20;

/// How often a waiting thread looks before it sleeps: some 20 microseconds, the
/// time between two loops of one function.
static constexpr int kSpins = 2000;

/// Chunks per thread: few enough for the counter to stay cheap, enough for
/// threads of different speed.
static constexpr int64_t kChunksPerThread = 32;

static thread_local bool isInLoop = false;

static inline void pauseThread() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is no longer `old`.
static void waitWhile(std::atomic<uint32_t> &value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old)
      return;
    pauseThread();
  }
  while (value.load(std::memory_order_acquire) == old)
    value.wait(old, std::memory_order_acquire);
}

ThreadPool::ThreadPool(unsigned threads) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  for (unsigned i = 1; i < threads; ++i) {
    pthread_t worker;
    // A limit on threads makes the pool smaller, not wrong.
    if (pthread_create(&worker, &attributes, runWorker, this) != 0)
      break;
    workers.push_back(worker);
  }
  pthread_attr_destroy(&attributes);
}

ThreadPool::~ThreadPool() {
  isStopping = true;
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();
  for (pthread_t worker : workers)
    pthread_join(worker, nullptr);
}

void *ThreadPool::runWorker(void *pool) {
  static_cast<ThreadPool *>(pool)->work();
  return nullptr;
}

void ThreadPool::work() {
  isInLoop = true;
  uint32_t seen = 0;
  while (true) {
    waitWhile(generation, seen);
    // The next loop starts only when all workers are done with this one.
    ++seen;
    if (isStopping)
      return;
    takeChunks();
    if (busy.fetch_sub(1, std::memory_order_acq_rel) == 1)
      busy.notify_one();
  }
}

void ThreadPool::takeChunks() {
  const Loop current = loop;
  while (true) {
    int64_t begin = next.fetch_add(current.chunk, std::memory_order_relaxed);
    if (begin >= current.count)
      return;
    current.kernel(current.context, begin,
                   std::min(begin + current.chunk, current.count));
  }
}

void ThreadPool::parallelFor(int64_t count, Kernel kernel, void *context) {
  if (count <= 0)
    return;
  if (isInLoop || workers.empty() || count == 1) {
    kernel(context, 0, count);
    return;
  }
  std::lock_guard<std::mutex> lock(loopMutex);
  int64_t chunk = count / (int64_t(getNumThreads()) * kChunksPerThread);
  loop = {count, std::max<int64_t>(chunk, 1), kernel, context};
  next.store(0, std::memory_order_relaxed);
  busy.store(workers.size(), std::memory_order_relaxed);
  generation.fetch_add(1, std::memory_order_release);
  generation.notify_all();

  isInLoop = true;
  takeChunks();
  isInLoop = false;
  while (uint32_t left = busy.load(std::memory_order_acquire))
    waitWhile(busy, left);
}

static std::unique_ptr<ThreadPool> &getGlobalPool() {
  static std::unique_ptr<ThreadPool> pool;
  return pool;
}

ThreadPool &ThreadPool::getGlobal() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (!getGlobalPool())
      getGlobalPool() = std::make_unique<ThreadPool>(getNumAvailableCPUs());
  });
  return *getGlobalPool();
}

void ThreadPool::setGlobalThreads(unsigned threads) {
  if (threads == 0)
    threads = getNumAvailableCPUs();
  std::unique_ptr<ThreadPool> &pool = getGlobalPool();
  if (!pool || pool->getNumThreads() != threads)
    pool = std::make_unique<ThreadPool>(threads);
}

unsigned attnrt::getNumAvailableCPUs() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(CPU_COUNT(&set), 1);
  // More CPUs than a cpu_set_t holds.
  return std::max<long>(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

void attn_parallel_for(int64_t count, ThreadPool::Kernel kernel,
                       void *context) {
  ThreadPool::getGlobal().parallelFor(count, kernel, context);
}
