//===- IntegerInstructionTest.cpp - The ISA's integer instructions --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Instruction.h"

#include <bit>
#include <utility>

using namespace attn::ptx;
using namespace attn::ptx::test;

namespace {

/// The wide type that holds a product of two T.
template <typename T>
using Wide = std::conditional_t<
    sizeof(T) == 8,
    std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>,
    std::conditional_t<
        sizeof(T) == 4,
        std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>,
        std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>>>;

template <typename T> std::string typed(std::string text) {
  std::string name =
      (std::is_signed_v<T> ? "s" : "u") + std::to_string(sizeof(T) * 8);
  for (size_t at; (at = text.find('$')) != std::string::npos;)
    text.replace(at, 1, name);
  return text;
}

/// Operations that every integer type has.
template <typename T> void arithmetic() {
  using U = std::make_unsigned_t<T>;
  using W = Wide<T>;
  constexpr int bits = sizeof(T) * 8;
  constexpr T least = std::numeric_limits<T>::min();
  auto overflows = [=](T a, T b) {
    return std::is_signed_v<T> && a == least && b == T(-1);
  };
  check2<T, T, T>(typed<T>("add.$ d, a, b;"),
                  [](T a, T b) { return T(U(a) + U(b)); });
  check2<T, T, T>(typed<T>("sub.$ d, a, b;"),
                  [](T a, T b) { return T(U(a) - U(b)); });
  check2<T, T, T>(typed<T>("mul.lo.$ d, a, b;"),
                  [](T a, T b) { return T(W(a) * W(b)); });
  check2<T, T, T>(typed<T>("mul.hi.$ d, a, b;"),
                  [](T a, T b) { return T(W(a) * W(b) >> bits); });
  check3<T, T, T, T>(typed<T>("mad.lo.$ d, a, b, c;"),
                     [](T a, T b, T c) { return T(U(W(a) * W(b)) + U(c)); });
  check3<T, T, T, T>(typed<T>("mad.hi.$ d, a, b, c;"), [](T a, T b, T c) {
    return T(U(W(a) * W(b) >> bits) + U(c));
  });
  check2<T, T, T>(typed<T>("min.$ d, a, b;"),
                  [](T a, T b) { return std::min(a, b); });
  check2<T, T, T>(typed<T>("max.$ d, a, b;"),
                  [](T a, T b) { return std::max(a, b); });
  // Division by zero has no defined result.
  check2<T, T, T>(typed<T>("setp.eq.$ p, b, 0;\nselp.b" + std::to_string(bits) +
                           " b, 1, b, p;\ndiv.$ d, a, b;"),
                  [=](T a, T b) {
                    b = b ? b : 1;
                    return overflows(a, b) ? a : T(a / b);
                  });
  check2<T, T, T>(typed<T>("setp.eq.$ p, b, 0;\nselp.b" + std::to_string(bits) +
                           " b, 1, b, p;\nrem.$ d, a, b;"),
                  [=](T a, T b) {
                    b = b ? b : 1;
                    return overflows(a, b) ? T(0) : T(a % b);
                  });
  check2<T, T, uint32_t>(typed<T>("shr.$ d, a, b;"), [](T a, uint32_t b) {
    return b >= bits ? T(a < 0 ? -1 : 0) : T(a >> b);
  });
  check3<T, T, T, T>(typed<T>("sad.$ d, a, b, c;"), [](T a, T b, T c) {
    return T(U(c) + (a < b ? U(b) - U(a) : U(a) - U(b)));
  });
  if constexpr (std::is_signed_v<T>) {
    check1<T, T>(typed<T>("abs.$ d, a;"),
                 [](T a) { return T(a < 0 ? U(0) - U(a) : U(a)); });
    check1<T, T>(typed<T>("neg.$ d, a;"), [](T a) { return T(U(0) - U(a)); });
  }
  if constexpr (sizeof(T) < 8) {
    check2<W, T, T>(typed<T>("mul.wide.$ d, a, b;"),
                    [](T a, T b) { return W(a) * W(b); });
    check3<W, T, T, W>(typed<T>("mad.wide.$ d, a, b, c;"), [](T a, T b, W c) {
      return W(std::make_unsigned_t<W>(W(a) * W(b)) +
               std::make_unsigned_t<W>(c));
    });
  }
}

TEST(IntegerInstruction, Arithmetic) {
  arithmetic<int16_t>();
  arithmetic<uint16_t>();
  arithmetic<int32_t>();
  arithmetic<uint32_t>();
  arithmetic<int64_t>();
  arithmetic<uint64_t>();
}

TEST(IntegerInstruction, Saturation) {
  auto clamp = [](int64_t v) {
    return int32_t(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX));
  };
  check2<int32_t, int32_t, int32_t>(
      "add.sat.s32 d, a, b;",
      [=](int32_t a, int32_t b) { return clamp(int64_t(a) + b); });
  check2<int32_t, int32_t, int32_t>(
      "sub.sat.s32 d, a, b;",
      [=](int32_t a, int32_t b) { return clamp(int64_t(a) - b); });
  check3<int32_t, int32_t, int32_t, int32_t>(
      "mad.hi.sat.s32 d, a, b, c;", [=](int32_t a, int32_t b, int32_t c) {
        return clamp((int64_t(a) * b >> 32) + c);
      });
}

