//===- AsyncCopyInstructions.cpp - cp.async and its groups ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/BulkCopyInstructions.h"
#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/Mbarrier.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

enum CopyFlags : uint16_t { HasSourceSize = 1, HasIgnore = 2, NoIncrement = 4 };

/// Sources: destination and source address, then the bytes to copy or the
/// predicate that says to copy none. imm[0]: bytes written.
static Status execCopy(Exec &e, const Inst &i) {
  uint32_t bytes = i.imm[0];
  uint64_t from[warpSize], to[warpSize];
  uint32_t reading = 0;
  uint64_t notRead = 0; // of those lanes
  bool good = true;
  uint32_t ignored = i.flags & HasIgnore ? e.predicate(i.src(2)) : 0;
  for (uint32_t lanes = e.active; lanes && good; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    to[lane] = e.address(i.src(0), lane);
    from[lane] = e.address(i.src(1), lane);
    PendingCopy copy;
    copy.bytes = bytes;
    copy.lane = lane;
    copy.group = e.warp->committedGroups[lane];
    copy.number = e.warp->copiesIssued++;
    std::memset(copy.data, 0, sizeof(copy.data));
    uint64_t size = bytes;
    if (i.flags & HasSourceSize)
      size = e.value(i.src(2), lane);
    if (size > bytes) {
      e.fault("a source size of " + Twine(size) + " bytes exceeds the copy's " +
                  Twine(bytes),
              lane);
      return Status::Fault;
    }
    if (ignored >> lane & 1)
      size = 0;
    if (size) {
      Exec::Location source;
      reading |= 1u << lane;
      notRead += bytes - size;
      good = e.locate(Space::Global, from[lane], lane, size, 1, Access::Read,
                      source);
      if (good && from[lane] % bytes) {
        e.fault("misaligned source address of a copy of " + Twine(bytes) +
                    " bytes",
                lane);
        good = false;
      }
      if (good)
        std::memcpy(copy.data, source.host, size);
    }
    Exec::Location target;
    if (!good || !e.locate(Space::Shared, to[lane], lane, bytes, bytes,
                           Access::Write, target))
      return Status::Fault;
    copy.shared = &target.block->shared;
    copy.offset = target.offset;
    AccessProblem problem;
    if (!copy.shared->beginAsyncWrite(e.warp->agent, copy.offset, bytes,
                                      SharedMemory::PendingCopy, problem))
      return e.fault(problem, copy.offset, lane);
    e.warp->copies.push_back(copy);
  }
  e.noteChange();
  e.countAccess(Space::Global, from, reading, bytes, true, false);
  e.counters->bytesRead -= notRead;
  // The same instruction writes shared memory.
  Counters shared;
  std::swap(shared, *e.counters);
  e.countAccess(Space::Shared, to, e.active, bytes, false, true);
  std::swap(shared, *e.counters);
  // It may read nothing and fill with zeros.
  if (!reading)
    e.counters->requests += shared.requests;
  e.counters->bytesWritten += shared.bytesWritten;
  e.counters->wavefronts += shared.wavefronts;
  e.counters->idealWavefronts += shared.idealWavefronts;
  return Status::Next;
}

static bool decodeCopy(InstBuilder &b) {
  bool bypass = llvm::is_contained(b.left(), "cg");
  b.takeMemorySemantics();
  Space to = b.takeSpace(), from = b.takeSpace();
  if (to != Space::Shared || from != Space::Global)
    return b.fail("expected .shared.global");
  b.inst.space = Space::Global;
  b.inst.copiesTo = Space::Shared;
  if (!b.operands(3, 5) || !b.address(0, to) || !b.address(1, from))
    return false;
  std::optional<int64_t> bytes = b.immediate(2);
  if (!bytes)
    return false;
  if (*bytes != 16 && (bypass || (*bytes != 4 && *bytes != 8)))
    return b.fail("a size of " + Twine(*bytes) + " bytes, expected " +
                  (bypass ? "16" : "4, 8 or 16"));
  b.inst.imm[0] = *bytes;
  if (b.numOperands() > 3) {
    const OperandSyntax &op = b.operand(3);
    Type type = b.registerType(op);
    if (type == Type::Pred) {
      b.inst.flags |= HasIgnore;
      if (!b.src(op, Type::Pred))
        return false;
    } else if (type != Type::B64 && type != Type::U64) {
      b.inst.flags |= HasSourceSize;
      if (!b.src(op, Type::U32))
        return false;
    } // else a cache policy
  }
  return b.finish(execCopy);
}

