//===- BodyVectorizer.h - A linalg body on vectors --------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_BODYVECTORIZER_H
#define ATTN_LIB_CODEGEN_CPU_BODYVECTORIZER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::attn {

/// Evaluates the body of a linalg.generic for `width` neighbouring positions of
/// the lane dimension. What is the same for all lanes stays scalar. An scf.if
/// whose condition differs between lanes is evaluated under a mask: loads in
/// it are only executed for the lanes that take the branch.
class BodyVectorizer {
public:
  BodyVectorizer(OpBuilder &b, Location loc, linalg::GenericOp op,
                 std::optional<unsigned> lane, int64_t width)
      : b(b), loc(loc), op(op), lane(lane), width(width) {}

  /// The position of an iteration dimension: of its first lane for the lane
  /// dimension.
  void setIndex(unsigned dim, Value index) { indices[dim] = index; }
  void bind(BlockArgument argument, Value value) {
    values.map(argument, value);
  }
  /// What the body yields, each a scalar or a vector.
  SmallVector<Value> run();

private:
  bool isVector(Value value) { return isa<VectorType>(value.getType()); }
  Value broadcast(Value value);
  Value lookup(Value value) { return values.lookupOrDefault(value); }
  void visitBlock(Block &block, Value mask);
  void visit(Operation *nested, Value mask);
  void visitElementwise(Operation *nested, Value mask);
  /// An operation that has no form on vectors, for each lane on its own.
  void visitByLane(Operation *nested);
  void visitIf(scf::IfOp branch, Value mask);
  Value visitLoad(memref::LoadOp load, Value mask);
  Value guardedScalarLoad(memref::LoadOp load, ValueRange indices, Value mask);
  Value both(Value x, Value y);
  /// An integer that grows evenly from lane to lane: base + factor * lane.
  struct LaneSequence {
    Value base;
    int64_t factor;
  };
  std::optional<LaneSequence> getLaneSequence(Value original);
  /// A comparison of lane sequences, on the lane's number: the positions
  /// themselves would be vectors of 64-bit integers.
  Value compareSequences(arith::CmpIOp op);

  OpBuilder &b;
  Location loc;
  linalg::GenericOp op;
  std::optional<unsigned> lane;
  int64_t width;
  llvm::SmallDenseMap<unsigned, Value> indices;
  IRMapping values;
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_BODYVECTORIZER_H
