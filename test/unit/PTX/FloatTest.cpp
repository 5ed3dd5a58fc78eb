//===- FloatTest.cpp - Float arithmetic against the CPU -------------------===//
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

class Float : public KernelTest {};

constexpr Rounding nearest = Rounding::Nearest, zero = Rounding::Zero,
                   up = Rounding::Up, down = Rounding::Down;

/// Equal as values, or both NaN; zeros by their sign.
template <typename T> bool same(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

TEST_P(Float, Arithmetic) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 512, results = 40;
  std::vector<float> in = cornerFloats(3 * threads, 21);
  auto out = runner.zeros<float>(threads * results);
  runner.launch("floats", {.grid = 4, .block = threads / 4}, runner.upload(in),
                out);
  std::vector<float> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    float a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
    float product = flush(multiply(flush(a), flush(b), nearest));
    float nan = std::numeric_limits<float>::quiet_NaN();
    auto saturated = [](float v) { return !(v > 0) ? 0.0f : v > 1 ? 1.0f : v; };
    float signs = std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f;
    float larger = maximum(std::fabs(a), std::fabs(b));
    const float expected[results] = {
        add(a, b, nearest),
        add(a, b, zero),
        add(a, b, up),
        add(a, b, down),
        multiply(a, b, nearest),
        multiply(a, b, zero),
        multiply(a, b, up),
        multiply(a, b, down),
        fusedMultiplyAdd(a, b, c, nearest),
        fusedMultiplyAdd(a, b, c, zero),
        fusedMultiplyAdd(a, b, c, up),
        fusedMultiplyAdd(a, b, c, down),
        divide(a, b, nearest),
        divide(a, b, zero),
        divide(a, b, up),
        divide(a, b, down),
        divide(1.0f, a, nearest),
        divide(1.0f, a, up),
        squareRoot(a, nearest),
        squareRoot(a, down),
        minimum(a, b),
        maximum(a, b),
        saturated(a),
        std::trunc(a),
        std::floor(a),
        std::ceil(a),
        std::nearbyint(a),
        std::round(a),
        std::copysign(a, b),
        std::fabs(a) - b,
        flush(add(flush(a), flush(b), nearest)),
        saturated(product),
        flush(fusedMultiplyAdd(flush(a), flush(b), flush(c), nearest)),
        std::isnan(a) || std::isnan(b) ? nan : minimum(a, b),
        std::isnan(larger) ? nan : std::copysign(larger, signs),
        a < b ? 1.0f : 2.0f,
        !(a >= b) ? 3.0f : 4.0f,
        std::isnan(a)   ? 5.0f
        : std::isinf(a) ? 6.0f
                        : 7.0f,
        a != b ? 8.0f : 9.0f,
        std::signbit(a) ? 10.0f : 11.0f,
    };
    for (int i = 0; i < results; ++i) {
      // A NaN's sign is not defined.
      if (i == results - 1 && std::isnan(a))
        continue;
      EXPECT_TRUE(same(got[t * results + i], expected[i]))
          << "result " << i << " of " << std::hexfloat << a << ", " << b << ", "
          << c << ": " << got[t * results + i] << ", expected " << expected[i];
    }
  }
}

