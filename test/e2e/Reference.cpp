//===- Reference.cpp - Attention in straight loops ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The definition of attn.sdpa in f64, one row after another, and the bounds of
// a result's error. Nothing here comes from the compiler under test.
//
// The bounds. Let u = 2^-24, the unit roundoff of f32; rounding errors are
// taken as independent (Higham and Mary, 2019), a sum of errors as large as
// some four times their root mean square. For one row let V be the largest |v|,
// n the number of kept keys, p_j the weights before normalisation, and r =
// |p|_2 / |p|_1, which is 1 where one key takes all and 1/sqrt(n) where all
// weigh the same.
//
//  1. A score is a sum of products: its rounding errors are relative to partial
//     sums, which independent products keep below
//     a = |scale| · max |q_i| · max |k_j|. The operations after it (softcap,
//     bias, conversion to the exponent of 2) add roundings relative to the
//     largest intermediate value S; tanh's polynomial is one of them, whose
//     error has a root mean square of u. A score's error changes its weight by
//     the same relative error, and the output by at most twice that times V;
//     errors of different keys are independent: u V r (6 a + 4 S).
//  2. What is common to all weights: the exponential's polynomial (3 u), the
//     reciprocal, the rescaling by exponentials of maxima: 8 u V.
//  3. Both sums over keys: partial sums of the numerator stay near
//     |o| + r V of the denominator's, so sqrt(n) additions of that size:
//     3 sqrt(n) u (2 |o| + r V).
//  4. Rounding the output to its type: half an ulp.
//  5. Tensor cores multiply values by weights of the values' type T, of unit
//     roundoff t: each weight has a relative error of at most t, or, where T's
//     range ends, an absolute one of at most half its least number m. Errors of
//     different keys are independent, and together no larger than one that all
//     share; where the sum is of the rounded weights too, the difference of v
//     and o takes the place of v: (V + |o|) (min(1, 4 r) t + n m / |p|_1). The
//     hardware's exponential is exact to 2 ulp and takes results below 2^-126
//     for 0, within 2.
//
//  6. Tensor cores multiply f32 by parts of tf32, h of x = h + l, rounded to 11
//     bits: |l| < 2^-11 |x|. Where products have f32's accuracy, l · l is left
//     out, 2^-22, and the last of l's 12 bits, 2^-23 of each factor: 2^-21. Of
//     h · h alone 2^-10 is. With c for this relative bound a score is off by
//     c a, which may be common to all keys, the output by twice that times V,
//     and by c V from the second product: c V (2 a + 1).
//
//  7. Scores that have no error (Variant::exactScores) leave out 1 and 6 where
//     factors come after products, as on tensor cores: rows of a peaked softmax
//     are then the mean of the values of equal scores, however large these are.
//
// The lse has 1 to 3 as relative errors of a sum, which are absolute errors
// of its logarithm, 6, and its own rounding: u (8 + 6 a + 4 S + 3 sqrt(n) + 2
// |lse|) + c a.
#include "Problem.h"

#include <cmath>
#include <limits>

using namespace e2e;

static constexpr double kUnit = 0x1p-24;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The element of a tensor that broadcasts over dimensions of size 1.
static double getBroadcast(const Tensor &tensor, Position p) {
  llvm::ArrayRef<int64_t> shape = tensor.getShape();
  int64_t indices[] = {p.b, p.h, p.i, p.j};
  int64_t position = 0;
  for (int d = 0; d < 4; ++d)
    position = position * shape[d] + (shape[d] == 1 ? 0 : indices[d]);
  return tensor.get(position);
}

