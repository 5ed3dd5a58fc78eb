//===- FunctionDecoder.cpp - Names and code of one function ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/FunctionDecoder.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

/// Bounds on what a file may ask for, against text made to exhaust memory.
static constexpr uint64_t maxFrameBytes = uint64_t(1) << 24;
static constexpr uint64_t maxRegisterBytes = uint64_t(1) << 26;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Symbol *FunctionDecoder::lookup(StringRef name) {
  for (Scope &scope : llvm::reverse(scopes)) {
    auto it = scope.symbols.find(name);
    if (it != scope.symbols.end())
      return &it->second;
  }
  auto it = module.symbols.find(name);
  return it == module.symbols.end() ? nullptr : &it->second;
}

void FunctionDecoder::giveRow(StringRef name, Symbol &symbol) {
  unsigned bytes = symbol.type == Type::Pred
                       ? 4
                       : std::max(2u, byteSize(symbol.type)) * warpSize;
  symbol.row = llvm::alignTo(function.registerBytes, std::min(bytes, 64u));
  symbol.reg = function.numRegisters++;
  function.registerNames.push_back(name);
  symbol.hasRow = true;
  function.registerBytes = symbol.row + bytes;
}

Symbol *FunctionDecoder::lookupRegister(StringRef name) {
  Symbol *symbol = lookup(name);
  if (!symbol) {
    // %r12 of a declared range %r<N>: the longest tail of digits without a
    // leading zero, then shorter ones.
    size_t digits = name.size();
    while (digits > 0 && llvm::isDigit(name[digits - 1]))
      --digits;
    for (; digits < name.size(); ++digits) {
      StringRef tail = name.drop_front(digits);
      uint64_t number = 0;
      if ((tail.size() > 1 && tail[0] == '0') || tail.getAsInteger(10, number))
        continue;
      for (Scope &scope : llvm::reverse(scopes)) {
        auto it = scope.symbols.find((name.take_front(digits) + "<").str());
        if (it == scope.symbols.end() || number >= it->second.count)
          continue;
        Symbol reg = it->second;
        reg.kind = Symbol::Register;
        symbol = &scope.symbols.insert({name, reg}).first->second;
        break;
      }
      if (symbol)
        break;
    }
  }
  if (!symbol || symbol->kind != Symbol::Register)
    return nullptr;
  if (!symbol->hasRow)
    giveRow(name, *symbol);
  return symbol;
}

