//===- ExecMemory.cpp - Checked access to memory --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <atomic>

using namespace attn::ptx;
using llvm::Twine;

static std::string hex(uint64_t v) { return "0x" + llvm::utohexstr(v, true); }

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

static std::string format(Dim3 d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," +
         std::to_string(d.z) + ")";
}

std::string Launch::location(const Block &inBlock, const Warp &warp,
                             unsigned lane) const {
  uint32_t linear = warp.index * warpSize + lane;
  Dim3 thread = {linear % block.x, linear / block.x % block.y,
                 linear / block.x / block.y};
  return "block " + format(inBlock.id) + ", thread " + format(thread);
}

Status Exec::fault(const Twine &text, unsigned lane) {
  if (!faulted) {
    faulted = true;
    message = (inst->text + ": " + text + ", " +
               launch->location(*block, *warp, lane))
                  .str();
  }
  return Status::Fault;
}

Status Exec::fault(const Twine &text) {
  return fault(text, active ? llvm::countr_zero(active) : 0);
}

Status Exec::fault(const AccessProblem &problem, uint32_t offset,
                   unsigned lane) {
  return fault(problem.what + " in " + describe(Space::Shared, offset) +
                   problem.why,
               lane);
}

/// Lanes that an .aligned instruction lacks, and where they are.
Status Exec::faultDivergence() {
  uint32_t missing = warp->existing & ~active;
  unsigned lane = llvm::countr_zero(missing);
  std::string where;
  if (!(warp->alive >> lane & 1))
    where = "has left the kernel";
  else if (path->lanes >> lane & 1)
    where = "does not execute it, its guard is false";
  else
    where = "is in another branch";
  const std::vector<Inst> &code = launch->program->code;
  for (const Join &join : warp->joins)
    if (join.used && (join.arrived >> lane & 1))
      where =
          "waits for the others at line " + std::to_string(code[join.pc].line);
  for (const Path &other : warp->paths)
    if (&other != path && (other.lanes >> lane & 1))
      where = "is at line " + std::to_string(code[other.pc].line);
  return fault("divergence: all threads of the warp must execute this "
               "instruction together, "
               "but lane " +
               Twine(lane) + " " + where);
}

static std::string describeVariable(llvm::StringRef kind, llvm::StringRef name,
                                    uint64_t size) {
  return (kind + " array '" + name + "' of " + Twine(size) + " bytes").str();
}

static const Variable *nearest(llvm::ArrayRef<Variable> variables,
                               uint64_t address) {
  const Variable *best = nullptr;
  for (const Variable &v : variables)
    if (v.address <= address && (!best || v.address >= best->address))
      best = &v;
  return best;
}

std::string Exec::describe(Space space, uint64_t address) const {
  return describe(space, address, *frame->function,
                  space == Space::Local ? frame->local : frame->param);
}

std::string Exec::describe(Space space, uint64_t address,
                           const Function &function, uint32_t base) const {
  const Variable *variable = nullptr;
  switch (space) {
  case Space::Global:
    if (address < 4096)
      return "the null page";
    if (const GlobalMemory::Allocation *a = launch->global->nearest(address)) {
      std::string name =
          describeVariable(a->freed ? "freed" : "global", a->name, a->size);
      if (address < a->address)
        return "no allocation, " + std::to_string(a->address - address) +
               " bytes before " + name;
      return name;
    }
    return "no allocation";
  case Space::Shared:
    variable = nearest(launch->sharedVariables, address);
    break;
  case Space::Const:
    variable = nearest(launch->program->constants, address);
    break;
  case Space::Local:
    variable = nearest(function.locals, address - base);
    break;
  case Space::FuncParam:
    variable = nearest(function.frameParams, address - base);
    break;
  case Space::Param: {
    const Parameter *best = nullptr;
    for (const Parameter &p : launch->kernel->params)
      if (p.offset <= address)
        best = &p;
    return best ? describeVariable("param", best->name, best->size)
                : "no parameter";
  }
  default:
    break;
  }
  if (!variable)
    return "no " + spaceName(space).str() + " array";
  return describeVariable(spaceName(space), variable->name, variable->size);
}

