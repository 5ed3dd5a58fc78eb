//===- Interpreter.cpp - Runs the warps of a cluster ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Interpreter.h"

#include "ptx/FunctionDecoder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace attn::ptx;

/// Instructions that a warp runs before another has its turn, so that a warp
/// that polls what another will write does not run for ever.
static constexpr uint64_t turnLength = 20000;

/// Rounds of all warps in which each only polls and nothing changes, after
/// which this is taken for a deadlock. Polls may count and give up.
static constexpr unsigned maxIdleRounds = 1000;

Interpreter::Interpreter(const Launch &launch)
    : launch(launch), program(*launch.program),
      counters(launch.program->code.size()) {
  cluster.launch = &launch;
  cluster.blocks.resize(launch.cluster.count());
  exec.launch = &launch;
  exec.cluster = &cluster;
  // Exec functions only read through this base.
  exec.bases[Operand::Constant] =
      const_cast<uint8_t *>(program.constantRows.data());
  exec.bases[Operand::None] = sink;
}

static Dim3 delinearise(uint64_t index, Dim3 shape) {
  return {uint32_t(index % shape.x), uint32_t(index / shape.x % shape.y),
          uint32_t(index / shape.x / shape.y)};
}

void Interpreter::start(uint64_t clusterIndex) {
  cluster.index = clusterIndex;
  cluster.steps = 0;
  cluster.clusterBarrier = Barrier();
  if (launch.options.seed)
    cluster.random.seed(*launch.options.seed * 0x9e3779b97f4a7c15u +
                        clusterIndex);
  uint64_t threads = launch.block.count();
  unsigned warpsPerBlock = (threads + warpSize - 1) / warpSize;
  unsigned numWarps = warpsPerBlock * cluster.blocks.size();
  // Each warp has a second agent where it is needed.
  unsigned numAsync = program.hasAsyncProxy ? numWarps : 0;
  cluster.clocks.reset(numWarps + numAsync, numWarps);

  Dim3 clusters = {launch.grid.x / launch.cluster.x,
                   launch.grid.y / launch.cluster.y,
                   launch.grid.z / launch.cluster.z};
  Dim3 clusterId = delinearise(clusterIndex, clusters);
  for (auto [rank, block] : llvm::enumerate(cluster.blocks)) {
    Dim3 inCluster = delinearise(rank, launch.cluster);
    block.cluster = &cluster;
    block.rank = rank;
    block.id = {clusterId.x * launch.cluster.x + inCluster.x,
                clusterId.y * launch.cluster.y + inCluster.y,
                clusterId.z * launch.cluster.z + inCluster.z};
    block.firstAgent = rank * warpsPerBlock;
    block.shared.reset(launch.sharedBytes, launch.sharedVariables,
                       cluster.clocks);
    block.objects.clear();
    std::fill(std::begin(block.barriers), std::end(block.barriers), Barrier());
    block.warps.resize(warpsPerBlock);
    for (auto [index, warp] : llvm::enumerate(block.warps)) {
      warp.start(launch, block, index, block.firstAgent + index);
      warp.asyncAgent = numWarps + warp.agent;
      setSpecialRegisters(block, warp);
    }
  }
}

