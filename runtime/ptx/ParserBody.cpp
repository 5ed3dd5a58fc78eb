//===- ParserBody.cpp - Parser of PTX function bodies ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Parser.h"

#include "llvm/ADT/StringSwitch.h"
#include <utility>

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

static constexpr unsigned maxDepth = 64;

bool Parser::parseBody(FunctionSyntax &function) {
  unsigned depth = 1;
  bool done = false;
  while (!done)
    if (!parseBodyItem(function, depth, done))
      return false;
  return true;
}

bool Parser::parseBodyItem(FunctionSyntax &function, unsigned &depth,
                           bool &done) {
  BodyItem item;
  item.line = token.line;
  if (token.is('{')) {
    ++depth;
    item.kind = BodyItem::Open;
    function.body.push_back(item);
    advance();
    return true;
  }
  if (token.is('}')) {
    advance();
    item.kind = BodyItem::Close;
    if (--depth)
      function.body.push_back(item);
    else
      done = true;
    return true;
  }
  if (accept(';'))
    return true;
  if (token.is('@')) {
    // @@DWARF does not occur in bodies.
    advance();
    bool negated = accept('!');
    if (token.kind != Token::Name)
      return unexpected("a predicate");
    StringRef guard = token.text;
    Token opcode = lexer.nextOpcode();
    return parseInstruction(function, opcode, guard, negated);
  }
  if (token.kind == Token::Directive) {
    bool found = false;
    if (!parseDebugDirective(found))
      return false;
    if (found)
      return true;
    Space space = llvm::StringSwitch<Space>(token.text)
                      .Case("reg", Space::None)
                      .Case("local", Space::Local)
                      .Case("shared", Space::Shared)
                      .Case("param", Space::FuncParam)
                      .Case("global", Space::Global)
                      .Case("const", Space::Const)
                      .Default(Space::Code);
    if (space == Space::Code)
      return fail(token.line, "unknown directive '." + token.text + "'");
    advance();
    size_t before = function.variables.size();
    if (!parseVariables(space, false, function.variables))
      return false;
    for (size_t i = before; i < function.variables.size(); ++i) {
      item.kind = BodyItem::Declaration;
      item.index = i;
      function.body.push_back(item);
    }
    return true;
  }
  if (token.kind != Token::Name)
    return unexpected("an instruction");
  // The name may be a label; an opcode's modifiers come as directives, which
  // the text between joins again.
  Token name = token;
  advance();
  if (accept(':'))
    return parseAfterLabel(function, name.text, name.line);
  const char *end = name.text.end();
  while (token.kind == Token::Directive && token.text.begin() == end + 1) {
    end = token.text.end();
    advance();
  }
  name.text = StringRef(name.text.begin(), end - name.text.begin());
  return parseInstruction(function, name, StringRef(), false);
}

bool Parser::parseAfterLabel(FunctionSyntax &function, StringRef label,
                             unsigned line) {
  BodyItem item;
  item.line = line;
  item.name = label;
  if (token.isDirective("branchtargets") || token.isDirective("calltargets")) {
    item.kind = BodyItem::Targets;
    advance();
    do {
      StringRef name;
      if (!expectName(name, "a label"))
        return false;
      // L<4>: the labels L0 to L3 would be declared so; no compiler emits it.
      item.names.push_back(name);
    } while (accept(','));
    function.body.push_back(std::move(item));
    return expect(';');
  }
  if (token.isDirective("callprototype")) {
    item.kind = BodyItem::Prototype;
    while (!token.is(';') && token.kind != Token::End &&
           token.kind != Token::Error)
      advance();
    function.body.push_back(std::move(item));
    return expect(';');
  }
  item.kind = BodyItem::Label;
  function.body.push_back(std::move(item));
  return true;
}

bool Parser::parseInstruction(FunctionSyntax &function, Token opcode,
                              StringRef guard, bool guardNegated) {
  if (opcode.kind != Token::Name) {
    token = opcode;
    return unexpected("an instruction");
  }
  if (!guard.empty())
    advance();
  Statement statement;
  statement.line = opcode.line;
  statement.guard = guard;
  statement.guardNegated = guardNegated;
  statement.text = opcode.text;
  statement.unusedBytes = std::exchange(unusedBytes, 0);
  // Split at dots, "::" stays inside a modifier.
  StringRef rest = opcode.text;
  while (!rest.empty()) {
    auto [part, tail] = rest.split('.');
    if (part.empty())
      return fail(opcode.line, "malformed opcode '" + opcode.text + "'");
    statement.parts.push_back(part);
    rest = tail;
  }
  bool isCall = statement.parts[0] == "call";
  if (!token.is(';')) {
    do {
      statement.operands.emplace_back();
      if (!parseOperand(statement.operands.back(), 0, isCall))
        return false;
    } while (accept(','));
  }
  if (!expect(';'))
    return false;
  BodyItem item;
  item.kind = BodyItem::Instruction;
  item.line = statement.line;
  item.index = function.statements.size();
  function.body.push_back(item);
  function.statements.push_back(std::move(statement));
  return true;
}

bool Parser::parseOperandList(std::vector<OperandSyntax> &operands, char close,
                              unsigned depth, bool inCall) {
  while (!token.is(close)) {
    operands.emplace_back();
    if (!parseOperand(operands.back(), depth + 1, inCall))
      return false;
    if (!accept(','))
      break;
  }
  return expect(close);
}

