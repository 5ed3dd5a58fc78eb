//===- Warp.cpp - Divergence and reconvergence of a warp ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attn::ptx;

bool Block::hasLeft() const {
  return llvm::all_of(warps, [](const Warp &warp) { return warp.done(); });
}

void Warp::start(const Launch &launch, Block &inBlock, unsigned newIndex,
                 unsigned newAgent) {
  block = &inBlock;
  index = newIndex;
  agent = newAgent;
  uint64_t threads = launch.block.count();
  unsigned count =
      std::min<uint64_t>(warpSize, threads - uint64_t(index) * warpSize);
  existing = alive = count == warpSize ? ~0u : (1u << count) - 1;
  paths.clear();
  joins.clear();
  current = 0;
  copies.clear();
  pendingRegisters.clear();
  undefinedOrigins.clear();
  undefinedBits.clear();
  placements.clear();
  std::fill(std::begin(bulkGroups), std::end(bulkGroups), BulkGroups());
  matrixGroups = MatrixGroups();
  clusterArrived = 0;
  std::fill(std::begin(clusterPhase), std::end(clusterPhase), 0);
  std::fill(std::begin(committedGroups), std::end(committedGroups), 0);
  copiesIssued = 0;
  carry = 0;
  released = touchedShared = false;
  std::fill(std::begin(synced), std::end(synced), block->cluster->clocks.now());
  Path path;
  path.pc = launch.kernel->begin;
  path.lanes = alive;
  Frame frame;
  frame.function = launch.kernel;
  frame.localTop = launch.kernel->localBytes;
  path.frames.push_back(frame);
  paths.push_back(std::move(path));
  enterFrame(frame, alive);
}

uint32_t Warp::placeRegisters(const Frame &caller, const Function &callee) {
  uint32_t top = caller.registers + caller.function->registerBytes;
  if (paths.size() == 1 && !released)
    return top;
  // Lanes that call it from the same frame, one after the other, may meet in
  // it: they find it at the same place.
  std::pair<uint32_t, const Function *> key = {caller.registers, &callee};
  auto found = placements.find(key);
  uint32_t place = found != placements.end() ? found->second : top;
  auto avoid = [&](uint32_t begin, const Function &function) {
    uint32_t end = begin + function.registerBytes;
    bool isSame = begin == place && &function == &callee;
    if (!isSame && begin < place + callee.registerBytes && place < end)
      place = end;
  };
  // Moved past one, it may meet another.
  for (uint32_t before = ~0u; before != place;) {
    before = place;
    for (const Path &other : paths)
      if (other.lanes)
        for (const Frame &frame : other.frames)
          avoid(frame.registers, *frame.function);
    for (const Join &join : joins)
      if (join.used && join.arrived)
        for (const Frame &frame : join.frames)
          avoid(frame.registers, *frame.function);
    for (const auto &[other, begin] : placements)
      if (other != key)
        avoid(begin, *other.second);
  }
  return placements[key] = place;
}

void Warp::enterFrame(const Frame &frame, uint32_t lanes) {
  const Function &function = *frame.function;
  size_t rowsEnd = size_t(frame.registers) + function.registerBytes;
  if (registers.size() < rowsEnd)
    registers.resize(rowsEnd);
  size_t masksEnd = size_t(frame.defined) + function.numRegisters;
  if (defined.size() < masksEnd)
    defined.resize(masksEnd);
  for (size_t i = frame.defined; i < masksEnd; ++i)
    defined[i] &= ~lanes;
  if (!undefinedOrigins.empty() || !undefinedBits.empty())
    for (size_t i = frame.defined; i < masksEnd; ++i) {
      undefinedOrigins.erase(i);
      undefinedBits.erase(i);
    }
  if (function.localBytes)
    forLanes(lanes, [&](unsigned lane) {
      ThreadMemory &memory = local[lane];
      memory.grow(frame.local + function.localBytes);
      memory.clear(frame.local, function.localBytes);
      for (const Variable &v : function.locals)
        memory.declare(frame.local + v.address, v.size);
    });
  if (function.paramBytes)
    forLanes(lanes, [&](unsigned lane) {
      ThreadMemory &memory = param[lane];
      memory.grow(frame.param + function.paramBytes);
      memory.clear(frame.param, function.paramBytes);
      for (const Variable &v : function.frameParams)
        memory.declare(frame.param + v.address, v.size);
      if (!function.isEntry)
        for (const auto *list : {&function.params, &function.results})
          for (const Parameter &p : *list)
            memory.declare(frame.param + p.offset, p.size);
    });
}

int Warp::newJoin() {
  for (unsigned i = 0; i < joins.size(); ++i)
    if (!joins[i].used)
      return i;
  joins.emplace_back();
  return joins.size() - 1;
}

/// All lanes that are left have arrived: they go on as one path. `from` has
/// the frames they share.
void Warp::complete(int number, const Path &from) {
  Join &join = joins[number];
  join.used = false;
  Path path;
  path.lanes = join.lanes;
  path.join = join.parent;
  path.joinPc = join.parent < 0 ? ~0u : joins[join.parent].pc;
  path.frames = from.frames;
  // In a loop that polls.
  path.failedPoll = from.failedPoll;
  path.fruitlessPolls = from.fruitlessPolls;
  path.waitReason = from.waitReason;
  uint32_t pc = join.pc;
  paths.push_back(std::move(path));
  moveTo(paths.size() - 1, pc);
}

