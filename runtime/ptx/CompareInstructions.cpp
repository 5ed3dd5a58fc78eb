//===- CompareInstructions.cpp - setp, set, selp, slct --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Half.h"

ATTN_PTX_TARGET_BEGIN

namespace {

enum CompareOp : uint8_t {
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge, // false for NaN, except Ne of integers
  Equ,
  Neu,
  Ltu,
  Leu,
  Gtu,
  Geu, // true for NaN
  Num,
  Nan,
};

constexpr std::pair<StringRef, CompareOp> compareNames[] = {
    {"eq", Eq},   {"ne", Ne},   {"lt", Lt},   {"le", Le},   {"gt", Gt},
    {"ge", Ge},   {"lo", Lt},   {"ls", Le},   {"hi", Gt},   {"hs", Ge},
    {"equ", Equ}, {"neu", Neu}, {"ltu", Ltu}, {"leu", Leu}, {"gtu", Gtu},
    {"geu", Geu}, {"num", Num}, {"nan", Nan}};

template <CompareOp op, typename T> inline bool compare(T a, T b) {
  switch (op) {
  case Eq:
    return a == b;
  // An ordered comparison: NaN != x is false.
  case Ne:
    return a < b || a > b;
  case Lt:
    return a < b;
  case Le:
    return a <= b;
  case Gt:
    return a > b;
  case Ge:
    return a >= b;
  case Equ:
    return !(a < b || a > b);
  case Neu:
    return !(a == b);
  case Ltu:
    return !(a >= b);
  case Leu:
    return !(a > b);
  case Gtu:
    return !(a <= b);
  case Geu:
    return !(a < b);
  case Num:
    return a == a && b == b;
  case Nan:
    return !(a == a && b == b);
  }
  return false;
}

/// How a lane of a row becomes a value that compares.
template <typename T> struct Plain {
  using Lane = T;
  static T load(T x, bool) { return x; }
};
struct PlainF32 {
  using Lane = float;
  static float load(float x, bool ftz) {
    uint32_t bits = std::bit_cast<uint32_t>(x);
    return ftz && !(bits & 0x7f800000) ? 0.0f : x;
  }
};
template <typename H> struct PlainHalf {
  using Lane = uint16_t;
  static float load(uint16_t x, bool ftz) {
    return ftz && !(x & H::exponent) ? 0.0f : H::toFloat(x);
  }
};

template <typename V, CompareOp op>
uint32_t compareRows(const void *x, const void *y, bool ftz) {
  const auto *a = static_cast<const typename V::Lane *>(x);
  const auto *b = static_cast<const typename V::Lane *>(y);
  return maskLanes([=](unsigned l) {
    return compare<op>(V::load(a[l], ftz), V::load(b[l], ftz));
  });
}
/// The low and the high halves of packed rows.
template <typename H, CompareOp op, unsigned half>
uint32_t comparePacked(const void *x, const void *y, bool ftz) {
  const auto *a = static_cast<const uint16_t *>(x),
             *b = static_cast<const uint16_t *>(y);
  return maskLanes([=](unsigned l) {
    return compare<op>(PlainHalf<H>::load(a[2 * l + half], ftz),
                       PlainHalf<H>::load(b[2 * l + half], ftz));
  });
}

using CompareFn = uint32_t (*)(const void *, const void *, bool);

struct Comparison {
  CompareFn low = nullptr, high = nullptr; // high: of packed types
};

template <CompareOp op> Comparison forType(Type type) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return {compareRows<Plain<uint16_t>, op>};
  case Type::S16:
    return {compareRows<Plain<int16_t>, op>};
  case Type::B32:
  case Type::U32:
    return {compareRows<Plain<uint32_t>, op>};
  case Type::S32:
    return {compareRows<Plain<int32_t>, op>};
  case Type::B64:
  case Type::U64:
    return {compareRows<Plain<uint64_t>, op>};
  case Type::S64:
    return {compareRows<Plain<int64_t>, op>};
  case Type::F32:
    return {compareRows<PlainF32, op>};
  case Type::F64:
    return {compareRows<Plain<double>, op>};
  case Type::F16:
    return {compareRows<PlainHalf<F16>, op>};
  case Type::BF16:
    return {compareRows<PlainHalf<BF16>, op>};
  case Type::F16x2:
    return {comparePacked<F16, op, 0>, comparePacked<F16, op, 1>};
  case Type::BF16x2:
    return {comparePacked<BF16, op, 0>, comparePacked<BF16, op, 1>};
  default:
    return {};
  }
}

