//===- Syntax.cpp - Assembly of the attn operations -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::attn;

/// What follows `causal`: nothing, or `(top_left)`.
static ParseResult parseCausalAlignment(OpAsmParser &parser,
                                        CausalAlignmentAttr &causal) {
  auto alignment = CausalAlignment::BottomRight;
  if (succeeded(parser.parseOptionalLParen())) {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
    std::optional<CausalAlignment> parsed = symbolizeCausalAlignment(name);
    if (!parsed)
      return parser.emitError(loc) << "unknown causal alignment '" << name
                                   << "', expected bottom_right or top_left";
    alignment = *parsed;
    if (parser.parseRParen())
      return failure();
  }
  causal = CausalAlignmentAttr::get(parser.getContext(), alignment);
  return success();
}
static void printCausalAlignment(OpAsmPrinter &printer, Operation *,
                                 CausalAlignmentAttr causal) {
  if (causal.getValue() != CausalAlignment::BottomRight)
    printer << '(' << stringifyCausalAlignment(causal.getValue()) << ')';
}

/// `left, right` of a window.
static ParseResult parseWindow(OpAsmParser &parser, DenseI64ArrayAttr &window) {
  int64_t left, right;
  if (parser.parseInteger(left) || parser.parseComma() ||
      parser.parseInteger(right))
    return failure();
  window = parser.getBuilder().getDenseI64ArrayAttr({left, right});
  return success();
}
static void printWindow(OpAsmPrinter &printer, Operation *,
                        DenseI64ArrayAttr window) {
  llvm::interleaveComma(window.asArrayRef(), printer);
}

/// `query = bshd, ...`, those that are not bhsd.
static ParseResult parseLayouts(OpAsmParser &parser, TensorLayoutAttr &query,
                                TensorLayoutAttr &key, TensorLayoutAttr &value,
                                TensorLayoutAttr &output) {
  return parser.parseCommaSeparatedList([&]() -> ParseResult {
    StringRef operand, name;
    SMLoc operandLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&operand))
      return failure();
    TensorLayoutAttr *attr = llvm::StringSwitch<TensorLayoutAttr *>(operand)
                                 .Case("query", &query)
                                 .Case("key", &key)
                                 .Case("value", &value)
                                 .Case("output", &output)
                                 .Default(nullptr);
    if (!attr)
      return parser.emitError(operandLoc)
             << "layout of '" << operand
             << "', expected query, key, value or output";
    if (*attr)
      return parser.emitError(operandLoc)
             << "layout of '" << operand << "' is given twice";
    if (parser.parseEqual())
      return failure();
    SMLoc nameLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
    std::optional<TensorLayout> layout = symbolizeTensorLayout(name);
    if (!layout)
      return parser.emitError(nameLoc)
             << "unknown layout '" << name << "', expected bhsd, bshd or bhds";
    *attr = TensorLayoutAttr::get(parser.getContext(), *layout);
    return success();
  });
}
static void printLayouts(OpAsmPrinter &printer, Operation *,
                         TensorLayoutAttr query, TensorLayoutAttr key,
                         TensorLayoutAttr value, TensorLayoutAttr output) {
  std::pair<StringRef, TensorLayoutAttr> all[] = {
      {"query", query}, {"key", key}, {"value", value}, {"output", output}};
  llvm::interleaveComma(
      llvm::make_filter_range(all,
                              [](const auto &entry) {
                                return entry.second &&
                                       entry.second.getValue() !=
                                           TensorLayout::BHSD;
                              }),
      printer, [&](const auto &entry) {
        printer << entry.first << " = "
                << stringifyTensorLayout(entry.second.getValue());
      });
}

/// `(%name, ...)` of a region, whose arguments the assembly names and the op
/// types.
static ParseResult
parseRegionArguments(OpAsmParser &parser, StringRef region, StringRef expected,
                     size_t count,
                     SmallVectorImpl<OpAsmParser::Argument> &arguments) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, AsmParser::Delimiter::Paren))
    return failure();
  if (arguments.size() != count)
    return parser.emitError(loc)
           << "region '" << region << "' has " << arguments.size()
           << " arguments, expected " << count << ": " << expected;
  for (OpAsmParser::Argument &argument : arguments)
    argument.type = parser.getBuilder().getIndexType();
  return success();
}
static void printRegionArguments(OpAsmPrinter &printer, Region &region) {
  printer << '(';
  llvm::interleaveComma(region.getArguments(), printer,
                        [&](BlockArgument arg) { printer << arg; });
  printer << ") ";
}

/// The type of a score is not known before the operand types are parsed: it is
/// f32 unless the assembly says f64, as in `score(%s, ...) : f64 {`.
static ParseResult parseScoreRegion(OpAsmParser &parser, Region &region) {
  SmallVector<OpAsmParser::Argument> arguments;
  if (parseRegionArguments(parser, "score", "score, batch, head, query, key", 5,
                           arguments))
    return failure();
  arguments[0].type = parser.getBuilder().getF32Type();
  if (succeeded(parser.parseOptionalColon()) &&
      parser.parseType(arguments[0].type))
    return failure();
  return parser.parseRegion(region, arguments);
}
static void printScoreRegion(OpAsmPrinter &printer, Operation *,
                             Region &region) {
  printRegionArguments(printer, region);
  if (Type type = region.getArgument(0).getType(); !type.isF32())
    printer << ": " << type << ' ';
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

static ParseResult parseMaskRegion(OpAsmParser &parser, Region &region) {
  SmallVector<OpAsmParser::Argument> arguments;
  return failure(parseRegionArguments(parser, "mask", "batch, head, query, key",
                                      4, arguments) ||
                 parser.parseRegion(region, arguments));
}
static void printMaskRegion(OpAsmPrinter &printer, Operation *,
                            Region &region) {
  printRegionArguments(printer, region);
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

#define GET_OP_CLASSES
#include "attn/IR/AttnOps.cpp.inc"
