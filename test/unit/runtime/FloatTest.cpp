//===- FloatTest.cpp - Conversions of narrow floats -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/Float.h"

#include "llvm/ADT/APFloat.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace attnrt;
using llvm::APFloat;

/// LLVM's software floats are the reference.
static uint16_t convert(double value, const llvm::fltSemantics &semantics) {
  APFloat result(value);
  bool losesInfo;
  result.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return uint16_t(result.bitcastToAPInt().getZExtValue());
}

TEST(Float, EveryF16AndBF16ComesBack) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    double half = fromF16(bits), brain = fromBF16(bits);
    APFloat expected(APFloat::IEEEhalf(), llvm::APInt(16, bits));
    if (expected.isNaN()) {
      EXPECT_TRUE(std::isnan(half)) << bits;
    } else {
      bool losesInfo;
      expected.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                       &losesInfo);
      EXPECT_EQ(half, expected.convertToDouble()) << bits;
      EXPECT_EQ(toF16(half), bits);
    }
    if (!std::isnan(brain)) {
      EXPECT_EQ(toBF16(brain), bits);
    }
  }
}

TEST(Float, RoundsToNearestEven) {
  uint64_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    // Every exponent of the narrow types, and both sides of their ranges.
    double value = std::ldexp(double(int64_t(state)), int(i % 320) - 63 - 160);
    ASSERT_EQ(toF16(value), convert(value, APFloat::IEEEhalf())) << value;
    ASSERT_EQ(toBF16(value), convert(value, APFloat::BFloat())) << value;
  }
  // Half way, and one double beyond: rounding by way of f32 would lose that.
  double half = 1 + 0x1p-11;
  EXPECT_EQ(toF16(half), 0x3c00);
  EXPECT_EQ(toF16(std::nextafter(half, 2)), 0x3c01);
  EXPECT_EQ(toBF16(1 + 0x1p-8), 0x3f80);
  EXPECT_EQ(toBF16(std::nextafter(1 + 0x1p-8, 2)), 0x3f81);
}

TEST(Float, KeepsSpecialValues) {
  double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(toF16(infinity), 0x7c00);
  EXPECT_EQ(toF16(-infinity), 0xfc00);
  EXPECT_EQ(toBF16(-infinity), 0xff80);
  EXPECT_EQ(toF16(65520), 0x7c00) << "half an ulp beyond the largest";
  EXPECT_EQ(toF16(65519), 0x7bff);
  EXPECT_EQ(toF16(-0.0), 0x8000);
  EXPECT_EQ(toF16(0x1p-25), 0) << "ties to even at the smallest subnormal";
  EXPECT_EQ(toF16(0x1.8p-25), 1);
  EXPECT_TRUE(std::isnan(fromF16(toF16(NAN))));
  EXPECT_TRUE(std::isnan(fromBF16(toBF16(NAN))));
}