void Interpreter::setSpecialRegisters(Block &block, Warp &warp) {
  warp.special.resize(specialBytes());
  using enum SpecialRegister;
  auto each = [&](SpecialRegister reg,
                  llvm::function_ref<uint32_t(uint32_t)> f) {
    auto *row = reinterpret_cast<uint32_t *>(&warp.special[specialRow(reg)]);
    for (uint32_t lane = 0; lane < warpSize; ++lane)
      row[lane] = f(lane);
  };
  auto all = [&](SpecialRegister reg, uint32_t value) {
    each(reg, [=](uint32_t) { return value; });
  };
  auto dims = [&](SpecialRegister x, Dim3 value) {
    all(x, value.x);
    all(SpecialRegister(unsigned(x) + 1), value.y);
    all(SpecialRegister(unsigned(x) + 2), value.z);
  };
  Dim3 shape = launch.block;
  uint32_t first = warp.index * warpSize;
  each(TidX, [&](uint32_t lane) { return delinearise(first + lane, shape).x; });
  each(TidY, [&](uint32_t lane) { return delinearise(first + lane, shape).y; });
  each(TidZ, [&](uint32_t lane) { return delinearise(first + lane, shape).z; });
  dims(NtidX, shape);
  dims(CtaidX, block.id);
  dims(NctaidX, launch.grid);
  each(LaneId, [](uint32_t lane) { return lane; });
  all(WarpId, warp.index);
  all(NWarpId, block.warps.size());
  // Blocks look as if they were dealt out to multiprocessors in turn.
  constexpr uint32_t multiprocessors = 108;
  uint64_t linear =
      block.id.x +
      launch.grid.x * (block.id.y + uint64_t(launch.grid.y) * block.id.z);
  all(SmId, linear % multiprocessors);
  all(NSmId, multiprocessors);
  each(LanemaskEq, [](uint32_t lane) { return 1u << lane; });
  each(LanemaskLe, [](uint32_t lane) { return (2u << lane) - 1; });
  each(LanemaskLt, [](uint32_t lane) { return (1u << lane) - 1; });
  each(LanemaskGe, [](uint32_t lane) { return ~0u << lane; });
  each(LanemaskGt,
       [](uint32_t lane) { return lane == 31 ? 0 : ~0u << (lane + 1); });
  Dim3 c = launch.cluster;
  dims(ClusteridX, {block.id.x / c.x, block.id.y / c.y, block.id.z / c.z});
  dims(NclusteridX,
       {launch.grid.x / c.x, launch.grid.y / c.y, launch.grid.z / c.z});
  dims(ClusterCtaidX, {block.id.x % c.x, block.id.y % c.y, block.id.z % c.z});
  dims(ClusterNctaidX, c);
  all(ClusterCtarank, block.rank);
  all(ClusterNctarank, c.count());
  all(IsExplicitCluster, launch.hasCluster);
  all(DynamicSmemSize, launch.dynamicShared);
  all(TotalSmemSize, launch.usedSharedBytes);
  all(AggrSmemSize, launch.usedSharedBytes);
}

void Interpreter::bind(Warp &warp) {
  Path &path = warp.path();
  const Frame &frame = path.frames.back();
  exec.warp = &warp;
  exec.path = &path;
  exec.block = warp.block;
  exec.frame = &frame;
  exec.bases[Operand::Register] = warp.registers.data() + frame.registers;
  exec.bases[Operand::Special] = warp.special.data();
  exec.defined = warp.defined.data() + frame.defined;
}

/// A register must have been written before its value is used.
bool Interpreter::checkSources(const Inst &inst, uint32_t lanes) {
  for (unsigned i = 0; i < inst.numSrcs; ++i) {
    const Operand &op = inst.src(i);
    if (op.base != Operand::Register)
      continue;
    uint32_t missing = lanes & ~exec.defined[op.reg];
    if (!missing || inst.copiesUndefined)
      continue;
    const Warp &warp = *exec.warp;
    auto pending = warp.pendingRegisters.find(exec.frame->defined + op.reg);
    llvm::StringRef name = exec.frame->function->registerNames[op.reg];
    if (pending != warp.pendingRegisters.end())
      exec.fault("use of register '" + name + "' before the " +
                     pending->second.instruction +
                     " that writes it was waited for",
                 llvm::countr_zero(missing));
    else
      exec.fault("use of uninitialised register '" + name + "'",
                 llvm::countr_zero(missing));
    return false;
  }
  return true;
}

/// The copy of a register that is still to be written is to be written too:
/// compilers move accumulators between one product and the next.
void Interpreter::copyPending(const Inst &inst) {
  auto &pending = exec.warp->pendingRegisters;
  for (unsigned i = 0; i < inst.numSrcs; ++i) {
    const Operand &from = inst.src(i);
    if (from.base != Operand::Register)
      continue;
    auto it = pending.find(exec.frame->defined + from.reg);
    if (it == pending.end())
      continue;
    PendingRegister copy = it->second;
    for (unsigned d = 0; d < inst.numDsts; ++d)
      if (inst.dst(d).base == Operand::Register)
        pending[exec.frame->defined + inst.dst(d).reg] = copy;
    return;
  }
}

void Interpreter::markDestinations(const Inst &inst) {
  for (unsigned i = 0; i < inst.numDsts; ++i)
    if (inst.dst(i).base == Operand::Register)
      exec.defined[inst.dst(i).reg] |= exec.active;
}

