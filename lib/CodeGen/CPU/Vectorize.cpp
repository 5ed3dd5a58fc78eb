//===- Vectorize.cpp - linalg on register tiles to 1-D vectors ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyVectorizer.h"
#include "attn/CodeGen/CPU/Kernel.h"
#include "Lanes.h"
#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include <map>
#include <set>

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNVECTORIZE
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using linalg::GenericOp;

namespace {

/// Unrolls one linalg.generic on a register tile.
class TileVectorizer {
public:
  TileVectorizer(GenericOp op, int64_t lanes)
      : op(op), b(op), loc(op.getLoc()), lanes(lanes),
        sizes(getIterationSizes(op)), lane(chooseLaneDim(op)),
        loop(getProductReduction(op)), transpose(getTransposeDims(op)) {
    if (transpose)
      lane = transpose->stored;
  }

  LogicalResult run();

private:
  /// A vector of the tile: where each unrolled dimension stands, and the first
  /// lane. `lane` of the offsets holds the first lane.
  struct Point {
    SmallVector<int64_t> offsets;
    int64_t width;
  };
  /// An element or vector of an operand: the operand and its indices, by
  /// iteration offsets of the dimensions that it depends on.
  using Key = std::pair<unsigned, SmallVector<int64_t>>;

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  bool variesAlongLanes(OpOperand &operand) {
    return lane && op.getMatchingIndexingMap(&operand).isFunctionOfDim(*lane);
  }
  Key getKey(OpOperand &operand, const Point &point);
  Value load(OpOperand &operand, const Point &point, Value iteration,
             int64_t width);
  void store(OpOperand &operand, const Point &point, Value value);
  SmallVector<Value> getIndices(OpOperand &operand, const Point &point,
                                Value iteration);
  SmallVector<Point> getPoints(int64_t laneBegin, int64_t laneEnd);
  void compute(const Point &point, Value iteration,
               std::map<Key, Value> &inputs, std::map<Key, Value> &outputs);
  LogicalResult unroll();
  LogicalResult loopOverReduction();
  LogicalResult dotProduct();
  LogicalResult transposeBlock();
  /// The outputs of all points, loaded before the tile.
  std::map<Key, Value> loadOutputs(ArrayRef<Point> points);
  void storeOutputs(ArrayRef<Point> points, std::map<Key, Value> &outputs);
  bool isLaneReduced(OpOperand &init) {
    return lane && !variesAlongLanes(init) &&
           op.getIteratorTypesArray()[*lane] == utils::IteratorType::reduction;
  }

  GenericOp op;
  OpBuilder b;
  Location loc;
  int64_t lanes;
  SmallVector<int64_t> sizes;
  std::optional<unsigned> lane, loop;
  std::optional<TransposeDims> transpose;
};

} // namespace

/// The combiner of a reduction into an output, from what the body yields.
static std::optional<vector::CombiningKind> getCombiner(GenericOp op,
                                                        OpOperand &init) {
  BlockArgument argument = op.getMatchingBlockArgument(&init);
  unsigned result = init.getOperandNumber() - op.getNumDpsInputs();
  Operation *def =
      op.getBody()->getTerminator()->getOperand(result).getDefiningOp();
  if (!def)
    return std::nullopt;
  if (isa<arith::AddFOp>(def) &&
      llvm::is_contained(def->getOperands(), argument))
    return vector::CombiningKind::ADD;
  if (auto select = dyn_cast<arith::SelectOp>(def)) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    if (compare && compare.getPredicate() == arith::CmpFPredicate::OGT &&
        compare.getLhs() == argument && select.getTrueValue() == argument &&
        compare.getRhs() == select.getFalseValue())
      return vector::CombiningKind::MAXIMUMF;
  }
  return std::nullopt;
}

static TypedAttr getNeutral(OpBuilder &b, vector::CombiningKind kind,
                            Type type) {
  double value = kind == vector::CombiningKind::ADD ? 0.0 : -INFINITY;
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  APFloat neutral(value);
  bool loses;
  neutral.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &loses);
  return DenseElementsAttr::get(cast<ShapedType>(type), neutral);
}

TileVectorizer::Key TileVectorizer::getKey(OpOperand &operand,
                                           const Point &point) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<int64_t> at;
  for (AffineExpr result : map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    at.push_back(loop == dim ? 0 : point.offsets[dim]);
  }
  return {operand.getOperandNumber(), at};
}

SmallVector<Value> TileVectorizer::getIndices(OpOperand &operand,
                                              const Point &point,
                                              Value iteration) {
  SmallVector<Value> indices;
  for (AffineExpr result : op.getMatchingIndexingMap(&operand).getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    if (loop == dim && iteration)
      indices.push_back(iteration);
    else
      indices.push_back(index(point.offsets[dim]));
  }
  return indices;
}

