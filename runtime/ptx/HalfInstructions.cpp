//===- HalfInstructions.cpp - Half precision arithmetic -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Half.h"

ATTN_PTX_TARGET_BEGIN

namespace {

enum HalfFlags : uint16_t { Relu = 1, PropagateNaN = 2, XorSign = 4 };

template <typename H> uint16_t flushHalf(uint16_t bits) {
  return bits & H::exponent ? bits : bits & 0x8000;
}

template <typename H>
uint16_t minMax(uint16_t a, uint16_t b, bool isMax, uint16_t flags) {
  uint16_t sign = 0;
  if (flags & XorSign) {
    sign = (a ^ b) & 0x8000;
    a &= 0x7fff;
    b &= 0x7fff;
  }
  float x = H::toFloat(a), y = H::toFloat(b);
  if (x != x || y != y) {
    if ((flags & PropagateNaN) || (x != x && y != y))
      return H::nan;
    return (x != x ? b : a) | sign;
  }
  bool less = x < y || (x == y && (a & 0x8000));
  return (less != isMax ? a : b) | sign;
}

template <typename H, HalfOp op>
uint16_t compute(uint16_t a, uint16_t b, uint16_t c, uint16_t flags) {
  float x = H::toFloat(a), y = H::toFloat(b);
  switch (op) {
  case HalfOp::Add:
    return H::fromFloat(x + y);
  case HalfOp::Sub:
    return H::fromFloat(x - y);
  case HalfOp::Mul:
    // A product of .bf16 may be subnormal in single precision too.
    return std::is_same_v<H, BF16>
               ? H::fromFloat(oddToFloat(double(x) * double(y)))
               : H::fromFloat(x * y);
  case HalfOp::Fma:
    return H::fromFloat(oddToFloat(fmaToOdd(x, y, H::toFloat(c))));
  case HalfOp::Min:
    return minMax<H>(a, b, false, flags);
  case HalfOp::Max:
    return minMax<H>(a, b, true, flags);
  case HalfOp::Abs:
    return x == x ? a & 0x7fff : H::nan;
  case HalfOp::Neg:
    return x == x ? a ^ 0x8000 : H::nan;
  case HalfOp::Ex2:
    return H::fromFloat(std::exp2(x));
  case HalfOp::Tanh:
    return H::fromFloat(std::tanh(x));
  }
  return 0;
}

/// `count` is 32, or 64 for two values in a register.
template <typename H, HalfOp op, unsigned count>
Status execHalf(Exec &e, const Inst &i) {
  const uint16_t *a = e.row<uint16_t>(i.src(0));
  const uint16_t *b = i.numSrcs > 1 ? e.row<uint16_t>(i.src(1)) : a;
  const uint16_t *c = i.numSrcs > 2 ? e.row<uint16_t>(i.src(2)) : a;
  bool ftz = i.ftz, sat = i.sat;
  uint16_t flags = i.flags;
  mapLanes<count>(e.row<uint16_t>(i.dst(0)), e.active, [=](unsigned l) {
    auto in = [=](uint16_t x) { return ftz ? flushHalf<H>(x) : x; };
    uint16_t r = compute<H, op>(in(a[l]), in(b[l]), in(c[l]), flags);
    if (ftz)
      r = flushHalf<H>(r);
    if (sat || (flags & Relu)) {
      float x = H::toFloat(r);
      if (sat)
        r = !(x > 0) ? 0 : x > 1 ? H::one : r;
      else
        r = x != x ? H::nan : x > 0 ? r : 0;
    }
    return r;
  });
  return Status::Next;
}

template <HalfOp op> ExecFn forFormat(Type type) {
  switch (type) {
  case Type::F16:
    return execHalf<F16, op, 32>;
  case Type::F16x2:
    return execHalf<F16, op, 64>;
  case Type::BF16:
    return execHalf<BF16, op, 32>;
  case Type::BF16x2:
    return execHalf<BF16, op, 64>;
  default:
    return nullptr;
  }
}

ExecFn select(HalfOp op, Type type) {
  switch (op) {
  case HalfOp::Add:
    return forFormat<HalfOp::Add>(type);
  case HalfOp::Sub:
    return forFormat<HalfOp::Sub>(type);
  case HalfOp::Mul:
    return forFormat<HalfOp::Mul>(type);
  case HalfOp::Fma:
    return forFormat<HalfOp::Fma>(type);
  case HalfOp::Min:
    return forFormat<HalfOp::Min>(type);
  case HalfOp::Max:
    return forFormat<HalfOp::Max>(type);
  case HalfOp::Abs:
    return forFormat<HalfOp::Abs>(type);
  case HalfOp::Neg:
    return forFormat<HalfOp::Neg>(type);
  case HalfOp::Ex2:
    return forFormat<HalfOp::Ex2>(type);
  case HalfOp::Tanh:
    return forFormat<HalfOp::Tanh>(type);
  }
  return nullptr;
}

constexpr Type halves[] = {Type::F16, Type::F16x2, Type::BF16, Type::BF16x2};

} // namespace

/// A register of .f16 or .bf16 may be declared .b16, its pairs .b32.
bool decodeHalfArithmetic(InstBuilder &b, HalfOp op) {
  Inst &inst = b.inst;
  Rounding rounding = b.takeRounding();
  if (rounding != Rounding::None && rounding != Rounding::RN)
    return b.fail("half precision rounds with .rn");
  inst.ftz = b.take("ftz");
  inst.sat = b.take("sat");
  if (b.take("relu"))
    inst.flags |= Relu;
  if (b.take("NaN"))
    inst.flags |= PropagateNaN;
  if (b.take("xorsign")) {
    if (!b.take("abs"))
      return b.fail("expected .xorsign.abs");
    inst.flags |= XorSign;
  }
  bool isMinMax = op == HalfOp::Min || op == HalfOp::Max;
  if (!isMinMax && (inst.flags & (PropagateNaN | XorSign)))
    return b.fail(".NaN and .xorsign are for min and max");
  if ((inst.flags & Relu) && op != HalfOp::Fma)
    return b.fail(".relu is for fma");
  Type type = b.takeType(halves);
  return decodeUniform(b, type, op == HalfOp::Fma ? 3 : 2, select(op, type));
}

bool decodeHalfUnary(InstBuilder &b, HalfOp op) {
  bool isFunction = op == HalfOp::Ex2 || op == HalfOp::Tanh;
  if (isFunction && !b.take("approx"))
    return b.fail("expected .approx");
  b.inst.ftz = b.take("ftz");
  Type type = b.takeType(halves);
  return decodeUniform(b, type, 1, select(op, type));
}

ATTN_PTX_TARGET_END
