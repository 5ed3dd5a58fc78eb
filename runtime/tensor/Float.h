//===- Float.h - Conversions of narrow floats ------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_TENSOR_FLOAT_H
#define ATTN_RUNTIME_TENSOR_FLOAT_H

#include <bit>
#include <cstdint>

namespace attnrt {

/// Rounds to nearest, ties to even. f64 is rounded once, not by way of f32.
uint16_t toF16(double value);
uint16_t toBF16(double value);

double fromF16(uint16_t bits);
inline double fromBF16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

} // namespace attnrt

#endif // ATTN_RUNTIME_TENSOR_FLOAT_H
