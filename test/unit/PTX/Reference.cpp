//===- Reference.cpp - Float formats and rounding on the CPU --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

using namespace attn::ptx;
using namespace attn::ptx::reference;

double reference::decode(uint32_t bits, Format format) {
  int mantissaMask = (1 << format.mantissaBits) - 1;
  int maxExponent = (1 << format.exponentBits) - 1;
  int bias = maxExponent / 2;
  int mantissa = bits & mantissaMask;
  int exponent = bits >> format.mantissaBits & maxExponent;
  double sign =
      bits >> (format.exponentBits + format.mantissaBits) & 1 ? -1.0 : 1.0;
  if (exponent == maxExponent) {
    if (!format.finiteOnly)
      return mantissa ? std::numeric_limits<double>::quiet_NaN()
                      : sign * std::numeric_limits<double>::infinity();
    if (mantissa == mantissaMask)
      return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0)
    return sign * std::ldexp(mantissa, 1 - bias - format.mantissaBits);
  return sign * std::ldexp((1 << format.mantissaBits) + mantissa,
                           exponent - bias - format.mantissaBits);
}

uint32_t reference::encode(double value, Format format, Rounding rounding,
                           bool saturate) {
  int maxExponent = (1 << format.exponentBits) - 1;
  int bias = maxExponent / 2;
  uint32_t sign = std::signbit(value)
                      ? 1u << (format.exponentBits + format.mantissaBits)
                      : 0;
  uint32_t mantissaMask = (1u << format.mantissaBits) - 1;
  uint32_t infinity = uint32_t(maxExponent) << format.mantissaBits;
  uint32_t largest =
      format.finiteOnly ? (infinity | mantissaMask) - 1 : infinity - 1;
  uint32_t overflow = format.finiteOnly ? infinity | mantissaMask : infinity;
  if (std::isnan(value))
    return infinity | mantissaMask;
  double magnitude = std::fabs(value);
  if (std::isinf(value))
    return sign | (saturate ? largest : overflow);
  if (magnitude == 0)
    return sign;
  int exponent;
  std::frexp(magnitude, &exponent);
  // One unit in the last place at this magnitude, denormals included.
  int unit = std::max(exponent - 1, 1 - bias) - format.mantissaBits;
  double scaled = std::ldexp(magnitude, -unit); // exact
  double whole = std::floor(scaled), rest = scaled - whole;
  bool up = false;
  switch (rounding) {
  case Rounding::Nearest:
    up = rest > 0.5 || (rest == 0.5 && std::fmod(whole, 2) == 1);
    break;
  case Rounding::NearestAway:
    up = rest >= 0.5;
    break;
  case Rounding::Zero:
    break;
  case Rounding::Up:
    up = rest > 0 && !sign;
    break;
  case Rounding::Down:
    up = rest > 0 && sign;
    break;
  }
  if (up)
    whole += 1;
  double result = std::ldexp(whole, unit);
  if (result > decode(largest, format)) {
    bool toLargest = saturate || rounding == Rounding::Zero ||
                     (rounding == Rounding::Up && sign) ||
                     (rounding == Rounding::Down && !sign);
    return sign | (toLargest ? largest : overflow);
  }
  uint32_t steps = static_cast<uint32_t>(whole);
  if (steps > mantissaMask) {
    if (steps > 2 * mantissaMask + 1) { // rounded up to the next power of two
      steps /= 2;
      ++unit;
    }
    uint32_t biased = unit + format.mantissaBits + bias;
    return sign | biased << format.mantissaBits | (steps & mantissaMask);
  }
  return sign | steps;
}

static int hostRounding(Rounding rounding) {
  switch (rounding) {
  case Rounding::Zero:
    return FE_TOWARDZERO;
  case Rounding::Up:
    return FE_UPWARD;
  case Rounding::Down:
    return FE_DOWNWARD;
  default:
    return FE_TONEAREST;
  }
}

RoundingScope::RoundingScope(Rounding rounding) : saved(std::fegetround()) {
  std::fesetround(hostRounding(rounding));
}
RoundingScope::~RoundingScope() { std::fesetround(saved); }

