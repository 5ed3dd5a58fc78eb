//===- FloatInstructions.cpp - Single and double precision arithmetic -----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FloatFormats.h"
#include "ptx/Lanes.h"

#include <bit>
#include <cmath>

ATTN_PTX_TARGET_BEGIN

namespace {

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

inline float flush(float x) {
  uint32_t bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>(bits & 0x7f800000 ? bits : bits & 0x80000000);
}
inline double flush(double x) { return x; }

/// Results that are NaN have one pattern in single precision; doubles keep
/// their payload.
inline float canonical(float x) {
  return x == x ? x : std::bit_cast<float>(0x7fffffffu);
}
inline double canonical(double x) { return x; }

/// .sat: to [0, 1], a NaN to 0.
template <typename T> inline T saturate(T x) {
  x = x > T(0) ? x : T(0);
  return x < T(1) ? x : T(1);
}

template <bool ftz, typename T> inline T in(T x) { return ftz ? flush(x) : x; }
template <bool ftz, bool sat, typename T> inline T out(T x) {
  x = ftz ? flush(x) : x;
  return sat ? saturate(x) : canonical(x);
}

struct Add {
  template <typename T> static T apply(T a, T b) { return a + b; }
  template <typename T> static T rounded(T a, T b, Rounding mode) {
    return addRounded(a, b, mode);
  }
};
struct Sub {
  template <typename T> static T apply(T a, T b) { return a - b; }
  template <typename T> static T rounded(T a, T b, Rounding mode) {
    return addRounded(a, -b, mode);
  }
};
struct Mul {
  template <typename T> static T apply(T a, T b) { return a * b; }
  template <typename T> static T rounded(T a, T b, Rounding mode) {
    return mulRounded(a, b, mode);
  }
};
struct Div {
  template <typename T> static T apply(T a, T b) { return a / b; }
  template <typename T> static T rounded(T a, T b, Rounding mode) {
    return divRounded(a, b, mode);
  }
};
struct Fma {
  template <typename T> static T apply(T a, T b, T c) {
    return std::fma(a, b, c);
  }
  template <typename T> static T rounded(T a, T b, T c, Rounding mode) {
    return fmaRounded(a, b, c, mode);
  }
};
struct Rcp {
  template <typename T> static T apply(T a) { return T(1) / a; }
  template <typename T> static T rounded(T a, Rounding mode) {
    return divRounded(T(1), a, mode);
  }
};
struct Sqrt {
  template <typename T> static T apply(T a) { return std::sqrt(a); }
  template <typename T> static T rounded(T a, Rounding mode) {
    return sqrtRounded(a, mode);
  }
};

// Approximate functions are as good as the host's; results within the ISA's
// bounds need no more.
struct DivApprox {
  static float apply(float a, float b) {
    // The reciprocal of a divisor beyond 2^126 is flushed to zero.
    float magnitude = std::fabs(b);
    if (magnitude > 0x1p126f && magnitude < INFINITY)
      return std::isinf(a) ? NAN
                           : std::copysign(0.0f, a) * std::copysign(1.0f, b);
    return a / b;
  }
};
struct Rsqrt {
  static float apply(float a) { return 1.0 / std::sqrt(double(a)); }
  static double apply(double a) { return 1.0 / std::sqrt(a); }
};
struct Ex2 {
  static float apply(float a) { return std::exp2(a); }
};
struct Lg2 {
  static float apply(float a) { return std::log2(a); }
};
struct Sin {
  static float apply(float a) { return std::sin(a); }
};
struct Cos {
  static float apply(float a) { return std::cos(a); }
};
struct Tanh {
  static float apply(float a) { return std::tanh(a); }
};

template <typename T, typename Op, bool ftz, bool sat>
Status execUnaryFloat(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    return out<ftz, sat>(T(Op::apply(in<ftz>(a[l]))));
  });
  return Status::Next;
}
template <typename T, typename Op, bool ftz, bool sat>
Status execBinaryFloat(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    return out<ftz, sat>(T(Op::apply(in<ftz>(a[l]), in<ftz>(b[l]))));
  });
  return Status::Next;
}
template <typename T, typename Op, bool ftz, bool sat>
Status execTernaryFloat(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1)),
          *c = e.row<T>(i.src(2));
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    return out<ftz, sat>(
        T(Op::apply(in<ftz>(a[l]), in<ftz>(b[l]), in<ftz>(c[l]))));
  });
  return Status::Next;
}

