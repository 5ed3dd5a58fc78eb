//===- ReductionTest.cpp - Reductions, scans, histograms, softmax ---------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <algorithm>
#include <numeric>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

class Reduction : public KernelTest {};

TEST_P(Reduction, BlockSumTree) {
  Runner runner(kernelFile("reduce"));
  constexpr int n = 1000;
  // Multiples of 1/64 below 2^10: every sum is exact in any order.
  std::vector<float> in(n);
  for (int i = 0; i < n; ++i)
    in[i] = float((i * 7919) % 1024) / 64;
  auto out = runner.zeros<float>(4);
  runner.launch("blockSumTree", {.grid = 4, .block = 256}, runner.upload(in),
                out, n);
  std::vector<float> expected(4);
  for (int i = 0; i < n; ++i)
    expected[i / 256] += in[i];
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Reduction, GridMax) {
  Runner runner(kernelFile("reduce"));
  for (float offset : {0.0f, -50.0f}) {
    std::vector<float> in = randomFloats(5000, 1, -20, 20);
    for (float &v : in)
      v += offset;
    auto out = runner.zeros<uint32_t>(1);
    runner.launch("gridMax", {.grid = 3, .block = 128}, runner.upload(in), out,
                  int(in.size()));
    uint32_t bits = runner.read(out)[0];
    float got = bitCast<float>(bits & 0x80000000u ? bits & 0x7fffffffu : ~bits);
    EXPECT_EQ(got, *std::max_element(in.begin(), in.end()));
  }
}

TEST_P(Reduction, LastBlockSum) {
  Runner runner(kernelFile("reduce"));
  std::vector<int> in(3000);
  std::iota(in.begin(), in.end(), -700);
  auto partials = runner.zeros<int>(6);
  auto counter = runner.zeros<uint32_t>(1);
  auto out = runner.zeros<long long>(1);
  runner.launch("lastBlockSum", {.grid = 6, .block = 96}, runner.upload(in),
                partials, counter, out, int(in.size()));
  EXPECT_EQ(runner.read(out)[0],
            std::accumulate(in.begin(), in.end(), (long long)0));
  EXPECT_EQ(runner.read(counter)[0], 0u) << "atomicInc wraps at its bound";
}