Comparison select(CompareOp op, Type type) {
  switch (op) {
  case Eq:
    return forType<Eq>(type);
  case Ne:
    return forType<Ne>(type);
  case Lt:
    return forType<Lt>(type);
  case Le:
    return forType<Le>(type);
  case Gt:
    return forType<Gt>(type);
  case Ge:
    return forType<Ge>(type);
  case Equ:
    return forType<Equ>(type);
  case Neu:
    return forType<Neu>(type);
  case Ltu:
    return forType<Ltu>(type);
  case Leu:
    return forType<Leu>(type);
  case Gtu:
    return forType<Gtu>(type);
  case Geu:
    return forType<Geu>(type);
  case Num:
    return forType<Num>(type);
  case Nan:
    return forType<Nan>(type);
  }
  return {};
}

enum BoolOp : uint8_t { NoBoolOp, BoolAnd, BoolOr, BoolXor };

uint32_t combine(BoolOp op, uint32_t a, uint32_t c) {
  switch (op) {
  case NoBoolOp:
    return a;
  case BoolAnd:
    return a & c;
  case BoolOr:
    return a | c;
  case BoolXor:
    return a ^ c;
  }
  return a;
}

/// Takes the comparison, the Boolean operation and .ftz.
bool takeComparison(InstBuilder &b, CompareOp &op) {
  llvm::SmallVector<StringRef, 18> names;
  for (auto [name, value] : compareNames)
    names.push_back(name);
  StringRef found = b.takeOneOf(names);
  if (found.empty())
    return b.fail("a comparison such as .lt is missing");
  for (auto [name, value] : compareNames)
    if (name == found)
      op = value;
  StringRef boolOp = b.takeOneOf({"and", "or", "xor"});
  b.inst.op = boolOp == "and"   ? BoolAnd
              : boolOp == "or"  ? BoolOr
              : boolOp == "xor" ? BoolXor
                                : 0;
  b.inst.ftz = b.take("ftz");
  return true;
}

bool checkOperator(InstBuilder &b, CompareOp op, Type type) {
  bool isFloating =
      isFloat(type) || type == Type::F16x2 || type == Type::BF16x2;
  if (!isFloating && op >= Equ)
    return b.fail("a comparison of floating-point numbers for type ." +
                  typeName(type));
  if (isBits(type) && op != Eq && op != Ne)
    return b.fail("type ." + typeName(type) + " compares with .eq and .ne");
  return true;
}

} // namespace

static Status execSetp(Exec &e, const Inst &i) {
  const auto *comparison = static_cast<const Comparison *>(i.extra);
  const void *a = e.row<void>(i.src(0)), *b = e.row<void>(i.src(1));
  uint32_t low = comparison->low(a, b, i.ftz);
  // The second predicate is of the upper half, else the complement.
  uint32_t high = comparison->high ? comparison->high(a, b, i.ftz) : ~low;
  uint32_t c = i.numSrcs > 2 ? e.predicate(i.src(2)) : 0;
  e.setPredicate(i.dst(0), combine(BoolOp(i.op), low, c));
  if (i.numDsts > 1)
    e.setPredicate(i.dst(1), combine(BoolOp(i.op), high, c));
  return Status::Next;
}

static bool decodeSetp(InstBuilder &b) {
  CompareOp op = Eq;
  if (!takeComparison(b, op))
    return false;
  Type type = b.takeType();
  Comparison *comparison = b.extra<Comparison>();
  *comparison = select(op, type);
  if (!comparison->low)
    return b.fail("type ." + typeName(type) +
                  " is not one of this instruction");
  if (!checkOperator(b, op, type) || !b.operands(b.inst.op ? 4 : 3))
    return false;
  const OperandSyntax &to = b.operand(0);
  bool good = to.kind == OperandSyntax::Pair
                  ? b.dst(to.elements[0], Type::Pred) &&
                        b.dst(to.elements[1], Type::Pred)
                  : b.dst(to, Type::Pred);
  return good && b.src(1, type) && b.src(2, type) &&
         (!b.inst.op || b.src(3, Type::Pred)) && b.finish(execSetp);
}

/// imm[0] and imm[1]: the bits of true in the low and in the high half.
static Status execSet(Exec &e, const Inst &i) {
  const auto *comparison = static_cast<const Comparison *>(i.extra);
  const void *a = e.row<void>(i.src(0)), *b = e.row<void>(i.src(1));
  uint32_t c = i.numSrcs > 2 ? e.predicate(i.src(2)) : 0;
  uint32_t low = combine(BoolOp(i.op), comparison->low(a, b, i.ftz), c);
  uint32_t high = comparison->high
                      ? combine(BoolOp(i.op), comparison->high(a, b, i.ftz), c)
                      : 0;
  forLanes(e.active, [&](unsigned lane) {
    uint64_t bits =
        (low >> lane & 1 ? i.imm[0] : 0) | (high >> lane & 1 ? i.imm[1] : 0);
    e.setValue(i.dst(0), lane, bits);
  });
  return Status::Next;
}

