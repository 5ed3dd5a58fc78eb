//===- IntegerInstructions.cpp - Integer arithmetic -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Lanes.h"

#include <bit>
#include <limits>

ATTN_PTX_TARGET_BEGIN

namespace {

template <typename T> using Unsigned = std::make_unsigned_t<T>;

template <typename T> struct Twice;
template <> struct Twice<int16_t> {
  using type = int32_t;
};
template <> struct Twice<uint16_t> {
  using type = uint32_t;
};
template <> struct Twice<int32_t> {
  using type = int64_t;
};
template <> struct Twice<uint32_t> {
  using type = uint64_t;
};
template <> struct Twice<int64_t> {
  using type = __int128;
};
template <> struct Twice<uint64_t> {
  using type = unsigned __int128;
};
template <typename T> using Wide = typename Twice<T>::type;

struct Add {
  template <typename T> static T apply(T a, T b) {
    return Unsigned<T>(a) + Unsigned<T>(b);
  }
};
struct AddSat {
  template <typename T> static T apply(T a, T b) {
    T r;
    return __builtin_add_overflow(a, b, &r)
               ? (b < 0 ? std::numeric_limits<T>::min()
                        : std::numeric_limits<T>::max())
               : r;
  }
};
struct Sub {
  template <typename T> static T apply(T a, T b) {
    return Unsigned<T>(a) - Unsigned<T>(b);
  }
};
struct SubSat {
  template <typename T> static T apply(T a, T b) {
    T r;
    return __builtin_sub_overflow(a, b, &r)
               ? (b > 0 ? std::numeric_limits<T>::min()
                        : std::numeric_limits<T>::max())
               : r;
  }
};
struct MulLo {
  template <typename T> static T apply(T a, T b) {
    return uint64_t(a) * uint64_t(b);
  }
};
struct MulHi {
  template <typename T> static T apply(T a, T b) {
    return (Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T));
  }
};
struct MadLo {
  template <typename T> static T apply(T a, T b, T c) {
    return uint64_t(a) * uint64_t(b) + uint64_t(c);
  }
};
struct MadHi {
  template <typename T> static T apply(T a, T b, T c) {
    return Add::apply(MulHi::apply(a, b), c);
  }
};
struct MadHiSat {
  template <typename T> static T apply(T a, T b, T c) {
    return AddSat::apply(MulHi::apply(a, b), c);
  }
};
/// 24-bit operands, sign- or zero-extended.
template <typename T> Wide<T> mul24(T a, T b) {
  auto extend = [](T v) {
    return std::is_signed_v<T> ? T(Unsigned<T>(v) << 8) >> 8 : T(v & 0xffffff);
  };
  return Wide<T>(extend(a)) * Wide<T>(extend(b));
}
struct Mul24Lo {
  template <typename T> static T apply(T a, T b) { return mul24(a, b); }
};
struct Mul24Hi {
  template <typename T> static T apply(T a, T b) { return mul24(a, b) >> 16; }
};
struct Mad24Lo {
  template <typename T> static T apply(T a, T b, T c) {
    return Add::apply(Mul24Lo::apply(a, b), c);
  }
};
struct Mad24Hi {
  template <typename T> static T apply(T a, T b, T c) {
    return Add::apply(Mul24Hi::apply(a, b), c);
  }
};
struct Mad24HiSat {
  template <typename T> static T apply(T a, T b, T c) {
    return AddSat::apply(Mul24Hi::apply(a, b), c);
  }
};
struct Sad {
  template <typename T> static T apply(T a, T b, T c) {
    return Add::apply(c, a < b ? Sub::apply(b, a) : Sub::apply(a, b));
  }
};
/// The ISA leaves division by zero unspecified; GPUs return all ones.
struct Div {
  template <typename T> static T apply(T a, T b) {
    if (b == 0)
      return T(-1);
    if (std::is_signed_v<T> && b == T(-1))
      return Sub::apply(T(0), a);
    return a / b;
  }
};
struct Rem {
  template <typename T> static T apply(T a, T b) {
    if (b == 0)
      return a;
    if (std::is_signed_v<T> && b == T(-1))
      return 0;
    return a % b;
  }
};
struct Abs {
  template <typename T> static T apply(T a) {
    return a < 0 ? Sub::apply(T(0), a) : a;
  }
};
struct Neg {
  template <typename T> static T apply(T a) { return Sub::apply(T(0), a); }
};
struct Min {
  template <typename T> static T apply(T a, T b) { return b < a ? b : a; }
};
struct Max {
  template <typename T> static T apply(T a, T b) { return a < b ? b : a; }
};
struct MinRelu {
  template <typename T> static T apply(T a, T b) {
    return Max::apply(Min::apply(a, b), T(0));
  }
};
struct MaxRelu {
  template <typename T> static T apply(T a, T b) {
    return Max::apply(Max::apply(a, b), T(0));
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Choosing by type
//===----------------------------------------------------------------------===//

#define ATTN_PTX_FOR_INTEGER(name, exec)                                       \
  template <typename Op> static ExecFn name(Type type) {                       \
    switch (type) {                                                            \
    case Type::U16:                                                            \
      return exec<uint16_t, Op>;                                               \
    case Type::S16:                                                            \
      return exec<int16_t, Op>;                                                \
    case Type::U32:                                                            \
      return exec<uint32_t, Op>;                                               \
    case Type::S32:                                                            \
      return exec<int32_t, Op>;                                                \
    case Type::U64:                                                            \
      return exec<uint64_t, Op>;                                               \
    case Type::S64:                                                            \
      return exec<int64_t, Op>;                                                \
    default:                                                                   \
      return nullptr;                                                          \
    }                                                                          \
  }
ATTN_PTX_FOR_INTEGER(unary, execUnary)
ATTN_PTX_FOR_INTEGER(binary, execBinary)
ATTN_PTX_FOR_INTEGER(ternary, execTernary)
#undef ATTN_PTX_FOR_INTEGER

/// Two 16-bit integers in a register: 64 elements in a row.
template <typename T, typename Op>
static Status execPacked(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  mapLanes<64>(e.row<T>(i.dst(0)), e.active,
               [=](unsigned l) { return T(Op::apply(a[l], b[l])); });
  return Status::Next;
}

template <typename T, typename Op>
static Status execWide(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  mapLanes(e.row<Wide<T>>(i.dst(0)), e.active,
           [=](unsigned l) { return Wide<T>(Wide<T>(a[l]) * Wide<T>(b[l])); });
  return Status::Next;
}

template <typename T> static Status execMadWide(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  const Wide<T> *c = e.row<Wide<T>>(i.src(2));
  mapLanes(e.row<Wide<T>>(i.dst(0)), e.active, [=](unsigned l) {
    return Add::apply(Wide<T>(Wide<T>(a[l]) * Wide<T>(b[l])), c[l]);
  });
  return Status::Next;
}

constexpr Type integers[] = {Type::U16, Type::S16, Type::U32,
                             Type::S32, Type::U64, Type::S64};

//===----------------------------------------------------------------------===//
// Carries
//===----------------------------------------------------------------------===//

enum CarryOp : uint8_t { CarryAdd, CarrySub, CarryMadLo, CarryMadHi };
enum CarryFlags : uint16_t { ReadsCarry = 1, WritesCarry = 2 };

/// The ISA calls what a subtraction leaves in CC.CF its borrow. GPUs add the
/// complement instead, a + ~b + 1, and leave the carry of that: addc after
/// sub.cc tells the two apart, and nvcc's 128-bit division has it.
template <typename T> static Status execCarry(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  const T *c = i.numSrcs > 2 ? e.row<T>(i.src(2)) : nullptr;
  T *d = e.row<T>(i.dst(0));
  uint32_t &carries = e.warp->carry;
  forLanes(e.active, [&](unsigned l) {
    uint32_t bit = 1u << l;
    bool isSub = i.op == CarrySub;
    T in = i.flags & ReadsCarry ? T((carries & bit) != 0) : T(isSub);
    T x = a[l], y = b[l];
    if (i.op >= CarryMadLo) {
      Wide<T> product = Wide<T>(x) * Wide<T>(y);
      x = i.op == CarryMadLo ? T(product) : T(product >> (8 * sizeof(T)));
      y = c[l];
    } else if (isSub) {
      y = ~y;
    }
    bool out = (Wide<T>(x) + y + in) >> (8 * sizeof(T));
    d[l] = x + y + in;
    if (i.flags & WritesCarry)
      carries = out ? carries | bit : carries & ~bit;
  });
  return Status::Next;
}

static bool decodeCarry(InstBuilder &b, CarryOp op, bool reads) {
  bool writes = b.take("cc");
  b.inst.op = op;
  b.inst.flags = (reads ? ReadsCarry : 0) | (writes ? WritesCarry : 0);
  Type type = b.takeType(
      {Type::U32, Type::S32, Type::U64, Type::S64, Type::B32, Type::B64});
  return decodeUniform(b, type, op >= CarryMadLo ? 3 : 2,
                       byteSize(type) == 4 ? execCarry<uint32_t>
                                           : execCarry<uint64_t>);
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

static bool hasCarryOut(InstBuilder &b) {
  return llvm::is_contained(b.left(), "cc");
}

template <typename Op, typename OpSat>
static bool decodeAddSub(InstBuilder &b, CarryOp carry) {
  if (hasCarryOut(b))
    return decodeCarry(b, carry, false);
  bool sat = b.take("sat");
  Type type = b.takeType();
  if (type == Type::U16x2 || type == Type::S16x2)
    return decodeUniform(b, type, 2, execPacked<uint16_t, Op>);
  if (sat && type != Type::S32)
    return b.fail(".sat is for .s32");
  return decodeUniform(b, type, 2,
                       sat ? execBinary<int32_t, OpSat> : binary<Op>(type));
}

bool decodeIntegerAdd(InstBuilder &b) {
  return decodeAddSub<Add, AddSat>(b, CarryAdd);
}
bool decodeIntegerSub(InstBuilder &b) {
  return decodeAddSub<Sub, SubSat>(b, CarrySub);
}

bool decodeIntegerMul(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi", "wide"});
  Type type = b.takeType(integers);
  if (half.empty())
    return b.fail("expected .lo, .hi or .wide");
  if (half != "wide")
    return decodeUniform(
        b, type, 2, half == "lo" ? binary<MulLo>(type) : binary<MulHi>(type));
  ExecFn exec = nullptr;
  Type wide = Type::None;
  switch (type) {
  case Type::U16:
    exec = execWide<uint16_t, void>;
    wide = Type::U32;
    break;
  case Type::S16:
    exec = execWide<int16_t, void>;
    wide = Type::S32;
    break;
  case Type::U32:
    exec = execWide<uint32_t, void>;
    wide = Type::U64;
    break;
  case Type::S32:
    exec = execWide<int32_t, void>;
    wide = Type::S64;
    break;
  case Type::U64:
    exec = execWide<uint64_t, void>;
    wide = Type::B128;
    break;
  case Type::S64:
    exec = execWide<int64_t, void>;
    wide = Type::B128;
    break;
  default:
    return false;
  }
  return b.operands(3) && b.dst(0, wide) && b.src(1, type) && b.src(2, type) &&
         b.finish(exec);
}

bool decodeIntegerMad(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi", "wide"});
  if (hasCarryOut(b))
    return decodeCarry(b, half == "lo" ? CarryMadLo : CarryMadHi, false);
  bool sat = b.take("sat");
  Type type = b.takeType(integers);
  if (half.empty())
    return b.fail("expected .lo, .hi or .wide");
  if (sat && (half != "hi" || type != Type::S32))
    return b.fail(".sat is for .hi.s32");
  if (half != "wide")
    return decodeUniform(b, type, 3,
                         half == "lo" ? ternary<MadLo>(type)
                         : sat        ? execTernary<int32_t, MadHiSat>
                                      : ternary<MadHi>(type));
  ExecFn exec = nullptr;
  Type wide = Type::None;
  switch (type) {
  case Type::U16:
    exec = execMadWide<uint16_t>;
    wide = Type::U32;
    break;
  case Type::S16:
    exec = execMadWide<int16_t>;
    wide = Type::S32;
    break;
  case Type::U32:
    exec = execMadWide<uint32_t>;
    wide = Type::U64;
    break;
  case Type::S32:
    exec = execMadWide<int32_t>;
    wide = Type::S64;
    break;
  default:
    return b.fail(".wide is for 16 and 32 bits");
  }
  return b.operands(4) && b.dst(0, wide) && b.src(1, type) && b.src(2, type) &&
         b.src(3, wide) && b.finish(exec);
}

static bool decodeMadc(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi"});
  return decodeCarry(b, half == "lo" ? CarryMadLo : CarryMadHi, true);
}
static bool decodeAddc(InstBuilder &b) {
  return decodeCarry(b, CarryAdd, true);
}
static bool decodeSubc(InstBuilder &b) {
  return decodeCarry(b, CarrySub, true);
}

bool decodeIntegerMinMax(InstBuilder &b, bool isMax) {
  bool relu = b.take("relu");
  Type type = b.takeType();
  if (relu && type != Type::S32 && type != Type::S16x2)
    return b.fail(".relu is for .s32 and .s16x2");
  if (type == Type::U16x2)
    return decodeUniform(b, type, 2,
                         isMax ? execPacked<uint16_t, Max>
                               : execPacked<uint16_t, Min>);
  if (type == Type::S16x2 && relu)
    return decodeUniform(b, type, 2,
                         isMax ? execPacked<int16_t, MaxRelu>
                               : execPacked<int16_t, MinRelu>);
  if (type == Type::S16x2)
    return decodeUniform(b, type, 2,
                         isMax ? execPacked<int16_t, Max>
                               : execPacked<int16_t, Min>);
  if (relu)
    return decodeUniform(b, type, 2,
                         isMax ? execBinary<int32_t, MaxRelu>
                               : execBinary<int32_t, MinRelu>);
  return decodeUniform(b, type, 2,
                       isMax ? binary<Max>(type) : binary<Min>(type));
}

bool decodeIntegerAbs(InstBuilder &b) {
  Type type = b.takeType({Type::S16, Type::S32, Type::S64});
  return decodeUniform(b, type, 1, unary<Abs>(type));
}
bool decodeIntegerNeg(InstBuilder &b) {
  Type type = b.takeType({Type::S16, Type::S32, Type::S64});
  return decodeUniform(b, type, 1, unary<Neg>(type));
}
bool decodeIntegerDiv(InstBuilder &b) {
  Type type = b.takeType(integers);
  return decodeUniform(b, type, 2, binary<Div>(type));
}
static bool decodeRem(InstBuilder &b) {
  Type type = b.takeType(integers);
  return decodeUniform(b, type, 2, binary<Rem>(type));
}
static bool decodeSad(InstBuilder &b) {
  Type type = b.takeType(integers);
  return decodeUniform(b, type, 3, ternary<Sad>(type));
}

static bool decodeMul24(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi"});
  Type type = b.takeType({Type::U32, Type::S32});
  if (half.empty())
    return b.fail("expected .lo or .hi");
  bool isSigned = type == Type::S32;
  return decodeUniform(b, type, 2,
                       half == "lo" ? isSigned ? execBinary<int32_t, Mul24Lo>
                                               : execBinary<uint32_t, Mul24Lo>
                       : isSigned   ? execBinary<int32_t, Mul24Hi>
                                    : execBinary<uint32_t, Mul24Hi>);
}

static bool decodeMad24(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi"});
  bool sat = b.take("sat");
  Type type = b.takeType({Type::U32, Type::S32});
  if (half.empty())
    return b.fail("expected .lo or .hi");
  bool isSigned = type == Type::S32;
  if (sat && (half != "hi" || !isSigned))
    return b.fail(".sat is for .hi.s32");
  return decodeUniform(b, type, 3,
                       sat            ? execTernary<int32_t, Mad24HiSat>
                       : half == "lo" ? isSigned
                                            ? execTernary<int32_t, Mad24Lo>
                                            : execTernary<uint32_t, Mad24Lo>
                       : isSigned     ? execTernary<int32_t, Mad24Hi>
                                      : execTernary<uint32_t, Mad24Hi>);
}

//===----------------------------------------------------------------------===//
// Dot products
//===----------------------------------------------------------------------===//

enum DotFlags : uint16_t { SignedA = 1, SignedB = 2, HighHalf = 4 };

static int64_t extend(uint32_t value, unsigned bits, bool isSigned) {
  uint32_t shifted = value << (32 - bits);
  return isSigned ? int64_t(int32_t(shifted) >> (32 - bits))
                  : int64_t(shifted >> (32 - bits));
}

/// Four products of bytes added to c.
static Status execDp4a(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1)),
                 *c = e.row<uint32_t>(i.src(2));
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=, &i](unsigned l) {
    uint32_t sum = c[l];
    for (unsigned n = 0; n < 32; n += 8)
      sum += uint32_t(extend(a[l] >> n & 0xff, 8, i.flags & SignedA) *
                      extend(b[l] >> n & 0xff, 8, i.flags & SignedB));
    return sum;
  });
  return Status::Next;
}