TEST(IntegerInstruction, TwentyFourBits) {
  auto low = [](int32_t v) { return int64_t(int32_t(uint32_t(v) << 8) >> 8); };
  check2<int32_t, int32_t, int32_t>(
      "mul24.lo.s32 d, a, b;",
      [=](int32_t a, int32_t b) { return int32_t(low(a) * low(b)); });
  check2<int32_t, int32_t, int32_t>(
      "mul24.hi.s32 d, a, b;",
      [=](int32_t a, int32_t b) { return int32_t(low(a) * low(b) >> 16); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "mad24.hi.u32 d, a, b, c;", [](uint32_t a, uint32_t b, uint32_t c) {
        return uint32_t(uint64_t(a & 0xffffff) * (b & 0xffffff) >> 16) + c;
      });
}

TEST(IntegerInstruction, Carry) {
  // Three words: the carry travels, and .cc of the last gives a fourth.
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "add.cc.u32 t0, a, b;\naddc.cc.u32 t1, b, c;\naddc.u32 t2, 0, 0;\n"
      "xor.b32 d, t0, t1;\nxor.b32 d, d, t2;",
      [](uint32_t a, uint32_t b, uint32_t c) {
        uint64_t low = uint64_t(a) + b, high = uint64_t(b) + c + (low >> 32);
        return uint32_t(low) ^ uint32_t(high) ^ uint32_t(high >> 32);
      });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "sub.cc.u32 t0, a, b;\nsubc.cc.u32 t1, b, c;\nsubc.u32 t2, 0, 0;\n"
      "xor.b32 d, t0, t1;\nxor.b32 d, d, t2;",
      [](uint32_t a, uint32_t b, uint32_t c) {
        uint64_t low = uint64_t(a) - b;
        uint64_t high = uint64_t(b) - c - (low >> 63);
        return uint32_t(low) ^ uint32_t(high) ^ uint32_t(0 - (high >> 63));
      });
  // What GPUs leave in CC.CF is the carry of a + ~b + 1.
  check2<uint32_t, uint32_t, uint32_t>(
      "sub.cc.u32 t0, a, b;\naddc.u32 d, 0, 0;",
      [](uint32_t a, uint32_t b) { return uint32_t(a >= b); });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "mad.lo.cc.u32 t0, a, b, c;\nmadc.hi.u32 t1, a, b, c;\n"
      "xor.b32 d, t0, t1;",
      [](uint32_t a, uint32_t b, uint32_t c) {
        uint64_t product = uint64_t(a) * b;
        uint64_t low = uint64_t(uint32_t(product)) + c;
        uint32_t high = uint32_t(product >> 32) + c + uint32_t(low >> 32);
        return uint32_t(low) ^ high;
      });
}

