//===- Reductions.cpp - Operators that combine along dimensions -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

using ScalarFunction = Value (*)(OpBuilder &b, Location loc, Value x);
using Combiner = Value (*)(OpBuilder &b, Location loc, Value x, Value y);

template <typename OnFloats, typename OnIntegers>
static Value combine(OpBuilder &b, Location loc, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return OnFloats::create(b, loc, x, y);
  return OnIntegers::create(b, loc, x, y);
}

static constexpr Combiner add = combine<arith::AddFOp, arith::AddIOp>;
static constexpr Combiner multiply = combine<arith::MulFOp, arith::MulIOp>;
static constexpr Combiner maximum = combine<arith::MaximumFOp, arith::MaxSIOp>;
static constexpr Combiner minimum = combine<arith::MinimumFOp, arith::MinSIOp>;

static Value identity(OpBuilder &, Location, Value x) { return x; }

static Value square(OpBuilder &b, Location loc, Value x) {
  return multiply(b, loc, x, x);
}

static Value absolute(OpBuilder &b, Location loc, Value x) {
  if (isa<FloatType>(x.getType()))
    return math::AbsFOp::create(b, loc, x);
  return math::AbsIOp::create(b, loc, x);
}

static Value root(OpBuilder &b, Location loc, Value x) {
  return math::SqrtOp::create(b, loc, x);
}

/// What a reduction begins with.
enum class Start { Zero, One, Lowest, Highest };

static Value getStart(OpBuilder &b, Location loc, Type type, Start start) {
  if (start == Start::Zero || start == Start::One)
    return scalarConstant(b, loc, type, start == Start::One ? 1 : 0);
  bool isLowest = start == Start::Lowest;
  if (isa<FloatType>(type))
    return scalarConstant(b, loc, type, isLowest ? -INFINITY : INFINITY);
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      b, loc,
      b.getIntegerAttr(type, isLowest ? APInt::getSignedMinValue(width)
                                      : APInt::getSignedMaxValue(width)));
}

/// The dimensions to reduce; none means all, or nothing with
/// noop_with_empty_axes.
static FailureOr<SmallVector<int64_t>> getAxes(Node &node) {
  int64_t rank = getRank(node.getInput(0));
  bool isNoop = node.getInt("noop_with_empty_axes", 0) != 0;
  auto axes = node.getIntsOfInputOrAttribute(1, "axes");
  if ((!axes || axes->empty()) && !isNoop)
    axes = llvm::to_vector(llvm::seq<int64_t>(rank));
  SmallVector<int64_t> result;
  for (int64_t axis : axes.value_or(SmallVector<int64_t>()))
    result.push_back(node.normalizeAxis(axis, rank));
  if (node.hasFailed())
    return failure();
  return result;
}

static LogicalResult convertReduce(Node &node, ScalarFunction before,
                                   Combiner combiner, Start start,
                                   ScalarFunction after, bool isMean) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0);
  Type element = getElement(x);
  bool keepDims = node.getInt("keepdims", 1) != 0;
  auto axes = getAxes(node);
  if (failed(axes))
    return failure();
  if (element.isInteger(1) || (after == root && !isa<FloatType>(element)))
    return node.fail("input 0 has elements of a type that is not reduced");
  Type accumulator = getAccumulator(element);
  int64_t count = 1;
  for (int64_t axis : *axes)
    count *= getShape(x)[axis];
  Value wide = castTensor(b, loc, x, accumulator);
  Value result = reduce(
      b, loc, wide, *axes, keepDims, getStart(b, loc, accumulator, start),
      [&](OpBuilder &nested, Location at, ValueRange v) {
        return combiner(nested, at, before(nested, at, v[0]), v[1]);
      });
  if (isMean || after != identity)
    result = elementwiseTo(
        b, loc, getShape(result), result, accumulator,
        [&](OpBuilder &nested, Location at, ValueRange v) -> Value {
          Value y = v[0];
          if (isMean) {
            Value divisor = scalarConstant(nested, at, accumulator,
                                           static_cast<double>(count));
            y = isa<FloatType>(accumulator)
                    ? arith::DivFOp::create(nested, at, y, divisor).getResult()
                    : arith::DivSIOp::create(nested, at, y, divisor);
          }
          return after(nested, at, y);
        });
  node.setOutput(0, castTensor(b, loc, result, element));
  return success();
}

template <ScalarFunction before, Combiner combiner, Start start,
          ScalarFunction after = identity, bool isMean = false>
static LogicalResult convertReduceOf(Node &node) {
  return convertReduce(node, before, combiner, start, after, isMean);
}

static LogicalResult convertSoftmax(Node &node) {
  Value x = node.getInput(0);
  if (!isa<FloatType>(getElement(x)))
    return node.fail("input 0 has elements that are no floats");
  int64_t axis = node.getAxis("axis", -1, getRank(x));
  if (node.hasFailed())
    return failure();
  node.setOutput(0, softmax(node.b, node.loc, x, axis));
  return success();
}

