//===- BarrierInstructions.cpp - bar, barrier, fences ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/ClusterInstructions.h"
#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

enum BarrierOp : uint8_t { Sync, Arrive, RedPopc, RedAnd, RedOr };
enum BarrierFlags : uint16_t { HasCount = 1, HasPredicate = 2 };

/// Threads as a barrier counts them: whole warps, the last one too where the
/// block does not fill it.
static uint32_t countThreads(const Warp &warp, uint32_t lanes) {
  return lanes == warp.existing ? warpSize : llvm::popcount(lanes);
}

/// Without a count all threads that have not left the kernel take part.
static uint32_t threadsOfBlock(const Block &block) {
  uint32_t count = 0;
  for (const Warp &warp : block.warps)
    count += countThreads(warp, warp.alive);
  return count;
}

static bool isComplete(const Barrier &barrier, const Block &block) {
  uint32_t expected =
      barrier.expected ? barrier.expected : threadsOfBlock(block);
  return barrier.arrived >= expected;
}

/// Ends the phase. Its result stays for those that wait for it, who may go on
/// only after the next one has come to its end too.
static void complete(Barrier &barrier) {
  if (barrier.waiters)
    barrier.completed.push_back(
        {barrier.generation,
         barrier.waiters,
         {barrier.popCount, barrier.andValue, barrier.orValue},
         std::move(barrier.collecting)});
  barrier.collecting.clear();
  barrier.arrived = barrier.expected = barrier.popCount = barrier.waiters = 0;
  barrier.andValue = true;
  barrier.orValue = false;
  ++barrier.generation;
}

/// Sources: the barrier, the count if there is one, the predicate of .red.
static Status execBarrier(Exec &e, const Inst &i) {
  Block &block = *e.block;
  unsigned first = llvm::countr_zero(e.active);
  uint32_t number = e.row<uint32_t>(i.src(0))[first];
  bool hasCount = i.flags & HasCount;
  uint32_t count = hasCount ? e.row<uint32_t>(i.src(1))[first] : 0;
  Status status = Status::Next;
  forLanes(e.active, [&](unsigned lane) {
    if (e.row<uint32_t>(i.src(0))[lane] != number ||
        (hasCount && e.row<uint32_t>(i.src(1))[lane] != count))
      status = e.fault("threads of the warp name different barriers or counts",
                       lane);
  });
  if (status == Status::Fault)
    return status;
  if (number >= std::size(block.barriers))
    return e.fault("barrier " + Twine(number) + ", expected 0 to 15");
  Barrier &barrier = block.barriers[number];
  Clocks &clocks = e.cluster->clocks;

  Path &path = *e.path;
  if (!path.waitToken) {
    if (hasCount && (count == 0 || count % warpSize))
      return e.fault("a barrier count of " + Twine(count) +
                     ", expected a multiple of the warp size");
    if (barrier.arrived && barrier.expected != count)
      return e.fault("barrier " + Twine(number) + " with a count of " +
                     Twine(count) + ", but line " + Twine(barrier.line) +
                     " with " + Twine(barrier.expected));
    barrier.expected = count;
    barrier.line = i.line;
    barrier.arrived += countThreads(*e.warp, e.active);
    if (count && barrier.arrived > count)
      return e.fault("barrier " + Twine(number) + " of " + Twine(count) +
                     " threads gets " + Twine(barrier.arrived));
    if (i.flags & HasPredicate) {
      uint32_t yes = e.predicate(i.src(i.numSrcs - 1)) & e.active;
      barrier.popCount += llvm::popcount(yes);
      barrier.andValue &= yes == e.active;
      barrier.orValue |= yes != 0;
    }
    clocks.release(e.warp->agent, barrier.collecting);
    e.noteChange();
    path.waitToken = uint64_t(barrier.generation) + 1;
    if (i.op == Arrive) {
      if (isComplete(barrier, block))
        complete(barrier);
      return Status::Next;
    }
    ++barrier.waiters;
    if (!isComplete(barrier, block))
      ++e.counters->barrierWaits;
  }
  if (barrier.generation == path.waitToken - 1 && isComplete(barrier, block))
    complete(barrier);
  if (barrier.generation == path.waitToken - 1) {
    uint32_t expected =
        barrier.expected ? barrier.expected : threadsOfBlock(block);
    path.waitReason =
        ("barrier " + Twine(number) + ", where " + Twine(barrier.arrived) +
         " of " + Twine(expected) + " threads have arrived")
            .str();
    return Status::Wait;
  }
  auto *phase = llvm::find_if(barrier.completed, [&](const BarrierPhase &p) {
    return p.generation == path.waitToken - 1;
  });
  clocks.acquire(e.warp->agent, phase->released);
  if (i.op == RedPopc)
    forLanes(e.active,
             [&](unsigned l) { e.setValue(i.dst(0), l, phase->result[0]); });
  else if (i.op == RedAnd || i.op == RedOr)
    e.setPredicate(i.dst(0), phase->result[i.op - RedPopc] ? ~0u : 0);
  if (--phase->waiters == 0)
    barrier.completed.erase(phase);
  return Status::Next;
}

