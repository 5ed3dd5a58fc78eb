//===- CPUSchedule.h - Tile shapes for a CPU --------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_CPUSCHEDULE_H
#define ATTN_SCHEDULE_CPUSCHEDULE_H

#include "attn/IR/AttnDialect.h"
#include "attn/Schedule/ScheduleOptions.h"
#include "attn/Target/CPUTarget.h"

namespace mlir::attn {

/// Chooses the tiles of an sdpa for a CPU on which `threads` threads run it.
/// With `deterministic` on the op the choice depends on the op's heads,
/// head_dim and seqlens alone, so that a row's bits do not depend on batch or
/// threads.
ScheduleAttr chooseSchedule(SDPAOp op, const CPUTarget &target,
                            int64_t threads);

/// Whether the schedule that a user gave the op is one that the target's
/// compiler and threads can take; reports what is not.
LogicalResult verifySchedule(SDPAOp op, const CPUTarget &target);

/// What the op's schedule takes of the target, and why it is as it is.
std::string describeSchedule(SDPAOp op, const CPUTarget &target,
                             int64_t threads);

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_CPUSCHEDULE_H