static double dot(const double *x, const double *y, int64_t size) {
  // Eight sums let the compiler use vectors.
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (int l = 0; l < 8; ++l)
      sums[l] += x[i + l] * y[i + l];
  for (; i < size; ++i)
    sums[0] += x[i] * y[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
         ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// The largest Euclidean norm of `rows` vectors.
static double getMaxNorm(const double *data, int64_t rows, int64_t size) {
  double largest = 0;
  for (int64_t i = 0; i < rows; ++i)
    largest = std::max(largest, dot(data + i * size, data + i * size, size));
  return std::sqrt(largest);
}

namespace {

/// Evaluates row after row.
class Reference {
public:
  Reference(const Problem &problem, bool onTensorCores)
      : problem(problem), shape(problem.shape), variant(problem.variant) {
    scale = variant.scale.value_or(1 / std::sqrt(double(shape.headDim)));
    offset = variant.queryOffset.value_or(
        variant.topLeft ? 0 : shape.keys - shape.queries);
    ElementType type = variant.wideOutput ? ElementType::f32() : shape.type;
    outputUnit = type == ElementType::f16()    ? 0x1p-11
                 : type == ElementType::bf16() ? 0x1p-8
                                               : 0;
    outputTiny = type == ElementType::f16() ? 0x1p-25 : 0;
    if (onTensorCores) {
      weightUnit = shape.type == ElementType::f16()    ? 0x1p-11
                   : shape.type == ElementType::bf16() ? 0x1p-8
                                                       : 0;
      weightTiny = shape.type == ElementType::f16() ? 0x1p-25 : 0;
      if (shape.type == ElementType::f32())
        productUnit = variant.allowTF32 ? 0x1p-10 : 0x1p-21;
      isExact = variant.exactScores;
    }
  }

  Expectation run();

private:
  bool isKept(Position p) const;
  /// The score of a kept position; raises `largest` to the intermediate values.
  double getScore(Position p, double product, double &largest) const;
  void evaluateRow(int64_t b, int64_t h, int64_t i, Expectation &result);

  const Problem &problem;
  const Shape &shape;
  const Variant &variant;
  double scale;
  int64_t offset;
  double outputUnit, outputTiny;
  double weightUnit = 0, weightTiny = 0, productUnit = 0;
  bool isExact = false;
  /// Of the current batch and head.
  double normBound = 0, valueBound = 0;
  std::vector<double> scores, sums;
};

} // namespace

bool Reference::isKept(Position p) const {
  int64_t position = p.i + offset;
  if (variant.causal && p.j > position)
    return false;
  if (variant.windowLeft >= 0 && p.j < position - variant.windowLeft)
    return false;
  if (variant.windowRight >= 0 && p.j > position + variant.windowRight)
    return false;
  if (variant.keep >= 0 && getBroadcast(problem.extras[variant.keep], p) == 0)
    return false;
  return !variant.mask || variant.mask->evaluate(p, problem.extras);
}

double Reference::getScore(Position p, double product, double &largest) const {
  auto note = [&](double value) {
    // What is so large absorbs everything else exactly.
    if (std::fabs(value) < 1e20)
      largest = std::max(largest, std::fabs(value));
    return value;
  };
  double score = note(scale * product);
  if (variant.softcap != 0)
    score = note(variant.softcap * std::tanh(score / variant.softcap));
  if (variant.score)
    score = note(variant.score->evaluate(score, p, problem.extras));
  if (variant.alibi >= 0)
    score = note(score + note(problem.extras[variant.alibi].get(p.h) *
                              double(p.j - (p.i + offset))));
  if (variant.bias >= 0)
    score = note(score + note(getBroadcast(problem.extras[variant.bias], p)));
  return score;
}

void Reference::evaluateRow(int64_t b, int64_t h, int64_t i,
                            Expectation &result) {
  int64_t dim = shape.headDim, valueDim = shape.valueDim;
  int64_t kvHead = h / (shape.heads / shape.kvHeads);
  const double *q =
      &problem.q[((b * shape.heads + h) * shape.queries + i) * dim];
  int64_t firstKey = (b * shape.kvHeads + kvHead) * shape.keys;
  double largest = 0, maximum = -kInfinity;
  int64_t kept = 0;
  bool hasNaN = false;
  for (int64_t j = 0; j < shape.keys; ++j) {
    scores[j] = -kInfinity;
    Position p{b, h, i, j};
    if (!isKept(p))
      continue;
    ++kept;
    scores[j] =
        getScore(p, dot(q, &problem.k[(firstKey + j) * dim], dim), largest);
    hasNaN |= std::isnan(scores[j]);
    maximum = std::max(maximum, scores[j]);
  }
  bool hasSink = variant.sinks >= 0;
  double sink = hasSink ? problem.extras[variant.sinks].get(h) : -kInfinity;
  maximum = std::max(maximum, sink);
  if (hasNaN)
    maximum = std::numeric_limits<double>::quiet_NaN();

  std::fill(sums.begin(), sums.end(), 0.0);
  double total = 0, squares = 0;
  // A row with nothing kept, or nothing but scores of -inf, is empty.
  bool isEmpty = maximum == -kInfinity;
  for (int64_t j = 0; j < shape.keys && !isEmpty; ++j) {
    if (scores[j] == -kInfinity)
      continue;
    double weight = std::exp(scores[j] - maximum);
    total += weight;
    squares += weight * weight;
    const double *v = &problem.v[(firstKey + j) * valueDim];
    for (int64_t d = 0; d < valueDim; ++d)
      sums[d] += weight * v[d];
  }
  if (!isEmpty && hasSink) {
    double weight = std::exp(sink - maximum);
    total += weight;
    squares += weight * weight;
  }

  double lse = isEmpty ? -kInfinity : maximum + std::log(total);
  double spread = isEmpty ? 0 : std::sqrt(squares) / total;
  double terms = std::sqrt(double(kept + 1));
  double scoreError = isExact ? 0 : 6 * normBound + 4 * largest;
  if (variant.lse) {
    result.lse.push_back(lse);
    result.lseBound.push_back(
        isEmpty ? 0
                : kUnit * (8 + scoreError + 3 * terms + 2 * std::fabs(lse)) +
                      productUnit * normBound);
  }
  for (int64_t d = 0; d < valueDim; ++d) {
    double output = isEmpty ? 0 : sums[d] / total;
    double bound =
        kUnit * valueBound * (8 + spread * scoreError) +
        3 * terms * kUnit * (2 * std::fabs(output) + spread * valueBound) +
        productUnit * valueBound * (2 * normBound + 1);
    if (!isEmpty)
      bound += (valueBound + (variant.lse ? 0 : std::fabs(output))) *
               (std::min(1.0, 4 * spread) * weightUnit +
                double(kept) * weightTiny / total);
    if (isEmpty)
      bound = 0;
    bound += std::max((std::fabs(output) + bound) * outputUnit, outputTiny);
    result.output.push_back(output);
    result.outputBound.push_back(bound);
  }
}

Expectation Reference::run() {
  Expectation result;
  scores.resize(shape.keys);
  sums.resize(shape.valueDim);
  int64_t group = shape.heads / shape.kvHeads;
  for (int64_t b = 0; b < shape.batch; ++b)
    for (int64_t h = 0; h < shape.heads; ++h) {
      int64_t kvHead = b * shape.kvHeads + h / group;
      normBound =
          std::fabs(scale) *
          getMaxNorm(problem.q.data() +
                         (b * shape.heads + h) * shape.queries * shape.headDim,
                     shape.queries, shape.headDim) *
          getMaxNorm(problem.k.data() + kvHead * shape.keys * shape.headDim,
                     shape.keys, shape.headDim);
      // Infinite inputs give infinite or NaN results, which are compared
      // exactly.
      if (!std::isfinite(normBound) || isExact)
        normBound = 0;
      valueBound = 0;
      const double *v = problem.v.data() + kvHead * shape.keys * shape.valueDim;
      for (int64_t i = 0; i < shape.keys * shape.valueDim; ++i)
        if (std::isfinite(v[i]))
          valueBound = std::max(valueBound, std::fabs(v[i]));
      for (int64_t i = 0; i < shape.queries; ++i)
        evaluateRow(b, h, i, result);
    }
  return result;
}

Expectation e2e::evaluate(const Problem &problem, bool onTensorCores) {
  return Reference(problem, onTensorCores).run();
}