template <typename T> void logic() {
  constexpr unsigned bits = sizeof(T) * 8;
  std::string b = "b" + std::to_string(bits);
  check2<T, T, T>("and." + b + " d, a, b;", [](T a, T b) { return T(a & b); });
  check2<T, T, T>("or." + b + " d, a, b;", [](T a, T b) { return T(a | b); });
  check2<T, T, T>("xor." + b + " d, a, b;", [](T a, T b) { return T(a ^ b); });
  check1<T, T>("not." + b + " d, a;", [](T a) { return T(~a); });
  check1<T, T>("cnot." + b + " d, a;", [](T a) { return T(a == 0); });
  check2<T, T, uint32_t>("shl." + b + " d, a, b;", [](T a, uint32_t s) {
    return s >= bits ? T(0) : T(a << s);
  });
}

TEST(IntegerInstruction, Logic) {
  logic<uint16_t>();
  logic<uint32_t>();
  logic<uint64_t>();
}

TEST(IntegerInstruction, Lop3) {
  for (unsigned table : {0x00u, 0x80u, 0xe8u, 0xcau, 0x96u, 0xffu, 0x1bu})
    check3<uint32_t, uint32_t, uint32_t, uint32_t>(
        "lop3.b32 d, a, b, c, " + std::to_string(table) + ";",
        [=](uint32_t a, uint32_t b, uint32_t c) {
          uint32_t r = 0;
          for (int i = 0; i < 32; ++i) {
            int index = (a >> i & 1) << 2 | (b >> i & 1) << 1 | (c >> i & 1);
            r |= (table >> index & 1) << i;
          }
          return r;
        });
}

template <typename T> void bitFields() {
  using U = std::make_unsigned_t<T>;
  constexpr uint32_t bits = sizeof(T) * 8;
  // Position and length count modulo 256.
  check3<T, T, uint32_t, uint32_t>(
      typed<T>("bfe.$ d, a, b, c;"), [](T a, uint32_t b, uint32_t c) {
        uint32_t position = b & 0xff, length = c & 0xff;
        U sign = 0;
        if (std::is_signed_v<T> && length)
          sign = U(a) >> std::min(position + length - 1, bits - 1) & 1;
        U r = 0;
        for (uint32_t i = 0; i < bits; ++i)
          r |= (i < length && position + i < bits ? U(a) >> (position + i) & 1
                                                  : sign)
               << i;
        return T(r);
      });
  check1<uint32_t, T>(typed<T>("bfind.$ d, a;"), [](T a) {
    U v = a < 0 ? ~U(a) : U(a);
    return v ? bits - 1 - uint32_t(std::countl_zero(v)) : ~0u;
  });
  check1<uint32_t, T>(typed<T>("bfind.shiftamt.$ d, a;"), [](T a) {
    U v = a < 0 ? ~U(a) : U(a);
    return v ? uint32_t(std::countl_zero(v)) : ~0u;
  });
}

TEST(IntegerInstruction, BitFields) {
  bitFields<int32_t>();
  bitFields<uint32_t>();
  bitFields<int64_t>();
  bitFields<uint64_t>();
  check3<uint64_t, uint64_t, uint64_t, uint32_t>(
      "and.b32 t0, c, 255;\nshr.u32 t1, c, 8;\nbfi.b64 d, a, b, t0, t1;",
      [](uint64_t a, uint64_t b, uint32_t c) {
        uint32_t position = c & 0xff, length = c >> 8 & 0xff;
        for (uint32_t i = 0; i < length && position + i < 64; ++i) {
          b &= ~(1ull << (position + i));
          b |= (a >> i & 1) << (position + i);
        }
        return b;
      });
  check1<uint32_t, uint64_t>("clz.b64 d, a;", [](uint64_t a) {
    return uint32_t(std::countl_zero(a));
  });
  check1<uint32_t, uint64_t>(
      "popc.b64 d, a;", [](uint64_t a) { return uint32_t(std::popcount(a)); });
  check1<uint64_t, uint64_t>("brev.b64 d, a;", [](uint64_t a) {
    uint64_t r = 0;
    for (int i = 0; i < 64; ++i)
      r |= (a >> i & 1) << (63 - i);
    return r;
  });
}

