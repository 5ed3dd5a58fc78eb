//===- BitInstructions.cpp - Logic, shifts and bit fields -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Lanes.h"

#include <bit>

ATTN_PTX_TARGET_BEGIN

//===----------------------------------------------------------------------===//
// Logic
//===----------------------------------------------------------------------===//

namespace {
struct And {
  template <typename T> static T apply(T a, T b) { return a & b; }
};
struct Or {
  template <typename T> static T apply(T a, T b) { return a | b; }
};
struct Xor {
  template <typename T> static T apply(T a, T b) { return a ^ b; }
};
struct Not {
  template <typename T> static T apply(T a) { return ~a; }
};
struct Cnot {
  template <typename T> static T apply(T a) { return a == 0; }
};
} // namespace

template <typename Op>
static Status execPredicateBinary(Exec &e, const Inst &i) {
  uint32_t a = e.predicate(i.src(0)), b = e.predicate(i.src(1));
  e.setPredicate(i.dst(0), Op::apply(a, b));
  return Status::Next;
}
static Status execPredicateNot(Exec &e, const Inst &i) {
  e.setPredicate(i.dst(0), ~e.predicate(i.src(0)));
  return Status::Next;
}

template <typename Op> static bool decodeLogic(InstBuilder &b) {
  Type type = b.takeType({Type::Pred, Type::B16, Type::B32, Type::B64});
  ExecFn exec = type == Type::Pred  ? execPredicateBinary<Op>
                : type == Type::B16 ? execBinary<uint16_t, Op>
                : type == Type::B32 ? execBinary<uint32_t, Op>
                                    : execBinary<uint64_t, Op>;
  return decodeUniform(b, type, 2, exec);
}

template <typename Op>
static bool decodeNot(InstBuilder &b, bool withPredicate) {
  Type type = b.takeType({Type::Pred, Type::B16, Type::B32, Type::B64});
  if (type == Type::Pred && !withPredicate)
    return b.fail("type .pred is not one of this instruction");
  ExecFn exec = type == Type::Pred  ? execPredicateNot
                : type == Type::B16 ? execUnary<uint16_t, Op>
                : type == Type::B32 ? execUnary<uint32_t, Op>
                                    : execUnary<uint64_t, Op>;
  return decodeUniform(b, type, 1, exec);
}

/// The function whose truth table is imm[0]: bit 4a + 2b + c.
static Status execLop3(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1)),
                 *c = e.row<uint32_t>(i.src(2));
  uint32_t m[8];
  for (unsigned k = 0; k < 8; ++k)
    m[k] = i.imm[0] >> k & 1 ? ~0u : 0;
  auto f = [=](unsigned l) {
    uint32_t x = a[l], y = b[l], z = c[l];
    uint32_t notY = (~z & m[0]) | (z & m[1]), isY = (~z & m[2]) | (z & m[3]);
    uint32_t notY1 = (~z & m[4]) | (z & m[5]), isY1 = (~z & m[6]) | (z & m[7]);
    return (~x & ((~y & notY) | (y & isY))) | (x & ((~y & notY1) | (y & isY1)));
  };
  if (i.numDsts == 1) {
    mapLanes(e.row<uint32_t>(i.dst(0)), e.active, f);
    return Status::Next;
  }
  // With .BoolOp the result, as true or false, joins a predicate.
  uint32_t truth = maskLanes([=](unsigned l) { return f(l) != 0; });
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, f);
  uint32_t q = e.predicate(i.src(3));
  e.setPredicate(i.dst(1), i.op ? truth & q : truth | q);
  return Status::Next;
}

static bool decodeLop3(InstBuilder &b) {
  StringRef boolOp = b.takeOneOf({"or", "and"});
  Type type = b.takeType({Type::B32});
  if (!b.operands(boolOp.empty() ? 5 : 6))
    return false;
  std::optional<int64_t> lut = b.immediate(4);
  if (!lut)
    return false;
  if (*lut < 0 || *lut > 255)
    return b.fail("a truth table of " + Twine(*lut) + ", expected 0 to 255");
  b.inst.imm[0] = *lut;
  if (boolOp.empty()) {
    return b.dst(0, type) && b.src(1, type) && b.src(2, type) &&
           b.src(3, type) && b.finish(execLop3);
  }
  if (b.operand(0).kind != OperandSyntax::Pair)
    return b.fail("expected a register and a predicate, d|p");
  b.inst.op = boolOp == "and";
  const auto &pair = b.operand(0).elements;
  return b.dst(pair[0], type) && b.dst(pair[1], Type::Pred) && b.src(1, type) &&
         b.src(2, type) && b.src(3, type) && b.src(5, Type::Pred) &&
         b.finish(execLop3);
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

template <typename T> static Status execShl(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  const uint32_t *n = e.row<uint32_t>(i.src(1));
  constexpr uint32_t bits = 8 * sizeof(T);
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    return n[l] < bits ? T(a[l] << (n[l] % bits)) : T(0);
  });
  return Status::Next;
}

