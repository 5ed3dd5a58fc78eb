//===- TileAttention.cpp - Tile sdpa into an online softmax ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// FlashAttention-2's forward pass (Dao, 2023, algorithm 1) as linalg on tiles:
// scores are kept in units of log2, so that every exponential is exp2.
//
// A tile of queries lies in one of two ways (`queries` of the schedule), which
// differ only in the order of the dimensions of the tiles:
//
//                 lanes                        rows
//   queries       (panel, query)               (head of the group x query)
//   Q tile        panel x head_dim x query     row x head_dim
//   S, P tile     panel x key x query          row x key
//   O tile        panel x head_dim x query     row x head_dim
//
//===----------------------------------------------------------------------===//

#include "MaskIntervals.h"
#include "ScoreModification.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNTILE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static constexpr auto parallel = utils::IteratorType::parallel;
static constexpr auto reduction = utils::IteratorType::reduction;

namespace {

/// Builds the tiled form of one sdpa.
class AttentionTiler {
public:
  AttentionTiler(SDPAOp op, ScheduleAttr schedule)
      : op(op), schedule(schedule), b(op), loc(op.getLoc()),
        f32(b.getF32Type()),
        lanes(schedule.getQueries() == QueryPlacement::Lanes),
        masked(hasMask(op)) {}

  /// The results that replace those of the op.
  SmallVector<Value> tile();

private:
  using Body = function_ref<SmallVector<Value>(OpBuilder &, ValueRange)>;

  /// The online softmax's state: running maximum (log2), running sum and
  /// unnormalised output of each query.
  struct State {
    Value max, sum, output;
    SmallVector<Value> values() const { return {max, sum, output}; }
  };

  //===--- Small builders -------------------------------------------------===//
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value toIndex(OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(b, loc, value);
  }
  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }
  OpFoldResult affine(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  }
  OpFoldResult minimum(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMin(
        b, loc, AffineMap::getMultiDimIdentityMap(2, b.getContext()), {x, y});
  }
  OpFoldResult maximum(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMax(
        b, loc, AffineMap::getMultiDimIdentityMap(2, b.getContext()), {x, y});
  }
  AffineExpr d(unsigned i) { return b.getAffineDimExpr(i); }
  Value empty(ArrayRef<OpFoldResult> sizes) {
    return tensor::EmptyOp::create(b, loc, sizes, f32);
  }
  Value empty(ArrayRef<int64_t> sizes) {
    return tensor::EmptyOp::create(b, loc, sizes, f32);
  }
  Value fill(double value, Value init) {
    return linalg::FillOp::create(b, loc, constant(value), init).getResult(0);
  }
  SmallVector<Value> generic(ArrayRef<utils::IteratorType> iterators,
                             ArrayRef<std::pair<Value, AffineMap>> inputs,
                             ArrayRef<std::pair<Value, AffineMap>> outputs,
                             Body body);
  AffineMap map(unsigned dims, ArrayRef<unsigned> results) {
    SmallVector<AffineExpr> exprs;
    for (unsigned result : results)
      exprs.push_back(d(result));
    return AffineMap::get(dims, 0, exprs, b.getContext());
  }
  /// 2^x for x <= 0, approximate within 3 ulp.
  Value exp2(OpBuilder &nested, Value x) {
    return math::Exp2Op::create(nested, loc, x, arith::FastMathFlags::afn);
  }
  /// x * y + z, which may become one instruction.
  Value multiplyAdd(OpBuilder &nested, Value x, Value y, Value z) {
    constexpr auto contract = arith::FastMathFlags::contract;
    Value product = arith::MulFOp::create(nested, loc, x, y, contract);
    return arith::AddFOp::create(nested, loc, z, product, contract);
  }
  /// max, through a comparison that lets a NaN in `y` win.
  Value greater(OpBuilder &nested, Value x, Value y) {
    Value isGreater =
        arith::CmpFOp::create(nested, loc, arith::CmpFPredicate::OGT, x, y);
    return arith::SelectOp::create(nested, loc, isGreater, x, y);
  }

