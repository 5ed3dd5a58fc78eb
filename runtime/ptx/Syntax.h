//===- Syntax.h - Statements and operands of PTX text -----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_SYNTAX_H
#define ATTN_RUNTIME_PTX_SYNTAX_H

#include "ptx/Types.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace attn::ptx {

/// An operand as written. Names point into the text.
struct OperandSyntax {
  enum Kind : uint8_t {
    Name,    // a register, variable, label, function; `offset` is added
    Integer, // `bits`
    Float32, // `bits`: of a 0f literal
    Float64, // `bits`: of a 0d or decimal literal
    Sink,    // _
    Address, // [elements[0] + offset]; more elements for [tensorMap, {c...}]
    Vector,  // {elements...}
    Pair,    // elements[0] | elements[1]
    List,    // (elements...) of a call
  };
  Kind kind = Sink;
  bool negated = false; // !p
  llvm::StringRef name;
  uint64_t bits = 0;
  int64_t offset = 0;
  std::vector<OperandSyntax> elements;
};

/// One instruction: `@!p opcode.mod.mod a, b, [c];`
struct Statement {
  unsigned line = 0;
  llvm::StringRef guard; // empty: none
  bool guardNegated = false;
  llvm::StringRef text; // opcode with all modifiers, as written
  llvm::SmallVector<llvm::StringRef, 8>
      parts; // opcode, then modifiers without dots
  llvm::SmallVector<OperandSyntax, 4> operands;
  /// Of a load: bit n says that byte n is never used (the pragma
  /// used_bytes_mask).
  uint32_t unusedBytes = 0;
};

/// An element of an initialiser: a number or the address of a symbol.
struct InitialValue {
  uint64_t bits = 0; // as the element's type; added to the symbol's address
  llvm::StringRef symbol;
  bool generic = false;  // generic(symbol)
  unsigned maskByte = 8; // mask(0xFF << 8n, symbol): byte n alone; 8: all
};

/// A variable of any state space, a parameter, or a set of registers.
struct VariableSyntax {
  unsigned line = 0;
  Space space = Space::None; // None: registers
  Type type = Type::None;
  unsigned vector = 1; // 2 and 4 for .v2 and .v4
  uint32_t align = 0;  // 0: natural
  llvm::StringRef name;
  bool isArray = false;
  uint64_t count = 1;         // of elements over all dimensions; 0: extern []
  uint64_t registerRange = 0; // %r<N>
  bool isExtern = false;
  std::vector<InitialValue> initialiser; // row-major
};

/// What stands in a body, in order: code, labels and the scopes of registers.
struct BodyItem {
  enum Kind : uint8_t {
    Instruction,
    Label,
    Declaration,
    Open,
    Close,
    Targets,
    Prototype
  };
  Kind kind;
  unsigned line = 0;
  size_t index = 0;     // in statements or variables of the function
  llvm::StringRef name; // of a label, a target list, a prototype
  std::vector<llvm::StringRef> names; // of .branchtargets and .calltargets
};

struct FunctionSyntax {
  unsigned line = 0;
  llvm::StringRef name;
  bool isEntry = false;
  bool hasBody = false;
  std::vector<VariableSyntax> results; // .func (results) name (params)
  std::vector<VariableSyntax> params;
  Dim3 reqntid{0, 0, 0}, maxntid{0, 0, 0}, cluster{0, 0, 0};
  std::vector<VariableSyntax> variables; // declared in the body
  std::vector<Statement> statements;
  std::vector<BodyItem> body;
};

struct ModuleSyntax {
  unsigned versionMajor = 0, versionMinor = 0;
  llvm::StringRef target;
  std::vector<VariableSyntax> variables;
  std::vector<FunctionSyntax> functions;
  /// The order of declarations, for messages about names used before.
};

/// Parses a whole file; the error is a SourceError. `text` must outlive the
/// result.
llvm::Expected<ModuleSyntax> parseModule(llvm::StringRef text,
                                         llvm::StringRef fileName);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_SYNTAX_H
