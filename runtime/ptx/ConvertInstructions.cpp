//===- ConvertInstructions.cpp - cvt --------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FloatFormats.h"
#include "ptx/Half.h"

#include "llvm/ADT/APFloat.h"

ATTN_PTX_TARGET_BEGIN

namespace {

struct Conversion {
  Type to = Type::None, from = Type::None;
  Rounding rounding = Rounding::None;
  bool ftz = false, sat = false, relu = false, satfinite = false;
};

bool isNumber(Type type) {
  return isInteger(type) || isFloat(type) || type == Type::E4M3 ||
         type == Type::E5M2;
}

int64_t signExtend(uint64_t bits, unsigned width) {
  return width == 64 ? int64_t(bits)
                     : int64_t(bits << (64 - width)) >> (64 - width);
}

//===----------------------------------------------------------------------===//
// One value
//===----------------------------------------------------------------------===//

/// Clamps to an integer type of so many bits.
uint64_t clampInteger(__int128 value, Type to) {
  unsigned width = 8 * byteSize(to);
  __int128 high = isSigned(to) ? ((__int128)1 << (width - 1)) - 1
                               : ((__int128)1 << width) - 1;
  __int128 low = isSigned(to) ? -high - 1 : 0;
  return uint64_t(value < low ? low : value > high ? high : value);
}

double roundToInteger(double x, Rounding mode) {
  switch (mode) {
  case Rounding::RZ:
  case Rounding::RZI:
    return std::trunc(x);
  case Rounding::RM:
  case Rounding::RMI:
    return std::floor(x);
  case Rounding::RP:
  case Rounding::RPI:
    return std::ceil(x);
  default:
    return std::nearbyint(x);
  }
}

uint64_t floatToInteger(double x, const Conversion &c) {
  unsigned width = 8 * byteSize(c.to);
  if (x != x)
    return c.from != Type::F64 && width <= 32 ? 0 : uint64_t(1) << (width - 1);
  x = roundToInteger(x, c.rounding);
  if (x >= 0x1p64)
    return clampInteger((__int128)1 << 100, c.to);
  if (x <= -0x1p64)
    return clampInteger(-((__int128)1 << 100), c.to);
  return clampInteger((__int128)x, c.to);
}

uint64_t integerToFloat(uint64_t bits, bool isSignedSource,
                        const Conversion &c) {
  // 64 bits do not fit a double: round once, in the target's format.
  llvm::APFloat value(c.to == Type::F64   ? llvm::APFloat::IEEEdouble()
                      : c.to == Type::F32 ? llvm::APFloat::IEEEsingle()
                      : c.to == Type::F16 ? llvm::APFloat::IEEEhalf()
                                          : llvm::APFloat::BFloat());
  llvm::RoundingMode mode =
      c.rounding == Rounding::RZ   ? llvm::RoundingMode::TowardZero
      : c.rounding == Rounding::RM ? llvm::RoundingMode::TowardNegative
      : c.rounding == Rounding::RP ? llvm::RoundingMode::TowardPositive
                                   : llvm::RoundingMode::NearestTiesToEven;
  value.convertFromAPInt(llvm::APInt(64, bits), isSignedSource, mode);
  uint64_t result = value.bitcastToAPInt().getZExtValue();
  if (!c.sat)
    return result;
  return encodeFloat(c.to, std::clamp(decodeFloat(c.to, result), 0.0, 1.0),
                     Rounding::RN, false);
}

double flushSubnormal(double x, Type type) {
  double smallest = type == Type::F32   ? 0x1p-126
                    : type == Type::F16 ? 0x1p-14
                                        : 0;
  return std::fabs(x) < smallest ? std::copysign(0.0, x) : x;
}

uint64_t floatToFloat(double x, const Conversion &c) {
  bool toInteger = c.rounding == Rounding::RNI || c.rounding == Rounding::RZI ||
                   c.rounding == Rounding::RMI || c.rounding == Rounding::RPI;
  if (toInteger)
    x = roundToInteger(x, c.rounding);
  if (c.sat)
    x = x != x ? 0.0 : std::clamp(x, 0.0, 1.0) + 0.0;
  if (c.relu && x <= 0)
    x = 0.0;
  // The ISA keeps the payload of a double.
  uint64_t bits =
      encodeFloat(c.to, x, toInteger ? Rounding::RN : c.rounding, c.satfinite);
  if (c.ftz && c.to == Type::F32 && !(bits & 0x7f800000))
    bits &= 0x80000000;
  return bits;
}

uint64_t convert(uint64_t bits, const Conversion &c) {
  unsigned width = 8 * byteSize(c.from);
  if (isInteger(c.from)) {
    uint64_t value = isSigned(c.from) ? uint64_t(signExtend(bits, width))
                     : width == 64    ? bits
                                      : bits & ((uint64_t(1) << width) - 1);
    if (!isInteger(c.to))
      return integerToFloat(value, isSigned(c.from), c);
    __int128 wide =
        isSigned(c.from) ? (__int128)int64_t(value) : (__int128)value;
    return c.sat ? clampInteger(wide, c.to) : value;
  }
  double x = decodeFloat(c.from, bits);
  if (c.ftz)
    x = flushSubnormal(x, c.from);
  return isInteger(c.to) ? floatToInteger(x, c) : floatToFloat(x, c);
}

/// A result narrower than its register is extended by its sign.
uint64_t extendResult(uint64_t bits, Type to) {
  unsigned width = 8 * byteSize(to);
  if (isSigned(to))
    return signExtend(bits, width);
  return width == 64 ? bits : bits & ((uint64_t(1) << width) - 1);
}

Status execConvert(Exec &e, const Inst &i) {
  const auto &c = *static_cast<const Conversion *>(i.extra);
  forLanes(e.active, [&](unsigned lane) {
    e.setValue(i.dst(0), lane,
               extendResult(convert(e.value(i.src(0), lane), c), c.to));
  });
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Hot cases
//===----------------------------------------------------------------------===//

template <typename D, typename S> Status execIntegers(Exec &e, const Inst &i) {
  const S *a = e.row<S>(i.src(0));
  mapLanes(e.row<D>(i.dst(0)), e.active, [=](unsigned l) { return D(a[l]); });
  return Status::Next;
}

template <typename S> Status execToFloat(Exec &e, const Inst &i) {
  const S *a = e.row<S>(i.src(0));
  mapLanes(e.row<float>(i.dst(0)), e.active,
           [=](unsigned l) { return float(a[l]); });
  return Status::Next;
}

template <typename H> Status execHalfToFloat(Exec &e, const Inst &i) {
  const uint16_t *a = e.row<uint16_t>(i.src(0));
  mapLanes(e.row<float>(i.dst(0)), e.active, [=](unsigned l) {
    float x = H::toFloat(a[l]);
    return x == x ? x : std::bit_cast<float>(0x7fffffffu);
  });
  return Status::Next;
}

template <typename H> Status execFloatToHalf(Exec &e, const Inst &i) {
  const float *a = e.row<float>(i.src(0));
  mapLanes(e.row<uint16_t>(i.dst(0)), e.active,
           [=](unsigned l) { return H::fromFloat(a[l]); });
  return Status::Next;
}

/// The first source goes to the upper half.
template <typename H> Status execFloatsToHalves(Exec &e, const Inst &i) {
  const float *high = e.row<float>(i.src(0)), *low = e.row<float>(i.src(1));
  bool relu = static_cast<const Conversion *>(i.extra)->relu;
  mapLanes(e.row<uint32_t>(i.dst(0)), e.active, [=](unsigned l) {
    float x = high[l], y = low[l];
    x = relu && x <= 0 ? 0.0f : x;
    y = relu && y <= 0 ? 0.0f : y;
    return uint32_t(H::fromFloat(x)) << 16 | H::fromFloat(y);
  });
  return Status::Next;
}

template <typename D> ExecFn integersFrom(Type from) {
  switch (from) {
  case Type::U16:
    return execIntegers<D, uint16_t>;
  case Type::S16:
    return execIntegers<D, int16_t>;
  case Type::U32:
    return execIntegers<D, uint32_t>;
  case Type::S32:
    return execIntegers<D, int32_t>;
  case Type::U64:
    return execIntegers<D, uint64_t>;
  case Type::S64:
    return execIntegers<D, int64_t>;
  default:
    return nullptr;
  }
}

/// A specialised exec function for registers exactly as wide as the types.
ExecFn hotCase(const Conversion &c) {
  bool nearest = c.rounding == Rounding::RN || c.rounding == Rounding::None;
  if (c.sat || c.ftz || c.relu || c.satfinite || !nearest)
    return nullptr;
  if (isInteger(c.to) && isInteger(c.from)) {
    switch (byteSize(c.to)) {
    case 2:
      return integersFrom<uint16_t>(c.from);
    case 4:
      return integersFrom<uint32_t>(c.from);
    case 8:
      return integersFrom<uint64_t>(c.from);
    default:
      return nullptr;
    }
  }
  if (c.to == Type::F32) {
    switch (c.from) {
    case Type::S32:
      return execToFloat<int32_t>;
    case Type::U32:
      return execToFloat<uint32_t>;
    case Type::F16:
      return execHalfToFloat<F16>;
    case Type::BF16:
      return execHalfToFloat<BF16>;
    default:
      return nullptr;
    }
  }
  if (c.from == Type::F32 && c.to == Type::F16)
    return execFloatToHalf<F16>;
  if (c.from == Type::F32 && c.to == Type::BF16)
    return execFloatToHalf<BF16>;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Packed formats
//===----------------------------------------------------------------------===//

/// Several values in a register to or from f32, f16x2 or bf16x2. Element n of
/// the result is at n times its width; f32 sources come from the top down.
Status execConvertPacked(Exec &e, const Inst &i) {
  const auto &c = *static_cast<const Conversion *>(i.extra);
  Conversion one = c;
  one.to = elementFormat(c.to);
  one.from = elementFormat(c.from);
  unsigned toBits = i.imm[0], fromBits = i.imm[1], count = i.vector;
  bool fromRegisters = c.from == Type::F32;
  forLanes(e.active, [&](unsigned lane) {
    uint64_t result = 0;
    for (unsigned n = 0; n < count; ++n) {
      uint64_t bits = fromRegisters ? e.value(i.src(count - 1 - n), lane)
                                    : e.value(i.src(0), lane) >> (n * fromBits);
      if (fromBits < 64)
        bits &= (uint64_t(1) << fromBits) - 1;
      double x = decodeFloat(one.from, bits);
      result |= floatToFloat(x, one) << (n * toBits);
    }
    e.setValue(i.dst(0), lane, result);
  });
  return Status::Next;
}

/// Elements of a packed type; 1: a scalar.
unsigned elementCount(Type type) {
  switch (type) {
  case Type::F16x2:
  case Type::BF16x2:
  case Type::E4M3x2:
  case Type::E5M2x2:
  case Type::E2M1x2:
  case Type::E2M3x2:
  case Type::E3M2x2:
  case Type::UE8M0x2:
    return 2;
  case Type::E4M3x4:
  case Type::E5M2x4:
  case Type::E2M1x4:
  case Type::E2M3x4:
  case Type::E3M2x4:
    return 4;
  default:
    return 1;
  }
}

/// Bits from one element to the next: 6-bit formats fill a byte.
unsigned elementStride(Type type) {
  switch (elementFormat(type)) {
  case Type::E2M1x2:
    return 4;
  case Type::E2M3x2:
  case Type::E3M2x2:
    return 8;
  default:
    return formatBits(elementFormat(type));
  }
}

bool decodePacked(InstBuilder &b, const Conversion &c) {
  unsigned count = elementCount(c.to);
  b.inst.vector = count;
  b.inst.imm[0] = elementStride(c.to);
  b.inst.imm[1] = elementStride(c.from);
  if (c.from == Type::F32) {
    bool isVector =
        b.numOperands() == 2 && b.operand(1).kind == OperandSyntax::Vector;
    if (!isVector && count != 2)
      return b.fail("a vector of sources is expected");
    if (!b.operands(isVector ? 2 : 3) || !b.dst(0, c.to, true) ||
        !b.src(1, Type::F32) || (!isVector && !b.src(2, Type::F32)))
      return false;
    if (isVector && b.operand(1).elements.size() != count)
      return b.fail("a vector of " + Twine(count) + " sources is expected");
    bool isHot = c.rounding == Rounding::RN && !c.satfinite && !c.ftz;
    return b.finish(isHot && c.to == Type::F16x2    ? execFloatsToHalves<F16>
                    : isHot && c.to == Type::BF16x2 ? execFloatsToHalves<BF16>
                                                    : execConvertPacked);
  }
  if (elementCount(c.from) != count)
    return b.fail("conversion from ." + typeName(c.from) + " to ." +
                  typeName(c.to));
  return b.operands(2) && b.dst(0, c.to, true) && b.src(1, c.from, true) &&
         b.finish(execConvertPacked);
}

//===----------------------------------------------------------------------===//
// cvt.pack
//===----------------------------------------------------------------------===//

/// Two saturated integers, and the lower bits of c above them. imm[0]: bits of
/// each.
Status execConvertPack(Exec &e, const Inst &i) {
  unsigned bits = i.imm[0];
  uint32_t mask = (uint64_t(1) << bits) - 1;
  bool isSignedResult = i.flags;
  forLanes(e.active, [&](unsigned lane) {
    auto clamp = [&](int32_t v) {
      int32_t high = isSignedResult ? int32_t(mask >> 1) : int32_t(mask);
      int32_t low = isSignedResult ? -high - 1 : 0;
      return uint32_t(std::clamp(v, low, high)) & mask;
    };
    uint32_t result =
        clamp(e.value(i.src(1), lane)) | clamp(e.value(i.src(0), lane)) << bits;
    if (i.numSrcs > 2)
      result |= uint32_t(uint64_t(e.value(i.src(2), lane)) << (2 * bits));
    e.setValue(i.dst(0), lane, result);
  });
  return Status::Next;
}

bool decodePack(InstBuilder &b) {
  if (!b.take("sat"))
    return b.fail("expected .sat");
  static constexpr std::pair<StringRef, std::pair<unsigned, bool>> formats[] = {
      {"u16", {16, false}}, {"s16", {16, true}}, {"u8", {8, false}},
      {"s8", {8, true}},    {"u4", {4, false}},  {"s4", {4, true}},
      {"u2", {2, false}},   {"s2", {2, true}}};
  StringRef format =
      b.takeOneOf({"u16", "s16", "u8", "s8", "u4", "s4", "u2", "s2"});
  for (auto [name, info] : formats)
    if (name == format) {
      b.inst.imm[0] = info.first;
      b.inst.flags = info.second;
    }
  if (format.empty() || b.takeType({Type::S32}) == Type::None)
    return b.fail("expected a result type and .s32");
  bool hasThird = b.take("b32");
  if (hasThird != (b.inst.imm[0] < 16))
    return b.fail("16-bit results take no third operand, others need it");
  return b.operands(hasThird ? 4 : 3) && b.dst(0, Type::B32) &&
         b.src(1, Type::S32) && b.src(2, Type::S32) &&
         (!hasThird || b.src(3, Type::B32)) && b.finish(execConvertPack);
}

bool decodeConvert(InstBuilder &b) {
  if (b.take("pack"))
    return decodePack(b);
  Conversion &c = *b.extra<Conversion>();
  c.rounding = b.takeRounding();
  c.ftz = b.take("ftz");
  c.sat = b.take("sat");
  c.relu = b.take("relu");
  c.satfinite = b.take("satfinite");
  c.to = b.takeType();
  c.from = b.takeType();
  if (b.hasFailed())
    return false;
  if (c.rounding == Rounding::RS)
    return b.fail(".rs is not supported");
  if (elementCount(c.to) > 1 || elementCount(c.from) > 1)
    return decodePacked(b, c);
  if (!isNumber(c.to) || !isNumber(c.from))
    return b.fail("conversion from ." + typeName(c.from) + " to ." +
                  typeName(c.to));
  // What the ISA requires to be written.
  bool toInteger = isInteger(c.to), fromInteger = isInteger(c.from);
  if (toInteger && !fromInteger && c.rounding == Rounding::None)
    return b.fail("a rounding such as .rzi is missing");
  if (!toInteger && fromInteger && c.rounding == Rounding::None)
    return b.fail("a rounding such as .rn is missing");
  bool narrows =
      !toInteger && !fromInteger && formatBits(c.to) < formatBits(c.from);
  if (narrows && c.rounding == Rounding::None)
    return b.fail("a rounding such as .rn is missing");
  if (!b.operands(2) || !b.dst(0, c.to, true) || !b.src(1, c.from, true) ||
      !b.finish(execConvert))
    return false;
  auto fits = [](const Operand &op, Type type) {
    return op.bytes == byteSize(type);
  };
  if (fits(b.inst.dst(0), c.to) && fits(b.inst.src(0), c.from))
    if (ExecFn hot = hotCase(c))
      b.inst.exec = hot;
  return true;
}

} // namespace

void addConvertInstructions(OpcodeTable &table) {
  table["cvt"] = decodeConvert;
}

ATTN_PTX_TARGET_END
