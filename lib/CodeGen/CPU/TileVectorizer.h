//===- TileVectorizer.h - Unrolls a linalg op on a tile ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_TILEVECTORIZER_H
#define ATTN_LIB_CODEGEN_CPU_TILEVECTORIZER_H

#include "Lanes.h"
#include "PairProduct.h"
#include "RegisterFile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>

namespace mlir::attn {

/// The combiner of a reduction into an output, from what the body yields.
std::optional<vector::CombiningKind> getCombiner(linalg::GenericOp op,
                                                 OpOperand &init);

/// The pass's options.
struct VectorTarget {
  /// f32 elements in a vector register.
  int64_t lanes;
  /// Accumulators of a tile with so few products an iteration that the loop's
  /// own instructions count.
  int64_t smallTile;
  /// Iterations along the lanes up to which their loop is written out.
  int64_t dotIterations;
  /// How far ahead of its loads a product of few rows asks for memory.
  int64_t prefetchBytes;
  /// Whether there are dot products of bf16 pairs (AVX512_BF16).
  bool hasDotBF16;
};

/// Unrolls one linalg.generic on a register tile.
class TileVectorizer {
public:
  TileVectorizer(linalg::GenericOp op, const VectorTarget &target,
                 RegisterFile &registers,
                 SmallVectorImpl<scf::ForOp> &smallLoops)
      : op(op), b(op), loc(op.getLoc()), target(target), lanes(target.lanes),
        registers(registers), smallLoops(smallLoops),
        sizes(getIterationSizes(op)), lane(chooseLaneDim(op)),
        loop(getProductReduction(op)), pairProduct(getPairProduct(op)),
        transpose(getTransposeDims(op)) {
    if (transpose)
      lane = transpose->stored;
  }

  LogicalResult run();

private:
  /// A vector of the tile: where each unrolled dimension stands, and the first
  /// lane. `lane` of the offsets holds the first lane.
  struct Point {
    SmallVector<int64_t> offsets;
    int64_t width;
  };
  /// An element or vector of an operand: the operand and its indices, by
  /// iteration offsets of the dimensions that it depends on.
  using Key = std::pair<unsigned, SmallVector<int64_t>>;

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  bool variesAlongLanes(OpOperand &operand) {
    return lane && op.getMatchingIndexingMap(&operand).isFunctionOfDim(*lane);
  }
  Key getKey(OpOperand &operand, const Point &point);
  /// Where a point's element or vector lies in an operand that the reduction
  /// of a product does not index.
  SmallVector<int64_t> getPlace(OpOperand &operand, const Point &point) {
    SmallVector<int64_t> at;
    for (AffineExpr result : op.getMatchingIndexingMap(&operand).getResults())
      at.push_back(point.offsets[cast<AffineDimExpr>(result).getPosition()]);
    return at;
  }
  Value load(OpOperand &operand, const Point &point, Value iteration,
             int64_t width);
  void store(OpOperand &operand, const Point &point, Value value);
  /// The same for a value of any shape from the point's place on.
  Value loadPlace(OpOperand &operand, const Point &point, Type type);
  void storePlace(OpOperand &operand, const Point &point, Value value);
  Value createLoad(Value memref, ValueRange indices, Type type);
  void prefetch(Value memref, ArrayRef<Value> indices);
  int64_t getRun(OpOperand &init, ArrayRef<Point> rows, int64_t begin,
                 int64_t end);
  SmallVector<Value> getIndices(OpOperand &operand, const Point &point,
                                Value iteration);
  SmallVector<Point> getPoints(int64_t laneBegin, int64_t laneEnd);
  Value loadPairs(OpOperand &operand, const Point &point, Value iteration);
  void compute(const Point &point, Value iteration,
               std::map<Key, Value> &inputs, std::map<Key, Value> &outputs);
  LogicalResult unroll();
  LogicalResult loopOverReduction();
  LogicalResult dotProduct();
  LogicalResult transposeBlock();
  /// The outputs of all points, loaded before the tile.
  std::map<Key, Value> loadOutputs(ArrayRef<Point> points);
  void storeOutputs(ArrayRef<Point> points, std::map<Key, Value> &outputs);
  bool isLaneReduced(OpOperand &init) {
    return lane && !variesAlongLanes(init) &&
           op.getIteratorTypesArray()[*lane] == utils::IteratorType::reduction;
  }

  linalg::GenericOp op;
  OpBuilder b;
  Location loc;
  const VectorTarget &target;
  int64_t lanes;
  RegisterFile &registers;
  /// Loops over products that are worth unrolling, once all is vectorised.
  SmallVectorImpl<scf::ForOp> &smallLoops;
  SmallVector<int64_t> sizes;
  std::optional<unsigned> lane, loop;
  std::optional<PairProduct> pairProduct;
  /// The vectors of pairs with their pairs in one dimension.
  Value flatPairs;
  std::optional<TransposeDims> transpose;
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_TILEVECTORIZER_H
