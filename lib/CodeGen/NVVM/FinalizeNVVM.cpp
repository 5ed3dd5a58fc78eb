//===- FinalizeNVVM.cpp - What upstream's conversion leaves unsaid --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/Kernel.h"
#include "attn/CodeGen/NVVM/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNFINALIZENVVM
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using NVVM::NVVMDialect;

static void requireBlockSize(LLVM::LLVMFuncOp function) {
  auto size = function->getAttrOfType<DenseI32ArrayAttr>(
      gpu::GPUDialect::KnownBlockSizeAttrHelper::getNameStr());
  if (!size || !function->hasAttr(NVVMDialect::getKernelFuncAttrName()))
    return;
  function->removeAttr(NVVMDialect::getMaxntidAttrName());
  function->setAttr(NVVMDialect::getReqntidAttrName(), size);
}

/// Says of a schedule what is left to the assembler, and drops it.
static void limitRegisters(LLVM::LLVMFuncOp function) {
  auto schedule = dyn_cast_if_present<attn::GPUScheduleAttr>(
      function->removeAttr(attn::kKernelAttr));
  if (schedule && schedule.getMaxRegisters() > 0 &&
      function->hasAttr(NVVMDialect::getKernelFuncAttrName()))
    function->setAttr(NVVMDialect::getMaxnregAttrName(),
                      Builder(function.getContext())
                          .getI32IntegerAttr(schedule.getMaxRegisters()));
}

static void declareDynamicSharedMemory(LLVM::GlobalOp global) {
  constexpr unsigned kShared =
      static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared);
  auto array = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
  if (array && array.getNumElements() == 0 && global.getAddrSpace() == kShared)
    global.setLinkage(LLVM::Linkage::External);
}

namespace {
struct AttnFinalizeNVVM : attn::impl::AttnFinalizeNVVMBase<AttnFinalizeNVVM> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      requireBlockSize(function);
      limitRegisters(function);
    }
    for (auto global : getOperation().getOps<LLVM::GlobalOp>())
      declareDynamicSharedMemory(global);
  }
};
} // namespace
