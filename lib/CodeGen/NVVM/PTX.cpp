//===- PTX.cpp - NVVM dialect to PTX --------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/Target/GPUTarget.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Scalar.h"
#include <mutex>

using namespace mlir;

/// LLVM's address space of shared memory.
static constexpr unsigned kSharedSpace = 3;

llvm::Error attn::checkChip(StringRef name) {
  return GPUTarget::get(name).takeError();
}

FailureOr<NVVM::NVVMTargetAttr> attn::getNVVMTarget(gpu::GPUModuleOp module) {
  if (ArrayAttr targets = module.getTargetsAttr())
    for (Attribute target : targets)
      if (auto nvvm = dyn_cast<NVVM::NVVMTargetAttr>(target))
        return nvvm;
  return module.emitError("expected a #nvvm.target, which names the chip");
}

static void initializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    // The back end takes pointers of 32 bits to all memory but the global one
    // by this option alone: half the registers for shared memory's addresses.
    auto options = llvm::cl::getRegisteredOptions();
    auto shortPointers = options.find("nvptx-short-ptr");
    if (shortPointers != options.end())
      shortPointers->second->addOccurrence(0, "nvptx-short-ptr", "true");
  });
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(StringRef name) {
  auto chip = attn::GPUTarget::get(name);
  if (!chip)
    return chip.takeError();
  initializeTarget();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError("no code generator for NVIDIA GPUs: " +
                                   message);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, name, chip->ptxFeature, llvm::TargetOptions(), std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("no code generator for the chip '%s'",
                                   name.str().c_str());
  return machine;
}

namespace {
/// The back end's passes but for strength reduction of loops: that keeps a
/// register for each address that grows in a loop, where the kernels' loops
/// are full of accumulators and add constants to one address for free. ptxas
/// then spills.
class BackEndPasses : public llvm::legacy::PassManagerBase {
public:
  void add(llvm::Pass *pass) override {
    std::unique_ptr<llvm::Pass> unwanted(llvm::createLoopStrengthReducePass());
    if (pass->getPassID() == unwanted->getPassID())
      delete pass;
    else
      passes.add(pass);
  }
  void run(llvm::Module &module) { passes.run(module); }

private:
  llvm::legacy::PassManager passes;
};
} // namespace

/// Kernels come unrolled and in registers: what is left is to fold the
/// arithmetic of addresses and to take it out of loops. The back end adds
/// passes of its own for addresses.
static constexpr StringLiteral kPasses =
    "sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "infer-address-spaces,loop-simplify,lcssa,"
    "loop-mssa(loop-rotate,licm),loop(indvars,loop-deletion),"
    "instcombine<no-verify-fixpoint>,early-cse,simplifycfg,adce";

/// Instructions on shared memory take an address as a register and a constant.
/// The code generator sees one block at a time: a constant offset that left a
/// loop as invariant would take a register for each address. It goes back to
/// where it is used.
static void sinkConstantOffsets(llvm::Function &function) {
  llvm::SmallVector<llvm::GetElementPtrInst *> addresses;
  for (llvm::Instruction &instruction : llvm::instructions(function))
    if (auto *address = dyn_cast<llvm::GetElementPtrInst>(&instruction))
      if (address->getPointerAddressSpace() == kSharedSpace &&
          address->hasAllConstantIndices())
        addresses.push_back(address);
  for (llvm::GetElementPtrInst *address : addresses) {
    llvm::DenseMap<llvm::BasicBlock *, llvm::Instruction *> copies;
    for (llvm::Use &use : llvm::make_early_inc_range(address->uses())) {
      auto *user = cast<llvm::Instruction>(use.getUser());
      llvm::BasicBlock *block = user->getParent();
      if (block == address->getParent() || isa<llvm::PHINode>(user))
        continue;
      llvm::Instruction *&copy = copies[block];
      if (!copy) {
        copy = address->clone();
        copy->insertBefore(block->getFirstInsertionPt());
      }
      use.set(copy);
    }
    if (address->use_empty())
      address->eraseFromParent();
  }
}

