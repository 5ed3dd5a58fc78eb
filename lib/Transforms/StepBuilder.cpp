//===- StepBuilder.cpp - The steps of attention in linalg -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StepBuilder.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn;

Value StepBuilder::elementwise(StringRef step, ArrayRef<Access> inputs,
                               ArrayRef<OpFoldResult> sizes, AffineMap out,
                               Type element, Body body) {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (const Access &input : inputs) {
    values.push_back(input.value);
    maps.push_back(input.map);
  }
  maps.push_back(out);
  Value init = tensor::EmptyOp::create(b, name(step), sizes, element);
  SmallVector<utils::IteratorType> iterators(out.getNumDims(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, name(step), init.getType(), values, init, maps, iterators,
             [&](OpBuilder &nested, Location at, ValueRange arguments) {
               linalg::YieldOp::create(nested, at, body(nested, at, arguments));
             })
      .getResult(0);
}

Value StepBuilder::contract(StringRef step, Access x, Access y,
                            ArrayRef<OpFoldResult> sizes, AffineMap out) {
  Value init = filled(step, sizes, 0.0);
  return linalg::ContractOp::create(
             b, name(step), init.getType(), ValueRange{x.value, y.value}, init,
             b.getAffineMapArrayAttr({x.map, y.map, out}))
      .getResult(0);
}

Value StepBuilder::weightedSum(StringRef step, Access x, Access y,
                               ArrayRef<OpFoldResult> sizes, AffineMap out) {
  SmallVector<utils::IteratorType> iterators(out.getNumDims(),
                                             utils::IteratorType::reduction);
  for (AffineExpr result : out.getResults())
    iterators[cast<AffineDimExpr>(result).getPosition()] =
        utils::IteratorType::parallel;
  Value init = filled(step, sizes, 0.0);
  return linalg::GenericOp::create(
             b, name(step), init.getType(), ValueRange{x.value, y.value}, init,
             ArrayRef{x.map, y.map, out}, iterators,
             [&](OpBuilder &nested, Location at, ValueRange args) {
               Value value = convertScalarToDtype(nested, at, args[1], type,
                                                  /*isUnsignedCast=*/false);
               Value zero = constant(nested, 0);
               Value isWeightless = arith::CmpFOp::create(
                   nested, at, arith::CmpFPredicate::OEQ, args[0], zero);
               value = arith::SelectOp::create(nested, at, isWeightless, zero,
                                               value);
               Value product =
                   arith::MulFOp::create(nested, at, args[0], value);
               Value sum = arith::AddFOp::create(nested, at, args[2], product);
               linalg::YieldOp::create(nested, at, sum);
             })
      .getResult(0);
}

Value StepBuilder::reduce(StringRef step, Value value, int64_t dim, double init,
                          Body body) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
  sizes.erase(sizes.begin() + dim);
  return linalg::ReduceOp::create(
             b, name(step), value, filled(step, sizes, init), dim,
             [&](OpBuilder &nested, Location at, ValueRange arguments) {
               linalg::YieldOp::create(nested, at, body(nested, at, arguments));
             })
      ->getResult(0);
}

Value StepBuilder::maximum(StringRef step, Value value, int64_t dim) {
  return reduce(step, value, dim, -INFINITY,
                [](OpBuilder &nested, Location at, ValueRange args) -> Value {
                  return arith::MaximumFOp::create(nested, at, args[0],
                                                   args[1]);
                });
}

Value StepBuilder::sum(StringRef step, Value value, int64_t dim) {
  return reduce(step, value, dim, 0.0,
                [](OpBuilder &nested, Location at, ValueRange args) -> Value {
                  return arith::AddFOp::create(nested, at, args[0], args[1]);
                });
}

Value StepBuilder::exponential(StringRef step, Value value, Value base,
                               AffineMap map) {
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(map.getNumDims(), b.getContext());
  return elementwise(
      step, {{value, identity}, {base, map}},
      tensor::getMixedSizes(b, loc, value), identity, type,
      [](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value difference = arith::SubFOp::create(nested, at, args[0], args[1]);
        return math::ExpOp::create(nested, at, difference);
      });
}

Value StepBuilder::finite(StringRef step, Value max) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(
      cast<RankedTensorType>(max.getType()).getRank(), b.getContext());
  return elementwise(
      step, {{max, identity}}, tensor::getMixedSizes(b, loc, max), identity,
      type, [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value isNone =
            arith::CmpFOp::create(nested, at, arith::CmpFPredicate::OEQ,
                                  args[0], constant(nested, -INFINITY));
        return arith::SelectOp::create(nested, at, isNone, constant(nested, 0),
                                       args[0]);
      });
}

Value StepBuilder::nonZero(StringRef step, Value sum) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(
      cast<RankedTensorType>(sum.getType()).getRank(), b.getContext());
  return elementwise(
      step, {{sum, identity}}, tensor::getMixedSizes(b, loc, sum), identity,
      type, [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value isZero =
            arith::CmpFOp::create(nested, at, arith::CmpFPredicate::OEQ,
                                  args[0], constant(nested, 0));
        return arith::SelectOp::create(nested, at, isZero, constant(nested, 1),
                                       args[0]);
      });
}

Value StepBuilder::zeroWhereNone(StringRef step, Value value, Value sum,
                                 AffineMap map) {
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(map.getNumDims(), b.getContext());
  return elementwise(
      step, {{value, identity}, {sum, map}},
      tensor::getMixedSizes(b, loc, value), identity, type,
      [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value zero = constant(nested, 0);
        Value isZero = arith::CmpFOp::create(
            nested, at, arith::CmpFPredicate::OEQ, args[1], zero);
        return arith::SelectOp::create(nested, at, isZero, zero, args[0]);
      });
}

Value StepBuilder::convert(StringRef step, Value value, Type element) {
  auto valueType = cast<RankedTensorType>(value.getType());
  if (valueType.getElementType() == element)
    return value;
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(valueType.getRank(), b.getContext());
  return elementwise(
      step, {{value, identity}}, tensor::getMixedSizes(b, loc, value), identity,
      element, [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
        return convertScalarToDtype(nested, at, args[0], element,
                                    /*isUnsignedCast=*/false);
      });
}

Value StepBuilder::logSumExp(StringRef step, Value sum, Value max) {
  AffineMap identity = AffineMap::getMultiDimIdentityMap(
      cast<RankedTensorType>(sum.getType()).getRank(), b.getContext());
  return elementwise(
      step, {{sum, identity}, {max, identity}},
      tensor::getMixedSizes(b, loc, sum), identity, type,
      [](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value log = math::LogOp::create(nested, at, args[0]);
        return arith::AddFOp::create(nested, at, log, args[1]);
      });
}
