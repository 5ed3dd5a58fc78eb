//===- ChooseGPUSchedule.cpp - Give every sdpa a schedule for a GPU -------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/Kernel.h"
#include "attn/Schedule/GPUSchedule.h"
#include "attn/Target/MMAShape.h"
#include "attn/Transforms/Passes.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHOOSEGPUSCHEDULE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// What a GPU cannot run whatever the schedule.
static LogicalResult verifySupported(SDPAOp op, const GPUTarget &target) {
  if (!op.getAccumulatorType().isF32())
    return op.emitOpError()
           << "has operands of " << op.getQuery().getType().getElementType()
           << ", expected f16, bf16 or f32 on " << target.chip;
  if (ShapedType::isDynamic(op.getStaticHeadDim()) ||
      ShapedType::isDynamic(op.getStaticValueHeadDim()))
    return op.emitOpError() << "has a dynamic head_dim, expected static head "
                               "dimensions on "
                            << target.chip;
  int64_t longest = std::max(op.getStaticQuerySeqlen(), op.getStaticKVSeqlen());
  if (longest > kMaxSeqlen)
    return op.emitOpError()
           << "has a seqlen of " << longest << ", expected at most "
           << kMaxSeqlen << " on " << target.chip;
  return success();
}

/// Whether a pinned schedule fits the chip; says what would.
static LogicalResult verifyPinned(SDPAOp op, const GPUTarget &target) {
  GPUScheduleAttr schedule = *op.getGpuSchedule();
  if (schedule.getQueryTile() < MMAShape::rows)
    return op.emitOpError()
           << "has a GPU schedule with query_tile = " << schedule.getQueryTile()
           << ", expected at least " << MMAShape::rows;
  int64_t columnBlocks =
      llvm::divideCeil(op.getStaticValueHeadDim(), MMAShape::depth);
  int64_t rowBlocks = schedule.getQueryTile() / MMAShape::rows;
  if (schedule.getWarps() > rowBlocks * columnBlocks)
    return op.emitOpError()
           << "has a GPU schedule with query_tile = " << schedule.getQueryTile()
           << " and warps = " << schedule.getWarps() << ": the output has "
           << rowBlocks << " x " << columnBlocks
           << " blocks of 16 x 16 to share, expected at most "
           << rowBlocks * columnBlocks << " warps";
  if (schedule.getKvTile() < MMAShape::depth)
    return op.emitOpError()
           << "has a GPU schedule with kv_tile = " << schedule.getKvTile()
           << ", expected at least " << MMAShape::rows;
  if (schedule.getWarps() > target.warpsPerBlock)
    return op.emitOpError()
           << "has a GPU schedule with warps = " << schedule.getWarps() << ", "
           << target.chip << " has at most " << target.warpsPerBlock;
  GPUScheduleCost cost = estimateSchedule(op, schedule, target);
  if (cost.sharedBytes <= target.sharedBytesPerBlock)
    return success();
  InFlightDiagnostic diagnostic =
      op.emitOpError() << "has a GPU schedule that takes " << cost.sharedBytes
                       << " bytes of shared memory, " << target.chip << " has "
                       << target.sharedBytesPerBlock;
  if (GPUScheduleAttr fitting = chooseGPUSchedule(op, target))
    diagnostic << "; query_tile = " << fitting.getQueryTile()
               << ", kv_tile = " << fitting.getKvTile()
               << ", stages = " << fitting.getStages() << " fit";
  return diagnostic;
}

namespace {
struct AttnChooseGPUSchedule
    : attn::impl::AttnChooseGPUScheduleBase<AttnChooseGPUSchedule> {
  using AttnChooseGPUScheduleBase::AttnChooseGPUScheduleBase;

  void runOnOperation() override {
    llvm::Expected<GPUTarget> target = GPUTarget::get(chip);
    if (!target) {
      emitError(getOperation()->getLoc()) << llvm::toString(target.takeError());
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([&](SDPAOp op) {
      return failed(choose(op, *target)) ? WalkResult::interrupt()
                                         : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult choose(SDPAOp op, const GPUTarget &target) {
    if (failed(verifySupported(op, target)))
      return failure();
    bool isPinned = op.getGpuSchedule().has_value();
    if (isPinned && failed(verifyPinned(op, target)))
      return failure();
    if (!isPinned) {
      GPUScheduleAttr schedule = chooseGPUSchedule(op, target);
      if (!schedule)
        return op.emitOpError()
               << "takes at least " << getLeastSharedBytes(op, target)
               << " bytes of shared memory for head dimensions of "
               << op.getStaticHeadDim() << " and " << op.getStaticValueHeadDim()
               << ", " << target.chip << " has " << target.sharedBytesPerBlock;
      op.setGpuScheduleAttr(schedule);
    }
    if (print) {
      GPUScheduleCost cost = estimateSchedule(op, *op.getGpuSchedule(), target);
      op.emitRemark()
          << (isPinned ? "pinned " : "chosen ") << *op.getGpuSchedule()
          << " for " << target.chip << ": " << cost.sharedBytes << " of "
          << target.sharedBytesPerBlock << " bytes of shared memory, about "
          << cost.registers << " registers a thread"
          << (cost.spilledRegisters
                  ? llvm::formatv(" and {0} spilled", cost.spilledRegisters)
                        .str()
                  : "")
          << ", " << cost.residentWarps << " warps a multiprocessor, "
          << llvm::formatv("{0:f1}", cost.instructionsPerMMA).str()
          << " instructions for each mma";
    }
    return success();
  }
};
} // namespace