std::optional<uint32_t> FunctionDecoder::lookupLabel(StringRef name) {
  for (Scope &scope : llvm::reverse(scopes)) {
    auto it = labels.find({scope.id, name});
    if (it != labels.end())
      return it->second;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

bool FunctionDecoder::declareParameters() {
  llvm::StringMap<Symbol> &scope = scopes.back().symbols;
  auto add = [&](const std::vector<Parameter> &params) {
    for (const Parameter &p : params) {
      Symbol symbol;
      symbol.kind = Symbol::Variable;
      symbol.type = p.type;
      symbol.space = function.isEntry ? Space::Param : Space::FuncParam;
      symbol.address = p.offset;
      symbol.size = p.size;
      scope[p.name] = symbol;
    }
  };
  add(function.results);
  add(function.params);
  return true;
}

bool FunctionDecoder::declare(const VariableSyntax &variable) {
  llvm::StringMap<Symbol> &scope = scopes.back().symbols;
  if (variable.space == Space::None) {
    Symbol symbol;
    symbol.type = variable.type;
    if (variable.vector > 1)
      return module.fail(variable.line,
                         "vector registers are not supported; declare scalars");
    if (variable.registerRange) {
      symbol.kind = Symbol::RegisterRange;
      symbol.count = variable.registerRange;
    }
    std::string key = variable.name.str() + (variable.registerRange ? "<" : "");
    if (!scope.insert({key, symbol}).second)
      return module.fail(variable.line,
                         "'" + variable.name + "' is declared twice");
    return true;
  }
  if (variable.space != Space::Local && variable.space != Space::FuncParam)
    return module.declareVariable(variable, scope);
  // In the frame.
  if (scope.count(variable.name))
    return module.fail(variable.line,
                       "'" + variable.name + "' is declared twice");
  uint32_t elementSize = byteSize(variable.type) * variable.vector;
  uint32_t align = std::max(variable.align, elementSize);
  Symbol symbol;
  symbol.kind = Symbol::Variable;
  symbol.space = variable.space;
  symbol.type = variable.type;
  symbol.size = elementSize * variable.count;
  bool isLocal = variable.space == Space::Local;
  uint32_t &top = isLocal ? function.localBytes : function.paramBytes;
  // Locals keep a gap that finds overruns.
  symbol.address = llvm::alignTo(top + (isLocal ? 16 : 0), align);
  if (symbol.address + symbol.size > maxFrameBytes)
    return module.fail(variable.line, "'" + variable.name + "' is too large");
  top = symbol.address + symbol.size;
  auto &list = isLocal ? function.locals : function.frameParams;
  list.push_back({variable.name.str(), variable.space, symbol.address,
                  symbol.size, align});
  scope[variable.name] = symbol;
  return true;
}

/// Labels are local to the braces around them, and may be used before.
void FunctionDecoder::findLabels() {
  std::vector<unsigned> stack = {0};
  unsigned next = 1;
  uint32_t index = function.begin;
  for (const BodyItem &item : syntax.body) {
    switch (item.kind) {
    case BodyItem::Open:
      stack.push_back(next++);
      break;
    case BodyItem::Close:
      stack.pop_back();
      break;
    case BodyItem::Label:
      labels.try_emplace({stack.back(), item.name}, index);
      break;
    case BodyItem::Instruction:
      ++index;
      break;
    default:
      break;
    }
  }
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

bool FunctionDecoder::decodeGuard(const Statement &statement, Inst &inst) {
  if (statement.guard.empty())
    return true;
  Symbol *guard = lookupRegister(statement.guard);
  if (!guard || guard->type != Type::Pred)
    return module.fail(statement.line,
                       "'" + statement.guard + "' is not a predicate register");
  inst.hasGuard = true;
  inst.guardNegated = statement.guardNegated;
  inst.guardRow = guard->row;
  inst.guardReg = guard->reg;
  return true;
}

bool FunctionDecoder::decodeStatement(const Statement &statement, Inst &inst) {
  inst.line = statement.line;
  inst.text = statement.text;
  if (!decodeGuard(statement, inst))
    return false;
  auto it = opcodeTable().find(statement.parts[0]);
  if (it == opcodeTable().end())
    return module.fail(statement.line,
                       "unknown instruction '" + statement.text + "'");
  InstBuilder builder(*this, statement, inst);
  if (!it->second(builder) || builder.hasFailed())
    return module.fail(statement.line,
                       "'" + statement.text + "': " +
                           (builder.hasFailed()
                                ? builder.getError()
                                : StringRef("is not supported")));
  inst.propagatesUndefined =
      !inst.copiesUndefined && isLaneOpcode(statement.parts[0]);
  inst.movedSources = countMovedSources(inst, statement.parts);
  if (inst.propagatesUndefined && inst.numDsts == 1)
    inst.packedBits = packedBits(statement.parts);
  StringRef opcode = statement.parts[0];
  auto has = [&](StringRef part) {
    return llvm::is_contained(statement.parts, part);
  };
  inst.synchronisesLanes =
      inst.isStrong || has("sync") || has("test_wait") || has("try_wait") ||
      opcode == "atom" || opcode == "red" ||
      ((opcode == "bar" || opcode == "barrier") && !has("arrive"));
  llvm::SmallVector<StringRef, 12> features(statement.parts.begin(),
                                            statement.parts.end());
  for (const OperandSyntax &operand : statement.operands)
    if (operand.name.starts_with("%"))
      features.push_back(operand.name.split('.').first);
  std::string missing = missingFeature(features, module.program.target);
  if (!missing.empty())
    return module.fail(statement.line,
                       "'" + statement.text + "' needs .target " + missing +
                           ", found " + module.program.target.getName());
  return true;
}

bool FunctionDecoder::decode() {
  Program &program = module.program;
  function.begin = program.code.size();
  scopes.emplace_back();
  scopes.back().id = nextScope++;
  if (!declareParameters())
    return false;
  findLabels();
  // Known here so that a return can branch to it.
  function.end = function.begin + syntax.statements.size() + 1;
  for (const BodyItem &item : syntax.body) {
    switch (item.kind) {
    case BodyItem::Open:
      scopes.emplace_back();
      scopes.back().id = nextScope++;
      break;
    case BodyItem::Close:
      scopes.pop_back();
      break;
    case BodyItem::Label:
      if (labels[{scopes.back().id, item.name}] != program.code.size())
        return module.fail(item.line,
                           "label '" + item.name + "' is defined twice");
      break;
    case BodyItem::Declaration:
      if (!declare(syntax.variables[item.index]))
        return false;
      break;
    case BodyItem::Targets:
    case BodyItem::Prototype: {
      Symbol symbol;
      symbol.kind =
          item.kind == BodyItem::Targets ? Symbol::Targets : Symbol::Prototype;
      symbol.names = &item.names;
      scopes.back().symbols[item.name] = symbol;
      break;
    }
    case BodyItem::Instruction: {
      Inst inst;
      inst.index = program.code.size();
      if (!decodeStatement(syntax.statements[item.index], inst))
        return false;
      program.code.push_back(inst);
      break;
    }
    }
    if (function.registerBytes > maxRegisterBytes)
      return module.fail(item.line, "function '" + function.name +
                                        "' has too many registers");
  }
  Inst last;
  last.index = program.code.size();
  last.flow = Flow::Return;
  last.exec = execReturn;
  last.endsThread = function.isEntry;
  last.line = syntax.body.empty() ? syntax.line : syntax.body.back().line;
  last.text = "ret";
  program.code.push_back(last);
  function.registerBytes = llvm::alignTo(function.registerBytes, 64);
  function.localBytes = llvm::alignTo(function.localBytes, 16);
  function.paramBytes = llvm::alignTo(function.paramBytes, 16);
  findReconvergence(program, function);
  return true;
}