template <typename T> static Status execShr(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  const uint32_t *n = e.row<uint32_t>(i.src(1));
  constexpr uint32_t bits = 8 * sizeof(T);
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    T beyond = std::is_signed_v<T> ? T(a[l] >> (bits - 1)) : T(0);
    return n[l] < bits ? T(a[l] >> (n[l] % bits)) : beyond;
  });
  return Status::Next;
}

static bool decodeShl(InstBuilder &b) {
  Type type = b.takeType({Type::B16, Type::B32, Type::B64});
  return b.operands(3) && b.dst(0, type) && b.src(1, type) &&
         b.src(2, Type::U32) &&
         b.finish(type == Type::B16   ? execShl<uint16_t>
                  : type == Type::B32 ? execShl<uint32_t>
                                      : execShl<uint64_t>);
}

static bool decodeShr(InstBuilder &b) {
  Type type = b.takeType({Type::B16, Type::B32, Type::B64, Type::U16, Type::U32,
                          Type::U64, Type::S16, Type::S32, Type::S64});
  ExecFn exec = nullptr;
  switch (byteSize(type)) {
  case 2:
    exec = isSigned(type) ? execShr<int16_t> : execShr<uint16_t>;
    break;
  case 4:
    exec = isSigned(type) ? execShr<int32_t> : execShr<uint32_t>;
    break;
  case 8:
    exec = isSigned(type) ? execShr<int64_t> : execShr<uint64_t>;
    break;
  default:
    return false;
  }
  return b.operands(3) && b.dst(0, type) && b.src(1, type) &&
         b.src(2, Type::U32) && b.finish(exec);
}

enum FunnelFlags : uint16_t { FunnelLeft = 1, FunnelWrap = 2 };

/// A shift of the 64 bits of b (high) and a (low).
static Status execShf(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1)),
                 *c = e.row<uint32_t>(i.src(2));
  bool left = i.flags & FunnelLeft, wrap = i.flags & FunnelWrap;
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=](unsigned l) {
    uint64_t both = uint64_t(b[l]) << 32 | a[l];
    uint32_t n = wrap ? c[l] & 31 : std::min(c[l], 32u);
    return left ? uint32_t(both << n >> 32) : uint32_t(both >> n);
  });
  return Status::Next;
}

static bool decodeShf(InstBuilder &b) {
  StringRef direction = b.takeOneOf({"l", "r"}),
            mode = b.takeOneOf({"clamp", "wrap"});
  if (direction.empty() || mode.empty())
    return b.fail("expected .l or .r and .clamp or .wrap");
  b.inst.flags =
      (direction == "l" ? FunnelLeft : 0) | (mode == "wrap" ? FunnelWrap : 0);
  return decodeUniform(b, b.takeType({Type::B32}), 3, execShf);
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// The selector of a mode for each value of c's low bits, as of the default
/// mode.
static constexpr uint16_t prmtModes[][4] = {
    {0x3210, 0x4321, 0x5432, 0x6543}, // f4e
    {0x5670, 0x6701, 0x7012, 0x0123}, // b4e
    {0x0000, 0x1111, 0x2222, 0x3333}, // rc8
    {0x3210, 0x3211, 0x3222, 0x3333}, // ecl
    {0x0000, 0x1110, 0x2210, 0x3210}, // ecr
    {0x1010, 0x3232, 0x1010, 0x3232}, // rc16
};

static Status execPrmt(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1)),
                 *c = e.row<uint32_t>(i.src(2));
  unsigned mode = i.op;
  auto selectorOf = [=](unsigned l) -> uint32_t {
    return mode ? prmtModes[mode - 1][c[l] & 3] : c[l];
  };
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=](unsigned l) {
    uint64_t bytes = uint64_t(b[l]) << 32 | a[l];
    uint32_t selector = selectorOf(l);
    uint32_t result = 0;
    for (unsigned n = 0; n < 4; ++n) {
      uint32_t s = selector >> (4 * n) & 0xf;
      uint32_t byte = bytes >> (8 * (s & 7)) & 0xff;
      if (s & 8)
        byte = byte & 0x80 ? 0xff : 0;
      result |= byte << (8 * n);
    }
    return result;
  });
  return Status::Next;
}

