//===- MbarrierInstructions.cpp - mbarrier --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Mbarrier.h"

#include "llvm/ADT/StringExtras.h"

using namespace attn::ptx;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// The object
//===----------------------------------------------------------------------===//

void Mbarrier::completePhase() {
  if (pending != 0 || transactions != 0)
    return;
  ++phase;
  pending = expected;
  released = std::move(collecting);
  collecting.clear();
}

void Mbarrier::arrive(uint32_t count, Clocks &clocks, unsigned agent) {
  clocks.release(agent, collecting);
  pending -= count;
  completePhase();
}

void Mbarrier::completeTransactions(uint32_t bytes, Clocks &clocks,
                                    unsigned agent) {
  clocks.release(agent, collecting);
  transactions -= int32_t(bytes);
  completePhase();
}

void Mbarrier::perform(Clocks &clocks) {
  // One of them may complete the phase that a later one belongs to.
  auto todo = std::move(operations);
  operations.clear();
  for (const auto &operation : todo)
    operation(clocks);
}

static std::string where(const Mbarrier &barrier) {
  return "mbarrier at 0x" + llvm::utohexstr(barrier.offset, true);
}

Mbarrier *attn::ptx::findMbarrier(Exec &e, Block &block, uint32_t offset,
                                  unsigned lane) {
  auto it = block.objects.find(offset);
  if (it != block.objects.end())
    return static_cast<Mbarrier *>(it->second.get());
  e.fault("no mbarrier was initialised at 0x" + llvm::utohexstr(offset, true) +
              " in " + e.describe(Space::Shared, offset),
          lane);
  return nullptr;
}

/// Finds the 8 bytes of an object.
static bool locateObject(Exec &e, Space space, uint64_t address, unsigned lane,
                         Exec::Location &at) {
  if (!e.locate(space, address, lane, 8, 8, Access::Atomic, at))
    return false;
  if (at.space == Space::Shared)
    return true;
  e.fault("an mbarrier must lie in shared memory, found the address 0x" +
              llvm::utohexstr(address, true) + " in " +
              e.describe(at.space, address),
          lane);
  return false;
}

Mbarrier *attn::ptx::findMbarrier(Exec &e, Space space, uint64_t address,
                                  unsigned lane) {
  Exec::Location at;
  if (!locateObject(e, space, address, lane, at) ||
      !e.enterBlock(*at.block, e.warp->agent, lane))
    return nullptr;
  return findMbarrier(e, *at.block, at.offset, lane);
}

bool attn::ptx::arriveMbarrier(Exec &e, Mbarrier &barrier, uint32_t count,
                               unsigned lane, bool releases) {
  if (count == 0 || count > Mbarrier::maxCount) {
    e.fault("arrival count " + Twine(count) + ", expected 1 to 2^20 - 1", lane);
    return false;
  }
  if (count > barrier.pending) {
    // Asynchronous arrivals of the phase before may not have been performed.
    barrier.perform(e.cluster->clocks);
    if (count > barrier.pending) {
      e.fault(Twine(count) + " arrivals at the " + where(barrier) +
                  ", whose phase has only " + Twine(barrier.pending) +
                  " pending of " + Twine(barrier.expected),
              lane);
      return false;
    }
  }
  barrier.arrive(count, e.cluster->clocks, e.warp->agent);
  e.noteChange();
  return true;
}

bool attn::ptx::expectTransactions(Exec &e, Mbarrier &barrier, uint32_t bytes,
                                   unsigned lane) {
  int64_t sum = int64_t(barrier.transactions) + bytes;
  if (sum > Mbarrier::maxCount) {
    e.fault("the " + where(barrier) + " expects " + Twine(sum) +
                " bytes in one phase, more than 2^20 - 1",
            lane);
    return false;
  }
  barrier.transactions = int32_t(sum);
  e.noteChange();
  return true;
}

//===----------------------------------------------------------------------===//
// mbarrier.init, .inval
//===----------------------------------------------------------------------===//

static Status execInit(Exec &e, const Inst &i) {
  Status status = Status::Next;
  forLanes(e.active, [&](unsigned lane) {
    if (status == Status::Fault)
      return;
    status = Status::Fault;
    Exec::Location at;
    uint64_t address = e.address(i.src(0), lane);
    if (!locateObject(e, i.space, address, lane, at))
      return;
    uint32_t count = e.value(i.src(1), lane);
    if (count == 0 || count > Mbarrier::maxCount) {
      e.fault("arrival count " + Twine(count) + ", expected 1 to 2^20 - 1",
              lane);
      return;
    }
    if (at.block->objects.count(at.offset)) {
      e.fault("the mbarrier at 0x" + llvm::utohexstr(at.offset, true) +
                  " is initialised already; mbarrier.inval comes first",
              lane);
      return;
    }
    // As a write of the opaque contents, so that a use that no barrier orders
    // after it is a race.
    uint64_t contents = 0;
    if (!e.store(i.space, address, lane, 8, 8, &contents))
      return;
    auto barrier = std::make_shared<Mbarrier>();
    barrier->offset = at.offset;
    barrier->expected = barrier->pending = count;
    at.block->objects[at.offset] = barrier;
    e.noteChange();
    status = Status::Next;
  });
  return status;
}

