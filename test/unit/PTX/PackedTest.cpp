//===- PackedTest.cpp - Half, bfloat16 and 8-bit floats against the CPU ---===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Reference.h"

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

class Packed : public KernelTest {};

constexpr int threads = 512, results = 16;

/// Bit patterns of a 16-bit format; NaN has many.
bool sameBits(uint16_t got, uint16_t expected, Format format) {
  double g = decode(got, format), e = decode(expected, format);
  return std::isnan(e) ? std::isnan(g) : got == expected;
}

std::vector<uint16_t> corners(size_t count, Format format, unsigned seed) {
  std::vector<uint16_t> values;
  for (float v : cornerFloats(count, seed))
    values.push_back(encode(v, format));
  return values;
}

void checkPacked(const std::string &file, const char *kernel, Format format) {
  Runner runner(file);
  std::vector<uint16_t> in = corners(6 * threads, format, 31);
  auto out = runner.zeros<uint32_t>(threads * results);
  runner.launch(kernel, {.grid = 4, .block = threads / 4}, runner.upload(in),
                out);
  std::vector<uint32_t> got = runner.read(out);
  double nan = std::numeric_limits<double>::quiet_NaN();
  auto value = [&](uint16_t bits) { return decode(bits, format); };
  // Sums and products are exact in double or round far below the format.
  auto encoded = [&](double v) { return encode(v, format); };
  for (int t = 0; t < threads; ++t) {
    uint16_t unpacked[3][2];
    for (int operand = 0; operand < 3; ++operand)
      for (int h = 0; h < 2; ++h)
        unpacked[operand][h] = in[(3 * t + operand) * 2 + h];
    const uint32_t *g = got.data() + t * results;
    for (int h = 0; h < 2; ++h) {
      uint16_t bits = unpacked[0][h];
      double a = value(bits), b = value(unpacked[1][h]),
             c = value(unpacked[2][h]);
      uint16_t one = encoded(1), none = 0;
      double product = fusedToOdd(a, b, c);
      bool unordered = std::isnan(a) || std::isnan(b);
      auto half = [&](int i) { return uint16_t(g[i] >> (16 * h)); };
      auto check = [&](int i, uint16_t expected) {
        EXPECT_TRUE(sameBits(half(i), expected, format))
            << kernel << " result " << i << " of " << a << ", " << b << ", "
            << c << ": " << std::hex << half(i) << ", expected " << expected;
      };
      check(0, encoded(a + b));
      check(1, encoded(a - b));
      check(2, encoded(a * b));
      check(3, encoded(product));
      check(4, encoded(minimum(a, b)));
      check(5, encoded(maximum(a, b)));
      check(6, encoded(unordered ? nan : minimum(a, b)));
      if (!std::isnan(a)) {
        check(7, bits ^ 0x8000);
        check(8, bits & 0x7fff);
      }
      check(9, a > b ? one : none);
      check(10, std::isnan(product) ? encoded(nan)
                : product > 0       ? encoded(product)
                                    : none);
      EXPECT_EQ(half(11), unpacked[0][1 - h]);
      check(14, a < c || a > c ? one : none);
      EXPECT_EQ(half(15), a > c ? 0xffff : 0);
    }
    double a0 = value(unpacked[0][0]), a1 = value(unpacked[0][1]),
           b0 = value(unpacked[1][0]), b1 = value(unpacked[1][1]);
    EXPECT_EQ(g[12], uint32_t(a0 == b0 && a1 == b1) |
                         uint32_t(!(a0 >= b0) && !(a1 >= b1)) << 1)
        << kernel;
    EXPECT_EQ(ulpDistance(bitCast<float>(g[13]), float(a0) + float(b1)), 0u)
        << kernel;
  }
}

TEST_P(Packed, Half) { checkPacked(kernelFile("packed"), "packedHalf", kF16); }

TEST_P(Packed, BFloat16) {
  checkPacked(kernelFile("packed"), "packedBFloat16", kBF16);
}

TEST_P(Packed, FromFloat) {
  Runner runner(kernelFile("packed"));
  std::vector<float> in = cornerFloats(threads, 32);
  auto out = runner.zeros<uint16_t>(threads * 12);
  runner.launch("halfConversions", {.grid = 4, .block = threads / 4},
                runner.upload(in), out);
  std::vector<uint16_t> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    float a = in[t], triple = a * 3;
    auto relu = [](float v) { return v > 0 || std::isnan(v) ? v : 0.0f; };
    const std::pair<uint16_t, Format> expected[12] = {
        {encode(a, kF16), kF16},
        {encode(a, kF16, Rounding::Zero), kF16},
        {encode(a, kF16, Rounding::Up), kF16},
        {encode(a, kF16, Rounding::Down), kF16},
        {encode(a, kBF16), kBF16},
        {encode(a, kBF16, Rounding::Zero), kBF16},
        // The first source of a packed conversion is the upper half.
        {encode(triple, kF16), kF16},
        {encode(a, kF16), kF16},
        {encode(triple, kBF16), kBF16},
        {encode(a, kBF16), kBF16},
        {encode(relu(-a), kF16), kF16},
        {encode(relu(a), kF16), kF16},
    };
    for (int i = 0; i < 12; ++i)
      EXPECT_TRUE(
          sameBits(got[t * 12 + i], expected[i].first, expected[i].second))
          << "result " << i << " of " << std::hexfloat << a << ": " << std::hex
          << got[t * 12 + i] << ", expected " << expected[i].first;
  }
}

