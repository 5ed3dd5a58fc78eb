//===- ExecUndefined.cpp - Values that nobody chose -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Undefined values are followed bit by bit through loads, moves and stores,
/// and are a fault where they decide something, as in Memcheck (Seward and
/// Nethercote, "Using Valgrind to detect undefined value errors with
/// bit-precision", USENIX 2005): compilers copy a struct with what lies between
/// its members.
///
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::Twine;

/// All bits of a register.
static uint64_t allBits(const Operand &op) {
  if (op.bytes == 0)
    return 1;
  return op.bytes >= 8 ? ~uint64_t(0) : (uint64_t(1) << (8 * op.bytes)) - 1;
}

uint64_t Exec::undefinedBits(const Operand &op, unsigned lane) const {
  if (definedLanes(op) >> lane & 1)
    return 0;
  if (warp->undefinedBits.empty())
    return allBits(op);
  auto found = warp->undefinedBits.find(frame->defined + op.reg);
  return found == warp->undefinedBits.end() ? allBits(op)
                                            : found->second[lane] & allBits(op);
}

void Exec::forgetBits(uint32_t reg, uint32_t lanes) const {
  if (!lanes || warp->undefinedBits.empty())
    return;
  auto found = warp->undefinedBits.find(frame->defined + reg);
  if (found != warp->undefinedBits.end())
    forLanes(lanes, [&](unsigned lane) { found->second[lane] = ~uint64_t(0); });
}

void Exec::applyUndefinedResults() {
  for (UndefinedResult &result : undefinedResults) {
    uint32_t key = frame->defined + result.reg;
    auto found = warp->undefinedBits.find(key);
    if (found == warp->undefinedBits.end()) {
      found = warp->undefinedBits.try_emplace(key).first;
      found->second.fill(~uint64_t(0));
    }
    uint32_t undefinedLanes = 0;
    forLanes(result.lanes & active, [&](unsigned lane) {
      found->second[lane] = result.bits[lane];
      undefinedLanes |= uint32_t(result.bits[lane] != 0) << lane;
    });
    defined[result.reg] =
        (defined[result.reg] | (result.lanes & active)) & ~undefinedLanes;
    if (result.origin)
      warp->undefinedOrigins[key] = *result.origin;
  }
  undefinedResults.clear();
}

//===----------------------------------------------------------------------===//
// Moving bits
//===----------------------------------------------------------------------===//

uint8_t attn::ptx::countMovedSources(const Inst &inst,
                                     llvm::ArrayRef<llvm::StringRef> parts) {
  llvm::StringRef opcode = parts[0];
  if (opcode == "mov" || (opcode == "lop3" && inst.numDsts == 1))
    return inst.numSrcs;
  if (opcode == "and" || opcode == "or" || opcode == "xor" ||
      opcode == "selp" || opcode == "prmt" || opcode == "shf" ||
      opcode == "bfi")
    return 2;
  if (opcode == "not" || opcode == "shl" || opcode == "shr" || opcode == "bfe")
    return 1;
  // Between integers, without a limit to compare with.
  bool isNarrowing = opcode == "cvt" && parts.size() == 3 &&
                     llvm::all_of(parts.drop_front(), [](llvm::StringRef part) {
                       std::optional<Type> type = parseType(part);
                       return type && isInteger(*type);
                     });
  return isNarrowing ? 1 : 0;
}

uint8_t attn::ptx::packedBits(llvm::ArrayRef<llvm::StringRef> parts) {
  if (parts[0] == "cvt" || parts[0] == "set" || parts[0] == "setp")
    return 0;
  auto has = [&](llvm::StringRef type) {
    return llvm::is_contained(parts, type);
  };
  if (has("f16x2") || has("bf16x2") || has("u16x2") || has("s16x2"))
    return 16;
  return has("f32x2") ? 32 : 0;
}

namespace {
/// The row of an operand, kept and put back.
class SavedRow {
public:
  SavedRow(const Exec &e, const Operand &op)
      : op(&op), row(e.row<uint8_t>(op)),
        bytes(op.bytes ? warpSize * op.bytes : 4), defined(e.definedLanes(op)) {
    std::memcpy(data, row, bytes);
    forLanes(e.active & ~defined, [&](unsigned lane) {
      undefinedBits[lane] = e.undefinedBits(op, lane);
    });
  }
  void restore(Exec &e) const {
    std::memcpy(row, data, bytes);
    e.defined[op->reg] = defined;
  }
  /// Puts zeros or ones in its undefined bits.
  void fill(Exec &e, bool ones) const {
    forLanes(e.active & ~defined, [&](unsigned lane) {
      uint64_t bits = undefinedBits[lane], value = e.value(*op, lane);
      if (op->bytes > 8)
        std::memset(row + op->bytes * lane, ones ? 0xff : 0, op->bytes);
      else
        e.setValue(*op, lane, ones ? value | bits : value & ~bits);
    });
  }
  const Operand &operand() const { return *op; }

private:
  const Operand *op;
  uint8_t *row;
  unsigned bytes;
  uint32_t defined;
  uint8_t data[warpSize * 16];
  std::array<uint64_t, warpSize> undefinedBits = {};
};
} // namespace