static Status execInvalidate(Exec &e, const Inst &i) {
  Status status = Status::Next;
  forLanes(e.active, [&](unsigned lane) {
    if (status == Status::Fault)
      return;
    Exec::Location at;
    if (!locateObject(e, i.space, e.address(i.src(0), lane), lane, at)) {
      status = Status::Fault;
      return;
    }
    Mbarrier *barrier = findMbarrier(e, *at.block, at.offset, lane);
    if (!barrier) {
      status = Status::Fault;
      return;
    }
    barrier->perform(e.cluster->clocks);
    at.block->objects.erase(at.offset);
    e.noteChange();
  });
  return status;
}

//===----------------------------------------------------------------------===//
// mbarrier.arrive, .arrive_drop, .expect_tx, .complete_tx
//===----------------------------------------------------------------------===//

namespace {
/// Inst::flags.
enum ArriveFlags : uint16_t {
  HasCount = 1,  // else one arrival
  Drops = 2,     // from the phases to come too
  ExpectsTx = 4, // the last source is a byte count
  Arrives = 8,
  CompletesTx = 16,
  NoComplete = 32,
};
} // namespace

/// What a state register holds: the phase and how many arrivals it awaited.
static uint64_t stateOf(const Mbarrier &barrier) {
  return uint64_t(barrier.phase) << 32 | barrier.pending;
}

/// An access to the object is ordered after its initialisation.
static bool touch(Exec &e, Space space, uint64_t address, unsigned lane) {
  uint64_t contents;
  return e.load(space, address, lane, 8, 8, &contents);
}

static Status execArrive(Exec &e, const Inst &i) {
  Status status = Status::Next;
  Clocks &clocks = e.cluster->clocks;
  forLanes(e.active, [&](unsigned lane) {
    if (status == Status::Fault)
      return;
    status = Status::Fault;
    uint64_t address = e.address(i.src(0), lane);
    Mbarrier *barrier = findMbarrier(e, i.space, address, lane);
    if (!barrier || !touch(e, i.space, address, lane))
      return;
    if (i.flags & CompletesTx) {
      barrier->completeTransactions(e.value(i.src(1), lane), clocks,
                                    e.warp->agent);
      e.noteChange();
      status = Status::Next;
      return;
    }
    if ((i.flags & ExpectsTx) &&
        !expectTransactions(e, *barrier, e.value(i.src(1), lane), lane))
      return;
    if (i.flags & Arrives) {
      uint32_t count = i.flags & HasCount ? e.value(i.src(1), lane) : 1;
      if ((i.flags & Drops) && count > barrier->expected) {
        e.fault(Twine(count) + " arrivals dropped of the " + where(*barrier) +
                    ", which expects " + Twine(barrier->expected),
                lane);
        return;
      }
      uint64_t state = stateOf(*barrier);
      uint32_t phase = barrier->phase;
      if (i.flags & Drops)
        barrier->expected -= count;
      if (!arriveMbarrier(e, *barrier, count, lane))
        return;
      if ((i.flags & NoComplete) && barrier->phase != phase) {
        e.fault("the arrival completes the phase of the " + where(*barrier) +
                    " despite .noComplete",
                lane);
        return;
      }
      if (i.numDsts)
        e.setValue(i.dst(0), lane, state);
    }
    status = Status::Next;
  });
  return status;
}

//===----------------------------------------------------------------------===//
// mbarrier.test_wait, .try_wait, .pending_count
//===----------------------------------------------------------------------===//

namespace {
enum WaitFlags : uint16_t { Parity = 1, Relaxed = 2 };
} // namespace

