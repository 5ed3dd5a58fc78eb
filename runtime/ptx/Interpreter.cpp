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

using namespace attn::ptx;

/// Instructions that a warp runs before another has its turn, so that a warp
/// that polls what another will write does not run for ever.
static constexpr uint64_t turnLength = 20000;

/// Polls in a row after which lanes of the same warp that wait at a join go on,
/// though other warps do not stand still.
static constexpr unsigned pollsBeforeRelease = 1024;

/// Without LaunchOptions::maxSteps: warp instructions of a cluster without a
/// change of memory, and in all. Half a minute and minutes of the host's time;
/// most endless loops are found by a state that returns.
static constexpr uint64_t maxStepsWithoutChange = uint64_t(1) << 30;
static constexpr uint64_t maxStepsInAll = uint64_t(1) << 32;

Interpreter::Interpreter(const Launch &launch)
    : launch(launch), program(*launch.program),
      counters(launch.program->code.size()) {
  exec.launch = &launch;
  // Exec functions only read through this base.
  exec.bases[Operand::Constant] =
      const_cast<uint8_t *>(program.constantRows.data());
  exec.bases[Operand::None] = sink;
}

static Dim3 delinearise(uint64_t index, Dim3 shape) {
  return {uint32_t(index % shape.x), uint32_t(index / shape.x % shape.y),
          uint32_t(index / shape.x / shape.y)};
}

void Interpreter::recycle(Cluster &cluster) { unused.push_back(&cluster); }

Cluster &Interpreter::begin(uint64_t clusterIndex) {
  if (unused.empty()) {
    clusters.push_back(std::make_unique<Cluster>());
    clusters.back()->launch = &launch;
    clusters.back()->blocks.resize(launch.cluster.count());
    unused.push_back(clusters.back().get());
  }
  Cluster &cluster = *unused.back();
  unused.pop_back();
  cluster.index = clusterIndex;
  cluster.steps = 0;
  cluster.stepLimit = launch.options.maxSteps.value_or(maxStepsWithoutChange);
  cluster.cycle = StateCycle();
  cluster.running.clear();
  cluster.clusterBarrier = ClusterBarrier();
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
    block.remoteAccesses.clear();
    std::fill(std::begin(block.barriers), std::end(block.barriers), Barrier());
    block.warps.resize(warpsPerBlock);
    for (auto [index, warp] : llvm::enumerate(block.warps)) {
      warp.start(launch, block, index, block.firstAgent + index);
      warp.asyncAgent = numWarps + warp.agent;
      setSpecialRegisters(block, warp);
      cluster.running.push_back(&warp);
    }
  }
  return cluster;
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
  uint32_t multiprocessors = chipLimits(program.target).multiprocessors;
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
  all(ReservedEnd, reservedSharedBytes);
  all(ReservedSecond, reservedSharedBytes / 2);
  all(EnvReg1, launch.workspace >> 32);
  all(EnvReg2, launch.workspace);
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
  exec.undefined = 0;
  exec.undefinedResults.clear();
  bool movesUndefined = false;
  for (unsigned i = 0; i < inst.numSrcs; ++i) {
    const Operand &op = inst.src(i);
    if (op.base != Operand::Register)
      continue;
    uint32_t missing = lanes & ~exec.defined[op.reg];
    if (i == inst.partialSource)
      missing &= inst.partialLanes;
    if (!missing)
      continue;
    const Warp &warp = *exec.warp;
    auto pending = warp.pendingRegisters.find(exec.frame->defined + op.reg);
    bool isPending = pending != warp.pendingRegisters.end();
    movesUndefined |= inst.movedSources && !isPending;
    if (inst.copiesUndefined)
      continue;
    if (isPending) {
      exec.fault("use of register '" +
                     exec.frame->function->registerNames[op.reg] +
                     "' before the " + pending->second.instruction +
                     " that writes it was waited for",
                 llvm::countr_zero(missing));
      return false;
    }
    if (inst.propagatesUndefined) {
      exec.undefined |= missing;
      continue;
    }
    // The first source is the address.
    if (inst.storesUndefined && i > 0)
      continue;
    exec.faultUndefined(op.reg, missing);
    return false;
  }
  if (movesUndefined)
    exec.findUndefinedResults();
  else if (exec.undefined && inst.packedBits)
    exec.findUndefinedElements();
  return true;
}