Interpreter::Turn Interpreter::runWarp(Warp &warp, uint64_t turn,
                                       bool &progress) {
  for (Path &path : warp.paths)
    path.waiting = false;
  bind(warp);
  for (uint64_t step = 0; step < turn; ++step) {
    Path &path = *exec.path;
    const Inst &inst = program.code[path.pc];
    exec.inst = &inst;
    uint32_t active = path.lanes;
    if (inst.hasGuard) {
      if (uint32_t missing = active & ~exec.defined[inst.guardReg]) {
        exec.active = active;
        exec.fault("use of uninitialised predicate '" +
                       exec.frame->function->registerNames[inst.guardReg] + "'",
                   llvm::countr_zero(missing));
        return Turn::Faulted;
      }
      uint32_t guard = *reinterpret_cast<uint32_t *>(
          exec.bases[Operand::Register] + inst.guardRow);
      active &= inst.guardNegated ? ~guard : guard;
    }
    exec.active = active;
    exec.counters = &counters[path.pc];
    if (++cluster.steps > launch.options.maxSteps) {
      exec.active = path.lanes;
      exec.fault("the step limit of " + llvm::Twine(launch.options.maxSteps) +
                 " warp instructions is exceeded; an endless loop?");
      return Turn::Faulted;
    }
    Status status = Status::Next;
    if (active) {
      if (!checkSources(inst, active))
        return Turn::Faulted;
      if (inst.aligned && active != warp.existing) {
        exec.faultDivergence();
        return Turn::Faulted;
      }
      if (inst.needsFullWarp && active != ~0u) {
        exec.fault("it needs all 32 threads of a warp, this one has " +
                   llvm::Twine(llvm::popcount(active)));
        return Turn::Faulted;
      }
      int traced = launch.options.trace ? trace(inst) : -1;
      if (stopped)
        return Turn::Stopped;
      status = inst.exec(exec, inst);
      if (traced >= 0)
        traceResults(inst, traced, status);
    }
    if (status == Status::Fault)
      return Turn::Faulted;
    if (status != Status::Wait) {
      ++exec.counters->issued;
      if (inst.flow != Flow::Next && inst.flags == countedBranch)
        ++exec.counters->branches;
      exec.counters->lanes += llvm::popcount(active);
      progress = true;
    }
    switch (status) {
    case Status::Next:
    case Status::Yield: {
      if (active && !inst.copiesUndefined)
        markDestinations(inst);
      else if (active && !warp.pendingRegisters.empty())
        copyPending(inst);
      if (!exec.joined.empty()) {
        for (int other : exec.joined)
          warp.moveTo(other, warp.paths[other].pc + 1);
        exec.joined.clear();
        warp.jump(warp.path().pc + 1);
        warp.compact();
        if (warp.done())
          return Turn::Finished;
        bind(warp);
        break;
      }
      uint32_t pc = path.pc + 1;
      path.waitToken = 0;
      if (pc == path.joinPc) {
        warp.jump(pc);
        warp.compact();
        if (warp.done())
          return Turn::Finished;
        bind(warp);
      } else {
        path.pc = pc;
      }
      if (status == Status::Yield) {
        exec.path->failedPoll = &inst;
        warp.current = (warp.current + 1) % warp.paths.size();
        return Turn::Polling;
      }
      break;
    }
    case Status::Jump:
      warp.compact();
      if (warp.done())
        return Turn::Finished;
      bind(warp);
      break;
    case Status::Wait: {
      path.waiting = true;
      auto *other =
          llvm::find_if(warp.paths, [](const Path &p) { return !p.waiting; });
      if (other == warp.paths.end())
        return Turn::Blocked;
      warp.current = other - warp.paths.begin();
      bind(warp);
      break;
    }
    default:
      return Turn::Faulted;
    }
  }
  // Lanes that poll give way to the others of their warp too.
  warp.current = (warp.current + 1) % warp.paths.size();
  return Turn::Preempted;
}

