//===- GPUTiler.cpp - Tiles one sdpa for the workgroups of a GPU ----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GPUTiler.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

//===--- Small builders ---------------------------------------------------===//

Value GPUTiler::splat(double value, ArrayRef<int64_t> shape) {
  return arith::ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(vectorOf(shape), static_cast<float>(value)));
}

Value GPUTiler::splat(Value scalar, ArrayRef<int64_t> shape) {
  return vector::BroadcastOp::create(b, loc, vectorOf(shape, scalar.getType()),
                                     scalar);
}

Value GPUTiler::broadcastRows(Value rowValues, int64_t columns) {
  auto type = cast<VectorType>(rowValues.getType());
  int64_t count = type.getNumElements();
  Value column = vector::ShapeCastOp::create(
      b, loc, vectorOf({count, 1}, type.getElementType()), rowValues);
  return vector::BroadcastOp::create(
      b, loc, vectorOf({count, columns}, type.getElementType()), column);
}

Value GPUTiler::reduceRows(vector::CombiningKind kind, Value tile, Value init) {
  SmallVector<bool> mask{false, true};
  return vector::MultiDimReductionOp::create(b, loc, tile, init, mask, kind);
}

Value GPUTiler::select(arith::CmpFPredicate predicate, Value lhs, Value rhs,
                       Value then, Value otherwise) {
  Value condition = arith::CmpFOp::create(b, loc, predicate, lhs, rhs);
  return arith::SelectOp::create(b, loc, condition, then, otherwise);
}

Value GPUTiler::map(VectorType type, ValueRange inputs,
                    function_ref<Value(OpBuilder &, ValueRange)> body) {
  auto mapOp = MapOp::create(b, loc, type, inputs);
  OpBuilder::InsertionGuard guard(b);
  Block *block = b.createBlock(&mapOp.getBody());
  for (Value input : inputs)
    block->addArgument(cast<VectorType>(input.getType()).getElementType(), loc);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    block->addArgument(b.getIndexType(), loc);
  Value result = body(b, block->getArguments());
  YieldOp::create(b, loc, result);
  return mapOp.getResult();
}

//===--- Tiles of the operands --------------------------------------------===//

static Value zeroOf(OpBuilder &b, Location loc, Type type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

/// The tile of keys, or of values, that starts at a key: keys x features, or
/// features x keys where the operand's layout is bhds.
Value GPUTiler::readKeys(Value operand, TensorLayout layout, Value start,
                         int64_t paddedFeatures) {
  auto type = cast<RankedTensorType>(operand.getType());
  bool isTransposed = layout == TensorLayout::BHDS;
  SmallVector<int64_t> shape{keysPerTile, paddedFeatures};
  SmallVector<Value> indices{start, index(0)};
  SmallVector<bool> inBounds{!isTail, type.getDimSize(isTransposed ? 0 : 1) ==
                                          paddedFeatures};
  if (isTransposed) {
    std::swap(shape[0], shape[1]);
    std::swap(indices[0], indices[1]);
    std::swap(inBounds[0], inBounds[1]);
  }
  return vector::TransferReadOp::create(
      b, loc, vectorOf(shape, type.getElementType()), operand, indices,
      zeroOf(b, loc, type.getElementType()), inBounds);
}

/// The permutation from an operand's dimensions to (query, head, feature), or
/// (query, feature) where no heads are packed.
static AffineMap getRowMap(OpBuilder &b, TensorLayout layout, bool hasHeads) {
  SmallVector<LogicalDim> order{LogicalDim::Sequence, LogicalDim::Head,
                                LogicalDim::Feature};
  if (!hasHeads)
    order.erase(order.begin() + 1);
  // A dimension's place in the slice is its place in the layout among these.
  SmallVector<AffineExpr> exprs;
  for (LogicalDim dim : order) {
    unsigned at = llvm::count_if(order, [&](LogicalDim other) {
      return SDPAOp::getDim(layout, other) < SDPAOp::getDim(layout, dim);
    });
    exprs.push_back(b.getAffineDimExpr(at));
  }
  return AffineMap::get(order.size(), 0, exprs, b.getContext());
}

Value GPUTiler::readQueries() {
  Value source = slice(op.getQuery(), op.getQueryLayout(), firstHead,
                       b.getIndexAttr(groupSize), /*dropHead=*/pack == 1,
                       firstQuery, queryCount, headDim);
  Type element = op.getQuery().getType().getElementType();
  SmallVector<int64_t> shape{rows / pack, pack, paddedHeadDim};
  SmallVector<bool> inBounds{false, pack == groupSize,
                             headDim == paddedHeadDim};
  if (pack == 1) {
    shape.erase(shape.begin() + 1);
    inBounds.erase(inBounds.begin() + 1);
  }
  SmallVector<Value> indices(shape.size(), index(0));
  Value read = vector::TransferReadOp::create(
      b, loc, vectorOf(shape, element), source, indices,
      zeroOf(b, loc, element), getRowMap(b, op.getQueryLayout(), pack > 1),
      inBounds);
  if (pack == 1)
    return read;
  return vector::ShapeCastOp::create(
      b, loc, vectorOf({rows, paddedHeadDim}, element), read);
}

/// lhs · rhs + acc; rhs is reduction x columns, or columns x reduction where
/// transposed.
Value GPUTiler::product(Value lhs, Value rhs, bool isTransposed, Value acc) {
  SmallVector<AffineExpr> rhsMap{d(2), d(1)};
  if (isTransposed)
    std::swap(rhsMap[0], rhsMap[1]);
  using vector::IteratorType;
  auto contraction = vector::ContractionOp::create(
      b, loc, lhs, rhs, acc,
      ArrayRef<ArrayRef<AffineExpr>>{{d(0), d(2)}, rhsMap, {d(0), d(1)}},
      ArrayRef{IteratorType::parallel, IteratorType::parallel,
               IteratorType::reduction});
  if (op.getAllowTf32())
    contraction->setDiscardableAttr(kAllowTF32Attr, b.getUnitAttr());
  return contraction;
}

//===--- The online softmax -----------------------------------------------===//

ScorePosition GPUTiler::positionOf(OpBuilder &nested, Value row, Value key) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
  // As a row is not negative, these are simpler than affine's % and floordiv.
  Value queryInTile = row, head = toIndex(firstHead);
  if (pack > 1) {
    Value headInTile = arith::RemUIOp::create(b, loc, row, index(pack));
    queryInTile = arith::DivUIOp::create(b, loc, row, index(pack));
    head = toIndex(affine(d(0) + d(1), {firstHead, headInTile}));
  }
  if (pack != groupSize)
    head = arith::MinSIOp::create(
        b, loc, head, toIndex(affine(d(0) + groupSize - 1, {firstHead})));
  Value query = toIndex(affine(d(0) + d(1), {firstQuery, queryInTile}));
  OpFoldResult last = affine(d(0) + d(1) - 1, {firstQuery, queryCount});
  return {toIndex(batch), head, query, key,
          arith::MinSIOp::create(b, loc, query, toIndex(last))};
}

