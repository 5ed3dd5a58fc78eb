//===- Print.cpp - What vector.print calls --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/Print.h"

#include "tensor/Float.h"

#include <cinttypes>
#include <cstdio>

using namespace attnrt;

static void printI64(int64_t value) { std::printf("%" PRId64, value); }
static void printU64(uint64_t value) { std::printf("%" PRIu64, value); }
static void printF64(double value) { std::printf("%g", value); }
static void printF32(float value) { printF64(value); }
// Of these types the bits are passed.
static void printF16(uint16_t bits) { printF64(fromF16(bits)); }
static void printBF16(uint16_t bits) { printF64(fromBF16(bits)); }
static void printString(const char *text) { std::fputs(text, stdout); }
static void printOpen() { printString("( "); }
static void printClose() { printString(" )"); }
static void printComma() { printString(", "); }
static void printNewline() {
  printString("\n");
  // Lines come in order with those that others write to the same file.
  std::fflush(stdout);
}

llvm::ArrayRef<RuntimeSymbol> attnrt::getPrintSymbols() {
  static const RuntimeSymbol symbols[] = {
      makeSymbol("printI64", printI64),
      makeSymbol("printU64", printU64),
      makeSymbol("printF64", printF64),
      makeSymbol("printF32", printF32),
      makeSymbol("printF16", printF16),
      makeSymbol("printBF16", printBF16),
      makeSymbol("printString", printString),
      makeSymbol("printOpen", printOpen),
      makeSymbol("printClose", printClose),
      makeSymbol("printComma", printComma),
      makeSymbol("printNewline", printNewline),
  };
  return symbols;
}
