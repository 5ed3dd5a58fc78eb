//===- TilingInterfaceImpl.cpp - Tiling of the attn operations ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/TilingInterfaceImpl.h"
#include "ScoreModification.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::attn;

using Sizes = SmallVector<OpFoldResult>;

/// The dimensions of the iteration domain are those of the output in bhsd.
static constexpr LogicalDim domainDims[] = {LogicalDim::Batch, LogicalDim::Head,
                                            LogicalDim::Sequence,
                                            LogicalDim::Feature};
static constexpr unsigned batchDim = 0, headDim = 1, queryDim = 2,
                          featureDim = 3;

static bool isEqual(OpFoldResult x, OpFoldResult y) {
  FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(x, y);
  return succeeded(equal) && *equal;
}

/// A clone on other operands and with other result types. (mlir::clone does not
/// take operations with an empty region.)
template <typename Op>
static Op cloneWith(OpBuilder &b, Op op, TypeRange types, ValueRange operands) {
  auto clone = cast<Op>(b.clone(*op));
  clone->setOperands(operands);
  for (auto [result, type] : llvm::zip_equal(clone->getResults(), types))
    result.setType(type);
  return clone;
}

//===----------------------------------------------------------------------===//
// Multiples
//===----------------------------------------------------------------------===//

static bool isMultipleOf(OpFoldResult value, int64_t factor);

static bool isMultipleOf(AffineExpr expr, unsigned numDims, ValueRange operands,
                         int64_t factor) {
  if (factor == 1)
    return true;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue() % factor == 0;
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return isMultipleOf(operands[dim.getPosition()], factor);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return isMultipleOf(operands[numDims + symbol.getPosition()], factor);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (expr.getKind() == AffineExprKind::Add)
    return isMultipleOf(binary.getLHS(), numDims, operands, factor) &&
           isMultipleOf(binary.getRHS(), numDims, operands, factor);
  // The constant of a product is on the right.
  if (expr.getKind() == AffineExprKind::Mul)
    if (auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS()))
      return isMultipleOf(binary.getLHS(), numDims, operands,
                          factor /
                              std::gcd(factor, std::abs(constant.getValue())));
  return false;
}

/// Whether a value is known to be a multiple of a number: what loops over tiles
/// make of their induction variables.
static bool isMultipleOf(OpFoldResult value, int64_t factor) {
  if (factor == 1)
    return true;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % factor == 0;
  auto v = cast<Value>(value);
  if (auto apply = v.getDefiningOp<affine::AffineApplyOp>())
    return isMultipleOf(apply.getAffineMap().getResult(0),
                        apply.getAffineMap().getNumDims(),
                        apply.getMapOperands(), factor);
  auto argument = dyn_cast<BlockArgument>(v);
  if (!argument)
    return false;
  auto loop = dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp());
  if (!loop)
    return false;
  auto variables = loop.getLoopInductionVars();
  auto lower = loop.getLoopLowerBounds(), steps = loop.getLoopSteps();
  if (!variables || !lower || !steps)
    return false;
  for (auto [variable, bound, step] :
       llvm::zip_equal(*variables, *lower, *steps))
    if (variable == argument)
      return isMultipleOf(bound, factor) && isMultipleOf(step, factor);
  return false;
}

//===----------------------------------------------------------------------===//
// attn.sdpa
//===----------------------------------------------------------------------===//

static OpFoldResult getDomainSize(OpBuilder &b, SDPAOp op, LogicalDim dim) {
  if (dim == LogicalDim::Feature)
    return op.getSize(b, op.getLoc(), op.getValue(), op.getValueLayout(), dim);
  return op.getSize(b, op.getLoc(), op.getQuery(), op.getQueryLayout(), dim);
}

namespace {
/// Builds one tile of an sdpa.
class SDPATiler {
public:
  SDPATiler(OpBuilder &b, SDPAOp op, ArrayRef<OpFoldResult> offsets,
            ArrayRef<OpFoldResult> sizes)
      : b(b), loc(op.getLoc()), op(op), offsets(offsets), sizes(sizes) {}

