//===- ModuleDecoder.cpp - Variables and functions of a file --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FunctionDecoder.h"
#include "ptx/GlobalMemory.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

/// Constant memory as CUDA has it, and what a block's shared memory may be at
/// most on any target, with room for the gaps between variables.
static constexpr uint64_t maxConstantBytes = uint64_t(1) << 26;
static constexpr uint64_t maxSharedBytes = uint64_t(1) << 20;

/// Between shared variables, so that an access past one's end is found; a
/// multiple of the 32 banks, which stay as they are without it.
static constexpr uint64_t sharedGap = 128;

bool ModuleDecoder::fail(unsigned line, const Twine &message) {
  if (error.empty()) {
    errorLine = line;
    error = message.str();
  }
  return false;
}

uint32_t ModuleDecoder::constantRow(uint64_t bits, unsigned bytes) {
  if (bytes > 0 && bytes < 8)
    bits &= (uint64_t(1) << (8 * bytes)) - 1;
  auto [it, isNew] = rows.try_emplace({bits, bytes}, 0);
  if (!isNew)
    return it->second;
  std::vector<uint8_t> &data = program.constantRows;
  size_t size = bytes ? bytes * warpSize : 64;
  uint32_t row = data.size();
  data.resize(row + size);
  it->second = row;
  if (bytes == 0) {
    std::memcpy(&data[row], &bits, 4);
    return row;
  }
  for (unsigned lane = 0; lane < warpSize; ++lane)
    std::memcpy(&data[row + lane * bytes], &bits, std::min(bytes, 8u));
  return row;
}

/// Shared variables have their places before any code is decoded: extern
/// arrays, the dynamic shared memory, follow the static ones of all functions.
bool ModuleDecoder::layOutShared() {
  // It is the system's, and comes first on GPUs too.
  if (StringRef(program.source).contains("%reserved_smem_offset")) {
    program.reservedShared = 0;
    program.shared.push_back({"the system's reserved memory", Space::Shared, 0,
                              reservedSharedBytes, 16, /*isDefined=*/true});
    program.staticSharedBytes = reservedSharedBytes + sharedGap;
  }
  llvm::SmallVector<const VariableSyntax *> dynamic;
  auto add = [&](const VariableSyntax &v) {
    if (v.space != Space::Shared)
      return true;
    uint64_t elementSize = uint64_t(byteSize(v.type)) * v.vector;
    uint64_t align = std::max<uint64_t>(v.align, elementSize);
    if (v.isExtern || v.count == 0) {
      dynamic.push_back(&v);
      program.dynamicSharedAlign =
          std::max<uint32_t>(program.dynamicSharedAlign, align);
      return true;
    }
    uint64_t address = llvm::alignTo(program.staticSharedBytes, align);
    if (address + elementSize * v.count > maxSharedBytes)
      return fail(v.line, "'" + v.name + "' does not fit in shared memory");
    sharedAddresses[&v] = address;
    program.staticSharedBytes = address + elementSize * v.count + sharedGap;
    return true;
  };
  for (const VariableSyntax &v : syntax.variables)
    if (!add(v))
      return false;
  for (const FunctionSyntax &f : syntax.functions)
    for (const VariableSyntax &v : f.variables)
      if (!add(v))
        return false;
  program.dynamicSharedBegin =
      llvm::alignTo(program.staticSharedBytes, program.dynamicSharedAlign);
  for (const VariableSyntax *v : dynamic)
    sharedAddresses[v] = program.dynamicSharedBegin;
  return true;
}