/// The modes that the host's instructions do not round in.
template <typename T, typename Op, unsigned sources>
Status execRounded(Exec &e, const Inst &i) {
  auto prepare = [&](T x) { return i.ftz ? flush(x) : x; };
  auto finish = [&](T x) {
    x = i.ftz ? flush(x) : x;
    return i.sat ? saturate(x) : canonical(x);
  };
  forLanes(e.active, [&](unsigned l) {
    T a = prepare(e.row<T>(i.src(0))[l]);
    T r;
    if constexpr (sources == 1) {
      r = Op::rounded(a, i.rounding);
    } else {
      T b = prepare(e.row<T>(i.src(1))[l]);
      if constexpr (sources == 2)
        r = Op::rounded(a, b, i.rounding);
      else
        r = Op::rounded(a, b, prepare(e.row<T>(i.src(2))[l]), i.rounding);
    }
    e.row<T>(i.dst(0))[l] = finish(r);
  });
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Choosing by flags
//===----------------------------------------------------------------------===//

#define ATTN_PTX_BY_FLAGS(exec, T, Op)                                         \
  (ftz ? (sat ? exec<T, Op, true, true> : exec<T, Op, true, false>)            \
       : (sat ? exec<T, Op, false, true> : exec<T, Op, false, false>))

bool directed(Rounding mode) {
  return mode == Rounding::RZ || mode == Rounding::RM || mode == Rounding::RP;
}

/// The first type modifier that is left.
Type peekType(InstBuilder &b) {
  for (StringRef word : b.left())
    if (std::optional<Type> type = parseType(word))
      return *type;
  return Type::None;
}

enum Group : uint8_t { IntegerGroup, FloatGroup, HalfGroup };
Group groupOf(InstBuilder &b) {
  switch (peekType(b)) {
  case Type::F16:
  case Type::F16x2:
  case Type::BF16:
  case Type::BF16x2:
    return HalfGroup;
  case Type::F32:
  case Type::F64:
  case Type::F32x2:
    return FloatGroup;
  default:
    return IntegerGroup;
  }
}

/// Two floats in a register: rows of 64.
template <typename Op, unsigned sources>
Status execFloatPair(Exec &e, const Inst &i) {
  const float *s[3] = {};
  for (unsigned n = 0; n < sources; ++n)
    s[n] = e.row<float>(i.src(n));
  bool ftz = i.ftz;
  Rounding mode = i.rounding;
  mapLanes<64>(e.row<float>(i.dst(0)), e.active, [=](unsigned l) {
    auto prepare = [=](float x) { return ftz ? flush(x) : x; };
    float r;
    if constexpr (sources == 2)
      r = Op::rounded(prepare(s[0][l]), prepare(s[1][l]), mode);
    else
      r = Op::rounded(prepare(s[0][l]), prepare(s[1][l]), prepare(s[2][l]),
                      mode);
    return canonical(ftz ? flush(r) : r);
  });
  return Status::Next;
}

/// All sources but the last are halves of type2, which a float holds exactly.
template <typename Op, unsigned sources>
Status execMixed(Exec &e, const Inst &i) {
  Rounding mode = i.rounding == Rounding::None ? Rounding::RN : i.rounding;
  forLanes(e.active, [&](unsigned l) {
    auto half = [&](unsigned n) {
      return float(decodeFloat(i.type2, e.row<uint16_t>(i.src(n))[l]));
    };
    float last = e.row<float>(i.src(sources - 1))[l];
    float r;
    if constexpr (sources == 2)
      r = Op::rounded(half(0), last, mode);
    else
      r = Op::rounded(half(0), half(1), last, mode);
    e.row<float>(i.dst(0))[l] = i.sat ? saturate(r) : canonical(r);
  });
  return Status::Next;
}

template <typename Op, unsigned sources> bool decodeMixed(InstBuilder &b) {
  b.inst.type2 = b.takeType({Type::F16, Type::BF16});
  bool good = b.operands(sources + 1) && b.dst(0, Type::F32);
  for (unsigned n = 1; n < sources; ++n)
    good = good && b.src(n, b.inst.type2, /*relaxed=*/false);
  return good && b.src(sources, Type::F32) && b.finish(execMixed<Op, sources>);
}

template <typename Op, unsigned sources> bool decodeArithmetic(InstBuilder &b) {
  b.inst.rounding = b.takeRounding();
  bool ftz = b.inst.ftz = b.take("ftz");
  bool sat = b.inst.sat = b.take("sat");
  Type type = b.takeType({Type::F32, Type::F64, Type::F32x2});
  if (type == Type::F64 && (ftz || sat))
    return b.fail(".ftz and .sat are not for .f64");
  if constexpr (sources >= 2)
    if (type == Type::F32 && !ftz && peekType(b) != Type::None)
      return decodeMixed<Op, sources>(b);
  if (type == Type::F32x2) {
    if constexpr (sources >= 2)
      return decodeUniform(b, type, sources, execFloatPair<Op, sources>);
  }
  ExecFn exec = nullptr;
  if (directed(b.inst.rounding)) {
    exec = type == Type::F64 ? execRounded<double, Op, sources>
                             : execRounded<float, Op, sources>;
  } else if constexpr (sources == 1) {
    exec = type == Type::F64 ? execUnaryFloat<double, Op, false, false>
                             : ATTN_PTX_BY_FLAGS(execUnaryFloat, float, Op);
  } else if constexpr (sources == 2) {
    exec = type == Type::F64 ? execBinaryFloat<double, Op, false, false>
                             : ATTN_PTX_BY_FLAGS(execBinaryFloat, float, Op);
  } else {
    exec = type == Type::F64 ? execTernaryFloat<double, Op, false, false>
                             : ATTN_PTX_BY_FLAGS(execTernaryFloat, float, Op);
  }
  return decodeUniform(b, type, sources, exec);
}

} // namespace