  //===--- Tiles ----------------------------------------------------------===//
  // Iteration spaces of the tiles: (panel, key, query) or (row, key) for S,
  // (panel, head_dim, query) or (row, head_dim) for Q and O, (panel, query) or
  // (row) for the state. A product has its reduction as one more dimension.
  unsigned tileRank() const { return lanes ? 3 : 2; }
  unsigned stateRank() const { return lanes ? 2 : 1; }
  /// The dimension of a key or of head_dim in a tile.
  static constexpr unsigned inner = 1;
  AffineMap tileMap(unsigned extra = 0) {
    return lanes ? map(3 + extra, {0, 1, 2}) : map(2 + extra, {0, 1});
  }
  /// A tile indexed by queries and the product's reduction dimension.
  AffineMap reducedTileMap() {
    return lanes ? map(4, {0, 3, 2}) : map(3, {0, 2});
  }
  AffineMap stateMap() { return lanes ? map(3, {0, 2}) : map(2, {0}); }
  SmallVector<utils::IteratorType> tileIterators(utils::IteratorType ofInner) {
    if (lanes)
      return {parallel, ofInner, parallel};
    return {parallel, ofInner};
  }
  SmallVector<OpFoldResult> tileSizes(OpFoldResult innerSize) {
    if (lanes)
      return {b.getIndexAttr(panels), innerSize,
              b.getIndexAttr(schedule.getQueryPanel())};
    return {b.getIndexAttr(rows), innerSize};
  }
  SmallVector<int64_t> stateSizes() {
    if (lanes)
      return {panels, schedule.getQueryPanel()};
    return {rows};
  }
  /// Head and query of the op for a point of a tile's iteration space.
  std::pair<Value, Value> getHeadAndQuery(OpBuilder &nested, unsigned rank);

  Value slice(Value operand, TensorLayout layout, OpFoldResult head,
              OpFoldResult start, OpFoldResult length, int64_t features);
  Value toF32(Value matrix, int64_t maxRows);
  Value packQueries();
  State initState();
  State step(State state, Value keyStart, Value keyEnd);
  std::pair<Value, Value> scores(Value keyTile, Value tile, Value max,
                                 Value keyStart, bool applyMask);
  SmallVector<Value> stateIndices(ArrayRef<LogicalDim> dims);
  Value storeOutput(State state, Value destination, ArrayRef<LogicalDim> dims);
  Value storeLse(State state, Value destination, ArrayRef<LogicalDim> dims);
  std::pair<Value, Value> keyRange();
  std::pair<Value, Value> classify(Value keyStart, Value keyCount);

  SDPAOp op;
  ScheduleAttr schedule;
  OpBuilder b;
  Location loc;
  Type f32;
  bool lanes, masked;

  int64_t headDim, valueHeadDim, panels = 1, rows = 1, groupSize = 0;
  OpFoldResult batches, queryHeads, kvHeads, queries, keys;
  Value queryShift, scale;
  // Of the current tile.
  OpFoldResult batch, firstHead, kvHead, firstQuery, queryCount, split;
  int64_t splits = 1;
  Value queryTile;
};

} // namespace

SmallVector<Value>
AttentionTiler::generic(ArrayRef<utils::IteratorType> iterators,
                        ArrayRef<std::pair<Value, AffineMap>> inputs,
                        ArrayRef<std::pair<Value, AffineMap>> outputs,
                        Body body) {
  SmallVector<Value> ins = llvm::to_vector(llvm::make_first_range(inputs));
  SmallVector<Value> outs = llvm::to_vector(llvm::make_first_range(outputs));
  SmallVector<AffineMap> maps =
      llvm::to_vector(llvm::make_second_range(inputs));
  llvm::append_range(maps, llvm::make_second_range(outputs));
  auto generic = linalg::GenericOp::create(
      b, loc, ValueRange(outs).getTypes(), ins, outs, maps, iterators,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        linalg::YieldOp::create(nested, loc, body(nested, arguments));
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

std::pair<Value, Value> AttentionTiler::getHeadAndQuery(OpBuilder &nested,
                                                        unsigned rank) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
  Value outer = linalg::IndexOp::create(b, loc, 0);
  if (!lanes) {
    // Rows are the queries of each head of the group in turn.
    int64_t count = rows / groupSize;
    OpFoldResult head = affine(d(0) + d(1).floorDiv(count), {firstHead, outer});
    OpFoldResult query = affine(d(0) + d(1) % count, {firstQuery, outer});
    return {toIndex(head), toIndex(query)};
  }
  Value lane = linalg::IndexOp::create(b, loc, rank - 1);
  int64_t panel = schedule.getQueryPanel();
  OpFoldResult query =
      affine(d(0) + d(1) * panel + d(2), {firstQuery, outer, lane});
  // Lanes past the last query repeat it: what they compute is not stored.
  OpFoldResult last = affine(d(0) + d(1) - 1, {firstQuery, queryCount});
  return {toIndex(firstHead), toIndex(minimum(query, last))};
}

/// One head's rows [start, start + length) as a matrix, without a copy:
/// length x features, or features x length where the layout is bhds.
Value AttentionTiler::slice(Value operand, TensorLayout layout,
                            OpFoldResult head, OpFoldResult start,
                            OpFoldResult length, int64_t features) {
  auto type = cast<RankedTensorType>(operand.getType());
  bool hasSplits = type.getRank() == 5;
  SmallVector<OpFoldResult> offsets(4), sizes(4);
  auto place = [&](LogicalDim dim, OpFoldResult offset, OpFoldResult size) {
    unsigned at = SDPAOp::getDim(layout, dim);
    offsets[at] = offset;
    sizes[at] = size;
  };
  place(LogicalDim::Batch, batch, b.getIndexAttr(1));
  place(LogicalDim::Head, head, b.getIndexAttr(1));
  place(LogicalDim::Sequence, start, length);
  place(LogicalDim::Feature, b.getIndexAttr(0), b.getIndexAttr(features));
  if (hasSplits) {
    offsets.insert(offsets.begin(), split);
    sizes.insert(sizes.begin(), b.getIndexAttr(1));
  }
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  int64_t staticLength =
      getConstantIntValue(length).value_or(ShapedType::kDynamic);
  SmallVector<int64_t> shape{staticLength, features};
  if (layout == TensorLayout::BHDS)
    std::swap(shape[0], shape[1]);
  return tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), operand,
      offsets, sizes, strides);
}