bool ModuleDecoder::declareVariable(const VariableSyntax &variable,
                                    llvm::StringMap<Symbol> &scope) {
  uint64_t elementSize = uint64_t(byteSize(variable.type)) * variable.vector;
  uint64_t size = elementSize * variable.count;
  uint64_t align = std::max<uint64_t>(variable.align, elementSize);
  Symbol symbol;
  symbol.kind = Symbol::Variable;
  symbol.type = variable.type;
  symbol.space = variable.space;
  symbol.size = size;
  Variable entry{variable.name.str(), variable.space, 0, size, uint32_t(align)};
  if (auto it = scope.find(variable.name); it != scope.end()) {
    if (variable.isExtern)
      return true;
    return fail(variable.line, "'" + variable.name + "' is declared twice");
  }
  switch (variable.space) {
  case Space::Shared:
    symbol.address = sharedAddresses.lookup(&variable);
    entry.address = symbol.address;
    symbol.count = program.shared.size();
    if (variable.isExtern)
      entry.size = 0;
    program.shared.push_back(entry);
    break;
  case Space::Const:
    symbol.address = llvm::alignTo(program.constantData.size() + 16, align);
    if (symbol.address + size > maxConstantBytes)
      return fail(variable.line,
                  "'" + variable.name + "' does not fit in constant memory");
    entry.address = symbol.address;
    program.constantData.resize(symbol.address + size);
    program.constants.push_back(entry);
    program.symbolAddresses[variable.name] = window::constant + symbol.address;
    break;
  case Space::Global: {
    if (variable.isExtern)
      return fail(variable.line, "variable '" + variable.name +
                                     "' is defined in another file");
    llvm::Expected<uint64_t> address = memory.allocate(size, variable.name);
    if (!address)
      return fail(variable.line, llvm::toString(address.takeError()));
    symbol.address = *address;
    program.symbolAddresses[variable.name] = *address;
    break;
  }
  default:
    return fail(variable.line,
                "a variable of space " + spaceName(variable.space) + " here");
  }
  scope[variable.name] = symbol;
  if (!variable.initialiser.empty())
    toInitialise.push_back({&variable, symbol});
  return true;
}

bool ModuleDecoder::layOut(const std::vector<VariableSyntax> &list,
                           std::vector<Parameter> &params, uint32_t &top) {
  for (const VariableSyntax &v : list) {
    if (v.space == Space::None)
      return fail(v.line,
                  "parameters in registers are not supported, use .param");
    Parameter p;
    p.name = v.name.str();
    p.type = v.type;
    uint64_t size = uint64_t(byteSize(v.type)) * v.vector * v.count;
    if (size > (1 << 16))
      return fail(v.line, "parameter '" + v.name + "' is too large");
    p.size = size;
    p.align = std::max<uint32_t>(v.align, byteSize(v.type) * v.vector);
    p.offset = llvm::alignTo(top, p.align);
    top = p.offset + p.size;
    params.push_back(std::move(p));
  }
  return true;
}

bool ModuleDecoder::declareFunction(const FunctionSyntax &syntax) {
  Function *&function = program.functionByName[syntax.name];
  if (function) {
    if (function->hasBody && syntax.hasBody)
      return fail(syntax.line,
                  "function '" + syntax.name + "' is defined twice");
    if (function->hasBody || !syntax.hasBody)
      return true;
  } else {
    program.functions.push_back(std::make_unique<Function>());
    function = program.functions.back().get();
    Symbol symbol;
    symbol.kind = Symbol::Function;
    symbol.function = function;
    symbol.address = window::code + 16 * program.functions.size();
    if (!symbols.insert({syntax.name, symbol}).second)
      return fail(syntax.line, "'" + syntax.name + "' is declared twice");
  }
  function->name = syntax.name.str();
  function->line = syntax.line;
  function->isEntry = syntax.isEntry;
  function->hasBody = syntax.hasBody;
  function->params.clear();
  function->results.clear();
  uint32_t top = 0;
  if (!layOut(syntax.results, function->results, top) ||
      !layOut(syntax.params, function->params, top))
    return false;
  function->paramBytes = top;
  if (syntax.reqntid.x)
    function->reqntid = syntax.reqntid;
  if (syntax.maxntid.x)
    function->maxntid = syntax.maxntid;
  if (syntax.cluster.x)
    function->cluster = syntax.cluster;
  return true;
}

