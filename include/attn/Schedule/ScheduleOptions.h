//===- ScheduleOptions.h - Schedules by options -----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SCHEDULE_SCHEDULEOPTIONS_H
#define ATTN_SCHEDULE_SCHEDULEOPTIONS_H

#include "attn/IR/AttnDialect.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>

namespace mlir::attn {

/// What a user asks of the schedules of every sdpa that has none of its own: a
/// list of `field=value`, as in `query_tile=64`, with the fields of the
/// attribute, and `print`. What is left open is chosen.
struct ScheduleOptions {
  std::optional<int64_t> queryTile, queryPanel, kvTile, kvSplits, keyAlign;
  /// Whether a remark says what was chosen and why.
  bool print = false;

  /// The schedule with the fields that are asked for in the place of its own;
  /// null, and reported, where it is none then.
  ScheduleAttr apply(ScheduleAttr schedule,
                     function_ref<InFlightDiagnostic()> emitError) const;

  static llvm::Expected<ScheduleOptions>
  parse(llvm::ArrayRef<std::string> items);
};

/// The same of the schedules for a GPU.
struct GPUScheduleOptions {
  std::optional<int64_t> queryTile, kvTile, warps, stages, kvSplits;
  std::optional<bool> queryInRegisters;
  std::optional<int64_t> maxRegisters;
  bool print = false;

  /// The schedule with the fields that are asked for in the place of its own.
  GPUScheduleAttr apply(GPUScheduleAttr schedule) const;

  /// Whether any field is asked for.
  bool pinsAny() const;

  /// Those that ask for every field of a schedule.
  static GPUScheduleOptions pin(GPUScheduleAttr schedule);

  static llvm::Expected<GPUScheduleOptions>
  parse(llvm::ArrayRef<std::string> items);
};

} // namespace mlir::attn

#endif // ATTN_SCHEDULE_SCHEDULEOPTIONS_H