static bool decodeAdd(InstBuilder &b) {
  Group group = groupOf(b);
  return group == FloatGroup  ? decodeArithmetic<Add, 2>(b)
         : group == HalfGroup ? decodeHalfArithmetic(b, HalfOp::Add)
                              : decodeIntegerAdd(b);
}
static bool decodeSub(InstBuilder &b) {
  Group group = groupOf(b);
  return group == FloatGroup  ? decodeArithmetic<Sub, 2>(b)
         : group == HalfGroup ? decodeHalfArithmetic(b, HalfOp::Sub)
                              : decodeIntegerSub(b);
}
static bool decodeMul(InstBuilder &b) {
  Group group = groupOf(b);
  return group == FloatGroup  ? decodeArithmetic<Mul, 2>(b)
         : group == HalfGroup ? decodeHalfArithmetic(b, HalfOp::Mul)
                              : decodeIntegerMul(b);
}
static bool decodeFma(InstBuilder &b) {
  return groupOf(b) == HalfGroup ? decodeHalfArithmetic(b, HalfOp::Fma)
                                 : decodeArithmetic<Fma, 3>(b);
}
static bool decodeMad(InstBuilder &b) {
  return groupOf(b) == FloatGroup ? decodeArithmetic<Fma, 3>(b)
                                  : decodeIntegerMad(b);
}

static bool decodeDiv(InstBuilder &b) {
  if (groupOf(b) == IntegerGroup)
    return decodeIntegerDiv(b);
  bool approx = b.take("approx"), full = b.take("full");
  if (!approx && !full)
    return decodeArithmetic<Div, 2>(b);
  bool ftz = b.take("ftz"), sat = false;
  return decodeUniform(
      b, b.takeType({Type::F32}), 2,
      approx ? ATTN_PTX_BY_FLAGS(execBinaryFloat, float, DivApprox)
             : ATTN_PTX_BY_FLAGS(execBinaryFloat, float, Div));
}

//===----------------------------------------------------------------------===//
// Roots and transcendental functions
//===----------------------------------------------------------------------===//

/// rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64 compute the upper half of a
/// double only.
template <typename Op> static Status execGross(Exec &e, const Inst &i) {
  const double *a = e.row<double>(i.src(0));
  mapLanes(e.row<uint64_t>(i.dst(0)), e.active, [=](unsigned l) {
    uint64_t x = std::bit_cast<uint64_t>(a[l]) & 0xffffffff00000000;
    if (!(x & 0x7ff0000000000000))
      x &= 0x8000000000000000;
    uint64_t r =
        std::bit_cast<uint64_t>(double(Op::apply(std::bit_cast<double>(x))));
    if (!(r & 0x7ff0000000000000))
      r &= 0x8000000000000000;
    return r & 0xffffffff00000000;
  });
  return Status::Next;
}

template <typename Op> static bool decodeRoot(InstBuilder &b) {
  if (!b.take("approx"))
    return decodeArithmetic<Op, 1>(b);
  bool ftz = b.take("ftz"), sat = false;
  Type type = b.takeType({Type::F32, Type::F64});
  if (type == Type::F64)
    return ftz ? decodeUniform(b, type, 1, execGross<Op>)
               : b.fail("expected .approx.ftz.f64");
  return decodeUniform(b, type, 1,
                       ATTN_PTX_BY_FLAGS(execUnaryFloat, float, Op));
}

