//===- Compiler.cpp - From a module to an executable ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Compiler.h"

#include "attn/Execution/ObjectCode.h"
#include "attn/InitAll.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::attn;

void attn::registerCompilerDialects(DialectRegistry &registry) {
  attn::registerAllDialects(registry);
}

llvm::Expected<func::FuncOp> attn::findEntryFunction(ModuleOp module,
                                                     StringRef name) {
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() && function.isPublic())
      functions.push_back(function);
  for (func::FuncOp function : functions)
    if (function.getName() == (name.empty() ? "main" : name))
      return function;
  if (name.empty() && functions.size() == 1)
    return functions.front();
  if (functions.empty())
    return llvm::createStringError("the module has no public function");
  std::string names =
      llvm::join(llvm::map_range(functions,
                                 [](func::FuncOp function) {
                                   return "'" + function.getName().str() + "'";
                                 }),
                 ", ");
  if (name.empty())
    return llvm::createStringError("several functions, name one of them: " +
                                   names);
  return llvm::createStringError("no function '" + name + "', expected " +
                                 (functions.size() > 1 ? "one of " : "") +
                                 names);
}

/// Leaves `function` as the only public one, so that what it does not need
/// disappears.
static void hideOthers(func::FuncOp function) {
  for (auto other :
       function->getParentOfType<ModuleOp>().getOps<func::FuncOp>())
    if (other != function)
      other.setPrivate();
}

/// Gives the functions of a module names that no library's function has. A
/// program's own `exp2f` would be what math.exp2 is lowered to.
static llvm::Error renameFunctions(ModuleOp module) {
  SymbolTable symbols(module);
  for (auto function : llvm::to_vector(module.getOps<FunctionOpInterface>())) {
    if (function.isExternal())
      continue;
    StringRef name = SymbolTable::getSymbolName(function).getValue();
    auto renamed = StringAttr::get(module.getContext(), kFunctionPrefix + name);
    if (failed(symbols.rename(function, renamed)))
      return llvm::createStringError("function '" + name +
                                     "' cannot be renamed");
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Executable>>
attn::compile(func::FuncOp function, const CompileOptions &options) {
  auto target = CPUTarget::get(options.targetCPU);
  if (!target)
    return target.takeError();
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (llvm::Triple(target->triple).getArch() != host.getArch())
    return llvm::createStringError(
        "code for the CPU '%s' (%s) does not run on this machine (%s)",
        options.targetCPU.c_str(),
        llvm::Triple(target->triple).getArchName().str().c_str(),
        host.getArchName().str().c_str());
  auto signature = Signature::get(function);
  if (!signature)
    return signature.takeError();
  auto module = function->getParentOfType<ModuleOp>();
  if (options.chip.empty() && !module.getOps<gpu::GPUModuleOp>().empty())
    return llvm::createStringError(
        "the module holds kernels for a GPU, --device says where they run");
  hideOthers(function);
  auto run = [&](function_ref<void(OpPassManager &)> build) -> llvm::Error {
    PassManager pm(module.getContext());
    build(pm);
    if (succeeded(pm.run(module)))
      return llvm::Error::success();
    return llvm::createStringError("function '%s' cannot be compiled",
                                   signature->name.c_str());
  };
  AttnToCPUOptions pipeline;
  pipeline.targetCPU = options.targetCPU;
  pipeline.threads = options.threads;
  pipeline.raise = options.raise;
  if (options.chip.empty())
    pipeline.schedule = options.schedule;
  // Kernels are named after the program's functions.
  if (llvm::Error error = run([&](OpPassManager &pm) {
        pm.addPass(createSymbolDCEPass());
        // Kernels may be PTX already.
        if (options.chip.empty() || !module.getOps<gpu::BinaryOp>().empty())
          return;
        AttnToNVVMOptions kernels;
        kernels.chip = options.chip;
        kernels.raise = options.raise;
        kernels.schedule = options.schedule;
        buildAttnToNVVM(pm, module, kernels);
      }))
    return std::move(error);
  if (llvm::Error error = renameFunctions(module))
    return std::move(error);
  if (llvm::Error error = run([&](OpPassManager &pm) {
        if (options.chip.empty())
          buildAttnToCPU(pm, pipeline);
        else
          buildAttnGPUHostToLLVM(pm, pipeline);
      }))
    return std::move(error);
  return Executable::create(module, *target, *signature);
}

llvm::Error attn::makeReference(ModuleOp module, int64_t sampledRows) {
  if (!module.getOps<gpu::GPUModuleOp>().empty())
    return llvm::createStringError(
        "the module holds kernels for a GPU, which have no definition in "
        "float64");
  PassManager pm(module.getContext());
  // Row by row: the scores of all would take more memory than there is.
  AttnSampleRowsOptions sample;
  sample.count = sampledRows;
  pm.addPass(createAttnSampleRows(sample));
  pm.addPass(createAttnPromoteToF64());
  pm.addPass(createAttnDecompose());
  if (failed(pm.run(module)))
    return llvm::createStringError("the module has no definition in float64");
  return llvm::Error::success();
}
