//===- FloatInstructionTest.cpp - The ISA's float instructions ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Instruction.h"

using namespace attn::ptx;
using namespace attn::ptx::reference;
using namespace attn::ptx::test;

namespace {

constexpr std::pair<const char *, Rounding> roundings[] = {
    {"rn", Rounding::Nearest},
    {"rz", Rounding::Zero},
    {"rp", Rounding::Up},
    {"rm", Rounding::Down}};

template <typename T> std::string typed(std::string text) {
  std::string name = "f" + std::to_string(sizeof(T) * 8);
  for (size_t at; (at = text.find('$')) != std::string::npos;)
    text.replace(at, 1, name);
  return text;
}

template <typename T> void rounded() {
  for (auto [name, r] : roundings) {
    std::string mode = name;
    Rounding rounding = r;
    check2<T, T, T>(typed<T>("add." + mode + ".$ d, a, b;"),
                    [=](T a, T b) { return add(a, b, rounding); });
    check2<T, T, T>(typed<T>("sub." + mode + ".$ d, a, b;"),
                    [=](T a, T b) { return subtract(a, b, rounding); });
    check2<T, T, T>(typed<T>("mul." + mode + ".$ d, a, b;"),
                    [=](T a, T b) { return multiply(a, b, rounding); });
    check2<T, T, T>(typed<T>("div." + mode + ".$ d, a, b;"),
                    [=](T a, T b) { return divide(a, b, rounding); });
    check3<T, T, T, T>(
        typed<T>("fma." + mode + ".$ d, a, b, c;"),
        [=](T a, T b, T c) { return fusedMultiplyAdd(a, b, c, rounding); });
    check1<T, T>(typed<T>("rcp." + mode + ".$ d, a;"),
                 [=](T a) { return divide(T(1), a, rounding); });
    check1<T, T>(typed<T>("sqrt." + mode + ".$ d, a;"),
                 [=](T a) { return squareRoot(a, rounding); });
  }
}

TEST(FloatInstruction, Rounding32) { rounded<float>(); }
TEST(FloatInstruction, Rounding64) { rounded<double>(); }

// What came with sm_100 and later chips of other families have too.
TEST(FloatInstruction, MixedPrecision) {
  SnippetTarget target("sm_100");
  auto f16 = [](uint16_t bits) { return float(decode(bits, kF16)); };
  auto bf16 = [](uint16_t bits) { return float(decode(bits, kBF16)); };
  for (auto [name, r] : roundings) {
    std::string mode = name;
    Rounding rounding = r;
    check2<float, uint16_t, float>(
        "add." + mode + ".f32.f16 d, a, b;",
        [=](uint16_t a, float b) { return add(f16(a), b, rounding); });
    check2<float, uint16_t, float>(
        "sub." + mode + ".f32.bf16 d, a, b;",
        [=](uint16_t a, float b) { return subtract(bf16(a), b, rounding); });
    check3<float, uint16_t, uint16_t, float>(
        "fma." + mode + ".f32.f16 d, a, b, c;",
        [=](uint16_t a, uint16_t b, float c) {
          return fusedMultiplyAdd(f16(a), f16(b), c, rounding);
        });
  }
}

TEST(FloatInstruction, MinMaxOfThree) {
  SnippetTarget target("sm_100");
  check3<float, float, float, float>(
      "max.f32 d, a, b, c;",
      [](float a, float b, float c) { return std::fmax(std::fmax(a, b), c); });
  check3<float, float, float, float>(
      "min.NaN.f32 d, a, b, c;", [](float a, float b, float c) {
        return a != a || b != b || c != c ? NAN : std::fmin(std::fmin(a, b), c);
      });
}

TEST(FloatInstruction, FlushAndSaturate) {
  auto saturate = [](float v) { return !(v > 0) ? 0.0f : v > 1 ? 1.0f : v; };
  constexpr Rounding rn = Rounding::Nearest;
  check2<float, float, float>("add.ftz.f32 d, a, b;", [](float a, float b) {
    return flush(add(flush(a), flush(b), rn));
  });
  check2<float, float, float>(
      "sub.rn.ftz.sat.f32 d, a, b;", [=](float a, float b) {
        return saturate(flush(subtract(flush(a), flush(b), rn)));
      });
  check2<float, float, float>("mul.rz.ftz.f32 d, a, b;", [](float a, float b) {
    return flush(multiply(flush(a), flush(b), Rounding::Zero));
  });
  // NaN saturates to +0.
  check3<float, float, float, float>(
      "fma.rn.sat.f32 d, a, b, c;", [=](float a, float b, float c) {
        return saturate(fusedMultiplyAdd(a, b, c, rn));
      });
  check2<float, float, float>("div.rn.ftz.f32 d, a, b;", [](float a, float b) {
    return flush(divide(flush(a), flush(b), rn));
  });
  check1<float, float>("sqrt.rn.ftz.f32 d, a;",
                       [](float a) { return flush(squareRoot(flush(a), rn)); });
}

template <typename T> void signs() {
  check2<T, T, T>(typed<T>("min.$ d, a, b;"),
                  [](T a, T b) { return minimum(a, b); });
  check2<T, T, T>(typed<T>("max.$ d, a, b;"),
                  [](T a, T b) { return maximum(a, b); });
  check1<T, T>(typed<T>("abs.$ d, a;"), [](T a) { return std::fabs(a); });
  check1<T, T>(typed<T>("neg.$ d, a;"), [](T a) { return -a; });
  // Of a NaN the sign may be anything: copysign keeps the bits.
  check2<T, T, T>(typed<T>("copysign.$ d, a, b;"),
                  [](T a, T b) { return std::copysign(b, a); });
}

TEST(FloatInstruction, Signs) {
  signs<float>();
  signs<double>();
  check2<float, float, float>("min.ftz.f32 d, a, b;", [](float a, float b) {
    return minimum(flush(a), flush(b));
  });
  check2<float, float, float>("max.NaN.f32 d, a, b;", [](float a, float b) {
    return std::isnan(a) || std::isnan(b) ? NAN : maximum(a, b);
  });
  check2<float, float, float>("min.xorsign.abs.f32 d, a, b;", [](float a,
                                                                 float b) {
    float m = minimum(std::fabs(a), std::fabs(b));
    return std::copysign(m, std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f);
  });
  check1<float, float>("abs.ftz.f32 d, a;",
                       [](float a) { return flush(std::fabs(a)); });
}

template <typename T> void comparisons() {
  auto test = [](const char *name, auto compare) {
    check2<uint32_t, T, T>(typed<T>(std::string("setp.") + name +
                                    ".$ p|q, a, b;\nselp.u32 t0, 1, 0, p;\n"
                                    "selp.u32 t1, 2, 0, q;\nor.b32 d, t0, t1;"),
                           [&](T a, T b) { return compare(a, b) ? 1u : 2u; });
    check2<float, T, T>(
        typed<T>(std::string("set.") + name + ".f32.$ d, a, b;"),
        [&](T a, T b) { return compare(a, b) ? 1.0f : 0.0f; });
  };
  auto unordered = [](T a, T b) { return std::isnan(a) || std::isnan(b); };
  test("eq", [](T a, T b) { return a == b; });
  test("ne", [=](T a, T b) { return !unordered(a, b) && a != b; });
  test("lt", [](T a, T b) { return a < b; });
  test("le", [](T a, T b) { return a <= b; });
  test("gt", [](T a, T b) { return a > b; });
  test("ge", [](T a, T b) { return a >= b; });
  test("equ", [=](T a, T b) { return unordered(a, b) || a == b; });
  test("neu", [](T a, T b) { return a != b; });
  test("ltu", [](T a, T b) { return !(a >= b); });
  test("leu", [](T a, T b) { return !(a > b); });
  test("gtu", [](T a, T b) { return !(a <= b); });
  test("geu", [](T a, T b) { return !(a < b); });
  test("num", [=](T a, T b) { return !unordered(a, b); });
  test("nan", unordered);
}

TEST(FloatInstruction, Comparisons) {
  comparisons<float>();
  comparisons<double>();
  check2<uint32_t, float, float>(
      "setp.eq.ftz.f32 p, a, b;\nselp.u32 d, 1, 0, p;",
      [](float a, float b) { return uint32_t(flush(a) == flush(b)); });
}

template <typename T> void classes() {
  auto test = [](const char *name, auto is) {
    check1<uint32_t, T>(typed<T>(std::string("testp.") + name +
                                 ".$ p, a;\nselp.u32 d, 1, 0, p;"),
                        [&](T a) { return uint32_t(is(a)); });
  };
  test("finite", [](T a) { return std::isfinite(a); });
  test("infinite", [](T a) { return std::isinf(a); });
  test("number", [](T a) { return !std::isnan(a); });
  test("notanumber", [](T a) { return std::isnan(a); });
  test("normal", [](T a) { return std::isnormal(a); });
  test("subnormal", [](T a) { return std::fpclassify(a) == FP_SUBNORMAL; });
}

TEST(FloatInstruction, Classes) {
  classes<float>();
  classes<double>();
}

template <typename To, typename From> void toIntegers(const char *type) {
  std::string from = typed<From>(".$ d, a;");
  for (auto [name, r] : roundings) {
    Rounding rounding = r;
    check1<To, From>(std::string("cvt.") + name + "i." + type + from,
                     [=](From a) { return toInteger<To>(a, rounding); });
  }
}

template <typename To, typename From> To convert(From v, Rounding rounding) {
  RoundingScope scope(rounding);
  volatile From x = v;
  volatile To r = To(x);
  return r;
}

template <typename To, typename From> void fromIntegers(const char *type) {
  for (auto [name, r] : roundings) {
    Rounding rounding = r;
    check1<To, From>(typed<To>(std::string("cvt.") + name + ".$.") + type +
                         " d, a;",
                     [=](From a) { return convert<To>(a, rounding); });
  }
}

TEST(FloatInstruction, ToIntegers) {
  toIntegers<int16_t, float>("s16");
  toIntegers<uint16_t, float>("u16");
  toIntegers<int32_t, float>("s32");
  toIntegers<uint32_t, float>("u32");
  toIntegers<int64_t, float>("s64");
  toIntegers<uint64_t, float>("u64");
  toIntegers<int32_t, double>("s32");
  toIntegers<uint32_t, double>("u32");
  toIntegers<int64_t, double>("s64");
  toIntegers<uint64_t, double>("u64");
  check1<int32_t, float>("cvt.rpi.ftz.s32.f32 d, a;", [](float a) {
    return toInteger<int32_t>(flush(a), Rounding::Up);
  });
}

TEST(FloatInstruction, FromIntegers) {
  fromIntegers<float, int32_t>("s32");
  fromIntegers<float, uint32_t>("u32");
  fromIntegers<float, int64_t>("s64");
  fromIntegers<double, int64_t>("s64");
  fromIntegers<double, int32_t>("s32");
  fromIntegers<float, int16_t>("s16");
}

TEST(FloatInstruction, FloatToFloat) {
  for (auto [name, r] : roundings) {
    Rounding rounding = r;
    std::string mode = name;
    check1<float, double>("cvt." + mode + ".f32.f64 d, a;", [=](double a) {
      return convert<float>(a, rounding);
    });
    check1<float, float>("cvt." + mode + "i.f32.f32 d, a;", [=](float a) {
      RoundingScope scope(rounding);
      volatile float x = a;
      volatile float result = std::rint(x);
      return float(result);
    });
    check1<double, double>("cvt." + mode + "i.f64.f64 d, a;", [=](double a) {
      RoundingScope scope(rounding);
      volatile double x = a;
      volatile double result = std::rint(x);
      return double(result);
    });
  }
  check1<double, float>("cvt.f64.f32 d, a;", [](float a) { return double(a); });
  check1<float, double>("cvt.rn.sat.f32.f64 d, a;", [](double a) {
    return !(a > 0) ? 0.0f : a > 1 ? 1.0f : float(a);
  });
  check1<float, float>("cvt.ftz.f32.f32 d, a;",
                       [](float a) { return flush(a); });
}

TEST(FloatInstruction, ToHalf) {
  for (auto [name, r] : roundings) {
    std::string mode = name;
    Rounding rounding = r;
    check1<float, float>(
        "{\n.reg .b16 h;\ncvt." + mode + ".f16.f32 h, a;\ncvt.f32.f16 d, h;\n}",
        [=](float a) { return float(reference::rounded(a, kF16, rounding)); });
    check1<float, double>(
        "{\n.reg .b16 h;\ncvt." + mode + ".f16.f64 h, a;\ncvt.f32.f16 d, h;\n}",
        [=](double a) { return float(reference::rounded(a, kF16, rounding)); });
    check1<uint16_t, int32_t>("cvt." + mode + ".f16.s32 d, a;", [=](int32_t a) {
      return uint16_t(encode(a, kF16, rounding));
    });
  }
  check1<float, float>(
      "{\n.reg .b16 h;\ncvt.rn.sat.f16.f32 h, a;\ncvt.f32.f16 d, h;\n}",
      [](float a) {
        return float(reference::rounded(!(a > 0) ? 0.0
                                        : a > 1  ? 1.0
                                                 : a,
                                        kF16));
      });
  for (auto [mode, rounding] :
       {std::pair("rn", Rounding::Nearest), std::pair("rz", Rounding::Zero)}) {
    Rounding r = rounding;
    check1<float, float>(
        std::string("{\n.reg .b16 h;\ncvt.") + mode +
            ".bf16.f32 h, a;\ncvt.f32.bf16 d, h;\n}",
        [=](float a) { return float(reference::rounded(a, kBF16, r)); });
  }
  check1<float, float>("cvt.rna.tf32.f32 d, a;", [](float a) {
    return float(reference::rounded(a, kTF32, Rounding::NearestAway));
  });
  check1<float, float>("cvt.rn.tf32.f32 d, a;", [](float a) {
    return float(reference::rounded(a, kTF32));
  });
}

TEST(FloatInstruction, ToFP8) {
  for (auto [name, f] :
       {std::pair("e4m3x2", kE4M3), std::pair("e5m2x2", kE5M2)}) {
    Format format = f;
    std::string type = name;
    // A NaN has one pattern; where each source goes: the first is the upper.
    check2<uint16_t, float, float>(
        "cvt.rn.satfinite." + type + ".f32 d, a, b;", [=](float a, float b) {
          return uint16_t(encode(a, format, Rounding::Nearest, true) << 8 |
                          encode(b, format, Rounding::Nearest, true));
        });
    check1<uint32_t, uint16_t>(
        "cvt.rn.f16x2." + type + " d, a;", [=](uint16_t a) {
          return encode(decode(a >> 8, format), kF16) << 16 |
                 encode(decode(a & 0xff, format), kF16);
        });
    check1<uint16_t, uint32_t>(
        "cvt.rn.satfinite." + type + ".f16x2 d, a;", [=](uint32_t a) {
          auto half = [=](uint32_t bits) {
            return encode(decode(bits, kF16), format, Rounding::Nearest, true);
          };
          return uint16_t(half(a >> 16) << 8 | half(a & 0xffff));
        });
  }
  check2<uint16_t, float, float>(
      "cvt.rn.satfinite.relu.e4m3x2.f32 d, a, b;", [](float a, float b) {
        auto relu = [](float v) {
          return encode(v > 0 || std::isnan(v) ? v : 0, kE4M3,
                        Rounding::Nearest, true);
        };
        return uint16_t(relu(a) << 8 | relu(b));
      });
}

/// f16 and bf16 scalars: computed in double, where sums and products are
/// exact or round far below; encoded once.
void smallArithmetic(const std::string &type, Format format) {
  auto value = [=](uint16_t bits) { return decode(bits, format); };
  auto canonical = [=](double v) { return uint16_t(encode(v, format)); };
  std::vector<uint16_t> a, b, c;
  for (auto [column, seed] :
       {std::pair(&a, 1), std::pair(&b, 2), std::pair(&c, 3)})
    for (float v : cornerFloats(1024, seed))
      column->push_back(encode(v, format));
  // A NaN result of arithmetic is the canonical one, 0x7fff.
  auto binary = [&](const std::string &op, auto f) {
    check<uint16_t>(
        op + "." + type + " d, a, b;",
        [&](uint16_t x, uint16_t y) {
          return canonical(f(value(x), value(y)));
        },
        a, b);
  };
  binary("add.rn", [](double x, double y) { return x + y; });
  binary("sub.rn", [](double x, double y) { return x - y; });
  binary("mul.rn", [](double x, double y) { return x * y; });
  binary("min", [](double x, double y) { return minimum(x, y); });
  binary("max", [](double x, double y) { return maximum(x, y); });
  binary("min.NaN", [](double x, double y) {
    return std::isnan(x) || std::isnan(y) ? NAN : minimum(x, y);
  });
  auto fused = [&](uint16_t x, uint16_t y, uint16_t z) {
    return fusedToOdd(value(x), value(y), value(z));
  };
  check<uint16_t>(
      "fma.rn." + type + " d, a, b, c;",
      [&](uint16_t x, uint16_t y, uint16_t z) {
        return canonical(fused(x, y, z));
      },
      a, b, c);
  check<uint16_t>(
      "fma.rn.relu." + type + " d, a, b, c;",
      [&](uint16_t x, uint16_t y, uint16_t z) {
        double v = fused(x, y, z);
        return canonical(v > 0 || std::isnan(v) ? v : 0);
      },
      a, b, c);
  check<uint32_t>(
      "setp.lt." + type + " p, a, b;\nselp.u32 d, 1, 0, p;",
      [&](uint16_t x, uint16_t y) { return uint32_t(value(x) < value(y)); }, a,
      b);
}

TEST(FloatInstruction, Half) {
  smallArithmetic("f16", kF16);
  std::vector<uint16_t> a, b;
  for (float v : cornerFloats(1024, 5))
    a.push_back(encode(v, kF16));
  for (float v : cornerFloats(1024, 6))
    b.push_back(encode(v, kF16));
  check<uint16_t>(
      "add.rn.ftz.sat.f16 d, a, b;",
      [](uint16_t x, uint16_t y) {
        auto ftz = [](double v) {
          return std::fabs(v) < 0x1p-14 ? std::copysign(0, v) : v;
        };
        double v = ftz(reference::rounded(
            ftz(decode(x, kF16)) + ftz(decode(y, kF16)), kF16));
        return uint16_t(encode(!(v > 0) ? 0.0 : v > 1 ? 1.0 : v, kF16));
      },
      a, b);
}

TEST(FloatInstruction, BFloat16) { smallArithmetic("bf16", kBF16); }

/// The largest error that the ISA allows, over a dense range.
template <typename F>
void bounded(const std::string &snippet, float low, float high, double bound,
             bool relative, const F &expected) {
  std::vector<float> in = randomFloats(4096, 9, low, high);
  std::vector<float> got = evaluate<float>(snippet, in);
  double worst = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    double e = expected(double(in[i]));
    worst = std::max(worst,
                     std::fabs(got[i] - e) / (relative ? std::fabs(e) : 1.0));
  }
  EXPECT_LE(worst, bound) << snippet;
}