GPUTiler::State GPUTiler::initState() {
  State state;
  state.output = splat(0.0, {rows, paddedValueHeadDim});
  if (!op.getSinks()) {
    state.limit = splat(-INFINITY, {rows});
    state.shift = splat(0.0, {rows});
    state.sums = splat(0.0, {rows, getSumColumns()});
    return state;
  }
  // Without the scores' factor.
  Value unit =
      arith::DivFOp::create(b, loc, constant(llvm::numbers::log2e), factor);
  Value sinks = map(vectorOf({rows}), {}, [&](OpBuilder &, ValueRange args) {
    return emitSink(b, positionOf(b, args[0], index(0)).head, unit);
  });
  state.limit = arith::AddFOp::create(b, loc, sinks, splat(lag, {rows}));
  state.shift = shiftFor(sinks);
  // One part of a row's sum has it; a sink of -inf weighs nothing.
  state.sums = map(
      vectorOf({rows, getSumColumns()}), sinks,
      [&](OpBuilder &, ValueRange args) -> Value {
        Value isNone = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ,
                                             args[0], constant(-INFINITY));
        Value isOther = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                              args[2], index(0));
        Value isZero =
            sumsByProduct
                ? isNone
                : arith::OrIOp::create(b, loc, isNone, isOther).getResult();
        return arith::SelectOp::create(b, loc, isZero, constant(0),
                                       constant(1));
      });
  return state;
}

/// The scores after the variant's scalar code.
Value GPUTiler::scoresWhere(Value scores, Value keyStart, bool applyMask) {
  if (!applyMask && !modifiesScore(op))
    return scores;
  return map(
      cast<VectorType>(scores.getType()), scores,
      [&](OpBuilder &, ValueRange args) -> Value {
        Value key = arith::AddIOp::create(b, loc, keyStart, args[2]);
        ScorePosition position = positionOf(b, args[1], key);
        auto modified = [&]() -> Value {
          if (!modifiesScore(op))
            return args[0];
          Value score = arith::MulFOp::create(b, loc, args[0], unscaled);
          Value log2e = arith::ConstantOp::create(
              b, loc, b.getF32FloatAttr(llvm::numbers::log2ef));
          return arith::MulFOp::create(
              b, loc, emitScore(b, loc, op, queryShift, score, position),
              log2e);
        };
        if (!applyMask)
          return modified();
        // A position past the last key is dropped; what the mask reads for it
        // is what the last key has.
        ScorePosition stored = position;
        if (isTail)
          stored.clampedKey = arith::MinSIOp::create(
              b, loc, key, toIndex(affine(d(0) - 1, {keys})));
        Value keep = emitKeep(b, loc, op, queryShift, stored);
        if (isTail) {
          Value exists = arith::CmpIOp::create(
              b, loc, arith::CmpIPredicate::slt, key, toIndex(keys));
          keep = keep ? arith::AndIOp::create(b, loc, exists, keep).getResult()
                      : exists;
        }
        Value dropped =
            arith::ConstantOp::create(b, loc, b.getF32FloatAttr(-INFINITY));
        if (!modifiesScore(op))
          return arith::SelectOp::create(b, loc, keep, args[0], dropped);
        auto ifKept = scf::IfOp::create(b, loc, f32, keep, true);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(ifKept.thenBlock());
        scf::YieldOp::create(b, loc, modified());
        b.setInsertionPointToStart(ifKept.elseBlock());
        scf::YieldOp::create(b, loc, dropped);
        return ifKept.getResult(0);
      });
}