/// A matrix in f32: keys and values in a narrower type are widened once a tile
/// rather than once a use.
Value AttentionTiler::toF32(Value matrix, int64_t maxRows) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (type.getElementType() == f32 || !lanes)
    return matrix;
  // The scratch has static sizes, so that it can live on the stack.
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, matrix);
  SmallVector<int64_t> bound(type.getShape());
  for (int64_t &size : bound)
    if (ShapedType::isDynamic(size))
      size = maxRows;
  SmallVector<OpFoldResult> zeros(2, b.getIndexAttr(0)),
      ones(2, b.getIndexAttr(1));
  Value scratch =
      tensor::ExtractSliceOp::create(b, loc, empty(bound), zeros, sizes, ones);
  AffineMap identity = map(2, {0, 1});
  return generic({parallel, parallel}, {{matrix, identity}},
                 {{scratch, identity}},
                 [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                   return {arith::ExtFOp::create(nested, loc, f32, args[0])};
                 })[0];
}

/// Q, scaled, in f32 and in the order of the tile.
Value AttentionTiler::packQueries() {
  Value init = empty(tileSizes(b.getIndexAttr(headDim)));
  Value query = op.getQuery();
  return generic(
      tileIterators(parallel), {}, {{init, tileMap()}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        auto [head, row] = getHeadAndQuery(nested, tileRank());
        SmallVector<Value> indices(4);
        auto place = [&](LogicalDim dim, Value value) {
          indices[SDPAOp::getDim(op.getQueryLayout(), dim)] = value;
        };
        place(LogicalDim::Batch,
              getValueOrCreateConstantIndexOp(nested, loc, batch));
        place(LogicalDim::Head, head);
        place(LogicalDim::Sequence, row);
        place(LogicalDim::Feature, linalg::IndexOp::create(nested, loc, inner));
        Value element = tensor::ExtractOp::create(nested, loc, query, indices);
        element = convertScalarToDtype(nested, loc, element, f32, false);
        return {arith::MulFOp::create(nested, loc, element, scale)};
      })[0];
}

AttentionTiler::State AttentionTiler::initState() {
  State state;
  SmallVector<OpFoldResult> outputSizes =
      tileSizes(b.getIndexAttr(valueHeadDim));
  state.output = fill(0.0, empty(outputSizes));
  Value max = empty(stateSizes()), sum = empty(stateSizes());
  if (!op.getSinks()) {
    state.max = fill(-INFINITY, max);
    state.sum = fill(0.0, sum);
    return state;
  }
  // A sink is a score without a value that has been seen before any key; with
  // split keys it is seen by the first split.
  SmallVector<utils::IteratorType> iterators(stateRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(stateRank(), b.getContext());
  auto results = generic(
      iterators, {}, {{max, identity}, {sum, identity}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        auto [head, query] = getHeadAndQuery(nested, stateRank());
        Value sink =
            tensor::ExtractOp::create(nested, loc, op.getSinks(), head);
        sink = convertScalarToDtype(nested, loc, sink, f32, false);
        auto value = [&](double x) -> Value {
          return arith::ConstantOp::create(nested, loc,
                                           nested.getF32FloatAttr(x));
        };
        sink = arith::MulFOp::create(nested, loc, sink,
                                     value(llvm::numbers::log2e));
        if (splits > 1) {
          Value first = arith::CmpIOp::create(
              nested, loc, arith::CmpIPredicate::eq,
              getValueOrCreateConstantIndexOp(nested, loc, split),
              arith::ConstantIndexOp::create(nested, loc, 0));
          sink = arith::SelectOp::create(nested, loc, first, sink,
                                         value(-INFINITY));
        }
        Value isNone = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, sink, value(-INFINITY));
        Value one =
            arith::SelectOp::create(nested, loc, isNone, value(0), value(1));
        return {sink, one};
      });
  state.max = results[0];
  state.sum = results[1];
  return state;
}

