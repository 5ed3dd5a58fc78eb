//===- RegisterTile.cpp - Tile linalg on buffers to registers -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "Lanes.h"
#include "PairProduct.h"
#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNREGISTERTILE
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using linalg::GenericOp;

namespace {

/// The pass's options.
struct RegisterShape {
  int64_t rows, vectors, lanes, minRows, dotRows, wideRows;
};

/// How one dimension is walked: tiles of the first size as long as they fit,
/// then of the next, and so on. No sizes: the dimension is not tiled.
using TileSizes = SmallVector<int64_t, 3>;

/// Neighbouring operations that share one loop nest.
struct Group {
  Location loc;
  SmallVector<GenericOp> ops;
  SmallVector<OpFoldResult> sizes;
  SmallVector<TileSizes> tiles;
};

} // namespace

static SmallVector<OpFoldResult> getLoopSizes(OpBuilder &b, GenericOp op) {
  SmallVector<OpFoldResult> sizes;
  for (const Range &range : cast<linalg::LinalgOp>(op.getOperation())
                                .createLoopRanges(b, op.getLoc()))
    sizes.push_back(getAsOpFoldResult(
        getValueOrCreateConstantIndexOp(b, op.getLoc(), range.size)));
  return sizes;
}

/// The largest size up to `limit` that divides a static size, as long as it has
/// `minRows`; else the limit.
static int64_t chooseRows(int64_t size, int64_t limit, int64_t minRows) {
  if (ShapedType::isDynamic(size))
    return limit;
  if (size <= limit)
    return size;
  for (int64_t rows = limit; rows >= minRows; --rows)
    if (size % rows == 0)
      return rows;
  return limit;
}

/// Powers of two up to `largest` that fill a static size; single elements for
/// the rest of a dynamic one, which only the last tile has.
static TileSizes splitIntoBlocks(int64_t size, int64_t largest) {
  if (ShapedType::isDynamic(size))
    return {largest, 1};
  TileSizes blocks;
  for (int64_t block = largest; block > 0; block /= 2)
    if (size >= block) {
      blocks.push_back(block);
      size %= block;
    }
  return blocks;
}

/// The rows of a product: its iterations along the other dimensions than
/// `excluded`.
static int64_t countRows(ArrayRef<int64_t> sizes,
                         const llvm::SmallBitVector &excluded) {
  int64_t rows = 1;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (excluded[dim])
      continue;
    if (ShapedType::isDynamic(size))
      return std::numeric_limits<int32_t>::max();
    rows *= size;
  }
  return rows;
}

static SmallVector<TileSizes> chooseTiles(GenericOp op,
                                          const RegisterShape &shape) {
  SmallVector<int64_t> sizes = getIterationSizes(op);
  SmallVector<TileSizes> tiles(sizes.size(), TileSizes{1});
  if (auto transpose = getTransposeDims(op)) {
    // Square blocks; what does not fill one is done in smaller ones.
    for (unsigned dim : {transpose->stored, transpose->loaded})
      tiles[dim] = splitIntoBlocks(sizes[dim], shape.lanes);
    return tiles;
  }
  std::optional<unsigned> lane = chooseLaneDim(op);
  if (!lane)
    return tiles;
  std::optional<unsigned> loop = getProductReduction(op);
  // Lanes and reductions; the other dimensions are rows.
  llvm::SmallBitVector isNoRow(sizes.size());
  isNoRow.set(*lane);
  if (loop) {
    tiles[*loop] = {};
    isNoRow.set(*loop);
  }
  if (auto product = getPairProduct(op)) {
    tiles[product->pair] = {};
    isNoRow.set(product->pair);
  }

  bool alongLanes = loop == lane;
  int64_t vectors = 1;
  int64_t accumulators = shape.rows * shape.vectors;
  if (!alongLanes) {
    int64_t size = sizes[*lane];
    int64_t widest = shape.vectors * shape.lanes;
    // A product of few rows is as wide as the registers allow, so that it
    // walks the other operand in the order of memory.
    if (loop && !ShapedType::isDynamic(size) &&
        countRows(sizes, isNoRow) <= shape.wideRows)
      widest = accumulators * shape.lanes;
    if (ShapedType::isDynamic(size)) {
      // Only a product gains from a wide tile.
      tiles[*lane] = {shape.lanes, 1};
      if (loop) {
        tiles[*lane].insert(tiles[*lane].begin(), widest);
        vectors = shape.vectors;
      }
    } else if (size <= widest) {
      tiles[*lane] = {};
      vectors = llvm::divideCeil(size, shape.lanes);
    } else {
      tiles[*lane] = {widest};
      if (size % widest)
        tiles[*lane].push_back(size % widest);
      vectors = widest / shape.lanes;
    }
  }

  // Rows: the innermost other dimension first; a dot product, which loads a
  // vector for each row of both sides, takes a square.
  int64_t budget = std::max<int64_t>(accumulators / vectors, 1);
  int64_t limit = alongLanes ? shape.dotRows : std::min(shape.rows, budget);
  for (int64_t dim = sizes.size() - 1; dim >= 0; --dim) {
    if (isNoRow[dim])
      continue;
    int64_t rows =
        chooseRows(sizes[dim], std::min(limit, budget), shape.minRows);
    tiles[dim] = {rows};
    if (rows > 1 && (ShapedType::isDynamic(sizes[dim]) || sizes[dim] % rows))
      tiles[dim].push_back(1);
    budget /= rows;
    limit = budget;
    if (!alongLanes && loop && vectors * shape.lanes > 1 &&
        sizes[dim] >= shape.rows)
      limit = 1;
  }
  return tiles;
}

