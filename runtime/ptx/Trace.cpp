//===- Trace.cpp - Prints what a thread executes --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Interpreter.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace attn::ptx;

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
  if (status == Status::Next || status == Status::Yield ||
      status == Status::Sleep) {
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