static bool decodePrmt(InstBuilder &b) {
  Type type = b.takeType({Type::B32});
  StringRef mode = b.takeOneOf({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
  static constexpr StringRef modes[] = {"",    "f4e", "b4e", "rc8",
                                        "ecl", "ecr", "rc16"};
  b.inst.op = llvm::find(modes, mode) - std::begin(modes);
  return decodeUniform(b, type, 3, execPrmt);
}

//===----------------------------------------------------------------------===//
// Bit fields
//===----------------------------------------------------------------------===//

template <typename T> static Status execBfe(Exec &e, const Inst &i) {
  using U = std::make_unsigned_t<T>;
  const T *a = e.row<T>(i.src(0));
  const uint32_t *b = e.row<uint32_t>(i.src(1)), *c = e.row<uint32_t>(i.src(2));
  constexpr uint32_t bits = 8 * sizeof(T);
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    uint32_t position = b[l] & 0xff, length = c[l] & 0xff;
    if (length == 0)
      return T(0);
    // Bits beyond the value's end are its sign (or zero).
    T shifted = position < bits       ? T(a[l] >> (position % bits))
                : std::is_signed_v<T> ? T(a[l] >> (bits - 1))
                                      : T(0);
    if (length >= bits)
      return shifted;
    return T(T(U(shifted) << (bits - length)) >> (bits - length));
  });
  return Status::Next;
}

static bool decodeBfe(InstBuilder &b) {
  Type type = b.takeType({Type::U32, Type::S32, Type::U64, Type::S64});
  ExecFn exec = type == Type::U32   ? execBfe<uint32_t>
                : type == Type::S32 ? execBfe<int32_t>
                : type == Type::U64 ? execBfe<uint64_t>
                                    : execBfe<int64_t>;
  return b.operands(4) && b.dst(0, type) && b.src(1, type) &&
         b.src(2, Type::U32) && b.src(3, Type::U32) && b.finish(exec);
}

template <typename T> static Status execBfi(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  const uint32_t *c = e.row<uint32_t>(i.src(2)), *d = e.row<uint32_t>(i.src(3));
  constexpr uint32_t bits = 8 * sizeof(T);
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) {
    uint32_t position = c[l] & 0xff, length = d[l] & 0xff;
    if (position >= bits || length == 0)
      return b[l];
    T mask = length >= bits ? T(~T(0)) : T((T(1) << (length % bits)) - 1);
    mask <<= position % bits;
    return T((b[l] & ~mask) | (T(a[l] << (position % bits)) & mask));
  });
  return Status::Next;
}

static bool decodeBfi(InstBuilder &b) {
  Type type = b.takeType({Type::B32, Type::B64});
  return b.operands(5) && b.dst(0, type) && b.src(1, type) && b.src(2, type) &&
         b.src(3, Type::U32) && b.src(4, Type::U32) &&
         b.finish(type == Type::B32 ? execBfi<uint32_t> : execBfi<uint64_t>);
}

/// Exec function of a source T and a 32-bit result.
template <typename T, typename Op>
static Status execCount(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active,
           [=](unsigned l) { return uint32_t(Op::apply(a[l])); });
  return Status::Next;
}

namespace {
struct Popc {
  template <typename T> static uint32_t apply(T a) { return std::popcount(a); }
};
struct Clz {
  template <typename T> static uint32_t apply(T a) {
    return std::countl_zero(a);
  }
};
template <bool shiftAmount> struct Bfind {
  template <typename T> static uint32_t apply(T a) {
    std::make_unsigned_t<T> u = a < 0 ? ~a : a;
    if (u == 0)
      return ~0u;
    uint32_t leading = std::countl_zero(u);
    return shiftAmount ? leading : 8 * sizeof(T) - 1 - leading;
  }
};
struct Brev {
  template <typename T> static T apply(T a) {
    T r = 0;
    for (unsigned n = 0; n < 8 * sizeof(T); ++n)
      r |= (a >> n & 1) << (8 * sizeof(T) - 1 - n);
    return r;
  }
};
} // namespace

template <typename Op> static bool decodeCount(InstBuilder &b) {
  Type type = b.takeType({Type::B32, Type::B64});
  return b.operands(2) && b.dst(0, Type::U32) && b.src(1, type) &&
         b.finish(type == Type::B32 ? execCount<uint32_t, Op>
                                    : execCount<uint64_t, Op>);
}

template <bool shiftAmount> static bool decodeBfindOf(InstBuilder &b) {
  using Op = Bfind<shiftAmount>;
  Type type = b.takeType({Type::U32, Type::S32, Type::U64, Type::S64});
  ExecFn exec = type == Type::U32   ? execCount<uint32_t, Op>
                : type == Type::S32 ? execCount<int32_t, Op>
                : type == Type::U64 ? execCount<uint64_t, Op>
                                    : execCount<int64_t, Op>;
  return b.operands(2) && b.dst(0, Type::U32) && b.src(1, type) &&
         b.finish(exec);
}
static bool decodeBfind(InstBuilder &b) {
  return b.take("shiftamt") ? decodeBfindOf<true>(b) : decodeBfindOf<false>(b);
}