void Warp::arrive(int number, uint32_t lanes, const Path &from) {
  Join &join = joins[number];
  if (join.ends) {
    leave(lanes, from);
    return;
  }
  if (!join.arrived)
    join.frames = from.frames;
  join.arrived |= lanes;
  if (join.arrived == join.lanes)
    complete(number, from);
}

void Warp::moveTo(int number, uint32_t pc) {
  Path &path = paths[number];
  path.pc = pc;
  path.waiting = path.apart = false;
  path.waitToken = 0;
  if (pc != path.joinPc)
    return;
  uint32_t lanes = path.lanes;
  path.lanes = 0;
  // The copy outlives the growth of `paths`.
  Path from = path;
  arrive(path.join, lanes, from);
}

void Warp::diverge(llvm::ArrayRef<Split> splits, uint32_t reconverge) {
  // A loop's exit joins the same point round after round.
  int number = path().join;
  if (number < 0 || path().joinPc != reconverge) {
    number = newJoin();
    Join join;
    join.pc = reconverge;
    join.lanes = path().lanes;
    join.parent = path().join;
    join.used = true;
    const Program &program = *block->cluster->launch->program;
    join.ends =
        path().frames.size() == 1 && program.code[reconverge].endsThread;
    joins[number] = join;
  }
  Path parent = path();
  parent.lanes = 0;
  parent.join = number;
  parent.joinPc = reconverge;
  parent.waiting = false;
  parent.waitToken = 0;
  path().lanes = 0;
  for (const Split &split : splits) {
    if (split.pc == reconverge) {
      arrive(number, split.lanes, parent);
      continue;
    }
    Path child = parent;
    child.lanes = split.lanes;
    child.pc = split.pc;
    paths.push_back(std::move(child));
  }
}

void Warp::divergeAtPlace(uint32_t lanes, uint32_t reconverge) {
  uint32_t pc = path().pc;
  size_t first = paths.size();
  diverge({{lanes, pc}, {path().lanes & ~lanes, pc}}, reconverge);
  for (Path &path : llvm::MutableArrayRef(paths).drop_front(first))
    path.apart = true;
}

bool Warp::releaseJoins() {
  bool any = false;
  for (unsigned number = 0; number < joins.size(); ++number) {
    Join &join = joins[number];
    if (!join.used || !join.arrived)
      continue;
    Path path;
    path.lanes = join.arrived;
    path.join = join.parent;
    path.joinPc = join.parent < 0 ? ~0u : joins[join.parent].pc;
    path.frames = join.frames;
    join.lanes &= ~join.arrived;
    join.arrived = 0;
    paths.push_back(std::move(path));
    moveTo(paths.size() - 1, join.pc);
    any = true;
  }
  if (any) {
    released = true;
    compact();
  }
  return any;
}

bool Warp::isIdle() const {
  return llvm::all_of(paths, [](const Path &path) {
    return path.waiting || path.polls >= Exec::maxPolls;
  });
}

void Warp::exitLanes(uint32_t leaving) {
  path().lanes &= ~leaving;
  Path from = path();
  leave(leaving, from);
}

/// Lanes of the path `from`, which may have others left, end.
void Warp::leave(uint32_t leaving, const Path &from) {
  alive &= ~leaving;
  // Outer joins first lose the lanes; the innermost may thereby be complete.
  for (int j = from.join; j >= 0; j = joins[j].parent)
    joins[j].lanes &= ~leaving;
  // Frames that callers' joins belong to hold the same lanes.
  for (const Frame &frame : from.frames)
    for (int j = frame.callerJoin; j >= 0; j = joins[j].parent)
      joins[j].lanes &= ~leaving;
  if (from.lanes)
    return;
  Path outer = from;
  int j = from.join;
  while (true) {
    if (j < 0) {
      // The join of the call that led here, if there is one.
      if (outer.frames.size() <= 1)
        return;
      j = outer.frames.pop_back_val().callerJoin;
      continue;
    }
    Join &join = joins[j];
    if (join.lanes) {
      if (join.arrived == join.lanes)
        complete(j, outer);
      return;
    }
    join.used = false;
    j = join.parent;
  }
}

/// Lanes that left a join one after the other meet again where they come to
/// the same place.
bool Warp::merge() {
  bool any = false;
  for (unsigned i = 0; i < paths.size(); ++i)
    for (unsigned j = i + 1; j < paths.size(); ++j) {
      Path &a = paths[i], &b = paths[j];
      if (a.pc != b.pc || a.join != b.join || !a.lanes || !b.lanes ||
          a.waiting || b.waiting || a.apart || b.apart || a.waitToken ||
          b.waitToken || a.frames != b.frames)
        continue;
      a.lanes |= b.lanes;
      a.polls = std::min(a.polls, b.polls);
      a.fruitlessPolls = std::min(a.fruitlessPolls, b.fruitlessPolls);
      b.lanes = 0;
      any = true;
    }
  return any;
}

void Warp::compact() {
  if (paths.size() == 1 && paths[0].lanes) {
    current = 0;
    return;
  }
  bool changed = merge();
  for (unsigned i = 0; i < paths.size();) {
    if (paths[i].lanes) {
      ++i;
      continue;
    }
    paths.erase(paths.begin() + i);
    changed = true;
  }
  if (!changed && unsigned(current) < paths.size())
    return;
  current = 0;
  for (unsigned i = 1; i < paths.size(); ++i)
    if (paths[i].waiting < paths[current].waiting ||
        (paths[i].waiting == paths[current].waiting &&
         paths[i].pc < paths[current].pc))
      current = i;
}
