//===- LockTest.cpp - Threads and blocks that wait for each other -------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

/// The parameter: the file's name, its architecture, a seed or 0.
struct LockCase {
  const char *file, *arch;
  uint64_t seed;
};

class Lock : public testing::TestWithParam<LockCase> {
protected:
  Runner runner{compiledKernel(GetParam().file, GetParam().arch)};
  void SetUp() override {
    if (GetParam().seed)
      runner.options.seed = GetParam().seed;
  }
};

TEST_P(Lock, Global) {
  auto count = runner.zeros<int>(1);
  runner.launch("globalLock", {.grid = 3, .block = 128}, runner.zeros<int>(1),
                count);
  EXPECT_EQ(runner.read(count)[0], 384);
}

TEST_P(Lock, Shared) {
  auto out = runner.zeros<int>(2);
  runner.launch("sharedLock", {.grid = 2, .block = 96}, out);
  EXPECT_EQ(runner.read(out), std::vector<int>({9632, 9632}));
}

TEST_P(Lock, Backoff) {
  auto counts = runner.zeros<int>(3);
  runner.launch("lockWithBackoff", {.grid = 2, .block = 64},
                runner.zeros<int>(1), counts);
  EXPECT_EQ(runner.read(counts), std::vector<int>({44, 42, 42}));
}

TEST_P(Lock, FlagOfALane) {
  auto out = runner.zeros<int>(33);
  runner.launch("laneFlag", {.grid = 1, .block = 32}, runner.zeros<int>(1),
                out);
  EXPECT_EQ(runner.read(out), std::vector<int>(33, 7));
}

TEST_P(Lock, LaterBlock) {
  auto out = runner.zeros<int>(21);
  runner.launch("waitForLast", {.grid = 20, .block = 64}, runner.zeros<int>(1),
                out);
  std::vector<int> got = runner.read(out);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(got[i], 5 + i);
}

INSTANTIATE_TEST_SUITE_P(PTX, Lock,
                         testing::Values(LockCase{"locks", "sm_80", 0},
                                         LockCase{"locks", "sm_80", 1},
                                         LockCase{"locks", "sm_90a", 2},
                                         LockCase{"locks_debug", "sm_80", 0},
                                         LockCase{"locks_debug", "sm_90a", 3}),
                         [](const auto &info) {
                           return std::string(info.param.file) + "_" +
                                  info.param.arch + "_" +
                                  std::to_string(info.param.seed);
                         });

TEST(Grid, Sync) {
  std::vector<int> data(640);
  for (int i = 0; i < 640; ++i)
    data[i] = i * 3;
  for (const char *arch : {"sm_80", "sm_90a"})
    for (unsigned threads : {1, 2}) {
      Runner runner(compiledKernel("locks", arch));
      runner.options.threads = threads;
      auto buffer = runner.upload(data);
      runner.launch("gridRounds", {.grid = 10, .block = 64}, buffer, 4);
      std::vector<int> got = runner.read(buffer);
      for (int i = 0; i < 640; ++i)
        EXPECT_EQ(got[i], (i + 4) % 640 * 3 + 4);
    }
}

//===----------------------------------------------------------------------===//
// Those that wait for ever
//===----------------------------------------------------------------------===//

const char *const spin = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry spin(.param .u64 flag)
{
  .reg .pred %p;
  .reg .b32 %r<4>;
  .reg .b64 %d<2>;
  ld.param.u64 %d1, [flag];
  mov.u32 %r2, 0;
again:
  add.u32 %r2, %r2, COUNT;
  ld.acquire.gpu.global.u32 %r1, [%d1];
  setp.eq.u32 %p, %r1, 0;
  @%p bra again;
  ret;
}
)";

std::string spinFault(llvm::StringRef count, int blocks, unsigned threads = 0,
                      uint64_t seed = 0,
                      std::optional<uint64_t> maxSteps = std::nullopt) {
  std::string text = spin;
  text.replace(text.find("COUNT"), 5, count);
  Runner runner(text, "spin.ptx");
  runner.options.threads = threads;
  runner.options.maxSteps = maxSteps;
  runner.options.maxPolls = 5000;
  if (seed)
    runner.options.seed = seed;
  return runner.fault("spin", {.grid = blocks, .block = 64},
                      runner.zeros<int>(1, "flag"));
}

constexpr const char *waits =
    "spin.ptx:13: error: ld.acquire.gpu.global.u32: deadlock: no warp can go "
    "on; this one waits for another value at 0x10000000000 in global array "
    "'flag' of 4 bytes, block (0,0,0), thread (0,0,0)";

// Nothing changes, so nothing will.
TEST(Deadlock, SpinOnAFlag) {
  EXPECT_EQ(spinFault("0", 1), waits);
  EXPECT_EQ(spinFault("0", 20), waits);
  EXPECT_EQ(spinFault("0", 20, /*threads=*/2), waits);
  EXPECT_EQ(spinFault("0", 4, /*threads=*/1, /*seed=*/1), waits);
}