TEST(FloatInstruction, ApproximationBounds) {
  bounded("ex2.approx.f32 d, a;", -20, 20, 0x1p-22, true,
          [](double x) { return std::exp2(x); });
  bounded("ex2.approx.ftz.f32 d, a;", -20, 20, 0x1p-22, true,
          [](double x) { return std::exp2(x); });
  bounded("lg2.approx.f32 d, a;", 0.5, 2, 0x1p-22, false,
          [](double x) { return std::log2(x); });
  bounded("lg2.approx.f32 d, a;", 2, 4000, 0x1p-22, true,
          [](double x) { return std::log2(x); });
  bounded("rcp.approx.ftz.f32 d, a;", 0.01, 90, 0x1p-23, true,
          [](double x) { return 1 / x; });
  bounded("rsqrt.approx.f32 d, a;", 0.01, 90, 0x1.8p-23, true,
          [](double x) { return 1 / std::sqrt(x); });
  bounded("sqrt.approx.f32 d, a;", 0.01, 90, 0x1p-22, true,
          [](double x) { return std::sqrt(x); });
  bounded("sin.approx.f32 d, a;", -3.14159f, 3.14159f, 0x1p-20, false,
          [](double x) { return std::sin(x); });
  bounded("cos.approx.f32 d, a;", -3.14159f, 3.14159f, 0x1p-20, false,
          [](double x) { return std::cos(x); });
  bounded("tanh.approx.f32 d, a;", -5, 5, 0x1p-10, true,
          [](double x) { return std::tanh(x); });
  bounded("div.full.f32 d, 0f40490FDB, a;", 0.01, 90, 0x1p-22, true,
          [](double x) { return double(3.14159274f) / x; });
}

