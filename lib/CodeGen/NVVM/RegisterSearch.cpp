//===- RegisterSearch.cpp - Bounds without spills  ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/RegisterSearch.h"

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/Target/GPUTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;
using NVVM::NVVMDialect;

/// No bound, as a bound.
static constexpr int64_t kUnbounded = 0;

/// Bounds to try for each number of workgroups, eight registers apart: of what
/// ptxas (13.0) spills at 255 registers because it reads far ahead, most is
/// gone at 224.
static constexpr unsigned kBoundsPerResidency = 5;

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
  return bound ? bound.getInt() : kUnbounded;
}

static void setBound(LLVM::LLVMFuncOp kernel, int64_t bound) {
  StringRef name = NVVMDialect::getMaxnregAttrName();
  if (bound == kUnbounded)
    kernel->removeAttr(name);
  else
    kernel->setAttr(name,
                    Builder(kernel.getContext()).getI32IntegerAttr(bound));
}

/// Threads of a workgroup, where they are known.
static std::optional<int64_t> getThreads(LLVM::LLVMFuncOp kernel) {
  for (StringRef name :
       {NVVMDialect::getReqntidAttrName(), NVVMDialect::getMaxntidAttrName()})
    if (auto sizes = kernel->getAttrOfType<DenseI32ArrayAttr>(name))
      return llvm::product_of(sizes.asArrayRef(), int64_t{1});
  return std::nullopt;
}

/// Bounds to try where ptxas took so many registers and spilled some, in the
/// order in which they are wanted. More workgroups hide each other's waits.
static SmallVector<int64_t> getBounds(int64_t threads, int64_t registers,
                                      const GPUTarget &target) {
  SmallVector<int64_t> bounds{kUnbounded};
  int64_t most = target.registers /
                 (threads * std::max<int64_t>(llvm::alignTo(registers, 8), 8));
  for (int64_t workgroups : {most, most - 1}) {
    if (workgroups < 1)
      continue;
    int64_t next = target.getThreadRegisters(threads, workgroups);
    int64_t withOneMore = target.getThreadRegisters(threads, workgroups + 1);
    for (unsigned i = 0; i < kBoundsPerResidency && next > withOneMore; ++i) {
      bounds.push_back(next);
      next = llvm::alignTo(next, 8) - 8;
    }
  }
  return bounds;
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
                                                     const GPUTarget &target,
                                                     bool keepBounds) {
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
    if (threads && (bound == kUnbounded || !keepBounds))
      for (int64_t other : getBounds(*threads, resources.registers, target))
        if (other != bound)
          kernel.bounds.push_back(other);
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

static int64_t getSpillBytes(const Cubin &cubin, StringRef kernel) {
  auto resources =
      llvm::find_if(cubin.kernels, [&](const KernelResources &resources) {
        return resources.name == kernel;
      });
  return resources == cubin.kernels.end() ? 0 : resources->spillBytes;
}

static void warn(SpilledKernel &kernel) {
  auto bounds = llvm::map_range(kernel.bounds, [](int64_t bound) {
    return bound == kUnbounded ? std::string("none") : std::to_string(bound);
  });
  kernel.function.emitWarning()
      << "ptxas spills " << kernel.fewestBytes << " bytes of registers of '"
      << kernel.function.getName()
      << "'; bounds that were tried: " << llvm::join(bounds, ", ")
      << "; smaller tiles take fewer registers";
}

llvm::Expected<AssembledModule>
attn::assembleWithoutSpills(gpu::GPUModuleOp module, StringRef chip,
                            StringRef assembler, bool keepBounds) {
  auto target = GPUTarget::get(chip);
  if (!target)
    return target.takeError();
  auto assembled = assemble(module, chip, assembler);
  if (!assembled)
    return assembled;
  SmallVector<SpilledKernel> kernels =
      findSpilledKernels(module, assembled->cubin, *target, keepBounds);

  auto reassemble = [&]() -> llvm::Error {
    auto next = assemble(module, chip, assembler);
    if (!next)
      return next.takeError();
    *assembled = std::move(*next);
    return llvm::Error::success();
  };
  // All kernels that are left try their next bounds in one run.
  while (true) {
    bool areTried = true;
    for (SpilledKernel &kernel : kernels)
      if (kernel.fewestBytes > 0 && kernel.tried < kernel.bounds.size()) {
        setBound(kernel.function, kernel.bounds[kernel.tried++]);
        areTried = false;
      }
    if (areTried)
      break;
    if (llvm::Error error = reassemble())
      return std::move(error);
    for (SpilledKernel &kernel : kernels) {
      int64_t bytes =
          getSpillBytes(assembled->cubin, kernel.function.getName());
      if (bytes >= kernel.fewestBytes)
        continue;
      kernel.fewestBytes = bytes;
      kernel.bestBound = getBound(kernel.function);
    }
  }
  bool isBest = true;
  for (SpilledKernel &kernel : kernels) {
    isBest &= getBound(kernel.function) == kernel.bestBound;
    setBound(kernel.function, kernel.bestBound);
    if (kernel.fewestBytes > 0)
      warn(kernel);
  }
  if (!isBest)
    if (llvm::Error error = reassemble())
      return std::move(error);
  return assembled;
}
