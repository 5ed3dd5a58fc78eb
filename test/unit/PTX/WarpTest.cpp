//===- WarpTest.cpp - Shuffles, votes, barriers and atomics ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <algorithm>
#include <bit>
#include <numeric>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

class Warp : public KernelTest {};

std::vector<int> laneValues() {
  std::vector<int> in(32);
  for (int t = 0; t < 32; ++t)
    in[t] = t * t - 100;
  return in;
}

TEST_P(Warp, Shuffles) {
  Runner runner(kernelFile("warp"));
  std::vector<int> in = laneValues();
  auto out = runner.zeros<int>(32 * 8);
  runner.launch("shuffles", {.grid = 1, .block = 32}, runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  for (int t = 0; t < 32; ++t) {
    // Where the source is out of the segment, the lane's own value.
    const int sources[8] = {(t * 7 + 3) % 32, t >= 3 ? t - 3 : t,
                            t + 5 < 32 ? t + 5 : t, t ^ 9,
                            t / 8 * 8 + (t + 2) % 8, t % 16 >= 2 ? t - 2 : t,
                            t % 4 + 3 < 4 ? t + 3 : t,
                            // An XOR may reach a lower segment only.
                            (t ^ 20) / 16 <= t / 16 ? t ^ 20 : t};
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(got[t * 8 + i], in[sources[i]]) << "lane " << t << ", " << i;
  }
}

TEST_P(Warp, ShufflePredicate) {
  Runner runner(kernelFile("warp"));
  std::vector<int> in = laneValues();
  auto out = runner.zeros<int>(64);
  runner.launch("shufflePredicate", {.grid = 1, .block = 32}, runner.upload(in),
                out);
  std::vector<int> got = runner.read(out);
  // c = 0x0f1f: the segment mask is 0x0f, the clamp 0x1f.
  for (int t = 0; t < 32; ++t) {
    int highest = (t & 0x0f) | (0x1f & ~0x0f);
    bool valid = t + 6 <= highest;
    EXPECT_EQ(got[2 * t], in[valid ? t + 6 : t]) << t;
    EXPECT_EQ(got[2 * t + 1], valid) << t;
  }
}

TEST_P(Warp, Votes) {
  Runner runner(kernelFile("warp"));
  for (int same : {0, 1}) {
    std::vector<int> in(32);
    for (int t = 0; t < 32; ++t)
      in[t] = same ? 3 : t % 5;
    uint32_t ballot = 0;
    for (int t = 0; t < 32; ++t)
      ballot |= uint32_t(in[t] > 2) << t;
    auto out = runner.zeros<uint32_t>(32 * 6);
    runner.launch("votes", {.grid = 1, .block = 32}, runner.upload(in), out);
    std::vector<uint32_t> got = runner.read(out);
    for (int t = 0; t < 32; ++t) {
      uint32_t peers = 0;
      for (int u = 0; u < 32; ++u)
        peers |= uint32_t(in[u] == in[t]) << u;
      EXPECT_EQ(got[t * 6], ballot);
      EXPECT_EQ(got[t * 6 + 1] != 0, true);
      EXPECT_EQ(got[t * 6 + 2] != 0, true);
      EXPECT_EQ(got[t * 6 + 3], uint32_t(ballot == 0 || ballot == ~0u));
      EXPECT_EQ(got[t * 6 + 4], peers);
      EXPECT_EQ(got[t * 6 + 5], same ? ~0u + 1 : 0);
    }
  }
}

TEST_P(Warp, VotesDivergent) {
  Runner runner(kernelFile("warp"));
  std::vector<int> in = laneValues();
  auto out = runner.zeros<uint32_t>(32);
  runner.launch("votesDivergent", {.grid = 1, .block = 32}, runner.upload(in),
                out);
  std::vector<uint32_t> got = runner.read(out);
  for (int t = 0; t < 32; ++t) {
    uint32_t expected = 0;
    for (int u = 0; u < 32; ++u)
      if (t < 12 && u < 12)
        expected |= uint32_t(in[u] & 1) << u;
      else if (t >= 12 && u >= 12)
        expected |= uint32_t((in[u] & 3) == (in[t] & 3)) << u;
    EXPECT_EQ(got[t], expected) << "lane " << t;
  }
}

TEST_P(Warp, Reductions) {
  Runner runner(kernelFile("warp"));
  std::vector<int> in = laneValues();
  auto out = runner.zeros<int>(32 * 8);
  runner.launch("reductions", {.grid = 1, .block = 32}, runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  int sums[2] = {}, least = INT32_MAX, most = INT32_MIN, conjunction = -1,
      disjunction = 0, parity = 0;
  uint32_t leastUnsigned = ~0u, mostUnsigned = 0;
  for (int t = 0; t < 32; ++t) {
    sums[t % 2] += in[t];
    if (t % 2) {
      least = std::min(least, in[t]);
      most = std::max(most, in[t]);
      leastUnsigned = std::min(leastUnsigned, uint32_t(in[t]));
      mostUnsigned = std::max(mostUnsigned, uint32_t(in[t]));
      conjunction &= in[t];
      disjunction |= in[t];
      parity ^= in[t];
    }
  }
  const int odd[8] = {
      sums[1],           least,       most,        int(leastUnsigned),
      int(mostUnsigned), conjunction, disjunction, parity};
  for (int t = 0; t < 32; ++t)
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(got[t * 8 + i], t % 2 ? odd[i] : sums[0] + 16 * i)
          << "lane " << t << ", " << i;
}

TEST_P(Warp, LaneRegisters) {
  Runner runner(kernelFile("warp"));
  auto out = runner.zeros<uint32_t>(80 * 7);
  runner.launch("laneRegisters", {.grid = 1, .block = {40, 2}}, out);
  std::vector<uint32_t> got = runner.read(out);
  for (uint32_t t = 0; t < 80; ++t) {
    uint32_t lane = t % 32, bit = 1u << lane;
    const uint32_t expected[7] = {lane, bit - 1,    bit | (bit - 1),
                                  bit,  ~(bit - 1), ~(bit | (bit - 1)),
                                  32};
    for (int i = 0; i < 7; ++i)
      EXPECT_EQ(got[t * 7 + i], expected[i]) << "thread " << t << ", " << i;
  }
}

TEST_P(Warp, ProducerConsumer) {
  Runner runner(kernelFile("barriers"));
  constexpr int rounds = 7;
  std::vector<int> in(rounds * 64), expected(rounds * 64);
  std::iota(in.begin(), in.end(), 5);
  for (int i = 0; i < rounds * 64; ++i)
    expected[i] = in[i / 64 * 64 + 63 - i % 64] * 3 + 1;
  // Whatever order the warps run in.
  for (uint64_t seed : {0, 1, 2, 3}) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<int>(rounds * 64);
    runner.launch("producerConsumer", {.grid = 1, .block = 128},
                  runner.upload(in), out, rounds);
    EXPECT_EQ(runner.read(out), expected) << "seed " << seed;
  }
}

TEST_P(Warp, PairsOfWarps) {
  Runner runner(kernelFile("barriers"));
  std::vector<int> in(256), expected(256);
  std::iota(in.begin(), in.end(), 0);
  for (int t = 0; t < 256; ++t)
    expected[t] = in[t ^ 32] + t / 64;
  auto out = runner.zeros<int>(256);
  runner.launch("pairs", {.grid = 1, .block = 256}, runner.upload(in), out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Warp, PartialReduction) {
  Runner runner(kernelFile("barriers"));
  std::vector<int> in(128);
  for (int t = 0; t < 128; ++t)
    in[t] = t % 3 - 1;
  auto out = runner.zeros<uint32_t>(128);
  runner.launch("partialReduction", {.grid = 1, .block = 128},
                runner.upload(in), out);
  std::vector<uint32_t> got = runner.read(out);
  uint32_t count =
      std::count_if(in.begin(), in.begin() + 64, [](int v) { return v > 0; });
  for (int t = 0; t < 128; ++t)
    EXPECT_EQ(got[t], t < 64 ? count : 77) << t;
}

TEST_P(Warp, WarpBarrier) {
  Runner runner(kernelFile("barriers"));
  std::vector<int> in(64), expected(64);
  std::iota(in.begin(), in.end(), 100);
  for (int t = 0; t < 64; ++t)
    expected[t] = in[t ^ 16] + in[t ^ 16 ^ 5];
  auto out = runner.zeros<int>(64);
  runner.launch("warpBarrier", {.grid = 1, .block = 64}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Warp, Atomics) {
  Runner runner(kernelFile("atomics"));
  constexpr int n = 256;
  auto u = runner.upload(
      std::vector<uint32_t>{0, 1u << 20, 5000, 0, ~0u, 0, 0, 0, 0});
  auto s = runner.upload(std::vector<int>{0, -1000, 0, 0});
  auto f = runner.zeros<float>(1);
  auto d = runner.zeros<double>(1);
  auto l = runner.zeros<uint64_t>(2);
  runner.launch("atomicOperations", {.grid = 4, .block = n / 4}, u, s, f, d, l);
  uint32_t sum = n * (n - 1) / 2, parity = 0, increment = 0, decrement = 0;
  for (int t = 0; t < n; ++t) {
    parity ^= t;
    increment = increment >= 9 ? 0 : increment + 1;
    decrement = decrement == 0 || decrement > 6 ? 6 : decrement - 1;
  }
  EXPECT_EQ(
      runner.read(u),
      (std::vector<uint32_t>{sum, (1u << 20) - sum, 1000 - (n - 1), (n - 1) * 3,
                             0, 0x7fffffff, parity, increment, decrement}));
  EXPECT_EQ(runner.read(s), (std::vector<int>{-(n - 1), n - 6, n, 2 * n}));
  EXPECT_EQ(runner.read(f)[0], n * 0.5f);
  EXPECT_EQ(runner.read(d)[0], n * 0.25);
  EXPECT_EQ(runner.read(l),
            (std::vector<uint64_t>{uint64_t(n) << 33, uint64_t(n - 1) << 40}));
}

TEST_P(Warp, SpinLock) {
  Runner runner(kernelFile("atomics"));
  auto lock = runner.zeros<int>(1), counter = runner.zeros<int>(1),
       seen = runner.zeros<int>(12);
  runner.launch("spinLock", {.grid = 12, .block = 64}, lock, counter, seen);
  EXPECT_EQ(runner.read(counter)[0], 12);
  std::vector<int> order = runner.read(seen), all(12);
  std::sort(order.begin(), order.end());
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(order, all);
}

TEST_P(Warp, CompareAndSwapLoop) {
  Runner runner(kernelFile("atomics"));
  std::vector<float> in = randomFloats(256, 41, 0, 100);
  auto out = runner.zeros<uint32_t>(1);
  runner.launch("casMaximum", {.grid = 2, .block = 128}, runner.upload(in),
                out);
  EXPECT_EQ(bitCast<float>(runner.read(out)[0]),
            *std::max_element(in.begin(), in.end()));
}

TEST_P(Warp, ReleaseAcquire) {
  Runner runner(kernelFile("atomics"));
  auto out = runner.zeros<int>(1);
  runner.launch("releaseAcquire", {.grid = 1, .block = 64}, out);
  EXPECT_EQ(runner.read(out)[0], 42);
}

TEST_P(Warp, SharedAtomics) {
  Runner runner(kernelFile("atomics"));
  std::vector<float> in(96);
  for (int t = 0; t < 96; ++t)
    in[t] = t * 0.25f;
  auto out = runner.zeros<float>(3);
  auto order = runner.zeros<int>(96);
  runner.launch("sharedAtomics", {.grid = 1, .block = 96}, runner.upload(in),
                out, order);
  EXPECT_EQ(runner.read(out), (std::vector<float>{95 * 48 * 0.25f, 96, 77}));
  std::vector<int> tickets = runner.read(order), all(96);
  std::sort(tickets.begin(), tickets.end());
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(tickets, all);
}

ATTN_FOR_EACH_ARCHITECTURE(Warp);

/// A barrier whose next phase ends before all that waited for the last one
/// have gone on: each gets the result of its own.
TEST(NamedBarrier, ReusedBeforeAllHaveLeft) {
  Runner runner(R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry reuse(.param .u64 output) {
  .reg .pred %high, %first, %second;
  .reg .b32 %t, %w, %v;
  .reg .b64 %o;
  ld.param.u64 %o, [output];
  mov.u32 %t, %tid.x;
  mad.wide.u32 %o, %t, 4, %o;
  shr.u32 %w, %t, 5;
  setp.eq.u32 %first, %w, 0;
  setp.eq.u32 %second, %w, 1;
  setp.ge.u32 %high, %w, 2;
  @%high bra HIGH;
  bar.red.popc.u32 %v, 1, 64, %first;
  @%second bar.sync 2, 96;
  bra END;
HIGH:
  bar.sync 2, 96;
  bar.red.popc.u32 %v, 1, 64, %high;
END:
  st.global.u32 [%o], %v;
  ret;
})",
                "reuse.ptx");
  std::vector<uint32_t> expected(128, 64);
  std::fill_n(expected.begin(), 64, 32);
  for (int seed = 0; seed < 60; ++seed) {
    if (seed)
      runner.options.seed = seed;
    auto out = runner.zeros<uint32_t>(128);
    runner.launch("reuse", {.grid = 1, .block = 128}, out);
    EXPECT_EQ(runner.read(out), expected) << "seed " << seed;
  }
}

} // namespace
