//===- FunctionDecoder.h - Names and code of one function -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_FUNCTIONDECODER_H
#define ATTN_RUNTIME_PTX_FUNCTIONDECODER_H

#include "ptx/Decoder.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <map>

namespace attn::ptx {

class GlobalMemory;

/// What a GPU keeps of each block's shared memory for the system.
constexpr uint32_t reservedSharedBytes = 1024;

/// What a name stands for.
struct Symbol {
  enum Kind : uint8_t {
    Register,
    RegisterRange,
    Variable,
    Function,
    Targets,
    Prototype
  };
  Kind kind = Register;
  Type type = Type::None;
  Space space = Space::None;
  uint64_t count = 0;   // of a range; of .shared: in Program::shared
  uint64_t address = 0; // of a variable, in its space; global: generic
  uint64_t size = 0;
  ptx::Function *function = nullptr;
  const std::vector<llvm::StringRef> *names = nullptr;
  // A register's row, once used.
  bool hasRow = false;
  uint32_t row = 0, reg = 0;
};

/// Decodes a whole file: lays out variables, then decodes each body.
class ModuleDecoder {
public:
  ModuleDecoder(Program &program, const ModuleSyntax &syntax,
                GlobalMemory &memory)
      : program(program), syntax(syntax), memory(memory) {}
  llvm::Error decode();

  Program &program;
  llvm::StringMap<Symbol> symbols;

  bool fail(unsigned line, const llvm::Twine &message);
  bool declareVariable(const VariableSyntax &variable,
                       llvm::StringMap<Symbol> &scope);
  uint32_t constantRow(uint64_t bits, unsigned bytes);

private:
  bool layOutShared();
  bool declareFunction(const FunctionSyntax &function);
  bool layOut(const std::vector<VariableSyntax> &syntax,
              std::vector<Parameter> &params, uint32_t &top);
  bool initialise(const VariableSyntax &variable, const Symbol &symbol);
  void summarise(Function &function);
  void summariseCalls();

  const ModuleSyntax &syntax;
  GlobalMemory &memory;
  llvm::DenseMap<const VariableSyntax *, uint64_t> sharedAddresses;
  std::vector<std::pair<const VariableSyntax *, Symbol>> toInitialise;
  llvm::DenseMap<std::pair<uint64_t, unsigned>, uint32_t> rows;
  unsigned errorLine = 0;
  std::string error;
};

class FunctionDecoder {
public:
  FunctionDecoder(ModuleDecoder &module, const FunctionSyntax &syntax,
                  Function &function)
      : module(module), syntax(syntax), function(function) {}
  bool decode();

  ModuleDecoder &module;
  const FunctionSyntax &syntax;
  Function &function;

  /// The symbol of a name in the innermost scope that has it.
  Symbol *lookup(llvm::StringRef name);
  /// A register, given its row on first use.
  Symbol *lookupRegister(llvm::StringRef name);
  std::optional<uint32_t> lookupLabel(llvm::StringRef name);

private:
  struct Scope {
    unsigned id = 0;
    llvm::StringMap<Symbol> symbols;
  };
  bool declareParameters();
  bool declare(const VariableSyntax &variable);
  void findLabels();
  void giveRow(llvm::StringRef name, Symbol &symbol);
  bool decodeStatement(const Statement &statement, Inst &inst);
  bool decodeGuard(const Statement &statement, Inst &inst);

  std::vector<Scope> scopes;
  std::vector<unsigned> scopeParents;
  unsigned nextScope = 0;
  std::map<std::pair<unsigned, llvm::StringRef>, uint32_t> labels;
};

/// Inst::flags of instructions with a Flow: bra and brx count as branches,
/// taken or not; ret and exit do not.
constexpr uint16_t countedBranch = 1;

/// The end of a function (ControlInstructions.cpp).
Status execReturn(Exec &e, const Inst &inst);

/// Sets Inst::reconverge of the branches of a function.
void findReconvergence(Program &program, const Function &function);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_FUNCTIONDECODER_H