  FailureOr<TilingResult> tile();

private:
  /// A range of a dimension.
  struct Range {
    OpFoldResult offset, size;
  };

  OpFoldResult affine(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(
        b, loc, AffineMap::get(operands.size(), 0, expr), operands);
  }
  bool covers(unsigned dim) {
    return isZeroInteger(offsets[dim]) &&
           isEqual(sizes[dim], getDomainSize(b, op, domainDims[dim]));
  }
  Range range(unsigned dim) { return {offsets[dim], sizes[dim]}; }
  FailureOr<Range> kvHeads();
  Value slice(Value operand, ArrayRef<Range> ranges);
  Value sliceOperand(Value operand, TensorLayout layout, Range heads,
                     Range sequence, Range features);
  Value sliceBroadcast(Value operand);
  void shiftArguments(Region &region, unsigned first);

  OpBuilder &b;
  Location loc;
  SDPAOp op;
  ArrayRef<OpFoldResult> offsets, sizes;
  SmallVector<Operation *> slices;
};
} // namespace

/// The KV heads that the tile's query heads attend to, such that query head h
/// of the tile attends to KV head h / (query heads / KV heads) of the tile.
FailureOr<SDPATiler::Range> SDPATiler::kvHeads() {
  OpFoldResult all =
      op.getSize(b, loc, op.getKey(), op.getKeyLayout(), LogicalDim::Head);
  if (covers(headDim))
    return Range{b.getIndexAttr(0), all};
  OpFoldResult first = offsets[headDim], count = sizes[headDim];
  OpFoldResult one = b.getIndexAttr(1);
  int64_t staticHeads = op.getStaticQueryHeads();
  int64_t staticKVHeads = op.getStaticKVHeads();
  std::optional<int64_t> staticCount = getConstantIntValue(count);
  AffineExpr d0 = b.getAffineDimExpr(0);
  if (ShapedType::isDynamic(staticHeads) ||
      ShapedType::isDynamic(staticKVHeads)) {
    if (staticCount != 1)
      return op.emitOpError() << "has a dynamic number of heads, expected a "
                                 "tile of one query head, or of all";
    Value group =
        getValueOrCreateConstantIndexOp(b, loc, op.getGroupSize(b, loc));
    Value head = getValueOrCreateConstantIndexOp(b, loc, first);
    return Range{
        getAsOpFoldResult(b.createOrFold<arith::DivUIOp>(loc, head, group)),
        one};
  }
  int64_t group = *getConstantIntValue(op.getGroupSize(b, loc));
  OpFoldResult kvHead = affine(d0.floorDiv(group), {first});
  if (isMultipleOf(first, group) && isMultipleOf(count, group))
    return Range{kvHead, affine(d0.floorDiv(group), {count})};
  if (staticCount && *staticCount > 0 && group % *staticCount == 0 &&
      isMultipleOf(first, *staticCount))
    return Range{kvHead, one};
  InFlightDiagnostic diagnostic =
      op.emitOpError() << "has " << group
                       << " query heads to a KV head, expected a tile of ";
  if (staticCount)
    diagnostic << *staticCount;
  else
    diagnostic << "a dynamic number of";
  return diagnostic
         << " query heads to cover whole groups of them, or to lie within one";
}

Value SDPATiler::slice(Value operand, ArrayRef<Range> ranges) {
  Sizes offsets, sizes;
  for (Range range : ranges) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
  }
  // A slice of nothing is out of bounds even where it is empty.
  auto type = cast<RankedTensorType>(operand.getType());
  if (type.hasStaticShape() && type.getNumElements() == 0)
    return tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  Sizes strides(ranges.size(), b.getIndexAttr(1));
  // A slice that is the whole folds.
  Value result = b.createOrFold<tensor::ExtractSliceOp>(loc, operand, offsets,
                                                        sizes, strides);
  if (auto slice = result.getDefiningOp<tensor::ExtractSliceOp>();
      slice && result != operand)
    slices.push_back(slice);
  return result;
}