/// What the ISA states for each approximation, over its full range.
TEST_P(Float, Approximations) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 1024, results = 12;
  std::vector<float> in = cornerFloats(threads, 22);
  for (int i = threads / 2; i < threads; ++i)
    in[i] = float(i - 3 * threads / 4) / 32;
  auto out = runner.zeros<float>(threads * results);
  runner.launch("approximations", {.grid = 8, .block = threads / 8},
                runner.upload(in), out);
  std::vector<float> got = runner.read(out);
  auto relative = [](float got, double expected, double bound) {
    if (std::isnan(expected) || std::isinf(float(expected)) || expected == 0)
      return same(got, float(expected)) ||
             (std::isinf(float(expected)) && std::isinf(got) &&
              std::signbit(got) == std::signbit(expected)) ||
             (std::isinf(float(expected)) && std::fabs(got) >= 0x1.fffff0p127f);
    // Below the normal numbers the last place is the bound.
    return std::fabs(got - expected) <=
           std::max(std::fabs(expected) * bound, 0x1p-149);
  };
  for (int t = 0; t < threads; ++t) {
    float a = in[t];
    const float *g = got.data() + t * results;
    double d = a;
    auto check = [&](int i, bool ok, double expected) {
      EXPECT_TRUE(ok) << "result " << i << " of " << std::hexfloat << a << ": "
                      << g[i] << ", expected " << expected;
    };
    double exp2 = std::exp2(d);
    check(0, relative(g[0], exp2, 0x1p-22), exp2);
    double exp2Flushed = std::exp2(double(flush(a)));
    if (exp2Flushed < 0x1p-126 && !std::isnan(a))
      check(1, g[1] == 0 || relative(g[1], exp2Flushed, 0x1p-22), 0);
    else
      check(1, relative(g[1], exp2Flushed, 0x1p-22), exp2Flushed);
    double log2 = std::log2(d);
    // An absolute bound within (0.5, 2), a relative one elsewhere.
    bool near = d > 0.5 && d < 2;
    check(2,
          near ? std::fabs(g[2] - log2) <= 0x1p-22
               : relative(g[2], log2, 0x1p-22),
          log2);
    check(3, relative(g[3], 1 / d, 0x1p-23), 1 / d);
    double rsqrt = a == 0 ? 1 / d : 1 / std::sqrt(d);
    check(4, relative(g[4], rsqrt, 0x1.8p-23), rsqrt);
    check(5, relative(g[5], std::sqrt(d), 0x1p-22), std::sqrt(d));
    if (std::fabs(a) <= 6.2831f) {
      check(6, std::fabs(g[6] - std::sin(d)) <= 0x1p-20, std::sin(d));
      check(7, std::fabs(g[7] - std::cos(d)) <= 0x1p-20, std::cos(d));
    } else if (std::isinf(a) || std::isnan(a)) {
      check(6, std::isnan(g[6]), std::sin(d));
      check(7, std::isnan(g[7]), std::cos(d));
    }
    check(8, relative(g[8], std::tanh(d), 0x1p-10), std::tanh(d));
    check(9, relative(g[9], d / 3, 0x1p-22), d / 3);
    if (std::fabs(a) <= 0x1p126f || std::isinf(a))
      check(10, relative(g[10], 1 / d, 0x1p-22), 1 / d);
    float flushed = flush(a);
    double reciprocal = 1 / double(flushed);
    check(11,
          relative(g[11], reciprocal, 0x1p-23) ||
              (std::fabs(reciprocal) < 0x1p-126 && g[11] == 0),
          reciprocal);
  }
}

TEST_P(Float, MathLibrary) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 256, results = 12;
  std::vector<float> in = randomFloats(threads, 23, -9, 9);
  auto out = runner.zeros<float>(threads * results);
  runner.launch("mathLibrary", {.grid = 2, .block = threads / 2},
                runner.upload(in), out);
  std::vector<float> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    double a = in[t], positive = std::fabs(a);
    const double expected[results] = {
        std::exp(a),
        std::log(positive),
        std::sin(a),
        std::cos(a),
        std::tanh(a),
        std::erf(a),
        std::pow(positive, double(1.7f)),
        std::cbrt(a),
        std::atan2(a, 2.0),
        std::log1p(positive),
        std::tgamma(double(float(positive) + 0.5f)),
        std::fmod(a, double(0.7f))};
    for (int i = 0; i < results; ++i)
      EXPECT_LE(ulpDistance(got[t * results + i], float(expected[i])), 12u)
          << "result " << i << " of " << a << ": " << got[t * results + i]
          << ", expected " << expected[i];
  }
}

TEST_P(Float, Doubles) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 256, results = 20;
  std::vector<double> in;
  std::vector<uint32_t> words = randomBits(6 * threads, 24);
  for (int i = 0; i < 3 * threads; ++i) {
    double v = bitCast<double>(uint64_t(words[2 * i]) << 32 | words[2 * i + 1]);
    switch (words[2 * i] % 5) {
    case 0:
      v = double(int32_t(words[2 * i + 1])) / 1024;
      break;
    case 1:
      v = cornerFloats(64, 25)[words[2 * i + 1] % 64];
      break;
    default:
      break;
    }
    in.push_back(v);
  }
  auto out = runner.zeros<double>(threads * results);
  runner.launch("doubles", {.grid = 2, .block = threads / 2}, runner.upload(in),
                out);
  std::vector<double> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    double a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
    auto toFloat = [](double v, Rounding rounding) {
      RoundingScope scope(rounding);
      volatile double x = v;
      volatile float r = float(x);
      return double(r);
    };
    const double expected[results] = {
        add(a, b, nearest),      subtract(a, b, nearest),
        multiply(a, b, nearest), fusedMultiplyAdd(a, b, c, nearest),
        add(a, b, zero),         add(a, b, up),
        multiply(a, b, down),    fusedMultiplyAdd(a, b, c, up),
        divide(a, b, nearest),   squareRoot(a, nearest),
        divide(1.0, a, nearest), divide(a, b, zero),
        minimum(a, b),           maximum(a, b),
        std::trunc(a),           std::nearbyint(a),
        a < b ? 1.0 : 0.0,       std::fabs(a) - b,
        toFloat(a, nearest),     toFloat(a, up),
    };
    for (int i = 0; i < results; ++i)
      EXPECT_TRUE(same(got[t * results + i], expected[i]))
          << "result " << i << " of " << std::hexfloat << a << ", " << b << ", "
          << c << ": " << got[t * results + i] << ", expected " << expected[i];
  }
}

