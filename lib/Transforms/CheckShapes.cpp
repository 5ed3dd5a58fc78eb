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
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHECKSHAPES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {

/// A tensor that a check speaks of and its sizes: of an operand all, of a
/// result those that its type declares.
struct Shape {
  StringRef name;
  RankedTensorType type;
  SmallVector<OpFoldResult> sizes;

  OpFoldResult operator[](unsigned dim) const { return sizes[dim]; }
};

/// A message of a check, in which sizes that are not known yet have numbers.
class Message {
public:
  Message &operator<<(const Twine &piece) {
    text += piece.str();
    return *this;
  }
  Message &operator<<(OpFoldResult size);
  Message &operator<<(const Shape &shape);

  std::string text;
  SmallVector<Value> values;
};

/// Emits the checks before one operation that its verifier could not make.
class ShapeChecker {
public:
  explicit ShapeChecker(Operation *op) : op(op), b(op), loc(op->getLoc()) {}

  Shape getOperand(StringRef name, Value value);
  static Shape getResult(StringRef name, Value value);

  void require(Value condition, const Message &message);
  /// `what` is the same in both; what a result's type leaves open always is.
  void requireSame(StringRef what, const Shape &first, unsigned firstDim,
                   const Shape &second, unsigned secondDim);

protected:
  Value value(OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(b, loc, size);
  }
  Value constant(int64_t number) {
    return arith::ConstantIndexOp::create(b, loc, number);
  }
  Value equal(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y);
  }

  Operation *op;
  OpBuilder b;
  Location loc;
};

class SDPAChecker : ShapeChecker {
public:
  explicit SDPAChecker(SDPAOp op) : ShapeChecker(op), op(op) {}

  void run();

private:
  /// A tensor of four logical dimensions.
  struct Operand {
    Shape shape;
    TensorLayout layout;

    unsigned dim(LogicalDim logical) const {
      return SDPAOp::getDim(layout, logical);
    }
    OpFoldResult operator[](LogicalDim logical) const {
      return shape[dim(logical)];
    }
  };

  void requireSame(StringRef what, LogicalDim dim, const Operand &first,
                   const Operand &second) {
    ShapeChecker::requireSame(what, first.shape, first.dim(dim), second.shape,
                              second.dim(dim));
  }
  void requireFeatures(const Operand &operand);
  void requireGroups(const Operand &query, const Operand &key);
  void requireBroadcast(StringRef name, Value operand, const Operand &query,
                        const Operand &key);
  void requirePerHead(StringRef name, Value operand, const Operand &query);

  SDPAOp op;
};

} // namespace

Message &Message::operator<<(OpFoldResult size) {
  if (!size)
    return *this << "?";
  if (auto known = getConstantIntValue(size))
    return *this << Twine(*known);
  auto at = llvm::find(values, cast<Value>(size));
  size_t number = at - values.begin();
  if (at == values.end())
    values.push_back(cast<Value>(size));
  return *this << "{" << Twine(number) << "}";
}

Message &Message::operator<<(const Shape &shape) {
  *this << "tensor<";
  for (OpFoldResult size : shape.sizes)
    *this << size << "x";
  std::string element;
  llvm::raw_string_ostream(element) << shape.type.getElementType();
  return *this << element << ">";
}

Shape ShapeChecker::getOperand(StringRef name, Value value) {
  return {name, cast<RankedTensorType>(value.getType()),
          tensor::getMixedSizes(b, loc, value)};
}

Shape ShapeChecker::getResult(StringRef name, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Shape shape{name, type, {}};
  Builder b(type.getContext());
  for (int64_t size : type.getShape())
    shape.sizes.push_back(ShapedType::isDynamic(size)
                              ? OpFoldResult()
                              : OpFoldResult(b.getIndexAttr(size)));
  return shape;
}

void ShapeChecker::require(Value condition, const Message &message) {
  AssertOp::create(
      b, loc, condition,
      ("'" + op->getName().getStringRef() + "' op " + message.text).str(),
      message.values);
}

void ShapeChecker::requireSame(StringRef what, const Shape &first,
                               unsigned firstDim, const Shape &second,
                               unsigned secondDim) {
  OpFoldResult x = first[firstDim], y = second[secondDim];
  if (!x || !y || (getConstantIntValue(x) && getConstantIntValue(y)))
    return;
  Message message;
  message << what << " of " << second.name << " is " << y << ", expected " << x
          << " as in " << first.name << ": " << second.name << " is " << second
          << ", " << first.name << " is " << first;
  require(equal(value(x), value(y)), message);
}

/// There is something to sum over.
void SDPAChecker::requireFeatures(const Operand &operand) {
  OpFoldResult size = operand[LogicalDim::Feature];
  if (getConstantIntValue(size))
    return;
  Message message;
  message << "head_dim of " << operand.shape.name << " " << operand.shape
          << " is 0, expected at least 1";
  require(arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value(size),
                                constant(0)),
          message);
}

/// The query heads are a multiple of the KV heads.
void SDPAChecker::requireGroups(const Operand &query, const Operand &key) {
  OpFoldResult queryHeads = query[LogicalDim::Head];
  OpFoldResult kvHeads = key[LogicalDim::Head];
  if (getConstantIntValue(queryHeads) && getConstantIntValue(kvHeads))
    return;
  Value zero = constant(0), heads = value(queryHeads);
  Value groups = arith::MaxUIOp::create(b, loc, value(kvHeads), constant(1));
  Value divides = equal(arith::RemUIOp::create(b, loc, heads, groups), zero);
  Value hasKeys = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                        value(kvHeads), zero);
  Value isEmpty = equal(heads, zero);
  Message message;
  message << "has " << queryHeads << " query heads and " << kvHeads
          << " KV heads, expected a multiple of the KV heads: query is "
          << query.shape << ", key is " << key.shape;
  require(arith::AndIOp::create(b, loc, divides,
                                arith::OrIOp::create(b, loc, hasKeys, isEmpty)),
          message);
}

