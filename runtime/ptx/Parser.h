//===- Parser.h - Parser of PTX text ----------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_PARSER_H
#define ATTN_RUNTIME_PTX_PARSER_H

#include "ptx/Lexer.h"
#include "ptx/Syntax.h"

#include <string>

namespace attn::ptx {

/// Recursive descent over the tokens. Methods return false after recording the
/// first error.
class Parser {
public:
  Parser(llvm::StringRef text, llvm::StringRef fileName)
      : lexer(text), fileName(fileName) {}
  llvm::Expected<ModuleSyntax> parse();

private:
  // Tokens.
  void advance() { token = lexer.next(); }
  bool fail(unsigned line, const llvm::Twine &message);
  bool unexpected(const llvm::Twine &expected);
  bool expect(char c);
  bool accept(char c);
  bool expectName(llvm::StringRef &name, const llvm::Twine &what);
  bool expectInteger(uint64_t &value, const llvm::Twine &what);
  void skipLine(unsigned line);
  bool skipBraces();

  // Modules and declarations (Parser.cpp).
  bool parseHeader(ModuleSyntax &module);
  bool parseTopLevel(ModuleSyntax &module);
  bool parseDebugDirective(bool &found);
  bool parseVariables(Space space, bool isExtern,
                      std::vector<VariableSyntax> &into);
  bool parseVariableType(VariableSyntax &variable);
  bool parseDeclarator(VariableSyntax &variable);
  bool parseInitialiser(llvm::ArrayRef<uint64_t> dims, VariableSyntax &variable,
                        std::vector<InitialValue> &values, unsigned depth);
  bool parseInitialValue(Type type, InitialValue &value, unsigned depth);
  bool parseParameters(std::vector<VariableSyntax> &params);
  bool parseFunction(ModuleSyntax &module, bool isEntry, bool isExtern);
  bool parseDim3(Dim3 &dim);

  // Bodies (ParserBody.cpp).
  bool parseBody(FunctionSyntax &function);
  bool parseBodyItem(FunctionSyntax &function, unsigned &depth, bool &done);
  bool parseAfterLabel(FunctionSyntax &function, llvm::StringRef label,
                       unsigned line);
  bool parseInstruction(FunctionSyntax &function, Token opcode,
                        llvm::StringRef guard, bool guardNegated);
  bool parseOperand(OperandSyntax &operand, unsigned depth, bool inCall);
  bool parseOperandList(std::vector<OperandSyntax> &operands, char close,
                        unsigned depth, bool inCall);
  bool parseAddress(OperandSyntax &operand, unsigned depth);
  bool parseConstant(uint64_t &value, unsigned depth, unsigned precedence = 0);
  bool parseConstantPrimary(uint64_t &value, unsigned depth);

  Lexer lexer;
  std::string fileName;
  Token token;
  unsigned errorLine = 0;
  std::string error;
  /// What the last pragma says of the load that follows it.
  uint32_t unusedBytes = 0;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_PARSER_H
