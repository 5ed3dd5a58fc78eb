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

/// Says how many registers a schedule takes, and what bounds them.
static void addRegisters(InFlightDiagnostic &diagnostic,
                         const GPUScheduleCost &cost, GPUScheduleAttr schedule,
                         bool inTiles, const GPUTarget &target) {
  int64_t registers = inTiles ? cost.tileRegisters : cost.registers;
  int64_t most = getThreadRegisters(schedule, target);
  diagnostic << (inTiles ? "" : "about ") << registers << " registers a thread"
             << (inTiles ? " for its tiles alone, " : ", ");
  if (registers > most)
    diagnostic << target.chip << " has " << most << " for each of "
               << schedule.getWarps() * target.warpSize << " threads";
  else
    diagnostic << "its max_registers is " << schedule.getMaxRegisters();
  if (!inTiles)
    diagnostic << ": others will go through local memory";
}

/// Whether a schedule fits the chip of which some fields are pinned; says what
/// would.
static LogicalResult verifyPinned(SDPAOp op, GPUScheduleAttr schedule,
                                  const GPUScheduleOptions &pinned,
                                  const GPUTarget &target) {
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
           << rowBlocks << " x " << columnBlocks << " blocks of "
           << MMAShape::rows << " x " << MMAShape::depth
           << " to share, expected at most " << rowBlocks * columnBlocks
           << " warps";
  if (schedule.getKvTile() < MMAShape::depth)
    return op.emitOpError()
           << "has a GPU schedule with kv_tile = " << schedule.getKvTile()
           << ", expected at least " << MMAShape::depth;
  if (schedule.getWarps() > target.warpsPerBlock)
    return op.emitOpError()
           << "has a GPU schedule with warps = " << schedule.getWarps() << ", "
           << target.chip << " has at most " << target.warpsPerBlock;
  int64_t threads = schedule.getWarps() * target.warpSize;
  int64_t registers = getThreadRegisters(schedule, target);
  if (schedule.getMaxRegisters() > registers)
    return op.emitOpError() << "has a GPU schedule with max_registers = "
                            << schedule.getMaxRegisters() << ", " << target.chip
                            << " has at most " << registers << " for each of "
                            << threads << " threads";
  GPUScheduleCost cost = estimateSchedule(op, schedule, target);
  if (fits(schedule, cost, target))
    return success();
  // What is not in tiles may go through local memory, which is slow.
  bool isTooLarge = cost.sharedBytes > target.sharedBytesPerBlock ||
                    cost.tileRegisters > getMostRegisters(schedule, target);
  InFlightDiagnostic diagnostic =
      isTooLarge ? op.emitOpError() : op.emitWarning();
  if (!isTooLarge)
    diagnostic << "'" << op->getName() << "' op ";
  diagnostic << "has a GPU schedule";
  // What the user did not write is to be seen.
  if (schedule != op.getGpuScheduleAttr())
    diagnostic << ", " << schedule << ",";
  diagnostic << " that takes ";
  if (cost.sharedBytes > target.sharedBytesPerBlock)
    diagnostic << cost.sharedBytes << " bytes of shared memory, " << target.chip
               << " has " << target.sharedBytesPerBlock;
  else
    addRegisters(diagnostic, cost, schedule, isTooLarge, target);
  std::string changes = findFittingChanges(op, pinned, target);
  if (!changes.empty())
    diagnostic << "; " << changes;
  return failure(isTooLarge);
}

static StringRef getName(ResidencyBound bound) {
  switch (bound) {
  case ResidencyBound::Registers:
    return "registers";
  case ResidencyBound::SharedMemory:
    return "shared memory";
  case ResidencyBound::Warps:
    return "warps";
  }
  llvm_unreachable("unknown bound");
}

/// What a schedule asks of the chip, and what follows.
static std::string describe(const GPUScheduleCandidate &candidate,
                            const GPUTarget &target) {
  const GPUScheduleCost &cost = candidate.cost;
  int64_t warps = candidate.schedule.getWarps();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << cost.sharedBytes << " of " << target.sharedBytesPerBlock
     << " bytes of shared memory, about " << cost.registers << " of "
     << getMostRegisters(candidate.schedule, target) << " registers a thread";
  if (cost.spilledRegisters)
    os << " and " << cost.spilledRegisters << " spilled";
  if (cost.residentBlocks > 0)
    os << ", " << cost.residentBlocks << " x " << warps
       << " warps a multiprocessor, bounded by " << getName(cost.bound);
  os << llvm::formatv(", {0:f1} instructions and {1:f1} cycles for each mma",
                      cost.instructionsPerMMA, cost.cyclesPerMMA);
  return text;
}

