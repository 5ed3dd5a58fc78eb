//===- DotProduct.cpp - Products that reduce along the lanes --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileVectorizer.h"

#include <numeric>

using namespace mlir;
using namespace mlir::attn;

/// The sums of `vectors`, all of one power-of-two width, as the elements of one
/// vector: in each step neighbours give their halves to one vector, so that
/// all of them cost little more than one does alone.
static Value sumVectors(OpBuilder &b, Location loc,
                        SmallVector<Value> vectors) {
  auto type = cast<VectorType>(vectors.front().getType());
  int64_t width = type.getNumElements();
  int64_t count = llvm::PowerOf2Ceil(vectors.size());
  assert(count <= width && "more sums than lanes");
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  vectors.resize(count, zero);
  // Each vector holds the partial sums of one vector in each of its groups.
  for (int64_t group = width; group > 1; group /= 2) {
    bool joins = vectors.size() > 1;
    int64_t groups = width / group;
    SmallVector<int64_t> low, high;
    for (int64_t source = 0; source < (joins ? 2 : 1); ++source)
      for (int64_t i = 0; i < groups; ++i)
        for (int64_t at = 0; at < group / 2; ++at) {
          low.push_back(source * width + i * group + at);
          high.push_back(source * width + i * group + group / 2 + at);
        }
    SmallVector<Value> next;
    for (size_t i = 0; i < vectors.size(); i += 2) {
      Value first = vectors[i], second = joins ? vectors[i + 1] : vectors[i];
      Value x = vector::ShuffleOp::create(b, loc, first, second, low);
      Value y = vector::ShuffleOp::create(b, loc, first, second, high);
      next.push_back(arith::AddFOp::create(b, loc, x, y));
    }
    vectors = next;
    width = cast<VectorType>(vectors.front().getType()).getNumElements();
  }
  return vectors.front();
}

/// The rows from `begin` whose elements of `init` are neighbours in memory.
int64_t TileVectorizer::getRun(OpOperand &init, ArrayRef<Point> rows,
                               int64_t begin, int64_t end) {
  if (!hasContiguousLastDim(init.get()))
    return 1;
  SmallVector<int64_t> place = getPlace(init, rows[begin]);
  int64_t run = 1;
  for (; begin + run < end; ++run) {
    ++place.back();
    if (getPlace(init, rows[begin + run]) != place)
      break;
  }
  return run;
}

/// A product whose reduction lies along the lanes: vector accumulators, summed
/// at the end.
LogicalResult TileVectorizer::dotProduct() {
  int64_t size = sizes[*lane];
  if (ShapedType::isDynamic(size))
    return op.emitOpError("has a dynamic reduction along vector lanes");
  OpOperand &init = *op.getDpsInitsMutable().begin();
  if (getCombiner(op, init) != vector::CombiningKind::ADD)
    return op.emitOpError("is a product that does not sum");
  SmallVector<Point> rows = getPoints(0, 1);
  Type element = getElementTypeOrSelf(init.get().getType());

  auto accumulate = [&](int64_t width, Value iteration, ValueRange carried) {
    std::map<Key, Value> inputs, current;
    for (auto [row, value] : llvm::zip_equal(rows, carried))
      current[getKey(init, row)] = value;
    for (Point row : rows) {
      row.width = width;
      compute(row, iteration, inputs, current);
    }
    SmallVector<Value> results;
    for (const Point &row : rows)
      results.push_back(current[getKey(init, row)]);
    return results;
  };
  auto zeros = [&](int64_t width) {
    Type type = width == 1 ? element : VectorType::get({width}, element);
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    return SmallVector<Value>(rows.size(), zero);
  };

  SmallVector<Value> partials = zeros(lanes);
  int64_t whole = size - size % lanes;
  if (whole / lanes <= target.dotIterations) {
    for (int64_t at = 0; at < whole; at += lanes)
      partials = accumulate(lanes, index(at), partials);
  } else {
    auto product = scf::ForOp::create(
        b, loc, index(0), index(whole), index(lanes), partials,
        [&](OpBuilder &nested, Location, Value iteration, ValueRange carried) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(nested.getInsertionBlock(),
                              nested.getInsertionPoint());
          scf::YieldOp::create(b, loc, accumulate(lanes, iteration, carried));
        });
    partials = product.getResults();
  }
  if (int64_t rest = size - whole) {
    // The rest fills the first lanes of a vector whose others are 0.
    SmallVector<int64_t> widen(lanes, rest);
    std::iota(widen.begin(), widen.begin() + rest, 0);
    for (auto [partial, value] : llvm::zip_equal(
             partials, accumulate(rest, index(whole), zeros(rest)))) {
      Value narrow = value;
      if (rest == 1)
        narrow = vector::BroadcastOp::create(
            b, loc, VectorType::get({1}, element), value);
      Value zero =
          arith::ConstantOp::create(b, loc, b.getZeroAttr(narrow.getType()));
      Value wide = vector::ShuffleOp::create(b, loc, narrow, zero, widen);
      partial = arith::AddFOp::create(b, loc, partial, wide);
    }
  }

  for (int64_t begin = 0, count = rows.size(); begin < count; begin += lanes) {
    int64_t end = std::min(begin + lanes, count);
    Value sums = sumVectors(
        b, loc,
        SmallVector<Value>(partials.begin() + begin, partials.begin() + end));
    for (int64_t at = begin; at < end;) {
      int64_t run = getRun(init, rows, at, end);
      Value sum =
          run == 1
              ? vector::ExtractOp::create(b, loc, sums, at - begin).getResult()
              : vector::ExtractStridedSliceOp::create(b, loc, sums, at - begin,
                                                      run, /*strides=*/1)
                    .getResult();
      Value old = loadPlace(init, rows[at], sum.getType());
      storePlace(init, rows[at], arith::AddFOp::create(b, loc, old, sum));
      at += run;
    }
  }
  return success();
}
