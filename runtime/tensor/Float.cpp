//===- Float.cpp - Conversions of narrow floats ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Float.h"

#include <algorithm>

using namespace attnrt;

/// The bits of `value` as an IEEE format with `mantissa` stored bits of
/// significand and `exponent` bits of exponent.
static uint16_t roundTo(double value, int mantissa, int exponent) {
  uint64_t bits = std::bit_cast<uint64_t>(value);
  uint16_t sign = uint16_t(bits >> 63) << 15;
  int maxExponent = (1 << exponent) - 1;
  int bias = maxExponent >> 1;
  uint16_t infinity = uint16_t(maxExponent << mantissa);
  int e = int((bits >> 52) & 2047) - 1023;
  uint64_t fraction = bits & ((uint64_t(1) << 52) - 1);
  if (e == 1024) {
    if (fraction == 0)
      return sign | infinity;
    // The payload's upper part stays; the quiet bit keeps it a NaN.
    return sign | infinity | uint16_t(1 << (mantissa - 1)) |
           uint16_t(fraction >> (52 - mantissa));
  }
  if (e == -1023) // Zero, or far below the smallest subnormal.
    return sign;

  uint64_t significand = fraction | (uint64_t(1) << 52);
  int minExponent = 1 - bias;
  int shift = 52 - mantissa + std::max(minExponent - e, 0);
  if (shift > 53)
    return sign;
  uint64_t units = significand >> shift;
  uint64_t rest = significand & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  units += rest > half || (rest == half && (units & 1));
  // A normal number's hidden bit adds one to the exponent, and a carry out of
  // the significand moves into it.
  int64_t result =
      int64_t(units) + (int64_t(std::max(e - minExponent, 0)) << mantissa);
  return sign | uint16_t(std::min<int64_t>(result, infinity));
}

uint16_t attnrt::toF16(double value) { return roundTo(value, 10, 5); }
uint16_t attnrt::toBF16(double value) { return roundTo(value, 7, 8); }

double attnrt::fromF16(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t magnitude = uint32_t(bits & 0x7fff) << 13;
  if ((bits & 0x7c00) == 0x7c00)
    return std::bit_cast<float>(sign | magnitude | 0x7f800000);
  // Read with the exponent's bias of f32, then corrected: exact, for
  // subnormals too.
  return std::bit_cast<float>(sign | magnitude) * 0x1p112f;
}
