//===- ResolveDynamicShapes.cpp - Reshapes and broadcasts by sizes --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SymbolicSize.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNRESOLVEDYNAMICSHAPES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Neighbours of the source that are neighbours of the result: their products
/// are one size.
struct Reassociation {
  SmallVector<ReassociationIndices> source, result;
  SmallVector<SymbolicSize> sizes;
};
} // namespace

static std::optional<Reassociation>
getReassociation(ArrayRef<SymbolicSize> source, ArrayRef<SymbolicSize> result) {
  Reassociation groups;
  unsigned i = 0, j = 0;
  while (i < source.size() && j < result.size()) {
    ReassociationIndices from{i}, to{j};
    SymbolicSize fromSize = source[i++], toSize = result[j++];
    while (fromSize != toSize) {
      if (toSize.divides(fromSize) && j < result.size()) {
        to.push_back(j);
        toSize *= result[j++];
      } else if (fromSize.divides(toSize) && i < source.size()) {
        from.push_back(i);
        fromSize *= source[i++];
      } else {
        return std::nullopt;
      }
    }
    groups.source.push_back(from);
    groups.result.push_back(to);
    groups.sizes.push_back(fromSize);
  }
  if (groups.sizes.empty())
    return std::nullopt;
  // What is left may be of size 1.
  SymbolicSize one;
  for (; i < source.size(); ++i) {
    if (source[i] != one)
      return std::nullopt;
    groups.source.back().push_back(i);
  }
  for (; j < result.size(); ++j) {
    if (result[j] != one)
      return std::nullopt;
    groups.result.back().push_back(j);
  }
  return groups;
}

static RankedTensorType getType(Value tensor, ArrayRef<SymbolicSize> sizes) {
  return cast<RankedTensorType>(tensor.getType())
      .clone(llvm::map_to_vector(
          sizes, [](const SymbolicSize &size) { return size.getStatic(); }));
}

static Value castTo(OpBuilder &b, Location loc, Value tensor, Type type) {
  return tensor.getType() == type
             ? tensor
             : tensor::CastOp::create(b, loc, type, tensor).getResult();
}

namespace {
/// No size is negative, which marks one that is to be inferred.
struct FoldIsNegative : OpRewritePattern<arith::CmpIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::CmpIOp op,
                                PatternRewriter &b) const override {
    bool isNegative = op.getPredicate() == arith::CmpIPredicate::slt;
    if ((!isNegative && op.getPredicate() != arith::CmpIPredicate::sge) ||
        !matchPattern(op.getRhs(), m_Zero()) ||
        !SymbolicSize::get(op.getLhs()).isOfDimensions())
      return failure();
    b.replaceOpWithNewOp<arith::ConstantOp>(op, b.getBoolAttr(!isNegative));
    return success();
  }
};

/// A size that is inferred: a quotient of products of sizes.
struct FoldQuotient : OpRewritePattern<arith::DivSIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::DivSIOp op,
                                PatternRewriter &b) const override {
    if (!op.getType().isIndex() && !op.getType().isInteger(64))
      return failure();
    SymbolicSize quotient = SymbolicSize::get(op.getLhs()),
                 divisor = SymbolicSize::get(op.getRhs());
    if (!divisor.isOfDimensions() || !quotient.isOfDimensions() ||
        !divisor.divides(quotient))
      return failure();
    quotient /= divisor;
    b.replaceOp(op, quotient.build(b, op.getLoc(), op.getType()));
    return success();
  }
};