Value TileVectorizer::load(OpOperand &operand, const Point &point,
                           Value iteration, int64_t width) {
  Value memref = operand.get();
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type)
    return memref;
  SmallVector<Value> indices = getIndices(operand, point, iteration);
  if (!variesAlongLanes(operand) || width == 1)
    return memref::LoadOp::create(b, loc, memref, indices);
  auto vector = VectorType::get({width}, type.getElementType());
  return vector::LoadOp::create(b, loc, vector, memref, indices);
}

void TileVectorizer::store(OpOperand &operand, const Point &point,
                           Value value) {
  SmallVector<Value> indices = getIndices(operand, point, Value());
  Value memref = operand.get();
  if (!variesAlongLanes(operand) || point.width == 1) {
    memref::StoreOp::create(b, loc, value, memref, indices);
    return;
  }
  if (!isa<VectorType>(value.getType()))
    value = vector::BroadcastOp::create(
        b, loc, VectorType::get({point.width}, value.getType()), value);
  vector::StoreOp::create(b, loc, value, memref, indices);
}

/// The vectors of the tile in order, lanes innermost; what does not fill a
/// vector is a shorter one.
SmallVector<TileVectorizer::Point> TileVectorizer::getPoints(int64_t laneBegin,
                                                             int64_t laneEnd) {
  SmallVector<Point> points{{SmallVector<int64_t>(sizes.size(), 0), 1}};
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if (loop == dim && lane != dim)
      continue;
    SmallVector<Point> next;
    int64_t begin = lane == dim ? laneBegin : 0;
    int64_t end = lane == dim ? laneEnd : sizes[dim];
    for (const Point &point : points) {
      for (int64_t at = begin; at < end;) {
        Point extended = point;
        extended.offsets[dim] = at;
        int64_t width = lane == dim ? std::min(lanes, end - at) : 1;
        extended.width = lane == dim ? width : point.width;
        next.push_back(extended);
        at += width;
      }
    }
    points = std::move(next);
  }
  return points;
}

/// The body at one point, on its inputs and the outputs so far.
void TileVectorizer::compute(const Point &point, Value iteration,
                             std::map<Key, Value> &inputs,
                             std::map<Key, Value> &outputs) {
  BodyVectorizer body(b, loc, op, lane, point.width);
  for (unsigned dim = 0; dim < sizes.size(); ++dim)
    body.setIndex(dim, loop == dim && iteration ? iteration
                                                : index(point.offsets[dim]));
  for (OpOperand &operand : op->getOpOperands()) {
    Key key = getKey(operand, point);
    auto &values = op.isDpsInit(&operand) ? outputs : inputs;
    Value &value = values[key];
    if (!value)
      value = load(operand, point, iteration, point.width);
    body.bind(op.getMatchingBlockArgument(&operand), value);
  }
  SmallVector<Value> results = body.run();
  for (OpOperand &init : op.getDpsInitsMutable())
    outputs[getKey(init, point)] =
        results[init.getOperandNumber() - op.getNumDpsInputs()];
}

std::map<TileVectorizer::Key, Value>
TileVectorizer::loadOutputs(ArrayRef<Point> points) {
  std::map<Key, Value> outputs;
  for (const Point &point : points) {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      Value &value = outputs[getKey(init, point)];
      if (!value && (!isLaneReduced(init) || point.width == 1))
        value = load(init, point, Value(), point.width);
    }
  }
  return outputs;
}

void TileVectorizer::storeOutputs(ArrayRef<Point> points,
                                  std::map<Key, Value> &outputs) {
  for (const Point &point : points) {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto found = outputs.find(getKey(init, point));
      if (found == outputs.end() || !found->second)
        continue;
      store(init, point, found->second);
      found->second = Value();
    }
  }
}