/// Whether iterating `next` right after `op` in one loop nest keeps what each
/// sees: they touch the same part of a shared buffer in the same iteration.
static bool canShareLoops(GenericOp op, GenericOp next,
                          ArrayRef<TileSizes> tiles, bool &sharesBuffer) {
  for (OpOperand &a : op->getOpOperands()) {
    for (OpOperand &b : next->getOpOperands()) {
      if (!isa<MemRefType>(a.get().getType()) ||
          !isa<MemRefType>(b.get().getType()) || !mayAlias(a.get(), b.get()))
        continue;
      if (!op.isDpsInit(&a) && !next.isDpsInit(&b))
        continue;
      AffineMap mapA = op.getMatchingIndexingMap(&a);
      AffineMap mapB = next.getMatchingIndexingMap(&b);
      if (a.get() != b.get() || mapA.getResults() != mapB.getResults())
        return false;
      for (auto [dim, sizes] : llvm::enumerate(tiles))
        if (!sizes.empty() && !mapA.isFunctionOfDim(dim))
          return false;
      sharesBuffer = true;
    }
  }
  return true;
}

/// Loads in the body of `next` that could see what `op` writes.
static bool bodyReads(GenericOp next, GenericOp op) {
  bool reads = false;
  next->walk([&](memref::LoadOp load) {
    for (Value init : op.getDpsInits())
      reads |= mayAlias(load.getMemRef(), init);
  });
  return reads;
}

static bool isReducedAlongLanes(GenericOp op) {
  std::optional<unsigned> lane = chooseLaneDim(op);
  return lane &&
         op.getIteratorTypesArray()[*lane] == utils::IteratorType::reduction;
}

static bool isDotProduct(GenericOp op) {
  std::optional<unsigned> loop = getProductReduction(op);
  return loop && loop == chooseLaneDim(op);
}

static bool join(Group &group, GenericOp next, const RegisterShape &shape,
                 OpBuilder &b) {
  // What reduces along the lanes wants whole vectors; the tile of a dot product
  // has fewer columns than that.
  if (isReducedAlongLanes(next) != isReducedAlongLanes(group.ops.front()) &&
      llvm::any_of(group.ops, isDotProduct))
    return false;
  SmallVector<TileSizes> tiles = chooseTiles(next, shape);
  unsigned shared = std::min(tiles.size(), group.tiles.size());
  // Dimensions beyond the shared ones are products' reductions.
  for (auto list : {ArrayRef(tiles), ArrayRef(group.tiles)})
    for (const TileSizes &sizes : list.drop_front(shared))
      if (!sizes.empty())
        return false;
  b.setInsertionPoint(next);
  SmallVector<OpFoldResult> sizes = getLoopSizes(b, next);
  for (unsigned dim = 0; dim < shared; ++dim) {
    if (tiles[dim].empty() != group.tiles[dim].empty())
      return false;
    if (!tiles[dim].empty() &&
        !isEqualConstantIntOrValue(sizes[dim], group.sizes[dim]))
      return false;
  }
  bool sharesBuffer = false;
  for (GenericOp op : group.ops)
    if (bodyReads(next, op) || bodyReads(op, next) ||
        !canShareLoops(op, next, tiles, sharesBuffer))
      return false;
  if (!sharesBuffer)
    return false;
  group.ops.push_back(next);
  // The product's tile is the one that must fit the registers.
  if (getProductReduction(next)) {
    for (unsigned dim = 0; dim < shared; ++dim)
      group.tiles[dim] = tiles[dim];
  }
  if (tiles.size() > group.tiles.size()) {
    group.tiles.append(tiles.begin() + shared, tiles.end());
    group.sizes.append(sizes.begin() + shared, sizes.end());
  }
  return true;
}

