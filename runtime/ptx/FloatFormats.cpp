//===- FloatFormats.cpp - Small floating-point formats on the host --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FloatFormats.h"

#include "llvm/ADT/APFloat.h"

using namespace attn::ptx;
using llvm::APFloat;
using llvm::APInt;

static llvm::RoundingMode roundingMode(Rounding mode) {
  switch (mode) {
  case Rounding::RZ:
  case Rounding::RZI:
    return llvm::RoundingMode::TowardZero;
  case Rounding::RM:
  case Rounding::RMI:
    return llvm::RoundingMode::TowardNegative;
  case Rounding::RP:
  case Rounding::RPI:
    return llvm::RoundingMode::TowardPositive;
  case Rounding::RNA:
    return llvm::RoundingMode::NearestTiesToAway;
  default:
    return llvm::RoundingMode::NearestTiesToEven;
  }
}

static float host(const APFloat &v, float) { return v.convertToFloat(); }
static double host(const APFloat &v, double) { return v.convertToDouble(); }

float attn::ptx::addRounded(float a, float b, Rounding mode) {
  APFloat r(a);
  r.add(APFloat(b), roundingMode(mode));
  return host(r, a);
}
double attn::ptx::addRounded(double a, double b, Rounding mode) {
  APFloat r(a);
  r.add(APFloat(b), roundingMode(mode));
  return host(r, a);
}
float attn::ptx::mulRounded(float a, float b, Rounding mode) {
  APFloat r(a);
  r.multiply(APFloat(b), roundingMode(mode));
  return host(r, a);
}
double attn::ptx::mulRounded(double a, double b, Rounding mode) {
  APFloat r(a);
  r.multiply(APFloat(b), roundingMode(mode));
  return host(r, a);
}
float attn::ptx::divRounded(float a, float b, Rounding mode) {
  APFloat r(a);
  r.divide(APFloat(b), roundingMode(mode));
  return host(r, a);
}
double attn::ptx::divRounded(double a, double b, Rounding mode) {
  APFloat r(a);
  r.divide(APFloat(b), roundingMode(mode));
  return host(r, a);
}
float attn::ptx::fmaRounded(float a, float b, float c, Rounding mode) {
  APFloat r(a);
  r.fusedMultiplyAdd(APFloat(b), APFloat(c), roundingMode(mode));
  return host(r, a);
}
double attn::ptx::fmaRounded(double a, double b, double c, Rounding mode) {
  APFloat r(a);
  r.fusedMultiplyAdd(APFloat(b), APFloat(c), roundingMode(mode));
  return host(r, a);
}

