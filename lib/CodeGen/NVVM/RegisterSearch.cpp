//===- RegisterSearch.cpp - Bounds without spills -------------------------===//
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
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;
using NVVM::NVVMDialect;

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

/// Threads of a workgroup; 0 where they are not known.
static int64_t getThreads(LLVM::LLVMFuncOp kernel) {
  auto sizes = kernel->getAttrOfType<DenseI32ArrayAttr>(
      NVVMDialect::getReqntidAttrName());
  if (!sizes)
    return 0;
  int64_t threads = 1;
  for (int64_t size : sizes.asArrayRef())
    if (llvm::MulOverflow(threads, size, threads))
      return 0;
  return threads;
}

/// Whether a kernel's bound is not pinned.
static bool isBoundChosen(LLVM::LLVMFuncOp kernel) {
  auto chosen = kernel->getAttrOfType<IntegerAttr>(kChosenMaxRegistersAttr);
  return chosen && chosen.getInt() == getBound(kernel);
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

/// The bytes of a kernel's registers that are spilled, if ptxas said so.
static std::optional<int64_t> getSpillBytes(const Cubin &cubin,
                                            LLVM::LLVMFuncOp kernel) {
  for (const KernelResources &resources : cubin.kernels)
    if (resources.name == kernel.getName())
      return resources.spillBytes;
  return std::nullopt;
}

static void warn(LLVM::LLVMFuncOp kernel, int64_t spillBytes,
                 ArrayRef<int64_t> tried, bool isChosen) {
  auto bounds = llvm::map_range(tried, [](int64_t bound) {
    return bound == kUnboundedRegisters ? std::string("none")
                                        : std::to_string(bound);
  });
  // Without the operation's text, which would bury the message.
  InFlightDiagnostic warning = emitWarning(kernel.getLoc());
  warning << "ptxas spills " << spillBytes << " bytes of registers of '"
          << kernel.getName()
          << "'; bounds that were tried: " << llvm::join(bounds, ", ");
  if (isChosen)
    warning << "; smaller tiles take fewer registers";
}

llvm::Expected<AssembledModule>
attn::assembleWithoutSpills(gpu::GPUModuleOp module, StringRef chip,
                            StringRef assembler) {
  auto target = GPUTarget::get(chip);
  if (!target)
    return target.takeError();
  auto best = assemble(module, chip, assembler);
  if (!best)
    return best;
  SmallVector<KernelResources, 0> kernels = best->cubin.kernels;
  for (const KernelResources &resources : kernels) {
    auto kernel = module.lookupSymbol<LLVM::LLVMFuncOp>(resources.name);
    if (!kernel || resources.spillBytes == 0)
      continue;
    int64_t bestBound = getBound(kernel), fewestBytes = resources.spillBytes;
    SmallVector<int64_t> tried{bestBound}, bounds;
    bool isChosen = isBoundChosen(kernel);
    if (isChosen)
      bounds =
          getRegisterBounds(getThreads(kernel), resources.registers, *target);
    for (int64_t bound : bounds) {
      if (bound == tried.front())
        continue;
      tried.push_back(bound);
      setBound(kernel, bound);
      auto next = assemble(module, chip, assembler);
      if (!next) {
        // A bound that ptxas does not take is none that helps.
        llvm::consumeError(next.takeError());
        continue;
      }
      std::optional<int64_t> bytes = getSpillBytes(next->cubin, kernel);
      if (!bytes || *bytes >= fewestBytes)
        continue;
      bestBound = bound;
      fewestBytes = *bytes;
      *best = std::move(*next);
      if (fewestBytes == 0)
        break;
    }
    setBound(kernel, bestBound);
    if (fewestBytes > 0)
      warn(kernel, fewestBytes, tried, isChosen);
  }
  return best;
}
