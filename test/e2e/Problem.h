//===- Problem.h - A problem of the end-to-end tests ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_E2E_PROBLEM_H
#define ATTN_TEST_E2E_PROBLEM_H

#include "tensor/Tensor.h"

#include "llvm/ADT/SmallVector.h"
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace e2e {

using attnrt::ElementType;
using attnrt::Tensor;

/// Which sizes the signature leaves open: those of a cache of keys (its length
/// and the batch), both lengths, these and the batch and the heads, or all,
/// head_dim as well.
enum class Dynamic { None, Cache, Seqlens, Heads, All };

/// How q, k, v and o order their dimensions.
enum class Layouts { BHSD, BSHD, KeyBHDS };

/// The sizes and the type of a case.
struct Shape {
  int64_t batch = 1, heads = 1, kvHeads = 1, queries = 1, keys = 1;
  int64_t headDim = 8, valueDim = 8;
  ElementType type = ElementType::f32();
  Dynamic dynamic = Dynamic::None;
};

/// A tensor that attention reads besides query, key and value.
struct Extra {
  std::string name;
  ElementType type;
  std::vector<int64_t> shape;
  /// Sets the elements; random by default.
  std::function<void(Tensor &)> fill;
};

/// A position of the score matrix.
struct Position {
  int64_t b, h, i, j;
};

/// A region of attn.sdpa: its text, and what it means.
template <typename Result, typename... Args> struct Region {
  std::string text;
  std::function<Result(Args..., Position, const std::vector<Tensor> &extras)>
      evaluate;
};
using ScoreRegion = Region<double, double>;
using MaskRegion = Region<bool>;

/// What an sdpa computes: the operands and attributes that a variant sets.
struct Variant {
  bool causal = false, topLeft = false;
  std::optional<int64_t> queryOffset;
  int64_t windowLeft = -1, windowRight = -1;
  double softcap = 0;
  std::optional<double> scale;
  bool deterministic = false;
  bool allowTF32 = false;
  bool lse = false;
  /// The output is f32 whatever the inputs are.
  bool wideOutput = false;
  Layouts layouts = Layouts::BHSD;
  /// Positions in `extras`; -1 where absent.
  int bias = -1, keep = -1, alibi = -1, sinks = -1;
  std::vector<Extra> extras;
  std::optional<ScoreRegion> score;
  std::optional<MaskRegion> mask;
  /// Every score is a number of few bits: products and sums of them that come
  /// before a factor have no error.
  bool exactScores = false;
  /// Fields of the schedules to pin, as in kv_splits=1.
  std::vector<std::string> schedule;
  /// Multiplies the queries: large values make a peaked softmax.
  double queryFactor = 1;
  /// Changes the random inputs.
  std::function<void(Tensor &q, Tensor &k, Tensor &v, const Shape &)> adjust;
};

/// A variant by its name, as a function of the sizes.
struct NamedVariant {
  const char *name;
  std::function<void(Variant &, const Shape &)> make;
};

/// Every short form, the region-only variants and the special values.
const std::vector<NamedVariant> &getVariants();

/// A case: its name reruns it.
struct Case {
  std::string variant;
  Shape shape;
  unsigned threads = 1;

  /// VARIANT/TYPE/bB/hHQxHKV/sSQxSK/dDxDV/DYNAMIC/tTHREADS
  std::string getName() const;
  static std::optional<Case> parse(llvm::StringRef name);
};

/// A case with its numbers. Inputs are in the order of the function's
/// arguments: q, k, v, the query offset where given, the extras.
struct Problem {
  Shape shape;
  Variant variant;
  unsigned threads;
  std::vector<Tensor> inputs;
  /// The query's, key's and value's elements in B, H, S, D order.
  std::vector<double> q, k, v;
  /// Copies of the inputs that are extras.
  std::vector<Tensor> extras;

  static Problem make(const Case &testCase);
};

/// What a straight evaluation in f64 gives, and by how much a result may
/// differ from it.
struct Expectation {
  std::vector<double> output, outputBound;
  std::vector<double> lse, lseBound;
};

/// Evaluates the definition of attn.sdpa in loops, without the compiler.
/// `onTensorCores`: the bounds are those of kernels that round weights to the
/// type of the values, and multiply f32 by products of tf32.
Expectation evaluate(const Problem &problem, bool onTensorCores = false);

/// The module that computes the problem, with a function `attention`.
std::string makeModule(const Problem &problem);

} // namespace e2e

#endif // ATTN_TEST_E2E_PROBLEM_H