/// Clones the group's operations on the tiles at `offsets`.
static void emitTile(OpBuilder &b, const Group &group,
                     ArrayRef<OpFoldResult> offsets,
                     ArrayRef<OpFoldResult> tileSizes) {
  for (GenericOp op : group.ops) {
    unsigned loops = op.getNumLoops();
    SmallVector<OpFoldResult> bounds(group.sizes.begin(),
                                     group.sizes.begin() + loops);
    SmallVector<OpFoldResult> ivs(offsets.begin(), offsets.begin() + loops);
    SmallVector<OpFoldResult> sizes(tileSizes.begin(),
                                    tileSizes.begin() + loops);
    SmallVector<Value> operands = linalg::makeTiledShapes(
        b, op.getLoc(), cast<linalg::LinalgOp>(op.getOperation()),
        op->getOperands(), ivs, sizes, bounds, /*omitPartialTileCheck=*/true);
    // Not through a mapping: an operand may appear twice, with two maps.
    Operation *tiled = b.clone(*op.getOperation());
    tiled->setOperands(operands);
    linalg::offsetIndices(b, cast<linalg::LinalgOp>(tiled), ivs);
  }
}

static void emitLoops(OpBuilder &b, const Group &group, unsigned dim,
                      SmallVectorImpl<OpFoldResult> &offsets,
                      SmallVectorImpl<OpFoldResult> &tileSizes) {
  if (dim == group.tiles.size())
    return emitTile(b, group, offsets, tileSizes);
  Location loc = group.loc;
  const TileSizes &sizes = group.tiles[dim];
  offsets.push_back(b.getIndexAttr(0));
  if (sizes.empty()) {
    // makeTiledShapes takes 0 for a dimension that is not tiled.
    tileSizes.push_back(b.getIndexAttr(0));
    emitLoops(b, group, dim + 1, offsets, tileSizes);
  } else {
    OpFoldResult begin = b.getIndexAttr(0), end = group.sizes[dim];
    AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
    for (auto [i, size] : llvm::enumerate(sizes)) {
      // The part of the rest that whole tiles of this size fill.
      OpFoldResult segmentEnd =
          i + 1 == sizes.size()
              ? end
              : affine::makeComposedFoldedAffineApply(
                    b, loc, d0 + (d1 - d0).floorDiv(size) * size, {begin, end});
      auto constantBegin = getConstantIntValue(begin);
      auto constantEnd = getConstantIntValue(segmentEnd);
      OpBuilder::InsertionGuard guard(b);
      tileSizes.push_back(b.getIndexAttr(size));
      if (constantBegin && constantEnd &&
          *constantEnd - *constantBegin <= size) {
        if (*constantEnd > *constantBegin) {
          offsets.back() = begin;
          emitLoops(b, group, dim + 1, offsets, tileSizes);
        }
      } else {
        auto loop = scf::ForOp::create(
            b, loc, getValueOrCreateConstantIndexOp(b, loc, begin),
            getValueOrCreateConstantIndexOp(b, loc, segmentEnd),
            arith::ConstantIndexOp::create(b, loc, size));
        b.setInsertionPointToStart(loop.getBody());
        offsets.back() = loop.getInductionVar();
        emitLoops(b, group, dim + 1, offsets, tileSizes);
      }
      tileSizes.pop_back();
      begin = segmentEnd;
    }
    offsets.pop_back();
    return;
  }
  offsets.pop_back();
  tileSizes.pop_back();
}

/// Whether an operation between two of a group can stay before the group.
static bool isIndependentOfMemory(Operation &op) {
  return isMemoryEffectFree(&op) || isa<memref::AllocOp, memref::AllocaOp>(op);
}