/// The nearest root moved by one where it lies on the wrong side; the residue
/// of an FMA tells.
template <typename T> static T sqrtDirected(T a, Rounding mode) {
  T root = std::sqrt(a);
  if (mode == Rounding::RN || mode == Rounding::None || !std::isfinite(root) ||
      root == 0)
    return root;
  // Scaled away from where the residue would underflow.
  T scale = a < T(1e-30) ? T(std::ldexp(T(1), 120)) : T(1);
  T scaledRoot = root * std::sqrt(scale);
  T residue = std::fma(-scaledRoot, scaledRoot, a * scale);
  if (residue < 0 && mode != Rounding::RP)
    return std::nextafter(root, T(0));
  if (residue > 0 && mode == Rounding::RP)
    return std::nextafter(root, T(INFINITY));
  return root;
}
float attn::ptx::sqrtRounded(float a, Rounding mode) {
  return sqrtDirected(a, mode);
}
double attn::ptx::sqrtRounded(double a, Rounding mode) {
  return sqrtDirected(a, mode);
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

Type attn::ptx::elementFormat(Type packed) {
  switch (packed) {
  case Type::F16x2:
    return Type::F16;
  case Type::BF16x2:
    return Type::BF16;
  case Type::F32x2:
    return Type::F32;
  case Type::E4M3x2:
  case Type::E4M3x4:
    return Type::E4M3;
  case Type::E5M2x2:
  case Type::E5M2x4:
    return Type::E5M2;
  case Type::E2M1x4:
    return Type::E2M1x2;
  case Type::E2M3x4:
    return Type::E2M3x2;
  case Type::E3M2x4:
    return Type::E3M2x2;
  default:
    return packed;
  }
}

/// Formats below a byte have no scalar type in PTX: their x2 type stands for
/// one element here.
static const llvm::fltSemantics &semantics(Type format) {
  switch (format) {
  case Type::F16:
    return APFloat::IEEEhalf();
  case Type::BF16:
    return APFloat::BFloat();
  case Type::F32:
    return APFloat::IEEEsingle();
  case Type::TF32:
    return APFloat::FloatTF32();
  case Type::E4M3:
    return APFloat::Float8E4M3FN();
  case Type::E5M2:
    return APFloat::Float8E5M2();
  case Type::E2M1x2:
    return APFloat::Float4E2M1FN();
  case Type::E2M3x2:
    return APFloat::Float6E2M3FN();
  case Type::E3M2x2:
    return APFloat::Float6E3M2FN();
  case Type::UE8M0x2:
    return APFloat::Float8E8M0FNU();
  default:
    return APFloat::IEEEdouble();
  }
}

unsigned attn::ptx::formatBits(Type format) {
  if (format == Type::TF32)
    return 32;
  return APFloat::semanticsSizeInBits(semantics(format));
}

double attn::ptx::decodeFloat(Type format, uint64_t bits) {
  switch (format) {
  case Type::F64:
    return llvm::bit_cast<double>(bits);
  case Type::F32:
    return llvm::bit_cast<float>(uint32_t(bits));
  case Type::TF32:
    return llvm::bit_cast<float>(uint32_t(bits) & tf32Bits);
  case Type::BF16:
    return llvm::bit_cast<float>(uint32_t(bits) << 16);
  default:
    break;
  }
  const llvm::fltSemantics &s = semantics(format);
  unsigned width = APFloat::semanticsSizeInBits(s);
  APFloat value(s, APInt(width, bits & ((uint64_t(1) << width) - 1)));
  bool loses = false;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &loses);
  return value.convertToDouble();
}

static uint64_t canonicalNaN(Type format) {
  switch (format) {
  case Type::F16:
  case Type::BF16:
    return 0x7fff;
  case Type::F32:
  case Type::TF32:
    return 0x7fffffff;
  case Type::F64:
    return 0x7ff8000000000000;
  case Type::E4M3:
  case Type::E5M2:
    return 0x7f;
  case Type::UE8M0x2:
    return 0xff;
  default:
    // No NaN: the largest positive value.
    return format == Type::E2M1x2 ? 0x7 : 0x1f;
  }
}

uint64_t attn::ptx::encodeFloat(Type format, double value, Rounding mode,
                                bool saturate) {
  if (std::isnan(value))
    return canonicalNaN(format);
  if (format == Type::F64)
    return llvm::bit_cast<uint64_t>(value);
  const llvm::fltSemantics &s = semantics(format);
  APFloat rounded(value);
  bool loses = false;
  if (format == Type::UE8M0x2) {
    // Powers of two alone, no sign: exponent bits.
    double magnitude = std::max(std::fabs(value), std::ldexp(1.0, -127));
    int exponent = 0;
    double fraction = std::frexp(magnitude, &exponent); // in [0.5, 1)
    int biased = exponent - 1 + 127 + (mode == Rounding::RP && fraction > 0.5);
    return std::isinf(value) || biased > 254 ? (saturate ? 254 : 255)
                                             : std::max(biased, 0);
  }
  rounded.convert(s, roundingMode(mode), &loses);
  bool overflows = rounded.isInfinity() || rounded.isNaN() ||
                   std::fabs(value) > APFloat::getLargest(s).convertToDouble();
  // The double itself may be within half a step of the largest value.
  if (overflows && (rounded.isInfinity() || rounded.isNaN()) && saturate)
    rounded = APFloat::getLargest(s, std::signbit(value));
  uint64_t bits = rounded.bitcastToAPInt().getZExtValue();
  if (rounded.isNaN())
    bits = canonicalNaN(format);
  return format == Type::TF32 ? bits << tf32Unused : bits;
}