//===----------------------------------------------------------------------===//
// Finding memory
//===----------------------------------------------------------------------===//

static llvm::StringRef accessName(Access access) {
  return access == Access::Read    ? "read"
         : access == Access::Write ? "write"
                                   : "atomic access";
}

bool Exec::locate(Space space, uint64_t address, unsigned lane, uint32_t bytes,
                  uint32_t align, Access access, Location &location) {
  uint64_t original = address;
  if (space == Space::Generic) {
    space = spaceOfGeneric(address);
    if (space != Space::Global)
      address -= *windowBase(space);
  }
  auto bad = [&](const Twine &what) {
    fault(what + " " + accessName(access) + " of " + Twine(bytes) +
              " bytes at " + hex(original) + " in " + describe(space, address),
          lane);
    return false;
  };
  location.space = space;
  if (address & (align - 1))
    return bad("misaligned");
  switch (space) {
  case Space::Global: {
    const GlobalMemory::Allocation *a = lastAllocation;
    if (!a || address - a->address >= a->size)
      a = lastAllocation = launch->global->find(address);
    if (address < 4096)
      return bad("null pointer:");
    if (!a || address - a->address > a->size ||
        bytes > a->size - (address - a->address))
      return bad("out-of-bounds");
    if (a->freed)
      return bad("use after free:");
    location.host = a->data.get() + (address - a->address);
    return true;
  }
  case Space::Shared: {
    uint32_t offset = address & ((1u << clusterRankShift) - 1);
    uint64_t rank = address >> clusterRankShift;
    if (rank > cluster->blocks.size())
      return bad("out-of-bounds");
    Block *target = rank ? &cluster->blocks[rank - 1] : block;
    address = offset;
    SharedMemory &memory = target->shared;
    if (offset > memory.getSize() || bytes > memory.getSize() - offset ||
        memory.touchesGap(offset, bytes))
      return bad("out-of-bounds");
    location.block = target;
    location.offset = offset;
    location.host = memory.getData() + offset;
    return true;
  }
  case Space::Local:
  case Space::FuncParam: {
    ThreadMemory &memory =
        (space == Space::Local ? warp->local : warp->param)[lane];
    if (address > memory.data.size() || bytes > memory.data.size() - address)
      return bad("out-of-bounds");
    for (uint32_t i = 0; i < bytes; ++i)
      if (memory.state[address + i] == ThreadMemory::Gap)
        return bad("out-of-bounds");
    location.thread = &memory;
    location.offset = address;
    location.host = &memory.data[address];
    return true;
  }
  case Space::Const: {
    if (access != Access::Read)
      return bad("constant memory is read-only:");
    const Variable *v = nearest(launch->program->constants, address);
    if (!v || address - v->address > v->size ||
        bytes > v->size - (address - v->address))
      return bad("out-of-bounds");
    location.host =
        const_cast<uint8_t *>(launch->program->constantData.data()) + address;
    return true;
  }
  case Space::Param: {
    if (access != Access::Read)
      return bad("kernel parameters are read-only:");
    for (const Parameter &p : launch->kernel->params)
      if (address - p.offset <= p.size &&
          bytes <= p.size - (address - p.offset)) {
        location.host = const_cast<uint8_t *>(launch->params.data()) + address;
        return true;
      }
    return bad("out-of-bounds");
  }
  default:
    return bad("not a data address:");
  }
}

bool Exec::enterBlock(Block &target, unsigned agent, unsigned lane) {
  if (&target == block)
    return true;
  if (target.hasLeft()) {
    fault("access to the shared memory of block " + format(target.id) +
              " of the cluster, which has left the kernel",
          lane);
    return false;
  }
  target.remoteAccesses.resize(cluster->clocks.size());
  target.remoteAccesses[agent] = {cluster->clocks.now(), inst->line, block};
  return true;
}

