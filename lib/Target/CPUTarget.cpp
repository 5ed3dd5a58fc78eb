//===- CPUTarget.cpp - Description of a CPU -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/CPUTarget.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>
#include <unistd.h>

using namespace mlir::attn;
using llvm::StringRef;

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
  });
}

static std::string getHostFeatures() {
  llvm::SubtargetFeatures features;
  for (const auto &[name, enabled] : llvm::sys::getHostCPUFeatures())
    features.AddFeature(name, enabled);
  return features.getString();
}

/// The architecture that knows a CPU by this name: the host's, or the other.
static llvm::Expected<llvm::Triple> findTriple(StringRef cpu) {
  llvm::Triple host(llvm::sys::getProcessTriple());
  for (StringRef arch :
       {host.getArchName(), StringRef("x86_64"), StringRef("aarch64")}) {
    llvm::Triple triple = host;
    triple.setArchName(arch);
    std::string error;
    const llvm::Target *target =
        llvm::TargetRegistry::lookupTarget(triple, error);
    if (!target)
      continue;
    std::unique_ptr<llvm::MCSubtargetInfo> info(
        target->createMCSubtargetInfo(triple, "", ""));
    if (info && info->isCPUStringValid(cpu))
      return triple;
  }
  return llvm::createStringError(
      "unknown CPU '%s', expected host or a name that LLVM knows for x86-64 "
      "or AArch64, such as x86-64-v3, znver4 or apple-m2",
      cpu.str().c_str());
}

llvm::Expected<CPUTarget> CPUTarget::get(StringRef cpu) {
  initializeTargets();
  CPUTarget target;
  bool isHost = cpu == "host";
  llvm::Triple triple(llvm::sys::getProcessTriple());
  if (isHost) {
    target.cpu = llvm::sys::getHostCPUName();
    target.features = getHostFeatures();
    auto cacheBytes = [](int name, int64_t fallback) {
      long bytes = sysconf(name);
      return bytes > 0 ? static_cast<int64_t>(bytes) : fallback;
    };
    target.l1Bytes = cacheBytes(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
    target.l2Bytes = cacheBytes(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
  } else {
    auto found = findTriple(cpu);
    if (!found)
      return found.takeError();
    triple = *found;
    target.cpu = cpu;
  }
  target.triple = triple.str();

  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  const llvm::MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
  auto has = [&](const char *feature) { return info.checkFeatures(feature); };
  if (triple.isX86()) {
    bool avx512 = has("+avx512f") && has("+avx512vl") && has("+avx512bw");
    target.hasAVX512 = avx512;
    target.lanes = avx512 ? 16 : has("+avx") ? 8 : 4;
    target.vectorRegisters = avx512 ? 32 : 16;
    target.hasFMA = has("+fma");
    target.hasBF16DotProduct = avx512 && has("+avx512bf16");
    target.hasF16Conversion = has("+f16c");
  } else {
    target.vectorRegisters = 32;
    target.hasFMA = true;
    target.hasF16Conversion = true;
  }
  return target;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
CPUTarget::createTargetMachine() const {
  initializeTargets();
  std::string error;
  llvm::Triple parsed(triple);
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!target)
    return llvm::createStringError("no code generator for '%s': %s",
                                   triple.c_str(), error.c_str());
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      parsed, cpu, features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("no code generator for the CPU '%s'",
                                   cpu.c_str());
  return machine;
}