/// A reshape to sizes that are computed becomes a collapse and an expansion
/// where the sizes say which dimensions belong together.
struct ReassociateReshape : OpRewritePattern<tensor::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ReshapeOp op,
                                PatternRewriter &b) const override {
    auto shape = op.getShape().getDefiningOp<tensor::FromElementsOp>();
    auto type = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto resultType = dyn_cast<RankedTensorType>(op.getType());
    if (!shape || !type || !resultType)
      return failure();
    SmallVector<SymbolicSize> source, result;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      source.push_back(SymbolicSize::get(op.getSource(), dim));
    for (auto [size, element] :
         llvm::zip_equal(resultType.getShape(), shape.getElements()))
      result.push_back(ShapedType::isDynamic(size) ? SymbolicSize::get(element)
                                                   : SymbolicSize(size));
    auto groups = getReassociation(source, result);
    if (!groups)
      return failure();
    Location loc = op.getLoc();
    Value tensor = op.getSource();
    tensor = castTo(b, loc, tensor, getType(tensor, source));
    if (groups->sizes.size() < source.size())
      tensor = tensor::CollapseShapeOp::create(
          b, loc, getType(tensor, groups->sizes), tensor, groups->source);
    if (groups->sizes.size() < result.size()) {
      SmallVector<OpFoldResult> sizes;
      for (auto [size, element] :
           llvm::zip_equal(result, shape.getElements())) {
        if (size.isStatic())
          sizes.push_back(b.getIndexAttr(size.getStatic()));
        else
          sizes.push_back(b.createOrFold<arith::IndexCastOp>(
              loc, b.getIndexType(), element));
      }
      tensor = tensor::ExpandShapeOp::create(b, loc, getType(tensor, result),
                                             tensor, groups->result, sizes);
    }
    b.replaceOp(op, castTo(b, loc, tensor, resultType));
    return success();
  }
};

/// A dimension of a tensor that shall have a size, by broadcasting where it is
/// of size 1.
struct UnitBroadcast {
  int64_t dim;
  OpFoldResult size;
};

/// A dimension that is read at 0 where its size is 1, and else by the index of
/// a loop over a dimension of the init.
struct LoopIndex {
  int64_t dim;
  Value value;
  unsigned initDim;
};
} // namespace

/// The tensor whose dimensions have the given sizes, by broadcasting those that
/// turn out to be of size 1.
static Value broadcastUnits(RewriterBase &b, Value tensor,
                            ArrayRef<UnitBroadcast> broadcasts) {
  Location loc = tensor.getLoc();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
  for (const UnitBroadcast &broadcast : broadcasts)
    sizes[broadcast.dim] = broadcast.size;
  auto createInit = [&](OpBuilder &builder) -> Value {
    return tensor::EmptyOp::create(builder, loc, sizes,
                                   getElementTypeOrSelf(tensor));
  };
  // Before what rearranges it, so that what is broadcast is what a program
  // holds, and vanishes where it is the size already.
  if (auto transpose = tensor.getDefiningOp<linalg::TransposeOp>()) {
    SmallVector<UnitBroadcast> inner(broadcasts);
    for (UnitBroadcast &broadcast : inner)
      broadcast.dim = transpose.getPermutation()[broadcast.dim];
    Value source = broadcastUnits(b, transpose.getInput(), inner);
    return linalg::TransposeOp::create(b, loc, source, createInit(b),
                                       transpose.getPermutation())
        ->getResult(0);
  }
  auto generic = tensor.getDefiningOp<linalg::GenericOp>();
  if (generic && generic.getNumDpsInputs() == 1 &&
      generic->getNumResults() == 1 && !generic.hasIndexSemantics() &&
      generic.getNumLoops() == generic.getNumParallelLoops() &&
      llvm::all_of(generic.getIndexingMapsArray(),
                   [](AffineMap map) { return map.isIdentity(); }) &&
      !generic.payloadUsesValueFromOperand(generic.getDpsInitOperand(0))) {
    Value source =
        broadcastUnits(b, generic.getDpsInputOperand(0)->get(), broadcasts);
    Value init = createInit(b);
    return clone(b, generic, init.getType(), {source, init})->getResult(0);
  }
  Value isSame;
  for (const UnitBroadcast &broadcast : broadcasts) {
    Value size = b.createOrFold<tensor::DimOp>(loc, tensor, broadcast.dim);
    Value isEqual = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::eq, size,
        getValueOrCreateConstantIndexOp(b, loc, broadcast.size));
    isSame = isSame ? arith::AndIOp::create(b, loc, isSame, isEqual).getResult()
                    : isEqual;
  }
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  Type type = cast<RankedTensorType>(tensor.getType()).clone(shape);
  auto choice = scf::IfOp::create(
      b, loc, isSame,
      [&](OpBuilder &nested, Location at) {
        scf::YieldOp::create(nested, at, castTo(nested, at, tensor, type));
      },
      [&](OpBuilder &nested, Location at) {
        Value one = arith::ConstantIndexOp::create(nested, at, 1);
        auto rank = static_cast<unsigned>(shape.size());
        SmallVector<utils::IteratorType> loops(rank,
                                               utils::IteratorType::parallel);
        Value init = createInit(nested);
        auto read = linalg::GenericOp::create(
            nested, at, init.getType(), ValueRange(), init,
            nested.getMultiDimIdentityMap(rank), loops,
            [&](OpBuilder &body, Location inBody, ValueRange) {
              SmallVector<Value> indices;
              for (unsigned dim = 0; dim < rank; ++dim)
                indices.push_back(linalg::IndexOp::create(body, inBody, dim));
              for (const UnitBroadcast &broadcast : broadcasts) {
                Value size =
                    tensor::DimOp::create(body, inBody, tensor, broadcast.dim);
                Value last = arith::SubIOp::create(body, inBody, size, one);
                indices[broadcast.dim] = arith::MinSIOp::create(
                    body, inBody, indices[broadcast.dim], last);
              }
              Value element =
                  tensor::ExtractOp::create(body, inBody, tensor, indices);
              linalg::YieldOp::create(body, inBody, element);
            });
        scf::YieldOp::create(nested, at, read->getResults());
      });
  return choice.getResult(0);
}

