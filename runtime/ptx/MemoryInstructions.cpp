//===- MemoryInstructions.cpp - ld, st and hints --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/ClusterInstructions.h"
#include "ptx/Exec.h"
#include "ptx/FunctionDecoder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::Twine;

/// A value of a memory type in a register that may be wider.
static uint64_t extend(uint64_t bits, Type type) {
  switch (type) {
  case Type::S8:
    return int64_t(int8_t(bits));
  case Type::S16:
    return int64_t(int16_t(bits));
  case Type::S32:
    return int64_t(int32_t(bits));
  default:
    return bits;
  }
}

/// Puts element `n` of a lane's bytes into its register.
static void setElement(const Exec &e, const Inst &i, unsigned n, unsigned lane,
                       const uint8_t *from) {
  const Operand &to = i.dst(n);
  unsigned bytes = byteSize(i.type);
  if (to.base == Operand::None)
    return;
  if (to.bytes == bytes) {
    std::memcpy(e.row<uint8_t>(to) + lane * bytes, from, bytes);
    return;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, from, std::min(bytes, 8u));
  e.setValue(to, lane, extend(bits, i.type));
}

/// Of element `n` of a lane, the bits of the register that bits of memory
/// without a value make undefined.
static uint64_t undefinedBits(const Inst &i, unsigned n,
                              const Exec::UndefinedLoad &undefined) {
  unsigned elementBytes = byteSize(i.type);
  uint64_t bits = 0;
  for (unsigned byte = 0; byte < elementBytes; ++byte)
    if (uint64_t inByte = undefined.bitsOf(n * elementBytes + byte))
      bits |= byte < 8 ? inByte << (8 * byte) : ~uint64_t(0);
  if (elementBytes > 8 && bits)
    return ~uint64_t(0);
  return extend(bits, i.type);
}

/// The elements of a lane that have bits without a value become results.
static void noteUndefined(Exec &e, const Inst &i, unsigned lane,
                          const Exec::UndefinedLoad &undefined,
                          llvm::MutableArrayRef<int> numbers) {
  unsigned elementBytes = byteSize(i.type);
  for (unsigned n = 0; n < i.vector; ++n) {
    uint64_t bits = undefinedBits(i, n, undefined);
    if (!bits || i.dst(n).base != Operand::Register)
      continue;
    unsigned first = n * elementBytes;
    while (!(undefined.mask >> first & 1))
      ++first;
    UndefinedSource source;
    source.inst = &i;
    source.space = undefined.space;
    source.offset = undefined.offset + first;
    source.function = e.frame->function;
    source.base =
        undefined.space == Space::Local ? e.frame->local : e.frame->param;
    // What was stored without a value came from somewhere else.
    if (const UndefinedByte *stored = undefined.findStored(first))
      source = stored->source;
    if (numbers[n] < 0) {
      numbers[n] = e.undefinedResults.size();
      Exec::UndefinedResult &result = e.undefinedResults.emplace_back();
      result.reg = i.dst(n).reg;
      result.origin.emplace();
      result.origin->source = source;
      result.origin->offsets.fill(source.offset);
      result.origin->isCopy = true;
    }
    Exec::UndefinedResult &result = e.undefinedResults[numbers[n]];
    result.lanes |= 1u << lane;
    result.bits[lane] = bits;
    result.origin->offsets[lane] = source.offset;
    result.origin->padding |= uint32_t(undefined.isPadding) << lane;
  }
}

/// imm[0]: the bytes that the program never uses.
static Status execLoad(Exec &e, const Inst &i) {
  unsigned elementBytes = byteSize(i.type), bytes = elementBytes * i.vector;
  const Operand &base = i.src(0);
  uint64_t addresses[warpSize];
  int undefinedNumbers[8];
  llvm::fill(undefinedNumbers, -1);
  Exec::UndefinedLoad undefined;
  undefined.unused = uint32_t(i.imm[0]);
  bool good = true;
  for (uint32_t lanes = e.active; lanes && good; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    addresses[lane] = e.address(base, lane);
    uint8_t buffer[64];
    if (i.isStrong) {
      Exec::Location at;
      good = e.locate(i.space, addresses[lane], lane, bytes, bytes,
                      Access::Read, at);
      if (good && at.space == Space::Shared) {
        uint8_t *host = e.atomic(i.space, addresses[lane], lane, bytes, true);
        good = host != nullptr;
        if (good)
          std::memcpy(buffer, host, bytes);
      } else if (good) {
        good = e.load(i.space, addresses[lane], lane, bytes, bytes, buffer);
      }
    } else {
      good = e.load(i.space, addresses[lane], lane, bytes, bytes, buffer,
                    &undefined);
    }
    if (!good)
      break;
    for (unsigned n = 0; n < i.vector; ++n)
      setElement(e, i, n, lane, buffer + n * elementBytes);
    if (undefined.mask)
      noteUndefined(e, i, lane, undefined, undefinedNumbers);
  }
  if (!good)
    return Status::Fault;
  e.countAccess(i.space, addresses, e.active, bytes, true, false);
  return i.isStrong ? e.poll(addresses[llvm::countr_zero(e.active)])
                    : Status::Next;
}

