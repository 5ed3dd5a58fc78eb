//===- Half.h - Half precision on the host's registers ----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_HALF_H
#define ATTN_RUNTIME_PTX_HALF_H

#include "ptx/Lanes.h"

#include <bit>
#include <cmath>
#include <cstdint>

ATTN_PTX_TARGET_BEGIN

// Both formats keep their bits in a uint16_t and are computed in single
// precision, whose 24 bits make sums, products, quotients and roots round as if
// computed once (Figueroa 1995).

struct F16 {
  static float toFloat(uint16_t bits) {
    return float(std::bit_cast<_Float16>(bits));
  }
  static uint16_t fromFloat(float x) {
    uint16_t bits = std::bit_cast<uint16_t>(_Float16(x));
    return x == x ? bits : 0x7fff;
  }
  static constexpr uint16_t exponent = 0x7c00, one = 0x3c00, nan = 0x7fff;
};

struct BF16 {
  static float toFloat(uint16_t bits) {
    return std::bit_cast<float>(uint32_t(bits) << 16);
  }
  static uint16_t fromFloat(float x) {
    uint32_t bits = std::bit_cast<uint32_t>(x);
    uint16_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return x == x ? rounded : 0x7fff;
  }
  static constexpr uint16_t exponent = 0x7f80, one = 0x3f80, nan = 0x7fff;
};

/// a * b + c rounded to odd, so that rounding it again to a shorter format
/// rounds once (Boldo and Melquiond, "Emulation of FMA and Correctly Rounded
/// Sums", 2008). The product of two halves is exact in a double.
inline double fmaToOdd(float a, float b, float c) {
  double product = double(a) * double(b), sum = product + c;
  double back = sum - product;
  double error = (product - (sum - back)) + (c - back);
  uint64_t bits = std::bit_cast<uint64_t>(sum);
  bool inexact = error != 0 && error == error && std::isfinite(sum);
  if (inexact && !(bits & 1))
    bits += (error > 0) == (sum > 0) ? 1 : -1;
  return std::bit_cast<double>(bits);
}

/// A double rounded to odd in single precision.
inline float oddToFloat(double x) {
  float f = float(x);
  if (double(f) == x || !(x == x) || std::isinf(x))
    return f;
  if (std::isinf(f))
    return std::copysign(std::bit_cast<float>(0x7f7fffffu), f);
  uint32_t bits = std::bit_cast<uint32_t>(f);
  // Toward zero first, then the last bit stands for what was cut off.
  if (std::fabs(double(f)) > std::fabs(x))
    --bits;
  return std::bit_cast<float>(bits | 1);
}

ATTN_PTX_TARGET_END

#endif // ATTN_RUNTIME_PTX_HALF_H