Value SDPATiler::sliceOperand(Value operand, TensorLayout layout, Range heads,
                              Range sequence, Range features) {
  SmallVector<Range> ranges(4);
  ranges[SDPAOp::getDim(layout, LogicalDim::Batch)] = range(batchDim);
  ranges[SDPAOp::getDim(layout, LogicalDim::Head)] = heads;
  ranges[SDPAOp::getDim(layout, LogicalDim::Sequence)] = sequence;
  ranges[SDPAOp::getDim(layout, LogicalDim::Feature)] = features;
  return slice(operand, ranges);
}

/// A slice of a tensor that broadcasts to batch x query heads x queries x keys.
Value SDPATiler::sliceBroadcast(Value operand) {
  auto type = cast<RankedTensorType>(operand.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<Range> ranges;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    OpFoldResult whole = tensor::getMixedSize(b, loc, operand, i);
    if (size == 1 || i > queryDim) {
      ranges.push_back({zero, whole});
      continue;
    }
    Range tile = range(i);
    if (!ShapedType::isDynamic(size)) {
      ranges.push_back(tile);
      continue;
    }
    // A dynamic dimension may turn out to be one that broadcasts.
    auto select = [&](Value condition, OpFoldResult x, OpFoldResult y) {
      return getAsOpFoldResult(b.createOrFold<arith::SelectOp>(
          loc, condition, getValueOrCreateConstantIndexOp(b, loc, x),
          getValueOrCreateConstantIndexOp(b, loc, y)));
    };
    Value broadcasts =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                              getValueOrCreateConstantIndexOp(b, loc, whole),
                              arith::ConstantIndexOp::create(b, loc, 1));
    ranges.push_back({select(broadcasts, zero, tile.offset),
                      select(broadcasts, one, tile.size)});
  }
  return slice(operand, ranges);
}

/// Makes a region see positions of the whole: its arguments from `first` on
/// are batch, head and query.
void SDPATiler::shiftArguments(Region &region, unsigned first) {
  if (region.empty())
    return;
  OpBuilder::InsertionGuard guard(b);
  for (unsigned dim : {batchDim, headDim, queryDim}) {
    BlockArgument argument = region.getArgument(first + dim);
    if (isZeroInteger(offsets[dim]) || argument.use_empty())
      continue;
    b.setInsertionPoint(region.getParentOp());
    Value offset = getValueOrCreateConstantIndexOp(b, loc, offsets[dim]);
    b.setInsertionPointToStart(&region.front());
    auto shifted = arith::AddIOp::create(b, loc, argument, offset);
    argument.replaceAllUsesExcept(shifted, shifted);
  }
}

