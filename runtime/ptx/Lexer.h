//===- Lexer.h - Tokens of PTX text -----------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_LEXER_H
#define ATTN_RUNTIME_PTX_LEXER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <cstdint>
#include <string>

namespace attn::ptx {

struct Token {
  enum Kind : uint8_t {
    End,
    Name,
    Directive, // .word, without the dot
    Integer,
    Float32,
    Float64,
    String,
    Punctuation, // one character
    Error,
  };
  Kind kind = End;
  unsigned line = 1;
  llvm::StringRef text;
  uint64_t bits = 0; // of numbers
  bool is(char c) const { return kind == Punctuation && text[0] == c; }
  bool isDirective(llvm::StringRef name) const {
    return kind == Directive && text == name;
  }
};

class Lexer {
public:
  explicit Lexer(llvm::StringRef text) : text(text) {}
  /// The next token; the first bad character makes an Error token.
  Token next();
  /// The next token as an opcode: a name with all its modifiers.
  Token nextOpcode();
  llvm::StringRef getError() const { return error; }

private:
  void skipBlanks();
  Token number(Token token);
  Token fail(Token token, const llvm::Twine &message);
  char at(size_t i) const { return i < text.size() ? text[i] : '\0'; }

  llvm::StringRef text;
  size_t position = 0;
  unsigned line = 1;
  std::string error;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_LEXER_H
