//===- GPUTilerLoop.cpp - The loops around a GPU's tiles ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GPUTiler.h"
#include "attn/CodeGen/Kernel.h"
#include "attn/Schedule/GPUSchedule.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

void GPUTiler::analyse() {
  findSizes();
  if (op.getQueryOffset()) {
    // Further away, all keys are before a query or all are after it.
    queryShift = arith::MaxSIOp::create(b, loc, queryShift, index(-kMaxSeqlen));
    queryShift = arith::MinSIOp::create(b, loc, queryShift, index(kMaxSeqlen));
  }
  paddedHeadDim = llvm::alignTo(headDim, kFeatureMultiple);
  paddedValueHeadDim = getPaddedValueHeadDim(op, schedule);
  rows = schedule.getQueryTile();
  keysPerTile = schedule.getKvTile();
  int64_t staticHeads = op.getStaticQueryHeads(),
          staticKVHeads = op.getStaticKVHeads();
  if (!ShapedType::isDynamic(staticHeads) &&
      !ShapedType::isDynamic(staticKVHeads) && staticKVHeads > 0) {
    int64_t group = staticHeads / staticKVHeads;
    if (int64_t padded = llvm::PowerOf2Ceil(group); padded <= rows) {
      groupSize = group;
      pack = padded;
    }
  }
  int64_t staticKeys = op.getStaticKVSeqlen();
  isTail = ShapedType::isDynamic(staticKeys) || staticKeys % keysPerTile != 0;

  sumsByProduct = !op.getLse() && splits == 1 &&
                  !op.getValue().getType().getElementType().isF32();

  double scale = op.getScale() ? op.getScale()->convertToDouble()
                               : 1.0 / std::sqrt(static_cast<double>(headDim));
  // The maximum of scores is that of the products only under a positive
  // factor. And the factor of a large maximum is rounded by more than an
  // exponential can take: what a variant adds may be so large, elements of f32,
  // and products under a factor above 1.
  factorInScores = modifiesScore(op) || scale <= 0.0 || scale > 1.0 ||
                   op.getQuery().getType().getElementType().isF32();
  unscaled = constant(modifiesScore(op) ? scale : scale * llvm::numbers::log2e);
  double perScore = factorInScores ? 1.0 : scale * llvm::numbers::log2e;
  factor = constant(perScore);
  lag = constant(kMaxLag / perScore);
  // Products of bf16 may be as large as f32 goes.
  if (!factorInScores && op.getQuery().getType().getElementType().isBF16())
    hugeFactor = constant(2.0 * std::exp2(std::ceil(std::log2(perScore))));
}

/// The state after all keys.
GPUTiler::State GPUTiler::loopOverKeys(State state) {
  queryTile = readQueries();
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  Value keySlice = slice(op.getKey(), op.getKeyLayout(), kvHead, one,
                         /*dropHead=*/true, zero, keys, headDim);
  Value valueSlice = slice(op.getValue(), op.getValueLayout(), kvHead, one,
                           /*dropHead=*/true, zero, keys, valueHeadDim);
  auto [begin, end] = keyRange(keysPerTile, /*align=*/keysPerTile);
  auto loop = scf::ForOp::create(
      b, loc, begin, end, index(keysPerTile), state.values(),
      [&](OpBuilder &nested, Location, Value keyStart, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        State next = step(State::of(carried), keySlice, valueSlice, keyStart);
        scf::YieldOp::create(b, loc, next.values());
      });
  return State::of(loop.getResults());
}

SmallVector<Value> GPUTiler::tile() {
  analyse();
  OpFoldResult heads = pack > 1 ? kvHeads : queryHeads;
  int64_t queriesPerTile = rows / pack;
  // Unsigned: that a size is not negative is not to get lost.
  OpFoldResult tiles = b.createOrFold<arith::CeilDivUIOp>(
      loc, toIndex(queries), index(queriesPerTile));
  if (std::optional<int64_t> number = getConstantIntValue(tiles))
    tiles = b.getIndexAttr(*number);
  // The group's size as a divisor of the query head, where none are packed.
  Value group;
  if (pack == 1)
    group = toIndex(op.getGroupSize(b, loc));

  SmallVector<Value> inits = createResults();
  SmallVector<OpFoldResult> bounds{batches, heads,
                                   affine(d(0) * splits, {tiles})};
  SmallVector<Attribute> mapping;
  for (auto id :
       {gpu::MappingId::DimZ, gpu::MappingId::DimY, gpu::MappingId::DimX})
    mapping.push_back(gpu::GPUBlockMappingAttr::get(b.getContext(), id));
  auto forall =
      scf::ForallOp::create(b, loc, bounds, inits, b.getArrayAttr(mapping));
  copyKernelMarks(op, forall);
  forall->setDiscardableAttr(kKernelAttr, schedule);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(forall.getTerminator());

  SmallVector<Value> ivs = forall.getInductionVars();
  batch = ivs[0];
  OpFoldResult tileIndex = affine(d(0).floorDiv(splits), {ivs[2]});
  split = affine(d(0) % splits, {ivs[2]});
  if (pack == 1) {
    firstHead = ivs[1];
    kvHead = arith::DivUIOp::create(b, loc, ivs[1], group).getResult();
  } else {
    kvHead = ivs[1];
    firstHead = affine(d(0) * groupSize, {ivs[1]});
  }
  // The last query tiles of a causal mask have the most keys: first.
  if (op.getCausal())
    tileIndex = affine(d(0) - d(1) - 1, {tiles, tileIndex});
  firstQuery = affine(d(0) * queriesPerTile, {tileIndex});
  queryCount = minimum(affine(d(0) - d(1), {queries, firstQuery}),
                       b.getIndexAttr(queriesPerTile));

  store(loopOverKeys(initState()), forall);

  b.setInsertionPointAfter(forall);
  return finishResults(forall.getResults());
}