static Status execWait(Exec &e, const Inst &i) {
  uint32_t complete = 0;
  bool failed = false, isFault = false;
  Mbarrier *acquired = nullptr;
  forLanes(e.active, [&](unsigned lane) {
    if (isFault)
      return;
    uint64_t address = e.address(i.src(0), lane);
    Mbarrier *barrier = findMbarrier(e, i.space, address, lane);
    if (!barrier || !touch(e, i.space, address, lane)) {
      isFault = true;
      return;
    }
    if (!barrier->operations.empty())
      e.noteChange();
    barrier->perform(e.cluster->clocks);
    uint64_t operand = e.value(i.src(1), lane);
    bool done;
    if (i.flags & Parity) {
      // The ISA names 0 and 1; Triton passes -1 too, and the hardware takes
      // the lowest bit.
      done = barrier->hasCompleted(operand);
    } else {
      uint32_t phase = operand >> 32;
      if (phase != barrier->phase && phase + 1 != barrier->phase) {
        e.fault("the state is of phase " + Twine(phase) + " of the " +
                    where(*barrier) + ", which is in phase " +
                    Twine(barrier->phase) +
                    "; only that and the one before can be waited for",
                lane);
        isFault = true;
        return;
      }
      done = phase != barrier->phase;
    }
    if (done) {
      complete |= 1u << lane;
      // Most often all lanes wait for one barrier.
      if (!(i.flags & Relaxed) && barrier != acquired)
        e.cluster->clocks.acquire(e.warp->agent, barrier->released);
      acquired = barrier;
      return;
    }
    failed = true;
    e.path->waitReason =
        ("phase " + Twine(barrier->phase) + " of the " + where(*barrier) +
         " in " + e.describe(Space::Shared, barrier->offset) +
         ", which lacks " + Twine(barrier->pending) + " of " +
         Twine(barrier->expected) + " arrivals and " +
         Twine(barrier->transactions) + " bytes")
            .str();
  });
  if (isFault)
    return Status::Fault;
  if (i.numDsts)
    e.setPredicate(i.dst(0), complete);
  if (!failed)
    return Status::Next;
  ++e.counters->barrierWaits;
  e.path->polls = Exec::maxPolls;
  return Status::Yield;
}

static Status execPendingCount(Exec &e, const Inst &i) {
  forLanes(e.active, [&](unsigned lane) {
    e.setValue(i.dst(0), lane, uint32_t(e.value(i.src(0), lane)));
  });
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// .sem and .scope; whether the access is relaxed.
static bool takeSemantics(InstBuilder &b) {
  bool relaxed = b.take("relaxed");
  b.takeOneOf({"acquire", "release"});
  b.takeOneOf({"cta", "cluster"});
  return relaxed;
}

static bool decodeArrive(InstBuilder &b, uint16_t flags) {
  Inst &inst = b.inst;
  inst.flags = flags;
  if (b.take("expect_tx"))
    inst.flags |= ExpectsTx;
  if (b.take("noComplete"))
    inst.flags |= NoComplete;
  takeSemantics(b);
  inst.space = b.takeSpace();
  b.takeType({Type::B64});
  unsigned first = flags & Arrives ? 1 : 0; // the state
  if (!b.operands(first + 1, first + 2))
    return false;
  if (b.numOperands() == first + 2 && !(inst.flags & (ExpectsTx | CompletesTx)))
    inst.flags |= HasCount;
  if (b.numOperands() == first + 1 &&
      (inst.flags & (ExpectsTx | CompletesTx | NoComplete)))
    return b.fail("a count is missing");
  if (first && b.operand(0).kind != OperandSyntax::Sink && !b.dst(0, Type::B64))
    return false;
  if (!b.address(first, inst.space))
    return false;
  if (b.numOperands() == first + 2 && !b.src(first + 1, Type::U32))
    return false;
  return b.finish(execArrive);
}

static bool decodeMbarrier(InstBuilder &b) {
  Inst &inst = b.inst;
  if (b.take("init")) {
    inst.space = b.takeSpace();
    b.takeType({Type::B64});
    return b.operands(2) && b.address(0, inst.space) && b.src(1, Type::U32) &&
           b.finish(execInit);
  }
  if (b.take("inval")) {
    inst.space = b.takeSpace();
    b.takeType({Type::B64});
    return b.operands(1) && b.address(0, inst.space) &&
           b.finish(execInvalidate);
  }
  if (b.take("arrive"))
    return decodeArrive(b, Arrives);
  if (b.take("arrive_drop"))
    return decodeArrive(b, Arrives | Drops);
  if (b.take("expect_tx"))
    return decodeArrive(b, ExpectsTx);
  if (b.take("complete_tx"))
    return decodeArrive(b, CompletesTx);
  if (b.take("pending_count")) {
    b.takeType({Type::B64});
    return b.operands(2) && b.dst(0, Type::U32) && b.src(1, Type::B64) &&
           b.finish(execPendingCount);
  }
  if (b.take("test_wait") || b.take("try_wait")) {
    inst.flags = b.take("parity") ? Parity : 0;
    if (takeSemantics(b))
      inst.flags |= Relaxed;
    inst.space = b.takeSpace();
    b.takeType({Type::B64});
    // The suspend-time hint is of no use here.
    return b.operands(3, 4) && b.dst(0, Type::Pred) &&
           b.address(1, inst.space) &&
           b.src(2, inst.flags & Parity ? Type::U32 : Type::B64) &&
           b.finish(execWait);
  }
  return b.fail("unknown operation of mbarrier");
}

void attn::ptx::addMbarrierInstructions(OpcodeTable &table) {
  table["mbarrier"] = decodeMbarrier;
}