/// What is known of undefined sources holds of the results too: that they are
/// to be written yet (compilers move accumulators between one product and the
/// next), or where they come from.
void Interpreter::copyReasons(const Inst &inst) {
  Warp &warp = *exec.warp;
  auto setForDestinations = [&](auto &map, const auto &reason) {
    for (unsigned d = 0; d < inst.numDsts; ++d)
      if (inst.dst(d).base == Operand::Register)
        map[exec.frame->defined + inst.dst(d).reg] = reason;
  };
  auto eraseForDestinations = [&] {
    for (unsigned d = 0; d < inst.numDsts; ++d)
      if (inst.dst(d).base == Operand::Register)
        warp.undefinedOrigins.erase(exec.frame->defined + inst.dst(d).reg);
  };
  for (unsigned i = 0; i < inst.numSrcs; ++i) {
    const Operand &from = inst.src(i);
    if (from.base != Operand::Register)
      continue;
    uint32_t reg = exec.frame->defined + from.reg;
    auto pending = warp.pendingRegisters.find(reg);
    if (pending != warp.pendingRegisters.end()) {
      PendingRegister copy = pending->second;
      setForDestinations(warp.pendingRegisters, copy);
      return;
    }
    if (!(exec.active & ~exec.defined[from.reg]))
      continue;
    auto origin = warp.undefinedOrigins.find(reg);
    UndefinedOrigin copy =
        origin != warp.undefinedOrigins.end()
            ? origin->second
            : UndefinedOrigin{
                  {&inst, exec.frame->function->registerNames[from.reg]}};
    copy.isCopy &= inst.copiesUndefined || inst.movedSources;
    if (origin != warp.undefinedOrigins.end() || exec.undefined)
      setForDestinations(warp.undefinedOrigins, copy);
    else
      eraseForDestinations();
    return;
  }
}

void Interpreter::synchroniseLanes() {
  Warp &warp = *exec.warp;
  if (!warp.touchedShared)
    return;
  Clocks &clocks = exec.cluster->clocks;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (exec.active >> lane & 1)
      warp.synced[lane] = clocks.now();
  clocks.tick();
  warp.touchedShared = exec.active != warp.existing;
}

void Interpreter::markDestinations(const Inst &inst) {
  for (unsigned i = 0; i < inst.numDsts; ++i)
    if (inst.dst(i).base == Operand::Register) {
      uint32_t &defined = exec.defined[inst.dst(i).reg];
      defined = (defined | exec.active) & ~exec.undefined;
      exec.forgetBits(inst.dst(i).reg, exec.undefined);
    }
}