bool Exec::leaveBlock() {
  if (!block->hasLeft())
    return true;
  // All such operations read shared memory, and none but the thread can wait
  // for its own.
  if (launch->program->hasAsyncProxy)
    for (Warp &other : block->warps)
      for (unsigned lane = 0; lane < warpSize; ++lane)
        if (const BulkGroups &groups = other.bulkGroups[lane];
            groups.isPending()) {
          warp = &other;
          fault("the block leaves the kernel, but no cp.async.bulk.wait_group "
                "comes after the bulk operation of line " +
                    Twine(groups.line) + ", which reads its shared memory",
                lane);
          return false;
        }
  const Clocks &clocks = cluster->clocks;
  for (auto [agent, access] : llvm::enumerate(block->remoteAccesses)) {
    bool isOver =
        access.time == 0 || llvm::any_of(block->warps, [&](const Warp &other) {
          return access.time <= clocks.seen(other.agent, agent);
        });
    if (isOver)
      continue;
    fault("the block leaves the kernel, but nothing orders before it "
          "what block " +
              format(access.by->id) +
              " of the cluster does to its shared memory at line " +
              Twine(access.line),
          0);
    return false;
  }
  return true;
}

static const UndefinedBytes &undefinedBytesOf(const Exec::Location &at) {
  return at.thread ? at.thread->undefinedBytes
                   : at.block->shared.getUndefinedBytes();
}

/// Whether the words that hold these bytes, some of which are undefined, have a
/// bit that is defined.
static bool hasDefinedNeighbour(const Exec::Location &at, uint32_t bytes) {
  constexpr uint32_t wordBytes = 4;
  auto hasValue = [&](uint32_t byte) {
    bool isDefined, isUndefined;
    if (at.thread) {
      uint8_t state = byte < at.thread->state.size() ? at.thread->state[byte]
                                                     : ThreadMemory::Gap;
      isDefined = state == ThreadMemory::Defined;
      isUndefined = state == ThreadMemory::Undefined;
    } else {
      const SharedMemory &shared = at.block->shared;
      auto state =
          byte < shared.getSize() ? shared.stateAt(byte) : SharedMemory::Gap;
      isDefined = state == SharedMemory::Defined;
      isUndefined = state == SharedMemory::Undefined;
    }
    if (!isUndefined)
      return isDefined;
    auto stored = undefinedBytesOf(at).find(byte);
    return stored != undefinedBytesOf(at).end() && stored->second.bits != 0xff;
  };
  for (uint32_t byte = at.offset & ~(wordBytes - 1);
       byte < llvm::alignTo(at.offset + bytes, wordBytes); ++byte)
    if (hasValue(byte))
      return true;
  return false;
}

bool Exec::load(Space space, uint64_t address, unsigned lane, uint32_t bytes,
                uint32_t align, void *to, UndefinedLoad *undefined) {
  Location at;
  if (!locate(space, address, lane, bytes, align, Access::Read, at))
    return false;
  uint32_t missing = 0;
  if (at.space == Space::Shared) {
    AccessProblem problem;
    if (!enterBlock(*at.block, warp->agent, lane))
      return false;
    SharedMemory &shared = at.block->shared;
    bool good = shared.read(accessor(lane), at.offset, bytes, problem);
    if (!good && undefined) {
      missing = shared.findUndefined(at.offset, bytes);
      good = missing && shared.readPadded(accessor(lane), at.offset, bytes,
                                          missing, problem);
    }
    if (!good) {
      fault(problem, at.offset, lane);
      return false;
    }
  } else if (at.thread) {
    for (uint32_t i = 0; i < bytes; ++i) {
      if (at.thread->state[at.offset + i] != ThreadMemory::Undefined)
        continue;
      if (!undefined) {
        fault("read of uninitialised " + spaceName(at.space) + " memory at " +
                  hex(at.offset + i) + " in " + describe(at.space, at.offset),
              lane);
        return false;
      }
      missing |= 1u << i;
    }
  }
  if (undefined) {
    undefined->mask = missing & ~undefined->unused;
    if (undefined->mask) {
      undefined->space = at.space;
      undefined->offset = at.offset;
      undefined->stored = &undefinedBytesOf(at);
      undefined->isPadding = hasDefinedNeighbour(at, bytes);
    }
  }
  std::memcpy(to, at.host, bytes);
  return true;
}

