//===- Executable.cpp - A compiled module in this process -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Executable.h"

#include "attn/Execution/ObjectCode.h"
#include "attn/Target/CPUTarget.h"
#include "cpu/Failure.h"
#include "cpu/Print.h"
#include "gpu/Symbols.h"
#include "memory/Allocator.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::attn;
using attnrt::Tensor;

Executable::Executable() = default;
Executable::~Executable() {
  if (!unload)
    return;
  unload();
  llvm::consumeError(attnrt::takeDeviceError());
}

/// A JIT whose code sees the runtime and the C library's mathematics.
static llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>>
createJIT(const llvm::TargetMachine &machine) {
  llvm::orc::JITTargetMachineBuilder builder(machine.getTargetTriple());
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(builder))
                 .setDataLayout(machine.createDataLayout())
                 .create();
  if (!jit)
    return jit;
  llvm::orc::JITDylib &dylib = (*jit)->getMainJITDylib();
  llvm::orc::SymbolMap symbols;
  for (const attnrt::RuntimeSymbol &symbol :
       llvm::concat<const attnrt::RuntimeSymbol>(attnrt::getRuntimeSymbols(),
                                                 attnrt::getPrintSymbols(),
                                                 attnrt::getGPUSymbols()))
    symbols[(*jit)->mangleAndIntern(symbol.name)] = {
        llvm::orc::ExecutorAddr::fromPtr(symbol.address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  if (llvm::Error error =
          dylib.define(llvm::orc::absoluteSymbols(std::move(symbols))))
    return std::move(error);
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      machine.createDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  dylib.addGenerator(std::move(*process));
  return jit;
}

llvm::Expected<std::unique_ptr<Executable>>
Executable::create(ModuleOp module, const CPUTarget &target,
                   ArrayRef<Signature> signatures) {
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  SmallVector<PackedFunction> packed;
  for (const Signature &signature : signatures)
    packed.push_back({(kFunctionPrefix + signature.name).str(),
                      static_cast<unsigned>(signature.results.size())});
  bool hasKernels = !module.getOps<gpu::BinaryOp>().empty();
  auto object = compileToObject(module, **machine, packed);
  if (!object)
    return object.takeError();
  auto jit = createJIT(**machine);
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(std::move(object->file)))
    return std::move(error);

  std::unique_ptr<Executable> executable(new Executable);
  executable->stack = object->stack;
  for (const Signature &signature : signatures) {
    auto address = (*jit)->lookup(
        (kPackedPrefix + kFunctionPrefix + signature.name).str());
    if (!address)
      return address.takeError();
    executable->functions.try_emplace(
        signature.name, Function{signature, address->toPtr<Packed>()});
  }
  if (hasKernels) {
    auto load = (*jit)->lookup(kLoadFunction);
    if (!load)
      return load.takeError();
    auto unload = (*jit)->lookup(kUnloadFunction);
    if (!unload)
      return unload.takeError();
    load->toPtr<void()>()();
    if (llvm::Error error = attnrt::takeDeviceError())
      return std::move(error);
    executable->unload = unload->toPtr<void()>();
  }
  executable->jit = std::move(*jit);
  return executable;
}

namespace {

/// A memref descriptor of any rank, as the LLVM lowering of memrefs lays it
/// out: allocated and aligned pointer, offset, sizes, strides.
class Descriptor {
public:
  explicit Descriptor(size_t rank) : words(3 + 2 * rank), rank(rank) {}
  Descriptor(const Tensor &tensor) : Descriptor(tensor.getShape().size()) {
    // Compiled functions do not write to their arguments.
    words[0] = words[1] = reinterpret_cast<int64_t>(tensor.data());
    int64_t stride = 1;
    for (size_t i = rank; i-- > 0;) {
      words[3 + i] = tensor.getShape()[i];
      words[3 + rank + i] = stride;
      stride *= tensor.getShape()[i];
    }
  }

  void *getStorage() { return words.data(); }
  /// The address of each field, in order.
  void appendFields(SmallVectorImpl<void *> &addresses) {
    for (int64_t &word : words)
      addresses.push_back(&word);
  }
  void *getAllocated() const { return reinterpret_cast<void *>(words[0]); }
  char *getData(size_t elementSize) const {
    return reinterpret_cast<char *>(words[1]) + words[2] * int64_t(elementSize);
  }
  ArrayRef<int64_t> getSizes() const { return ArrayRef(words).slice(3, rank); }

private:
  SmallVector<int64_t, 11> words;
  size_t rank;
};

} // namespace

llvm::Expected<SmallVector<Tensor>> Executable::call(StringRef name,
                                                     ArrayRef<Tensor> inputs) {
  auto it = functions.find(name);
  if (it == functions.end())
    return llvm::createStringError("no function '%s'", name.str().c_str());
  const Signature &signature = it->second.signature;
  assert(inputs.size() == signature.arguments.size() && "inputs not bound");

  // The packed function takes the address of each scalar and of each field of
  // a descriptor, then that of each result.
  SmallVector<Descriptor, 4> arguments, results;
  SmallVector<void *> addresses;
  arguments.reserve(inputs.size());
  for (auto [input, type] : llvm::zip_equal(inputs, signature.arguments)) {
    if (type.isScalar) {
      addresses.push_back(const_cast<void *>(input.data()));
      continue;
    }
    arguments.emplace_back(input);
    arguments.back().appendFields(addresses);
  }
  results.reserve(signature.results.size());
  for (const ValueType &type : signature.results) {
    results.emplace_back(type.shape.size());
    addresses.push_back(results.back().getStorage());
  }
  {
    attnrt::CrashGuard guard;
    it->second.code(addresses.data());
  }
  llvm::Error error = attnrt::takeDeviceError();

  SmallVector<Tensor> tensors;
  llvm::SmallPtrSet<void *, 4> owned;
  for (auto [result, type] : llvm::zip_equal(results, signature.results)) {
    if (type.isScalar) {
      auto scalar = Tensor::create(type.element, {});
      if (!scalar)
        return llvm::joinErrors(std::move(error), scalar.takeError());
      std::memcpy(scalar->data(), result.getStorage(),
                  type.element.getByteSize());
      tensors.push_back(std::move(*scalar));
      continue;
    }
    Tensor tensor =
        Tensor::adopt(type.element, result.getSizes(), result.getAllocated(),
                      result.getData(type.element.getByteSize()));
    // A function may return one buffer as two results.
    if (!owned.insert(result.getAllocated()).second) {
      auto copy = tensor.clone();
      tensor.release();
      if (!copy)
        return llvm::joinErrors(std::move(error), copy.takeError());
      tensor = std::move(*copy);
    }
    tensors.push_back(std::move(tensor));
  }
  if (error)
    return std::move(error);
  return tensors;
}