TEST_P(Reduction, BarrierReductions) {
  Runner runner(kernelFile("reduce"));
  std::vector<int> in(3 * 96);
  for (int i = 0; i < 96; ++i) {
    in[i] = i % 5 - 2;
    in[96 + i] = i + 1;
    in[192 + i] = i == 40 ? 101 : 50;
  }
  auto out = runner.zeros<int>(3 * in.size());
  runner.launch("barrierReductions", {.grid = 3, .block = 96},
                runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  for (int b = 0; b < 3; ++b) {
    auto begin = in.begin() + b * 96, end = begin + 96;
    int count = std::count_if(begin, end, [](int v) { return v > 0; });
    bool any = std::any_of(begin, end, [](int v) { return v > 100; });
    for (int t = 0; t < 96; ++t) {
      const int *o = got.data() + 3 * (b * 96 + t);
      EXPECT_EQ(o[0], count);
      EXPECT_EQ(o[1] != 0, count == 96);
      EXPECT_EQ(o[2] != 0, any);
    }
  }
}

TEST_P(Reduction, ScanInclusive) {
  Runner runner(kernelFile("scan"));
  std::vector<int> in(300);
  for (int i = 0; i < 300; ++i)
    in[i] = (i * 37) % 100 - 40;
  auto out = runner.zeros<int>(in.size());
  runner.launch("scanInclusive",
                {.grid = 3, .block = 128, .shared = 2 * 128 * sizeof(int)},
                runner.upload(in), out, int(in.size()));
  std::vector<int> expected = in;
  for (int i = 0; i < 300; ++i)
    if (i % 128)
      expected[i] += expected[i - 1];
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Reduction, ScanExclusive) {
  Runner runner(kernelFile("scan"));
  std::vector<float> in(512), expected(512);
  for (int i = 0; i < 512; ++i)
    in[i] = float((i * 29) % 64) / 8;
  std::exclusive_scan(in.begin(), in.end(), expected.begin(), 0.0f);
  auto out = runner.zeros<float>(512);
  runner.launch("scanExclusive", {.grid = 1, .block = 256}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Reduction, ScanShuffle) {
  Runner runner(kernelFile("scan"));
  std::vector<long long> in(2 * 160), expected;
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = (1ll << 33) * (i % 11) - (long long)(i * i);
  expected = in;
  for (size_t i = 0; i < in.size(); ++i)
    if (i % 160)
      expected[i] += expected[i - 1];
  auto out = runner.zeros<long long>(in.size());
  runner.launch("scanShuffle", {.grid = 2, .block = 160}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Reduction, Histograms) {
  Runner runner(kernelFile("histogram"));
  std::vector<uint8_t> in(2000);
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = i % 3 ? uint8_t(i * i / 64) : uint8_t(7);
  std::vector<uint32_t> expected(256);
  for (uint8_t v : in)
    ++expected[v];
  auto input = runner.upload(in);
  for (const char *name :
       {"histogramShared", "histogramGlobal", "histogramMatch"}) {
    auto bins = runner.zeros<uint32_t>(256);
    runner.launch(name, {.grid = 16, .block = 128}, input, bins,
                  int(in.size()));
    EXPECT_EQ(runner.read(bins), expected) << name;
  }
}

std::vector<double> softmax(const std::vector<double> &in, int columns) {
  std::vector<double> out(in.size());
  for (size_t row = 0; row < in.size() / columns; ++row) {
    const double *x = in.data() + row * columns;
    double max = *std::max_element(x, x + columns), sum = 0;
    for (int c = 0; c < columns; ++c)
      sum += std::exp(x[c] - max);
    for (int c = 0; c < columns; ++c)
      out[row * columns + c] = std::exp(x[c] - max) / sum;
  }
  return out;
}

TEST_P(Reduction, SoftmaxF32) {
  Runner runner(kernelFile("softmax"));
  constexpr int rows = 8, columns = 77;
  std::vector<float> in = randomFloats(rows * columns, 3, -8, 8);
  for (int c = 1; c < columns; ++c)
    in[c] = -std::numeric_limits<float>::infinity();
  std::vector<double> expected =
      softmax(std::vector<double>(in.begin(), in.end()), columns);
  auto input = runner.upload(in);
  auto check = [&](const char *name, LaunchShape shape, double tolerance) {
    auto out = runner.zeros<float>(in.size());
    runner.launch(name, shape, input, out, columns);
    std::vector<float> got = runner.read(out);
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_NEAR(got[i], expected[i], tolerance * expected[i] + 1e-30)
          << name << " at " << i;
  };
  check("softmaxF32", {.grid = 2, .block = {32, 4}}, 2e-6);
  check("softmaxOnline", {.grid = rows, .block = 64}, 1e-5);
}

template <typename Run>
void checkSoftmax16(Runner &runner, const char *name, Format format,
                    const Run &launch) {
  constexpr int rows = 4, columns = 64;
  std::vector<uint16_t> in;
  std::vector<double> values;
  for (float v : randomFloats(rows * columns, 5, -4, 4)) {
    in.push_back(encode(v, format));
    values.push_back(decode(in.back(), format));
  }
  std::vector<double> expected = softmax(values, columns);
  std::vector<uint16_t> got = launch(in, columns);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_NEAR(decode(got[i], format), expected[i],
                expected[i] * std::ldexp(1.01, -format.mantissaBits - 1) + 1e-7)
        << name << " at " << i;
}

TEST_P(Reduction, Softmax16) {
  Runner runner(kernelFile("softmax"));
  for (auto [name, format] :
       {std::pair("softmaxF16", kF16), std::pair("softmaxBF16", kBF16)})
    checkSoftmax16(runner, name, format,
                   [&](const std::vector<uint16_t> &in, int columns) {
                     auto out = runner.zeros<uint16_t>(in.size());
                     runner.launch(name, {.grid = 1, .block = {32, 4}},
                                   runner.upload(in), out, columns);
                     return runner.read(out);
                   });
}

ATTN_FOR_EACH_ARCHITECTURE(Reduction);

} // namespace