/// Whether every, and whether any, position of the tile of keys is kept.
std::pair<Value, Value> GPUTiler::classify(Value keyStart) {
  Value lastKey =
      arith::AddIOp::create(b, loc, keyStart, index(keysPerTile - 1));
  Value lastStored = lastKey;
  if (isTail)
    lastStored = arith::MinSIOp::create(b, loc, lastKey,
                                        toIndex(affine(d(0) - 1, {keys})));
  auto [all, any] = classifyKeys(groupSize, keyStart, lastStored);
  if (isTail) {
    Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                         lastKey, toIndex(keys));
    all = arith::AndIOp::create(b, loc, all, exists);
  }
  return {all, any};
}

/// Mask code only where the tile needs it.
Value GPUTiler::modifyScores(Value scores, Value keyStart) {
  if (!hasMask(op) && !isTail)
    return scoresWhere(scores, keyStart, false);
  Value all = classify(keyStart).first;
  auto ifAll = scf::IfOp::create(b, loc, scores.getType(), all, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifAll.thenBlock());
  scf::YieldOp::create(b, loc, scoresWhere(scores, keyStart, false));
  b.setInsertionPointToStart(ifAll.elseBlock());
  scf::YieldOp::create(b, loc, scoresWhere(scores, keyStart, true));
  return ifAll.getResult(0);
}

/// One step of the loop over keys, for the tile of keys at `keyStart`.
GPUTiler::State GPUTiler::step(State state, Value keySlice, Value valueSlice,
                               Value keyStart) {
  auto readValues = [&] {
    return readKeys(valueSlice, op.getValueLayout(), keyStart,
                    paddedValueHeadDim);
  };
  Value keyTile =
      readKeys(keySlice, op.getKeyLayout(), keyStart, paddedHeadDim);
  // Causal and window masks are in the loop's bounds; a region may leave whole
  // tiles empty in between.
  if (!op.hasMaskRegion() && !op.getKeep())
    return update(state, keyTile, readValues, keyStart);
  Value valueTile = readValues();
  Value any = classify(keyStart).second;
  auto ifAny = scf::IfOp::create(b, loc, ValueRange(state.values()).getTypes(),
                                 any, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifAny.thenBlock());
  State next = update(state, keyTile, [&] { return valueTile; }, keyStart);
  scf::YieldOp::create(b, loc, next.values());
  b.setInsertionPointToStart(ifAny.elseBlock());
  scf::YieldOp::create(b, loc, state.values());
  return State::of(ifAny.getResults());
}

/// Whether a row's maximum times its factor is so large that rounding it is
/// more than weights have room for: scores that are not equal then differ by
/// more than exponentials can tell from 0, and any factor as large makes
/// weights of them that are 1 and 0. A power of two makes them without
/// rounding.
Value GPUTiler::isHuge(Value product) {
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                               math::AbsFOp::create(b, loc, product),
                               splat(kHugeProduct, {rows}));
}

/// The factor of rows with a shift.
Value GPUTiler::factorOf(Value shift) {
  Value usual = splat(factor, {rows});
  if (!hugeFactor)
    return usual;
  return arith::SelectOp::create(b, loc, isHuge(shift),
                                 splat(hugeFactor, {rows}), usual);
}

/// What makes the weight of a maximum 1.
Value GPUTiler::shiftOf(Value max) {
  Value product = arith::MulFOp::create(b, loc, max, splat(factor, {rows}));
  if (hugeFactor)
    product = arith::SelectOp::create(
        b, loc, isHuge(product),
        arith::MulFOp::create(b, loc, max, splat(hugeFactor, {rows})), product);
  return arith::NegFOp::create(b, loc, product);
}

