//===- Reference.h - Float formats and rounding on the CPU ------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the emulator's results are compared with. Written from the formats'
/// definitions, apart from the emulator's code.
///
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_PTX_REFERENCE_H
#define ATTN_TEST_UNIT_PTX_REFERENCE_H

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace attn::ptx::reference {

enum class Rounding { Nearest, Zero, Up, Down, NearestAway };

/// A small float format: the width of its parts and how it ends.
struct Format {
  int exponentBits;
  int mantissaBits;
  /// E4M3 has no infinity; its all-ones pattern alone is NaN.
  bool finiteOnly = false;
};

inline constexpr Format kF16{5, 10};
inline constexpr Format kBF16{8, 7};
inline constexpr Format kTF32{8, 10};
inline constexpr Format kE4M3{4, 3, /*finiteOnly=*/true};
inline constexpr Format kE5M2{5, 2};

/// The value of a bit pattern.
double decode(uint32_t bits, Format format);

/// The bit pattern of a value, rounded once. NaN has all value bits set, as
/// PTX's cvt gives it. With `saturate` what is too large, infinity included,
/// becomes the largest finite number.
uint32_t encode(double value, Format format,
                Rounding rounding = Rounding::Nearest, bool saturate = false);

/// A value after a round trip through the format.
inline double rounded(double value, Format format,
                      Rounding rounding = Rounding::Nearest) {
  return decode(encode(value, format, rounding), format);
}

/// Sets the host's rounding for a scope.
class RoundingScope {
public:
  explicit RoundingScope(Rounding rounding);
  ~RoundingScope();

private:
  int saved;
};

// `volatile` keeps the operation between the two changes of the mode.
#define ATTN_BINARY(NAME, OP)                                                  \
  template <typename T> T NAME(T a, T b, Rounding rounding) {                  \
    RoundingScope scope(rounding);                                             \
    volatile T x = a, y = b;                                                   \
    volatile T z = x OP y;                                                     \
    return z;                                                                  \
  }
ATTN_BINARY(add, +)
ATTN_BINARY(subtract, -)
ATTN_BINARY(multiply, *)
ATTN_BINARY(divide, /)
#undef ATTN_BINARY

float fusedMultiplyAdd(float a, float b, float c, Rounding rounding);
double fusedMultiplyAdd(double a, double b, double c, Rounding rounding);
/// a * b + c of values whose product is exact in double, rounded to odd: one
/// more rounding to a short format then is the only one.
double fusedToOdd(double a, double b, double c);
float squareRoot(float a, Rounding rounding);
double squareRoot(double a, Rounding rounding);

/// Denormals to zeros of the same sign.
inline float flush(float v) {
  return std::fpclassify(v) == FP_SUBNORMAL ? std::copysign(0.0f, v) : v;
}

/// min and max of PTX: a number beats NaN, and −0 is below +0.
template <typename T> T minimum(T a, T b) {
  if (std::isnan(a))
    return b;
  if (std::isnan(b))
    return a;
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <typename T> T maximum(T a, T b) { return -minimum(-a, -b); }

/// A float to an integer of `Int`, out-of-range values clamped, NaN as zero,
/// or as the highest bit alone where either side has 64 bits.
template <typename Int, typename Float>
Int toInteger(Float value, Rounding rounding) {
  if (std::isnan(value))
    return sizeof(Int) == 8 || sizeof(Float) == 8
               ? Int(Int(1) << (sizeof(Int) * 8 - 1))
               : Int(0);
  RoundingScope scope(rounding);
  volatile Float v = value;
  volatile Float r = std::rint(v);
  using Limits = std::numeric_limits<Int>;
  if (r >= std::ldexp(Float(1), Limits::digits))
    return Limits::max();
  if (r <
      (Limits::is_signed ? -std::ldexp(Float(1), Limits::digits) : Float(0)))
    return Limits::min();
  return static_cast<Int>(r);
}

template <typename To, typename From> To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

/// Deterministic inputs.
std::vector<float> randomFloats(size_t count, unsigned seed, float low = -1,
                                float high = 1);
std::vector<uint32_t> randomBits(size_t count, unsigned seed);

/// Floats that meet the corners: zeros, denormals, infinities, NaN, halves,
/// powers of two, the ends of the integer types; then random bit patterns.
std::vector<float> cornerFloats(size_t count, unsigned seed);

/// How many floats lie between; huge where one is NaN and the other is not.
uint32_t ulpDistance(float a, float b);
uint64_t ulpDistance(double a, double b);

} // namespace attn::ptx::reference

#endif // ATTN_TEST_UNIT_PTX_REFERENCE_H
