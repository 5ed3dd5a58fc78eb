//===- Decompose.cpp - Attention as plain linalg --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definition of the attn operations. Every step is an operation of its own
// whose location names it (--mlir-use-nameloc-as-prefix prints the names).
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Decompose.h"
#include "ScoreModification.h"
#include "StepBuilder.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNDECOMPOSE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// A value with the type that its uses expect, which may know more or fewer of
/// its sizes.
static Value castTo(OpBuilder &b, Location loc, Type type, Value value) {
  if (value.getType() == type)
    return value;
  return tensor::CastOp::create(b, loc, type, value);
}

namespace {

/// Decomposes one sdpa. Query heads are split into KV heads and the query heads
/// that share one, unless each has its own; the iteration space of the scores
/// is (batch, heads..., query, key).
class SDPADecomposer {
public:
  SDPADecomposer(OpBuilder &b, SDPAOp op)
      : b(b), loc(op.getLoc()), op(op), type(op.getAccumulatorType()),
        steps(b, loc, type) {}

  SmallVector<Value> decompose();

private:
  OpFoldResult size(Value operand, TensorLayout layout, LogicalDim dim) {
    return op.getSize(b, loc, operand, layout, dim);
  }
  /// How an iteration space of `dims` dimensions indexes an operand of the
  /// given layout.
  AffineMap operandMap(TensorLayout layout, unsigned dims,
                       ArrayRef<unsigned> heads, unsigned sequence,
                       unsigned feature);
  SmallVector<OpFoldResult> operandSizes(TensorLayout layout,
                                         OpFoldResult sequence,
                                         OpFoldResult feature);
  SmallVector<ReassociationIndices> headGroups(unsigned rank,
                                               unsigned headDim) const;
  Value splitHeads(Value query);
  Value joinHeads(Value value, unsigned headDim);
  Value finalScores(Value products);
  Value sinkOfHead(OpBuilder &at, Location atLoc);
  Value queryHead(OpBuilder &at, Location atLoc);

  unsigned rank() const { return 3 + heads.size(); }
  unsigned queryDim() const { return rank() - 2; }
  unsigned keyDim() const { return rank() - 1; }
  /// Dimensions of the scores, of a row of them.
  AffineMap scoreMap(unsigned extra = 0) {
    return steps.map(rank() + extra,
                     llvm::to_vector(llvm::seq<unsigned>(0, rank())));
  }
  AffineMap rowMap() {
    return steps.map(rank(),
                     llvm::to_vector(llvm::seq<unsigned>(0, rank() - 1)));
  }

  OpBuilder &b;
  Location loc;
  SDPAOp op;
  FloatType type;
  StepBuilder steps;

  SmallVector<unsigned> heads;
  OpFoldResult batches, queries, keys, valueHeadDim;
  SmallVector<OpFoldResult> headSizes;
  Value groupSize;
};

} // namespace

AffineMap SDPADecomposer::operandMap(TensorLayout layout, unsigned dims,
                                     ArrayRef<unsigned> heads,
                                     unsigned sequence, unsigned feature) {
  SmallVector<SmallVector<unsigned>> slots(4);
  slots[SDPAOp::getDim(layout, LogicalDim::Batch)] = {0};
  slots[SDPAOp::getDim(layout, LogicalDim::Head)] = llvm::to_vector(heads);
  slots[SDPAOp::getDim(layout, LogicalDim::Sequence)] = {sequence};
  slots[SDPAOp::getDim(layout, LogicalDim::Feature)] = {feature};
  return steps.map(dims, llvm::to_vector(llvm::concat<unsigned>(
                             slots[0], slots[1], slots[2], slots[3])));
}

SmallVector<OpFoldResult> SDPADecomposer::operandSizes(TensorLayout layout,
                                                       OpFoldResult sequence,
                                                       OpFoldResult feature) {
  SmallVector<SmallVector<OpFoldResult>> slots(4);
  slots[SDPAOp::getDim(layout, LogicalDim::Batch)] = {batches};
  slots[SDPAOp::getDim(layout, LogicalDim::Head)] = headSizes;
  slots[SDPAOp::getDim(layout, LogicalDim::Sequence)] = {sequence};
  slots[SDPAOp::getDim(layout, LogicalDim::Feature)] = {feature};
  return llvm::to_vector(
      llvm::concat<OpFoldResult>(slots[0], slots[1], slots[2], slots[3]));
}