/// Whether two operations can swap: neither writes a buffer that the other
/// touches.
static bool canSwap(GenericOp a, GenericOp b) {
  auto writes = [](GenericOp op, GenericOp other) {
    for (Value init : op.getDpsInits())
      for (Value operand : other->getOperands())
        if (isa<MemRefType>(operand.getType()) && mayAlias(operand, init))
          return true;
    return bodyReads(other, op);
  };
  return !writes(a, b) && !writes(b, a);
}

static bool canSwap(const Group &a, const Group &b) {
  for (GenericOp x : a.ops)
    for (GenericOp y : b.ops)
      if (!canSwap(x, y))
        return false;
  return true;
}

/// Lets `next` join the latest of the groups that it fits, if that group can
/// move down to it past the ones in between.
static bool joinOne(MutableArrayRef<Group> groups, GenericOp next,
                    const RegisterShape &shape, OpBuilder &b) {
  for (unsigned i = groups.size(); i-- > 0;) {
    ArrayRef<Group> between = groups.drop_front(i + 1);
    if (llvm::all_of(
            between,
            [&](const Group &group) { return canSwap(groups[i], group); }) &&
        join(groups[i], next, shape, b)) {
      std::rotate(groups.begin() + i, groups.begin() + i + 1, groups.end());
      return true;
    }
  }
  return false;
}

static void tileBlock(Block &block, const RegisterShape &shape) {
  SmallVector<Group> groups;
  // Groups before this one are closed: an operation with other effects came.
  unsigned firstOpen = 0;
  OpBuilder b(block.getParent()->getContext());
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto generic = dyn_cast<GenericOp>(op);
    if (!generic) {
      if (!isIndependentOfMemory(op))
        firstOpen = groups.size();
      continue;
    }
    if (joinOne(MutableArrayRef(groups).drop_front(firstOpen), generic, shape,
                b))
      continue;
    b.setInsertionPoint(generic);
    groups.push_back({generic.getLoc(),
                      {generic},
                      getLoopSizes(b, generic),
                      chooseTiles(generic, shape)});
  }
  for (Group &group : groups) {
    b.setInsertionPoint(group.ops.back());
    SmallVector<OpFoldResult> offsets, tileSizes;
    emitLoops(b, group, 0, offsets, tileSizes);
    for (GenericOp op : group.ops)
      op->erase();
  }
}

namespace {
struct AttnRegisterTile : attn::impl::AttnRegisterTileBase<AttnRegisterTile> {
  using AttnRegisterTileBase::AttnRegisterTileBase;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    if (failed(Pass::initializeOptions(options, errorHandler)))
      return failure();
    if (rows < 1 || vectors < 1)
      return errorHandler("the register tile is " + Twine(rows.getValue()) +
                          " rows x " + Twine(vectors.getValue()) +
                          " vectors, expected positive numbers");
    if (minRows < 1 || dotRows < 1 || wideRows < 0)
      return errorHandler("min-rows is " + Twine(minRows.getValue()) +
                          ", dot-rows " + Twine(dotRows.getValue()) +
                          " and wide-rows " + Twine(wideRows.getValue()) +
                          ", expected at least 1, 1 and 0");
    return verifyLanes(lanes, errorHandler);
  }

  void runOnOperation() override {
    RegisterShape shape{rows, vectors, lanes, minRows, dotRows, wideRows};
    func::FuncOp function = getOperation();
    if (!isKernel(function))
      return;
    if (failed(verifyOnBuffers(function)))
      return signalPassFailure();
    generalize(function);
    SmallVector<Block *> blocks;
    function->walk([&](Block *block) {
      if (!isa<linalg::LinalgOp>(block->getParentOp()))
        blocks.push_back(block);
    });
    for (Block *block : blocks)
      tileBlock(*block, shape);
  }

private:
  /// Fills and copies become linalg.generic like everything else.
  void generalize(func::FuncOp function) {
    IRRewriter rewriter(function.getContext());
    SmallVector<Operation *> ops;
    function->walk([&](Operation *op) {
      if (isa<linalg::FillOp, memref::CopyOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      rewriter.setInsertionPoint(op);
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        if (copy.getSource() != copy.getTarget())
          linalg::makeMemRefCopyOp(rewriter, op->getLoc(), copy.getSource(),
                                   copy.getTarget());
        rewriter.eraseOp(op);
        continue;
      }
      (void)linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op));
    }
  }
};
} // namespace