static bool decodeBar(InstBuilder &b, bool isBar) {
  if (!isBar && b.take("cluster"))
    return decodeClusterBarrier(b);
  if (isBar && b.take("warp")) {
    if (!b.take("sync"))
      return b.fail("expected .sync");
    return b.operands(1) && b.src(0, Type::B32) && b.finish(execWarpSync);
  }
  b.take("cta");
  bool aligned = b.take("aligned");
  b.inst.aligned = isBar || aligned;
  StringRef op = b.takeOneOf({"sync", "arrive", "red"});
  if (op.empty())
    return b.fail("expected .sync, .arrive or .red");
  unsigned found = b.numOperands(), next = 0;
  if (op == "red") {
    StringRef red = b.takeOneOf({"popc", "and", "or"});
    b.inst.op = red == "popc" ? RedPopc : red == "and" ? RedAnd : RedOr;
    if (red.empty())
      return b.fail("expected .popc, .and or .or");
    Type type = b.takeType({red == "popc" ? Type::U32 : Type::Pred});
    if (!b.operands(3, 4) || !b.dst(next++, type))
      return false;
    b.inst.flags |= HasPredicate;
  } else {
    b.inst.op = op == "arrive" ? Arrive : Sync;
    if (!(op == "arrive" ? b.operands(2) : b.operands(1, 2)))
      return false;
  }
  if (!b.src(next++, Type::U32))
    return false;
  unsigned rest = found - next - (op == "red" ? 1 : 0);
  if (rest) {
    b.inst.flags |= HasCount;
    if (!b.src(next++, Type::U32))
      return false;
  }
  if (op == "red" && !b.src(next, Type::Pred))
    return false;
  return b.finish(execBarrier);
}

//===----------------------------------------------------------------------===//
// Fences
//===----------------------------------------------------------------------===//

/// Memory is sequentially consistent here, and atomic accesses order as if
/// fences stood around them: a fence has nothing to do.
static Status execFence(Exec &, const Inst &) { return Status::Next; }

/// But for one between the proxies.
static Status execProxyFence(Exec &e, const Inst &) {
  e.cluster->clocks.fenceProxy(e.warp->agent);
  return Status::Next;
}

static bool decodeMembar(InstBuilder &b) {
  StringRef level = b.takeOneOf({"cta", "gl", "sys"});
  if (b.take("proxy"))
    b.takeOneOf({"alias"});
  else if (level.empty())
    return b.fail("expected .cta, .gl or .sys");
  return b.operands(0) && b.finish(execFence);
}

static bool decodeFence(InstBuilder &b) {
  b.takeMemorySemantics();
  ExecFn exec = execFence;
  if (b.take("proxy")) {
    StringRef kind =
        b.takeOneOf({"alias", "async", "async.global", "async.shared::cta",
                     "async::generic", "tensormap::generic"});
    if (kind.empty())
      return b.fail("an unknown proxy");
    Space space = b.takeSpace();
    if (kind.starts_with("async") && kind != "async.global" &&
        space != Space::Global)
      exec = execProxyFence;
    if (kind == "tensormap::generic")
      return b.operands(0, 2) && b.finish(execFence);
  }
  b.take("mbarrier_init");
  b.take("sync_restrict::shared::cta");
  b.take("sync_restrict::shared::cluster");
  return b.operands(0) && b.finish(exec);
}

void attn::ptx::addBarrierInstructions(OpcodeTable &table) {
  table["bar"] = [](InstBuilder &b) { return decodeBar(b, true); };
  table["barrier"] = [](InstBuilder &b) { return decodeBar(b, false); };
  table["membar"] = decodeMembar;
  table["fence"] = decodeFence;
}
