//===- StepBuilder.h - The steps of attention in linalg ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_STEPBUILDER_H
#define ATTN_LIB_TRANSFORMS_STEPBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {

/// A value and how an iteration space indexes it.
struct Access {
  Value value;
  AffineMap map;
};

/// Builds linalg on tensors of one accumulator type.
class StepBuilder {
public:
  using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;

  StepBuilder(OpBuilder &b, Location loc, FloatType type)
      : b(b), loc(loc), type(type) {}

  Location name(StringRef step) {
    return NameLoc::get(b.getStringAttr(step), loc);
  }
  Value constant(OpBuilder &at, double value) {
    return arith::ConstantOp::create(at, loc, at.getFloatAttr(type, value));
  }
  Value filled(StringRef step, ArrayRef<OpFoldResult> sizes, double value) {
    Value empty = tensor::EmptyOp::create(b, name(step), sizes, type);
    return linalg::FillOp::create(b, name(step), constant(b, value), empty)
        .getResult(0);
  }
  AffineMap map(unsigned dims, ArrayRef<unsigned> results) {
    SmallVector<AffineExpr> exprs;
    for (unsigned result : results)
      exprs.push_back(b.getAffineDimExpr(result));
    return AffineMap::get(dims, 0, exprs, b.getContext());
  }

  /// An elementwise step over `sizes`, whose result has the element type
  /// `element` and is indexed by `out`.
  Value elementwise(StringRef step, ArrayRef<Access> inputs,
                    ArrayRef<OpFoldResult> sizes, AffineMap out, Type element,
                    Body body);

  /// The sum over the dimensions that `out` lacks of the product of x and y.
  Value contract(StringRef step, Access x, Access y,
                 ArrayRef<OpFoldResult> sizes, AffineMap out);

  /// As contract, of a weight x and a value y, where what has no weight adds
  /// nothing even if it is infinite or NaN.
  Value weightedSum(StringRef step, Access x, Access y,
                    ArrayRef<OpFoldResult> sizes, AffineMap out);

  /// Reduces one dimension of a tensor by maximum or by sum.
  Value maximum(StringRef step, Value value, int64_t dim);
  Value sum(StringRef step, Value value, int64_t dim);

  /// exp(value - base) with `base` constant along the dimensions that `map`
  /// lacks.
  Value exponential(StringRef step, Value value, Value base, AffineMap map);

  /// A maximum by which to shift exponents: 0 where nothing was kept, so that
  /// no infinity is subtracted from itself.
  Value finite(StringRef step, Value max);

  /// A divisor that is 1 where the sum is 0, so that such a row gives 0.
  Value nonZero(StringRef step, Value sum);

  /// A tensor that is 0 where the sum is, whatever it was; `map` is that of the
  /// sum.
  Value zeroWhereNone(StringRef step, Value value, Value sum, AffineMap map);

  /// A tensor in another floating-point type.
  Value convert(StringRef step, Value value, Type element);

  /// log(sum) + max.
  Value logSumExp(StringRef step, Value sum, Value max);

private:
  Value reduce(StringRef step, Value value, int64_t dim, double init,
               Body body);

  OpBuilder &b;
  Location loc;
  FloatType type;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_STEPBUILDER_H