/// The scores of a tile, in units of log2, and the running maximum with them.
std::pair<Value, Value> AttentionTiler::scores(Value keyTile, Value tile,
                                               Value max, Value keyStart,
                                               bool applyMask) {
  unsigned rank = tileRank();
  SmallVector<utils::IteratorType> productIterators(rank, parallel);
  productIterators.push_back(reduction);
  AffineMap keyMap = op.getKeyLayout() == TensorLayout::BHDS
                         ? map(rank + 1, {rank, inner})
                         : map(rank + 1, {inner, rank});
  Value product = generic(
      productIterators, {{keyTile, keyMap}, {queryTile, reducedTileMap()}},
      {{fill(0.0, tile), tileMap(1)}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value k = convertScalarToDtype(nested, loc, args[0], f32, false);
        return {multiplyAdd(nested, k, args[1], args[2])};
      })[0];

  auto results = generic(
      tileIterators(reduction), {}, {{product, tileMap()}, {max, stateMap()}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value score = args[0];
        if (modifiesScore(op) || applyMask) {
          auto [head, query] = getHeadAndQuery(nested, rank);
          Value key = arith::AddIOp::create(
              nested, loc, keyStart,
              linalg::IndexOp::create(nested, loc, inner));
          ScorePosition position{
              getValueOrCreateConstantIndexOp(nested, loc, batch), head, query,
              key};
          auto modified = [&](OpBuilder &at) {
            if (!modifiesScore(op))
              return score;
            Value modified =
                emitScore(at, loc, op, queryShift, score, position);
            Value log2e = arith::ConstantOp::create(
                at, loc, at.getF32FloatAttr(llvm::numbers::log2ef));
            return arith::MulFOp::create(at, loc, modified, log2e).getResult();
          };
          if (!applyMask) {
            score = modified(nested);
          } else {
            Value keep = emitKeep(nested, loc, op, queryShift, position);
            Value dropped = arith::ConstantOp::create(
                nested, loc, nested.getF32FloatAttr(-INFINITY));
            if (modifiesScore(op)) {
              auto ifKept = scf::IfOp::create(
                  nested, loc, keep,
                  [&](OpBuilder &then, Location) {
                    scf::YieldOp::create(then, loc, modified(then));
                  },
                  [&](OpBuilder &otherwise, Location) {
                    scf::YieldOp::create(otherwise, loc, dropped);
                  });
              score = ifKept.getResult(0);
            } else {
              score =
                  arith::SelectOp::create(nested, loc, keep, score, dropped);
            }
          }
        }
        return {score, greater(nested, args[1], score)};
      });
  return {results[0], results[1]};
}

/// Whether every, and whether any, position of the tile is kept.
std::pair<Value, Value> AttentionTiler::classify(Value keyStart,
                                                 Value keyCount) {
  Value one = index(1);
  Value lastKey = arith::SubIOp::create(
      b, loc, arith::AddIOp::create(b, loc, keyStart, keyCount), one);
  int64_t heads = lanes ? 1 : groupSize;
  Value lastHead = toIndex(affine(d(0) + (heads - 1), {firstHead}));
  Value lastQuery = toIndex(affine(d(0) + d(1) - 1, {firstQuery, queryCount}));
  Value batchValue = toIndex(batch);
  return classifyTile(b, loc, op, queryShift, {batchValue, batchValue},
                      {toIndex(firstHead), lastHead},
                      {toIndex(firstQuery), lastQuery}, {keyStart, lastKey});
}