static bool decodeRsqrt(InstBuilder &b) {
  if (!b.take("approx"))
    return b.fail("expected .approx");
  bool ftz = b.take("ftz"), sat = false;
  Type type = b.takeType({Type::F32, Type::F64});
  if (type == Type::F64)
    return decodeUniform(b, type, 1,
                         ftz ? execGross<Rsqrt>
                             : execUnaryFloat<double, Rsqrt, false, false>);
  return decodeUniform(b, type, 1,
                       ATTN_PTX_BY_FLAGS(execUnaryFloat, float, Rsqrt));
}

template <typename Op> static bool decodeApprox(InstBuilder &b) {
  if (!b.take("approx"))
    return b.fail("expected .approx");
  bool ftz = b.take("ftz"), sat = false;
  return decodeUniform(b, b.takeType({Type::F32}), 1,
                       ATTN_PTX_BY_FLAGS(execUnaryFloat, float, Op));
}

static bool decodeEx2(InstBuilder &b) {
  return groupOf(b) == HalfGroup ? decodeHalfUnary(b, HalfOp::Ex2)
                                 : decodeApprox<Ex2>(b);
}
static bool decodeTanh(InstBuilder &b) {
  return groupOf(b) == HalfGroup ? decodeHalfUnary(b, HalfOp::Tanh)
                                 : decodeApprox<Tanh>(b);
}

//===----------------------------------------------------------------------===//
// Signs, minima and maxima
//===----------------------------------------------------------------------===//

namespace {
/// On bits, so that NaNs pass unchanged in double precision.
struct Abs {
  static float apply(float a) { return std::fabs(a); }
  static double apply(double a) { return std::fabs(a); }
};
struct Neg {
  static float apply(float a) { return -a; }
  static double apply(double a) { return -a; }
};

template <typename T, bool isMax, bool propagate, bool xorSign> struct MinMax {
  static T apply(T a, T b) {
    T sign = T(1);
    if (xorSign) {
      sign = std::signbit(a) != std::signbit(b) ? T(-1) : T(1);
      a = std::fabs(a);
      b = std::fabs(b);
    }
    // -0 is less than +0.
    bool less = a < b || (a == b && std::signbit(a));
    T r = less != isMax ? a : b;
    if (a != a)
      r = propagate ? a : b;
    else if (b != b)
      r = propagate ? b : a;
    return xorSign && r == r ? std::copysign(r, sign) : r;
  }
};
/// The same of three values.
template <typename Op> struct OfThree {
  static float apply(float a, float b, float c) {
    return Op::apply(Op::apply(a, b), c);
  }
};
template <bool isMax> using MinMaxF32 = MinMax<float, isMax, false, false>;
template <bool isMax> using MinMaxNaN = MinMax<float, isMax, true, false>;
template <bool isMax> using MinMaxXor = MinMax<float, isMax, false, true>;
template <bool isMax> using MinMaxXorNaN = MinMax<float, isMax, true, true>;
} // namespace

template <bool isMax> static bool decodeMinMax(InstBuilder &b) {
  Group group = groupOf(b);
  if (group == HalfGroup)
    return decodeHalfArithmetic(b, isMax ? HalfOp::Max : HalfOp::Min);
  if (group == IntegerGroup)
    return decodeIntegerMinMax(b, isMax);
  bool ftz = b.take("ftz"), sat = false, propagate = b.take("NaN");
  bool xorSign = b.take("xorsign");
  if (xorSign && !b.take("abs"))
    return b.fail("expected .xorsign.abs");
  Type type = b.takeType({Type::F32, Type::F64});
  if (type == Type::F64) {
    if (ftz || propagate || xorSign)
      return b.fail("modifiers that are not for .f64");
    return decodeUniform(
        b, type, 2,
        execBinaryFloat<double, MinMax<double, isMax, false, false>, false,
                        false>);
  }
  if (b.numOperands() == 4) {
    using Plain = OfThree<MinMaxF32<isMax>>;
    using WithNaN = OfThree<MinMaxNaN<isMax>>;
    if (b.program().target.sm < 100 || xorSign)
      return b.fail("three sources, which need .target sm_100 or higher and no "
                    ".xorsign");
    return decodeUniform(
        b, type, 3,
        propagate ? ATTN_PTX_BY_FLAGS(execTernaryFloat, float, WithNaN)
                  : ATTN_PTX_BY_FLAGS(execTernaryFloat, float, Plain));
  }
  ExecFn exec =
      xorSign
          ? propagate
                ? ATTN_PTX_BY_FLAGS(execBinaryFloat, float, MinMaxXorNaN<isMax>)
                : ATTN_PTX_BY_FLAGS(execBinaryFloat, float, MinMaxXor<isMax>)
      : propagate ? ATTN_PTX_BY_FLAGS(execBinaryFloat, float, MinMaxNaN<isMax>)
                  : ATTN_PTX_BY_FLAGS(execBinaryFloat, float, MinMaxF32<isMax>);
  return decodeUniform(b, type, 2, exec);
}

