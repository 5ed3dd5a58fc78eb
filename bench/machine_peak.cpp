//===- machine_peak.cpp - What this machine can do at most ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the two rates that bound attention on a CPU, for one thread and for
// all of them: f32 multiply-adds in registers (prefill) and reading memory
// (decode). Prints JSON. Measured figures are shares of these.
//
// usage: machine_peak [--threads=N] [--only=fma|read]
//
// --only measures one of the rates, for N threads alone and in half a second: a
// benchmark does so beside each of its measurements, since a machine's clock
// and its neighbours change.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

template <int bytes> using Floats [[gnu::vector_size(bytes)]] = float;

/// What a kernel works on. Rounds are sized by calibration.
struct Work {
  const char *memory = nullptr;
  size_t bytes = 0;
  int64_t rounds = 0;
};

/// Returns floating-point operations or bytes.
using Kernel = double (*)(const Work &);

/// What the compiler cannot know.
volatile float opaque = 0.5f;

/// Independent chains of multiply-adds, enough to cover the latency of two
/// units and few enough for 16 registers with the two factors. Without FMA a
/// multiply-add is two instructions.
template <typename Vector, bool fused>
[[gnu::always_inline]] inline double multiplyAdd(const Work &work) {
  constexpr int chains = 12, unrolled = 8;
  Vector sums[chains];
  for (Vector &sum : sums)
    sum = Vector{} + opaque;
  Vector factor = Vector{} + opaque, addend = Vector{} + opaque;
  for (int64_t round = 0; round < work.rounds; ++round) {
#pragma clang loop unroll(full)
    for (int i = 0; i < unrolled; ++i)
#pragma clang loop unroll(full)
      for (Vector &sum : sums) {
        if constexpr (fused)
          sum = __builtin_elementwise_fma(sum, factor, addend);
        else
          sum = sum * factor + addend;
      }
  }
  for (Vector &sum : sums)
    asm volatile("" : : "m"(sum));
  return 2.0 * chains * unrolled * (sizeof(Vector) / sizeof(float)) *
         static_cast<double>(work.rounds);
}

/// Reads the memory once a round, several cache lines at a time.
template <typename Vector>
[[gnu::always_inline]] inline double readMemory(const Work &work) {
  constexpr size_t streams = 8;
  for (int64_t round = 0; round < work.rounds; ++round) {
    Vector sums[streams] = {};
    for (size_t offset = 0; offset + sizeof(sums) <= work.bytes;
         offset += sizeof(sums))
#pragma clang loop unroll(full)
      for (size_t i = 0; i < streams; ++i)
        sums[i] += *reinterpret_cast<const Vector *>(work.memory + offset +
                                                     i * sizeof(Vector));
    for (Vector &sum : sums)
      asm volatile("" : : "m"(sum) : "memory");
  }
  return static_cast<double>(work.bytes) * static_cast<double>(work.rounds);
}

/// The kernels for one width of vectors.
struct Level {
  const char *name;
  int bits;
  Kernel multiplyAdd, readMemory;
};

} // namespace

#if defined(__x86_64__)
[[gnu::target("avx512f")]] static double multiplyAdd512(const Work &work) {
  return multiplyAdd<Floats<64>, true>(work);
}
[[gnu::target("avx512f")]] static double readMemory512(const Work &work) {
  return readMemory<Floats<64>>(work);
}
[[gnu::target("avx2,fma")]] static double multiplyAdd256(const Work &work) {
  return multiplyAdd<Floats<32>, true>(work);
}
[[gnu::target("avx2,fma")]] static double readMemory256(const Work &work) {
  return readMemory<Floats<32>>(work);
}
#endif

static double readMemory128(const Work &work) {
  return readMemory<Floats<16>>(work);
}

/// The levels that this CPU has, the widest first.
static std::vector<Level> getLevels() {
  std::vector<Level> levels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    levels.push_back({"avx512f", 512, multiplyAdd512, readMemory512});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    levels.push_back({"avx2", 256, multiplyAdd256, readMemory256});
  levels.push_back(
      {"sse2", 128, multiplyAdd<Floats<16>, false>, readMemory128});
#else
  levels.push_back(
      {"128-bit", 128, multiplyAdd<Floats<16>, true>, readMemory128});
#endif
  return levels;
}

static std::vector<int> getAvailableCPUs() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set))
        cpus.push_back(cpu);
  if (cpus.empty())
    cpus.push_back(0);
  return cpus;
}

static void pinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof(set), &set);
}