/// The copies of a lane's groups before `group` are done.
static void finishCopies(Warp &warp, Clocks &clocks,
                         llvm::function_ref<bool(const PendingCopy &)> isDone) {
  std::deque<PendingCopy> rest;
  warp.touchedShared = true;
  clocks.tick();
  for (const PendingCopy &copy : warp.copies) {
    if (isDone(copy))
      copy.shared->endAsyncWrite(warp.agent, copy.offset, copy.bytes, copy.data,
                                 copy.lane);
    else
      rest.push_back(copy);
  }
  warp.copies = std::move(rest);
}

static Status execCommit(Exec &e, const Inst &) {
  forLanes(e.active, [&](unsigned lane) { ++e.warp->committedGroups[lane]; });
  return Status::Next;
}

/// All but the imm[0] latest groups of each lane.
static Status execWaitGroup(Exec &e, const Inst &i) {
  finishCopies(*e.warp, e.cluster->clocks, [&](const PendingCopy &copy) {
    return (e.active >> copy.lane & 1) &&
           copy.group + uint64_t(i.imm[0]) < e.warp->committedGroups[copy.lane];
  });
  return Status::Next;
}

static Status execWaitAll(Exec &e, const Inst &i) {
  execCommit(e, i);
  finishCopies(*e.warp, e.cluster->clocks, [&](const PendingCopy &copy) {
    return (e.active >> copy.lane & 1) != 0;
  });
  return Status::Next;
}

/// Arrives at an mbarrier once the lane's copies up to here are done; without
/// .noinc the phase first awaits one arrival more.
static Status execArriveAfterCopies(Exec &e, const Inst &i) {
  bool good = true;
  forLanes(e.active, [&](unsigned lane) {
    Mbarrier *barrier =
        good ? findMbarrier(e, i.space, e.address(i.src(0), lane), lane)
             : nullptr;
    good = barrier != nullptr;
    if (!good)
      return;
    if (!(i.flags & NoIncrement))
      ++barrier->pending;
    e.noteChange();
    Warp *warp = e.warp;
    uint32_t last = warp->copiesIssued;
    barrier->operations.push_back([=](Clocks &clocks) {
      finishCopies(*warp, clocks, [&](const PendingCopy &copy) {
        return copy.lane == lane && copy.number < last;
      });
      barrier->arrive(1, clocks, warp->agent);
    });
  });
  return good ? Status::Next : Status::Fault;
}

static bool decodeCp(InstBuilder &b) {
  if (b.take("reduce"))
    return b.take("async") && b.take("bulk")
               ? decodeBulkReduction(b)
               : b.fail("expected cp.reduce.async.bulk");
  if (!b.take("async"))
    return b.fail("expected cp.async");
  if (b.take("bulk"))
    return decodeBulkCopy(b);
  if (b.take("mbarrier")) {
    if (!b.take("arrive"))
      return b.fail("expected cp.async.mbarrier.arrive");
    if (b.take("noinc"))
      b.inst.flags |= NoIncrement;
    b.inst.space = b.takeSpace();
    b.takeType({Type::B64});
    return b.operands(1) && b.address(0, b.inst.space) &&
           b.finish(execArriveAfterCopies);
  }
  if (b.take("commit_group"))
    return b.operands(0) && b.finish(execCommit);
  if (b.take("wait_all"))
    return b.operands(0) && b.finish(execWaitAll);
  if (b.take("wait_group")) {
    std::optional<int64_t> count;
    if (!b.operands(1) || !(count = b.immediate(0)))
      return false;
    if (*count < 0)
      return b.fail("a negative number of groups");
    b.inst.imm[0] = *count;
    return b.finish(execWaitGroup);
  }
  return decodeCopy(b);
}

void attn::ptx::addAsyncCopyInstructions(OpcodeTable &table) {
  table["cp"] = decodeCp;
}
