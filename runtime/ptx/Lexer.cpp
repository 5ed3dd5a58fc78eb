//===- Lexer.cpp - Tokens of PTX text -------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include <cstdlib>
#include <cstring>

using namespace attn::ptx;
using llvm::StringRef;

static bool isNameStart(char c) {
  return llvm::isAlpha(c) || c == '_' || c == '$' || c == '%';
}
static bool isNameRest(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '$';
}

Token Lexer::fail(Token token, const llvm::Twine &message) {
  if (error.empty())
    error = message.str();
  token.kind = Token::Error;
  position = text.size();
  return token;
}

void Lexer::skipBlanks() {
  while (position < text.size()) {
    char c = text[position];
    if (c == '\n') {
      ++line;
      ++position;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++position;
    } else if (c == '/' && at(position + 1) == '/') {
      position = std::min(text.find('\n', position), text.size());
    } else if (c == '/' && at(position + 1) == '*') {
      size_t end = text.find("*/", position + 2);
      // Left for next(), which says so.
      if (end == StringRef::npos)
        return;
      line += text.slice(position, end).count('\n');
      position = end + 2;
    } else {
      return;
    }
  }
}

Token Lexer::number(Token token) {
  size_t start = position;
  char second = llvm::toLower(at(start + 1));
  if (text[start] == '0' && (second == 'f' || second == 'd')) {
    unsigned digits = second == 'f' ? 8 : 16;
    token.text = text.substr(start, digits + 2);
    if (token.text.size() != digits + 2 ||
        token.text.drop_front(2).getAsInteger(16, token.bits))
      return fail(token, "expected " + llvm::Twine(digits) +
                             " hexadecimal digits after '" +
                             text.substr(start, 2) + "'");
    position += digits + 2;
    token.kind = second == 'f' ? Token::Float32 : Token::Float64;
    return token;
  }
  unsigned radix = 10;
  size_t digitsBegin = start;
  if (text[start] == '0' && second == 'x') {
    radix = 16;
    digitsBegin += 2;
  } else if (text[start] == '0' && second == 'b') {
    radix = 2;
    digitsBegin += 2;
  } else if (text[start] == '0' && llvm::isDigit(second)) {
    radix = 8;
  }
  size_t end = digitsBegin;
  while (radix == 16 ? llvm::isHexDigit(at(end)) : llvm::isDigit(at(end)))
    ++end;
  bool isDecimalFloat = radix != 16 && radix != 2 &&
                        ((at(end) == '.' && !llvm::isAlpha(at(end + 1))) ||
                         llvm::toLower(at(end)) == 'e');
  if (isDecimalFloat) {
    if (at(end) == '.')
      for (++end; llvm::isDigit(at(end));)
        ++end;
    if (llvm::toLower(at(end)) == 'e') {
      size_t exponent = end + 1;
      if (at(exponent) == '+' || at(exponent) == '-')
        ++exponent;
      if (llvm::isDigit(at(exponent)))
        for (end = exponent; llvm::isDigit(at(end));)
          ++end;
    }
    token.text = text.slice(start, end);
    double value = std::strtod(token.text.str().c_str(), nullptr);
    std::memcpy(&token.bits, &value, sizeof(value));
    token.kind = Token::Float64;
    position = end;
    return token;
  }
  StringRef digits = text.slice(digitsBegin, end);
  if (at(end) == 'U')
    ++end;
  token.text = text.slice(start, end);
  position = end;
  if (digits.empty() || digits.getAsInteger(radix, token.bits))
    return fail(token, "'" + token.text + "' is not a 64-bit integer");
  if (isNameRest(at(end)))
    return fail(token, "unexpected character '" + llvm::Twine(at(end)) +
                           "' in a number");
  token.kind = Token::Integer;
  return token;
}

Token Lexer::next() {
  skipBlanks();
  Token token;
  token.line = line;
  if (position >= text.size())
    return token;
  size_t start = position;
  char c = text[start];
  if (c == '/' && at(start + 1) == '*')
    return fail(token, "the comment does not end");
  if (isNameStart(c)) {
    size_t end = start + 1;
    while (isNameRest(at(end)))
      ++end;
    // A component of a vector register: %tid.x
    if (at(end) == '.' && StringRef("xyzwrgba").contains(at(end + 1)) &&
        at(end + 1) && !isNameRest(at(end + 2)))
      end += 2;
    token.kind = Token::Name;
    token.text = text.slice(start, end);
    position = end;
    return token;
  }
  if (llvm::isDigit(c))
    return number(token);
  if (c == '.' && (isNameRest(at(start + 1)))) {
    size_t end = start + 1;
    while (isNameRest(at(end)) ||
           (at(end) == ':' && at(end + 1) == ':' && isNameRest(at(end + 2))))
      end += at(end) == ':' ? 2 : 1;
    token.kind = Token::Directive;
    token.text = text.slice(start + 1, end);
    position = end;
    return token;
  }
  if (c == '"') {
    size_t end = text.find_first_of("\"\n", start + 1);
    if (end == StringRef::npos || text[end] == '\n')
      return fail(token, "a string without its closing quote");
    token.kind = Token::String;
    token.text = text.slice(start + 1, end);
    position = end + 1;
    return token;
  }
  if (!StringRef("{}()[]<>,;:=+-*/%!|&^~?@").contains(c)) {
    std::string shown = llvm::isPrint(c) ? std::string(1, c)
                                         : "\\x" + llvm::utohexstr(uint8_t(c));
    return fail(token, "unexpected character '" + shown + "'");
  }
  token.kind = Token::Punctuation;
  token.text = text.substr(start, 1);
  ++position;
  return token;
}

Token Lexer::nextOpcode() {
  skipBlanks();
  size_t start = position;
  if (!isNameStart(at(start)) || at(start) == '%')
    return next();
  Token token;
  token.line = line;
  size_t end = start + 1;
  while (true) {
    char c = at(end);
    if (isNameRest(c) || (c == '.' && isNameRest(at(end + 1))))
      ++end;
    else if (c == ':' && at(end + 1) == ':' && isNameRest(at(end + 2)))
      end += 2;
    else
      break;
  }
  token.kind = Token::Name;
  token.text = text.slice(start, end);
  position = end;
  return token;
}