TEST(IntegerInstruction, FunnelShift) {
  auto joined = [](uint32_t a, uint32_t b) { return uint64_t(b) << 32 | a; };
  for (bool clamp : {false, true}) {
    std::string mode = clamp ? "clamp" : "wrap";
    auto amount = [=](uint32_t c) { return clamp ? std::min(c, 32u) : c & 31; };
    check3<uint32_t, uint32_t, uint32_t, uint32_t>(
        "shf.l." + mode + ".b32 d, a, b, c;",
        [=](uint32_t a, uint32_t b, uint32_t c) {
          return uint32_t((joined(a, b) << amount(c)) >> 32);
        });
    check3<uint32_t, uint32_t, uint32_t, uint32_t>(
        "shf.r." + mode + ".b32 d, a, b, c;",
        [=](uint32_t a, uint32_t b, uint32_t c) {
          return uint32_t(joined(a, b) >> amount(c));
        });
  }
}

TEST(IntegerInstruction, PermuteModes) {
  // The byte that each mode takes for each place, from the ISA's tables.
  struct Mode {
    const char *name;
    int bytes[4][4]; // [c & 3][place, lowest first]
  };
  static constexpr Mode modes[] = {
      {"f4e", {{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {3, 4, 5, 6}}},
      {"b4e", {{0, 7, 6, 5}, {1, 0, 7, 6}, {2, 1, 0, 7}, {3, 2, 1, 0}}},
      {"rc8", {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}},
      {"ecl", {{0, 1, 2, 3}, {1, 1, 2, 3}, {2, 2, 2, 3}, {3, 3, 3, 3}}},
      {"ecr", {{0, 0, 0, 0}, {0, 1, 1, 1}, {0, 1, 2, 2}, {0, 1, 2, 3}}},
      {"rc16", {{0, 1, 0, 1}, {2, 3, 2, 3}, {0, 1, 0, 1}, {2, 3, 2, 3}}}};
  for (const Mode &mode : modes)
    check3<uint32_t, uint32_t, uint32_t, uint32_t>(
        std::string("prmt.b32.") + mode.name + " d, a, b, c;",
        [&](uint32_t a, uint32_t b, uint32_t c) {
          uint64_t joined = uint64_t(b) << 32 | a;
          uint32_t r = 0;
          for (int i = 0; i < 4; ++i)
            r |= uint32_t(joined >> (8 * mode.bytes[c & 3][i]) & 0xff)
                 << (8 * i);
          return r;
        });
}

template <typename A, typename B> uint32_t dot4(uint32_t a, uint32_t b) {
  uint32_t sum = 0;
  for (int i = 0; i < 4; ++i)
    sum += uint32_t(int32_t(A(a >> 8 * i)) * int32_t(B(b >> 8 * i)));
  return sum;
}

TEST(IntegerInstruction, DotProducts) {
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "dp4a.s32.u32 d, a, b, c;", [](uint32_t a, uint32_t b, uint32_t c) {
        return dot4<int8_t, uint8_t>(a, b) + c;
      });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "dp4a.u32.s32 d, a, b, c;", [](uint32_t a, uint32_t b, uint32_t c) {
        return dot4<uint8_t, int8_t>(a, b) + c;
      });
  check3<uint32_t, uint32_t, uint32_t, uint32_t>(
      "dp2a.lo.u32.s32 d, a, b, c;", [](uint32_t a, uint32_t b, uint32_t c) {
        return uint32_t(int32_t(a & 0xffff) * int8_t(b)) +
               uint32_t(int32_t(a >> 16) * int8_t(b >> 8)) + c;
      });
}