/// The same for rows that may have kept nothing, whose maximum is -inf: 0 gives
/// them weights exp2(-inf) = 0.
Value GPUTiler::shiftFor(Value max) {
  Value shift = shiftOf(max);
  return select(arith::CmpFPredicate::OEQ, max, splat(-INFINITY, {rows}),
                splat(0.0, {rows}), shift);
}

/// Where a row of the tile goes beyond its limit, its maximum becomes that of
/// the tile, and what was summed under the old one shrinks. Whether it does is
/// a matter of the row alone.
GPUTiler::State GPUTiler::followMaximum(State state, Value tileMax,
                                        Value isRaised) {
  State next;
  next.limit = arith::SelectOp::create(
      b, loc, isRaised,
      arith::AddFOp::create(b, loc, tileMax, splat(lag, {rows})), state.limit);
  // What is beyond a limit is not -inf.
  next.shift =
      arith::SelectOp::create(b, loc, isRaised, shiftOf(tileMax), state.shift);
  // Maxima rise. But from -inf, whose shift is 0, it may look like a fall:
  // nothing was summed, which is not to become 0 times infinity.
  Value difference = arith::MinNumFOp::create(
      b, loc, arith::SubFOp::create(b, loc, next.shift, state.shift),
      splat(0.0, {rows}));
  Value rescale = exp2(difference);
  auto scale = [&](Value tile, int64_t columns) -> Value {
    return arith::MulFOp::create(b, loc, tile, broadcastRows(rescale, columns));
  };
  next.sums = scale(state.sums, getSumColumns());
  next.output =
      joinsTiles() ? rescale : scale(state.output, paddedValueHeadDim);
  return next;
}

/// The same for a warp, which has nothing to do where none of its rows is
/// raised. Where tiles join the output by multiply-adds their factor comes in
/// its place, and is 1 in other rows: there is little to skip.
GPUTiler::State GPUTiler::raiseMaximum(State state, Value tileMax) {
  Value isRaised = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                         tileMax, state.limit);
  if (joinsTiles())
    return followMaximum(state, tileMax, isRaised);
  Value any = AnyOp::create(b, loc, b.getI1Type(), isRaised);
  auto ifAny = scf::IfOp::create(b, loc, ValueRange(state.values()).getTypes(),
                                 any, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifAny.elseBlock());
  scf::YieldOp::create(b, loc, state.values());
  b.setInsertionPointToStart(ifAny.thenBlock());
  State next = followMaximum(state, tileMax, isRaised);
  scf::YieldOp::create(b, loc, next.values());
  return State::of(ifAny.getResults());
}

/// The state after a tile of keys. The values are read when they are needed.
GPUTiler::State GPUTiler::update(State state, Value keyTile,
                                 function_ref<Value()> readValues,
                                 Value keyStart) {
  Value scores =
      product(queryTile, keyTile, op.getKeyLayout() != TensorLayout::BHDS,
              splat(0.0, {rows, keysPerTile}));
  if (factorInScores && !modifiesScore(op))
    scores = arith::MulFOp::create(b, loc, scores,
                                   splat(unscaled, {rows, keysPerTile}));
  scores = modifyScores(scores, keyStart);

  Value tileMax = reduceRows(vector::CombiningKind::MAXNUMF, scores,
                             splat(-INFINITY, {rows}));
  State next = raiseMaximum(state, tileMax);
  Value factors = hugeFactor ? broadcastRows(factorOf(next.shift), keysPerTile)
                             : splat(factor, {rows, keysPerTile});
  Value weights = exp2(
      multiplyAdd(scores, factors, broadcastRows(next.shift, keysPerTile)));

  if (!sumsByProduct) {
    Value parts = vector::ShapeCastOp::create(
        b, loc,
        vectorOf({rows, keysPerTile / kPartialSums / 2, kPartialSums, 2}),
        weights);
    next.sums = vector::MultiDimReductionOp::create(
        b, loc, parts, next.sums, ArrayRef<bool>{false, true, false, true},
        vector::CombiningKind::ADD);
  }

  Type element = op.getValue().getType().getElementType();
  if (element != f32)
    weights = arith::TruncFOp::create(
        b, loc, vectorOf({rows, keysPerTile}, element), weights);
  if (sumsByProduct) {
    auto type = vectorOf({keysPerTile, kSumColumns}, element);
    Value ones = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, b.getOneAttr(element)));
    next.sums = product(weights, ones, /*isTransposed=*/false, next.sums);
  }
  bool isTransposed = op.getValueLayout() == TensorLayout::BHDS;
  if (!joinsTiles()) {
    next.output = product(weights, readValues(), isTransposed, next.output);
    return next;
  }
  Value ofTile = product(weights, readValues(), isTransposed,
                         splat(0.0, {rows, paddedValueHeadDim}));
  next.output = multiplyAdd(
      state.output, broadcastRows(next.output, paddedValueHeadDim), ofTile);
  return next;
}