// The block that others wait for faults: that is the message.
TEST(Deadlock, FaultOfTheOneAwaited) {
  for (unsigned threads : {1, 2}) {
    Runner runner(compiledKernel("locks", "sm_80"));
    runner.options.threads = threads;
    std::string fault = runner.fault("waitForLast", {.grid = 20, .block = 64},
                                     runner.zeros<int>(1, "flag"),
                                     runner.zeros<int>(20, "out"));
    EXPECT_NE(fault.find("out-of-bounds write of 4 bytes"), std::string::npos)
        << fault;
    EXPECT_NE(fault.find("block (19,0,0)"), std::string::npos) << fault;
  }
}

// A loop that counts may give up, but not after that many.
TEST(Deadlock, SpinThatCounts) {
  constexpr const char *spins =
      "spin.ptx:13: error: ld.acquire.gpu.global.u32: deadlock: 5000 polls in "
      "a "
      "row found nothing new (--max-polls=N allows N); this one waits for "
      "another value at 0x10000000000 in global array 'flag' of 4 bytes, block "
      "(0,0,0), thread (0,0,0)";
  EXPECT_EQ(spinFault("1", 1), spins);
  EXPECT_EQ(spinFault("1", 20), spins);
  EXPECT_EQ(spinFault("1", 20, /*threads=*/2), spins);
  EXPECT_EQ(spinFault("1", 1, 0, 0, /*maxSteps=*/10000),
            "spin.ptx:14: error: setp.eq.u32: the step limit of 10000 warp "
            "instructions is exceeded; an endless loop? --max-steps=N allows "
            "N, block (0,0,0), thread (0,0,0)");
}

// One that gives up ends by itself, whatever it counts.
TEST(Deadlock, BoundedPolls) {
  Runner runner(compiledKernel("locks", "sm_80"));
  for (const char *kernel : {"pollsCounted", "pollsTimed"})
    for (int blocks : {1, 3}) {
      auto out = runner.zeros<int>(1);
      runner.launch(kernel, {.grid = blocks, .block = 64}, runner.zeros<int>(1),
                    out);
      EXPECT_GE(runner.read(out)[0], 20000) << kernel;
    }
}

// One arrival too many is expected: the library's loop looks at the clock and
// sleeps between its polls.
TEST(Deadlock, BarrierOfTooMany) {
  for (const char *arch : {"sm_80", "sm_90a"}) {
    Runner runner(compiledKernel("pipelines", arch));
    runner.options.maxPolls = 5000;
    std::string fault = runner.fault("barrierOf", {.grid = 2, .block = 64},
                                     runner.zeros<int>(64, "out"), 65);
    EXPECT_NE(fault.find("deadlock: 5000 polls in a row found nothing new "
                         "(--max-polls=N allows N); this one waits for phase 0 "
                         "of the mbarrier at 0x"),
              std::string::npos)
        << fault;
    EXPECT_NE(fault.find(" of 8 bytes, which lacks 1 of 65 arrivals and 0 "
                         "bytes, block (0,0,0), thread (0,0,0)"),
              std::string::npos)
        << fault;
    runner.launch("barrierOf", {.grid = 2, .block = 64},
                  runner.zeros<int>(64, "out"), 64);
  }
}

const char *counting = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry count(.param .u32 n, .param .u32 mask)
{
  .reg .pred %p;
  .reg .b32 %r<4>;
  ld.param.u32 %r1, [n];
  ld.param.u32 %r3, [mask];
  mov.u32 %r2, 0;
again:
  add.u32 %r2, %r2, 1;
  and.b32 %r2, %r2, %r3;
  setp.ne.u32 %p, %r2, %r1;
  @%p bra again;
  ret;
}
)";

// A loop that writes nothing may be long; one whose counter never comes to its
// bound returns to where it began.
TEST(Deadlock, LoopInRegisters) {
  Runner runner(counting, "count.ptx");
  runner.launch("count", {.grid = 1, .block = 32}, 5 << 20, -1);
  EXPECT_EQ(runner.fault("count", {.grid = 1, .block = 32}, -1, 4095),
            "count.ptx:14: error: and.b32: endless loop: the threads come back "
            "to a state that they were in while no memory changed, block "
            "(0,0,0), thread (0,0,0)");
}

// More blocks than the chip holds: those that wait keep the last one out.
TEST(Deadlock, BlocksWithoutRoom) {
  Runner runner(compiledKernel("locks", "sm_80"));
  std::string fault =
      runner.fault("waitForLast", {.grid = 2000, .block = 256},
                   runner.zeros<int>(1, "flag"), runner.zeros<int>(2001));
  EXPECT_NE(fault.find("deadlock: no warp can go on, and 1136 blocks or "
                       "clusters have no room beside the 864 that the target "
                       "holds at once; this one waits for another value"),
            std::string::npos)
      << fault;
}

} // namespace
