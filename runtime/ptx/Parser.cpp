//===- Parser.cpp - Parser of PTX modules and declarations ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Parser.h"
#include "ptx/Target.h"

#include "ptx/Device.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

/// Arrays and register sets beyond this are refused: they are typing errors, or
/// text made to exhaust memory.
static constexpr uint64_t maxElements = uint64_t(1) << 28;

bool Parser::fail(unsigned line, const Twine &message) {
  if (error.empty()) {
    errorLine = line;
    error = message.str();
  }
  return false;
}

bool Parser::unexpected(const Twine &expected) {
  if (token.kind == Token::Error)
    return fail(token.line, lexer.getError());
  if (token.kind == Token::End)
    return fail(token.line, "the text ends where " + expected + " is expected");
  StringRef dot = token.kind == Token::Directive ? "." : "";
  return fail(token.line,
              "found '" + dot + token.text + "', expected " + expected);
}

bool Parser::expect(char c) {
  if (!token.is(c))
    return unexpected("'" + Twine(c) + "'");
  advance();
  return true;
}

bool Parser::accept(char c) {
  if (!token.is(c))
    return false;
  advance();
  return true;
}

bool Parser::expectName(StringRef &name, const Twine &what) {
  if (token.kind != Token::Name)
    return unexpected(what);
  name = token.text;
  advance();
  return true;
}

bool Parser::expectInteger(uint64_t &value, const Twine &what) {
  if (token.kind != Token::Integer)
    return unexpected(what);
  value = token.bits;
  advance();
  return true;
}

void Parser::skipLine(unsigned line) {
  while (token.line == line && token.kind != Token::End &&
         token.kind != Token::Error)
    advance();
}

bool Parser::skipBraces() {
  unsigned depth = 0;
  do {
    if (token.is('{'))
      ++depth;
    else if (token.is('}'))
      --depth;
    else if (token.kind == Token::End || token.kind == Token::Error)
      return unexpected("'}'");
    advance();
  } while (depth);
  return true;
}

/// Directives that carry nothing a run needs.
bool Parser::parseDebugDirective(bool &found) {
  found = true;
  unsigned line = token.line;
  if (token.isDirective("loc") || token.isDirective("file")) {
    skipLine(line);
    return true;
  }
  if (token.isDirective("pragma")) {
    advance();
    while (token.kind == Token::String || token.is(',')) {
      StringRef text = token.text;
      uint32_t mask;
      if (text.consume_front("used_bytes_mask") &&
          !text.trim().getAsInteger(0, mask))
        unusedBytes = ~mask;
      advance();
    }
    return expect(';');
  }
  if (token.isDirective("section")) {
    advance();
    if (token.kind != Token::Directive && token.kind != Token::Name)
      return unexpected("the section's name");
    advance();
    if (!token.is('{'))
      return unexpected("'{'");
    return skipBraces();
  }
  if (token.is('@')) { // @@DWARF
    skipLine(line);
    return true;
  }
  found = false;
  return true;
}

bool Parser::parseHeader(ModuleSyntax &module) {
  bool found = true;
  while (found)
    if (!parseDebugDirective(found))
      return false;
  if (!token.isDirective("version"))
    return unexpected(".version");
  advance();
  // 8.8 reads as a decimal number.
  if (token.kind != Token::Float64)
    return unexpected("a version such as 8.8");
  auto [major, minor] = token.text.split('.');
  if (major.getAsInteger(10, module.versionMajor) ||
      minor.getAsInteger(10, module.versionMinor))
    return unexpected("a version such as 8.8");
  if (module.versionMajor < 3 || module.versionMajor > 9)
    return fail(token.line, "PTX version " + token.text +
                                " is not known, expected 3.0 to 9.x");
  advance();
  if (!token.isDirective("target"))
    return unexpected(".target");
  advance();
  StringRef target;
  unsigned line = token.line;
  if (!expectName(target, "a target such as sm_80"))
    return false;
  if (!parseTarget(target))
    return fail(line, "target '" + target +
                          "' is not known, expected one such as sm_80 or "
                          "sm_90a");
  module.target = target;
  while (accept(','))
    if (!expectName(target, "a target option"))
      return false;
  return true;
}