/// One step of the loop over keys.
AttentionTiler::State AttentionTiler::step(State state, Value keyStart,
                                           Value keyEnd) {
  int64_t tileKeys = schedule.getKvTile();
  OpFoldResult keyCount = b.getIndexAttr(tileKeys);
  // The last tile is shorter, unless the loop runs over all keys and the tile
  // divides them.
  int64_t staticKeys = op.getStaticKVSeqlen();
  bool boundedByMask =
      op.getCausal() || op.getWindowLeft() >= 0 || op.getWindowRight() >= 0;
  if (boundedByMask || splits > 1 || ShapedType::isDynamic(staticKeys) ||
      staticKeys % tileKeys != 0)
    keyCount = affine::makeComposedFoldedAffineMin(
        b, loc,
        AffineMap::get(2, 0, {d(0) - d(1), b.getAffineConstantExpr(tileKeys)},
                       b.getContext()),
        {OpFoldResult(keyEnd), OpFoldResult(keyStart)});

  auto compute = [&](State old) -> State {
    Value keyTile = toF32(slice(op.getKey(), op.getKeyLayout(), kvHead,
                                keyStart, keyCount, headDim),
                          tileKeys);
    SmallVector<OpFoldResult> bound = tileSizes(b.getIndexAttr(tileKeys));
    SmallVector<OpFoldResult> sizes = tileSizes(keyCount);
    SmallVector<OpFoldResult> zeros(tileRank(), b.getIndexAttr(0)),
        ones(tileRank(), b.getIndexAttr(1));
    Value tile = tensor::ExtractSliceOp::create(b, loc, empty(bound), zeros,
                                                sizes, ones);
    SmallVector<utils::IteratorType> stateIterators(stateRank(), parallel);
    AffineMap stateIdentity =
        AffineMap::getMultiDimIdentityMap(stateRank(), b.getContext());
    Value max =
        generic(stateIterators, {{old.max, stateIdentity}},
                {{empty(stateSizes()), stateIdentity}},
                [&](OpBuilder &, ValueRange args) -> SmallVector<Value> {
                  return {args[0]};
                })[0];

    if (masked) {
      auto [all, any] = classify(keyStart, toIndex(keyCount));
      auto ifAll =
          scf::IfOp::create(b, loc, TypeRange{tile.getType(), max.getType()},
                            all, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      for (auto [region, applyMask] :
           {std::pair(&ifAll.getThenRegion(), false),
            std::pair(&ifAll.getElseRegion(), true)}) {
        b.setInsertionPointToStart(&region->front());
        auto [s, m] = scores(keyTile, tile, max, keyStart, applyMask);
        scf::YieldOp::create(b, loc, ValueRange{s, m});
      }
      tile = ifAll.getResult(0);
      max = ifAll.getResult(1);
    } else {
      std::tie(tile, max) = scores(keyTile, tile, max, keyStart, false);
    }

    // The factor of what was summed under the old maximum. A row that has kept
    // nothing so far has maximum -inf; 0 in its place gives exp2(-inf) = 0.
    auto rescaled = generic(
        stateIterators, {},
        {{max, stateIdentity},
         {old.max, stateIdentity},
         {old.sum, stateIdentity},
         {empty(stateSizes()), stateIdentity}},
        [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
          Value none = arith::ConstantOp::create(
              nested, loc, nested.getF32FloatAttr(-INFINITY));
          Value zero =
              arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(0));
          Value isNone = arith::CmpFOp::create(
              nested, loc, arith::CmpFPredicate::OEQ, args[0], none);
          Value finite =
              arith::SelectOp::create(nested, loc, isNone, zero, args[0]);
          Value factor =
              exp2(nested, arith::SubFOp::create(nested, loc, args[1], finite));
          return {finite, args[0],
                  arith::MulFOp::create(nested, loc, args[2], factor), factor};
        });
    State next;
    next.max = rescaled[1];
    Value factor = rescaled[3];

    auto weights = generic(
        tileIterators(reduction), {{rescaled[0], stateMap()}},
        {{tile, tileMap()}, {rescaled[2], stateMap()}},
        [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
          Value weight = exp2(
              nested, arith::SubFOp::create(nested, loc, args[1], args[0]));
          return {weight, arith::AddFOp::create(nested, loc, args[2], weight)};
        });
    next.sum = weights[1];

    Value output =
        generic(tileIterators(parallel), {{factor, stateMap()}},
                {{old.output, tileMap()}},
                [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                  return {arith::MulFOp::create(nested, loc, args[1], args[0])};
                })[0];
    Value valueTile = toF32(slice(op.getValue(), op.getValueLayout(), kvHead,
                                  keyStart, keyCount, valueHeadDim),
                            tileKeys);
    unsigned rank = tileRank();
    SmallVector<utils::IteratorType> productIterators(rank, parallel);
    productIterators.push_back(reduction);
    AffineMap valueMap = op.getValueLayout() == TensorLayout::BHDS
                             ? map(rank + 1, {inner, rank})
                             : map(rank + 1, {rank, inner});
    next.output =
        generic(productIterators,
                {{valueTile, valueMap}, {weights[0], reducedTileMap()}},
                {{output, tileMap(1)}},
                [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                  Value v =
                      convertScalarToDtype(nested, loc, args[0], f32, false);
                  return {multiplyAdd(nested, v, args[1], args[2])};
                })[0];
    return next;
  };

  if (!op.hasMaskRegion())
    return compute(state);
  // Causal and window masks are in the loop's bounds; a region may leave whole
  // tiles empty in between.
  auto [all, any] = classify(keyStart, toIndex(keyCount));
  auto ifAny = scf::IfOp::create(b, loc, ValueRange(state.values()).getTypes(),
                                 any, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifAny.thenBlock());
  scf::YieldOp::create(b, loc, compute(state).values());
  b.setInsertionPointToStart(ifAny.elseBlock());
  scf::YieldOp::create(b, loc, state.values());
  return {ifAny.getResult(0), ifAny.getResult(1), ifAny.getResult(2)};
}