/// No loop: every point in turn. Outputs that do not vary along the lanes are
/// accumulated in a vector and reduced at the end.
LogicalResult TileVectorizer::unroll() {
  int64_t laneSize = lane ? sizes[*lane] : 1;
  int64_t whole = laneSize - laneSize % lanes;
  // Vectors of one width accumulate together.
  for (auto [begin, end] : {std::pair<int64_t, int64_t>{0, whole},
                            std::pair<int64_t, int64_t>{whole, laneSize}}) {
    if (begin == end)
      continue;
    SmallVector<Point> points = getPoints(begin, end);
    std::map<Key, Value> inputs, outputs = loadOutputs(points);
    int64_t width = points.front().width;
    SmallVector<OpOperand *> reduced;
    for (OpOperand &init : op.getDpsInitsMutable())
      if (isLaneReduced(init) && width > 1)
        reduced.push_back(&init);
    auto forEachReduced = [&](auto visit) -> LogicalResult {
      std::set<Key> visited;
      for (OpOperand *init : reduced) {
        auto kind = getCombiner(op, *init);
        if (!kind)
          return op.emitOpError("reduces along vector lanes in a way that is "
                                "neither a sum nor a maximum");
        for (const Point &point : points)
          if (visited.insert(getKey(*init, point)).second)
            visit(*init, point, *kind);
      }
      return success();
    };
    if (failed(forEachReduced([&](OpOperand &init, const Point &point,
                                  vector::CombiningKind kind) {
          auto type = VectorType::get(
              {width}, getElementTypeOrSelf(init.get().getType()));
          outputs[getKey(init, point)] =
              arith::ConstantOp::create(b, loc, getNeutral(b, kind, type));
        })))
      return failure();
    for (const Point &point : points)
      compute(point, Value(), inputs, outputs);
    (void)forEachReduced(
        [&](OpOperand &init, const Point &point, vector::CombiningKind kind) {
          Value &value = outputs[getKey(init, point)];
          Value old = load(init, point, Value(), 1);
          value = vector::ReductionOp::create(b, loc, kind, value, old);
        });
    storeOutputs(points, outputs);
  }
  return success();
}

/// A product: the accumulators of all points are carried by a loop over the
/// reduction, each as a value of its own.
LogicalResult TileVectorizer::loopOverReduction() {
  SmallVector<Point> points = getPoints(0, lane ? sizes[*lane] : 1);
  OpOperand &init = *op.getDpsInitsMutable().begin();
  std::map<Key, Value> outputs = loadOutputs(points);
  SmallVector<Value> accumulators;
  for (const Point &point : points)
    accumulators.push_back(outputs[getKey(init, point)]);

  // The reduction's size, from an input that it indexes.
  Value end;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(input);
    for (auto [i, result] : llvm::enumerate(map.getResults()))
      if (result.isFunctionOfDim(*loop) && !end)
        end = memref::DimOp::create(b, loc, input->get(), i);
  }
  if (!ShapedType::isDynamic(sizes[*loop]))
    end = index(sizes[*loop]);
  auto product = scf::ForOp::create(
      b, loc, index(0), end, index(1), accumulators,
      [&](OpBuilder &nested, Location, Value iteration, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        std::map<Key, Value> inputs, current;
        for (auto [point, value] : llvm::zip_equal(points, carried))
          current[getKey(init, point)] = value;
        for (const Point &point : points)
          compute(point, iteration, inputs, current);
        SmallVector<Value> yielded;
        for (const Point &point : points)
          yielded.push_back(current[getKey(init, point)]);
        scf::YieldOp::create(b, loc, yielded);
      });
  for (auto [point, value] : llvm::zip_equal(points, product.getResults()))
    outputs[getKey(init, point)] = value;
  storeOutputs(points, outputs);
  return success();
}

/// A product whose reduction lies along the lanes: vector accumulators, reduced
/// at the end.
LogicalResult TileVectorizer::dotProduct() {
  int64_t size = sizes[*lane];
  if (ShapedType::isDynamic(size))
    return op.emitOpError("has a dynamic reduction along vector lanes");
  OpOperand &init = *op.getDpsInitsMutable().begin();
  auto kind = getCombiner(op, init);
  if (kind != vector::CombiningKind::ADD)
    return op.emitOpError("is a product that does not sum");
  int64_t whole = size - size % lanes;
  SmallVector<Point> rows = getPoints(0, 1);
  SmallVector<Value> sums;
  for (const Point &row : rows)
    sums.push_back(load(init, row, Value(), 1));
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
  auto reduce = [&](ValueRange vectors) {
    for (auto [sum, vector] : llvm::zip_equal(sums, vectors))
      sum = vector::ReductionOp::create(b, loc, *kind, vector, sum);
  };
  auto zeros = [&](int64_t width) {
    Value zero = arith::ConstantOp::create(
        b, loc, getNeutral(b, *kind, VectorType::get({width}, element)));
    return SmallVector<Value>(rows.size(), zero);
  };
  if (whole) {
    auto product = scf::ForOp::create(
        b, loc, index(0), index(whole), index(lanes), zeros(lanes),
        [&](OpBuilder &nested, Location, Value iteration, ValueRange carried) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPoint(nested.getInsertionBlock(),
                              nested.getInsertionPoint());
          scf::YieldOp::create(b, loc, accumulate(lanes, iteration, carried));
        });
    reduce(product.getResults());
  }
  if (int64_t rest = size - whole; rest == 1)
    sums = accumulate(rest, index(whole), sums);
  else if (rest)
    reduce(accumulate(rest, index(whole), zeros(rest)));
  for (auto [row, sum] : llvm::zip_equal(rows, sums))
    store(init, row, sum);
  return success();
}