Interpreter::Result Interpreter::run(uint64_t clusterIndex) {
  start(clusterIndex);
  llvm::SmallVector<Warp *, 64> running;
  for (Block &block : cluster.blocks)
    for (Warp &warp : block.warps)
      running.push_back(&warp);
  bool isRandom = launch.options.seed.has_value();
  unsigned idleRounds = 0;
  while (!running.empty()) {
    bool progress = false, isIdle = true;
    uint32_t before = cluster.clocks.now();
    exec.wrote = false;
    if (isRandom)
      std::shuffle(running.begin(), running.end(), cluster.random);
    for (Warp *&warp : running) {
      uint64_t turn = isRandom ? 1 + cluster.random() % 64 : turnLength;
      switch (runWarp(*warp, turn, progress)) {
      case Turn::Finished:
        warp = nullptr;
        isIdle = false;
        break;
      case Turn::Faulted:
        faultLine = exec.inst->line;
        return Faulted;
      case Turn::Stopped:
        return Stopped;
      case Turn::Preempted:
        isIdle = false;
        break;
      case Turn::Blocked:
      case Turn::Polling:
        break;
      }
    }
    llvm::erase(running, nullptr);
    isIdle = isIdle && cluster.clocks.now() == before && !exec.wrote;
    idleRounds = isIdle ? idleRounds + 1 : 0;
    if (!running.empty() && (!progress || idleRounds > maxIdleRounds))
      return deadlock();
  }
  return Finished;
}

/// No warp can go on: says what the first one waits for.
Interpreter::Result Interpreter::deadlock() {
  for (Block &block : cluster.blocks)
    for (Warp &warp : block.warps) {
      if (warp.done())
        continue;
      bind(warp);
      exec.inst = exec.path->waiting || !exec.path->failedPoll
                      ? &program.code[exec.path->pc]
                      : exec.path->failedPoll;
      exec.active = exec.path->lanes;
      exec.fault("deadlock: no warp can go on; this one waits for " +
                 exec.path->waitReason);
      faultLine = exec.inst->line;
      return Faulted;
    }
  return Faulted;
}

static void printOperand(llvm::raw_ostream &os, const Exec &e,
                         const Operand &op, unsigned lane) {
  if (op.base == Operand::Register)
    os << e.frame->function->registerNames[op.reg] << "=";
  if (op.base == Operand::Register && !(e.defined[op.reg] >> lane & 1))
    os << "undefined";
  else if (op.bytes == 0)
    os << (*e.row<uint32_t>(op) >> lane & 1);
  else
    os << "0x" << llvm::utohexstr(e.value(op, lane), true);
  if (op.offset)
    os << (op.offset > 0 ? "+" : "") << op.offset;
}

/// Prints the instruction and its sources if the traced thread executes it;
/// returns the thread's lane, else -1. Sets `stopped` at the line to stop at.
int Interpreter::trace(const Inst &inst) {
  const TraceOptions &options = *launch.options.trace;
  Dim3 shape = launch.block;
  uint64_t linear =
      options.thread.x +
      shape.x * (options.thread.y + uint64_t(shape.y) * options.thread.z);
  unsigned lane = linear % warpSize;
  if (!(options.block == exec.block->id) ||
      linear / warpSize != exec.warp->index || !(exec.active >> lane & 1))
    return -1;
  stopped = options.stopLine && *options.stopLine == inst.line;
  if (!options.stream)
    return -1;
  llvm::raw_ostream &os = *options.stream;
  os << program.file << ":" << inst.line << ": " << inst.text;
  for (unsigned i = 0; i < inst.numSrcs; ++i) {
    os << (i ? ", " : "  ");
    printOperand(os, exec, inst.src(i), lane);
  }
  if (stopped)
    os << "\n";
  return lane;
}

/// Completes the line: a jump has moved the path, its frame is not at hand.
void Interpreter::traceResults(const Inst &inst, unsigned lane, Status status) {
  llvm::raw_ostream &os = *launch.options.trace->stream;
  if (status == Status::Wait)
    os << "  (waits)";
  if (status == Status::Next || status == Status::Yield) {
    if (!inst.copiesUndefined)
      markDestinations(inst);
    for (unsigned i = 0; i < inst.numDsts; ++i) {
      os << (i ? ", " : "  -> ");
      if (inst.dst(i).base == Operand::None)
        os << "_";
      else
        printOperand(os, exec, inst.dst(i), lane);
    }
  }
  os << "\n";
}