bool Exec::store(Space space, uint64_t address, unsigned lane, uint32_t bytes,
                 uint32_t align, const void *from) {
  Location at;
  if (!locate(space, address, lane, bytes, align, Access::Write, at))
    return false;
  if (!at.thread && std::memcmp(at.host, from, bytes) != 0)
    noteChange();
  if (at.space == Space::Shared) {
    AccessProblem problem;
    if (!enterBlock(*at.block, warp->agent, lane))
      return false;
    if (!at.block->shared.write(accessor(lane), at.offset, bytes,
                                static_cast<const uint8_t *>(from), problem)) {
      fault(problem, at.offset, lane);
      return false;
    }
    return true;
  }
  if (at.thread)
    std::fill_n(at.thread->state.begin() + at.offset, bytes,
                ThreadMemory::Defined);
  std::memcpy(at.host, from, bytes);
  return true;
}

uint8_t *Exec::atomic(Space space, uint64_t address, unsigned lane,
                      uint32_t bytes, bool reads) {
  Location at;
  if (!locate(space, address, lane, bytes, bytes, Access::Atomic, at))
    return nullptr;
  if (at.space == Space::Shared) {
    AccessProblem problem;
    if (!enterBlock(*at.block, warp->agent, lane))
      return nullptr;
    if (!at.block->shared.atomic(accessor(lane), at.offset, bytes, reads,
                                 problem)) {
      fault(problem, at.offset, lane);
      return nullptr;
    }
  } else if (at.space != Space::Global) {
    fault("atomic access to " + spaceName(at.space) + " memory", lane);
    return nullptr;
  }
  return at.host;
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

uint64_t Exec::value(const Operand &op, unsigned lane) const {
  switch (op.bytes) {
  case 0:
    return predicate(op) >> lane & 1;
  case 2:
    return row<uint16_t>(op)[lane];
  case 4:
    return row<uint32_t>(op)[lane];
  case 8:
    return row<uint64_t>(op)[lane];
  default:
    return row<uint64_t>(op)[2 * lane];
  }
}

void Exec::setValue(const Operand &op, unsigned lane, uint64_t bits) const {
  switch (op.bytes) {
  case 0: {
    uint32_t &p = *row<uint32_t>(op);
    p = (p & ~(1u << lane)) | uint32_t(bits & 1) << lane;
    break;
  }
  case 2:
    row<uint16_t>(op)[lane] = bits;
    break;
  case 4:
    row<uint32_t>(op)[lane] = bits;
    break;
  case 8:
    row<uint64_t>(op)[lane] = bits;
    break;
  default:
    row<uint64_t>(op)[2 * lane] = bits;
    row<uint64_t>(op)[2 * lane + 1] = 0;
    break;
  }
}

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

Status Exec::yield(uint64_t address) {
  Space space = inst->space;
  if (space == Space::Generic) {
    space = spaceOfGeneric(address);
    if (space != Space::Global)
      address -= *windowBase(space);
  }
  path->waitReason =
      "another value at " + hex(address) + " in " + describe(space, address);
  return Status::Yield;
}

bool Exec::converge(uint32_t members) {
  uint32_t here = active;
  members &= warp->alive;
  if ((members & ~here) == 0)
    return true;
  llvm::SmallVector<int, 2> others;
  for (auto [number, other] : llvm::enumerate(warp->paths)) {
    if (&other == path || !other.waiting || !other.lanes)
      continue;
    // Any two bar.warp.sync meet; others must be the same instruction.
    const Inst &there = launch->program->code[other.pc];
    bool bothSync = inst->exec == execWarpSync && there.exec == execWarpSync &&
                    !there.hasGuard;
    if (!bothSync &&
        (other.pc != path->pc || other.frames.size() != path->frames.size()))
      continue;
    uint32_t lanes = other.lanes;
    if (inst->hasGuard && other.pc == path->pc) {
      uint32_t guard = *reinterpret_cast<uint32_t *>(bases[Operand::Register] +
                                                     inst->guardRow);
      lanes &= inst->guardNegated ? ~guard : guard;
    }
    here |= lanes;
    others.push_back(number);
  }
  if (members & ~here) {
    path->waitReason =
        "the lanes " + hex(members & ~here) + " that its member mask names";
    return false;
  }
  active = here;
  joined = std::move(others);
  return true;
}