/// Says of a schedule what it asks of the chip, and what others would take.
static void printSchedule(SDPAOp op, GPUScheduleAttr schedule, bool isPinned,
                          const GPUScheduleOptions &options,
                          const GPUScheduleChoice &choice,
                          const GPUTarget &target) {
  GPUScheduleCandidate candidate = evaluateSchedule(op, schedule, target);
  InFlightDiagnostic remark = op.emitRemark();
  bool isNarrowed = !isPinned && options.pinsAny();
  remark << (isPinned     ? "pinned "
             : isNarrowed ? "chosen within the options "
                          : "chosen ")
         << schedule << " for " << target.chip << ": "
         << describe(candidate, target);
  auto add =
      [&](StringRef what, const std::optional<GPUScheduleCandidate> &other) {
        if (!other)
          return;
        remark.attachNote()
            << what << ", " << other->schedule << ", expected to take "
            << llvm::formatv("{0:f2}", other->price / candidate.price).str()
            << " times as long: " << describe(*other, target);
      };
  bool isChosen = choice.chosen && choice.chosen->schedule == schedule;
  if (isChosen)
    add("the next best", choice.next);
  else
    add("the model's choice", choice.chosen);
  if (choice.unfit && choice.unfit->price < 0.99 * candidate.price)
    add("too large for the chip", choice.unfit);
  if (!isNarrowed)
    return;
  GPUScheduleChoice free = chooseGPUSchedule(op, target);
  if (free.chosen && free.chosen->schedule != schedule)
    add("the model's choice without the options", free.chosen);
}

namespace {
struct AttnChooseGPUSchedule
    : attn::impl::AttnChooseGPUScheduleBase<AttnChooseGPUSchedule> {
  using AttnChooseGPUScheduleBase::AttnChooseGPUScheduleBase;

  void runOnOperation() override {
    llvm::Expected<GPUTarget> target = GPUTarget::get(chip);
    if (!target) {
      // At the first operation that asks for the chip.
      Operation *user = getOperation();
      getOperation()->walk([&](SDPAOp op) {
        user = op;
        return WalkResult::interrupt();
      });
      user->emitError() << llvm::toString(target.takeError());
      return signalPassFailure();
    }
    llvm::Expected<GPUScheduleOptions> options =
        GPUScheduleOptions::parse(ArrayRef<std::string>(*schedule));
    if (!options) {
      emitError(getOperation()->getLoc())
          << llvm::toString(options.takeError());
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([&](SDPAOp op) {
      return failed(choose(op, *target, *options)) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  static LogicalResult choose(SDPAOp op, const GPUTarget &target,
                              const GPUScheduleOptions &options) {
    if (failed(verifySupported(op, target)))
      return failure();
    GPUScheduleAttr pinned = op.getGpuScheduleAttr();
    if (pinned && failed(verifyPinned(op, pinned,
                                      GPUScheduleOptions::pin(pinned), target)))
      return failure();
    GPUScheduleChoice choice;
    if (!pinned || options.print)
      choice = chooseGPUSchedule(op, target,
                                 pinned ? GPUScheduleOptions() : options);
    if (!pinned && choice.chosen)
      op.setGpuScheduleAttr(choice.chosen->schedule);
    if (!pinned && !choice.chosen &&
        failed(takeUnfit(op, target, options, choice)))
      return failure();
    if (!pinned && options.maxRegisters)
      op->removeDiscardableAttr(kChosenMaxRegistersAttr);
    else if (!pinned)
      op->setDiscardableAttr(
          kChosenMaxRegistersAttr,
          Builder(op.getContext())
              .getI64IntegerAttr(op.getGpuScheduleAttr().getMaxRegisters()));
    if (options.print)
      printSchedule(op, op.getGpuScheduleAttr(), pinned != nullptr, options,
                    choice, target);
    return success();
  }

  /// Says why no schedule was found that fits: by what the options ask, whose
  /// schedule is taken where it has registers for its tiles, or at all.
  static LogicalResult takeUnfit(SDPAOp op, const GPUTarget &target,
                                 const GPUScheduleOptions &options,
                                 const GPUScheduleChoice &choice) {
    if (GPUScheduleChoice free = chooseGPUSchedule(op, target); free.chosen) {
      GPUScheduleAttr asked = choice.unfit
                                  ? choice.unfit->schedule
                                  : options.apply(free.chosen->schedule);
      LogicalResult result = verifyPinned(op, asked, options, target);
      op.setGpuScheduleAttr(asked);
      return result;
    }
    return op.emitOpError()
           << "takes at least " << getLeastSharedBytes(op, target)
           << " bytes of shared memory for head dimensions of "
           << op.getStaticHeadDim() << " and " << op.getStaticValueHeadDim()
           << ", " << target.chip << " has " << target.sharedBytesPerBlock;
  }
};
} // namespace
