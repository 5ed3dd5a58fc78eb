//===- Interpreter.h - Runs the warps of a cluster --------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_INTERPRETER_H
#define ATTN_RUNTIME_PTX_INTERPRETER_H

#include "ptx/Exec.h"

namespace attn::ptx {

/// Runs clusters on one host thread.
class Interpreter {
public:
  explicit Interpreter(const Launch &launch);

  /// A cluster before its first instruction; it lives until `recycle`.
  Cluster &begin(uint64_t clusterIndex);
  void recycle(Cluster &cluster);

  enum Result : uint8_t {
    Finished,
    Faulted,
    Stopped,
    Waiting, // for what another cluster is to do: no warp can change anything
  };
  /// Runs a cluster as far as it goes.
  Result run(Cluster &cluster);
  /// After Waiting: whether memory changed since the cluster's last turn began.
  bool madeChanges() const { return madeChange; }
  /// After Waiting: all did nothing but poll, and more than any timeout lets
  /// them, though their registers change.
  bool isSpinning() const { return spins; }
  /// Others changed memory: its polls may find something new.
  static void forgetPolls(Cluster &cluster);
  /// What decides how a cluster that waits goes on, memory apart.
  static uint64_t hashState(const Cluster &cluster);
  /// No warp can go on: a fault that says what the first one waits for.
  Result deadlock(Cluster &cluster, const llvm::Twine &why);

  /// After Faulted.
  unsigned getFaultLine() const { return faultLine; }
  const std::string &getFault() const { return exec.message; }

  /// Per instruction of the program.
  llvm::ArrayRef<Counters> getCounters() const { return counters; }

private:
  enum class Turn : uint8_t { Finished, Paused, Faulted, Stopped };
  void bind(Cluster &cluster);
  bool mayContinue(Cluster &cluster);
  /// Whether all that has not left does nothing but wait and poll.
  bool onlyPolls(const Cluster &cluster) const;
  bool returnsToState(Cluster &cluster);
  Result endlessLoop(Cluster &cluster);
  void setSpecialRegisters(Block &block, Warp &warp);
  Turn runWarp(Warp &warp, uint64_t turn, bool &progress);
  bool checkSources(const Inst &inst, uint32_t lanes);
  void markDestinations(const Inst &inst);
  void synchroniseLanes();
  void copyReasons(const Inst &inst);
  void bind(Warp &warp);
  int trace(const Inst &inst);
  void traceResults(const Inst &inst, unsigned lane, Status status);
  const Launch &launch;
  const Program &program;
  std::vector<std::unique_ptr<Cluster>> clusters;
  std::vector<Cluster *> unused;
  Exec exec;
  bool madeChange = false, spins = false;
  std::vector<Counters> counters;
  alignas(64) uint8_t sink[warpSize * 16] = {};
  unsigned faultLine = 0;
  bool stopped = false;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_INTERPRETER_H
