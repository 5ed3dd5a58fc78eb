//===- MoveInstructions.cpp - mov, cvta, isspacep -------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FunctionDecoder.h"
#include "ptx/Lanes.h"

ATTN_PTX_TARGET_BEGIN

//===----------------------------------------------------------------------===//
// mov
//===----------------------------------------------------------------------===//

template <typename T> static Status execMove(Exec &e, const Inst &i) {
  const T *a = e.row<T>(i.src(0));
  uint32_t known = e.definedLanes(i.src(0));
  mapLanes(e.row<T>(i.dst(0)), e.active, [=](unsigned l) { return a[l]; });
  e.setDefined(i.dst(0), known);
  return Status::Next;
}

static Status execMovePredicate(Exec &e, const Inst &i) {
  uint32_t known = e.definedLanes(i.src(0));
  e.setPredicate(i.dst(0), e.predicate(i.src(0)));
  e.setDefined(i.dst(0), known);
  return Status::Next;
}

/// mov with operands of different widths, pairs of .b128, and addresses in the
/// frame.
static Status execMoveAny(Exec &e, const Inst &i) {
  const Operand &from = i.src(0), &to = i.dst(0);
  uint64_t base = from.frame == Space::Local       ? e.frame->local
                  : from.frame == Space::FuncParam ? e.frame->param
                                                   : 0;
  uint32_t known = e.definedLanes(from);
  forLanes(e.active, [&](unsigned lane) {
    if (from.bytes == 16 && to.bytes == 16) {
      uint64_t high = e.row<uint64_t>(from)[2 * lane + 1];
      e.setValue(to, lane, e.value(from, lane));
      e.row<uint64_t>(to)[2 * lane + 1] = high;
      return;
    }
    e.setValue(to, lane, e.value(from, lane) + base);
  });
  e.setDefined(to, known);
  return Status::Next;
}

/// Several small registers to one, or one to several; imm[0]: bytes of each.
static Status execPack(Exec &e, const Inst &i) {
  unsigned bytes = i.imm[0];
  uint32_t known = 0;
  for (unsigned s = 0; s < i.numSrcs; ++s)
    known |= e.definedLanes(i.src(s));
  const Operand &to = i.dst(0);
  forLanes(e.active, [&](unsigned lane) {
    uint8_t value[16] = {};
    for (unsigned s = 0; s < i.numSrcs; ++s) {
      uint64_t part = e.value(i.src(s), lane);
      std::memcpy(value + s * bytes, &part, bytes);
    }
    if (to.base != Operand::None)
      std::memcpy(e.row<uint8_t>(to) + lane * to.bytes, value, to.bytes);
  });
  e.setDefined(to, known);
  return Status::Next;
}

static Status execUnpack(Exec &e, const Inst &i) {
  const Operand &from = i.src(0);
  uint32_t known = e.definedLanes(from);
  // Destinations may be the source's own register.
  uint8_t copy[warpSize * 16];
  std::memcpy(copy, e.row<uint8_t>(from), warpSize * from.bytes);
  unsigned offset = 0;
  for (unsigned d = 0; d < i.numDsts; ++d) {
    const Operand &to = i.dst(d);
    if (to.base != Operand::None)
      forLanes(e.active, [&](unsigned lane) {
        uint64_t part = 0;
        std::memcpy(&part, copy + lane * from.bytes + offset, i.imm[0]);
        e.setValue(to, lane, part);
      });
    e.setDefined(to, known);
    offset += i.imm[0];
  }
  return Status::Next;
}

/// Clocks advance with the instructions of the cluster.
static Status execMoveClock(Exec &e, const Inst &i) {
  uint64_t time = e.cluster->steps;
  auto reg = SpecialRegister(i.op);
  bool isTimer = reg == SpecialRegister::GlobalTimer ||
                 reg == SpecialRegister::GlobalTimerLo ||
                 reg == SpecialRegister::GlobalTimerHi;
  if (isTimer)
    time *= 1000; // nanoseconds
  if (reg == SpecialRegister::ClockHi || reg == SpecialRegister::GlobalTimerHi)
    time >>= 32;
  forLanes(e.active, [&](unsigned lane) { e.setValue(i.dst(0), lane, time); });
  e.setDefined(i.dst(0), ~0u);
  return Status::Next;
}

