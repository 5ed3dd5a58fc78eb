//===- ThreadPool.h - Threads that share a loop's iterations ---*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_CPU_THREADPOOL_H
#define ATTN_RUNTIME_CPU_THREADPOOL_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace attnrt {

/// A pool whose threads take the iterations of one loop at a time, in order,
/// in small chunks: a compiler that orders them largest first gets balanced
/// threads.
class ThreadPool {
public:
  /// Runs iterations [begin, end).
  using Kernel = void (*)(void *context, int64_t begin, int64_t end);

  /// A pool of `threads` threads, the calling one included; at least one.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  unsigned getNumThreads() const { return workers.size() + 1; }

  /// Returns when all iterations are done. The caller takes part. Called from
  /// a kernel, it runs the iterations on the calling thread.
  void parallelFor(int64_t count, Kernel kernel, void *context);

  /// The pool of compiled kernels, made on first use.
  static ThreadPool &getGlobal();

  /// Sets the size of the global pool; 0 is getNumAvailableCPUs(). Not while a
  /// kernel runs.
  static void setGlobalThreads(unsigned threads);

private:
  struct Loop {
    int64_t count = 0;
    int64_t chunk = 1;
    Kernel kernel = nullptr;
    void *context = nullptr;
  };

  static void *runWorker(void *pool);
  void work();
  void takeChunks();

  std::vector<pthread_t> workers;
  /// One loop at a time.
  std::mutex loopMutex;
  Loop loop;
  bool isStopping = false;
  /// Each on its own cache line: the threads hammer them.
  alignas(64) std::atomic<int64_t> next{0};
  /// Counts loops; a worker sleeps on it between two.
  alignas(64) std::atomic<uint32_t> generation{0};
  /// Workers that have not finished the current loop.
  alignas(64) std::atomic<uint32_t> busy{0};
};

/// The CPUs that the affinity mask leaves to this process.
unsigned getNumAvailableCPUs();

} // namespace attnrt

/// The entry point of compiled code: runs kernel(context, begin, end) over
/// [0, count) on the global pool.
extern "C" void attn_parallel_for(int64_t count,
                                  attnrt::ThreadPool::Kernel kernel,
                                  void *context);

#endif // ATTN_RUNTIME_CPU_THREADPOOL_H
