//===- RegisterSearch.cpp - Bounds without spills  ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/RegisterSearch.h"

#include "attn/CodeGen/Kernel.h"
#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/Schedule/RegisterBounds.h"
#include "attn/Target/GPUTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::attn;
using NVVM::NVVMDialect;

namespace {
/// A kernel that ptxas spills, and what has been tried for it.
struct SpilledKernel {
  LLVM::LLVMFuncOp function;
  /// What it had, and what to try after that.
  SmallVector<int64_t> bounds;
  unsigned tried = 1;
  int64_t bestBound, fewestBytes;
};
} // namespace

static int64_t getBound(LLVM::LLVMFuncOp kernel) {
  auto bound =
      kernel->getAttrOfType<IntegerAttr>(NVVMDialect::getMaxnregAttrName());
  return bound ? bound.getInt() : kUnboundedRegisters;
}

static void setBound(LLVM::LLVMFuncOp kernel, int64_t bound) {
  StringRef name = NVVMDialect::getMaxnregAttrName();
  if (bound == kUnboundedRegisters)
    kernel->removeAttr(name);
  else
    kernel->setAttr(name,
                    Builder(kernel.getContext()).getI32IntegerAttr(bound));
}

/// Threads of a workgroup, where they are known.
static std::optional<int64_t> getThreads(LLVM::LLVMFuncOp kernel) {
  auto sizes = kernel->getAttrOfType<DenseI32ArrayAttr>(
      NVVMDialect::getReqntidAttrName());
  if (!sizes || llvm::is_contained(sizes.asArrayRef(), 0))
    return std::nullopt;
  return llvm::product_of(sizes.asArrayRef(), int64_t{1});
}

static llvm::Expected<AssembledModule>
assemble(gpu::GPUModuleOp module, StringRef chip, StringRef assembler) {
  auto ptx = emitPTX(module, chip);
  if (!ptx)
    return ptx.takeError();
  auto cubin = assemblePTX(*ptx, chip, assembler);
  if (!cubin)
    return cubin.takeError();
  return AssembledModule{std::move(*ptx), std::move(*cubin)};
}

static SmallVector<SpilledKernel> findSpilledKernels(gpu::GPUModuleOp module,
                                                     const Cubin &cubin,
                                                     const GPUTarget &target) {
  SmallVector<SpilledKernel> kernels;
  for (const KernelResources &resources : cubin.kernels) {
    auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(resources.name);
    if (!function || resources.spillBytes == 0)
      continue;
    int64_t bound = getBound(function);
    SpilledKernel kernel{.function = function,
                         .bounds = {bound},
                         .bestBound = bound,
                         .fewestBytes = resources.spillBytes};
    std::optional<int64_t> threads = getThreads(function);
    if (threads && function->hasAttr(kMayBoundRegistersAttr))
      for (int64_t other :
           getRegisterBounds(*threads, resources.registers, target))
        if (other != bound)
          kernel.bounds.push_back(other);
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

/// Keeps the bounds of one run that are better than those before.
static void compare(MutableArrayRef<SpilledKernel> kernels,
                    const Cubin &cubin) {
  for (SpilledKernel &kernel : kernels)
    for (const KernelResources &resources : cubin.kernels)
      if (resources.name == kernel.function.getName() &&
          resources.spillBytes < kernel.fewestBytes) {
        kernel.fewestBytes = resources.spillBytes;
        kernel.bestBound = getBound(kernel.function);
      }
}

static void warn(SpilledKernel &kernel) {
  auto bounds = llvm::map_range(kernel.bounds, [](int64_t bound) {
    return bound == kUnboundedRegisters ? std::string("none")
                                        : std::to_string(bound);
  });
  // Without the operation's text, which would bury the message.
  InFlightDiagnostic warning = emitWarning(kernel.function.getLoc());
  warning << "ptxas spills " << kernel.fewestBytes << " bytes of registers of '"
          << kernel.function.getName()
          << "'; bounds that were tried: " << llvm::join(bounds, ", ");
  if (kernel.function->hasAttr(kMayBoundRegistersAttr))
    warning << "; smaller tiles take fewer registers";
}

llvm::Expected<AssembledModule>
attn::assembleWithoutSpills(gpu::GPUModuleOp module, StringRef chip,
                            StringRef assembler) {
  auto target = GPUTarget::get(chip);
  if (!target)
    return target.takeError();
  auto assembled = assemble(module, chip, assembler);
  if (!assembled)
    return assembled;
  SmallVector<SpilledKernel> kernels =
      findSpilledKernels(module, assembled->cubin, *target);

  // All kernels that are left try their next bounds in one run.
  auto setNextBounds = [&] {
    bool areLeft = false;
    for (SpilledKernel &kernel : kernels)
      if (kernel.fewestBytes > 0 && kernel.tried < kernel.bounds.size()) {
        setBound(kernel.function, kernel.bounds[kernel.tried++]);
        areLeft = true;
      }
    return areLeft;
  };
  while (setNextBounds()) {
    auto next = assemble(module, chip, assembler);
    if (!next) {
      // A bound that ptxas does not take is none that helps.
      llvm::consumeError(next.takeError());
      continue;
    }
    compare(kernels, next->cubin);
    *assembled = std::move(*next);
  }
  bool isBest = true;
  for (SpilledKernel &kernel : kernels) {
    isBest &= getBound(kernel.function) == kernel.bestBound;
    setBound(kernel.function, kernel.bestBound);
    if (kernel.fewestBytes > 0)
      warn(kernel);
  }
  return isBest ? std::move(assembled) : assemble(module, chip, assembler);
}
