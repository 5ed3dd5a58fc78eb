//===- ControlFlow.cpp - Reconvergence points of branches -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A divergent branch reconverges at its immediate post-dominator, found with
// the algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance
// Algorithm", 2001) on the reversed graph. Paths that end the thread do not
// count: the lanes that go on meet where they would without them.
//
//===----------------------------------------------------------------------===//

#include "ptx/FunctionDecoder.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;

namespace {
struct Graph {
  std::vector<uint32_t> leaders; // first instruction of each block
  std::vector<llvm::SmallVector<uint32_t, 2>> successors, predecessors;
};
} // namespace

/// The instructions that may follow one, besides falling through.
static void forTargets(const Inst &inst, llvm::function_ref<void(uint32_t)> f) {
  if (inst.flow == Flow::Branch)
    f(inst.target);
  if (inst.flow == Flow::Switch) {
    const auto *table = static_cast<const BranchTable *>(inst.extra);
    for (uint32_t i = 0; i < table->count; ++i)
      f(table->targets[i]);
  }
}

static bool fallsThrough(const Inst &inst) {
  return inst.flow == Flow::Next || inst.hasGuard;
}

static Graph buildGraph(const Program &program, const Function &function) {
  Graph graph;
  std::vector<bool> leads(function.end - function.begin);
  leads[0] = leads.back() = true; // the return is a block of its own
  for (uint32_t i = function.begin; i < function.end; ++i) {
    const Inst &inst = program.code[i];
    forTargets(inst,
               [&](uint32_t target) { leads[target - function.begin] = true; });
    if (inst.flow != Flow::Next && i + 1 < function.end)
      leads[i + 1 - function.begin] = true;
  }
  std::vector<uint32_t> blockOf(leads.size());
  for (uint32_t i = 0; i < leads.size(); ++i) {
    if (leads[i])
      graph.leaders.push_back(function.begin + i);
    blockOf[i] = graph.leaders.size() - 1;
  }
  unsigned numBlocks = graph.leaders.size();
  graph.successors.resize(numBlocks);
  graph.predecessors.resize(numBlocks);
  for (unsigned block = 0; block < numBlocks; ++block) {
    uint32_t end =
        block + 1 < numBlocks ? graph.leaders[block + 1] : function.end;
    const Inst &last = program.code[end - 1];
    auto add = [&](uint32_t target) {
      unsigned to = blockOf[target - function.begin];
      if (llvm::is_contained(graph.successors[block], to))
        return;
      graph.successors[block].push_back(to);
      graph.predecessors[to].push_back(block);
    };
    forTargets(last, add);
    if (fallsThrough(last) && end < function.end)
      add(end);
  }
  return graph;
}

void attn::ptx::findReconvergence(Program &program, const Function &function) {
  Graph graph = buildGraph(program, function);
  unsigned numBlocks = graph.leaders.size(), exit = numBlocks - 1;

  // Post-order of the reversed graph from the return.
  constexpr unsigned none = ~0u;
  std::vector<unsigned> order(numBlocks, none), sequence;
  std::vector<std::pair<unsigned, unsigned>> stack = {{exit, 0}};
  std::vector<bool> visited(numBlocks);
  visited[exit] = true;
  while (!stack.empty()) {
    auto &[block, next] = stack.back();
    if (next < graph.predecessors[block].size()) {
      unsigned predecessor = graph.predecessors[block][next++];
      if (!visited[predecessor]) {
        visited[predecessor] = true;
        stack.push_back({predecessor, 0});
      }
      continue;
    }
    order[block] = sequence.size();
    sequence.push_back(block);
    stack.pop_back();
  }

  std::vector<unsigned> idom(numBlocks, none);
  idom[exit] = exit;
  auto intersect = [&](unsigned a, unsigned b) {
    while (a != b) {
      while (order[a] < order[b])
        a = idom[a];
      while (order[b] < order[a])
        b = idom[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned block : llvm::reverse(sequence)) {
      if (block == exit)
        continue;
      unsigned dominator = none;
      for (unsigned successor : graph.successors[block])
        if (idom[successor] != none)
          dominator =
              dominator == none ? successor : intersect(successor, dominator);
      if (idom[block] != dominator) {
        idom[block] = dominator;
        changed = true;
      }
    }
  }

  for (unsigned block = 0; block < numBlocks; ++block) {
    uint32_t end =
        block + 1 < numBlocks ? graph.leaders[block + 1] : function.end;
    uint32_t meet =
        idom[block] == none ? function.end - 1 : graph.leaders[idom[block]];
    program.code[end - 1].reconverge = meet;
  }
}
