//===- ClusterInstructions.cpp - Clusters, setmaxnreg, griddepcontrol -----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/ClusterInstructions.h"
#include "ptx/AsyncProxy.h"
#include "ptx/BulkCopyInstructions.h"

#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// mapa, getctarank
//===----------------------------------------------------------------------===//

static constexpr uint64_t offsetMask = (uint64_t(1) << clusterRankShift) - 1;

/// An offset in the window of shared memory; none after a fault.
static std::optional<uint64_t> sharedOffset(Exec &e, const Inst &i,
                                            unsigned lane) {
  uint64_t address = e.value(i.src(0), lane) + i.src(0).offset;
  if (i.space == Space::Shared)
    return address;
  if (spaceOfGeneric(address) == Space::Shared)
    return address - window::shared;
  e.fault("the address 0x" + llvm::utohexstr(address, true) +
              " does not lie in shared memory",
          lane);
  return std::nullopt;
}

static Status execMap(Exec &e, const Inst &i) {
  bool ok = true;
  forLanes(e.active, [&](unsigned lane) {
    if (!ok)
      return;
    ok = false;
    std::optional<uint64_t> offset = sharedOffset(e, i, lane);
    if (!offset)
      return;
    uint32_t rank = e.value(i.src(1), lane);
    if (rank >= e.cluster->blocks.size()) {
      e.fault("block " + Twine(rank) + " of a cluster of " +
                  Twine(e.cluster->blocks.size()),
              lane);
      return;
    }
    uint64_t mapped = (*offset & offsetMask) | uint64_t(rank + 1)
                                                   << clusterRankShift;
    if (i.space != Space::Shared)
      mapped += window::shared;
    e.setValue(i.dst(0), lane, mapped);
    ok = true;
  });
  return ok ? Status::Next : Status::Fault;
}

static Status execGetRank(Exec &e, const Inst &i) {
  bool ok = true;
  forLanes(e.active, [&](unsigned lane) {
    std::optional<uint64_t> offset = sharedOffset(e, i, lane);
    ok = ok && offset;
    if (!ok)
      return;
    uint64_t rank = *offset >> clusterRankShift;
    e.setValue(i.dst(0), lane, rank ? rank - 1 : e.block->rank);
  });
  return ok ? Status::Next : Status::Fault;
}

/// Takes the type and space of an address operand.
static Type takeAddressType(InstBuilder &b) {
  b.inst.space = b.take("shared::cluster") ? Space::Shared : Space::Generic;
  return b.takeType({Type::U32, Type::U64});
}

static bool decodeMap(InstBuilder &b) {
  Type type = takeAddressType(b);
  return b.operands(3) && b.dst(0, type) && b.src(1, type) &&
         b.src(2, Type::U32) && b.finish(execMap);
}

static bool decodeGetRank(InstBuilder &b) {
  Type type = takeAddressType(b);
  return b.operands(2) && b.dst(0, Type::U32) && b.src(1, type) &&
         b.finish(execGetRank);
}

//===----------------------------------------------------------------------===//
// barrier.cluster
//===----------------------------------------------------------------------===//

/// Ends the phase if every thread that has not exited has arrived.
static void completeClusterPhase(Cluster &cluster) {
  for (Block &block : cluster.blocks)
    for (Warp &warp : block.warps)
      if (warp.alive & ~warp.clusterArrived)
        return;
  for (Block &block : cluster.blocks)
    for (Warp &warp : block.warps)
      warp.clusterArrived = 0;
  ClusterBarrier &barrier = cluster.clusterBarrier;
  ++barrier.generation;
  barrier.released = std::move(barrier.collecting);
  barrier.collecting.clear();
}

static Status execClusterArrive(Exec &e, const Inst &) {
  Warp &warp = *e.warp;
  ClusterBarrier &barrier = e.cluster->clusterBarrier;
  if (uint32_t twice = e.active & warp.clusterArrived)
    return e.fault("a second arrival at the cluster's barrier before a wait",
                   llvm::countr_zero(twice));
  warp.clusterArrived |= e.active;
  e.noteChange();
  forLanes(e.active, [&](unsigned lane) {
    warp.clusterPhase[lane] = barrier.generation + 1;
  });
  e.cluster->clocks.release(warp.agent, barrier.collecting);
  completeClusterPhase(*e.cluster);
  return Status::Next;
}

static Status execClusterWait(Exec &e, const Inst &) {
  Warp &warp = *e.warp;
  ClusterBarrier &barrier = e.cluster->clusterBarrier;
  // Threads that have exited since may have been the last.
  completeClusterPhase(*e.cluster);
  uint32_t waiting = 0, notArrived = 0;
  forLanes(e.active, [&](unsigned lane) {
    if (warp.clusterPhase[lane] == 0)
      notArrived |= 1u << lane;
    else if (warp.clusterPhase[lane] > barrier.generation)
      waiting |= 1u << lane;
  });
  if (notArrived)
    return e.fault("barrier.cluster.wait without an arrival before it",
                   llvm::countr_zero(notArrived));
  if (waiting) {
    if (!e.path->waiting)
      ++e.counters->barrierWaits;
    e.path->waitReason = "the barrier of the cluster";
    return Status::Wait;
  }
  forLanes(e.active, [&](unsigned lane) { warp.clusterPhase[lane] = 0; });
  e.cluster->clocks.acquire(warp.agent, barrier.released);
  return Status::Next;
}

