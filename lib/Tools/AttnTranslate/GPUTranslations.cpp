//===- GPUTranslations.cpp - MLIR to GPU code -----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GPUTranslations.h"

#include "attn/CodeGen/NVVM/Cubin.h"
#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/CodeGen/NVVM/RegisterSearch.h"
#include "attn/IR/AttnDialect.h"
#include "attn/InitAll.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;
using namespace mlir::attn;

static llvm::cl::opt<std::string>
    chipOption("chip",
               llvm::cl::desc("The GPU to emit code for, as in sm_89 (default: "
                              "sm_80)"),
               llvm::cl::init("sm_80"));
static llvm::cl::opt<std::string>
    moduleOption("gpu-module",
                 llvm::cl::desc("The gpu.module to emit, where several are"));
static llvm::cl::list<std::string> scheduleOption(
    "attn-schedule", llvm::cl::CommaSeparated, llvm::cl::value_desc("list"),
    llvm::cl::desc("Fields of the schedules to pin, as in "
                   "query_tile=64,warps=4; with print in the list, say of each "
                   "attention what was chosen and why"));
static llvm::cl::opt<std::string> ptxasOption(
    "ptxas",
    llvm::cl::desc("CUDA's assembler, where it is neither on the path nor in "
                   "CUDA's usual places"));

static llvm::cl::opt<bool> boundRegistersOption(
    "bound-registers",
    llvm::cl::desc(
        "With --emit=ptx: have ptxas compile the code, and bound the "
        "registers of kernels whose registers it spills, as "
        "--emit=cubin does"));

/// The GPU module that the options name.
static llvm::Expected<gpu::GPUModuleOp> findGPUModule(Operation *root) {
  SmallVector<gpu::GPUModuleOp> modules;
  root->walk([&](gpu::GPUModuleOp module) { modules.push_back(module); });
  if (modules.empty())
    return llvm::createStringError("there is no gpu.module to emit");
  for (gpu::GPUModuleOp module : modules)
    if (module.getName() == moduleOption)
      return module;
  if (moduleOption.empty() && modules.size() == 1)
    return modules.front();
  std::string names =
      llvm::join(llvm::map_range(modules,
                                 [](gpu::GPUModuleOp module) {
                                   return ("'" + module.getName() + "'").str();
                                 }),
                 ", ");
  if (moduleOption.empty())
    return llvm::createStringError(
        "several GPU modules, choose one by --gpu-module=NAME: " + names);
  return llvm::createStringError("no gpu.module '" + moduleOption +
                                 "', expected " +
                                 (modules.size() > 1 ? "one of " : "") + names);
}

/// Code for one chip: a text, or the bytes of a cubin.
using Emit = llvm::Expected<std::string>(gpu::GPUModuleOp module,
                                         StringRef chip);

static llvm::Expected<AssembledModule> assemble(gpu::GPUModuleOp module,
                                                StringRef chip) {
  auto ptxas = findPTXAssembler(ptxasOption);
  if (!ptxas)
    return ptxas.takeError();
  return assembleWithoutSpills(module, chip, *ptxas);
}

static llvm::Expected<std::string> emitPTXText(gpu::GPUModuleOp module,
                                               StringRef chip) {
  if (!boundRegistersOption)
    return emitPTX(module, chip);
  auto assembled = assemble(module, chip);
  if (!assembled)
    return assembled.takeError();
  return std::move(assembled->ptx);
}

static llvm::Expected<std::string> emitCubin(gpu::GPUModuleOp module,
                                             StringRef chip) {
  auto assembled = assemble(module, chip);
  if (!assembled)
    return assembled.takeError();
  return std::move(assembled->cubin.bytes);
}

static llvm::Expected<std::string> emitIR(gpu::GPUModuleOp module,
                                          StringRef chip) {
  if (boundRegistersOption)
    return llvm::createStringError(
        "--bound-registers: expected --emit=ptx or --emit=cubin");
  return emitNVVMIR(module, chip);
}

static void registerTranslation(StringRef name, StringRef description,
                                Emit *emit) {
  TranslateFromMLIRRegistration registration(
      name, description,
      [emit](Operation *root, raw_ostream &os) -> LogicalResult {
        // A message says what it is about; the operation's text would bury it.
        root->getContext()->printOpOnDiagnostic(false);
        auto fail = [&](llvm::Error error) {
          return emitError(root->getLoc()) << llvm::toString(std::move(error));
        };
        if (llvm::Error error = checkChip(chipOption)) {
          // At the first operation that asks for the chip.
          Operation *user = root;
          root->walk([&](Operation *op) {
            if (!isa<SDPAOp, gpu::GPUModuleOp>(op))
              return WalkResult::advance();
            user = op;
            return WalkResult::interrupt();
          });
          return user->emitError() << llvm::toString(std::move(error));
        }
        auto host = dyn_cast<ModuleOp>(root);
        if (!host)
          return fail(llvm::createStringError("expected a builtin.module"));
        PassManager pm(root->getContext(), root->getName().getStringRef());
        AttnToNVVMOptions options;
        options.chip = chipOption;
        options.schedule = ArrayRef<std::string>(scheduleOption);
        buildAttnToNVVM(pm, host, options);
        // Once at the end: after every pass, as attn-opt does, it takes a third
        // of the time.
        pm.enableVerifier(false);
        if (failed(pm.run(root)) || failed(verify(root)))
          return failure();
        auto module = findGPUModule(root);
        if (!module)
          return fail(module.takeError());
        auto code = emit(*module, chipOption);
        if (!code)
          return fail(code.takeError());
        os << *code;
        return success();
      },
      [](DialectRegistry &registry) { attn::registerAllDialects(registry); });
}

void mlir::attn::registerGPUTranslations() {
  registerTranslation("attn-to-ptx", "the same as --emit=ptx", emitPTXText);
  registerTranslation("attn-to-cubin", "the same as --emit=cubin", emitCubin);
  registerTranslation("attn-to-llvm", "the same as --emit=llvm", emitIR);
}