/// The keys that some query of the tile may keep by causal and window.
std::pair<Value, Value> AttentionTiler::keyRange() {
  OpFoldResult begin = b.getIndexAttr(0), end = keys;
  OpFoldResult shift = OpFoldResult(queryShift);
  // Position of the last query, and one past the last key it sees.
  auto bound = [&](int64_t right) {
    return affine(d(0) + d(1) + d(2) + right, {firstQuery, queryCount, shift});
  };
  if (op.getCausal())
    end = minimum(end, bound(0));
  if (op.getWindowRight() >= 0)
    end = minimum(end, bound(op.getWindowRight()));
  if (op.getWindowLeft() >= 0)
    begin = maximum(
        begin, affine(d(0) + d(1) - op.getWindowLeft(), {firstQuery, shift}));
  if (splits > 1) {
    int64_t tileKeys = schedule.getKvTile();
    OpFoldResult chunk =
        affine(d(0).ceilDiv(splits * tileKeys) * tileKeys, {keys});
    Value start = toIndex(chunk);
    start = arith::MulIOp::create(b, loc, start, toIndex(split));
    begin = maximum(begin, start);
    end = minimum(
        end,
        OpFoldResult(
            arith::AddIOp::create(b, loc, start, toIndex(chunk)).getResult()));
  }
  return {toIndex(begin), toIndex(end)};
}

/// Where the state of a query lies, in a linalg.generic over the dimensions
/// `dims` of a result.
SmallVector<Value> AttentionTiler::stateIndices(ArrayRef<LogicalDim> dims) {
  auto at = [&](LogicalDim dim) -> Value {
    return linalg::IndexOp::create(b, loc,
                                   llvm::find(dims, dim) - dims.begin());
  };
  Value query = at(LogicalDim::Sequence);
  if (lanes) {
    int64_t panel = schedule.getQueryPanel();
    return {toIndex(affine(d(0).floorDiv(panel), {query})),
            toIndex(affine(d(0) % panel, {query}))};
  }
  return {toIndex(
      affine(d(0) * (rows / groupSize) + d(1), {at(LogicalDim::Head), query}))};
}

/// Divides by the sum and writes the tile's rows in the output's order.
Value AttentionTiler::storeOutput(State state, Value destination,
                                  ArrayRef<LogicalDim> dims) {
  auto element = cast<ShapedType>(destination.getType()).getElementType();
  SmallVector<utils::IteratorType> stateIterators(stateRank(), parallel);
  AffineMap stateIdentity =
      AffineMap::getMultiDimIdentityMap(stateRank(), b.getContext());
  Value inverse = generic(
      stateIterators, {{state.sum, stateIdentity}},
      {{empty(stateSizes()), stateIdentity}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value zero =
            arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(0));
        Value one =
            arith::ConstantOp::create(nested, loc, nested.getF32FloatAttr(1));
        Value isZero = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, args[0], zero);
        Value quotient = arith::DivFOp::create(nested, loc, one, args[0]);
        return {arith::SelectOp::create(nested, loc, isZero, zero, quotient)};
      })[0];
  Value normalized =
      generic(tileIterators(parallel), {{inverse, stateMap()}},
              {{state.output, tileMap()}},
              [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                return {arith::MulFOp::create(nested, loc, args[1], args[0])};
              })[0];
  auto type = cast<RankedTensorType>(destination.getType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), b.getContext());
  return generic(iterators, {}, {{destination, identity}},
                 [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
                   OpBuilder::InsertionGuard guard(b);
                   b.setInsertionPoint(nested.getInsertionBlock(),
                                       nested.getInsertionPoint());
                   SmallVector<Value> indices = stateIndices(dims);
                   auto feature =
                       llvm::find(dims, LogicalDim::Feature) - dims.begin();
                   indices.insert(indices.begin() + inner,
                                  linalg::IndexOp::create(b, loc, feature));
                   Value value =
                       tensor::ExtractOp::create(b, loc, normalized, indices);
                   if (element != f32)
                     value = arith::TruncFOp::create(b, loc, element, value);
                   return {value};
                 })[0];
}