/// The dimension of the init that a loop runs over.
static std::optional<unsigned> getInitDim(linalg::GenericOp op, unsigned loop) {
  return op.getMatchingIndexingMap(op.getDpsInitOperand(0))
      .getResultPosition(getAffineDimExpr(loop, op.getContext()));
}

namespace {
/// An index that is 0 where the size of its dimension is 1 is the index of the
/// loop where the loop has that size. Where that is not known, the tensor is
/// brought to the size first: a program decides when it runs.
struct ResolveUnitBroadcast : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &b) const override {
    Block &body = *op.getBody();
    auto extract =
        body.getTerminator()->getOperand(0).getDefiningOp<tensor::ExtractOp>();
    if (op->getNumResults() != 1 || !extract ||
        op.getRegion().isAncestor(extract.getTensor().getParentRegion()))
      return failure();
    Value init = op.getDpsInitOperand(0)->get();
    SmallVector<LoopIndex> resolved, unresolved;
    for (auto [dim, index] : llvm::enumerate(extract.getIndices())) {
      auto select = index.getDefiningOp<arith::SelectOp>();
      auto isUnit = select
                        ? select.getCondition().getDefiningOp<arith::CmpIOp>()
                        : arith::CmpIOp();
      auto loop = select
                      ? select.getFalseValue().getDefiningOp<linalg::IndexOp>()
                      : linalg::IndexOp();
      if (!loop || !isUnit ||
          isUnit.getPredicate() != arith::CmpIPredicate::eq ||
          !matchPattern(select.getTrueValue(), m_Zero()) ||
          !matchPattern(isUnit.getRhs(), m_One()))
        continue;
      std::optional<unsigned> initDim = getInitDim(op, loop.getDim());
      SymbolicSize size = SymbolicSize::get(extract.getTensor(), dim);
      if (!initDim || SymbolicSize::get(isUnit.getLhs()) != size)
        continue;
      (SymbolicSize::get(init, *initDim) == size ? resolved : unresolved)
          .push_back({static_cast<int64_t>(dim), loop, *initDim});
    }
    if (resolved.empty() && unresolved.empty())
      return failure();
    Value tensor = extract.getTensor();
    if (!unresolved.empty()) {
      b.setInsertionPoint(op);
      auto broadcasts =
          llvm::map_to_vector(unresolved, [&](const LoopIndex &index) {
            return UnitBroadcast{
                index.dim,
                tensor::getMixedSize(b, op.getLoc(), init, index.initDim)};
          });
      tensor = broadcastUnits(b, tensor, broadcasts);
    }
    b.modifyOpInPlace(op, [&] {
      extract.getTensorMutable().assign(tensor);
      for (const LoopIndex &index :
           llvm::concat<LoopIndex>(resolved, unresolved))
        extract.getIndicesMutable()[index.dim].assign(index.value);
    });
    return success();
  }
};

struct AttnResolveDynamicShapes
    : attn::impl::AttnResolveDynamicShapesBase<AttnResolveDynamicShapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIsNegative, FoldQuotient, ReassociateReshape,
                 ResolveUnitBroadcast>(&getContext());
    (void)applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};
} // namespace
