//===- TritonTest.cpp - Triton's flash attention on the emulator ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

#include <algorithm>

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

constexpr int headDim = 64, tile = 64;

struct Problem {
  int heads, queries, keys;
  bool causal;
  int arch; // the number of sm_NN
};

struct Attention {
  std::vector<double> out; // [heads, queries, headDim]
  std::vector<double> lse; // [heads, queries], base 2
};

/// Softmax by its definition; query i sees keys up to i where causal.
Attention attention(const std::vector<double> &q, const std::vector<double> &k,
                    const std::vector<double> &v, double scale, Problem p) {
  Attention result;
  result.out.resize(size_t(p.heads) * p.queries * headDim);
  result.lse.resize(size_t(p.heads) * p.queries);
  for (int h = 0; h < p.heads; ++h)
    for (int i = 0; i < p.queries; ++i) {
      int visible = p.causal ? std::min(p.keys, i + 1) : p.keys;
      std::vector<double> scores(visible);
      for (int j = 0; j < visible; ++j) {
        double dot = 0;
        for (int d = 0; d < headDim; ++d)
          dot += q[(size_t(h) * p.queries + i) * headDim + d] *
                 k[(size_t(h) * p.keys + j) * headDim + d];
        scores[j] = dot * scale;
      }
      double max = *std::max_element(scores.begin(), scores.end()), sum = 0;
      double *row = &result.out[(size_t(h) * p.queries + i) * headDim];
      for (int j = 0; j < visible; ++j) {
        double weight = std::exp2(scores[j] - max);
        sum += weight;
        for (int d = 0; d < headDim; ++d)
          row[d] += weight * v[(size_t(h) * p.keys + j) * headDim + d];
      }
      for (int d = 0; d < headDim; ++d)
        row[d] /= sum;
      result.lse[size_t(h) * p.queries + i] = max + std::log2(sum);
    }
  return result;
}

class Triton : public testing::TestWithParam<Problem> {};

/// f16 values of a tensor, and what they stand for.
std::vector<double> makeValues(size_t count, unsigned seed,
                               std::vector<uint16_t> &bits) {
  std::vector<double> values;
  for (float f : randomFloats(count, seed, -2, 2)) {
    bits.push_back(encode(f, kF16));
    values.push_back(decode(bits.back(), kF16));
  }
  return values;
}

constexpr float qkScale = 0.125f * 1.44269504f;

TEST_P(Triton, FlashAttention) {
  Problem p = GetParam();
  Runner runner(std::string(ATTN_PTX_TRITON) + "/attn_sm" +
                std::to_string(p.arch) + "_" + (p.causal ? "causal" : "full") +
                ".ptx");
  std::vector<uint16_t> qBits, kBits, vBits;
  std::vector<double> q = makeValues(size_t(p.heads) * p.queries * headDim, 1,
                                     qBits),
                      k = makeValues(size_t(p.heads) * p.keys * headDim, 2,
                                     kBits),
                      v = makeValues(size_t(p.heads) * p.keys * headDim, 3,
                                     vBits);
  auto out = runner.zeros<uint16_t>(q.size());
  auto lse = runner.zeros<float>(size_t(p.heads) * p.queries);
  Totals totals = runner.launch(
      "attn_fwd",
      {.grid = {(p.queries + tile - 1) / tile, p.heads},
       .block = 128,
       .shared = p.arch == 90 ? 57344u : 40960u},
      runner.upload(qBits, "Q"), runner.upload(kBits, "K"),
      runner.upload(vBits, "V"), out, lse, p.queries, p.keys,
      p.queries * headDim, p.keys * headDim, qkScale, uint64_t(0), uint64_t(0));
  Attention expected = attention(q, k, v, qkScale, p);
  // P is rounded to f16 before the second product, O at the end: a relative
  // half ulp each of values below 2.
  std::vector<uint16_t> got = runner.read(out);
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(decode(got[i], kF16), expected.out[i], 2.5e-3)
        << "element " << i;
  std::vector<float> gotLse = runner.read(lse);
  for (size_t i = 0; i < gotLse.size(); ++i)
    ASSERT_NEAR(gotLse[i], expected.lse[i], 1e-4) << "row " << i;

  // Two products of 2 * 64 * 64 * 64 for each pair of tiles that is visited.
  uint64_t pairs = 0;
  for (int m = 0; m * tile < p.queries; ++m) {
    int end = p.causal ? std::min(p.keys, (m + 1) * tile) : p.keys;
    pairs += (end + tile - 1) / tile;
  }
  EXPECT_EQ(totals.stats.total().mmaFlops,
            uint64_t(p.heads) * pairs * 2 * 2 * tile * tile * headDim);
}