/// x - max - log(Σ exp(x - max)).
static LogicalResult convertLogSoftmax(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0);
  Type element = getElement(x);
  if (!isa<FloatType>(element))
    return node.fail("input 0 has elements that are no floats");
  int64_t axis = node.getAxis("axis", -1, getRank(x));
  if (node.hasFailed())
    return failure();
  Type wide = getAccumulator(element);
  x = castTensor(b, loc, x, wide);
  Value max =
      reduce(b, loc, x, axis, true, getStart(b, loc, wide, Start::Lowest),
             [](OpBuilder &nested, Location at, ValueRange v) {
               return maximum(nested, at, v[0], v[1]);
             });
  Value shifted =
      elementwiseTo(b, loc, getShape(x), {x, max}, wide,
                    [](OpBuilder &nested, Location at, ValueRange v) -> Value {
                      return arith::SubFOp::create(nested, at, v[0], v[1]);
                    });
  Value sum = reduce(
      b, loc, shifted, axis, true, getStart(b, loc, wide, Start::Zero),
      [](OpBuilder &nested, Location at, ValueRange v) {
        return add(nested, at, math::ExpOp::create(nested, at, v[0]), v[1]);
      });
  Value result = elementwiseTo(
      b, loc, getShape(x), {shifted, sum}, wide,
      [](OpBuilder &nested, Location at, ValueRange v) -> Value {
        return arith::SubFOp::create(nested, at, v[0],
                                     math::LogOp::create(nested, at, v[1]));
      });
  node.setOutput(0, castTensor(b, loc, result, element));
  return success();
}

/// The sum of the elements up to each one: a sum over all, of which those that
/// come later are none.
static LogicalResult convertCumSum(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value x = node.getInput(0);
  Type element = getElement(x);
  bool isExclusive = node.getInt("exclusive", 0) != 0;
  bool isReverse = node.getInt("reverse", 0) != 0;
  SmallVector<int64_t> axes = node.getConstantInts(1, "the axis");
  if (node.hasFailed())
    return failure();
  if (axes.size() != 1)
    return node.fail("the axis is no scalar");
  int64_t rank = getRank(x), axis = node.normalizeAxis(axes[0], rank);
  if (node.hasFailed())
    return failure();
  // The loop after the others reads; the one at the axis writes.
  SmallVector<AffineExpr> from, to;
  for (int64_t dim = 0; dim < rank; ++dim) {
    from.push_back(b.getAffineDimExpr(dim == axis ? rank : dim));
    to.push_back(b.getAffineDimExpr(dim));
  }
  SmallVector<AffineMap> maps{AffineMap::get(rank + 1, 0, from, b.getContext()),
                              AffineMap::get(rank + 1, 0, to, b.getContext())};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Type accumulator = getAccumulator(element);
  Value zero = getStart(b, loc, accumulator, Start::Zero);
  Value init = splat(b, loc, getShape(x), zero);
  auto predicate = isReverse ? (isExclusive ? arith::CmpIPredicate::sgt
                                            : arith::CmpIPredicate::sge)
                             : (isExclusive ? arith::CmpIPredicate::slt
                                            : arith::CmpIPredicate::sle);
  Value sum =
      linalg::GenericOp::create(
          b, loc, init.getType(), x, init, maps, iterators,
          [&](OpBuilder &nested, Location at, ValueRange v) {
            Value reads = linalg::IndexOp::create(nested, at, rank);
            Value writes = linalg::IndexOp::create(nested, at, axis);
            Value counts =
                arith::CmpIOp::create(nested, at, predicate, reads, writes);
            Value addend = arith::SelectOp::create(
                nested, at, counts, castScalar(nested, at, v[0], accumulator),
                zero);
            linalg::YieldOp::create(nested, at, add(nested, at, addend, v[1]));
          })
          .getResult(0);
  node.setOutput(0, castTensor(b, loc, sum, element));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getReductionOperators() {
  static const OperatorEntry entries[] = {
      {"ReduceSum", 1, 1, convertReduceOf<identity, add, Start::Zero>},
      {"ReduceMean", 1, 1,
       convertReduceOf<identity, add, Start::Zero, identity, true>},
      {"ReduceProd", 1, 1, convertReduceOf<identity, multiply, Start::One>},
      {"ReduceMax", 1, 1, convertReduceOf<identity, maximum, Start::Lowest>},
      {"ReduceMin", 1, 1, convertReduceOf<identity, minimum, Start::Highest>},
      {"ReduceSumSquare", 1, 1, convertReduceOf<square, add, Start::Zero>},
      {"ReduceL1", 1, 1, convertReduceOf<absolute, add, Start::Zero>},
      {"ReduceL2", 1, 1, convertReduceOf<square, add, Start::Zero, root>},
      {"Softmax", 13, 1, convertSoftmax},
      {"LogSoftmax", 13, 1, convertLogSoftmax},
      {"CumSum", 11, 2, convertCumSum},
  };
  return entries;
}