/// The dimensions of a tensor of `rank` logical dimensions, with those of the
/// heads at `headDim` as one.
SmallVector<ReassociationIndices>
SDPADecomposer::headGroups(unsigned rank, unsigned headDim) const {
  SmallVector<ReassociationIndices> groups;
  int64_t next = 0;
  for (unsigned i = 0; i < rank; ++i) {
    ReassociationIndices group;
    for (unsigned j = 0, e = i == headDim ? heads.size() : 1; j < e; ++j)
      group.push_back(next++);
    groups.push_back(group);
  }
  return groups;
}

Value SDPADecomposer::splitHeads(Value query) {
  if (heads.size() == 1)
    return query;
  TensorLayout layout = op.getQueryLayout();
  SmallVector<OpFoldResult> sizes =
      operandSizes(layout, queries, size(query, layout, LogicalDim::Feature));
  SmallVector<int64_t> shape, joinedShape;
  std::tie(shape, std::ignore) = decomposeMixedValues(sizes);
  SmallVector<ReassociationIndices> groups =
      headGroups(4, SDPAOp::getDim(layout, LogicalDim::Head));
  for (const ReassociationIndices &group : groups) {
    int64_t product = 1;
    for (int64_t dim : group)
      product =
          ShapedType::isDynamic(product) || ShapedType::isDynamic(shape[dim])
              ? ShapedType::kDynamic
              : product * shape[dim];
    joinedShape.push_back(product);
  }
  // Sizes may be known that the type does not say.
  auto type = cast<RankedTensorType>(query.getType());
  return tensor::ExpandShapeOp::create(
      b, steps.name("query"), type.clone(shape),
      castTo(b, loc, type.clone(joinedShape), query), groups, sizes);
}

Value SDPADecomposer::joinHeads(Value value, unsigned headDim) {
  if (heads.size() == 1)
    return value;
  unsigned joined = cast<RankedTensorType>(value.getType()).getRank() - 1;
  return tensor::CollapseShapeOp::create(b, loc, value,
                                         headGroups(joined, headDim));
}

/// The query head at a point of an iteration space that begins with batch and
/// heads.
Value SDPADecomposer::queryHead(OpBuilder &at, Location atLoc) {
  Value head = linalg::IndexOp::create(at, atLoc, heads.front());
  if (heads.size() == 1)
    return head;
  head = arith::MulIOp::create(at, atLoc, head, groupSize);
  Value member = linalg::IndexOp::create(at, atLoc, heads.back());
  return arith::AddIOp::create(at, atLoc, head, member);
}

Value SDPADecomposer::sinkOfHead(OpBuilder &at, Location atLoc) {
  Value sink =
      tensor::ExtractOp::create(at, atLoc, op.getSinks(), queryHead(at, atLoc));
  return convertScalarToDtype(at, atLoc, sink, type, /*isUnsignedCast=*/false);
}

/// Scale, softcap, score region, alibi, bias and mask.
Value SDPADecomposer::finalScores(Value products) {
  bool modified = modifiesScore(op), masked = hasMask(op);
  Value scale = emitScale(b, loc, op);
  Value shift = emitQueryShift(b, loc, op);
  return steps.elementwise(
      "scores", {{products, scoreMap()}},
      tensor::getMixedSizes(b, loc, products), scoreMap(), type,
      [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
        Value score = arith::MulFOp::create(nested, at, args[0], scale);
        if (!modified && !masked)
          return score;
        Value query = linalg::IndexOp::create(nested, at, queryDim());
        ScorePosition position{linalg::IndexOp::create(nested, at, 0),
                               queryHead(nested, at), query,
                               linalg::IndexOp::create(nested, at, keyDim()),
                               /*storedQuery=*/query};
        if (!masked)
          return emitScore(nested, at, op, shift, score, position);
        Value keep = emitKeep(nested, at, op, shift, position);
        Value dropped = steps.constant(nested, -INFINITY);
        if (!modified)
          return arith::SelectOp::create(nested, at, keep, score, dropped);
        // What a dropped position would read may not exist.
        return scf::IfOp::create(
                   nested, at, keep,
                   [&](OpBuilder &then, Location) {
                     scf::YieldOp::create(
                         then, at,
                         emitScore(then, at, op, shift, score, position));
                   },
                   [&](OpBuilder &otherwise, Location) {
                     scf::YieldOp::create(otherwise, at, dropped);
                   })
            .getResult(0);
      });
}

