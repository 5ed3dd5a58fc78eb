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

/// Runs clusters one after the other on one host thread.
class Interpreter {
public:
  explicit Interpreter(const Launch &launch);

  enum Result : uint8_t { Finished, Faulted, Stopped };
  Result run(uint64_t clusterIndex);

  /// After Faulted.
  unsigned getFaultLine() const { return faultLine; }
  const std::string &getFault() const { return exec.message; }

  /// Per instruction of the program.
  llvm::ArrayRef<Counters> getCounters() const { return counters; }

private:
  enum class Turn : uint8_t {
    Finished,
    Blocked,
    Polling,
    Preempted,
    Faulted,
    Stopped
  };
  void start(uint64_t clusterIndex);
  void setSpecialRegisters(Block &block, Warp &warp);
  Turn runWarp(Warp &warp, uint64_t turn, bool &progress);
  bool checkSources(const Inst &inst, uint32_t lanes);
  void markDestinations(const Inst &inst);
  void copyPending(const Inst &inst);
  void bind(Warp &warp);
  int trace(const Inst &inst);
  void traceResults(const Inst &inst, unsigned lane, Status status);
  Result deadlock();

  const Launch &launch;
  const Program &program;
  Cluster cluster;
  Exec exec;
  std::vector<Counters> counters;
  alignas(64) uint8_t sink[warpSize * 16] = {};
  unsigned faultLine = 0;
  bool stopped = false;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_INTERPRETER_H