/// Executes the instruction with all combinations of zeros and ones in the
/// undefined bits of each source: the bits of the results that change are
/// undefined. That is exact where no bit of a result depends on two bits of one
/// source.
static void tryAllValues(Exec &e, llvm::ArrayRef<SavedRow> sources,
                         llvm::ArrayRef<SavedRow> results, uint32_t lanes,
                         llvm::MutableArrayRef<Exec::UndefinedResult> found) {
  llvm::SmallVector<std::array<uint64_t, warpSize>, 4> first(results.size());
  for (uint32_t values = 0; values >> sources.size() == 0; ++values) {
    for (auto [n, source] : llvm::enumerate(sources))
      source.fill(e, values >> n & 1);
    e.inst->exec(e, *e.inst);
    for (size_t n = 0; n < results.size(); ++n)
      forLanes(lanes, [&](unsigned lane) {
        const Operand &op = results[n].operand();
        uint64_t bits = e.value(op, lane);
        if (op.bytes == 16)
          bits ^= e.row<uint64_t>(op)[2 * lane + 1];
        if (values == 0)
          first[n][lane] = bits;
        found[n].bits[lane] |= bits ^ first[n][lane];
      });
    // A result may be a source.
    for (const SavedRow &saved : results)
      saved.restore(e);
    for (const SavedRow &saved : sources)
      saved.restore(e);
  }
}

void Exec::findUndefinedResults() {
  uint32_t lanes = 0, wholly = 0;
  llvm::SmallVector<SavedRow, 0> sources, results;
  for (unsigned s = 0; s < inst->numSrcs; ++s) {
    const Operand &op = inst->src(s);
    uint32_t missing = active & ~definedLanes(op);
    lanes |= missing;
    if (s >= inst->movedSources)
      wholly |= missing;
    else if (missing && llvm::none_of(sources, [&](const SavedRow &other) {
               return other.operand().reg == op.reg;
             }))
      sources.emplace_back(*this, op);
  }
  for (unsigned d = 0; d < inst->numDsts; ++d)
    if (inst->dst(d).base == Operand::Register)
      results.emplace_back(*this, inst->dst(d));
  llvm::SmallVector<UndefinedResult, 0> found(results.size());
  if (wholly != lanes)
    tryAllValues(*this, sources, results, lanes, found);
  for (auto [saved, result] : llvm::zip(results, found)) {
    const Operand &op = saved.operand();
    result.reg = op.reg;
    result.lanes = lanes;
    forLanes(lanes, [&, &bits = result.bits](unsigned lane) {
      if (wholly >> lane & 1)
        bits[lane] = allBits(op);
      else if (bits[lane] && op.bytes > 8)
        bits[lane] = ~uint64_t(0);
    });
    undefinedResults.push_back(std::move(result));
  }
}

void Exec::findUndefinedElements() {
  UndefinedResult result;
  result.reg = inst->dst(0).reg;
  result.lanes = undefined;
  uint64_t element = (uint64_t(1) << inst->packedBits) - 1;
  forLanes(undefined, [&](unsigned lane) {
    for (unsigned s = 0; s < inst->numSrcs; ++s)
      for (uint64_t bits = undefinedBits(inst->src(s), lane), part = element;
           part; part <<= inst->packedBits)
        if (bits & part)
          result.bits[lane] |= part;
    result.bits[lane] &= allBits(inst->dst(0));
  });
  undefinedResults.push_back(std::move(result));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

bool Exec::storeUndefined(Space space, uint64_t address, unsigned lane,
                          uint32_t bytes, const Operand &from, uint64_t bits) {
  uint64_t all = bytes >= 8 ? ~uint64_t(0) : (uint64_t(1) << (8 * bytes)) - 1;
  Location at;
  if (!(bits & all))
    return true;
  if (!locate(space, address, lane, bytes, 1, Access::Write, at))
    return false;
  auto origin = warp->undefinedOrigins.find(frame->defined + from.reg);
  bool isKnown = origin != warp->undefinedOrigins.end();
  bool isCopy = !isKnown || origin->second.isCopy;
  bool isPart = (bits & all) != all;
  bool isPadding = isPart || (isKnown && (origin->second.padding >> lane & 1));
  if (!isCopy || (at.space == Space::Global && !isPadding)) {
    faultUndefined(from.reg, 1u << lane);
    return false;
  }
  if (at.space == Space::Global)
    return true;
  UndefinedSource source{inst, frame->function->registerNames[from.reg]};
  if (isKnown) {
    source = origin->second.source;
    source.offset = origin->second.offsets[lane];
  }
  for (uint32_t i = 0; i < bytes; ++i) {
    // Of 16 bytes it is not known which.
    uint8_t bitsOfByte = i < 8 ? bits >> (8 * i) : 0xff;
    if (!bitsOfByte)
      continue;
    UndefinedByte byte{source, bitsOfByte};
    if (at.space == Space::Shared) {
      at.block->shared.undefine(at.offset + i, byte);
    } else {
      at.thread->state[at.offset + i] = ThreadMemory::Undefined;
      at.thread->undefinedBytes[at.offset + i] = byte;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

Status Exec::faultUndefined(uint32_t reg, uint32_t lanes,
                            llvm::StringRef kind) {
  llvm::StringRef name = frame->function->registerNames[reg];
  unsigned lane = llvm::countr_zero(lanes);
  auto found = warp->undefinedOrigins.find(frame->defined + reg);
  if (found == warp->undefinedOrigins.end())
    return fault("use of uninitialised " + kind + " '" + name + "'", lane);
  const UndefinedOrigin &origin = found->second;
  const UndefinedSource &source = origin.source;
  if (!source.name.empty())
    return fault("use of " + kind + " '" + name + "', which line " +
                     Twine(source.inst->line) +
                     (source.inst->storesUndefined ? " copied" : " computed") +
                     " from uninitialised register '" + source.name + "'",
                 lane);
  uint32_t offset = origin.offsets[lane], usedAt = inst->line;
  inst = source.inst;
  return fault(
      "read of uninitialised " + spaceName(source.space) + " memory at 0x" +
          llvm::utohexstr(offset, true) + " in " +
          describe(source.space, offset, *source.function, source.base) +
          ", which line " + Twine(usedAt) + " uses",
      lane);
}