/// lse = ln 2 · (max + log2 sum).
Value AttentionTiler::storeLse(State state, Value destination,
                               ArrayRef<LogicalDim> dims) {
  auto type = cast<RankedTensorType>(destination.getType());
  SmallVector<utils::IteratorType> iterators(type.getRank(), parallel);
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), b.getContext());
  return generic(
      iterators, {}, {{destination, identity}},
      [&](OpBuilder &nested, ValueRange) -> SmallVector<Value> {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        SmallVector<Value> indices = stateIndices(dims);
        Value max = tensor::ExtractOp::create(b, loc, state.max, indices);
        Value sum = tensor::ExtractOp::create(b, loc, state.sum, indices);
        Value log2 = math::Log2Op::create(b, loc, sum);
        Value total = arith::AddFOp::create(b, loc, max, log2);
        return {
            arith::MulFOp::create(b, loc, total, constant(llvm::numbers::ln2))};
      })[0];
}

SmallVector<Value> AttentionTiler::tile() {
  headDim = op.getStaticHeadDim();
  valueHeadDim = op.getStaticValueHeadDim();
  batches =
      op.getSize(b, loc, op.getQuery(), op.getQueryLayout(), LogicalDim::Batch);
  queryHeads =
      op.getSize(b, loc, op.getQuery(), op.getQueryLayout(), LogicalDim::Head);
  kvHeads =
      op.getSize(b, loc, op.getKey(), op.getKeyLayout(), LogicalDim::Head);
  queries = op.getSize(b, loc, op.getQuery(), op.getQueryLayout(),
                       LogicalDim::Sequence);
  keys =
      op.getSize(b, loc, op.getKey(), op.getKeyLayout(), LogicalDim::Sequence);
  queryShift = emitQueryShift(b, loc, op);
  Value log2e = constant(llvm::numbers::log2e);
  scale = emitScale(b, loc, op);
  if (!modifiesScore(op))
    scale = b.createOrFold<arith::MulFOp>(loc, scale, log2e);
  splits = schedule.getKvSplits();

  OpFoldResult heads, tiles;
  if (lanes) {
    panels = schedule.getQueryTile() / schedule.getQueryPanel();
    heads = queryHeads;
    tiles = affine(d(0).ceilDiv(schedule.getQueryTile()), {queries});
  } else {
    groupSize = op.getStaticQueryHeads() / op.getStaticKVHeads();
    rows = groupSize * schedule.getQueryTile();
    heads = kvHeads;
    tiles = b.getIndexAttr(1);
  }
  // The group's size as a divisor of the query head.
  Value group;
  if (lanes)
    group = arith::DivUIOp::create(
        b, loc, toIndex(queryHeads),
        arith::MaxUIOp::create(b, loc, toIndex(kvHeads), index(1)));

  // Split keys give partial results, joined by attn.merge.
  bool split = splits > 1;
  SmallVector<OpFoldResult> lseSizes{batches, queryHeads, queries};
  SmallVector<OpFoldResult> outputSizes(4);
  TensorLayout outputLayout = split ? TensorLayout::BHSD : op.getOutputLayout();
  outputSizes[SDPAOp::getDim(outputLayout, LogicalDim::Batch)] = batches;
  outputSizes[SDPAOp::getDim(outputLayout, LogicalDim::Head)] = queryHeads;
  outputSizes[SDPAOp::getDim(outputLayout, LogicalDim::Sequence)] = queries;
  outputSizes[SDPAOp::getDim(outputLayout, LogicalDim::Feature)] =
      b.getIndexAttr(valueHeadDim);
  Type outputElement = split ? f32 : op.getOutput().getType().getElementType();
  if (split) {
    lseSizes.insert(lseSizes.begin(), b.getIndexAttr(splits));
    outputSizes.insert(outputSizes.begin(), b.getIndexAttr(splits));
  }
  SmallVector<Value> inits{
      tensor::EmptyOp::create(b, loc, outputSizes, outputElement)};
  if (split || op.getLse())
    inits.push_back(empty(lseSizes));

  SmallVector<OpFoldResult> bounds{batches, heads, tiles};
  if (split)
    bounds.push_back(b.getIndexAttr(splits));
  auto forall = scf::ForallOp::create(b, loc, bounds, inits, std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());

  SmallVector<Value> ivs = forall.getInductionVars();
  batch = ivs[0];
  OpFoldResult queryTileIndex = ivs[2];
  if (split)
    this->split = ivs[3];
  if (lanes) {
    firstHead = ivs[1];
    kvHead = arith::DivUIOp::create(b, loc, ivs[1], group).getResult();
    // The last query tiles of a causal mask have the most keys: first.
    if (op.getCausal())
      queryTileIndex = affine(d(0) - d(1) - 1, {tiles, ivs[2]});
    firstQuery = affine(d(0) * schedule.getQueryTile(), {queryTileIndex});
    queryCount = affine::makeComposedFoldedAffineMin(
        b, loc,
        AffineMap::get(
            2, 0,
            {d(0) - d(1), b.getAffineConstantExpr(schedule.getQueryTile())},
            b.getContext()),
        {queries, firstQuery});
  } else {
    kvHead = ivs[1];
    firstHead = affine(d(0) * groupSize, {ivs[1]});
    firstQuery = b.getIndexAttr(0);
    queryCount = b.getIndexAttr(schedule.getQueryTile());
  }

  queryTile = packQueries();
  State state = initState();
  auto [begin, end] = keyRange();
  auto loop = scf::ForOp::create(
      b, loc, begin, end, index(schedule.getKvTile()), state.values(),
      [&](OpBuilder &nested, Location, Value keyStart, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        State next = step({carried[0], carried[1], carried[2]}, keyStart, end);
        scf::YieldOp::create(b, loc, next.values());
      });
  state = {loop.getResult(0), loop.getResult(1), loop.getResult(2)};

  // Slices of the results: heads of the group x queries [x features].
  auto regionArgs = forall.getRegionIterArgs();
  auto insert =
      [&](Value value, Value destination, ArrayRef<OpFoldResult> offsets,
          ArrayRef<OpFoldResult> sizes, ArrayRef<OpFoldResult> strides) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(forall.getTerminator().getBody());
        tensor::ParallelInsertSliceOp::create(b, loc, value, destination,
                                              offsets, sizes, strides);
      };
  auto store = [&](Value destination, bool isLse) {
    unsigned rank = cast<ShapedType>(destination.getType()).getRank();
    SmallVector<OpFoldResult> offsets(rank), sizes(rank),
        strides(rank, b.getIndexAttr(1));
    unsigned lead = split;
    if (split) {
      offsets[0] = this->split;
      sizes[0] = b.getIndexAttr(1);
    }
    // The destination of the tile has no batch, nor a head where it is one.
    SmallVector<std::pair<unsigned, LogicalDim>> kept;
    auto place = [&](LogicalDim dim, OpFoldResult offset, OpFoldResult size) {
      unsigned at = lead + (isLse ? static_cast<unsigned>(dim)
                                  : SDPAOp::getDim(outputLayout, dim));
      offsets[at] = offset;
      sizes[at] = size;
      if (dim != LogicalDim::Batch && !(dim == LogicalDim::Head && lanes))
        kept.push_back({at, dim});
    };
    place(LogicalDim::Batch, batch, b.getIndexAttr(1));
    place(LogicalDim::Head, firstHead, b.getIndexAttr(lanes ? 1 : groupSize));
    place(LogicalDim::Sequence, firstQuery, queryCount);
    if (!isLse)
      place(LogicalDim::Feature, b.getIndexAttr(0),
            b.getIndexAttr(valueHeadDim));
    llvm::sort(kept, llvm::less_first());
    SmallVector<int64_t> shape;
    for (auto [at, dim] : kept)
      shape.push_back(
          getConstantIntValue(sizes[at]).value_or(ShapedType::kDynamic));
    auto dims = llvm::to_vector(llvm::make_second_range(kept));
    auto type = RankedTensorType::get(
        shape, cast<ShapedType>(destination.getType()).getElementType());
    Value target = tensor::ExtractSliceOp::create(b, loc, type, destination,
                                                  offsets, sizes, strides);
    Value value = isLse ? storeLse(state, target, dims)
                        : storeOutput(state, target, dims);
    insert(value, destination, offsets, sizes, strides);
  };
  b.setInsertionPoint(forall.getTerminator());
  if (inits.size() > 1)
    store(regionArgs[1], /*isLse=*/true);
  store(regionArgs[0], /*isLse=*/false);

  b.setInsertionPointAfter(forall);
  if (!split) {
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip(forall.getResults(), op.getResultTypes()))
      results.push_back(
          result.getType() == type
              ? Value(result)
              : tensor::CastOp::create(b, loc, type, result).getResult());
    return results;
  }
  auto merge = MergeOp::create(b, loc, op.getResultTypes(), forall.getResult(0),
                               forall.getResult(1));
  return llvm::to_vector_of<Value>(merge.getResults());
}

namespace {
struct AttnTile : attn::impl::AttnTileBase<AttnTile> {
  void runOnOperation() override {
    SmallVector<SDPAOp> ops;
    getOperation()->walk([&](SDPAOp op) {
      if (op.getSchedule())
        ops.push_back(op);
    });
    for (SDPAOp op : ops) {
      AttentionTiler tiler(op, *op.getSchedule());
      op->replaceAllUsesWith(tiler.tile());
      op->erase();
    }
  }
};
} // namespace