SmallVector<Value> SDPADecomposer::decompose() {
  Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
  TensorLayout queryLayout = op.getQueryLayout(), keyLayout = op.getKeyLayout(),
               valueLayout = op.getValueLayout(),
               outputLayout = op.getOutputLayout();
  batches = size(query, queryLayout, LogicalDim::Batch);
  queries = size(query, queryLayout, LogicalDim::Sequence);
  keys = size(key, keyLayout, LogicalDim::Sequence);
  valueHeadDim = size(value, valueLayout, LogicalDim::Feature);
  OpFoldResult kvHeads = size(key, keyLayout, LogicalDim::Head);
  heads = {1};
  headSizes = {kvHeads};
  int64_t staticHeads = op.getStaticQueryHeads();
  if (ShapedType::isDynamic(staticHeads) ||
      staticHeads != op.getStaticKVHeads()) {
    OpFoldResult group = op.getGroupSize(b, loc);
    groupSize = getValueOrCreateConstantIndexOp(b, loc, group);
    heads = {1, 2};
    headSizes = {kvHeads, group};
  }
  unsigned features = rank();
  SmallVector<unsigned> kvHead{heads.front()};
  SmallVector<OpFoldResult> rowSizes{batches};
  llvm::append_range(rowSizes, headSizes);
  rowSizes.push_back(queries);
  SmallVector<OpFoldResult> scoreSizes(rowSizes);
  scoreSizes.push_back(keys);

  Value products = steps.contract(
      "products",
      {splitHeads(query),
       operandMap(queryLayout, rank() + 1, heads, queryDim(), features)},
      {key, operandMap(keyLayout, rank() + 1, kvHead, keyDim(), features)},
      scoreSizes, scoreMap(1));
  Value scores = finalScores(products);

  // The softmax; a sink joins the maximum and the sum.
  Value max = steps.maximum("max", scores, keyDim());
  AffineMap row = AffineMap::getMultiDimIdentityMap(rank() - 1, b.getContext());
  if (op.getSinks())
    max = steps.elementwise(
        "max_with_sink", {{max, row}}, rowSizes, row, type,
        [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
          return arith::MaximumFOp::create(nested, at, args[0],
                                           sinkOfHead(nested, at));
        });
  Value shift = steps.finite("shift", max);
  Value exponentials = steps.exponential("exp", scores, shift, rowMap());
  Value sum = steps.sum("sum", exponentials, keyDim());
  if (op.getSinks())
    sum = steps.elementwise(
        "sum_with_sink", {{sum, row}, {shift, row}}, rowSizes, row, type,
        [&](OpBuilder &nested, Location at, ValueRange args) -> Value {
          Value difference = arith::SubFOp::create(
              nested, at, sinkOfHead(nested, at), args[1]);
          return arith::AddFOp::create(
              nested, at, args[0], math::ExpOp::create(nested, at, difference));
        });
  Value weights = steps.elementwise(
      "weights",
      {{exponentials, scoreMap()}, {steps.nonZero("divisor", sum), rowMap()}},
      scoreSizes, scoreMap(), type,
      [](OpBuilder &nested, Location at, ValueRange args) -> Value {
        return arith::DivFOp::create(nested, at, args[0], args[1]);
      });

  AffineMap outputMap =
      operandMap(outputLayout, rank() + 1, heads, queryDim(), features);
  Value output = steps.contract(
      "output", {weights, scoreMap(1)},
      {value, operandMap(valueLayout, rank() + 1, kvHead, keyDim(), features)},
      operandSizes(outputLayout, queries, valueHeadDim), outputMap);
  // How an element of the output finds its row: without keys, whose dimension
  // comes before the last.
  AffineMap rowOfOutput = steps.map(
      rank(),
      llvm::to_vector(llvm::map_range(
          llvm::seq<unsigned>(0, rank() - 1), [&](unsigned dim) {
            return *outputMap.getResultPosition(b.getAffineDimExpr(dim));
          })));
  output = steps.zeroWhereNone("kept_output", output, sum, rowOfOutput);
  output = steps.convert(
      "output", output,
      cast<ShapedType>(op.getOutput().getType()).getElementType());
  output = joinHeads(output, SDPAOp::getDim(outputLayout, LogicalDim::Head));
  SmallVector<Value> results{castTo(b, loc, op.getOutput().getType(), output)};
  if (op.getLse()) {
    Value lse = steps.logSumExp("lse", sum, shift);
    results.push_back(
        castTo(b, loc, op.getLse().getType(), joinHeads(lse, /*headDim=*/1)));
  }
  return results;
}

