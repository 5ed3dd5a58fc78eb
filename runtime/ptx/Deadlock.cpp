//===- Deadlock.cpp - Clusters that will never go on ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Interpreter.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"

using namespace attn::ptx;

void Interpreter::forgetPolls(Cluster &cluster) {
  for (Warp *warp : cluster.running)
    for (Path &path : warp->paths)
      path.fruitlessPolls = 0;
}

bool Interpreter::onlyPolls(const Cluster &cluster) const {
  uint32_t limit = launch.options.maxPolls;
  return llvm::all_of(cluster.running, [=](const Warp *warp) {
    return llvm::all_of(warp->paths, [=](const Path &path) {
      return path.waiting || path.fruitlessPolls >= limit;
    });
  });
}

/// After a round in which no memory changed: whether the cluster comes back to
/// a state that it was in, and so for ever.
bool Interpreter::returnsToState(Cluster &cluster) {
  // Those that poll come to be idle, or spin. A random schedule may have left a
  // path of a warp out.
  bool isRandom = launch.options.seed.has_value();
  for (const Warp *warp : cluster.running)
    if ((isRandom && warp->paths.size() > 1) ||
        llvm::any_of(warp->paths, [](const Path &path) {
          return !path.waiting && path.polls > 0;
        }))
      return false;
  return cluster.cycle.observe(hashState(cluster));
}

Interpreter::Result Interpreter::endlessLoop(Cluster &cluster) {
  Warp &warp = *cluster.running.front();
  bind(warp);
  exec.inst = &program.code[exec.path->pc];
  exec.active = exec.path->lanes;
  faultLine = exec.inst->line;
  exec.fault("endless loop: the threads come back to a state that they were in "
             "while no memory changed");
  return Faulted;
}

uint64_t Interpreter::hashState(const Cluster &cluster) {
  uint64_t hash = 0;
  auto add = [&](const auto &vector) {
    llvm::ArrayRef<uint8_t> bytes(
        reinterpret_cast<const uint8_t *>(vector.data()),
        vector.size() * sizeof(vector[0]));
    hash = llvm::hash_combine(hash, llvm::xxh3_64bits(bytes));
  };
  for (const Warp *warp : cluster.running) {
    hash = llvm::hash_combine(hash, warp->current, warp->carry);
    for (const Path &path : warp->paths) {
      hash = llvm::hash_combine(hash, path.pc, path.lanes, path.waiting,
                                path.frames.size());
      for (const Frame &frame : path.frames)
        hash = llvm::hash_combine(hash, frame.returnTo);
    }
    add(warp->registers);
    add(warp->defined);
    for (unsigned lane = 0; lane < warpSize; ++lane)
      for (const ThreadMemory *memory :
           {&warp->local[lane], &warp->param[lane]})
        if (!memory->data.empty())
          add(memory->data);
  }
  return hash;
}

Interpreter::Result Interpreter::deadlock(Cluster &cluster,
                                          const llvm::Twine &why) {
  bind(cluster);
  auto select = [&](Warp &warp, Path &path) {
    warp.current = &path - warp.paths.data();
    bind(warp);
    exec.inst = path.waiting || !path.failedPoll ? &program.code[path.pc]
                                                 : path.failedPoll;
    exec.active = path.lanes;
    faultLine = exec.inst->line;
  };
  // Lanes that never come to an .aligned instruction are the clearer message.
  for (Warp *warp : cluster.running) {
    if (llvm::any_of(warp->paths, [](Path &path) { return !path.waiting; }))
      continue;
    for (Path &path : warp->paths)
      if (program.code[path.pc].aligned && path.lanes != warp->existing &&
          !path.waitToken) {
        select(*warp, path);
        exec.faultDivergence();
        return Faulted;
      }
  }
  // The path furthest behind is the one that others wait for, if any is.
  Warp &first = *cluster.running.front();
  select(first, *llvm::min_element(
                    first.paths, [](auto &a, auto &b) { return a.pc < b.pc; }));
  exec.fault("deadlock: " + why + "; this one waits for " +
             exec.path->waitReason);
  return Faulted;
}