bool ModuleDecoder::initialise(const VariableSyntax &variable,
                               const Symbol &symbol) {
  uint8_t *data = symbol.space == Space::Const
                      ? program.constantData.data() + symbol.address
                      : memory.translate(symbol.address, symbol.size);
  unsigned bytes = byteSize(variable.type);
  for (auto [i, value] : llvm::enumerate(variable.initialiser)) {
    uint64_t bits = value.bits;
    if (!value.symbol.empty()) {
      auto it = symbols.find(value.symbol);
      if (it == symbols.end())
        return fail(variable.line, "'" + value.symbol +
                                       "' in the initialiser of '" +
                                       variable.name + "' is not declared");
      bits += it->second.address;
      if (value.generic && it->second.kind == Symbol::Variable)
        bits += windowBase(it->second.space).value_or(0);
      if (value.maskByte < 8)
        bits = bits >> (8 * value.maskByte) & 0xff;
    }
    if ((i + 1) * bytes > symbol.size)
      return fail(variable.line,
                  "'" + variable.name + "' has too many initial values");
    std::memcpy(data + i * bytes, &bits, std::min(bytes, 8u));
  }
  return true;
}

/// What functions do themselves, and the functions that they call.
void ModuleDecoder::summarise(Function &function) {
  function.callsSystem = !function.hasBody;
  for (uint32_t i = function.begin; i < function.end; ++i) {
    const Inst &inst = program.code[i];
    StringRef opcode = inst.text.split('.').first;
    if (opcode == "call") {
      if (const Function *callee =
              static_cast<const CallInfo *>(inst.extra)->callee)
        function.callees.insert(callee);
      else
        function.hasIndirectCalls = true;
    }
    bool isAtomic = opcode == "atom" || opcode == "red" ||
                    opcode == "multimem" || inst.text.starts_with("cp.reduce");
    if ((isAtomic || inst.isStrong) && inst.space != Space::Shared)
      function.synchronisesGlobally = true;
  }
}

/// A kernel whose blocks meet in global atomics runs its blocks in order. One
/// that calls by address may call any function.
void ModuleDecoder::summariseCalls() {
  for (auto &function : program.functions)
    summarise(*function);
  for (auto &function : program.functions) {
    if (!function->hasIndirectCalls)
      continue;
    for (auto &other : program.functions)
      if (!other->isEntry)
        function->callees.insert(other.get());
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (auto &function : program.functions)
      for (const Function *callee : function->callees) {
        if (callee->synchronisesGlobally && !function->synchronisesGlobally)
          changed = function->synchronisesGlobally = true;
        if (callee->usesWorkspace && !function->usesWorkspace)
          changed = function->usesWorkspace = true;
        if (callee->callsSystem && !function->callsSystem)
          changed = function->callsSystem = true;
        for (uint32_t variable : callee->sharedVariables)
          changed |= function->sharedVariables.insert(variable).second;
      }
  }
  for (auto &function : program.functions) {
    uint32_t &top = function->staticSharedBytes;
    for (uint32_t i : function->sharedVariables) {
      const Variable &v = program.shared[i];
      if (v.size && i != program.reservedShared)
        top = llvm::alignTo(top, v.align) + v.size;
    }
  }
}

llvm::Error ModuleDecoder::decode() {
  program.versionMajor = syntax.versionMajor;
  program.versionMinor = syntax.versionMinor;
  program.target = *parseTarget(syntax.target);
  bool good = layOutShared();
  for (const VariableSyntax &v : syntax.variables)
    good = good && declareVariable(v, symbols);
  for (const FunctionSyntax &f : syntax.functions)
    good = good && declareFunction(f);
  for (const FunctionSyntax &f : syntax.functions)
    if (good && f.hasBody)
      good =
          FunctionDecoder(*this, f, *program.functionByName[f.name]).decode();
  for (auto &[variable, symbol] : toInitialise)
    good = good && initialise(*variable, symbol);
  if (!good)
    return llvm::make_error<SourceError>(program.file, errorLine, error);
  summariseCalls();
  return llvm::Error::success();
}