SmallVector<Value> mlir::attn::decompose(OpBuilder &b, SDPAOp op) {
  return SDPADecomposer(b, op).decompose();
}

SmallVector<Value> mlir::attn::decompose(OpBuilder &b, MergeOp op) {
  Location loc = op.getLoc();
  Value partials = op.getPartials(), lses = op.getPartialLses();
  StepBuilder steps(
      b, loc, cast<FloatType>(op.getPartialLses().getType().getElementType()));

  Value shift = steps.finite("shift", steps.maximum("max", lses, 0));
  AffineMap rowOfPart = steps.map(4, {1, 2, 3});
  Value exponentials = steps.exponential("exp", lses, shift, rowOfPart);
  Value sum = steps.sum("sum", exponentials, 0);
  AffineMap identity = AffineMap::getMultiDimIdentityMap(4, b.getContext());
  Value weights = steps.elementwise(
      "weights",
      {{exponentials, identity}, {steps.nonZero("divisor", sum), rowOfPart}},
      tensor::getMixedSizes(b, loc, lses), identity,
      op.getPartialLses().getType().getElementType(),
      [](OpBuilder &nested, Location at, ValueRange args) -> Value {
        return arith::DivFOp::create(nested, at, args[0], args[1]);
      });

  // Iteration space: part, batch, head, query, feature.
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, partials);
  sizes.erase(sizes.begin());
  Value output = steps.weightedSum(
      "output", {weights, steps.map(5, {0, 1, 2, 3})},
      {partials, AffineMap::getMultiDimIdentityMap(5, b.getContext())}, sizes,
      steps.map(5, {1, 2, 3, 4}));
  output = steps.convert("output", output,
                         op.getOutput().getType().getElementType());
  SmallVector<Value> results{castTo(b, loc, op.getOutput().getType(), output)};
  if (op.getLse())
    results.push_back(castTo(b, loc, op.getLse().getType(),
                             steps.logSumExp("lse", sum, shift)));
  return results;
}

namespace {
template <typename Op>
struct DecompositionModel
    : linalg::AggregatedOpInterface::ExternalModel<DecompositionModel<Op>, Op> {
  FailureOr<SmallVector<Value>> decomposeOperation(Operation *op,
                                                   OpBuilder &b) const {
    return decompose(b, cast<Op>(op));
  }
};

struct AttnDecompose : attn::impl::AttnDecomposeBase<AttnDecompose> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      OpBuilder b(op);
      SmallVector<Value> results;
      if (auto sdpa = dyn_cast<SDPAOp>(op))
        results = decompose(b, sdpa);
      else if (auto merge = dyn_cast<MergeOp>(op))
        results = decompose(b, merge);
      else
        return;
      op->replaceAllUsesWith(results);
      op->erase();
    });
  }
};
} // namespace

void mlir::attn::registerDecompositionExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, AttnDialect *) {
    SDPAOp::attachInterface<DecompositionModel<SDPAOp>>(*context);
    MergeOp::attachInterface<DecompositionModel<MergeOp>>(*context);
  });
}
