//===- ProgramTest.cpp - Calls, state spaces and control flow -------------===//
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

class Program : public KernelTest {};

std::vector<int> counting(int n, int first = 0) {
  std::vector<int> v(n);
  std::iota(v.begin(), v.end(), first);
  return v;
}

TEST_P(Program, CallScalars) {
  Runner runner(kernelFile("calls"));
  std::vector<float> in = randomFloats(64, 51), expected;
  float a = 1.5f, b = -0.3f;
  for (float x : in)
    expected.push_back(std::fma(std::fma(x, a, b), b, a));
  auto out = runner.zeros<float>(64);
  runner.launch("callScalars", {.grid = 2, .block = 32}, runner.upload(in), out,
                a, b);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, CallStructs) {
  struct Pair {
    float sum;
    int count;
  };
  Runner runner(kernelFile("calls"));
  std::vector<float> in(64 * 5);
  for (int i = 0; i < 320; ++i)
    in[i] = float(i * 37 % 64 - 30) / 4;
  auto out = runner.zeros<Pair>(64);
  runner.launch("callStructs", {.grid = 1, .block = 64}, runner.upload(in), out,
                5);
  std::vector<Pair> got = runner.read(out);
  for (int t = 0; t < 64; ++t) {
    auto begin = in.begin() + 5 * t;
    EXPECT_EQ(got[t].sum, std::accumulate(begin, begin + 5, 0.0f));
    EXPECT_EQ(got[t].count,
              std::count_if(begin, begin + 5, [](float v) { return v > 0; }));
  }
}

TEST_P(Program, CallBigStructs) {
  struct Box {
    double low[3];
    char tag;
    short edge[2];
  };
  Runner runner(kernelFile("calls"));
  std::vector<Box> in(32);
  for (int t = 0; t < 32; ++t)
    in[t] = {{t + 0.5, t * 2.0, -1.0 * t}, char(t - 16), {short(t), short(-t)}};
  std::vector<double> by = {1, 2, 4, 8};
  auto out = runner.zeros<Box>(32);
  runner.launch("callBigStructs", {.grid = 1, .block = 32}, runner.upload(in),
                out, runner.upload(by));
  std::vector<Box> got = runner.read(out);
  for (int t = 0; t < 32; ++t) {
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(got[t].low[i], in[t].low[i] - by[i] - by[i + 1]);
    EXPECT_EQ(got[t].tag, char(in[t].tag + 2));
    EXPECT_EQ(got[t].edge[0], in[t].tag + 1);
    EXPECT_EQ(got[t].edge[1], in[t].tag + 2);
  }
}

int collatz(int n) {
  int steps = 0;
  for (; n != 1 && steps < 1000; ++steps)
    n = n % 2 ? 3 * n + 1 : n / 2;
  return steps;
}

