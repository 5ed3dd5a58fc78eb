//===- EmbedPTX.cpp - GPU modules to PTX in the host's module -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/CodeGen/NVVM/Passes.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNEMBEDPTX
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

static LogicalResult embed(gpu::GPUModuleOp module) {
  FailureOr<NVVM::NVVMTargetAttr> target = attn::getNVVMTarget(module);
  if (failed(target))
    return failure();
  auto ptx = attn::emitPTX(module, target->getChip());
  if (!ptx)
    return module.emitError(llvm::toString(ptx.takeError()));
  OpBuilder b(module);
  auto object =
      gpu::ObjectAttr::get(*target, gpu::CompilationTarget::Assembly,
                           b.getStringAttr(*ptx), /*properties=*/nullptr);
  gpu::BinaryOp::create(b, module.getLoc(), module.getName(),
                        /*offloadingHandler=*/nullptr, b.getArrayAttr(object));
  module.erase();
  return success();
}

namespace {
struct AttnEmbedPTX : attn::impl::AttnEmbedPTXBase<AttnEmbedPTX> {
  void runOnOperation() override {
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(embed(module)))
        return signalPassFailure();
  }
};
} // namespace