/// Sources: the address, then the elements.
static Status execStore(Exec &e, const Inst &i) {
  unsigned elementBytes = byteSize(i.type), bytes = elementBytes * i.vector;
  const Operand &base = i.src(0);
  uint64_t addresses[warpSize];
  // A time of its own tells this store's lanes from earlier ones.
  e.cluster->clocks.tick();
  uint32_t undefined = 0; // lanes with an element that is
  for (unsigned n = 0; i.storesUndefined && n < i.vector; ++n)
    undefined |= e.active & ~e.definedLanes(i.src(1 + n));
  bool good = true;
  for (uint32_t lanes = e.active; lanes && good; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    addresses[lane] = e.address(base, lane);
    uint8_t buffer[64];
    for (unsigned n = 0; n < i.vector; ++n) {
      const Operand &from = i.src(1 + n);
      std::memcpy(buffer + n * elementBytes,
                  e.row<uint8_t>(from) + lane * from.bytes, elementBytes);
    }
    if (i.isStrong) {
      Exec::Location at;
      good = e.locate(i.space, addresses[lane], lane, bytes, bytes,
                      Access::Write, at);
      if (good && at.space == Space::Shared) {
        uint8_t *host = e.atomic(i.space, addresses[lane], lane, bytes, false);
        good = host != nullptr;
        if (good && std::memcmp(host, buffer, bytes) != 0)
          e.noteChange();
        if (good)
          std::memcpy(host, buffer, bytes);
        continue;
      }
    }
    good =
        good && e.store(i.space, addresses[lane], lane, bytes, bytes, buffer);
    if (undefined >> lane & 1)
      for (unsigned n = 0; good && n < i.vector; ++n)
        good = e.storeUndefined(i.space, addresses[lane] + n * elementBytes,
                                lane, elementBytes, i.src(1 + n),
                                e.undefinedBits(i.src(1 + n), lane));
  }
  if (!good)
    return Status::Fault;
  e.countAccess(i.space, addresses, e.active, bytes, false, true);
  return Status::Next;
}

/// Takes .v2, .v4 and .v8 and the type, and checks the access's size.
static bool takeShape(InstBuilder &b) {
  Inst &inst = b.inst;
  inst.vector = b.take("v2") ? 2 : b.take("v4") ? 4 : b.take("v8") ? 8 : 1;
  for (llvm::StringRef modifier : b.left())
    if (modifier.size() > 1 && modifier[0] == 'v' &&
        llvm::all_of(modifier.drop_front(), llvm::isDigit))
      return b.fail("a vector of ." + modifier + ", expected .v2, .v4 or .v8");
  inst.type = b.takeType();
  unsigned bytes = byteSize(inst.type) * inst.vector;
  if (b.hasFailed())
    return false;
  if (inst.type == Type::Pred || byteSize(inst.type) == 0)
    return b.fail("type ." + typeName(inst.type) +
                  " is not one of this instruction");
  if (bytes > 32)
    return b.fail("an access of " + Twine(bytes) +
                  " bytes, expected at most 32");
  return true;
}

/// The parameters of a kernel and those of functions are different memories.
static Space resolveParam(const InstBuilder &b, Space space) {
  if (space != Space::Param || b.inst.space == Space::FuncParam)
    return b.inst.space == Space::FuncParam ? Space::FuncParam : space;
  return const_cast<InstBuilder &>(b).decoder().function.isEntry
             ? Space::Param
             : Space::FuncParam;
}

static bool checkVector(InstBuilder &b, const OperandSyntax &op) {
  size_t count = op.kind == OperandSyntax::Vector ? op.elements.size() : 1;
  return count == b.inst.vector ||
         b.fail("a vector of " + Twine(count) + " registers, expected " +
                Twine(b.inst.vector));
}

static bool decodeLoad(InstBuilder &b) {
  b.inst.isStrong = b.takeMemorySemantics();
  b.take("unified");
  Space space = b.takeSpace();
  if (!takeShape(b) || !b.operands(2, 3) || !checkVector(b, b.operand(0)) ||
      !b.dst(0, b.inst.type, true) || !b.address(1, space))
    return false;
  b.inst.imm[0] = b.syntax.unusedBytes;
  b.inst.space = resolveParam(b, space);
  return b.finish(execLoad);
}

static bool decodeStore(InstBuilder &b) {
  if (b.take("async"))
    return decodeStoreAsync(b);
  b.inst.isStrong = b.takeMemorySemantics();
  Space space = b.takeSpace();
  if (space == Space::Const)
    return b.fail("constant memory is read-only");
  if (!takeShape(b) || !b.operands(2, 3) || !b.address(0, space) ||
      !checkVector(b, b.operand(1)) || !b.src(1, b.inst.type, true))
    return false;
  b.inst.space = resolveParam(b, space);
  b.inst.storesUndefined = !b.inst.isStrong;
  return b.finish(execStore);
}