TEST_P(Program, CallDivergent) {
  Runner runner(kernelFile("calls"));
  std::vector<int> in = counting(128), expected(128);
  for (int i = 0; i < 128; ++i)
    expected[i] = i <= 4       ? i
                  : i % 3 == 0 ? collatz(i)
                  : i % 3 == 1 ? -collatz(i + 1)
                               : 2 * i + 1;
  auto out = runner.zeros<int>(128);
  runner.launch("callDivergent", {.grid = 2, .block = 64}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, KernelStruct) {
  struct Parameters {
    char c;
    short s;
    int i;
    long long l;
    float f[3];
    double d;
  };
  Runner runner(kernelFile("calls"));
  auto out = runner.zeros<double>(6);
  runner.launch("kernelStruct", {.grid = 1, .block = 1},
                Parameters{-7, 300, -70000, 1ll << 40, {1.5f, 2.5f, 3.5f}, 0.1},
                out);
  EXPECT_EQ(runner.read(out),
            (std::vector<double>{-7, 300, -70000, 0x1p40, 1.5, 0.1}));
}

TEST_P(Program, CallIndirect) {
  Runner runner(kernelFile("calls"));
  std::vector<int> in = counting(32, -10);
  for (int which : {0, 1}) {
    auto out = runner.zeros<int>(32);
    runner.launch("callIndirect", {.grid = 1, .block = 32}, runner.upload(in),
                  out, which);
    std::vector<int> got = runner.read(out);
    for (int t = 0; t < 32; ++t)
      EXPECT_EQ(got[t], which ? in[t] * in[t] : 2 * in[t]);
  }
}

TEST_P(Program, ConstantMemory) {
  Runner runner(kernelFile("memory"));
  std::vector<float> in(64);
  for (int i = 0; i < 64; ++i)
    in[i] = float(i - 32) / 16;
  auto out = runner.zeros<float>(64);
  runner.launch("constantMemory", {.grid = 2, .block = 32}, runner.upload(in),
                out);
  std::vector<float> got = runner.read(out);
  const float c[5] = {1.0f, -0.5f, 0.25f, 3.0f, -2.0f};
  const double products[3] = {7 * 1.5, -3 * 2.25, 11 * -8.0};
  for (int i = 0; i < 64; ++i) {
    float sum = 0;
    for (int k = 4; k >= 0; --k)
      sum = std::fma(sum, in[i], c[k]);
    EXPECT_EQ(got[i], sum + c[i % 5] + float(products[i % 3])) << i;
  }
}

TEST_P(Program, GlobalVariables) {
  Runner runner(kernelFile("memory"));
  auto out = runner.zeros<int>(64);
  runner.launch("globalVariables", {.grid = 1, .block = 32}, out);
  std::vector<int> got = runner.read(out);
  for (int t = 0; t < 32; ++t) {
    EXPECT_EQ(got[t], (t % 4 + 1) * 10 + 1);
    EXPECT_EQ(got[32 + t], "attention"[t % 10]);
  }
}

TEST_P(Program, LocalArray) {
  Runner runner(kernelFile("memory"));
  std::vector<int> in(64 * 16), expected(64 * 16);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = int(i * 7919 % 251);
  for (int t = 0; t < 64; ++t) {
    std::vector<int> row(in.begin() + 16 * t, in.begin() + 16 * (t + 1));
    std::sort(row.begin(), row.end());
    for (int e = 0; e < 16; ++e)
      expected[16 * t + e] = row[(e + 3) % 16];
  }
  auto out = runner.zeros<int>(in.size());
  runner.launch("localArray", {.grid = 2, .block = 32}, runner.upload(in), out,
                3);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, SwitchTable) {
  Runner runner(kernelFile("memory"));
  std::vector<int> in(96), expected(96);
  for (int i = 0; i < 96; ++i) {
    int x = in[i] = i * 5 % 11 - 1;
    switch (x) {
    case 0:
      expected[i] = (x + 17) * i;
      break;
    case 1:
      expected[i] = i * 3 - x;
      break;
    case 2:
      expected[i] = std::popcount(unsigned(i));
      break;
    case 3:
      expected[i] = (i / 7) ^ 5;
      break;
    case 4:
    case 5:
      expected[i] = (i << 2) + 1;
      break;
    case 6:
      expected[i] = i * i;
      break;
    case 7:
      expected[i] = std::countl_zero(unsigned(i));
      break;
    case 8:
      expected[i] = std::min(i, 9);
      break;
    default:
      expected[i] = -1;
    }
  }
  auto out = runner.zeros<int>(96);
  runner.launch("switchTable", {.grid = 1, .block = 96}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, GenericPointers) {
  Runner runner(kernelFile("memory"));
  std::vector<int> in = counting(64, 1000);
  auto global = runner.upload(in);
  for (int which = 0; which < 3; ++which) {
    auto out = runner.zeros<int>(64);
    runner.launch("genericPointers", {.grid = 1, .block = 64}, global, out,
                  which);
    std::vector<int> got = runner.read(out);
    for (int t = 0; t < 64; ++t) {
      int kind = (t + which) % 3;
      EXPECT_EQ(got[t], kind == 0   ? (t ^ 1) * 2
                        : kind == 1 ? t + t % 4 * 100
                                    : in[t]);
    }
  }
}

TEST_P(Program, Widths) {
  Runner runner(kernelFile("memory"));
  std::vector<int8_t> s8;
  std::vector<uint16_t> u16;
  std::vector<long long> v;
  for (int t = 0; t < 32; ++t) {
    s8.push_back(t * 11 - 128);
    u16.push_back(65535 - t * 300);
    v.push_back((long long)t << 50);
    v.push_back(-t);
  }
  auto out = runner.zeros<long long>(32);
  runner.launch("widths", {.grid = 1, .block = 32}, runner.upload(s8),
                runner.upload(u16), runner.upload(v), out);
  std::vector<long long> got = runner.read(out);
  for (int t = 0; t < 32; ++t)
    EXPECT_EQ(got[t], s8[t] + u16[t] * 2ll + v[2 * t] - v[2 * t + 1]);
}

TEST_P(Program, NestedLoops) {
  Runner runner(kernelFile("divergence"));
  std::vector<int> in(64), expected(64);
  for (int i = 0; i < 64; ++i) {
    in[i] = i * 13 % 47;
    int sum = 0;
    for (int a = 0; a < in[i]; ++a) {
      if (a % 3 == 2)
        continue;
      for (int b = a; b < in[i]; ++b) {
        if (sum > 500)
          break;
        sum += a ^ b;
      }
      if (sum > 700)
        break;
    }
    expected[i] = sum;
  }
  auto out = runner.zeros<int>(64);
  runner.launch("nestedLoops", {.grid = 1, .block = 64}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, EarlyExit) {
  Runner runner(kernelFile("divergence"));
  std::vector<int> in = counting(32, 3);
  for (int n : {1, 13, 32}) {
    auto out = runner.zeros<int>(32);
    runner.launch("earlyExit", {.grid = 1, .block = 32}, runner.upload(in), out,
                  n);
    std::vector<int> got = runner.read(out);
    for (int t = 0; t < 32; ++t)
      EXPECT_EQ(got[t],
                t < n ? std::accumulate(in.begin(), in.begin() + n, 0) : 0);
  }
}

TEST_P(Program, Reconverge) {
  Runner runner(kernelFile("divergence"));
  std::vector<int> in(32);
  for (int t = 0; t < 32; ++t)
    in[t] = t * t % 7;
  uint32_t odd = 0, even = 0;
  for (int t = 0; t < 32; ++t) {
    odd += in[t] & 1;
    even |= uint32_t(!(in[t] & 1)) << t;
  }
  auto out = runner.zeros<uint32_t>(32);
  runner.launch("reconverge", {.grid = 1, .block = 32}, runner.upload(in), out);
  std::vector<uint32_t> got = runner.read(out);
  for (int t = 0; t < 32; ++t)
    EXPECT_EQ(got[t], (!(in[t] & 1) ? 1000
                       : in[t] & 2  ? odd * 2
                                    : odd * 3) +
                          even % 7)
        << t;
}

TEST_P(Program, GreatestCommonDivisor) {
  Runner runner(kernelFile("divergence"));
  std::vector<uint32_t> a = randomBits(100, 61), b = randomBits(100, 62),
                        expected;
  for (int i = 0; i < 100; ++i) {
    a[i] = a[i] % 10000 * 12;
    b[i] = b[i] % 10000 * 18;
    expected.push_back(std::gcd(a[i], b[i]));
  }
  auto out = runner.zeros<uint32_t>(100);
  runner.launch("gcd", {.grid = 2, .block = 64}, runner.upload(a),
                runner.upload(b), out, 100);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Program, ThreeDimensions) {
  Runner runner(kernelFile("divergence"));
  auto out = runner.zeros<uint32_t>(2 * 3 * 2 * 5 * 3 * 4);
  runner.launch("threeDimensions", {.grid = {2, 3, 2}, .block = {5, 3, 4}},
                out);
  std::vector<uint32_t> got = runner.read(out);
  size_t i = 0;
  for (uint32_t block = 0; block < 12; ++block)
    for (uint32_t z = 0; z < 4; ++z)
      for (uint32_t y = 0; y < 3; ++y)
        for (uint32_t x = 0; x < 5; ++x, ++i)
          EXPECT_EQ(got[i], x | y << 4 | z << 8 | block % 2 << 12 |
                                block / 2 % 3 << 16 | block / 6 << 20);
}

ATTN_FOR_EACH_ARCHITECTURE(Program);

} // namespace
