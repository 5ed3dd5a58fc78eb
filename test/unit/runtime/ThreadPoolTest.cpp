//===- ThreadPoolTest.cpp - Threads that share a loop's iterations --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/ThreadPool.h"

#include "gtest/gtest.h"
#include <numeric>
#include <set>
#include <thread>

using namespace attnrt;

namespace {

/// Counts how often each iteration ran.
struct Counter {
  explicit Counter(int64_t count) : runs(count) {}

  static void run(void *context, int64_t begin, int64_t end) {
    auto &self = *static_cast<Counter *>(context);
    EXPECT_LT(begin, end);
    for (int64_t i = begin; i < end; ++i)
      ++self.runs[i];
  }
  bool ranOnce() const {
    for (const std::atomic<int> &count : runs)
      if (count != 1)
        return false;
    return true;
  }

  std::vector<std::atomic<int>> runs;
};

} // namespace

TEST(ThreadPool, RunsEachIterationOnce) {
  for (unsigned threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.getNumThreads(), threads);
    for (int64_t count : {0, 1, 2, 7, 64, 1000, 12345}) {
      Counter counter(count);
      pool.parallelFor(count, Counter::run, &counter);
      EXPECT_TRUE(counter.ranOnce()) << count << " on " << threads;
    }
  }
}

TEST(ThreadPool, ServesManyLoopsInARow) {
  ThreadPool pool(4);
  for (int i = 0; i < 2000; ++i) {
    Counter counter(5);
    pool.parallelFor(5, Counter::run, &counter);
    ASSERT_TRUE(counter.ranOnce()) << "loop " << i;
  }
}

TEST(ThreadPool, WakesThreadsThatSleep) {
  ThreadPool pool(3);
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Counter counter(100);
    pool.parallelFor(100, Counter::run, &counter);
    EXPECT_TRUE(counter.ranOnce());
  }
}

TEST(ThreadPool, HandsOutFewItemsOneByOne) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  struct Context {
    std::atomic<int> &calls;
  } context{calls};
  pool.parallelFor(
      10,
      [](void *context, int64_t begin, int64_t end) {
        EXPECT_EQ(begin + 1, end);
        ++static_cast<Context *>(context)->calls;
      },
      &context);
  EXPECT_EQ(calls, 10);
}

TEST(ThreadPool, RunsNestedLoopsInline) {
  ThreadPool pool(3);
  struct Context {
    ThreadPool &pool;
    std::atomic<int64_t> sum{0};
  } context{pool};
  pool.parallelFor(
      50,
      [](void *context, int64_t begin, int64_t end) {
        auto &self = *static_cast<Context *>(context);
        struct Inner {
          std::thread::id thread;
          std::atomic<int64_t> &sum;
        } inner{std::this_thread::get_id(), self.sum};
        for (int64_t i = begin; i < end; ++i)
          self.pool.parallelFor(
              20,
              [](void *context, int64_t begin, int64_t end) {
                auto &inner = *static_cast<Inner *>(context);
                EXPECT_EQ(std::this_thread::get_id(), inner.thread);
                inner.sum += end - begin;
              },
              &inner);
      },
      &context);
  EXPECT_EQ(context.sum, 50 * 20);
}

TEST(ThreadPool, GivesKernelsALargeStack) {
  ThreadPool pool(3);
  pool.parallelFor(
      64,
      [](void *, int64_t begin, int64_t end) {
        volatile char tile[4 << 20];
        for (size_t i = 0; i < sizeof(tile); i += 4096)
          tile[i] = char(begin);
        EXPECT_EQ(tile[4096], char(begin));
      },
      nullptr);
}

TEST(ThreadPool, TakesLoopsFromSeveralThreads) {
  ThreadPool pool(2);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&pool] {
      for (int j = 0; j < 100; ++j) {
        Counter counter(33);
        pool.parallelFor(33, Counter::run, &counter);
        EXPECT_TRUE(counter.ranOnce());
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(ThreadPool, HasAGlobalPool) {
  ThreadPool::setGlobalThreads(3);
  EXPECT_EQ(ThreadPool::getGlobal().getNumThreads(), 3u);
  Counter counter(77);
  attn_parallel_for(77, Counter::run, &counter);
  EXPECT_TRUE(counter.ranOnce());
  ThreadPool::setGlobalThreads(0);
  EXPECT_EQ(ThreadPool::getGlobal().getNumThreads(), getNumAvailableCPUs());
}