/// Every comparison of integers, as a predicate and its complement.
template <typename T> void comparisons() {
  auto test = [](const char *name, auto compare) {
    check2<uint32_t, T, T>(typed<T>(std::string("setp.") + name +
                                    ".$ p|q, a, b;\nselp.u32 t0, 1, 0, p;\n"
                                    "selp.u32 t1, 2, 0, q;\nor.b32 d, t0, t1;"),
                           [&](T a, T b) { return compare(a, b) ? 1u : 2u; });
    check2<uint32_t, T, T>(
        typed<T>(std::string("set.") + name + ".u32.$ d, a, b;"),
        [&](T a, T b) { return compare(a, b) ? ~0u : 0u; });
  };
  test("eq", [](T a, T b) { return a == b; });
  test("ne", [](T a, T b) { return a != b; });
  test("lt", [](T a, T b) { return a < b; });
  test("le", [](T a, T b) { return a <= b; });
  test("gt", [](T a, T b) { return a > b; });
  test("ge", [](T a, T b) { return a >= b; });
  if constexpr (std::is_unsigned_v<T>) {
    test("lo", [](T a, T b) { return a < b; });
    test("ls", [](T a, T b) { return a <= b; });
    test("hi", [](T a, T b) { return a > b; });
    test("hs", [](T a, T b) { return a >= b; });
  }
}

TEST(IntegerInstruction, Comparisons) {
  comparisons<int16_t>();
  comparisons<uint16_t>();
  comparisons<int32_t>();
  comparisons<uint32_t>();
  comparisons<int64_t>();
  comparisons<uint64_t>();
}

TEST(IntegerInstruction, ComparisonsCombined) {
  auto test = [](const char *op, auto combine) {
    check3<uint32_t, int32_t, int32_t, int32_t>(
        std::string("setp.gt.s32 q, c, 0;\nsetp.lt.") + op +
            ".s32 p|q, a, b, q;\nselp.u32 t0, 1, 0, p;\n"
            "selp.u32 t1, 2, 0, q;\nor.b32 d, t0, t1;",
        [&](int32_t a, int32_t b, int32_t c) {
          return (combine(a < b, c > 0) ? 1u : 0u) |
                 (combine(!(a < b), c > 0) ? 2u : 0u);
        });
  };
  test("and", [](bool a, bool b) { return a && b; });
  test("or", [](bool a, bool b) { return a || b; });
  test("xor", [](bool a, bool b) { return a != b; });
}

TEST(IntegerInstruction, Select) {
  check3<int64_t, int64_t, int64_t, int32_t>(
      "slct.s64.s32 d, a, b, c;",
      [](int64_t a, int64_t b, int32_t c) { return c >= 0 ? a : b; });
  // −0 is not below zero; NaN selects b.
  check3<uint32_t, uint32_t, uint32_t, float>(
      "slct.u32.f32 d, a, b, c;",
      [](uint32_t a, uint32_t b, float c) { return c >= 0 ? a : b; });
  check2<uint16_t, uint16_t, uint16_t>(
      "setp.lt.u16 p, a, b;\nselp.b16 d, a, b, p;",
      [](uint16_t a, uint16_t b) { return std::min(a, b); });
}

template <typename To, typename From> void conversion() {
  std::string to = typed<To>("$"), from = typed<From>("$");
  check1<To, From>("cvt." + to + "." + from + " d, a;",
                   [](From a) { return To(a); });
  // .sat is legal where the source may be out of range.
  if constexpr (std::in_range<To>(std::numeric_limits<From>::min()) &&
                std::in_range<To>(std::numeric_limits<From>::max()))
    return;
  check1<To, From>("cvt.sat." + to + "." + from + " d, a;", [](From a) {
    using Limits = std::numeric_limits<To>;
    __int128 v = a;
    return To(std::clamp<__int128>(v, Limits::min(), Limits::max()));
  });
}

template <typename From> void conversionsOf() {
  conversion<int16_t, From>();
  conversion<uint16_t, From>();
  conversion<int32_t, From>();
  conversion<uint32_t, From>();
  conversion<int64_t, From>();
  conversion<uint64_t, From>();
}