FailureOr<TilingResult> SDPATiler::tile() {
  if (op.getLse() && !covers(featureDim))
    return op.emitOpError() << "has an lse, expected a tile of the whole value "
                               "head_dim";
  FailureOr<Range> kvRange = kvHeads();
  if (failed(kvRange))
    return failure();

  auto whole = [&](Value operand, TensorLayout layout, LogicalDim dim) {
    return Range{b.getIndexAttr(0), op.getSize(b, loc, operand, layout, dim)};
  };
  Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
  SmallVector<Value> operands{
      sliceOperand(query, op.getQueryLayout(), range(headDim), range(queryDim),
                   whole(query, op.getQueryLayout(), LogicalDim::Feature)),
      sliceOperand(key, op.getKeyLayout(), *kvRange,
                   whole(key, op.getKeyLayout(), LogicalDim::Sequence),
                   whole(key, op.getKeyLayout(), LogicalDim::Feature)),
      sliceOperand(value, op.getValueLayout(), *kvRange,
                   whole(value, op.getValueLayout(), LogicalDim::Sequence),
                   range(featureDim))};
  if (op.getQueryOffset())
    operands.push_back(op.getQueryOffset());
  for (Value tensor : {op.getBias(), op.getKeep()})
    if (tensor)
      operands.push_back(sliceBroadcast(tensor));
  for (Value tensor : {op.getAlibi(), op.getSinks()})
    if (tensor)
      operands.push_back(slice(tensor, range(headDim)));

  // Which key a query stands at is decided by the sizes of the whole.
  Value queryOffset;
  bool usesPosition = op.getCausal() || op.getWindowLeft() >= 0 ||
                      op.getWindowRight() >= 0 || op.getAlibi();
  if (usesPosition && !covers(queryDim)) {
    OpFoldResult shift = getAsOpFoldResult(emitQueryShift(b, loc, op));
    queryOffset = getValueOrCreateConstantIndexOp(
        b, loc,
        affine(b.getAffineDimExpr(0) + b.getAffineDimExpr(1),
               {offsets[queryDim], shift}));
  }

  SmallVector<int64_t> shape, outputShape(4);
  std::tie(shape, std::ignore) = decomposeMixedValues(llvm::to_vector(sizes));
  for (auto [size, dim] : llvm::zip_equal(shape, domainDims))
    outputShape[SDPAOp::getDim(op.getOutputLayout(), dim)] = size;
  SmallVector<Type> types{op.getOutput().getType().clone(outputShape)};
  if (op.getLse())
    types.push_back(cast<RankedTensorType>(op.getLse().getType())
                        .clone(ArrayRef(shape).drop_back()));

  auto tiled = cloneWith(b, op, types, operands);
  tiled.removeScheduleAttr();
  tiled.removeGpuScheduleAttr();
  if (queryOffset) {
    tiled.getQueryOffsetMutable().assign(queryOffset);
    if (op.getCausal())
      tiled.setCausal(CausalAlignment::BottomRight);
  }
  shiftArguments(tiled.getScore(), 1);
  shiftArguments(tiled.getMask(), 0);
  return TilingResult{
      {tiled}, llvm::to_vector_of<Value>(tiled->getResults()), slices};
}

//===----------------------------------------------------------------------===//
// Interface models
//===----------------------------------------------------------------------===//

namespace {
/// What sdpa and merge share: a domain of four parallel dimensions. A derived
/// model gives the domain's sizes, the layout of the output, and tiles.
template <typename Model, typename Op>
struct AttentionTilingModel : TilingInterface::ExternalModel<Model, Op> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return SmallVector<utils::IteratorType>(std::size(domainDims),
                                            utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &b) const {
    SmallVector<Range> domain;
    for (LogicalDim dim : domainDims)
      domain.push_back({b.getIndexAttr(0),
                        Model::getDomainSize(b, cast<Op>(op), dim),
                        b.getIndexAttr(1)});
    return domain;
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &b,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    return Model::tile(b, cast<Op>(op), offsets, sizes);
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &,
                                      unsigned resultNumber,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Sizes &resultOffsets,
                                      Sizes &resultSizes) const {
    unsigned rank = resultNumber == 0 ? 4 : 3;
    TensorLayout layout = resultNumber == 0
                              ? Model::getOutputLayout(cast<Op>(op))
                              : TensorLayout::BHSD;
    resultOffsets.resize(rank);
    resultSizes.resize(rank);
    for (unsigned i = 0; i < rank; ++i) {
      unsigned at = SDPAOp::getDim(layout, domainDims[i]);
      resultOffsets[at] = offsets[i];
      resultSizes[at] = sizes[i];
    }
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *op, OpBuilder &b, unsigned resultNumber,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &domainOffsets,
      SmallVectorImpl<OpFoldResult> &domainSizes) const {
    if (resultNumber == 1) {
      domainOffsets.assign(offsets.begin(), offsets.end());
      domainSizes.assign(sizes.begin(), sizes.end());
      domainOffsets.push_back(b.getIndexAttr(0));
      domainSizes.push_back(
          Model::getDomainSize(b, cast<Op>(op), LogicalDim::Feature));
      return success();
    }
    TensorLayout layout = Model::getOutputLayout(cast<Op>(op));
    for (LogicalDim dim : domainDims) {
      domainOffsets.push_back(offsets[SDPAOp::getDim(layout, dim)]);
      domainSizes.push_back(sizes[SDPAOp::getDim(layout, dim)]);
    }
    return success();
  }

  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &b, unsigned resultNumber,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    Sizes domainOffsets, domainSizes;
    if (failed(getIterationDomainTileFromResultTile(
            op, b, resultNumber, offsets, sizes, domainOffsets, domainSizes)))
      return failure();
    FailureOr<TilingResult> result =
        getTiledImplementation(op, b, domainOffsets, domainSizes);
    if (failed(result))
      return failure();
    result->tiledValues = {result->tiledValues[resultNumber]};
    return result;
  }
};

