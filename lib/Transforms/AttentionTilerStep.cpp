//===- AttentionTilerStep.cpp - One step of the online softmax ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiler.h"

using namespace mlir;
using namespace mlir::attn;

/// A tile's keys: paired ones as they lie in memory, others in f32.
Value AttentionTiler::loadKeys(Value keyStart, OpFoldResult keyCount) {
  Value keys = sliceHead(op.getKey(), op.getKeyLayout(), kvHead, keyStart,
                         keyCount, headDim);
  return paired ? pairFeatures(keys) : toF32(keys, schedule.getKvTile());
}

/// Adds the products of pairs of keys and queries: each is exact in f32.
Value AttentionTiler::multiplyPairs(Value keyTile, Value scores) {
  return generic(
      {parallel, parallel, parallel, reduction, reduction},
      {{keyTile, map(5, {1, 3, 4})}, {queryTile, map(5, {0, 3, 2, 4})}},
      {{scores, map(5, {0, 1, 2})}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value k = arith::ExtFOp::create(nested, loc, f32, args[0]);
        Value q = arith::ExtFOp::create(nested, loc, f32, args[1]);
        return {multiplyAdd(nested, k, q, args[2])};
      })[0];
}

Value AttentionTiler::multiplyKeys(Value keyTile, Value scores) {
  if (paired)
    return multiplyPairs(keyTile, scores);
  unsigned rank = tileRank();
  SmallVector<utils::IteratorType> iterators(rank, parallel);
  iterators.push_back(reduction);
  AffineMap keyMap = op.getKeyLayout() == TensorLayout::BHDS
                         ? map(rank + 1, {rank, inner})
                         : map(rank + 1, {inner, rank});
  return generic(iterators, {{keyTile, keyMap}, {queryTile, reducedTileMap()}},
                 {{scores, tileMap(1)}},
                 [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                   Value k =
                       convertScalarToDtype(nested, loc, args[0], f32, false);
                   return {multiplyAdd(nested, k, args[1], args[2])};
                 })[0];
}

/// The scores of a tile, in units of log2, and the running maximum with them.
std::pair<Value, Value> AttentionTiler::scores(Value keyTile,
                                               ScoreTensors tensors, Value tile,
                                               Value max, Value keyStart,
                                               bool applyMask) {
  unsigned rank = tileRank();
  Value product = multiplyKeys(keyTile, fill(0.0, tile));
  SmallVector<std::pair<Value, AffineMap>> inputs;
  // A mask that is not applied is not read.
  if (!applyMask)
    tensors.keep = Value();
  for (Value tensor : {tensors.bias, tensors.keep})
    if (tensor)
      inputs.push_back({tensor, tileMap()});
  auto results = generic(
      tileIterators(reduction), inputs,
      {{product, tileMap()}, {max, stateMap()}},
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        Value bias = tensors.bias ? args.front() : Value();
        Value kept = tensors.keep ? args[tensors.bias ? 1 : 0] : Value();
        args = args.take_back(2);
        Value score = args[0];
        // Queries that are not paired were scaled when they were packed.
        if (paired)
          score = arith::MulFOp::create(nested, loc, score, scale);
        if (modifiesScore(op) || applyMask) {
          HeadAndQuery at = getHeadAndQuery(nested, rank);
          Value key = arith::AddIOp::create(
              nested, loc, keyStart,
              linalg::IndexOp::create(nested, loc, inner));
          ScorePosition position{
              getValueOrCreateConstantIndexOp(nested, loc, batch),
              at.head,
              at.query,
              key,
              at.storedQuery,
              bias,
              kept};
          auto modified = [&](OpBuilder &then) {
            if (!modifiesScore(op))
              return score;
            Value modified =
                emitScore(then, loc, op, queryShift, score, position);
            Value log2e = arith::ConstantOp::create(
                then, loc, then.getF32FloatAttr(llvm::numbers::log2ef));
            return arith::MulFOp::create(then, loc, modified, log2e)
                .getResult();
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
  // A score's own roundings leave room for an approximation in vectors, where
  // a call for each element would take most of the time.
  results[0].getDefiningOp()->walk(
      [](math::TanhOp op) { op.setFastmath(arith::FastMathFlags::afn); });
  return {results[0], results[1]};
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
    Value keyTile = loadKeys(keyStart, keyCount);
    ScoreTensors tensors{loadScoreTensor(op.getBias(), keyStart, keyCount),
                         loadScoreTensor(op.getKeep(), keyStart, keyCount)};
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
        auto [s, m] = scores(keyTile, tensors, tile, max, keyStart, applyMask);
        scf::YieldOp::create(b, loc, ValueRange{s, m});
      }
      tile = ifAll.getResult(0);
      max = ifAll.getResult(1);
    } else {
      std::tie(tile, max) =
          scores(keyTile, tensors, tile, max, keyStart, false);
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
    Value valueTile = toF32(sliceHead(op.getValue(), op.getValueLayout(),
                                      kvHead, keyStart, keyCount, valueHeadDim),
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
