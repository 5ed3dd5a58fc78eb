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

#include "llvm/ADT/STLFunctionalExtras.h"

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

/// Operands of one register, as bytes.
struct Column {
  template <typename T>
  Column(const std::vector<T> &values)
      : data(reinterpret_cast<const uint8_t *>(values.data())),
        bytes(sizeof(T)), count(values.size()),
        isFloat(std::is_floating_point_v<T>) {}
  const uint8_t *data;
  size_t bytes, count;
  bool isFloat;
};

/// The .target of the snippets that run while it lives; else sm_90a.
class SnippetTarget {
public:
  explicit SnippetTarget(const char *name) { current = name; }
  ~SnippetTarget() { current = initial; }
  static const char *get() { return current; }

private:
  static constexpr const char *initial = "sm_90a";
  static inline const char *current = initial;
};

/// The results of a snippet, one for each row of the columns.
std::vector<uint8_t> evaluateBytes(llvm::StringRef snippet,
                                   llvm::ArrayRef<Column> columns,
                                   size_t outBytes);

template <typename Out, typename... In>
std::vector<Out> evaluate(llvm::StringRef snippet,
                          const std::vector<In> &...columns) {
  std::vector<uint8_t> bytes =
      evaluateBytes(snippet, {Column(columns)...}, sizeof(Out));
  std::vector<Out> results(bytes.size() / sizeof(Out));
  std::memcpy(results.data(), bytes.data(), bytes.size());
  return results;
}

/// Checks a snippet on the rows of the columns: `expected` writes what the
/// result of a row is to be. Any NaN equals any other.
void checkRows(llvm::StringRef snippet, llvm::ArrayRef<Column> columns,
               size_t outBytes, bool isFloat,
               llvm::function_ref<void(size_t, uint8_t *)> expected);

template <typename Out, typename Expected, typename... In>
void check(llvm::StringRef snippet, const Expected &expected,
           const std::vector<In> &...columns) {
  checkRows(snippet, {Column(columns)...}, sizeof(Out),
            std::is_floating_point_v<Out>, [&](size_t i, uint8_t *to) {
              Out value = expected(columns[i]...);
              std::memcpy(to, &value, sizeof(Out));
            });
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
