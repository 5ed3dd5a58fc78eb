//===- LibraryTest.cpp - Kernels made of CUDA's libraries ---------------===//
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

class Library : public KernelTest {};

std::vector<int> scattered(int n, int modulus) {
  std::vector<int> v(n);
  for (int i = 0; i < n; ++i)
    v[i] = int(uint32_t(i) * 2654435761u >> 8) % modulus;
  return v;
}

TEST_P(Library, CubReduce) {
  Runner runner(kernelFile("cub"));
  std::vector<float> in = randomFloats(512, 3);
  auto out = runner.zeros<float>(2);
  runner.launch("blockSum", {.grid = 2, .block = 256}, runner.upload(in), out);
  std::vector<float> got = runner.read(out);
  for (int b = 0; b < 2; ++b)
    EXPECT_NEAR(
        got[b],
        std::accumulate(in.begin() + 256 * b, in.begin() + 256 * (b + 1), 0.0),
        1e-4);
}

TEST_P(Library, CubScan) {
  Runner runner(kernelFile("cub"));
  std::vector<int> in = scattered(512, 1000), expected(512);
  std::partial_sum(in.begin(), in.end(), expected.begin());
  auto out = runner.zeros<int>(512);
  runner.launch("blockScan", {.grid = 1, .block = 128}, runner.upload(in), out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Library, CubSort) {
  Runner runner(kernelFile("cub"));
  std::vector<unsigned> in(1024);
  for (unsigned i = 0; i < 1024; ++i)
    in[i] = i * 2654435761u;
  auto out = runner.zeros<unsigned>(1024);
  runner.launch("blockSort", {.grid = 1, .block = 128}, runner.upload(in), out);
  std::sort(in.begin(), in.end());
  EXPECT_EQ(runner.read(out), in);
}

TEST_P(Library, CubMergeSort) {
  Runner runner(kernelFile("cub"));
  std::vector<int> in = scattered(256, 100), order(256);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return in[a] < in[b]; });
  auto out = runner.zeros<double>(256);
  runner.launch("mergeSort", {.grid = 1, .block = 64}, runner.upload(in), out);
  std::vector<double> got = runner.read(out);
  for (int i = 0; i < 256; ++i)
    EXPECT_EQ(got[i], order[i] + 1000.0 * in[order[i]]);
}