TEST(FloatInstruction, ApproximationCorners) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  struct Case {
    const char *op;
    float in, out;
  };
  // The ISA's table of special values for each instruction.
  for (Case c : {Case{"ex2.approx.f32", -inf, 0},
                 {"ex2.approx.f32", inf, inf},
                 {"ex2.approx.f32", -0.0f, 1},
                 {"ex2.approx.f32", 0, 1},
                 {"ex2.approx.f32", NAN, NAN},
                 {"ex2.approx.ftz.f32", 0x1p-140f, 1},
                 {"lg2.approx.f32", 0, -inf},
                 {"lg2.approx.f32", -0.0f, -inf},
                 {"lg2.approx.f32", inf, inf},
                 {"lg2.approx.f32", -1, NAN},
                 {"lg2.approx.f32", -inf, NAN},
                 {"lg2.approx.f32", 1, 0},
                 {"lg2.approx.f32", 0x1p-149f, -149},
                 {"lg2.approx.ftz.f32", 0x1p-149f, -inf},
                 {"rcp.approx.f32", 0, inf},
                 {"rcp.approx.f32", -0.0f, -inf},
                 {"rcp.approx.f32", inf, 0},
                 {"rcp.approx.f32", -inf, -0.0f},
                 {"rcp.approx.ftz.f32", 0x1p-130f, inf},
                 {"rsqrt.approx.f32", 0, inf},
                 {"rsqrt.approx.f32", -0.0f, -inf},
                 {"rsqrt.approx.f32", inf, 0},
                 {"rsqrt.approx.f32", -1, NAN},
                 {"sqrt.approx.f32", -0.0f, -0.0f},
                 {"sqrt.approx.f32", inf, inf},
                 {"sqrt.approx.f32", -1, NAN},
                 {"sin.approx.f32", 0, 0},
                 {"sin.approx.f32", -0.0f, -0.0f},
                 {"sin.approx.f32", inf, NAN},
                 {"cos.approx.f32", 0, 1},
                 {"cos.approx.f32", -inf, NAN},
                 {"tanh.approx.f32", inf, 1},
                 {"tanh.approx.f32", -inf, -1},
                 {"tanh.approx.f32", -0.0f, -0.0f},
                 {"tanh.approx.f32", NAN, NAN}}) {
    std::vector<float> got =
        evaluate<float>(std::string(c.op) + " d, a;", std::vector<float>{c.in});
    EXPECT_TRUE(std::isnan(c.out)
                    ? std::isnan(got[0])
                    : bitCast<uint32_t>(got[0]) == bitCast<uint32_t>(c.out))
        << c.op << " of " << c.in << " is " << got[0] << ", expected " << c.out;
  }
}

} // namespace