llvm::Expected<ModuleSyntax> Parser::parse() {
  ModuleSyntax module;
  advance();
  bool good = parseHeader(module);
  while (good && token.kind != Token::End)
    good = parseTopLevel(module);
  if (!good)
    return llvm::make_error<SourceError>(fileName, errorLine, error);
  return module;
}

bool Parser::parseTopLevel(ModuleSyntax &module) {
  bool found = false;
  if (!parseDebugDirective(found))
    return false;
  if (found)
    return true;
  if (accept(';'))
    return true;
  if (token.isDirective("address_size")) {
    advance();
    uint64_t size = 0;
    unsigned line = token.line;
    if (!expectInteger(size, "an address size"))
      return false;
    return size == 64 ||
           fail(line, ".address_size " + Twine(size) + " found, expected 64");
  }
  if (token.isDirective("alias"))
    return fail(token.line, ".alias is not supported");

  bool isExtern = false;
  while (token.kind == Token::Directive) {
    StringRef word = token.text;
    if (word == "visible" || word == "weak" || word == "common") {
      advance();
    } else if (word == "extern") {
      isExtern = true;
      advance();
    } else if (word == "entry" || word == "func") {
      advance();
      return parseFunction(module, word == "entry", isExtern);
    } else {
      Space space = llvm::StringSwitch<Space>(word)
                        .Case("global", Space::Global)
                        .Case("const", Space::Const)
                        .Case("shared", Space::Shared)
                        .Default(Space::None);
      if (space == Space::None)
        break;
      advance();
      return parseVariables(space, isExtern, module.variables);
    }
  }
  return unexpected("a function, a variable or a directive");
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

bool Parser::parseVariableType(VariableSyntax &variable) {
  while (token.kind == Token::Directive) {
    StringRef word = token.text;
    unsigned line = token.line;
    if (word == "align") {
      advance();
      uint64_t align = 0;
      if (!expectInteger(align, "an alignment"))
        return false;
      if (!llvm::isPowerOf2_64(align) || align > 1024)
        return fail(line, "an alignment of " + Twine(align) +
                              " found, expected a power of two up to 1024");
      // Of `.ptr .global .align N` it is the pointer's target's.
      if (variable.type == Type::None)
        variable.align = align;
    } else if (word == "attribute") {
      advance();
      if (!expect('('))
        return false;
      while (!token.is(')') && token.kind != Token::End &&
             token.kind != Token::Error)
        advance();
      if (!expect(')'))
        return false;
    } else if (word == "v2" || word == "v4") {
      variable.vector = word == "v2" ? 2 : 4;
      advance();
    } else if (word == "ptr") {
      advance();
      while (token.isDirective("global") || token.isDirective("shared") ||
             token.isDirective("local") || token.isDirective("const"))
        advance();
    } else if (variable.type == Type::None) {
      std::optional<Type> type = parseType(word);
      if (!type || byteSize(*type) == 0)
        return fail(line, "unknown type '." + word + "'");
      variable.type = *type;
      advance();
    } else {
      return unexpected("a name");
    }
  }
  if (variable.type == Type::None)
    return unexpected("a type");
  return true;
}

bool Parser::parseDeclarator(VariableSyntax &variable) {
  variable.line = token.line;
  if (!expectName(variable.name, "a name"))
    return false;
  if (variable.space == Space::None && accept('<')) {
    if (!expectInteger(variable.registerRange, "the number of registers"))
      return false;
    if (variable.registerRange > (1 << 20))
      return fail(variable.line,
                  Twine(variable.registerRange) + " registers are too many");
    return expect('>');
  }
  llvm::SmallVector<uint64_t, 4> dims;
  while (accept('[')) {
    uint64_t size = 0;
    if (!token.is(']') && !parseConstant(size, 0))
      return false;
    if (!expect(']'))
      return false;
    if (size > maxElements ||
        variable.count * std::max<uint64_t>(size, 1) > maxElements)
      return fail(variable.line, "array '" + variable.name + "' is too large");
    variable.isArray = true;
    dims.push_back(size);
    variable.count *= size;
  }
  if (!accept('='))
    return true;
  if (variable.space != Space::Global && variable.space != Space::Const)
    return fail(variable.line, "a variable of space " +
                                   spaceName(variable.space) +
                                   " cannot have an initialiser");
  if (dims.size() == 1 && dims[0] == 0 && token.is('{')) {
    // The initialiser gives the size.
    std::vector<InitialValue> values;
    if (!parseInitialiser(maxElements, variable, values, 0))
      return false;
    variable.count = values.size();
    variable.initialiser = std::move(values);
    return true;
  }
  if (variable.vector > 1)
    dims.push_back(variable.vector);
  return parseInitialiser(dims, variable, variable.initialiser, 0);
}

bool Parser::parseInitialiser(llvm::ArrayRef<uint64_t> dims,
                              VariableSyntax &variable,
                              std::vector<InitialValue> &values,
                              unsigned depth) {
  if (dims.empty()) {
    values.emplace_back();
    return parseInitialValue(variable.type, values.back(), 0);
  }
  if (!expect('{'))
    return false;
  uint64_t inner = 1;
  for (uint64_t dim : dims.drop_front())
    inner *= dim;
  size_t begin = values.size();
  for (uint64_t i = 0; !token.is('}'); ++i) {
    if (i >= dims[0])
      return fail(token.line,
                  "'" + variable.name +
                      "' has an initialiser of more elements than its size");
    if (!parseInitialiser(dims.drop_front(), variable, values, depth + 1))
      return false;
    values.resize(begin + (i + 1) * inner);
    if (!accept(','))
      break;
  }
  return expect('}');
}

bool Parser::parseInitialValue(Type type, InitialValue &value, unsigned depth) {
  bool negative = false;
  if (token.is('-') || token.is('+')) {
    Token sign = token;
    advance();
    if (token.kind == Token::Float32 || token.kind == Token::Float64) {
      negative = sign.is('-');
    } else {
      if (!parseConstant(value.bits, 0, 100))
        return false;
      if (sign.is('-'))
        value.bits = -value.bits;
      return true;
    }
  }
  if (token.kind == Token::Float32 || token.kind == Token::Float64) {
    bool isFloat32 = token.kind == Token::Float32;
    double number = isFloat32
                        ? double(llvm::bit_cast<float>(uint32_t(token.bits)))
                        : llvm::bit_cast<double>(token.bits);
    // Keeps the bits of a NaN where the type is the literal's.
    if (type == Type::F64)
      value.bits = isFloat32 ? llvm::bit_cast<uint64_t>(number) : token.bits;
    else if (type == Type::F32)
      value.bits =
          isFloat32 ? token.bits : llvm::bit_cast<uint32_t>(float(number));
    else
      return fail(token.line,
                  "a floating-point number for type ." + typeName(type));
    if (negative)
      value.bits ^= uint64_t(1) << (type == Type::F64 ? 63 : 31);
    advance();
    return true;
  }
  if (token.kind == Token::Name) {
    StringRef name = token.text;
    advance();
    if (name == "generic" && token.is('(')) {
      advance();
      value.generic = true;
      return expectName(value.symbol, "a variable") && expect(')') &&
             (!token.is('+') || parseConstant(value.bits, 0));
    }
    if (name == "mask" && token.is('(')) {
      advance();
      uint64_t mask = 0;
      unsigned line = token.line;
      if (!parseConstant(mask, 0) || !expect(','))
        return false;
      if (!mask || llvm::countr_zero(mask) % 8 ||
          mask != uint64_t(0xff) << llvm::countr_zero(mask))
        return fail(line, "a mask of one byte is expected");
      InitialValue inner;
      if (depth || !parseInitialValue(Type::U64, inner, depth + 1))
        return fail(line, "mask(...) expects a variable");
      value = inner;
      value.maskByte = llvm::countr_zero(mask) / 8;
      return expect(')');
    }
    value.symbol = name;
    if (accept('+'))
      return parseConstant(value.bits, 0);
    return true;
  }
  return parseConstant(value.bits, 0);
}

bool Parser::parseVariables(Space space, bool isExtern,
                            std::vector<VariableSyntax> &into) {
  VariableSyntax prototype;
  prototype.space = space;
  prototype.isExtern = isExtern;
  if (!parseVariableType(prototype))
    return false;
  do {
    VariableSyntax variable = prototype;
    if (!parseDeclarator(variable))
      return false;
    into.push_back(std::move(variable));
  } while (accept(','));
  return expect(';');
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

bool Parser::parseParameters(std::vector<VariableSyntax> &params) {
  if (!expect('('))
    return false;
  while (!token.is(')')) {
    VariableSyntax param;
    param.line = token.line;
    if (token.isDirective("param"))
      param.space = Space::Param;
    else if (!token.isDirective("reg"))
      return unexpected(".param or .reg");
    advance();
    if (!parseVariableType(param) || !parseDeclarator(param))
      return false;
    params.push_back(std::move(param));
    if (!accept(','))
      break;
  }
  return expect(')');
}

bool Parser::parseDim3(Dim3 &dim) {
  uint64_t sizes[3] = {1, 1, 1};
  for (unsigned i = 0; i < 3; ++i) {
    if (!expectInteger(sizes[i], "a size"))
      return false;
    if (!accept(','))
      break;
  }
  dim = {uint32_t(sizes[0]), uint32_t(sizes[1]), uint32_t(sizes[2])};
  return true;
}

bool Parser::parseFunction(ModuleSyntax &module, bool isEntry, bool isExtern) {
  FunctionSyntax function;
  function.isEntry = isEntry;
  function.line = token.line;
  if (!isEntry) {
    while (token.isDirective("attribute")) {
      advance();
      while (!token.is(')') && token.kind != Token::End &&
             token.kind != Token::Error)
        advance();
      if (!expect(')'))
        return false;
    }
    if (token.is('(') && !parseParameters(function.results))
      return false;
  }
  if (!expectName(function.name, "a function's name"))
    return false;
  if (token.is('(') && !parseParameters(function.params))
    return false;
  while (token.kind == Token::Directive) {
    StringRef word = token.text;
    if (word == "pragma") {
      bool found = false;
      if (!parseDebugDirective(found))
        return false;
      continue;
    }
    Dim3 ignored;
    Dim3 *dim = llvm::StringSwitch<Dim3 *>(word)
                    .Case("reqntid", &function.reqntid)
                    .Case("maxntid", &function.maxntid)
                    .Case("reqnctapercluster", &function.cluster)
                    .Cases({"maxnreg", "minnctapersm", "maxnctapersm",
                            "maxclusterrank"},
                           &ignored)
                    .Case("abi_preserve", &ignored)
                    .Case("abi_preserve_control", &ignored)
                    .Default(nullptr);
    advance();
    if (dim) {
      if (!parseDim3(*dim))
        return false;
    } else if (word == "unified") {
      while (!token.is(')') && token.kind != Token::End &&
             token.kind != Token::Error)
        advance();
      if (!expect(')'))
        return false;
    } else if (word != "noreturn" && word != "explicitcluster" &&
               word != "blocksareclusters") {
      return fail(token.line,
                  "unknown directive '." + word + "' of a function");
    }
  }
  if (token.is('{')) {
    function.hasBody = true;
    advance();
    if (!parseBody(function))
      return false;
  } else if (!accept(';')) {
    return unexpected("'{' or ';'");
  }
  module.functions.push_back(std::move(function));
  return true;
}

llvm::Expected<ModuleSyntax> attn::ptx::parseModule(StringRef text,
                                                    StringRef fileName) {
  return Parser(text, fileName).parse();
}
