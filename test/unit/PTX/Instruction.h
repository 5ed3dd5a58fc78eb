//===- Instruction.h - One instruction on many operands ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs a snippet of PTX on a thread for each set of operands and compares
/// each result with what C++ makes of the ISA's definition.
///
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_PTX_INSTRUCTION_H
#define ATTN_TEST_UNIT_PTX_INSTRUCTION_H

#include "Harness.h"
#include "Reference.h"

#include <algorithm>
#include <sstream>

namespace attn::ptx::test {

/// A column of operands that meets the corners of its type. Columns of equal
/// length become the registers a, b and c, untyped and as wide as the type.
template <typename T> std::vector<T> operands(unsigned seed);
template <> std::vector<float> operands(unsigned seed);
template <> std::vector<double> operands(unsigned seed);
template <> std::vector<int16_t> operands(unsigned seed);
template <> std::vector<uint16_t> operands(unsigned seed);
template <> std::vector<int32_t> operands(unsigned seed);
template <> std::vector<uint32_t> operands(unsigned seed);
template <> std::vector<int64_t> operands(unsigned seed);
template <> std::vector<uint64_t> operands(unsigned seed);

/// The text of a kernel `test` that loads a, b, c of the given sizes in bytes,
/// runs `snippet`, which may use the predicates p, q and the 32-bit registers
/// t0 to t3, and stores d.
std::string instructionKernel(llvm::StringRef snippet,
                              llvm::ArrayRef<size_t> inputSizes,
                              size_t outputSize,
                              llvm::StringRef target = "sm_90a");

/// The results of a snippet, one for each row of the columns.
template <typename Out, typename... In>
std::vector<Out> evaluate(llvm::StringRef snippet,
                          const std::vector<In> &...columns) {
  size_t count = std::max({columns.size()...});
  Runner runner(instructionKernel(snippet, {sizeof(In)...}, sizeof(Out)),
                "snippet.ptx");
  auto out = runner.zeros<Out>(count);
  constexpr int block = 64;
  runner.launch("test",
                {.grid = int(count + block - 1) / block, .block = block},
                runner.upload(columns)..., out, int(count));
  return runner.read(out);
}

/// Bit patterns that two results have to share; any NaN equals any other.
template <typename T> bool agree(T got, T expected) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(expected))
      return std::isnan(got);
  return std::memcmp(&got, &expected, sizeof(T)) == 0;
}

template <typename T> std::string spell(T v) {
  std::ostringstream text;
  if constexpr (std::is_floating_point_v<T>)
    text << std::hexfloat << v;
  else
    text << "0x" << std::hex << uint64_t(std::make_unsigned_t<T>(v));
  return text.str();
}

/// Checks a snippet against `expected` on the operands of its columns.
template <typename Out, typename Expected, typename... In>
void check(llvm::StringRef snippet, const Expected &expected,
           const std::vector<In> &...columns) {
  std::vector<Out> got = evaluate<Out>(snippet, columns...);
  int shown = 0;
  for (size_t i = 0; i < got.size() && shown < 4; ++i) {
    Out want = expected(columns[i]...);
    if (agree<Out>(got[i], want))
      continue;
    ++shown;
    std::string list;
    ((list += (list.empty() ? "" : ", ") + spell(columns[i])), ...);
    ADD_FAILURE() << snippet.str() << "\nof " << list << " is " << spell(got[i])
                  << ", expected " << spell(want);
  }
}

/// The same with operands that meet the corners of their types.
template <typename Out, typename A, typename Expected>
void check1(llvm::StringRef snippet, const Expected &expected) {
  check<Out>(snippet, expected, operands<A>(1));
}
template <typename Out, typename A, typename B, typename Expected>
void check2(llvm::StringRef snippet, const Expected &expected) {
  check<Out>(snippet, expected, operands<A>(1), operands<B>(2));
}
template <typename Out, typename A, typename B, typename C, typename Expected>
void check3(llvm::StringRef snippet, const Expected &expected) {
  check<Out>(snippet, expected, operands<A>(1), operands<B>(2), operands<C>(3));
}

} // namespace attn::ptx::test

#endif // ATTN_TEST_UNIT_PTX_INSTRUCTION_H
