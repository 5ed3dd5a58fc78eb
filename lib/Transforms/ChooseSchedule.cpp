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
    llvm::Expected<ScheduleOptions> options =
        ScheduleOptions::parse(ArrayRef<std::string>(*schedule));
    if (!options) {
      emitError(getOperation()->getLoc())
          << llvm::toString(options.takeError());
      return signalPassFailure();
    }
    WalkResult walk = getOperation()->walk(
        [&](SDPAOp op) { return WalkResult(choose(op, *target, *options)); });
    if (walk.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult choose(SDPAOp op, const CPUTarget &target,
                       const ScheduleOptions &options) {
    bool isPinned = op.getSchedule().has_value();
    if (!isPinned) {
      if (!isTileable(op))
        return success();
      ScheduleAttr chosen = options.apply(chooseSchedule(op, target, threads),
                                          [&] { return op.emitOpError(); });
      if (!chosen)
        return failure();
      op.setScheduleAttr(chosen);
    }
    if (failed(verifySchedule(op, target)))
      return failure();
    if (options.print)
      op.emitRemark() << (isPinned ? "pinned " : "chosen ") << *op.getSchedule()
                      << " for " << targetCPU.getValue() << ": "
                      << describeSchedule(op, target, threads);
    return success();
  }

  static void warnOfNoSchedule(SDPAOp op, const Twine &why, StringRef help) {
    InFlightDiagnostic warning = op.emitWarning();
    warning
        << "'" << op->getName()
        << "' op is not fused, the scores of all queries and keys will be in "
           "memory: "
        << why;
    if (!help.empty())
      warning << "; " << help;
  }

  /// The first operation of a region that has no form on vectors: of control
  /// flow, vectors follow branches only.
  static Operation *findScalarOnly(Region &region) {
    Operation *found = nullptr;
    region.walk([&](Operation *nested) {
      bool isControlFlow =
          nested->getNumRegions() != 0 && !isa<scf::IfOp>(nested);
      if (!isControlFlow && llvm::all_of(nested->getResultTypes(),
                                         VectorType::isValidElementType))
        return WalkResult::advance();
      found = nested;
      return WalkResult::interrupt();
    });
    return found;
  }

  /// Whether there are tiles for an op; says why where there are not. They have
  /// static head dimensions, and accumulate in f32.
  static bool isTileable(SDPAOp op) {
    if (!op.getAccumulatorType().isF32()) {
      warnOfNoSchedule(op, "its operands are f64",
                       "operands of f32, f16 or bf16 would be");
      return false;
    }
    if (ShapedType::isDynamic(op.getStaticHeadDim()) ||
        ShapedType::isDynamic(op.getStaticValueHeadDim())) {
      warnOfNoSchedule(op, "its head_dim is dynamic",
                       "one of a static size would be");
      return false;
    }
    for (auto [name, region] :
         {std::pair<StringRef, Region *>("score", &op.getScore()),
          {"mask", &op.getMask()}})
      if (Operation *nested = findScalarOnly(*region)) {
        warnOfNoSchedule(op,
                         "region '" + name + "' holds " +
                             nested->getName().getStringRef() +
                             ", which has no form on vectors",
                         "");
        return false;
      }
    return true;
  }
};
} // namespace
