//===- TransposeTest.cpp - Sectors and bank conflicts that are known ------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include <numeric>

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

class Transpose : public KernelTest {};

constexpr int n = 64, tiles = n / 32;
/// A tile has 32 warp-wide loads and as many stores.
constexpr uint64_t accesses = tiles * tiles * 32;

struct Expected {
  const char *kernel;
  uint64_t storeSectors;
  uint64_t conflicts; ///< wavefronts beyond the first of each access
};

TEST_P(Transpose, SectorsAndConflicts) {
  std::vector<float> in(n * n);
  std::iota(in.begin(), in.end(), 0.0f);
  for (Expected e :
       {Expected{"transposeNaive", accesses * 32, 0},
        // The 32 loads of a tile's columns take 32 wavefronts each.
        Expected{"transposeConflicts", accesses * 4, accesses * 31},
        Expected{"transposePadded", accesses * 4, 0},
        Expected{"transposeSwizzled", accesses * 4, 0}}) {
    Runner runner(kernelFile("transpose"));
    auto out = runner.zeros<float>(n * n);
    Totals totals =
        runner.launch(e.kernel, {.grid = {tiles, tiles}, .block = {32, 8}},
                      runner.upload(in), out, n);
    std::vector<float> got = runner.read(out);
    for (int i = 0; i < n * n; ++i)
      ASSERT_EQ(got[i], in[i % n * n + i / n]) << e.kernel << " at " << i;
    EXPECT_EQ(totals.of("ld", "global").sectors, accesses * 4) << e.kernel;
    EXPECT_EQ(totals.of("st", "global").sectors, e.storeSectors) << e.kernel;
    EXPECT_EQ(totals.of("ld", "global").bytesRead, uint64_t(n * n * 4))
        << e.kernel;
    EXPECT_EQ(totals.of("st", "global").bytesWritten, uint64_t(n * n * 4))
        << e.kernel;
    EXPECT_EQ(totals.bankConflicts(), e.conflicts) << e.kernel;
  }
}

// 16 bytes a lane go by quarters of a warp: no conflict, four wavefronts.
TEST_P(Transpose, Vector4) {
  Runner runner(kernelFile("transpose"));
  std::vector<float> in(2 * 128 * 4), expected(in.size());
  std::iota(in.begin(), in.end(), 0.0f);
  for (size_t i = 0; i < in.size(); ++i)
    expected[i] = in[i / 512 * 512 + (127 - i % 512 / 4) * 4 + i % 4];
  auto out = runner.zeros<float>(in.size());
  Totals totals = runner.launch("copyVector4", {.grid = 2, .block = 128},
                                runner.upload(in), out);
  EXPECT_EQ(runner.read(out), expected);
  EXPECT_EQ(totals.of("ld", "global").sectors, 2u * 4 * 16);
  EXPECT_EQ(totals.bankConflicts(), 0u);
  EXPECT_EQ(totals.of("ld", "shared").bytesRead, uint64_t(in.size() * 4));
  EXPECT_EQ(totals.of("st", "shared").bytesWritten, uint64_t(in.size() * 4));
}

TEST_P(Transpose, Stride) {
  std::vector<int> in(1024);
  std::iota(in.begin(), in.end(), 0);
  for (int stride : {0, 1, 2, 3, 4, 8, 17, 32}) {
    Runner runner(kernelFile("transpose"));
    auto out = runner.zeros<int>(32);
    Totals totals = runner.launch("sharedStride", {.grid = 1, .block = 32},
                                  runner.upload(in), out, stride);
    std::vector<int> got = runner.read(out);
    for (int t = 0; t < 32; ++t)
      EXPECT_EQ(got[t], t * stride % 1024);
    // Lanes that read the same word share a wavefront.
    uint64_t ways = stride ? std::gcd(stride, 32) : 1;
    EXPECT_EQ(totals.bankConflicts(), ways - 1) << "stride " << stride;
  }
}

ATTN_FOR_EACH_ARCHITECTURE(Transpose);

} // namespace