void SDPAChecker::requireBroadcast(StringRef name, Value operand,
                                   const Operand &query, const Operand &key) {
  if (!operand)
    return;
  static constexpr StringRef dims[] = {"batch", "query heads", "queries",
                                       "keys"};
  OpFoldResult sizes[] = {query[LogicalDim::Batch], query[LogicalDim::Head],
                          query[LogicalDim::Sequence],
                          key[LogicalDim::Sequence]};
  Shape shape = getOperand(name, operand);
  for (unsigned i = 0; i < 4; ++i) {
    OpFoldResult found = shape[i];
    auto known = getConstantIntValue(found);
    if (known == 1 || (known && getConstantIntValue(sizes[i])))
      continue;
    Value isOne = equal(value(found), constant(1));
    Value isSame = equal(value(found), value(sizes[i]));
    Message message;
    message << name << " is " << shape << ", whose dimension " << Twine(i)
            << " of " << found << " does not broadcast to the " << sizes[i]
            << " " << dims[i] << " of query " << query.shape << " and key "
            << key.shape;
    require(arith::OrIOp::create(b, loc, isOne, isSame), message);
  }
}

void SDPAChecker::requirePerHead(StringRef name, Value operand,
                                 const Operand &query) {
  if (!operand)
    return;
  Shape shape = getOperand(name, operand);
  OpFoldResult heads = query[LogicalDim::Head];
  if (getConstantIntValue(shape[0]) && getConstantIntValue(heads))
    return;
  Message message;
  message << name << " is " << shape
          << ", expected one element for each query head of query "
          << query.shape;
  require(equal(value(shape[0]), value(heads)), message);
}

void SDPAChecker::run() {
  Operand query{getOperand("query", op.getQuery()), op.getQueryLayout()};
  Operand key{getOperand("key", op.getKey()), op.getKeyLayout()};
  Operand value{getOperand("value", op.getValue()), op.getValueLayout()};
  Operand output{getResult("output", op.getOutput()), op.getOutputLayout()};
  requireSame("batch", LogicalDim::Batch, query, key);
  requireSame("batch", LogicalDim::Batch, query, value);
  requireSame("head_dim", LogicalDim::Feature, query, key);
  requireSame("heads", LogicalDim::Head, key, value);
  requireSame("seqlen", LogicalDim::Sequence, key, value);
  requireFeatures(query);
  requireFeatures(value);
  requireGroups(query, key);
  requireBroadcast("bias", op.getBias(), query, key);
  requireBroadcast("keep", op.getKeep(), query, key);
  requirePerHead("alibi", op.getAlibi(), query);
  requirePerHead("sinks", op.getSinks(), query);
  requireSame("batch", LogicalDim::Batch, output, query);
  requireSame("heads", LogicalDim::Head, output, query);
  requireSame("seqlen", LogicalDim::Sequence, output, query);
  requireSame("head_dim", LogicalDim::Feature, output, value);
  if (!op.getLse())
    return;
  Shape lse = getResult("lse", op.getLse());
  for (auto [i, what, dim] : {std::tuple(0, "batch", LogicalDim::Batch),
                              {1, "heads", LogicalDim::Head},
                              {2, "seqlen", LogicalDim::Sequence}})
    ShapeChecker::requireSame(what, lse, i, query.shape, query.dim(dim));
}

static void check(MergeOp op) {
  ShapeChecker checker(op);
  Shape partials = checker.getOperand("partials", op.getPartials());
  Shape lses = checker.getOperand("partial_lses", op.getPartialLses());
  static constexpr StringRef dims[] = {"parts", "batch", "heads", "seqlen",
                                       "head_dim"};
  for (unsigned i = 0; i < 4; ++i)
    checker.requireSame(dims[i], partials, i, lses, i);
  Shape output = ShapeChecker::getResult("output", op.getOutput());
  for (unsigned i = 0; i < 4; ++i)
    checker.requireSame(dims[i + 1], output, i, partials, i + 1);
  if (!op.getLse())
    return;
  Shape lse = ShapeChecker::getResult("lse", op.getLse());
  for (unsigned i = 0; i < 3; ++i)
    checker.requireSame(dims[i + 1], lse, i, lses, i + 1);
}

/// What a cast claims to know must be so: its result is a view of that size.
static void check(tensor::CastOp op) {
  auto result = dyn_cast<RankedTensorType>(op.getType());
  // A region of an sdpa has no effects, and reads nothing by a type's word.
  if (!result || !isa<RankedTensorType>(op.getSource().getType()) ||
      op->getParentOfType<SDPAOp>())
    return;
  ShapeChecker checker(op);
  Shape source = checker.getOperand("the source", op.getSource());
  Shape declared = ShapeChecker::getResult("the result", op.getDest());
  for (int64_t i = 0; i < result.getRank(); ++i)
    checker.requireSame(("dimension " + Twine(i)).str(), declared, i, source,
                        i);
}

namespace {
struct AttnCheckShapes : attn::impl::AttnCheckShapesBase<AttnCheckShapes> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto sdpa = dyn_cast<SDPAOp>(op))
        SDPAChecker(sdpa).run();
      else if (auto merge = dyn_cast<MergeOp>(op))
        check(merge);
      else if (auto cast = dyn_cast<tensor::CastOp>(op))
        check(cast);
    });
  }
};
} // namespace