/// The best rate per second of some repetitions on `threads` threads, each on a
/// CPU of its own. The work of one repetition takes about `seconds`.
static double measure(Kernel kernel, const std::vector<Work> &shares,
                      const std::vector<int> &cpus, double seconds,
                      int repetitions) {
  size_t threads = shares.size();
  std::vector<double> done(threads);
  std::barrier<> start(static_cast<ptrdiff_t>(threads) + 1);
  std::barrier<> end(static_cast<ptrdiff_t>(threads) + 1);
  int64_t rounds = 1;
  bool finished = false;
  std::vector<std::thread> pool;
  for (size_t i = 0; i < threads; ++i)
    pool.emplace_back([&, i] {
      pinTo(cpus[i % cpus.size()]);
      while (true) {
        start.arrive_and_wait();
        if (finished)
          return;
        Work work = shares[i];
        work.rounds = rounds;
        done[i] = kernel(work);
        end.arrive_and_wait();
      }
    });
  auto run = [&] {
    Clock::time_point begin = Clock::now();
    start.arrive_and_wait();
    end.arrive_and_wait();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  double time = run();
  while (time < seconds) {
    double factor = time > 0 ? std::min(seconds / time * 1.2, 16.0) : 16.0;
    rounds =
        std::max<int64_t>(rounds + 1, static_cast<int64_t>(rounds * factor));
    time = run();
  }
  double best = 0;
  for (int i = 0; i < repetitions; ++i) {
    time = run();
    double total = 0;
    for (double share : done)
      total += share;
    best = std::max(best, total / time);
  }
  finished = true;
  start.arrive_and_wait();
  for (std::thread &thread : pool)
    thread.join();
  return best;
}

/// The size of the largest cache, 32 MiB where the system does not tell.
static size_t getLastLevelCacheSize() {
  size_t size = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
  for (int name : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE})
    if (long value = sysconf(name); value > 0)
      size = std::max(size, static_cast<size_t>(value));
#endif
  return size ? size : size_t(32) << 20;
}

static bool parseThreads(const char *text, unsigned &threads) {
  char *end;
  errno = 0;
  unsigned long value = std::strtoul(text, &end, 10);
  if (errno || *end || end == text || *text == '-' || value < 1 || value > 4096)
    return false;
  threads = static_cast<unsigned>(value);
  return true;
}

/// What follows the option's name, null where it is another one.
static const char *getValue(const char *argument, const char *option) {
  size_t length = std::strlen(option);
  return std::strncmp(argument, option, length) ? nullptr : argument + length;
}

int main(int argc, char **argv) {
  std::vector<int> cpus = getAvailableCPUs();
  unsigned threads = static_cast<unsigned>(cpus.size());
  bool withFlops = true, withRead = true;
  for (int i = 1; i < argc; ++i) {
    if (const char *value = getValue(argv[i], "--only=")) {
      withFlops = std::strcmp(value, "fma") == 0;
      withRead = std::strcmp(value, "read") == 0;
      if (withFlops || withRead)
        continue;
      std::fprintf(stderr,
                   "machine_peak: error: --only is '%s', expected fma or "
                   "read\n",
                   value);
      return 1;
    }
    const char *value = getValue(argv[i], "--threads=");
    if (!value) {
      std::fprintf(stderr,
                   "machine_peak: error: unknown argument '%s', expected "
                   "--threads=N or --only=fma|read\n",
                   argv[i]);
      return 1;
    }
    if (!parseThreads(value, threads)) {
      std::fprintf(stderr,
                   "machine_peak: error: --threads is '%s', expected a number "
                   "from 1 to 4096\n",
                   value);
      return 1;
    }
  }

  bool isWhole = withFlops && withRead;
  // Far more than any cache holds, a thread's share of it too.
  size_t bytes = withRead ? std::max<size_t>(size_t(512) << 20,
                                             8 * getLastLevelCacheSize())
                          : 4096 * size_t(threads);
  std::unique_ptr<char, decltype(&std::free)> memory(
      static_cast<char *>(std::aligned_alloc(4096, bytes)), &std::free);
  if (!memory) {
    std::fprintf(stderr, "machine_peak: error: cannot allocate %zu bytes\n",
                 bytes);
    return 1;
  }
  std::memset(memory.get(), 1, bytes);

  std::vector<Level> levels = getLevels();
  std::vector<unsigned> counts = {threads};
  if (isWhole && threads > 1)
    counts.insert(counts.begin(), 1);
  int repetitions = isWhole ? 7 : 3;
  std::printf("{\n  \"vectors\": \"%s\",\n  \"vector_bits\": %d,\n"
              "  \"peaks\": [",
              levels.front().name, levels.front().bits);
  for (size_t i = 0; i < counts.size(); ++i) {
    unsigned count = counts[i];
    std::vector<Work> shares(count);
    size_t share = bytes / count / 4096 * 4096;
    for (unsigned thread = 0; thread < count; ++thread)
      shares[thread] = {memory.get() + thread * share, share, 0};
    // A CPU that halves its clock for wide vectors may do more with narrow
    // ones: the best level counts.
    double flops = 0, read = 0;
    for (const Level &level : levels) {
      if (withFlops)
        flops = std::max(
            flops, measure(level.multiplyAdd, shares, cpus, 0.05, repetitions));
      if (withRead)
        read = std::max(
            read, measure(level.readMemory, shares, cpus, 0.05, repetitions));
    }
    std::printf("%s\n    {\"threads\": %u", i ? "," : "", count);
    if (withFlops)
      std::printf(", \"fma_gflops\": %.1f", flops * 1e-9);
    if (withRead)
      std::printf(", \"read_gbs\": %.2f", read * 1e-9);
    std::printf("}");
    std::fflush(stdout);
  }
  std::printf("\n  ]\n}\n");
  return 0;
}