TEST_P(Float, MathLibraryDouble) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 128, results = 6;
  std::vector<double> in;
  for (float v : randomFloats(threads, 26, -12, 12))
    in.push_back(v * 1.0000001);
  auto out = runner.zeros<double>(threads * results);
  runner.launch("mathLibraryDouble", {.grid = 1, .block = threads},
                runner.upload(in), out);
  std::vector<double> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    double a = in[t];
    const double expected[results] = {
        std::exp(a),  std::log(std::fabs(a)),       std::sin(a),
        std::tanh(a), std::pow(std::fabs(a), -0.3), std::erf(a)};
    for (int i = 0; i < results; ++i)
      EXPECT_LE(ulpDistance(got[t * results + i], expected[i]), 4u)
          << "result " << i << " of " << a;
  }
}

template <typename To, typename From> To convert(From v, Rounding rounding) {
  RoundingScope scope(rounding);
  volatile From x = v;
  volatile To r = To(x);
  return r;
}

/// A 64-bit integer to float, rounded once by an exact comparison.
float roundedFloat(long long v, Rounding rounding) {
  return convert<float>(v, rounding);
}

TEST_P(Float, Conversions) {
  Runner runner(kernelFile("floats"));
  constexpr int threads = 256, results = 24;
  std::vector<float> in = cornerFloats(threads, 27);
  std::vector<long long> whole;
  std::vector<uint32_t> words = randomBits(2 * threads, 28);
  for (int i = 0; i < threads; ++i) {
    long long v = (long long)words[2 * i] << 32 | words[2 * i + 1];
    whole.push_back(v >> words[2 * i] % 64);
  }
  auto out = runner.zeros<long long>(threads * results);
  runner.launch("conversions", {.grid = 2, .block = threads / 2},
                runner.upload(in), runner.upload(whole), out);
  std::vector<long long> got = runner.read(out);
  for (int t = 0; t < threads; ++t) {
    float a = in[t];
    long long w = whole[t];
    auto bits = [](float v) { return (long long)bitCast<int>(v); };
    const long long expected[results] = {
        toInteger<int>(a, nearest),
        toInteger<int>(a, zero),
        toInteger<int>(a, up),
        toInteger<int>(a, down),
        toInteger<uint32_t>(a, zero),
        toInteger<long long>(a, nearest),
        (long long)toInteger<unsigned long long>(a, zero),
        toInteger<int>(double(a) * 3, zero),
        toInteger<long long>(double(a) * 3, down),
        bits(roundedFloat(w, nearest)),
        bits(roundedFloat(w, zero)),
        bits(convert<float>(int(w), up)),
        bits(convert<float>(unsigned(w), down)),
        bitCast<long long>(convert<double>(w, nearest)),
        bitCast<long long>(
            // Exactly: the top 53 bits are kept.
            [&] {
              unsigned long long u = w;
              int drop = u ? std::max(0, 11 - __builtin_clzll(u)) : 0;
              return double(u >> drop << drop);
            }()),
        (signed char)w,
        (unsigned short)w,
        toInteger<short>(a, zero),
        toInteger<unsigned char>(a, nearest),
        std::clamp<long long>(w, -128, 127),
        std::clamp<long long>(w, 0, 65535),
        std::clamp<long long>(w, 0, 0xffffffffll),
        bits(std::nearbyint(a)),
        bits(!(a > 0) ? 0.0f
             : a > 1  ? 1.0f
                      : a),
    };
    for (int i = 0; i < results; ++i) {
      if (std::isnan(a) && i == 22)
        continue; // which NaN is not defined
      EXPECT_EQ(got[t * results + i], expected[i])
          << "result " << i << " of " << std::hexfloat << a << ", " << w;
    }
  }
}

ATTN_FOR_EACH_ARCHITECTURE(Float);

} // namespace