TEST_P(Packed, ToOthers) {
  Runner runner(kernelFile("packed"));
  std::vector<uint16_t> in = corners(threads, kF16, 33);
  auto out = runner.zeros<int>(threads * 8);
  runner.launch("halfToOthers", {.grid = 1, .block = threads},
                runner.upload(in), out);
  std::vector<int> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    double a = decode(in[t], kF16);
    const int *g = got.data() + t * 8;
    EXPECT_EQ(ulpDistance(bitCast<float>(g[0]), float(a)), 0u);
    EXPECT_EQ(g[1], toInteger<int>(float(a), Rounding::Nearest));
    EXPECT_EQ(g[2], toInteger<int>(float(a), Rounding::Zero));
    EXPECT_EQ(uint16_t(g[3]), toInteger<uint16_t>(float(a), Rounding::Zero));
    EXPECT_TRUE(sameBits(g[4], encode(std::floor(a), kF16), kF16)) << a;
    EXPECT_TRUE(sameBits(g[5], encode(std::nearbyint(a), kF16), kF16)) << a;
    EXPECT_EQ(g[6], int(encode(t * 37 - 1000, kF16)));
    EXPECT_EQ(g[7], int(encode(t * 151 % 65536, kF16, Rounding::Zero)));
  }
}

TEST_P(Packed, HalfApproximations) {
  Runner runner(kernelFile("packed"));
  std::vector<uint16_t> in;
  for (float v : randomFloats(256, 34, -4, 4))
    in.push_back(encode(std::nearbyint(v * 64) / 64, kF16));
  auto out = runner.zeros<uint32_t>(256);
  auto sum = runner.zeros<uint16_t>(2);
  runner.launch("halfApproximations", {.grid = 1, .block = 128},
                runner.upload(in), out, sum);
  std::vector<uint32_t> got = runner.read(out);
  double sums[2] = {};
  for (int t = 0; t < 128; ++t)
    for (int h = 0; h < 2; ++h) {
      double a = decode(in[2 * t + h], kF16);
      // In order of the threads: each addition rounds to half precision.
      sums[h] = rounded(sums[h] + a, kF16);
      double tanh = decode(got[2 * t] >> (16 * h) & 0xffff, kF16);
      double exp2 = decode(got[2 * t + 1] >> (16 * h) & 0xffff, kF16);
      EXPECT_NEAR(tanh, std::tanh(a), 0x1p-10) << a;
      EXPECT_NEAR(exp2, std::exp2(a), std::exp2(a) * 0x1.1p-10) << a;
    }
  std::vector<uint16_t> total = runner.read(sum);
  for (int h = 0; h < 2; ++h)
    EXPECT_EQ(decode(total[h], kF16), sums[h]);
}

TEST_P(Packed, FP8) {
  Runner runner(kernelFile("fp8"));
  std::vector<float> in = cornerFloats(2 * threads, 35);
  auto out = runner.zeros<uint16_t>(threads * 4);
  runner.launch("fp8Conversions", {.grid = 1, .block = threads},
                runner.upload(in), out);
  std::vector<uint16_t> got = runner.read(out);
  for (int t = 0; t < threads; ++t)
    for (int h = 0; h < 2; ++h) {
      float a = in[2 * t + h];
      uint32_t e4m3 = encode(a, kE4M3, Rounding::Nearest, true);
      uint32_t e5m2 = encode(a, kE5M2, Rounding::Nearest, true);
      if (!std::isnan(a)) {
        EXPECT_EQ(got[4 * t] >> (8 * h) & 0xff, e4m3) << a;
        EXPECT_EQ(got[4 * t + 1] >> (8 * h) & 0xff, e5m2) << a;
      }
      EXPECT_TRUE(
          sameBits(got[4 * t + 2 + h], encode(decode(e4m3, kE4M3), kF16), kF16))
          << a;
    }
  auto all = runner.zeros<uint16_t>(512);
  runner.launch("fp8ToHalf", {.grid = 1, .block = 256}, all);
  got = runner.read(all);
  for (int i = 0; i < 256; ++i) {
    EXPECT_TRUE(sameBits(got[2 * i], encode(decode(i, kE4M3), kF16), kF16));
    EXPECT_TRUE(sameBits(got[2 * i + 1], encode(decode(i, kE5M2), kF16), kF16));
  }
}

ATTN_FOR_EACH_ARCHITECTURE(Packed);

} // namespace