/// Two products of halves of a with bytes of b's low or high half.
static Status execDp2a(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1)),
                 *c = e.row<uint32_t>(i.src(2));
  unsigned shift = i.flags & HighHalf ? 16 : 0;
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=, &i](unsigned l) {
    uint32_t sum = c[l];
    for (unsigned n = 0; n < 2; ++n)
      sum += uint32_t(
          extend(a[l] >> (16 * n) & 0xffff, 16, i.flags & SignedA) *
          extend(b[l] >> (shift + 8 * n) & 0xff, 8, i.flags & SignedB));
    return sum;
  });
  return Status::Next;
}

static bool decodeDot(InstBuilder &b, ExecFn exec) {
  Type a = b.takeType({Type::U32, Type::S32});
  Type c = b.takeType({Type::U32, Type::S32});
  b.inst.flags |=
      (a == Type::S32 ? SignedA : 0) | (c == Type::S32 ? SignedB : 0);
  return decodeUniform(b, Type::B32, 3, exec);
}
static bool decodeDp4a(InstBuilder &b) { return decodeDot(b, execDp4a); }
static bool decodeDp2a(InstBuilder &b) {
  StringRef half = b.takeOneOf({"lo", "hi"});
  if (half.empty())
    return b.fail("expected .lo or .hi");
  b.inst.flags = half == "hi" ? HighHalf : 0;
  return decodeDot(b, execDp2a);
}

void addIntegerInstructions(OpcodeTable &table) {
  table["addc"] = decodeAddc;
  table["subc"] = decodeSubc;
  table["madc"] = decodeMadc;
  table["rem"] = decodeRem;
  table["sad"] = decodeSad;
  table["mul24"] = decodeMul24;
  table["mad24"] = decodeMad24;
  table["dp4a"] = decodeDp4a;
  table["dp2a"] = decodeDp2a;
}

ATTN_PTX_TARGET_END