static bool decodeBrev(InstBuilder &b) {
  Type type = b.takeType({Type::B32, Type::B64});
  return decodeUniform(b, type, 1,
                       type == Type::B32 ? execUnary<uint32_t, Brev>
                                         : execUnary<uint64_t, Brev>);
}

enum MaskFlags : uint16_t { MaskWrap = 1, MaskSigned = 2 };

static Status execSzext(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1));
  bool wrap = i.flags & MaskWrap, isSigned = i.flags & MaskSigned;
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=](unsigned l) {
    uint32_t n = wrap ? b[l] & 31 : std::min(b[l], 32u);
    if (n == 0)
      return 0u;
    uint32_t high = a[l] << (32 - n);
    return isSigned ? uint32_t(int32_t(high) >> (32 - n)) : high >> (32 - n);
  });
  return Status::Next;
}

static Status execBmsk(Exec &e, const Inst &i) {
  const uint32_t *a = e.row<uint32_t>(i.src(0)), *b = e.row<uint32_t>(i.src(1));
  bool wrap = i.flags & MaskWrap;
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=](unsigned l) {
    uint32_t first = a[l] & 31, width = b[l] & 31;
    bool beyond = !wrap && a[l] >= 32, wide = !wrap && b[l] >= 32;
    if (beyond)
      return 0u;
    uint32_t below = ~0u << first;
    if (wide || first + width >= 32)
      return below;
    return below & ~(~0u << (first + width));
  });
  return Status::Next;
}

static bool decodeMasking(InstBuilder &b, ExecFn exec,
                          llvm::ArrayRef<Type> types) {
  StringRef mode = b.takeOneOf({"clamp", "wrap"});
  if (mode.empty())
    return b.fail("expected .clamp or .wrap");
  Type type = b.takeType(types);
  b.inst.flags =
      (mode == "wrap" ? MaskWrap : 0) | (type == Type::S32 ? MaskSigned : 0);
  return decodeUniform(b, type, 2, exec);
}
static bool decodeSzext(InstBuilder &b) {
  return decodeMasking(b, execSzext, {Type::U32, Type::S32});
}
static bool decodeBmsk(InstBuilder &b) {
  return decodeMasking(b, execBmsk, {Type::B32});
}

/// The n-th set bit from a base.
static Status execFns(Exec &e, const Inst &i) {
  const uint32_t *mask = e.row<uint32_t>(i.src(0)),
                 *base = e.row<uint32_t>(i.src(1));
  const int32_t *offset = e.row<int32_t>(i.src(2));
  uint32_t *d = e.row<uint32_t>(i.dst(0));
  forLanes(e.active, [&](unsigned l) {
    uint32_t found = ~0u;
    int64_t count = std::abs(int64_t(offset[l])) - 1;
    int step = offset[l] == 0 ? 0 : offset[l] > 0 ? 1 : -1;
    int64_t position = base[l];
    while (position >= 0 && position < 32) {
      if (mask[l] >> position & 1 && count-- <= 0) {
        found = position;
        break;
      }
      if (step == 0)
        break;
      position += step;
    }
    d[l] = found;
  });
  return Status::Next;
}

static bool decodeFns(InstBuilder &b) {
  Type type = b.takeType({Type::B32});
  return b.operands(4) && b.dst(0, type) && b.src(1, type) && b.src(2, type) &&
         b.src(3, Type::S32) && b.finish(execFns);
}

void addBitInstructions(OpcodeTable &table) {
  table["and"] = decodeLogic<And>;
  table["or"] = decodeLogic<Or>;
  table["xor"] = decodeLogic<Xor>;
  table["not"] = [](InstBuilder &b) { return decodeNot<Not>(b, true); };
  table["cnot"] = [](InstBuilder &b) { return decodeNot<Cnot>(b, false); };
  table["lop3"] = decodeLop3;
  table["shl"] = decodeShl;
  table["shr"] = decodeShr;
  table["shf"] = decodeShf;
  table["prmt"] = decodePrmt;
  table["bfe"] = decodeBfe;
  table["bfi"] = decodeBfi;
  table["popc"] = decodeCount<Popc>;
  table["clz"] = decodeCount<Clz>;
  table["bfind"] = decodeBfind;
  table["brev"] = decodeBrev;
  table["szext"] = decodeSzext;
  table["bmsk"] = decodeBmsk;
  table["fns"] = decodeFns;
}

ATTN_PTX_TARGET_END
