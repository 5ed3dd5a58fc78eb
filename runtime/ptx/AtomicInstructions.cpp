//===- AtomicInstructions.cpp - atom and red ------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/ClusterInstructions.h"
#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/FloatFormats.h"

#include "llvm/ADT/STLExtras.h"
#include <mutex>

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

enum AtomicOp : uint8_t { And, Or, Xor, Cas, Exch, Add, Inc, Dec, Min, Max };
static constexpr StringRef opNames[] = {"and", "or",  "xor", "cas", "exch",
                                        "add", "inc", "dec", "min", "max"};

static uint64_t addFloats(Type type, uint64_t a, uint64_t b) {
  if (type == Type::F64)
    return llvm::bit_cast<uint64_t>(llvm::bit_cast<double>(a) +
                                    llvm::bit_cast<double>(b));
  if (type == Type::F32)
    return encodeFloat(type,
                       llvm::bit_cast<float>(uint32_t(a)) +
                           llvm::bit_cast<float>(uint32_t(b)),
                       Rounding::RN, false);
  // A sum of halves is exact in a double.
  return encodeFloat(type, decodeFloat(type, a) + decodeFloat(type, b),
                     Rounding::RN, false);
}

static uint64_t minMaxFloats(Type type, uint64_t a, uint64_t b, bool isMax) {
  double x = decodeFloat(type, a), y = decodeFloat(type, b);
  if (x != x || y != y)
    return x != x && y != y ? encodeFloat(type, NAN, Rounding::RN, false)
           : x != x         ? b
                            : a;
  return (x < y) != isMax ? a : b;
}

static uint64_t applyTo(AtomicOp op, Type type, uint64_t old, uint64_t b) {
  unsigned bytes = byteSize(type);
  if (type == Type::F16x2 || type == Type::BF16x2) {
    Type element = elementFormat(type);
    return applyTo(op, element, old & 0xffff, b & 0xffff) |
           applyTo(op, element, old >> 16 & 0xffff, b >> 16 & 0xffff) << 16;
  }
  if (isFloat(type) && op == Add)
    return addFloats(type, old, b);
  if (isFloat(type) && (op == Min || op == Max))
    return minMaxFloats(type, old, b, op == Max);
  auto less = [&](uint64_t x, uint64_t y) {
    if (!isSigned(type))
      return x < y;
    unsigned shift = 64 - 8 * bytes;
    return int64_t(x << shift) < int64_t(y << shift);
  };
  switch (op) {
  case And:
    return old & b;
  case Or:
    return old | b;
  case Xor:
    return old ^ b;
  case Exch:
  case Cas:
    return b;
  case Add:
    return old + b;
  case Inc:
    return old >= b ? 0 : old + 1;
  case Dec:
    return old == 0 || old > b ? b : old - 1;
  case Min:
    return less(old, b) ? old : b;
  case Max:
    return less(old, b) ? b : old;
  }
  return old;
}

/// Only in global memory are subnormals flushed by atom.add.f32.
static uint64_t flushFloat(uint64_t bits) {
  return bits & 0x7f800000 ? bits : bits & 0x80000000;
}