struct SDPATilingModel : AttentionTilingModel<SDPATilingModel, SDPAOp> {
  static OpFoldResult getDomainSize(OpBuilder &b, SDPAOp op, LogicalDim dim) {
    return ::getDomainSize(b, op, dim);
  }
  static TensorLayout getOutputLayout(SDPAOp op) {
    return op.getOutputLayout();
  }
  static FailureOr<TilingResult> tile(OpBuilder &b, SDPAOp op,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes) {
    return SDPATiler(b, op, offsets, sizes).tile();
  }
};

struct MergeTilingModel : AttentionTilingModel<MergeTilingModel, MergeOp> {
  static OpFoldResult getDomainSize(OpBuilder &b, MergeOp op, LogicalDim dim) {
    return tensor::getMixedSize(b, op.getLoc(), op.getPartials(),
                                1 + SDPAOp::getDim(TensorLayout::BHSD, dim));
  }
  static TensorLayout getOutputLayout(MergeOp) { return TensorLayout::BHSD; }
  static FailureOr<TilingResult> tile(OpBuilder &b, MergeOp op,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes);
};
} // namespace

FailureOr<TilingResult> MergeTilingModel::tile(OpBuilder &b, MergeOp op,
                                               ArrayRef<OpFoldResult> offsets,
                                               ArrayRef<OpFoldResult> sizes) {
  Location loc = op.getLoc();
  if (op.getLse() &&
      !isEqual(sizes[featureDim], getDomainSize(b, op, LogicalDim::Feature)))
    return op.emitOpError()
           << "has an lse, expected a tile of the whole value head_dim";
  // All parts of the tile.
  auto slice = [&](Value parts, unsigned rank) {
    Sizes partOffsets{b.getIndexAttr(0)};
    Sizes partSizes{tensor::getMixedSize(b, loc, parts, 0)};
    llvm::append_range(partOffsets, offsets.take_front(rank));
    llvm::append_range(partSizes, sizes.take_front(rank));
    Sizes strides(rank + 1, b.getIndexAttr(1));
    return tensor::ExtractSliceOp::create(b, loc, parts, partOffsets, partSizes,
                                          strides);
  };
  auto partials = slice(op.getPartials(), 4);
  auto lses = slice(op.getPartialLses(), 3);
  SmallVector<int64_t> shape;
  std::tie(shape, std::ignore) = decomposeMixedValues(llvm::to_vector(sizes));
  SmallVector<Type> types{op.getOutput().getType().clone(shape)};
  if (op.getLse())
    types.push_back(cast<RankedTensorType>(op.getLse().getType())
                        .clone(ArrayRef(shape).drop_back()));
  MergeOp tiled = cloneWith(b, op, types, ValueRange{partials, lses});
  return TilingResult{{tiled},
                      llvm::to_vector_of<Value>(tiled->getResults()),
                      {partials, lses}};
}

void mlir::attn::registerTilingInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, AttnDialect *) {
    SDPAOp::attachInterface<SDPATilingModel>(*context);
    MergeOp::attachInterface<MergeTilingModel>(*context);
  });
}