TEST(IntegerInstruction, Conversions) {
  conversionsOf<int16_t>();
  conversionsOf<uint16_t>();
  conversionsOf<int32_t>();
  conversionsOf<uint32_t>();
  conversionsOf<int64_t>();
  conversionsOf<uint64_t>();
  // A register that is wider than the type: the result is extended to it.
  check1<uint32_t, uint32_t>("cvt.s8.s32 d, a;", [](uint32_t a) {
    return uint32_t(int32_t(int8_t(a)));
  });
  check1<uint32_t, uint32_t>("cvt.u8.u32 d, a;",
                             [](uint32_t a) { return uint32_t(uint8_t(a)); });
  check1<uint32_t, int32_t>("cvt.sat.u8.s32 d, a;", [](int32_t a) {
    return uint32_t(std::clamp(a, 0, 255));
  });
  check2<uint32_t, int32_t, int32_t>(
      "cvt.pack.sat.s16.s32 d, a, b;", [](int32_t a, int32_t b) {
        return uint32_t(uint16_t(std::clamp(a, -32768, 32767))) << 16 |
               uint16_t(std::clamp(b, -32768, 32767));
      });
  check3<uint32_t, int32_t, int32_t, uint32_t>(
      "cvt.pack.sat.u8.s32.b32 d, a, b, c;",
      [](int32_t a, int32_t b, uint32_t c) {
        return c << 16 | uint32_t(std::clamp(a, 0, 255)) << 8 |
               uint32_t(std::clamp(b, 0, 255));
      });
}

TEST(IntegerInstruction, Moves) {
  check2<uint64_t, uint32_t, uint32_t>(
      "mov.b64 d, {a, b};",
      [](uint32_t a, uint32_t b) { return uint64_t(b) << 32 | a; });
  check1<uint32_t, uint64_t>(
      "mov.b64 {t0, t1}, a;\nsub.u32 d, t0, t1;",
      [](uint64_t a) { return uint32_t(a) - uint32_t(a >> 32); });
  check1<uint32_t, uint64_t>("mov.b64 {_, d}, a;",
                             [](uint64_t a) { return uint32_t(a >> 32); });
  check2<uint32_t, uint16_t, uint16_t>(
      "mov.b32 d, {a, b};",
      [](uint16_t a, uint16_t b) { return uint32_t(b) << 16 | a; });
  check1<uint16_t, uint64_t>(
      "{\n.reg .b16 h<4>;\nmov.b64 {h0, h1, h2, h3}, a;\n"
      "xor.b16 d, h0, h2;\nsub.u16 d, d, h3;\n}",
      [](uint64_t a) {
        return uint16_t((uint16_t(a) ^ uint16_t(a >> 32)) - uint16_t(a >> 48));
      });
}

/// What a switch statement may become; an index beyond the table is undefined.
TEST(IntegerInstruction, BranchTable) {
  check2<uint32_t, uint32_t, uint32_t>(
      "{\nplaces: .branchtargets first, second, first, third;\n"
      "and.b32 t0, a, 3;\nmov.u32 t1, 0;\nbrx.idx t0, places;\n"
      "first: add.u32 d, b, 1;\nbra join;\n"
      "second: sub.u32 d, b, a;\nbra join;\n"
      "third: mov.u32 d, 7;\nmov.u32 t1, 5;\n"
      "join: xor.b32 d, d, t1;\n}",
      [](uint32_t a, uint32_t b) {
        switch (a & 3) {
        case 1:
          return b - a;
        case 3:
          return 7u ^ 5u;
        default:
          return b + 1;
        }
      });
}

TEST(IntegerInstruction, PackedHalves) {
  check2<uint32_t, uint32_t, uint32_t>(
      "add.u16x2 d, a, b;", [](uint32_t a, uint32_t b) {
        return ((a >> 16) + (b >> 16)) << 16 | uint16_t(a + b);
      });
  check2<uint32_t, uint32_t, uint32_t>(
      "max.s16x2 d, a, b;", [](uint32_t a, uint32_t b) {
        return uint32_t(uint16_t(std::max(int16_t(a >> 16), int16_t(b >> 16))))
                   << 16 |
               uint16_t(std::max(int16_t(a), int16_t(b)));
      });
  check2<uint32_t, uint32_t, uint32_t>("min.u16x2 d, a, b;", [](uint32_t a,
                                                                uint32_t b) {
    return std::min(a >> 16, b >> 16) << 16 | std::min(a & 0xffff, b & 0xffff);
  });
  check2<int32_t, int32_t, int32_t>(
      "max.s32.relu d, a, b;",
      [](int32_t a, int32_t b) { return std::max({a, b, 0}); });
}

} // namespace
