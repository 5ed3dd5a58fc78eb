//===- Syntax.cpp - Assembly of the attn operations
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

/// Parses `keyword(<f32>)` where the keyword is there.
static ParseResult parseOptionalF32(OpAsmParser &parser, StringRef keyword,
                                    FloatAttr &attr) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  return failure(parser.parseLParen() ||
                 parser.parseAttribute(attr, parser.getBuilder().getF32Type()) ||
                 parser.parseRParen());
}

static void printOptionalF32(OpAsmPrinter &printer, StringRef keyword,
                             FloatAttr attr) {
  if (!attr)
    return;
  printer << keyword << '(';
  printer.printAttributeWithoutType(attr);
  printer << ") ";
}

static ParseResult parseScale(OpAsmParser &parser, FloatAttr &scale) {
  return parseOptionalF32(parser, "scale", scale);
}
static void printScale(OpAsmPrinter &printer, Operation *, FloatAttr scale) {
  printOptionalF32(printer, "scale", scale);
}

static ParseResult parseSoftcap(OpAsmParser &parser, FloatAttr &softcap) {
  return parseOptionalF32(parser, "softcap", softcap);
}
static void printSoftcap(OpAsmPrinter &printer, Operation *,
                         FloatAttr softcap) {
  printOptionalF32(printer, "softcap", softcap);
}

/// `causal`, or `causal(top_left)`.
static ParseResult parseCausal(OpAsmParser &parser,
                               CausalAlignmentAttr &causal) {
  if (failed(parser.parseOptionalKeyword("causal")))
    return success();
  auto alignment = CausalAlignment::BottomRight;
  if (succeeded(parser.parseOptionalLParen())) {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
    std::optional<CausalAlignment> parsed = symbolizeCausalAlignment(name);
    if (!parsed)
      return parser.emitError(loc)
             << "unknown causal alignment '" << name
             << "', expected bottom_right or top_left";
    alignment = *parsed;
    if (parser.parseRParen())
      return failure();
  }
  causal = CausalAlignmentAttr::get(parser.getContext(), alignment);
  return success();
}
static void printCausal(OpAsmPrinter &printer, Operation *,
                        CausalAlignmentAttr causal) {
  if (!causal)
    return;
  printer << "causal";
  if (causal.getValue() != CausalAlignment::BottomRight)
    printer << '(' << stringifyCausalAlignment(causal.getValue()) << ')';
  printer << ' ';
}

/// `window(left, right)`.
static ParseResult parseWindow(OpAsmParser &parser, DenseI64ArrayAttr &window) {
  if (failed(parser.parseOptionalKeyword("window")))
    return success();
  int64_t left, right;
  if (parser.parseLParen() || parser.parseInteger(left) ||
      parser.parseComma() || parser.parseInteger(right) || parser.parseRParen())
    return failure();
  window = parser.getBuilder().getDenseI64ArrayAttr({left, right});
  return success();
}
static void printWindow(OpAsmPrinter &printer, Operation *,
                        DenseI64ArrayAttr window) {
  if (!window)
    return;
  printer << "window(" << window[0] << ", " << window[1] << ") ";
}

/// `layout(query = bshd, ...)` with those that are not bhsd.
static ParseResult parseLayouts(OpAsmParser &parser, TensorLayoutAttr &query,
                                TensorLayoutAttr &key, TensorLayoutAttr &value,
                                TensorLayoutAttr &output) {
  if (failed(parser.parseOptionalKeyword("layout")))
    return success();
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Paren, [&]() -> ParseResult {
        StringRef operand, name;
        SMLoc operandLoc = parser.getCurrentLocation();
        if (parser.parseKeyword(&operand))
          return failure();
        TensorLayoutAttr *attr =
            llvm::StringSwitch<TensorLayoutAttr *>(operand)
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
          return parser.emitError(nameLoc) << "unknown layout '" << name
                                           << "', expected bhsd, bshd or bhds";
        *attr = TensorLayoutAttr::get(parser.getContext(), *layout);
        return success();
      });
}
static void printLayouts(OpAsmPrinter &printer, Operation *,
                         TensorLayoutAttr query, TensorLayoutAttr key,
                         TensorLayoutAttr value, TensorLayoutAttr output) {
  std::pair<StringRef, TensorLayoutAttr> all[] = {
      {"query", query}, {"key", key}, {"value", value}, {"output", output}};
  auto given = llvm::make_filter_range(all, [](const auto &entry) {
    return entry.second && entry.second.getValue() != TensorLayout::BHSD;
  });
  if (given.empty())
    return;
  printer << "layout(";
  llvm::interleaveComma(given, printer, [&](const auto &entry) {
    printer << entry.first << " = "
            << stringifyTensorLayout(entry.second.getValue());
  });
  printer << ") ";
}

/// `keyword(%name, ...) { ... }` with the argument types given.
static ParseResult parseRegion(OpAsmParser &parser, StringRef keyword,
                               ArrayRef<Type> types, Region &region) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  SmallVector<OpAsmParser::Argument> arguments;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, AsmParser::Delimiter::Paren))
    return failure();
  if (arguments.size() != types.size())
    return parser.emitError(loc)
           << "region '" << keyword << "' has " << arguments.size()
           << " arguments, expected " << types.size();
  for (auto [argument, type] : llvm::zip_equal(arguments, types))
    argument.type = type;
  return parser.parseRegion(region, arguments);
}

static void printRegion(OpAsmPrinter &printer, StringRef keyword,
                        Region &region) {
  if (region.empty())
    return;
  printer << keyword << '(';
  llvm::interleaveComma(region.getArguments(), printer,
                        [&](BlockArgument arg) { printer << arg; });
  printer << ") ";
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
  printer << ' ';
}

/// The type of a score is not known before the operand types are parsed: it is
/// f32 unless the argument says f64, as in `score(%s : f64, ...)`.
static ParseResult parseScoreRegion(OpAsmParser &parser, Region &region) {
  if (failed(parser.parseOptionalKeyword("score")))
    return success();
  Type index = parser.getBuilder().getIndexType();
  SmallVector<OpAsmParser::Argument> arguments;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, AsmParser::Delimiter::Paren,
                               /*allowType=*/false))
    return failure();
  if (arguments.size() != 5)
    return parser.emitError(loc) << "region 'score' has " << arguments.size()
                                 << " arguments, expected 5: score, batch, "
                                    "head, query, key";
  Type scoreType = parser.getBuilder().getF32Type();
  if (succeeded(parser.parseOptionalColon()) && parser.parseType(scoreType))
    return failure();
  arguments[0].type = scoreType;
  for (OpAsmParser::Argument &argument : llvm::drop_begin(arguments))
    argument.type = index;
  return parser.parseRegion(region, arguments);
}
static void printScoreRegion(OpAsmPrinter &printer, Operation *,
                             Region &region) {
  if (region.empty())
    return;
  printer << "score(";
  llvm::interleaveComma(region.getArguments(), printer,
                        [&](BlockArgument arg) { printer << arg; });
  printer << ") ";
  if (Type type = region.getArgument(0).getType(); !type.isF32())
    printer << ": " << type << ' ';
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
  printer << ' ';
}

static ParseResult parseMaskRegion(OpAsmParser &parser, Region &region) {
  Type index = parser.getBuilder().getIndexType();
  return parseRegion(parser, "mask", {index, index, index, index}, region);
}
static void printMaskRegion(OpAsmPrinter &printer, Operation *,
                            Region &region) {
  printRegion(printer, "mask", region);
}

#define GET_OP_CLASSES
#include "attn/IR/AttnOps.cpp.inc"