/// Transposes a square of vectors in log2(size) steps, each of which
/// exchanges halves of pairs that are `distance` apart.
static void transposeVectors(OpBuilder &b, Location loc,
                             MutableArrayRef<Value> vectors) {
  int64_t size = vectors.size();
  for (int64_t distance = size / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < size; ++i) {
      bool isSecond = i & distance;
      low.push_back(isSecond ? size + i - distance : i);
      high.push_back(isSecond ? size + i : i + distance);
    }
    for (int64_t i = 0; i < size; ++i) {
      if (i & distance)
        continue;
      Value first = vectors[i], second = vectors[i + distance];
      vectors[i] = vector::ShuffleOp::create(b, loc, first, second, low);
      vectors[i + distance] =
          vector::ShuffleOp::create(b, loc, first, second, high);
    }
  }
}

/// Inputs that are contiguous along another dimension than the outputs are
/// loaded along theirs and transposed in registers, a square at a time.
LogicalResult TileVectorizer::transposeBlock() {
  auto [stored, loaded] = *transpose;
  int64_t side = std::min(sizes[stored], sizes[loaded]);
  for (unsigned dim : {stored, loaded})
    if (sizes[dim] % side != 0 || !llvm::isPowerOf2_64(side))
      return op.emitOpError() << "transposes a block of " << sizes[stored]
                              << " x " << sizes[loaded]
                              << ", expected powers of two: run "
                                 "attn-register-tile first";
  Point corner{SmallVector<int64_t>(sizes.size(), 0), side};
  std::map<Key, Value> outputs;
  for (int64_t row = 0; row < sizes[stored]; row += side) {
    for (int64_t column = 0; column < sizes[loaded]; column += side) {
      std::map<Key, Value> inputs;
      for (OpOperand *input : op.getDpsInputOperands()) {
        AffineMap map = op.getMatchingIndexingMap(input);
        if (side == 1 || !map.isFunctionOfDim(stored) ||
            map.getDimPosition(map.getNumResults() - 1) != loaded)
          continue;
        auto type = VectorType::get(
            {side}, getElementTypeOrSelf(input->get().getType()));
        SmallVector<Value> vectors;
        for (int64_t i = 0; i < side; ++i) {
          Point point = corner;
          point.offsets[stored] = row + i;
          point.offsets[loaded] = column;
          vectors.push_back(vector::LoadOp::create(
              b, loc, type, input->get(), getIndices(*input, point, Value())));
        }
        transposeVectors(b, loc, vectors);
        for (int64_t i = 0; i < side; ++i) {
          Point point = corner;
          point.offsets[stored] = row;
          point.offsets[loaded] = column + i;
          inputs[getKey(*input, point)] = vectors[i];
        }
      }
      for (int64_t i = 0; i < side; ++i) {
        Point point = corner;
        point.offsets[stored] = row;
        point.offsets[loaded] = column + i;
        compute(point, Value(), inputs, outputs);
        storeOutputs(point, outputs);
      }
    }
  }
  return success();
}

LogicalResult TileVectorizer::run() {
  for (unsigned dim = 0; dim < sizes.size(); ++dim)
    if (loop != dim && ShapedType::isDynamic(sizes[dim]))
      return op.emitOpError()
             << "has a dynamic size in dimension " << dim
             << ", expected a register tile: run attn-register-tile first";
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation())
      return op.emitOpError()
             << "has the indexing map " << AffineMapAttr::get(map)
             << ", expected a projected permutation";
  LogicalResult result = failure();
  if (transpose)
    result = transposeBlock();
  else if (loop && loop == lane)
    result = dotProduct();
  else if (loop)
    result = loopOverReduction();
  else
    result = unroll();
  if (succeeded(result))
    op->erase();
  return result;
}

namespace {
struct AttnVectorize : attn::impl::AttnVectorizeBase<AttnVectorize> {
  using AttnVectorizeBase::AttnVectorizeBase;

  void runOnOperation() override {
    if (!isKernel(getOperation()))
      return;
    SmallVector<GenericOp> ops;
    getOperation()->walk([&](GenericOp op) { ops.push_back(op); });
    for (GenericOp op : ops)
      if (failed(TileVectorizer(op, lanes).run()))
        return signalPassFailure();
  }
};
} // namespace
