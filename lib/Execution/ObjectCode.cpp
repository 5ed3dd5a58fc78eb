//===- ObjectCode.cpp - LLVM dialect to machine code ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/ObjectCode.h"

#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

static void addPackedFunction(llvm::Module &module, llvm::Function &function,
                              unsigned numResults) {
  llvm::LLVMContext &context = module.getContext();
  llvm::IRBuilder<> b(context);
  llvm::Type *pointer = b.getPtrTy();
  auto *packed = llvm::Function::Create(
      llvm::FunctionType::get(b.getVoidTy(), {pointer}, false),
      llvm::Function::ExternalLinkage, attn::kPackedPrefix + function.getName(),
      module);
  b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", packed));
  unsigned next = 0;
  auto getNextAddress = [&] {
    llvm::Value *slot =
        b.CreateConstInBoundsGEP1_64(pointer, packed->getArg(0), next++);
    return b.CreateLoad(pointer, slot);
  };
  SmallVector<llvm::Value *> arguments;
  for (llvm::Argument &argument : function.args())
    arguments.push_back(b.CreateLoad(argument.getType(), getNextAddress()));
  llvm::Value *result = b.CreateCall(&function, arguments);
  if (numResults > 1)
    for (unsigned i = 0; i < numResults; ++i)
      b.CreateStore(b.CreateExtractValue(result, i), getNextAddress());
  else if (numResults == 1)
    b.CreateStore(result, getNextAddress());
  b.CreateRetVoid();
}

/// Turns the constructors or destructors of a module into a function that calls
/// them: whoever loads the code says when, and learns what failed.
static void addCaller(llvm::Module &module, StringRef list, StringRef name) {
  llvm::GlobalVariable *functions = module.getNamedGlobal(list);
  if (!functions)
    return;
  llvm::IRBuilder<> b(module.getContext());
  auto *caller =
      llvm::Function::Create(llvm::FunctionType::get(b.getVoidTy(), false),
                             llvm::Function::ExternalLinkage, name, module);
  b.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "entry", caller));
  for (llvm::Value *entry :
       llvm::cast<llvm::ConstantArray>(functions->getInitializer())->operands())
    b.CreateCall(llvm::cast<llvm::Function>(
        llvm::cast<llvm::ConstantStruct>(entry)->getOperand(1)));
  b.CreateRetVoid();
  functions->eraseFromParent();
}

/// A launch keeps its arguments on the stack. In a loop that would take more of
/// it each time.
static void hoistAllocas(llvm::Function &function) {
  llvm::BasicBlock &entry = function.getEntryBlock();
  for (llvm::BasicBlock &block : llvm::drop_begin(function))
    for (llvm::Instruction &inst : llvm::make_early_inc_range(block))
      if (auto *alloca = llvm::dyn_cast<llvm::AllocaInst>(&inst);
          alloca && llvm::isa<llvm::Constant>(alloca->getArraySize()))
        alloca->moveBefore(entry, entry.getFirstInsertionPt());
}

/// Kernels come as the vector code that they shall be: what is left is to fold
/// the arithmetic of addresses and to take it out of loops.
static constexpr llvm::StringLiteral kKernelPasses =
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(licm),early-cse,adce";

/// Loops over scalars, innermost dimension contiguous where that was possible.
static constexpr llvm::StringLiteral kLoopPasses =
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-simplify,lcssa,loop-mssa(loop-rotate,licm),"
    "loop(loop-idiom,indvars,loop-deletion),loop-vectorize,"
    "instcombine<no-verify-fixpoint>,loop-mssa(licm),early-cse,simplifycfg,"
    "adce";

static llvm::Error optimize(llvm::Module &module,
                            const llvm::StringSet<> &kernels,
                            llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  llvm::FunctionPassManager kernelPasses, loopPasses;
  if (llvm::Error error =
          builder.parsePassPipeline(kernelPasses, kKernelPasses))
    return error;
  if (llvm::Error error = builder.parsePassPipeline(loopPasses, kLoopPasses))
    return error;
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      (kernels.contains(function.getName()) ? kernelPasses : loopPasses)
          .run(function, functions);
  return llvm::Error::success();
}

namespace {

/// Collects the sizes of the frames that the code generator reports of
/// functions with the attribute warn-stack-size.
struct StackSizes : llvm::DiagnosticHandler {
  explicit StackSizes(attn::StackUse &use) : use(use) {}

  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    auto *stack = llvm::dyn_cast<llvm::DiagnosticInfoStackSize>(&info);
    if (!stack)
      return false;
    // What attn_parallel_for calls has its address taken.
    if (stack->getFunction().hasAddressTaken())
      use.kernel = std::max(use.kernel, stack->getStackSize());
    else
      use.caller += stack->getStackSize();
    return true;
  }

  attn::StackUse &use;
};

} // namespace

llvm::Expected<attn::ObjectCode>
attn::compileToObject(ModuleOp module, llvm::TargetMachine &machine,
                      ArrayRef<PackedFunction> packed) {
  llvm::StringSet<> kernels;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(kKernelAttr))
      kernels.insert(function.getName());
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  registerGPUDialectTranslation(*module.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(module, context, "attn");
  if (!code)
    return llvm::createStringError(
        "the module cannot be translated to LLVM IR");
  code->setDataLayout(machine.createDataLayout());
  code->setTargetTriple(machine.getTargetTriple());
  for (const PackedFunction &function : packed) {
    llvm::Function *callee = code->getFunction(function.name);
    if (!callee || callee->isDeclaration())
      return llvm::createStringError("no function '%s' in the module",
                                     function.name.c_str());
    addPackedFunction(*code, *callee, function.numResults);
  }
  if (!module.getOps<gpu::BinaryOp>().empty()) {
    addCaller(*code, "llvm.global_ctors", kLoadFunction);
    addCaller(*code, "llvm.global_dtors", kUnloadFunction);
    for (llvm::Function &function : *code)
      if (!function.isDeclaration())
        hoistAllocas(function);
  }
  if (llvm::Error error = optimize(*code, kernels, machine))
    return std::move(error);

  ObjectCode result;
  context.setDiagnosticHandler(std::make_unique<StackSizes>(result.stack));
  for (llvm::Function &function : *code)
    if (!function.isDeclaration())
      function.addFnAttr("warn-stack-size", "0");
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream os(object);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr,
                                  llvm::CodeGenFileType::ObjectFile,
                                  /*DisableVerify=*/true))
    return llvm::createStringError("no object files for the target '%s'",
                                   machine.getTargetTriple().str().c_str());
  passes.run(*code);
  result.file = std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(object), /*RequiresNullTerminator=*/false);
  return result;
}