float reference::fusedMultiplyAdd(float a, float b, float c, Rounding r) {
  RoundingScope scope(r);
  volatile float x = a, y = b, z = c;
  volatile float result = std::fma(x, y, z);
  return result;
}
double reference::fusedMultiplyAdd(double a, double b, double c, Rounding r) {
  RoundingScope scope(r);
  volatile double x = a, y = b, z = c;
  volatile double result = std::fma(x, y, z);
  return result;
}

double reference::fusedToOdd(double a, double b, double c) {
  double up = fusedMultiplyAdd(a, b, c, Rounding::Up);
  double down = fusedMultiplyAdd(a, b, c, Rounding::Down);
  // Exact, or not finite; else one of the two neighbours has an odd mantissa.
  if (!(up > down))
    return up == down ? fusedMultiplyAdd(a, b, c, Rounding::Nearest) : up;
  return bitCast<uint64_t>(up) & 1 ? up : down;
}

float reference::squareRoot(float a, Rounding r) {
  RoundingScope scope(r);
  volatile float x = a;
  volatile float result = std::sqrt(x);
  return result;
}
double reference::squareRoot(double a, Rounding r) {
  RoundingScope scope(r);
  volatile double x = a;
  volatile double result = std::sqrt(x);
  return result;
}

std::vector<float> reference::randomFloats(size_t count, unsigned seed,
                                           float low, float high) {
  std::mt19937 engine(seed);
  std::vector<float> values(count);
  for (float &v : values)
    v = low + (high - low) * float(engine() >> 8) * 0x1p-24f;
  return values;
}

std::vector<uint32_t> reference::randomBits(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<uint32_t> values(count);
  for (uint32_t &v : values)
    v = engine();
  return values;
}

std::vector<float> reference::cornerFloats(size_t count, unsigned seed) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  static constexpr float corners[] = {0.0f,
                                      -0.0f,
                                      1.0f,
                                      -1.0f,
                                      0.5f,
                                      -0.5f,
                                      1.5f,
                                      2.5f,
                                      -2.5f,
                                      3.14159274f,
                                      0x1p-149f,
                                      -0x1p-149f,
                                      0x1p-127f,
                                      0x1p-126f,
                                      -0x1.8p-126f,
                                      0x1p-14f,
                                      0x1p-24f,
                                      0x1p-25f,
                                      0x1.8p-25f,
                                      65504.0f,
                                      65519.996f,
                                      65520.0f,
                                      -65536.0f,
                                      448.0f,
                                      464.0f,
                                      57344.0f,
                                      127.5f,
                                      255.5f,
                                      -128.5f,
                                      32767.5f,
                                      0x1p31f,
                                      -0x1p31f,
                                      0x1p32f,
                                      0x1p63f,
                                      -0x1p63f,
                                      0x1p64f,
                                      0x1p127f,
                                      0x1.fffffep127f,
                                      -0x1.fffffep127f,
                                      inf,
                                      -inf,
                                      0x1.000002p0f,
                                      0x1.fffffep-1f,
                                      0x1.8p23f,
                                      1e-5f,
                                      0x1.004p0f,
                                      0x1.00cp0f,
                                      0x1.01p0f,
                                      0x1.03p0f,
                                      -1e30f};
  std::vector<float> values;
  std::mt19937 engine(seed);
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits = engine();
    if (i % 3 == 0 || i < std::size(corners))
      values.push_back(i < std::size(corners)
                           ? corners[i]
                           : corners[bits % std::size(corners)]);
    else if (i % 7 == 0)
      values.push_back(std::numeric_limits<float>::quiet_NaN());
    else if (i % 2)
      values.push_back(bitCast<float>(bits & 0x7f800000) == inf
                           ? 2.0f
                           : bitCast<float>(bits));
    else
      values.push_back(float(int32_t(bits)) * 0x1p-27f);
  }
  return values;
}

template <typename Float, typename Int> static Int ordered(Float v) {
  Int bits = bitCast<Int>(v), sign = Int(1) << (sizeof(Int) * 8 - 1);
  return bits & sign ? ~bits + 1 : bits | sign;
}

template <typename Float, typename Int> static Int distance(Float a, Float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b) ? 0 : ~Int(0);
  Int x = ordered<Float, Int>(a), y = ordered<Float, Int>(b);
  return x > y ? x - y : y - x;
}

uint32_t reference::ulpDistance(float a, float b) {
  return distance<float, uint32_t>(a, b);
}
uint64_t reference::ulpDistance(double a, double b) {
  return distance<double, uint64_t>(a, b);
}