Interpreter::Turn Interpreter::runWarp(Warp &warp, uint64_t turn,
                                       bool &progress) {
  for (Path &path : warp.paths)
    path.waiting = false;
  bind(warp);
  Cluster &cluster = *exec.cluster;
  for (uint64_t step = 0; step < turn; ++step) {
    Path &path = *exec.path;
    const Inst &inst = program.code[path.pc];
    exec.inst = &inst;
    uint32_t active = path.lanes;
    if (inst.hasGuard) {
      if (uint32_t missing = active & ~exec.defined[inst.guardReg]) {
        exec.active = active;
        exec.faultUndefined(inst.guardReg, missing, "predicate");
        return Turn::Faulted;
      }
      uint32_t guard = *reinterpret_cast<uint32_t *>(
          exec.bases[Operand::Register] + inst.guardRow);
      active &= inst.guardNegated ? ~guard : guard;
    }
    exec.active = active;
    exec.counters = &counters[path.pc];
    if (++cluster.steps > cluster.stepLimit && !mayContinue(cluster))
      return Turn::Faulted;
    Status status = Status::Next;
    if (active) {
      if (!checkSources(inst, active))
        return Turn::Faulted;
      if (inst.aligned && active != warp.existing) {
        // Lanes that did not wait at a join may still come.
        if (!warp.released)
          return exec.faultDivergence(), Turn::Faulted;
        if (!exec.converge(warp.existing))
          status = Status::Wait;
        else if (exec.active != warp.existing)
          return exec.faultDivergence(), Turn::Faulted;
        active = exec.active;
      }
      if (inst.needsFullWarp && active != ~0u && status == Status::Next) {
        exec.fault("it needs all 32 threads of a warp, this one has " +
                   llvm::Twine(llvm::popcount(active)));
        return Turn::Faulted;
      }
      if (inst.synchronisesLanes && inst.aligned && status == Status::Next)
        synchroniseLanes();
      int traced = launch.options.trace ? trace(inst) : -1;
      if (stopped)
        return Turn::Stopped;
      if (status == Status::Next)
        status = inst.exec(exec, inst);
      if (traced >= 0)
        traceResults(inst, traced, status);
    }
    if (status == Status::Fault)
      return Turn::Faulted;
    if (status == Status::Next && active && inst.synchronisesLanes)
      synchroniseLanes();
    if (status != Status::Wait) {
      ++exec.counters->issued;
      if (inst.flow != Flow::Next && inst.flags == countedBranch)
        ++exec.counters->branches;
      exec.counters->lanes += llvm::popcount(active);
      progress = true;
    }
    switch (status) {
    case Status::Next:
    case Status::Yield:
    case Status::Sleep: {
      if (active) {
        bool copies = inst.copiesUndefined && !(warp.pendingRegisters.empty() &&
                                                warp.undefinedOrigins.empty());
        if (copies || exec.undefined)
          copyReasons(inst);
        if (!inst.copiesUndefined)
          markDestinations(inst);
        if (!exec.undefinedResults.empty())
          exec.applyUndefinedResults();
      }
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
      if (status != Status::Next) {
        if (status == Status::Yield) {
          exec.path->failedPoll = &inst;
          ++exec.path->fruitlessPolls;
        }
        if (exec.path->polls >= pollsBeforeRelease)
          warp.releaseJoins();
        warp.current = (warp.current + 1) % warp.paths.size();
        return Turn::Paused;
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
      // They execute it together, whichever is asked next.
      for (int other : exec.joined) {
        warp.paths[other].waitToken = path.waitToken;
        warp.paths[other].waitToken2 = path.waitToken2;
      }
      exec.joined.clear();
      --step; // only what is done takes time
      auto *other =
          llvm::find_if(warp.paths, [](const Path &p) { return !p.waiting; });
      if (other == warp.paths.end())
        return Turn::Paused;
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
  return Turn::Paused;
}

/// At the step limit: whether the cluster got anywhere since.
bool Interpreter::mayContinue(Cluster &cluster) {
  std::string what;
  if (launch.options.maxSteps)
    what = "the step limit of " + std::to_string(*launch.options.maxSteps) +
           " warp instructions is exceeded";
  else if (cluster.steps > maxStepsInAll)
    what = std::to_string(maxStepsInAll) + " warp instructions were executed";
  else if (!exec.changed)
    what = "no memory has changed in " + std::to_string(maxStepsWithoutChange) +
           " warp instructions";
  if (!what.empty()) {
    exec.active = exec.path->lanes;
    exec.fault(what + "; an endless loop? --max-steps=N allows N");
    return false;
  }
  cluster.stepLimit =
      std::min(cluster.steps + maxStepsWithoutChange, maxStepsInAll);
  return true;
}

void Interpreter::bind(Cluster &cluster) { exec.cluster = &cluster; }

Interpreter::Result Interpreter::run(Cluster &cluster) {
  bind(cluster);
  madeChange = spins = false;
  llvm::SmallVectorImpl<Warp *> &running = cluster.running;
  bool isRandom = launch.options.seed.has_value();
  while (true) {
    bool progress = false;
    exec.changed = false;
    if (isRandom)
      std::shuffle(running.begin(), running.end(), cluster.random);
    for (Warp *&warp : running) {
      uint64_t turn = isRandom ? 1 + cluster.random() % 64 : turnLength;
      switch (runWarp(*warp, turn, progress)) {
      case Turn::Finished:
        warp = nullptr;
        exec.changed = true;
        if (exec.leaveBlock())
          break;
        faultLine = exec.inst->line;
        return Faulted;
      case Turn::Faulted:
        faultLine = exec.inst->line;
        return Faulted;
      case Turn::Stopped:
        return Stopped;
      case Turn::Paused:
        break;
      }
    }
    llvm::erase(running, nullptr);
    if (running.empty())
      return Finished;
    if (exec.changed) {
      madeChange = true;
      cluster.cycle = StateCycle();
      forgetPolls(cluster);
      if (!launch.options.maxSteps)
        cluster.stepLimit =
            std::min(cluster.steps + maxStepsWithoutChange, maxStepsInAll);
      continue;
    }
    bool isIdle =
        llvm::all_of(running, [](Warp *warp) { return warp->isIdle(); });
    spins = onlyPolls(cluster);
    bool isEndless = progress && !isIdle && !spins;
    if (isEndless && !returnsToState(cluster))
      continue;
    bool released = false;
    for (Warp *warp : running)
      released |= warp->releaseJoins();
    if (released) {
      forgetPolls(cluster);
      cluster.cycle = StateCycle();
      continue;
    }
    if (isEndless)
      return endlessLoop(cluster);
    return progress ? Waiting : deadlock(cluster, "no warp can go on");
  }
}
