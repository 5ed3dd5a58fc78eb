//===- VideoInstructions.cpp - Arithmetic on packed bytes and halves ------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;
using llvm::StringRef;

enum VideoOp : uint8_t { Add, Sub, Average, AbsDiff, Min, Max, Set };
enum VideoFlags : uint16_t {
  SignedA = 1,
  SignedB = 2,
  SignedD = 4,
  Accumulate = 8
};

static constexpr StringRef comparisons[] = {"eq", "ne", "lt", "le", "gt", "ge"};

static bool compare(unsigned op, int64_t a, int64_t b) {
  switch (op) {
  case 0:
    return a == b;
  case 1:
    return a != b;
  case 2:
    return a < b;
  case 3:
    return a <= b;
  case 4:
    return a > b;
  default:
    return a >= b;
  }
}

static int64_t compute(const Inst &i, int64_t a, int64_t b) {
  switch (VideoOp(i.op)) {
  case Add:
    return a + b;
  case Sub:
    return a - b;
  case Average: {
    int64_t sum = a + b;
    return (sum + (sum >= 0 ? 1 : 0)) >> 1;
  }
  case AbsDiff:
    return std::abs(a - b);
  case Min:
    return std::min(a, b);
  case Max:
    return std::max(a, b);
  case Set:
    return compare(i.imm[1], a, b);
  }
  return 0;
}

/// Elements of imm[0] bits. The sum of the results joins c with .add.
static Status execVideo(Exec &e, const Inst &i) {
  unsigned bits = i.imm[0];
  auto element = [&](uint32_t value, unsigned n, bool isSigned) {
    uint32_t shifted = value << (32 - bits * (n + 1));
    return isSigned ? int64_t(int32_t(shifted) >> (32 - bits))
                    : int64_t(shifted >> (32 - bits));
  };
  bool isSigned = i.flags & SignedD;
  int64_t high = (int64_t(1) << (isSigned ? bits - 1 : bits)) - 1;
  int64_t low = isSigned ? -high - 1 : 0;
  forLanes(e.active, [&](unsigned lane) {
    uint32_t a = e.value(i.src(0), lane), b = e.value(i.src(1), lane);
    uint32_t c = e.value(i.src(2), lane), packed = 0;
    for (unsigned n = 0; n < 32 / bits; ++n) {
      int64_t r = compute(i, element(a, n, i.flags & SignedA),
                          element(b, n, i.flags & SignedB));
      if (i.sat)
        r = std::clamp(r, low, high);
      if (i.flags & Accumulate)
        c += uint32_t(r);
      packed |= (uint32_t(r) & uint32_t((uint64_t(1) << bits) - 1))
                << (n * bits);
    }
    e.setValue(i.dst(0), lane, i.flags & Accumulate ? c : packed);
  });
  return Status::Next;
}

template <VideoOp op, unsigned bits> static bool decodeVideo(InstBuilder &b) {
  Inst &inst = b.inst;
  inst.op = op;
  inst.imm[0] = bits;
  inst.sat = b.take("sat");
  if (b.take("add"))
    inst.flags |= Accumulate;
  if (op == Set) {
    StringRef name = b.takeOneOf(comparisons);
    if (name.empty())
      return b.fail("a comparison such as .lt is missing");
    inst.imm[1] = llvm::find(comparisons, name) - std::begin(comparisons);
  } else if (b.takeType({Type::U32, Type::S32}) == Type::S32) {
    inst.flags |= SignedD;
  }
  if (b.takeType({Type::U32, Type::S32}) == Type::S32)
    inst.flags |= SignedA;
  if (b.takeType({Type::U32, Type::S32}) == Type::S32)
    inst.flags |= SignedB;
  return b.operands(4) && b.dst(0, Type::B32) && b.src(1, Type::B32) &&
         b.src(2, Type::B32) && b.src(3, Type::B32) && b.finish(execVideo);
}

template <unsigned bits> static void add(OpcodeTable &table, StringRef suffix) {
  auto name = [&](StringRef stem) { return (stem + suffix).str(); };
  table[name("vadd")] = decodeVideo<Add, bits>;
  table[name("vsub")] = decodeVideo<Sub, bits>;
  table[name("vavrg")] = decodeVideo<Average, bits>;
  table[name("vabsdiff")] = decodeVideo<AbsDiff, bits>;
  table[name("vmin")] = decodeVideo<Min, bits>;
  table[name("vmax")] = decodeVideo<Max, bits>;
  table[name("vset")] = decodeVideo<Set, bits>;
}

void attn::ptx::addVideoInstructions(OpcodeTable &table) {
  add<16>(table, "2");
  add<8>(table, "4");
}