/// Sources: the address, the operands b (one per element), and c of cas.
static Status execAtomic(Exec &e, const Inst &i) {
  auto op = AtomicOp(i.op);
  unsigned bytes = byteSize(i.type);
  uint64_t addresses[warpSize];
  e.cluster->clocks.tick();
  // Blocks on other host threads.
  std::unique_lock<std::mutex> lock(e.launch->global->atomicsMutex,
                                    std::defer_lock);
  if (i.space != Space::Shared)
    lock.lock();
  bool good = true, changed = false;
  for (uint32_t lanes = e.active; lanes && good; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    addresses[lane] = e.address(i.src(0), lane);
    // A vector is aligned as a whole.
    Exec::Location whole;
    unsigned size = bytes * i.vector;
    good = e.locate(i.space, addresses[lane], lane, size, size, Access::Atomic,
                    whole);
    for (unsigned n = 0; n < i.vector && good; ++n) {
      uint8_t *host =
          e.atomic(i.space, addresses[lane] + n * bytes, lane, bytes, true);
      good = host != nullptr;
      if (!good)
        break;
      if (bytes == 16) {
        uint64_t old[2], next[2], expected[2];
        std::memcpy(old, host, 16);
        std::memcpy(next, e.row<uint64_t>(i.src(op == Cas ? 2 : 1)) + 2 * lane,
                    16);
        std::memcpy(expected, e.row<uint64_t>(i.src(1)) + 2 * lane, 16);
        if (op == Exch || (old[0] == expected[0] && old[1] == expected[1])) {
          changed |= std::memcmp(host, next, 16) != 0;
          std::memcpy(host, next, 16);
        }
        if (i.numDsts && i.dst(0).base != Operand::None)
          std::memcpy(e.row<uint64_t>(i.dst(0)) + 2 * lane, old, 16);
        continue;
      }
      uint64_t old = 0;
      std::memcpy(&old, host, bytes);
      uint64_t b = e.value(i.src(1 + n), lane);
      bool isShared = i.space == Space::Shared ||
                      (i.space == Space::Generic &&
                       spaceOfGeneric(addresses[lane]) == Space::Shared);
      bool flush = i.type == Type::F32 && op == Add && !isShared;
      uint64_t next;
      if (op == Cas)
        next = old == b ? e.value(i.src(2), lane) : old;
      else if (flush)
        next = flushFloat(applyTo(op, i.type, flushFloat(old), flushFloat(b)));
      else
        next = applyTo(op, i.type, old, b);
      changed |= std::memcmp(host, &next, bytes) != 0;
      std::memcpy(host, &next, bytes);
      if (i.numDsts)
        e.setValue(i.dst(n), lane, old);
    }
  }
  if (!good)
    return Status::Fault;
  e.countAccess(i.space, addresses, e.active, bytes * i.vector, true, true);
  if (!changed)
    return e.poll(addresses[llvm::countr_zero(e.active)]);
  e.noteChange();
  return Status::Next;
}

static bool decodeAtomic(InstBuilder &b, bool hasResult) {
  if (!hasResult && b.take("async"))
    return decodeReduceAsync(b);
  Inst &inst = b.inst;
  b.takeMemorySemantics();
  inst.space = b.takeSpace();
  if (inst.space != Space::Generic && inst.space != Space::Global &&
      inst.space != Space::Shared)
    return b.fail("atomic operations are on .global and .shared memory");
  StringRef name = b.takeOneOf(opNames);
  if (name.empty())
    return b.fail("an operation such as .add is missing");
  auto op = AtomicOp(llvm::find(opNames, name) - std::begin(opNames));
  inst.op = op;
  b.take("noftz");
  inst.vector = b.take("v2") ? 2 : b.take("v4") ? 4 : b.take("v8") ? 8 : 1;
  Type type = inst.type = b.takeType();
  if (b.hasFailed())
    return false;
  bool isFloating =
      isFloat(type) || type == Type::F16x2 || type == Type::BF16x2;
  unsigned bytes = byteSize(type);
  bool valid;
  switch (op) {
  case And:
  case Or:
  case Xor:
    valid = type == Type::B32 || type == Type::B64;
    break;
  case Cas:
    valid = (isBits(type) || isInteger(type)) && bytes >= 2 && hasResult;
    break;
  case Exch:
    valid = (isBits(type) || isInteger(type)) && bytes >= 4 && hasResult;
    break;
  case Inc:
  case Dec:
    valid = type == Type::U32;
    break;
  case Add:
    valid = isFloating || (isInteger(type) && bytes >= 4);
    break;
  default:
    valid = (isFloating && type != Type::F32 && type != Type::F64) ||
            (isFloating && inst.vector > 1) || (isInteger(type) && bytes >= 4);
    break;
  }
  if (!valid || (inst.vector > 1 && !isFloating))
    return b.fail("operation ." + name + " on type ." + typeName(type));
  unsigned first = hasResult ? 1 : 0, sources = op == Cas ? 2 : 1;
  if (!b.operands(first + 1 + sources, first + 2 + sources))
    return false;
  if (hasResult && !b.dst(0, type))
    return false;
  return b.address(first, inst.space) && b.src(first + 1, type) &&
         (op != Cas || b.src(first + 2, type)) && b.finish(execAtomic);
}

void attn::ptx::addAtomicInstructions(OpcodeTable &table) {
  table["atom"] = [](InstBuilder &b) { return decodeAtomic(b, true); };
  table["red"] = [](InstBuilder &b) { return decodeAtomic(b, false); };
}
