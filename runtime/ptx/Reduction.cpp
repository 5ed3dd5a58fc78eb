//===- Reduction.cpp - Element-wise reductions of bulk copies -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Reduction.h"
#include "ptx/FloatFormats.h"

#include <atomic>
#include <cmath>
#include <cstring>

using namespace attn::ptx;

template <typename T> static T reduceInteger(ReductionOp op, T a, T b) {
  using U = std::make_unsigned_t<T>;
  switch (op) {
  case ReductionOp::Add:
    return T(U(a) + U(b));
  case ReductionOp::Min:
    return b < a ? b : a;
  case ReductionOp::Max:
    return a < b ? b : a;
  case ReductionOp::Inc:
    return U(a) >= U(b) ? T(0) : T(U(a) + 1);
  case ReductionOp::Dec:
    return a == 0 || U(a) > U(b) ? b : T(U(a) - 1);
  case ReductionOp::And:
    return a & b;
  case ReductionOp::Or:
    return a | b;
  case ReductionOp::Xor:
    return a ^ b;
  case ReductionOp::None:
    break;
  }
  return b;
}

template <typename T> static T reduceFloat(ReductionOp op, T a, T b) {
  switch (op) {
  case ReductionOp::Add:
    return T(a + b);
  case ReductionOp::Min:
    return std::isnan(float(a)) || b < a ? b : a;
  case ReductionOp::Max:
    return std::isnan(float(a)) || a < b ? b : a;
  default:
    return b;
  }
}

/// Compare-and-swap until nobody else has written in between.
template <typename Bits, typename F>
static void update(uint8_t *target, const uint8_t *source, uint32_t count,
                   F f) {
  for (uint32_t i = 0; i < count; ++i) {
    Bits value;
    std::memcpy(&value, source + i * sizeof(Bits), sizeof(Bits));
    std::atomic_ref<Bits> element(reinterpret_cast<Bits *>(target)[i]);
    Bits old = element.load(std::memory_order_relaxed);
    while (!element.compare_exchange_weak(old, f(old, value),
                                          std::memory_order_relaxed))
      ;
  }
}

template <typename T>
static void updateIntegers(ReductionOp op, uint8_t *target,
                           const uint8_t *source, uint32_t count) {
  using U = std::make_unsigned_t<T>;
  update<U>(target, source, count,
            [op](U a, U b) { return U(reduceInteger<T>(op, T(a), T(b))); });
}

template <typename T, typename Bits>
static void updateFloats(ReductionOp op, uint8_t *target, const uint8_t *source,
                         uint32_t count) {
  update<Bits>(target, source, count, [op](Bits a, Bits b) {
    T x, y;
    std::memcpy(&x, &a, sizeof(T));
    std::memcpy(&y, &b, sizeof(T));
    T r = reduceFloat(op, x, y);
    std::memcpy(&a, &r, sizeof(T));
    return a;
  });
}

void attn::ptx::reduceArray(ReductionOp op, Type type, uint8_t *target,
                            const uint8_t *source, uint32_t count) {
  switch (type) {
  case Type::U8:
    return updateIntegers<uint8_t>(op, target, source, count);
  case Type::U16:
    return updateIntegers<uint16_t>(op, target, source, count);
  case Type::B32:
  case Type::U32:
    return updateIntegers<uint32_t>(op, target, source, count);
  case Type::S32:
    return updateIntegers<int32_t>(op, target, source, count);
  case Type::B64:
  case Type::U64:
    return updateIntegers<uint64_t>(op, target, source, count);
  case Type::S64:
    return updateIntegers<int64_t>(op, target, source, count);
  case Type::F16:
    return updateFloats<_Float16, uint16_t>(op, target, source, count);
  case Type::BF16:
    return update<uint16_t>(
        target, source, count, [op](uint16_t a, uint16_t b) {
          return uint16_t(
              encodeFloat(Type::BF16,
                          reduceFloat(op, decodeFloat(Type::BF16, a),
                                      decodeFloat(Type::BF16, b)),
                          Rounding::RN, /*saturate=*/false));
        });
  case Type::F32:
    return updateFloats<float, uint32_t>(op, target, source, count);
  case Type::F64:
    return updateFloats<double, uint64_t>(op, target, source, count);
  default:
    break;
  }
}
