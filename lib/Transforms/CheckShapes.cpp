//===- CheckShapes.cpp - Check dynamic shapes when they are known ---------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHECKSHAPES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {

/// Emits the checks of one sdpa that its verifier could not make.
class ShapeChecker {
public:
  explicit ShapeChecker(SDPAOp op) : op(op), b(op), loc(op.getLoc()) {}

  void run();

private:
  struct Operand {
    StringRef name;
    Value value;
    TensorLayout layout;
  };

  OpFoldResult size(const Operand &operand, LogicalDim dim) {
    return op.getSize(b, loc, operand.value, operand.layout, dim);
  }
  Value value(OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(b, loc, size);
  }
  void require(Value condition, const Twine &message) {
    cf::AssertOp::create(b, loc, condition,
                         ("'attn.sdpa' op " + message).str());
  }
  Value equal(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y);
  }
  void requireSame(StringRef what, LogicalDim dim, const Operand &a,
                   const Operand &b);
  void requireGroups(const Operand &query, const Operand &key);
  void requireBroadcast(StringRef name, Value operand,
                        ArrayRef<OpFoldResult> sizes);
  void requirePerHead(StringRef name, Value operand, OpFoldResult heads);

  SDPAOp op;
  OpBuilder b;
  Location loc;
};

} // namespace

void ShapeChecker::requireSame(StringRef what, LogicalDim dim,
                               const Operand &first, const Operand &second) {
  OpFoldResult x = size(first, dim), y = size(second, dim);
  if (getConstantIntValue(x) && getConstantIntValue(y))
    return;
  require(equal(value(x), value(y)),
          what + " of " + second.name + " is not that of " + first.name);
}

/// The query heads are a multiple of the KV heads.
void ShapeChecker::requireGroups(const Operand &query, const Operand &key) {
  OpFoldResult queryHeads = size(query, LogicalDim::Head);
  OpFoldResult kvHeads = size(key, LogicalDim::Head);
  if (getConstantIntValue(queryHeads) && getConstantIntValue(kvHeads))
    return;
  Value zero = value(b.getIndexAttr(0)), one = value(b.getIndexAttr(1));
  Value heads = value(queryHeads);
  Value groups = arith::MaxUIOp::create(b, loc, value(kvHeads), one);
  Value divides = equal(arith::RemUIOp::create(b, loc, heads, groups), zero);
  Value hasKeys = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                        value(kvHeads), zero);
  Value isEmpty = equal(heads, zero);
  require(arith::AndIOp::create(b, loc, divides,
                                arith::OrIOp::create(b, loc, hasKeys, isEmpty)),
          "the query heads are not a multiple of the KV heads");
}

void ShapeChecker::requireBroadcast(StringRef name, Value operand,
                                    ArrayRef<OpFoldResult> sizes) {
  if (!operand)
    return;
  static constexpr StringRef dims[] = {"batch", "query heads", "queries",
                                       "keys"};
  Value one = value(b.getIndexAttr(1));
  for (unsigned i = 0; i < 4; ++i) {
    OpFoldResult found = tensor::getMixedSize(b, loc, operand, i);
    auto known = getConstantIntValue(found);
    if (known == 1 || (known && getConstantIntValue(sizes[i])))
      continue;
    Value isOne = equal(value(found), one);
    Value isSame = equal(value(found), value(sizes[i]));
    require(arith::OrIOp::create(b, loc, isOne, isSame),
            "dimension " + Twine(i) + " of " + name +
                " does not broadcast to the " + dims[i]);
  }
}

void ShapeChecker::requirePerHead(StringRef name, Value operand,
                                  OpFoldResult heads) {
  if (!operand)
    return;
  OpFoldResult found = tensor::getMixedSize(b, loc, operand, 0);
  if (getConstantIntValue(found) && getConstantIntValue(heads))
    return;
  require(equal(value(found), value(heads)),
          name + " has not one element for each query head");
}

void ShapeChecker::run() {
  Operand query{"query", op.getQuery(), op.getQueryLayout()};
  Operand key{"key", op.getKey(), op.getKeyLayout()};
  Operand value{"value", op.getValue(), op.getValueLayout()};
  requireSame("batch", LogicalDim::Batch, query, key);
  requireSame("batch", LogicalDim::Batch, query, value);
  requireSame("head_dim", LogicalDim::Feature, query, key);
  requireSame("heads", LogicalDim::Head, key, value);
  requireSame("seqlen", LogicalDim::Sequence, key, value);
  requireGroups(query, key);
  OpFoldResult heads = size(query, LogicalDim::Head);
  SmallVector<OpFoldResult> scores{size(query, LogicalDim::Batch), heads,
                                   size(query, LogicalDim::Sequence),
                                   size(key, LogicalDim::Sequence)};
  requireBroadcast("bias", op.getBias(), scores);
  requireBroadcast("keep", op.getKeep(), scores);
  requirePerHead("alibi", op.getAlibi(), heads);
  requirePerHead("sinks", op.getSinks(), heads);
}

namespace {
struct AttnCheckShapes : attn::impl::AttnCheckShapesBase<AttnCheckShapes> {
  void runOnOperation() override {
    getOperation()->walk([](SDPAOp op) { ShapeChecker(op).run(); });
  }
};
} // namespace