static llvm::Error optimize(llvm::Module &module,
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
  llvm::FunctionPassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, kPasses))
    return error;
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      passes.run(function, functions);
      sinkConstantOffsets(function);
    }
  return llvm::Error::success();
}

/// CUDA's system calls, which every device has.
static bool isSystemCall(StringRef name) {
  return name == "vprintf" || name == "malloc" || name == "free" ||
         name == "__assertfail";
}

static llvm::Expected<std::unique_ptr<llvm::Module>>
translate(gpu::GPUModuleOp module, llvm::LLVMContext &context,
          llvm::TargetMachine &machine) {
  registerBuiltinDialectTranslation(*module.getContext());
  registerGPUDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  registerNVVMDialectTranslation(*module.getContext());
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(module, context, module.getName());
  if (!code)
    return llvm::createStringError(
        "the GPU module '%s' cannot be translated to LLVM IR",
        module.getName().str().c_str());
  for (const llvm::Function &function : *code)
    if (function.isDeclaration() && !function.isIntrinsic() &&
        !isSystemCall(function.getName()))
      return llvm::createStringError(
          "the GPU module '%s' calls '%s', which it does not define",
          module.getName().str().c_str(), function.getName().str().c_str());
  code->setDataLayout(machine.createDataLayout());
  code->setTargetTriple(machine.getTargetTriple());
  if (llvm::Error error = optimize(*code, machine))
    return std::move(error);
  return code;
}

/// The text that `write` makes of the module as optimized LLVM IR.
static llvm::Expected<std::string>
emit(gpu::GPUModuleOp module, StringRef chip,
     function_ref<llvm::Error(llvm::Module &, llvm::TargetMachine &,
                              llvm::raw_pwrite_stream &)>
         write) {
  auto machine = createTargetMachine(chip);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  auto code = translate(module, context, **machine);
  if (!code)
    return code.takeError();
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  if (llvm::Error error = write(**code, **machine, os))
    return std::move(error);
  return text.str().str();
}

llvm::Expected<std::string> attn::emitNVVMIR(gpu::GPUModuleOp module,
                                             StringRef chip) {
  return emit(module, chip,
              [](llvm::Module &code, llvm::TargetMachine &,
                 llvm::raw_pwrite_stream &os) {
                code.print(os, nullptr);
                return llvm::Error::success();
              });
}

/// Whether a name is an identifier of PTX, which the back end writes as it is.
static bool isPTXName(StringRef name) {
  static const llvm::Regex identifier("^([A-Za-z]|[_$][A-Za-z0-9_$])"
                                      "[A-Za-z0-9_$]*$");
  return identifier.match(name);
}

/// The back end would end the process.
static llvm::Error checkNames(gpu::GPUModuleOp module,
                              const llvm::Module &code) {
  for (const llvm::GlobalObject &object : code.global_objects())
    if (!object.isDeclaration() && !object.hasLocalLinkage() &&
        !isPTXName(object.getName()))
      return llvm::createStringError(
          "the GPU module '%s' defines '%s', expected a name of letters, "
          "digits, _ and $ that PTX takes",
          module.getName().str().c_str(), object.getName().str().c_str());
  return llvm::Error::success();
}

llvm::Expected<std::string> attn::emitPTX(gpu::GPUModuleOp module,
                                          StringRef chip) {
  return emit(
      module, chip,
      [&](llvm::Module &code, llvm::TargetMachine &machine,
          llvm::raw_pwrite_stream &os) -> llvm::Error {
        if (llvm::Error error = checkNames(module, code))
          return error;
        BackEndPasses passes;
        if (machine.addPassesToEmitFile(passes, os, nullptr,
                                        llvm::CodeGenFileType::AssemblyFile,
                                        /*DisableVerify=*/true))
          return llvm::createStringError("the back end for '%s' emits no text",
                                         chip.str().c_str());
        passes.run(code);
        return llvm::Error::success();
      });
}