// Blocks that are begun first wait for those that follow.
TEST_P(Library, CubLookBack) {
  Runner runner(kernelFile("cub"));
  constexpr int tiles = 40, n = tiles * 128;
  std::vector<int> in = scattered(n, 100), expected(n);
  std::partial_sum(in.begin(), in.end(), expected.begin());
  auto storage = runner.zeros<uint8_t>(1 << 20);
  auto out = runner.zeros<int>(n);
  runner.launch("clearTiles", {.grid = 4, .block = 128}, storage, tiles);
  runner.launch("scanTiles", {.grid = tiles, .block = 128}, runner.upload(in),
                out, storage, tiles);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(Library, Tiles) {
  struct Pair {
    int sum, scan;
  };
  Runner runner(kernelFile("groups"));
  std::vector<int> in = scattered(64, 100);
  auto out = runner.zeros<Pair>(64);
  runner.launch("tiles", {.grid = 1, .block = 64}, runner.upload(in), out);
  std::vector<Pair> got = runner.read(out);
  for (int i = 0; i < 64; ++i) {
    auto begin = in.begin() + i / 8 * 8;
    EXPECT_EQ(got[i].sum, std::accumulate(begin, begin + 8, 0));
    EXPECT_EQ(got[i].scan, std::accumulate(begin, in.begin() + i + 1, 0));
  }
}

TEST_P(Library, CoalescedThreads) {
  Runner runner(kernelFile("groups"));
  std::vector<int> in = scattered(128, 1000), expected;
  llvm::copy_if(in, std::back_inserter(expected),
                [](int v) { return v % 3 == 0; });
  auto out = runner.zeros<int>(128), count = runner.zeros<int>(1);
  runner.launch("compact", {.grid = 1, .block = 128}, runner.upload(in), out,
                count);
  ASSERT_EQ(runner.read(count)[0], int(expected.size()));
  std::vector<int> got = runner.read(out);
  got.resize(expected.size());
  std::sort(got.begin(), got.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(got, expected);
}

TEST_P(Library, LabeledPartition) {
  Runner runner(kernelFile("groups"));
  std::vector<int> in = scattered(64, 1000);
  auto out = runner.zeros<int>(64);
  runner.launch("labels", {.grid = 1, .block = 64}, runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  for (int i = 0; i < 64; ++i) {
    int sum = 0;
    for (int j = i / 32 * 32; j < i / 32 * 32 + 32; ++j)
      sum += in[j] % 5 == in[i] % 5 ? in[j] : 0;
    EXPECT_EQ(got[i], sum);
  }
}

TEST_P(Library, TilesOfSeveralWarps) {
  Runner runner(kernelFile("groups"));
  std::vector<int> in = scattered(256, 1000);
  auto out = runner.zeros<int>(256);
  runner.launch("bigTiles", {.grid = 1, .block = 256}, runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  for (int i = 0; i < 256; ++i) {
    auto begin = in.begin() + i / 128 * 128;
    EXPECT_EQ(got[i], std::accumulate(begin, begin + 128, 0) +
                          std::accumulate(begin, in.begin() + i, 0));
  }
}

TEST_P(Library, BarrierWithCopies) {
  struct Quad {
    int v[4];
    bool operator==(const Quad &) const = default;
  };
  Runner runner(kernelFile("pipelines"));
  std::vector<Quad> in(128);
  for (int i = 0; i < 128; ++i)
    in[i] = {{i, 2 * i, 3 * i, 4 * i}};
  auto out = runner.zeros<Quad>(128);
  runner.launch("reverse", {.grid = 1, .block = 128}, runner.upload(in), out);
  std::reverse(in.begin(), in.end());
  EXPECT_EQ(runner.read(out), in);
}

TEST_P(Library, Pipelines) {
  constexpr int rows = 10;
  for (uint64_t seed : {0, 1}) {
    Runner runner(kernelFile("pipelines"));
    if (seed)
      runner.options.seed = seed;
    std::vector<int> in = scattered(rows * 128, 1000);
    auto input = runner.upload(in);
    auto out = runner.zeros<int>(128), halves = runner.zeros<int>(64);
    runner.launch("shiftedSum", {.grid = 1, .block = 128}, input, out, rows);
    runner.launch("rolesSum", {.grid = 1, .block = 128}, input, halves,
                  2 * rows);
    std::vector<int> got = runner.read(out), gotHalves = runner.read(halves);
    for (int t = 0; t < 128; ++t) {
      int sum = 0;
      for (int row = 0; row < rows; ++row)
        sum += in[row * 128 + (t + row) % 128];
      EXPECT_EQ(got[t], sum);
    }
    for (int t = 0; t < 64; ++t) {
      int sum = 0;
      for (int row = 0; row < 2 * rows; ++row)
        sum += in[row * 64 + 63 - t];
      EXPECT_EQ(gotHalves[t], sum);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(PTX, Library,
                         testing::Values("sm_75", "sm_80", "sm_90a", "sm_120"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

class LibraryCluster : public KernelTest {
protected:
  Runner runner{kernelFile("clusters")};
};

TEST_P(LibraryCluster, Histogram) {
  std::vector<int> in = scattered(3000, 1000), expected(256);
  for (int v : in)
    ++expected[v & 255];
  auto out = runner.zeros<int>(256);
  runner.launch("sharedHistogram", {.grid = 8, .block = 128}, runner.upload(in),
                out, 3000);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(LibraryCluster, Sum) {
  std::vector<int> in = scattered(16 * 32, 1000), expected(4);
  for (int i = 0; i < 16 * 32; ++i) {
    int block = i / 32, x = block % 4, y = block / 4;
    expected[y / 2 * 2 + x / 2] += in[i];
  }
  auto out = runner.zeros<int>(4);
  runner.launch("clusterSum", {.grid = {4, 4}, .block = 32}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

TEST_P(LibraryCluster, BlockThatLeaves) {
  std::string fault =
      runner.fault("sumWithoutSync", {.grid = 2, .block = 32},
                   runner.upload(std::vector<int>{1, 2}), runner.zeros<int>(1));
  EXPECT_NE(fault.find("access to the shared memory of block (1,0,0) of the "
                       "cluster, which has left the kernel, block (0,0,0), "
                       "thread (0,0,0)"),
            std::string::npos)
      << fault;
}

TEST_P(LibraryCluster, BulkCopies) {
  std::vector<int> in = scattered(2048, 1000), expected;
  for (int v : in)
    expected.push_back(2 * v);
  auto out = runner.zeros<int>(2048);
  runner.launch("doubleInShared", {.grid = 2, .block = 128}, runner.upload(in),
                out);
  EXPECT_EQ(runner.read(out), expected);
}

INSTANTIATE_TEST_SUITE_P(PTX, LibraryCluster,
                         testing::Values("sm_90a", "sm_120"),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

} // namespace
