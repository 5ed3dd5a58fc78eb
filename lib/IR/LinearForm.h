//===- LinearForm.h - Positions as linear forms -----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions of queries and keys as linear forms over the indices of a region,
// the sizes of the sequences and values from outside, so that every spelling of
// a bound is the same form. Positions are sizes of tensors: their sums do not
// overflow.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IR_LINEARFORM_H
#define ATTN_LIB_IR_LINEARFORM_H

#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {

/// constant + query · i + key · j + queries · Sq + keys · Sk + Σ terms.
struct LinearForm {
  int64_t constant = 0, query = 0, key = 0, queries = 0, keys = 0;
  llvm::SmallDenseMap<Value, int64_t, 2> terms;

  LinearForm &add(const LinearForm &other, int64_t sign) {
    constant += sign * other.constant;
    query += sign * other.query;
    key += sign * other.key;
    queries += sign * other.queries;
    keys += sign * other.keys;
    for (auto [value, factor] : other.terms)
      if ((terms[value] += sign * factor) == 0)
        terms.erase(value);
    return *this;
  }
  /// Whether it is a number.
  bool isConstant() const {
    return !query && !key && !queries && !keys && terms.empty();
  }
  /// Whether no part of it can be negative.
  bool isNonNegative() const {
    return constant >= 0 && query >= 0 && key >= 0 && queries >= 0 &&
           keys >= 0 && terms.empty();
  }
};

/// Reads values as linear forms, inside of a region of an sdpa or around it.
class LinearReader {
public:
  LinearReader(SDPAOp op, Region *region = nullptr) : op(op), region(region) {}

  /// A region's index: the argument before the last is the query.
  bool isQuery(Value value) const {
    return region &&
           value == region->getArgument(region->getNumArguments() - 2);
  }
  bool isKey(Value value) const {
    return region &&
           value == region->getArgument(region->getNumArguments() - 1);
  }

  std::optional<LinearForm> read(Value value);

private:
  std::optional<LinearForm> readSize(tensor::DimOp dim);
  bool holdsPositions(Type integer);

  SDPAOp op;
  Region *region;
};

/// Sq and Sk.
LinearForm getQueriesForm(SDPAOp op);
LinearForm getKeysForm(SDPAOp op);

/// position(i) - i.
std::optional<LinearForm> getShift(SDPAOp op);

/// Whether a short form reads the position of queries.
bool usesPosition(SDPAOp op);

/// x - y where that is a number.
std::optional<int64_t> getDifference(LinearForm x, const LinearForm &y);

} // namespace mlir::attn

#endif // ATTN_LIB_IR_LINEARFORM_H