static bool decodeSet(InstBuilder &b) {
  CompareOp op = Eq;
  if (!takeComparison(b, op))
    return false;
  Type to = b.takeType(), from = b.takeType();
  Comparison *comparison = b.extra<Comparison>();
  *comparison = select(op, from);
  if (!comparison->low)
    return b.fail("type ." + typeName(from) +
                  " is not one of this instruction");
  if (!checkOperator(b, op, from))
    return false;
  switch (to) {
  case Type::U32:
  case Type::S32:
    b.inst.imm[0] = comparison->high ? 0xffff : 0xffffffff;
    b.inst.imm[1] = 0xffff0000;
    break;
  case Type::U16:
  case Type::S16:
    b.inst.imm[0] = 0xffff;
    break;
  case Type::F32:
    b.inst.imm[0] = 0x3f800000;
    break;
  case Type::F16:
  case Type::F16x2:
    b.inst.imm[0] = F16::one;
    b.inst.imm[1] = F16::one << 16;
    break;
  case Type::BF16:
  case Type::BF16x2:
    b.inst.imm[0] = BF16::one;
    b.inst.imm[1] = BF16::one << 16;
    break;
  default:
    return b.fail("type ." + typeName(to) +
                  " is not a result of this instruction");
  }
  return b.operands(b.inst.op ? 4 : 3) && b.dst(0, to) && b.src(1, from) &&
         b.src(2, from) && (!b.inst.op || b.src(3, Type::Pred)) &&
         b.finish(execSet);
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

/// One of the values may be undefined, as compilers leave what is not chosen.
template <typename T> static Status execSelp(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  uint32_t choose = e.predicate(i.src(2));
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return choose >> l & 1 ? a[l] : b[l]; });
  uint32_t fromA = e.definedLanes(i.src(0)), fromB = e.definedLanes(i.src(1));
  e.setDefined(i.dst(0), ((fromA & choose) | (fromB & ~choose)) &
                             e.definedLanes(i.src(2)));
  return Status::Next;
}

static bool decodeSelp(InstBuilder &b) {
  b.inst.copiesUndefined = true;
  Type type = b.takeType({Type::B16, Type::B32, Type::B64, Type::U16, Type::U32,
                          Type::U64, Type::S16, Type::S32, Type::S64, Type::F32,
                          Type::F64});
  return b.operands(4) && b.dst(0, type) && b.src(1, type) && b.src(2, type) &&
         b.src(3, Type::Pred) &&
         b.finish(byteSize(type) == 2   ? execSelp<uint16_t>
                  : byteSize(type) == 4 ? execSelp<uint32_t>
                                        : execSelp<uint64_t>);
}

template <typename T> static Status execSlct(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0)), *b = e.row<T>(i.src(1));
  uint32_t choose =
      i.type2 == Type::F32
          ? maskLanes([c = e.row<float>(i.src(2)), ftz = i.ftz](unsigned l) {
              return PlainF32::load(c[l], ftz) >= 0.0f;
            })
          : maskLanes([c = e.row<int32_t>(i.src(2))](unsigned l) {
              return c[l] >= 0;
            });
  mapLanes(e.row<T>(i.dst(0)), e.active,
           [=](unsigned l) { return choose >> l & 1 ? a[l] : b[l]; });
  return Status::Next;
}

static bool decodeSlct(InstBuilder &b) {
  b.inst.ftz = b.take("ftz");
  Type type = b.takeType({Type::B16, Type::B32, Type::B64, Type::U16, Type::U32,
                          Type::U64, Type::S16, Type::S32, Type::S64, Type::F32,
                          Type::F64});
  b.inst.type2 = b.takeType({Type::S32, Type::F32});
  return b.operands(4) && b.dst(0, type) && b.src(1, type) && b.src(2, type) &&
         b.src(3, b.inst.type2) &&
         b.finish(byteSize(type) == 2   ? execSlct<uint16_t>
                  : byteSize(type) == 4 ? execSlct<uint32_t>
                                        : execSlct<uint64_t>);
}

void addCompareInstructions(OpcodeTable &table) {
  table["setp"] = decodeSetp;
  table["set"] = decodeSet;
  table["selp"] = decodeSelp;
  table["slct"] = decodeSlct;
}

ATTN_PTX_TARGET_END