//===----------------------------------------------------------------------===//
// Hints
//===----------------------------------------------------------------------===//

static Status execNothing(Exec &, const Inst &) { return Status::Next; }

/// prefetch, prefetchu, discard, applypriority: caches are not modelled.
static bool decodeHint(InstBuilder &b) {
  Space space = b.takeSpace();
  b.takeMemorySemantics();
  for (llvm::StringRef word : {"L1", "L2", "tensormap"})
    b.take(word);
  return b.operands(1, 2) && b.address(0, space) && b.finish(execNothing);
}

/// A policy is an opaque number that accesses ignore.
static bool decodeCreatepolicy(InstBuilder &b) {
  if (!b.take("fractional") && !b.take("range") && !b.take("cvt"))
    return b.fail("expected .fractional, .range or .cvt");
  b.takeMemorySemantics();
  b.takeSpace();
  b.take("L2");
  Type type = b.takeType({Type::B64});
  return b.operands(1, 5) && b.dst(0, type) &&
         b.finish([](Exec &e, const Inst &i) {
           forLanes(e.active,
                    [&](unsigned lane) { e.setValue(i.dst(0), lane, 0); });
           return Status::Next;
         });
}

//===----------------------------------------------------------------------===//
// The stack
//===----------------------------------------------------------------------===//

/// Local memory that a thread may hold.
static constexpr uint64_t maxStackBytes = 512 << 10;

/// imm[0]: the alignment.
static Status execAlloca(Exec &e, const Inst &i) {
  Frame &frame = e.path->frames.back();
  uint64_t size = 0;
  forLanes(e.active, [&](unsigned lane) {
    size = std::max(size, e.value(i.src(0), lane));
  });
  uint64_t address = llvm::alignTo(frame.localTop + 16, i.imm[0]);
  if (size > maxStackBytes || address + size > maxStackBytes)
    return e.fault("the stack of a thread exceeds " + Twine(maxStackBytes) +
                   " bytes");
  frame.localTop = address + size;
  forLanes(e.active, [&](unsigned lane) {
    ThreadMemory &memory = e.warp->local[lane];
    memory.grow(frame.localTop);
    memory.clear(address - 16, 16);
    memory.declare(address, e.value(i.src(0), lane));
    e.setValue(i.dst(0), lane, address);
  });
  return Status::Next;
}

static bool decodeAlloca(InstBuilder &b) {
  Type type = b.takeType({Type::U64, Type::U32});
  b.inst.imm[0] = 8;
  if (!b.operands(2, 3) || !b.dst(0, type) || !b.src(1, type))
    return false;
  if (b.numOperands() == 3) {
    std::optional<int64_t> align = b.immediate(2);
    if (!align || *align <= 0 || *align > 1024 || (*align & (*align - 1)))
      return b.fail("an alignment must be a power of two");
    b.inst.imm[0] = *align;
  }
  return b.finish(execAlloca);
}

static bool decodeStacksave(InstBuilder &b) {
  Type type = b.takeType({Type::U64, Type::U32});
  return b.operands(1) && b.dst(0, type) &&
         b.finish([](Exec &e, const Inst &i) {
           forLanes(e.active, [&](unsigned lane) {
             e.setValue(i.dst(0), lane, e.frame->localTop);
           });
           return Status::Next;
         });
}

static bool decodeStackrestore(InstBuilder &b) {
  Type type = b.takeType({Type::U64, Type::U32});
  return b.operands(1) && b.src(0, type) &&
         b.finish([](Exec &e, const Inst &i) {
           Frame &frame = e.path->frames.back();
           uint64_t top = e.value(i.src(0), llvm::countr_zero(e.active));
           if (top > frame.localTop || top < frame.local)
             return e.fault("not a stack pointer that stacksave gave");
           forLanes(e.active, [&](unsigned lane) {
             if (frame.localTop <= e.warp->local[lane].data.size())
               e.warp->local[lane].clear(top, frame.localTop - top);
           });
           frame.localTop = top;
           return Status::Next;
         });
}

void attn::ptx::addMemoryInstructions(OpcodeTable &table) {
  table["ld"] = decodeLoad;
  table["ldu"] = decodeLoad;
  table["st"] = decodeStore;
  table["prefetch"] = decodeHint;
  table["prefetchu"] = decodeHint;
  table["discard"] = decodeHint;
  table["applypriority"] = decodeHint;
  table["createpolicy"] = decodeCreatepolicy;
  table["alloca"] = decodeAlloca;
  table["stacksave"] = decodeStacksave;
  table["stackrestore"] = decodeStackrestore;
}