/// Writes rows (x features) of a tile to their place in a result.
void GPUTiler::storeTile(Value value, Value destination, scf::ForallOp forall,
                         TensorLayout layout, bool hasFeatures) {
  auto type = cast<RankedTensorType>(destination.getType());
  SmallVector<LogicalDim> dims{LogicalDim::Batch, LogicalDim::Head,
                               LogicalDim::Sequence};
  if (hasFeatures)
    dims.push_back(LogicalDim::Feature);
  SmallVector<OpFoldResult> offsets(dims.size()), sizes(dims.size()),
      strides(type.getRank(), b.getIndexAttr(1));
  auto at = [&](LogicalDim dim) {
    return hasFeatures ? SDPAOp::getDim(layout, dim)
                       : static_cast<unsigned>(dim);
  };
  auto place = [&](LogicalDim dim, OpFoldResult offset, OpFoldResult size) {
    offsets[at(dim)] = offset;
    sizes[at(dim)] = size;
  };
  place(LogicalDim::Batch, batch, b.getIndexAttr(1));
  place(LogicalDim::Head, firstHead, b.getIndexAttr(groupSize));
  place(LogicalDim::Sequence, firstQuery, queryCount);
  if (hasFeatures)
    place(LogicalDim::Feature, b.getIndexAttr(0), b.getIndexAttr(valueHeadDim));

  // Dimensions of the slice and of the vector: (query, head, feature), without
  // the head where none are packed.
  SmallVector<LogicalDim> order{LogicalDim::Sequence};
  SmallVector<int64_t> vectorShape{rows / pack};
  SmallVector<bool> inBounds{false};
  if (pack > 1) {
    order.push_back(LogicalDim::Head);
    vectorShape.push_back(pack);
    inBounds.push_back(pack == groupSize);
  }
  if (hasFeatures) {
    order.push_back(LogicalDim::Feature);
    vectorShape.push_back(paddedValueHeadDim);
    inBounds.push_back(valueHeadDim == paddedValueHeadDim);
  }
  SmallVector<LogicalDim> inSlice(order);
  llvm::sort(inSlice,
             [&](LogicalDim x, LogicalDim y) { return at(x) < at(y); });
  SmallVector<int64_t> shape;
  for (LogicalDim dim : inSlice)
    shape.push_back(
        getConstantIntValue(sizes[at(dim)]).value_or(ShapedType::kDynamic));
  SmallVector<AffineExpr> exprs;
  for (LogicalDim dim : order)
    exprs.push_back(d(llvm::find(inSlice, dim) - inSlice.begin()));

  if (splits > 1) {
    offsets.insert(offsets.begin(), split);
    sizes.insert(sizes.begin(), b.getIndexAttr(1));
  }
  Value target = tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(shape, type.getElementType()), destination,
      offsets, sizes, strides);
  value = vector::ShapeCastOp::create(
      b, loc, vectorOf(vectorShape, type.getElementType()), value);
  SmallVector<Value> indices(shape.size(), index(0));
  Value written =
      vector::TransferWriteOp::create(
          b, loc, value, target, indices,
          AffineMap::get(exprs.size(), 0, exprs, b.getContext()), inBounds)
          ->getResult(0);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, loc, written, destination, offsets,
                                        sizes, strides);
}

/// Divides by the sums, and writes the output and the lse.
void GPUTiler::store(State state, scf::ForallOp forall) {
  auto destinations = forall.getRegionIterArgs();
  Value zeros = splat(0.0, {rows});
  Value sum =
      sumsByProduct
          ? reduceRows(vector::CombiningKind::MAXIMUMF, state.sums, zeros)
          : reduceRows(vector::CombiningKind::ADD, state.sums, zeros);
  Value inverse = select(arith::CmpFPredicate::OEQ, sum, zeros, zeros,
                         arith::DivFOp::create(b, loc, splat(1.0, {rows}), sum,
                                               arith::FastMathFlags::afn));
  // A row that kept nothing is 0, even where its tiles held values that are
  // not finite: 0 times those would be NaN.
  Value factors = broadcastRows(inverse, paddedValueHeadDim);
  Value none = splat(0.0, {rows, paddedValueHeadDim});
  Value output = select(arith::CmpFPredicate::OEQ, factors, none, none,
                        arith::MulFOp::create(b, loc, state.output, factors));
  Type element =
      cast<RankedTensorType>(destinations[0].getType()).getElementType();
  if (element != f32)
    output = arith::TruncFOp::create(
        b, loc, vectorOf({rows, paddedValueHeadDim}, element), output);
  storeTile(output, destinations[0], forall, outputLayout, true);
  if (destinations.size() == 1)
    return;
  // lse = ln 2 · (log2 sum - shift), whatever factor the shift has.
  Value log2 = math::Log2Op::create(b, loc, sum), shift = state.shift;
  if (hugeFactor)
    shift = arith::MulFOp::create(
        b, loc, shift,
        arith::DivFOp::create(b, loc, splat(factor, {rows}), factorOf(shift)));
  Value lse =
      arith::MulFOp::create(b, loc, arith::SubFOp::create(b, loc, log2, shift),
                            splat(llvm::numbers::ln2, {rows}));
  storeTile(lse, destinations[1], forall, TensorLayout::BHSD, false);
}
