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
#include "attn/Target/GPUTarget.h"

namespace mlir::attn {

/// What a schedule asks of a chip, and what it is expected to cost.
struct GPUScheduleCost {
  /// Shared memory of a workgroup, in bytes.
  int64_t sharedBytes;
  /// Registers of a thread: the tiles it holds and what addresses take.
  int64_t registers;
  /// Registers that tensors read at every score would take beyond what a thread
  /// has: their elements and addresses go through local memory.
  int64_t spilledRegisters = 0;
  /// Warps that a multiprocessor holds at a time.
  int64_t residentWarps;
  /// Instructions of the loop over keys for each mma.
  double instructionsPerMMA;
};

/// The columns that a schedule gives the output and the values: whole blocks
/// for each of the warps that share them, where there are no rows left for all.
int64_t getPaddedValueHeadDim(SDPAOp op, GPUScheduleAttr schedule);

/// Estimates a schedule for an op whose head dimensions are static.
GPUScheduleCost estimateSchedule(SDPAOp op, GPUScheduleAttr schedule,
                                 const GPUTarget &target);

/// The schedule that is expected to be the fastest, or a null attribute where
/// none fits the chip.
GPUScheduleAttr chooseGPUSchedule(SDPAOp op, const GPUTarget &target);

/// The shared memory that a schedule's smallest variant takes: one stage and
/// the smallest tiles.
int64_t getLeastSharedBytes(SDPAOp op, const GPUTarget &target);

/// Rows of a tile that one query takes: the query heads of a KV head, padded to
/// a power of two; 1 where their number is dynamic.
int64_t getRowsPerQuery(SDPAOp op);

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_GPUSCHEDULE_H
