//===- GPUSchedule.h - Tile shapes for a GPU --------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_GPUSCHEDULE_H
#define ATTN_SCHEDULE_GPUSCHEDULE_H

#include "attn/IR/AttnDialect.h"
#include "attn/Schedule/ScheduleOptions.h"
#include "attn/Target/GPUTarget.h"

namespace mlir::attn {

/// What a multiprocessor runs out of first, with one more workgroup.
enum class ResidencyBound { Registers, SharedMemory, Warps };

/// What a schedule asks of a chip, and what it is expected to cost.
struct GPUScheduleCost {
  /// Shared memory of a workgroup, in bytes.
  int64_t sharedBytes;
  /// Registers of a thread: of the tiles that it holds at a time alone, and
  /// with what addresses and all else take, by estimate.
  int64_t tileRegisters, registers;
  /// Registers that tensors read at every score would take beyond what a thread
  /// has: their elements and addresses go through local memory.
  int64_t spilledRegisters = 0;
  /// Workgroups and warps that a multiprocessor holds at a time.
  int64_t residentBlocks, residentWarps;
  ResidencyBound bound;
  /// Instructions of the loop over keys for each mma, and the cycles that one
  /// takes of its scheduler, at least the target's `mmaCycles`.
  double instructionsPerMMA, cyclesPerMMA;
};

/// A schedule that was thought about.
struct GPUScheduleCandidate {
  GPUScheduleAttr schedule;
  GPUScheduleCost cost;
  /// What it is expected to take of the GPU's time, to compare with others for
  /// the same op.
  double price;
};

/// Candidates of an op, of those that the options leave.
struct GPUScheduleChoice {
  /// The cheapest of those that the chip can hold, and the cheapest of those
  /// with other tiles, warps or parts.
  std::optional<GPUScheduleCandidate> chosen, next;
  /// The cheapest that the chip cannot hold.
  std::optional<GPUScheduleCandidate> unfit;
};

/// The columns that a schedule gives the output and the values: whole blocks
/// for each of the warps that share them, where there are no rows left for all.
int64_t getPaddedValueHeadDim(SDPAOp op, GPUScheduleAttr schedule);

/// The workgroups for each tile of queries: a sequence's KV heads, whose query
/// heads share a workgroup, or its query heads where only the call knows how
/// many. Open sizes are taken for those of a decode step; where the op is
/// deterministic the batch makes no difference and counts as 1.
int64_t countWorkgroupsPerTile(SDPAOp op);

/// The workgroups of a schedule; none where only the call knows how many
/// queries there are, or where the op's batch is to make no difference.
std::optional<int64_t> countWorkgroups(SDPAOp op, GPUScheduleAttr schedule);

/// Estimates a schedule for an op whose head dimensions are static.
GPUScheduleCost estimateSchedule(SDPAOp op, GPUScheduleAttr schedule,
                                 const GPUTarget &target);

/// Registers that a chip has for each thread, where a multiprocessor holds so
/// many workgroups of a schedule.
int64_t getThreadRegisters(GPUScheduleAttr schedule, const GPUTarget &target,
                           int64_t workgroups = 1);

/// Those of them that the schedule's `max_registers` leaves.
int64_t getMostRegisters(GPUScheduleAttr schedule, const GPUTarget &target);

/// A schedule's `max_registers`: all that a thread of f32 has where registers
/// bound the workgroups of a multiprocessor, and ptxas (13.0) might spill some
/// to make room for one more; otherwise, and where ptxas does better by itself,
/// 0, for the assembler to choose. docs/Rationale.md says what was measured.
int64_t chooseMaxRegisters(SDPAOp op, const GPUScheduleCandidate &candidate,
                           const GPUTarget &target);

/// Whether a chip, and the schedule's `max_registers`, hold what a schedule
/// asks for.
bool fits(GPUScheduleAttr schedule, const GPUScheduleCost &cost,
          const GPUTarget &target);

/// Ranks the schedules of an op by what they are expected to cost.
GPUScheduleChoice chooseGPUSchedule(SDPAOp op, const GPUTarget &target,
                                    const GPUScheduleOptions &options = {});

/// A schedule with the cost that it is expected to have.
GPUScheduleCandidate evaluateSchedule(SDPAOp op, GPUScheduleAttr schedule,
                                      const GPUTarget &target);

/// The least changes to what is pinned of a schedule, each enough by itself,
/// that a chip can hold: `kv_tile = 64` or `stages = 1`. Where no single one is
/// enough, all fields of a schedule that fits; empty where none does.
std::string findFittingChanges(SDPAOp op, const GPUScheduleOptions &pinned,
                               const GPUTarget &target);

/// The shared memory that a schedule's smallest variant takes: one stage and
/// the smallest tiles.
int64_t getLeastSharedBytes(SDPAOp op, const GPUTarget &target);

/// Rows of a tile that one query takes: the query heads of a KV head, padded to
/// a power of two; 1 where their number is dynamic.
int64_t getRowsPerQuery(SDPAOp op);

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_GPUSCHEDULE_H