template <typename Op>
static bool decodeSign(InstBuilder &b, HalfOp half,
                       bool (*integer)(InstBuilder &)) {
  Group group = groupOf(b);
  if (group == HalfGroup)
    return decodeHalfUnary(b, half);
  if (group == IntegerGroup)
    return integer(b);
  bool ftz = b.take("ftz"), sat = false;
  Type type = b.takeType({Type::F32, Type::F64});
  return decodeUniform(b, type, 1,
                       type == Type::F64
                           ? execUnaryFloat<double, Op, false, false>
                           : ATTN_PTX_BY_FLAGS(execUnaryFloat, float, Op));
}

template <typename T> static Status execCopysign(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  constexpr T sign = T(1) << (8 * sizeof(T) - 1);
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return T((b[l] & ~sign) | (a[l] & sign)); });
  return Status::Next;
}

static bool decodeCopysign(InstBuilder &b) {
  Type type = b.takeType({Type::F32, Type::F64});
  return decodeUniform(b, type, 2,
                       type == Type::F32 ? execCopysign<uint32_t>
                                         : execCopysign<uint64_t>);
}

//===----------------------------------------------------------------------===//
// testp
//===----------------------------------------------------------------------===//

enum TestOp : uint8_t {
  Finite,
  Infinite,
  Number,
  NotANumber,
  Normal,
  Subnormal
};

template <typename T> static Status execTestp(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  uint32_t result = 0;
  forLanes(e.active, [&](unsigned l) {
    int kind = std::fpclassify(a[l]);
    bool truth = false;
    switch (TestOp(i.op)) {
    case Finite:
      truth = kind != FP_NAN && kind != FP_INFINITE;
      break;
    case Infinite:
      truth = kind == FP_INFINITE;
      break;
    case Number:
      truth = kind != FP_NAN;
      break;
    case NotANumber:
      truth = kind == FP_NAN;
      break;
    case Normal:
      truth = kind == FP_NORMAL;
      break;
    case Subnormal:
      truth = kind == FP_SUBNORMAL;
      break;
    }
    result |= uint32_t(truth) << l;
  });
  e.setPredicate(i.dst(0), result);
  return Status::Next;
}

static bool decodeTestp(InstBuilder &b) {
  static constexpr StringRef names[] = {"finite",     "infinite", "number",
                                        "notanumber", "normal",   "subnormal"};
  StringRef test = b.takeOneOf(names);
  if (test.empty())
    return b.fail("a test such as .finite is missing");
  b.inst.op = llvm::find(names, test) - std::begin(names);
  Type type = b.takeType({Type::F32, Type::F64});
  return b.operands(2) && b.dst(0, Type::Pred) && b.src(1, type) &&
         b.finish(type == Type::F32 ? execTestp<float> : execTestp<double>);
}

void addFloatInstructions(OpcodeTable &table) {
  table["add"] = decodeAdd;
  table["sub"] = decodeSub;
  table["mul"] = decodeMul;
  table["fma"] = decodeFma;
  table["mad"] = decodeMad;
  table["div"] = decodeDiv;
  table["rcp"] = decodeRoot<Rcp>;
  table["sqrt"] = decodeRoot<Sqrt>;
  table["rsqrt"] = decodeRsqrt;
  table["ex2"] = decodeEx2;
  table["lg2"] = decodeApprox<Lg2>;
  table["sin"] = decodeApprox<Sin>;
  table["cos"] = decodeApprox<Cos>;
  table["tanh"] = decodeTanh;
  table["min"] = decodeMinMax<false>;
  table["max"] = decodeMinMax<true>;
  table["abs"] = [](InstBuilder &b) {
    return decodeSign<Abs>(b, HalfOp::Abs, decodeIntegerAbs);
  };
  table["neg"] = [](InstBuilder &b) {
    return decodeSign<Neg>(b, HalfOp::Neg, decodeIntegerNeg);
  };
  table["copysign"] = decodeCopysign;
  table["testp"] = decodeTestp;
}

ATTN_PTX_TARGET_END
