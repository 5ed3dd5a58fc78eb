//===- Lanes.h - Loops over the lanes of a warp -----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files with hot lane loops are built twice: for the baseline and, on x86-64,
// for the instructions of x86-64-v3 (AVX2, FMA, F16C), in a namespace each. The
// attribute covers only what stands between BEGIN and END, so that no inline
// function of a header is built for a machine that may not be there.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_LANES_H
#define ATTN_RUNTIME_PTX_LANES_H

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#ifdef ATTN_PTX_X86_V3
// clang-format off
#define ATTN_PTX_TARGET_BEGIN \
  _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt\"))), apply_to = function)") \
  namespace attn::ptx::x86v3 {
#define ATTN_PTX_TARGET_END \
  } \
  _Pragma("clang attribute pop")
// clang-format on
#else
#define ATTN_PTX_TARGET_BEGIN namespace attn::ptx::baseline {
#define ATTN_PTX_TARGET_END }
#endif

ATTN_PTX_TARGET_BEGIN

/// dst[i] = f(i) for the active lanes of `count` elements, 32 or 64: each
/// lane then has two. `dst` may be one of the rows that f reads.
template <unsigned count = warpSize, typename T, typename F>
[[gnu::always_inline]] inline void mapLanes(T *dst, uint32_t active, F f) {
  if (active == ~0u) {
#pragma clang loop vectorize(assume_safety)
    for (unsigned i = 0; i < count; ++i)
      dst[i] = f(i);
    return;
  }
  constexpr unsigned perLane = count / warpSize;
#pragma clang loop vectorize(assume_safety)
  for (unsigned i = 0; i < count; ++i) {
    T value = f(i);
    dst[i] = active >> (i / perLane) & 1 ? value : dst[i];
  }
}

/// The lanes for which f is true, as bits.
template <typename F> [[gnu::always_inline]] inline uint32_t maskLanes(F f) {
  uint8_t bits[warpSize];
#pragma clang loop vectorize(assume_safety)
  for (unsigned i = 0; i < warpSize; ++i)
    bits[i] = f(i);
  uint32_t mask = 0;
  for (unsigned i = 0; i < warpSize; ++i)
    mask |= uint32_t(bits[i]) << i;
  return mask;
}

/// Exec functions of one, two and three sources of type T; Op::apply computes
/// a lane.
template <typename T, typename Op> Status execUnary(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return T(Op::apply(a[l])); });
  return Status::Next;
}
template <typename T, typename Op> Status execBinary(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return T(Op::apply(a[l], b[l])); });
  return Status::Next;
}
template <typename T, typename Op> Status execTernary(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1)),
          *c = e.row<T>(i.src(2));
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return T(Op::apply(a[l], b[l], c[l])); });
  return Status::Next;
}

/// add, sub and their like serve integers, floats and halves: the group of
/// floats chooses by the type and asks these for the others.
bool decodeIntegerAdd(InstBuilder &b);
bool decodeIntegerSub(InstBuilder &b);
bool decodeIntegerMul(InstBuilder &b);
bool decodeIntegerMad(InstBuilder &b);
bool decodeIntegerMinMax(InstBuilder &b, bool isMax);
bool decodeIntegerAbs(InstBuilder &b);
bool decodeIntegerNeg(InstBuilder &b);
bool decodeIntegerDiv(InstBuilder &b);

enum class HalfOp : uint8_t {
  Add,
  Sub,
  Mul,
  Fma,
  Min,
  Max,
  Abs,
  Neg,
  Ex2,
  Tanh
};
bool decodeHalfArithmetic(InstBuilder &b, HalfOp op);
bool decodeHalfUnary(InstBuilder &b, HalfOp op);

/// A destination and so many sources of one type.
inline bool decodeUniform(InstBuilder &b, Type type, unsigned sources,
                          ExecFn exec) {
  if (!b.operands(sources + 1) || !b.dst(0, type))
    return false;
  for (unsigned i = 1; i <= sources; ++i)
    if (!b.src(i, type))
      return false;
  if (!exec)
    return b.fail("type ." + typeName(type) +
                  " is not one of this instruction");
  return b.finish(exec);
}

using llvm::StringRef;
using llvm::Twine;

// The groups that are built per target.
void addMoveInstructions(OpcodeTable &table);
void addIntegerInstructions(OpcodeTable &table);
void addBitInstructions(OpcodeTable &table);
void addFloatInstructions(OpcodeTable &table);
void addConvertInstructions(OpcodeTable &table);
void addCompareInstructions(OpcodeTable &table);
void addMatrixInstructions(OpcodeTable &table);

ATTN_PTX_TARGET_END

#endif // ATTN_RUNTIME_PTX_LANES_H
