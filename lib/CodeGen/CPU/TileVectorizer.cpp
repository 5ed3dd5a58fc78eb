//===- TileVectorizer.cpp - Unrolls a linalg op on a tile -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileVectorizer.h"

#include "BodyVectorizer.h"

#include <set>

using namespace mlir;
using namespace mlir::attn;

/// The combiner of a reduction into an output, from what the body yields.
std::optional<vector::CombiningKind>
mlir::attn::getCombiner(linalg::GenericOp op, OpOperand &init) {
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

/// Reduces a vector into `old` by halves: any order will do for a sum, and a
/// maximum is the comparison of getCombiner, one instruction where IEEE's
/// maximum takes several.
static Value reduceLanes(OpBuilder &b, Location loc, vector::CombiningKind kind,
                         Value vector, Value old) {
  auto combine = [&](Value x, Value y) -> Value {
    if (kind == vector::CombiningKind::ADD)
      return arith::AddFOp::create(b, loc, x, y);
    Value isGreater =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, x, y);
    return arith::SelectOp::create(b, loc, isGreater, x, y);
  };
  int64_t width = cast<VectorType>(vector.getType()).getNumElements();
  Value rest = old;
  // An odd lane is combined alone.
  for (; width > 1; width /= 2) {
    if (width % 2)
      rest =
          combine(rest, vector::ExtractOp::create(b, loc, vector, width - 1));
    int64_t half = width / 2;
    Value low =
        vector::ExtractStridedSliceOp::create(b, loc, vector, 0, half, 1);
    Value high =
        vector::ExtractStridedSliceOp::create(b, loc, vector, half, half, 1);
    vector = combine(low, high);
  }
  return combine(rest, vector::ExtractOp::create(b, loc, vector, 0));
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
  Type loaded = type.getElementType();
  if (variesAlongLanes(operand) && width > 1)
    loaded = VectorType::get({width}, loaded);
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!iteration || !map.isFunctionOfDim(*loop))
    return loadPlace(operand, point, loaded);
  registers.read(memref);
  SmallVector<Value> indices = getIndices(operand, point, iteration);
  if (isa<VectorType>(loaded))
    prefetch(memref, indices);
  return createLoad(memref, indices, loaded);
}

/// The pairs of a point: of all its lanes where they vary along them.
Value TileVectorizer::loadPairs(OpOperand &operand, const Point &point,
                                Value iteration) {
  registers.read(operand.get());
  SmallVector<Value> indices = getIndices(operand, point, iteration);
  int64_t count = 2;
  Value memref = operand.get();
  if (&operand == pairProduct->vector) {
    // The pair's own index is 0, the lane's counts pairs.
    memref = flatPairs;
    indices.pop_back();
    indices.back() = index(2 * point.offsets[*lane]);
    count *= point.width;
  }
  return createLoad(memref, indices, VectorType::get({count}, b.getBF16Type()));
}

/// Asks for the line that a product will load `prefetchBytes` later. What the
/// kernel keeps on its own stack is in the cache already.
void TileVectorizer::prefetch(Value memref, ArrayRef<Value> indices) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t elementBytes = type.getElementTypeBitWidth() / 8;
  int64_t rowBytes = type.getShape().back() * elementBytes;
  if (target.prefetchBytes == 0 || indices.size() < 2 || rowBytes <= 0 ||
      isKernelBuffer(memref))
    return;
  // One request for each line.
  constexpr int64_t lineBytes = 64;
  auto column = getConstantIntValue(indices.back());
  if (column && *column * elementBytes % lineBytes != 0)
    return;
  SmallVector<Value> ahead(indices);
  ahead.front() = b.createOrFold<arith::AddIOp>(
      loc, ahead.front(),
      index(llvm::divideCeil(target.prefetchBytes, rowBytes)));
  memref::PrefetchOp::create(b, loc, memref, ahead, /*isWrite=*/false,
                             /*localityHint=*/3, /*isDataCache=*/true);
}

Value TileVectorizer::createLoad(Value memref, ValueRange indices, Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector::LoadOp::create(b, loc, vector, memref, indices);
  return memref::LoadOp::create(b, loc, memref, indices);
}

Value TileVectorizer::loadPlace(OpOperand &operand, const Point &point,
                                Type type) {
  Value memref = operand.get();
  if (Value value = registers.lookup(memref, getPlace(operand, point), type))
    return value;
  registers.read(memref);
  return createLoad(memref, getIndices(operand, point, Value()), type);
}

void TileVectorizer::store(OpOperand &operand, const Point &point,
                           Value value) {
  if (variesAlongLanes(operand) && point.width > 1 &&
      !isa<VectorType>(value.getType()))
    value = vector::BroadcastOp::create(
        b, loc, VectorType::get({point.width}, value.getType()), value);
  storePlace(operand, point, value);
}

void TileVectorizer::storePlace(OpOperand &operand, const Point &point,
                                Value value) {
  SmallVector<Value> indices = getIndices(operand, point, Value());
  Value memref = operand.get();
  Operation *store;
  if (isa<VectorType>(value.getType()))
    store = vector::StoreOp::create(b, loc, value, memref, indices);
  else
    store = memref::StoreOp::create(b, loc, value, memref, indices);
  registers.write(memref, getPlace(operand, point), value, store);
}

/// The vectors of the tile in order, lanes innermost; what does not fill a
/// vector is a shorter one.
SmallVector<TileVectorizer::Point> TileVectorizer::getPoints(int64_t laneBegin,
                                                             int64_t laneEnd) {
  SmallVector<Point> points{{SmallVector<int64_t>(sizes.size(), 0), 1}};
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if ((loop == dim && lane != dim) ||
        (pairProduct && pairProduct->pair == dim))
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
  if (pairProduct) {
    auto getPairs = [&](OpOperand &operand) {
      Value &loaded = inputs[getKey(operand, point)];
      if (!loaded)
        loaded = loadPairs(operand, point, iteration);
      return loaded;
    };
    Value vector = getPairs(*pairProduct->vector),
          scalar = getPairs(*pairProduct->scalar);
    Value &sum = outputs[getKey(*op.getDpsInitOperand(0), point)];
    sum = emitPairProduct(b, loc, sum, vector, scalar, target.hasDotBF16);
    return;
  }
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
          value = reduceLanes(b, loc, kind, value, old);
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
  if (pairProduct) {
    Value pairs = pairProduct->vector->get();
    int64_t rank = cast<MemRefType>(pairs.getType()).getRank();
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank - 1; ++dim)
      groups.push_back({dim});
    groups.back().push_back(rank - 1);
    flatPairs = memref::CollapseShapeOp::create(b, loc, pairs, groups);
  }
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
  if (static_cast<int64_t>(points.size()) <= target.smallTile)
    smallLoops.push_back(product);
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
  WalkResult walk = op.getBody()->walk([&](Operation *nested) {
    if (nested->getNumRegions() == 0 || isa<scf::IfOp>(nested))
      return WalkResult::advance();
    op.emitOpError() << "has '" << nested->getName()
                     << "' in its body, expected scf.if to be the only control "
                        "flow";
    return WalkResult::interrupt();
  });
  if (walk.wasInterrupted())
    return failure();
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