static bool decodeVectorMove(InstBuilder &b, Type type) {
  bool pack = b.operand(1).kind == OperandSyntax::Vector;
  const OperandSyntax &vector = b.operand(pack ? 1 : 0);
  size_t count = vector.elements.size();
  unsigned bytes = byteSize(type);
  if (count != 2 && count != 4 && count != 8)
    return b.fail("a vector of " + Twine(count) +
                  " elements, expected 2, 4 or 8");
  if (bytes % count || bytes / count > 8)
    return b.fail("." + typeName(type) + " does not hold " + Twine(count) +
                  " registers");
  static constexpr Type elements[] = {Type::None, Type::B8,   Type::B16,
                                      Type::None, Type::B32,  Type::None,
                                      Type::None, Type::None, Type::B64};
  b.inst.imm[0] = bytes / count;
  Type element = elements[bytes / count];
  bool good = pack ? b.dst(0, type) && b.src(1, element)
                   : b.dst(0, element) && b.src(1, type);
  return good && b.finish(pack ? execPack : execUnpack);
}

static bool decodeMove(InstBuilder &b) {
  Type type = b.takeType();
  if (!b.operands(2))
    return false;
  b.inst.copiesUndefined = true;
  if (b.operand(0).kind == OperandSyntax::Vector ||
      b.operand(1).kind == OperandSyntax::Vector)
    return decodeVectorMove(b, type);
  StringRef name = b.operand(1).name;
  static constexpr std::pair<StringRef, SpecialRegister> clocks[] = {
      {"%clock", SpecialRegister::Clock},
      {"%clock_hi", SpecialRegister::ClockHi},
      {"%clock64", SpecialRegister::Clock64},
      {"%globaltimer", SpecialRegister::GlobalTimer},
      {"%globaltimer_lo", SpecialRegister::GlobalTimerLo},
      {"%globaltimer_hi", SpecialRegister::GlobalTimerHi}};
  for (auto [clock, reg] : clocks)
    if (b.operand(1).kind == OperandSyntax::Name && name == clock) {
      b.inst.op = unsigned(reg);
      return b.dst(0, type) && b.finish(execMoveClock);
    }
  // A special register may be read as 16 bits.
  if (!b.dst(0, type) || !b.src(1, type, /*relaxed=*/name.starts_with("%")))
    return false;
  if (type == Type::Pred)
    return b.finish(execMovePredicate);
  return b.finish(nullptr) && [&] {
    const Operand &from = b.inst.src(0);
    bool isPlain =
        from.bytes == b.inst.dst(0).bytes && from.frame == Space::None;
    switch (isPlain ? from.bytes : 0) {
    case 2:
      b.inst.exec = execMove<uint16_t>;
      break;
    case 4:
      b.inst.exec = execMove<uint32_t>;
      break;
    case 8:
      b.inst.exec = execMove<uint64_t>;
      break;
    default:
      b.inst.exec = execMoveAny;
    }
    return true;
  }();
}

//===----------------------------------------------------------------------===//
// Address spaces
//===----------------------------------------------------------------------===//

/// imm[0] is added: the base of the space's window, or its negative.
static Status execCvta(Exec &e, const Inst &i) {
  const Operand &from = i.src(0), &to = i.dst(0);
  uint64_t add = i.imm[0];
  if (from.frame == Space::Local)
    add += e.frame->local;
  else if (from.frame == Space::FuncParam)
    add += e.frame->param;
  forLanes(e.active, [&](unsigned lane) {
    e.setValue(to, lane, e.value(from, lane) + from.offset + add);
  });
  return Status::Next;
}

static bool decodeCvta(InstBuilder &b) {
  bool toSpace = b.take("to");
  Space space = b.takeSpace();
  std::optional<uint64_t> base = windowBase(space);
  Type type = b.takeType({Type::U32, Type::U64});
  if (space == Space::Generic || !base)
    return b.fail("a state space is missing");
  if (type != Type::U64)
    return b.fail("addresses have 64 bits, expected .u64");
  if (space == Space::Param && !b.decoder().function.isEntry)
    return b.fail("the address of a function's parameter");
  b.inst.imm[0] = toSpace ? -*base : *base;
  if (!b.operands(2) || !b.dst(0, type))
    return false;
  return b.src(1, type) && b.finish(execCvta);
}

static Status execIsspacep(Exec &e, const Inst &i) {
  const uint64_t *address = e.row<uint64_t>(i.src(0));
  Space space = i.space;
  e.setPredicate(i.dst(0), maskLanes([=](unsigned l) {
                   return spaceOfGeneric(address[l]) == space;
                 }));
  return Status::Next;
}

static bool decodeIsspacep(InstBuilder &b) {
  b.inst.space = b.takeSpace();
  if (b.inst.space == Space::Generic)
    return b.fail("a state space is missing");
  return b.operands(2) && b.dst(0, Type::Pred) && b.src(1, Type::U64) &&
         b.finish(execIsspacep);
}

void addMoveInstructions(OpcodeTable &table) {
  table["mov"] = decodeMove;
  table["cvta"] = decodeCvta;
  table["isspacep"] = decodeIsspacep;
}

ATTN_PTX_TARGET_END