bool Parser::parseAddress(OperandSyntax &operand, unsigned depth) {
  operand.kind = OperandSyntax::Address;
  operand.elements.emplace_back();
  if (!parseOperand(operand.elements[0], depth + 1, false))
    return false;
  // name + offset is one operand already; the offset belongs to the address.
  operand.offset = operand.elements[0].offset;
  operand.elements[0].offset = 0;
  while (accept(',')) {
    operand.elements.emplace_back();
    if (!parseOperand(operand.elements.back(), depth + 1, false))
      return false;
  }
  return expect(']');
}

bool Parser::parseOperand(OperandSyntax &operand, unsigned depth, bool inCall) {
  if (depth > maxDepth)
    return fail(token.line, "operands are nested too deeply");
  if (accept('[')) {
    if (!parseAddress(operand, depth))
      return false;
  } else if (accept('{')) {
    operand.kind = OperandSyntax::Vector;
    return parseOperandList(operand.elements, '}', depth, inCall);
  } else if (inCall && accept('(')) {
    operand.kind = OperandSyntax::List;
    return parseOperandList(operand.elements, ')', depth, inCall);
  } else if (token.kind == Token::Name || token.is('!')) {
    operand.negated = accept('!');
    if (token.kind == Token::Name && token.text == "_") {
      operand.kind = OperandSyntax::Sink;
      advance();
    } else {
      operand.kind = OperandSyntax::Name;
      if (!expectName(operand.name, "a register"))
        return false;
    }
    // name + 4, name + -4, name - 4; a literal after the name may carry its
    // own sign.
    while (token.is('+') || token.is('-')) {
      bool minus = token.is('-');
      advance();
      uint64_t value = 0;
      if (!parseConstant(value, depth, 100))
        return false;
      operand.offset =
          int64_t(uint64_t(operand.offset) + (minus ? -value : value));
    }
  } else {
    bool minus = false;
    if (token.is('-')) {
      advance();
      if (token.kind == Token::Float32 || token.kind == Token::Float64) {
        minus = true;
      } else {
        operand.kind = OperandSyntax::Integer;
        if (!parseConstant(operand.bits, depth, 100))
          return false;
        operand.bits = -operand.bits;
        return true;
      }
    }
    if (token.kind == Token::Float32 || token.kind == Token::Float64) {
      bool isFloat32 = token.kind == Token::Float32;
      operand.kind =
          isFloat32 ? OperandSyntax::Float32 : OperandSyntax::Float64;
      operand.bits =
          token.bits ^ (minus ? uint64_t(1) << (isFloat32 ? 31 : 63) : 0);
      advance();
    } else {
      if (token.kind != Token::Integer && !token.is('(') && !token.is('~'))
        return unexpected("an operand");
      operand.kind = OperandSyntax::Integer;
      if (!parseConstant(operand.bits, depth))
        return false;
    }
  }
  if (token.is('|')) {
    advance();
    OperandSyntax pair;
    pair.kind = OperandSyntax::Pair;
    pair.elements.push_back(std::move(operand));
    pair.elements.emplace_back();
    if (!parseOperand(pair.elements[1], depth + 1, inCall))
      return false;
    operand = std::move(pair);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Constant expressions
//===----------------------------------------------------------------------===//

bool Parser::parseConstantPrimary(uint64_t &value, unsigned depth) {
  if (depth > maxDepth)
    return fail(token.line, "a constant expression is nested too deeply");
  if (accept('-')) {
    if (!parseConstantPrimary(value, depth + 1))
      return false;
    value = -value;
    return true;
  }
  if (accept('+'))
    return parseConstantPrimary(value, depth + 1);
  if (accept('~')) {
    if (!parseConstantPrimary(value, depth + 1))
      return false;
    value = ~value;
    return true;
  }
  if (accept('!')) {
    if (!parseConstantPrimary(value, depth + 1))
      return false;
    value = !value;
    return true;
  }
  if (accept('('))
    return parseConstant(value, depth + 1) && expect(')');
  return expectInteger(value, "a number");
}

/// Binary operators by precedence, as in C; 100 parses a primary alone.
bool Parser::parseConstant(uint64_t &value, unsigned depth,
                           unsigned precedence) {
  if (!parseConstantPrimary(value, depth + 1))
    return false;
  while (precedence < 100 && token.kind == Token::Punctuation) {
    char op = token.text[0];
    unsigned level = op == '*' || op == '/' || op == '%' ? 10
                     : op == '+' || op == '-'            ? 9
                     : op == '<' || op == '>'            ? 8
                     : op == '&'                         ? 7
                     : op == '^'                         ? 6
                                                         : 0;
    if (!level || level <= precedence)
      return true;
    advance();
    if (level == 8 && !accept(op))
      return unexpected("'" + Twine(op) + Twine(op) + "'");
    uint64_t right = 0;
    if (!parseConstant(right, depth + 1, level))
      return false;
    if ((op == '/' || op == '%') && right == 0)
      return fail(token.line, "a division by zero in a constant expression");
    switch (op) {
    case '*':
      value *= right;
      break;
    case '/':
      value /= right;
      break;
    case '%':
      value %= right;
      break;
    case '+':
      value += right;
      break;
    case '-':
      value -= right;
      break;
    case '<':
      value = right < 64 ? value << right : 0;
      break;
    case '>':
      value = right < 64 ? value >> right : 0;
      break;
    case '&':
      value &= right;
      break;
    default:
      value ^= right;
      break;
    }
  }
  return true;
}
