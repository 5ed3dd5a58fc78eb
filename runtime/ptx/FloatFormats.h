//===- FloatFormats.h - Small floating-point formats on the host *- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_FLOATFORMATS_H
#define ATTN_RUNTIME_PTX_FLOATFORMATS_H

#include "ptx/Inst.h"
#include "ptx/Types.h"

#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstdint>

namespace attn::ptx {

// Exactly rounded arithmetic in the modes that the host's instructions do not
// have, and conversions to and from all formats; not for hot loops
// (FloatFormats.cpp).

float addRounded(float a, float b, Rounding mode);
double addRounded(double a, double b, Rounding mode);
float mulRounded(float a, float b, Rounding mode);
double mulRounded(double a, double b, Rounding mode);
float divRounded(float a, float b, Rounding mode);
double divRounded(double a, double b, Rounding mode);
float fmaRounded(float a, float b, float c, Rounding mode);
double fmaRounded(double a, double b, double c, Rounding mode);
float sqrtRounded(float a, Rounding mode);
double sqrtRounded(double a, Rounding mode);

/// A .tf32 register holds the upper 19 bits of a float.
inline constexpr unsigned tf32Unused = 13;
inline constexpr uint32_t tf32Bits = ~0u << tf32Unused;

/// The value of `bits` in a format of this type (scalar, or one element of a
/// packed type).
double decodeFloat(Type format, uint64_t bits);
/// The bits of a value rounded to the format. Finite values beyond its range
/// become infinite or, with `saturate`, its largest value; a NaN becomes its
/// canonical NaN.
uint64_t encodeFloat(Type format, double value, Rounding mode, bool saturate);
/// The format of one element of a packed type, and how many bits it has.
Type elementFormat(Type packed);
unsigned formatBits(Type format);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_FLOATFORMATS_H
