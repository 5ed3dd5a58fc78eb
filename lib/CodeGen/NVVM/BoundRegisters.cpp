//===- BoundRegisters.cpp - Registers that ptxas does not spill -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/CodeGen/NVVM/Passes.h"
#include "attn/CodeGen/NVVM/RegisterSearch.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNBOUNDREGISTERS
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct AttnBoundRegisters
    : attn::impl::AttnBoundRegistersBase<AttnBoundRegisters> {
  using Base::Base;

  void runOnOperation() override {
    auto fail = [&](Location loc, llvm::Error error) {
      emitError(loc) << llvm::toString(std::move(error));
      signalPassFailure();
    };
    auto modules = llvm::to_vector(getOperation().getOps<gpu::GPUModuleOp>());
    if (modules.empty())
      return;
    auto assembler = findPTXAssembler(ptxas);
    if (!assembler)
      return fail(modules.front().getLoc(), assembler.takeError());
    for (gpu::GPUModuleOp module : modules) {
      FailureOr<NVVM::NVVMTargetAttr> target = getNVVMTarget(module);
      if (failed(target))
        return signalPassFailure();
      auto assembled =
          assembleWithoutSpills(module, target->getChip(), *assembler);
      if (!assembled)
        return fail(module.getLoc(), assembled.takeError());
    }
  }
};
} // namespace
