//===- Comparison.cpp - How far results are from expected ones ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"

#include <cmath>
#include <limits>

using namespace mlir::attn;
using attnrt::Tensor;

static double getError(double found, double expected) {
  if (found == expected || (std::isnan(found) && std::isnan(expected)))
    return 0;
  double error = std::fabs(found - expected);
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

Comparison mlir::attn::compare(const Tensor &found, const Tensor &expected,
                               bool skipNaN) {
  assert(found.getShape() == expected.getShape() && "shapes differ");
  Comparison result;
  int64_t worst = -1;
  for (int64_t i = 0, end = found.getNumElements(); i != end; ++i) {
    double reference = expected.get(i);
    if (skipNaN && std::isnan(reference))
      continue;
    ++result.count;
    double error = getError(found.get(i), reference);
    if (worst >= 0 && error <= result.maxError)
      continue;
    worst = i;
    result.maxError = error;
  }
  if (worst < 0)
    return result;
  result.found = found.get(worst);
  result.expected = expected.get(worst);
  result.position.resize(found.getShape().size());
  for (size_t dim = result.position.size(); dim-- > 0;) {
    result.position[dim] = worst % found.getShape()[dim];
    worst /= found.getShape()[dim];
  }
  return result;
}
