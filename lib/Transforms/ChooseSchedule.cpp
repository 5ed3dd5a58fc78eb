//===- ChooseSchedule.cpp - Give every sdpa a schedule --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/CPUSchedule.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHOOSESCHEDULE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnChooseSchedule
    : attn::impl::AttnChooseScheduleBase<AttnChooseSchedule> {
  using AttnChooseScheduleBase::AttnChooseScheduleBase;

  void runOnOperation() override {
    llvm::Expected<CPUTarget> target = CPUTarget::get(targetCPU);
    if (!target) {
      emitError(getOperation()->getLoc()) << llvm::toString(target.takeError());
      return signalPassFailure();
    }
    if (threads < 1) {
      emitError(getOperation()->getLoc()) << "threads is " << threads.getValue()
                                          << ", expected a positive number";
      return signalPassFailure();
    }
    WalkResult walk = getOperation()->walk([&](SDPAOp op) {
      if (op.getSchedule())
        return WalkResult(verifySchedule(op, *target));
      if (isTileable(op))
        op.setScheduleAttr(chooseSchedule(op, *target, threads));
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      signalPassFailure();
  }

private:
  /// Tiles have static head dimensions, and accumulate in f32; of control flow
  /// in a region, vectors follow branches only.
  static bool isTileable(SDPAOp op) {
    auto findLoop = [](Operation *nested) {
      return nested->getNumRegions() != 0 && !isa<scf::IfOp>(nested)
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    };
    if (op.getScore().walk(findLoop).wasInterrupted() ||
        op.getMask().walk(findLoop).wasInterrupted())
      return false;
    return !ShapedType::isDynamic(op.getStaticHeadDim()) &&
           !ShapedType::isDynamic(op.getStaticValueHeadDim()) &&
           op.getAccumulatorType().isF32();
  }
};
} // namespace