bool attn::ptx::decodeClusterBarrier(InstBuilder &b) {
  b.inst.aligned = b.take("aligned");
  b.takeOneOf({"release", "relaxed", "acquire"});
  if (b.take("arrive"))
    return b.operands(0) && b.finish(execClusterArrive);
  if (b.take("wait"))
    return b.operands(0) && b.finish(execClusterWait);
  return b.fail("barrier.cluster needs .arrive or .wait");
}

//===----------------------------------------------------------------------===//
// st.async, red.async
//===----------------------------------------------------------------------===//

/// Sources: the destination, the elements, the mbarrier. Inst::op is a
/// reduction; None for a store.
static Status execStoreAsync(Exec &e, const Inst &i) {
  unsigned bytes = byteSize(i.type);
  bool ok = true;
  BulkBytes moved;
  forLanes(e.active, [&](unsigned lane) {
    if (!ok)
      return;
    BulkTarget target;
    target.destination = e.address(i.src(0), lane);
    target.barrier = e.address(i.src(1 + i.vector), lane);
    target.bytes = target.align = bytes * i.vector;
    auto data = std::make_shared<std::vector<uint8_t>>(target.bytes);
    for (unsigned n = 0; n < i.vector; ++n) {
      uint64_t value = e.value(i.src(1 + n), lane);
      std::memcpy(data->data() + n * bytes, &value, bytes);
    }
    beginAsync(e);
    ok = forBulkTargets(
        e, target, lane, [&](Block &block, uint32_t offset, Mbarrier &barrier) {
          moved.written += target.bytes;
          if (i.op == uint8_t(ReductionOp::None))
            return writeAsync(e, block, {{offset, target.bytes, 0}}, data,
                              target.bytes, barrier, lane, Proxy::Generic);
          return reduceAsync(e, block, offset, ReductionOp(i.op), i.type, data,
                             barrier, lane, Proxy::Generic);
        });
  });
  countBulk(e, moved);
  return ok ? Status::Next : Status::Fault;
}

static bool decodeAsyncAccess(InstBuilder &b, bool isReduction) {
  Inst &inst = b.inst;
  b.program().hasAsyncProxy = true;
  b.takeMemorySemantics();
  inst.space = b.takeSpace();
  if (inst.space != Space::Shared || !b.take("mbarrier::complete_tx::bytes"))
    return b.fail("expected .shared::cluster.mbarrier::complete_tx::bytes");
  if (isReduction)
    inst.op = uint8_t(takeReductionOp(b));
  if (b.take("v2"))
    inst.vector = 2;
  else if (b.take("v4"))
    inst.vector = 4;
  inst.type = b.takeType({Type::B32, Type::U32, Type::S32, Type::F32, Type::B64,
                          Type::U64, Type::S64, Type::F64});
  if (!b.operands(3))
    return false;
  bool isVector = b.operand(1).kind == OperandSyntax::Vector;
  if (isVector ? b.operand(1).elements.size() != inst.vector : inst.vector != 1)
    return b.fail("expected " + Twine(unsigned(inst.vector)) + " elements");
  return b.address(0, Space::Shared) && b.src(1, inst.type) &&
         b.address(2, Space::Shared) && b.finish(execStoreAsync);
}

bool attn::ptx::decodeStoreAsync(InstBuilder &b) {
  return decodeAsyncAccess(b, /*isReduction=*/false);
}
bool attn::ptx::decodeReduceAsync(InstBuilder &b) {
  return decodeAsyncAccess(b, /*isReduction=*/true);
}

//===----------------------------------------------------------------------===//
// Hints
//===----------------------------------------------------------------------===//

static Status execNothing(Exec &, const Inst &) { return Status::Next; }

static bool decodeSetMaxRegisters(InstBuilder &b) {
  if (b.takeOneOf({"inc", "dec"}).empty() || !b.take("sync") ||
      !b.take("aligned"))
    return b.fail("setmaxnreg needs .inc or .dec and .sync.aligned");
  b.takeType({Type::U32});
  b.inst.aligned = true;
  if (!b.operands(1))
    return false;
  std::optional<int64_t> count = b.immediate(0);
  if (!count)
    return false;
  if (*count < 24 || *count > 256 || *count % 8)
    return b.fail(Twine(*count) +
                  " registers, expected a multiple of 8 from 24 to 256");
  return b.finish(execNothing);
}

static bool decodeGridDependency(InstBuilder &b) {
  if (b.takeOneOf({"launch_dependents", "wait"}).empty())
    return b.fail("griddepcontrol needs .launch_dependents or .wait");
  return b.operands(0) && b.finish(execNothing);
}

void attn::ptx::addClusterInstructions(OpcodeTable &table) {
  table["mapa"] = decodeMap;
  table["getctarank"] = decodeGetRank;
  table["setmaxnreg"] = decodeSetMaxRegisters;
  table["griddepcontrol"] = decodeGridDependency;
}
