//===- AttentionTiler.h - Tiles one sdpa ------------------------*- C++ -*-===//
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
// With `paired` scores the Q tile is bf16, panel x head_dim/2 x query x 2, and
// a tile of keys key x head_dim/2 x 2.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ATTENTIONTILER_H
#define ATTN_LIB_TRANSFORMS_ATTENTIONTILER_H

#include "SDPATiler.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {

/// Builds the tiled form of one sdpa.
class AttentionTiler : private SDPATiler {
public:
  AttentionTiler(SDPAOp op, ScheduleAttr schedule)
      : SDPATiler(op, schedule.getKvSplits()), schedule(schedule),
        lanes(schedule.getQueries() == QueryPlacement::Lanes),
        paired(schedule.getPaired() == PairedProducts::Scores),
        masked(hasMask(op)) {}

  /// The results that replace those of the op.
  SmallVector<Value> tile();

private:
  static constexpr auto parallel = utils::IteratorType::parallel;
  static constexpr auto reduction = utils::IteratorType::reduction;

  using Body = function_ref<SmallVector<Value>(OpBuilder &, ValueRange)>;

  /// The online softmax's state: running maximum (log2), running sum and
  /// unnormalised output of each query.
  struct State {
    Value max, sum, output;
    SmallVector<Value> values() const { return {max, sum, output}; }
  };

  //===--- Small builders -------------------------------------------------===//
  Value empty(ArrayRef<OpFoldResult> sizes) {
    return tensor::EmptyOp::create(b, loc, sizes, f32);
  }
  Value empty(ArrayRef<int64_t> sizes) {
    return tensor::EmptyOp::create(b, loc, sizes, f32);
  }
  /// `value` in the element type of `init`.
  Value fill(double value, Value init) {
    Type element = getElementTypeOrSelf(init.getType());
    TypedAttr attribute =
        isa<FloatType>(element)
            ? TypedAttr(b.getFloatAttr(element, value))
            : b.getIntegerAttr(element, static_cast<int64_t>(value));
    Value filler = arith::ConstantOp::create(b, loc, attribute);
    return linalg::FillOp::create(b, loc, filler, init).getResult(0);
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
  struct HeadAndQuery {
    Value head, query, storedQuery;
  };
  HeadAndQuery getHeadAndQuery(OpBuilder &nested, unsigned rank);

  /// One head's rows [start, start + length) as a matrix, without a copy.
  Value sliceHead(Value operand, TensorLayout layout, OpFoldResult head,
                  OpFoldResult start, OpFoldResult length, int64_t features) {
    return slice(operand, layout, head, b.getIndexAttr(1), /*dropHead=*/true,
                 start, length, features);
  }
  Value toF32(Value matrix, int64_t maxRows);
  OpFoldResult panelCount(int64_t panel);
  /// Part of one panel of a tile.
  struct PanelRange {
    SmallVector<OpFoldResult> offsets, sizes, strides;
  };
  PanelRange panelRange(Value tile, int64_t panel, OpFoldResult begin,
                        OpFoldResult count);
  Value panelSlice(Value tile, int64_t panel, OpFoldResult begin,
                   OpFoldResult count);
  Value insertPanel(Value lanes, Value tile, int64_t panel, OpFoldResult begin,
                    OpFoldResult count);
  Value packQueries();
  Value packQueryRows(Value init);
  Value packQueryPairs();
  Value pairFeatures(Value matrix);
  Value loadKeys(Value keyStart, OpFoldResult keyCount);
  Value transposeScores(Value tensor, Value tile, Value keyStart,
                        OpFoldResult keyCount);
  Value broadcastScores(Value tensor, Value tile, Value keyStart);
  Value loadScoreTensor(Value tensor, Value keyStart, OpFoldResult keyCount);
  /// Tiles of the tensors that change or mask scores; null where the scores
  /// read the tensor itself.
  struct ScoreTensors {
    Value bias, keep;
  };
  Value multiplyPairs(Value keyTile, Value scores);
  Value multiplyKeys(Value keyTile, Value scores);
  Value scaled(OpBuilder &nested, Value output, Value inverse);
  Value storePanels(Value inverse, Value output, Value destination,
                    ArrayRef<LogicalDim> dims);
  State initState();
  State step(State state, Value keyStart, Value keyEnd);
  std::pair<Value, Value> scores(Value keyTile, ScoreTensors tensors,
                                 Value tile, Value max, Value keyStart,
                                 bool applyMask);
  SmallVector<Value> stateIndices(ArrayRef<LogicalDim> dims);
  Value storeOutput(State state, Value destination, ArrayRef<LogicalDim> dims);
  Value storeLse(State state, Value destination, ArrayRef<LogicalDim> dims);
  std::pair<Value, Value> classify(Value keyStart, Value keyCount);

  ScheduleAttr schedule;
  bool lanes, paired, masked;

  int64_t panels = 1, rows = 1, groupSize = 0;
  Value scale;
  // Of the current tile.
  Value queryTile;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_ATTENTIONTILER_H