/// One warp group loads tiles by tensor maps that the kernel made itself, two
/// others multiply.
TEST(TritonTMA, WarpSpecialisedFlashAttention) {
  for (bool causal : {false, true})
    for (uint64_t seed : {0, 1, 2}) {
      Problem p = {2, 256, 256, causal, 90};
      Runner runner(std::string(ATTN_PTX_TRITON) + "/attn_tma_sm90_" +
                    (causal ? "causal" : "full") + ".ptx");
      if (seed)
        runner.options.seed = seed;
      std::vector<uint16_t> qBits, kBits, vBits;
      size_t count = size_t(p.heads) * p.queries * headDim;
      std::vector<double> q = makeValues(count, 1, qBits),
                          k = makeValues(count, 2, kBits),
                          v = makeValues(count, 3, vBits);
      constexpr int rows = 128;
      int blocks = p.heads * p.queries / rows;
      auto out = runner.zeros<uint16_t>(count);
      Totals totals = runner.launch(
          "attn_tma",
          {.grid = {p.queries / rows, p.heads}, .block = 384, .shared = 66040},
          runner.upload(qBits, "Q"), runner.upload(kBits, "K"),
          runner.upload(vBits, "V"), out, p.heads, p.queries, qkScale,
          runner.zeros<uint8_t>(640 * blocks, "scratch"), uint64_t(0));
      Attention expected = attention(q, k, v, qkScale, p);
      std::vector<uint16_t> got = runner.read(out);
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(decode(got[i], kF16), expected.out[i], 2.5e-3)
            << "element " << i << ", seed " << seed;
      // Q once, K and V for every block of queries that sees them.
      uint64_t tileBytes = rows * headDim * 2;
      uint64_t loads = causal ? 2 + 2 * (1 + 2) : 2 + 2 * (2 + 2);
      EXPECT_EQ(totals.of("cp.async.bulk.tensor.2d.shared").bytesRead,
                p.heads * loads * tileBytes);
    }
}

std::string tritonFile(const char *name) {
  return std::string(ATTN_PTX_TRITON) + "/" + name + ".ptx";
}

TEST(TritonKernels, Softmax) {
  constexpr int rows = 3, n = 1008;
  Runner runner(tritonFile("softmax_sm120"));
  std::vector<float> in = randomFloats(rows * n, 7, -4, 4);
  auto out = runner.zeros<float>(rows * n);
  runner.launch("softmax", {.grid = rows, .block = 128, .shared = 16},
                runner.upload(in), out, n, uint64_t(0), uint64_t(0));
  std::vector<float> got = runner.read(out);
  for (int r = 0; r < rows; ++r) {
    double sum = 0;
    for (int i = 0; i < n; ++i)
      sum += std::exp(double(in[r * n + i]));
    for (int i = 0; i < n; ++i)
      ASSERT_NEAR(got[r * n + i], std::exp(double(in[r * n + i])) / sum, 1e-6);
  }
}

TEST(TritonKernels, LockedSum) {
  constexpr int blocks = 6, n = 256;
  for (uint64_t seed : {0, 1}) {
    Runner runner(tritonFile("locked_sum_sm80"));
    if (seed)
      runner.options.seed = seed;
    std::vector<int> in(blocks * n);
    int sum = 0;
    for (int i = 0; i < blocks * n; ++i)
      sum += in[i] = i * 7 % 1000;
    auto state = runner.zeros<int>(3);
    runner.launch("locked_sum", {.grid = blocks, .block = 128, .shared = 16},
                  runner.upload(in), state, uint64_t(0), uint64_t(0));
    EXPECT_EQ(runner.read(state), std::vector<int>({0, blocks, sum}));
  }
}

TEST(TritonKernels, MatmulOverACluster) {
  constexpr int m = 256, n = 128, k = 192;
  Runner runner(tritonFile("matmul_cluster_sm90"));
  std::vector<uint16_t> aBits, bBits;
  std::vector<double> a = makeValues(m * k, 1, aBits),
                      b = makeValues(k * n, 2, bBits);
  auto out = runner.zeros<float>(m * n);
  // Two blocks a tile.
  Totals totals = runner.launch(
      "matmul", {.grid = {2 * m / 128, n / 128}, .block = 128, .shared = 73728},
      runner.upload(aBits), runner.upload(bBits), out, n, k, uint64_t(0),
      uint64_t(0));
  std::vector<float> got = runner.read(out);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l)
        sum += a[i * k + l] * b[l * n + j];
      ASSERT_NEAR(got[i * n + j], sum, 1e-3) << i << ", " << j;
    }
  EXPECT_EQ(totals.stats.total().mmaFlops, uint64_t(2) * m * n * k);
}

INSTANTIATE_TEST_SUITE_P(PTX, Triton,
                         testing::Values(Problem{2, 128, 192, false, 80},
                                         Problem{1, 80, 144, false, 80},
                                         Problem{2, 128, 128, true, 80},
                                         Problem{1, 144, 144, true, 80},
                                         Problem{2, 128, 192, false, 90},
                                         Problem{1, 80, 144, false, 90},
                                         Problem{2, 128, 128, true, 90},
                                         Problem{1, 144, 144, true, 90}),
                         [](const auto &info) {
                           const Problem &p = info.param;
                           return "sm" + std::to_string(p.arch) +
                                  (p.causal ? "_causal_" : "_full_") +
                                  std::to_string(p.queries) + "x" +
                                  std::to_string(p.keys);
                         });

} // namespace
