//===- AttentionBuilder.cpp - attn.sdpa and its parts in linalg -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::onnx_import;

double AttentionParts::getScale() const {
  auto headDim = static_cast<double>(getSize(query, LogicalDim::Feature));
  return scale ? static_cast<double>(*scale) : 1 / std::sqrt(headDim);
}

LogicalResult mlir::attn::onnx_import::unifyOperands(Node &node,
                                                     AttentionParts &parts) {
  auto query = [&](LogicalDim dim) { return parts.getSize(parts.query, dim); };
  auto key = [&](LogicalDim dim) { return parts.getSize(parts.key, dim); };
  auto value = [&](LogicalDim dim) { return parts.getSize(parts.value, dim); };
  using D = LogicalDim;
  if (key(D::Head) == 0 || query(D::Head) % key(D::Head) != 0)
    return node.fail("there are " + Twine(query(D::Head)) +
                     " query heads, expected a multiple of the " +
                     Twine(key(D::Head)) + " heads of the key");
  if (query(D::Batch) != key(D::Batch) || key(D::Batch) != value(D::Batch) ||
      query(D::Feature) != key(D::Feature) || key(D::Head) != value(D::Head) ||
      key(D::Sequence) != value(D::Sequence))
    return node.fail("a query of shape " + formatShape(getShape(parts.query)) +
                     ", a key of " + formatShape(getShape(parts.key)) +
                     " and a value of " + formatShape(getShape(parts.value)) +
                     " do not fit each other");
  Type widest = getElement(parts.query);
  for (Value operand : {parts.query, parts.key, parts.value}) {
    auto type = dyn_cast<FloatType>(getElement(operand));
    if (!type)
      return node.fail("query, key or value have elements that are no floats");
    if (type == widest)
      continue;
    // f16 and bf16 meet in f32.
    auto other = cast<FloatType>(widest);
    if (type.getWidth() == other.getWidth())
      widest = node.b.getF32Type();
    else if (type.getWidth() > other.getWidth())
      widest = type;
  }
  for (Value *operand : {&parts.query, &parts.key, &parts.value})
    *operand = castTensor(node.b, node.loc, *operand, widest);
  return success();
}

/// Whether a position is kept by what depends on it alone; null where nothing
/// does.
static Value emitKeep(OpBuilder &b, Location loc, const AttentionParts &parts,
                      Value batch, Value query, Value key) {
  Value kept;
  auto keep = [&](arith::CmpIPredicate predicate, Value bound) {
    Value holds = arith::CmpIOp::create(b, loc, predicate, key, bound);
    kept =
        kept ? arith::AndIOp::create(b, loc, kept, holds).getResult() : holds;
  };
  auto add = [&](Value x, int64_t number) -> Value {
    if (number == 0)
      return x;
    return arith::AddIOp::create(
        b, loc, x, arith::ConstantIndexOp::create(b, loc, number));
  };
  int64_t queries = parts.getSize(parts.query, LogicalDim::Sequence);
  Value position = query;
  if (parts.nonpad) {
    Value count = castScalar(
        b, loc, tensor::ExtractOp::create(b, loc, parts.nonpad, batch),
        b.getIndexType());
    keep(arith::CmpIPredicate::slt, count);
    position = arith::AddIOp::create(b, loc, query, add(count, -queries));
  }
  position = add(position, parts.past);
  if (parts.isCausal)
    keep(arith::CmpIPredicate::sle, position);
  if (parts.windowLeft >= 0)
    keep(arith::CmpIPredicate::sge, add(position, -parts.windowLeft));
  if (parts.windowRight >= 0)
    keep(arith::CmpIPredicate::sle, add(position, parts.windowRight));
  return kept;
}

Value mlir::attn::onnx_import::buildSDPA(Node &node,
                                         const AttentionParts &parts) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  MLIRContext *context = b.getContext();
  SmallVector<int64_t> shape(4);
  auto setSize = [&](Value operand, LogicalDim dim) {
    shape[SDPAOp::getDim(parts.layout, dim)] = parts.getSize(operand, dim);
  };
  setSize(parts.query, LogicalDim::Batch);
  setSize(parts.query, LogicalDim::Head);
  setSize(parts.query, LogicalDim::Sequence);
  setSize(parts.value, LogicalDim::Feature);
  auto layout = TensorLayoutAttr::get(context, parts.layout);
  bool hasWindow = parts.windowLeft >= 0 || parts.windowRight >= 0;
  // Positions that differ between batches are a matter of the mask region.
  bool hasShortForm = !parts.nonpad && (parts.isCausal || hasWindow);
  CausalAlignmentAttr causal;
  Value offset;
  if (hasShortForm && parts.isCausal)
    causal = CausalAlignmentAttr::get(
        context, parts.past == 0 ? CausalAlignment::TopLeft
                                 : CausalAlignment::BottomRight);
  if (hasShortForm && (parts.past != 0 || !parts.isCausal))
    offset = arith::ConstantIndexOp::create(b, loc, parts.past);
  auto op = SDPAOp::create(
      b, loc, RankedTensorType::get(shape, getElement(parts.query)),
      /*lse=*/Type(), parts.query, parts.key, parts.value, offset, parts.bias,
      parts.keep, /*alibi=*/Value(), /*sinks=*/Value(),
      parts.scale ? b.getF32FloatAttr(*parts.scale) : FloatAttr(), causal,
      hasShortForm && hasWindow
          ? b.getDenseI64ArrayAttr({parts.windowLeft, parts.windowRight})
          : DenseI64ArrayAttr(),
      parts.softcap > 0 ? b.getF32FloatAttr(parts.softcap) : FloatAttr(),
      /*deterministic=*/UnitAttr(), /*allow_tf32=*/UnitAttr(), layout, layout,
      layout, layout,
      /*schedule=*/ScheduleAttr(), /*gpu_schedule=*/GPUScheduleAttr());
  if (parts.nonpad) {
    OpBuilder::InsertionGuard guard(b);
    Type index = b.getIndexType();
    Block *block = b.createBlock(&op.getMask(), op.getMask().end(),
                                 {index, index, index, index},
                                 SmallVector<Location>(4, loc));
    Value kept = emitKeep(b, loc, parts, block->getArgument(0),
                          block->getArgument(2), block->getArgument(3));
    YieldOp::create(b, loc, kept);
  }
  return op.getOutput();
}

/// B, S, H, D or B, H, S, D to B, H, S, D.
static Value toBHSD(Node &node, Value tensor, TensorLayout layout) {
  if (layout == TensorLayout::BHSD)
    return tensor;
  return transpose(node.b, node.loc, tensor, {0, 2, 1, 3});
}

/// B x Hq x ... to B x Hkv x group x ...
static Value splitHeads(Node &node, Value tensor, int64_t kvHeads) {
  SmallVector<int64_t> shape(getShape(tensor));
  int64_t heads = shape[1];
  shape[1] = kvHeads;
  shape.insert(shape.begin() + 2, heads / kvHeads);
  return reshape(node.b, node.loc, tensor, shape);
}

Value mlir::attn::onnx_import::buildScores(Node &node,
                                           const AttentionParts &parts) {
  OpBuilder &b = node.b;
  Type type = getAccumulator(getElement(parts.query));
  Value query = toBHSD(node, parts.query, parts.layout);
  Value key = toBHSD(node, parts.key, parts.layout);
  query = splitHeads(node, query, getShape(key)[1]);
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(6, dims, b.getContext());
  };
  // Loops: batch, KV head, head of its group, query, key, feature.
  SmallVector<int64_t> shape(getShape(query).drop_back());
  shape.push_back(getShape(key)[2]);
  Value products =
      contract(b, node.loc, query, key,
               {map({0, 1, 2, 3, 5}), map({0, 1, 4, 5}), map({0, 1, 2, 3, 4})},
               shape, type);
  double scale = parts.getScale();
  Value scaled = elementwiseTo(
      b, node.loc, shape, products, type,
      [&](OpBuilder &nested, Location loc, ValueRange v) -> Value {
        return arith::MulFOp::create(nested, loc, v[0],
                                     scalarConstant(nested, loc, type, scale));
      });
  return reshape(b, node.loc, scaled, parts.getScoreShape());
}

Value mlir::attn::onnx_import::buildSoftcap(Node &node, Value scores,
                                            float softcap) {
  Type type = getElement(scores);
  return elementwiseTo(node.b, node.loc, getShape(scores), scores, type,
                       [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
                         Value cap = scalarConstant(b, loc, type, softcap);
                         Value ratio = arith::DivFOp::create(b, loc, v[0], cap);
                         return arith::MulFOp::create(
                             b, loc, math::TanhOp::create(b, loc, ratio), cap);
                       });
}

Value mlir::attn::onnx_import::buildMasked(Node &node,
                                           const AttentionParts &parts,
                                           Value scores) {
  Type type = getElement(scores);
  SmallVector<Value> inputs{scores};
  for (Value tensor : {parts.bias, parts.keep})
    if (tensor)
      inputs.push_back(tensor);
  return elementwiseTo(
      node.b, node.loc, getShape(scores), inputs, type,
      [&](OpBuilder &b, Location loc, ValueRange v) -> Value {
        Value result = v[0];
        if (parts.bias)
          result = arith::AddFOp::create(b, loc, result,
                                         castScalar(b, loc, v[1], type));
        Value kept = emitKeep(b, loc, parts, linalg::IndexOp::create(b, loc, 0),
                              linalg::IndexOp::create(b, loc, 2),
                              linalg::IndexOp::create(b, loc, 3));
        if (parts.keep)
          kept = kept
                     ? arith::AndIOp::create(b, loc, kept, v.back()).getResult()
                     : v.back();
        if (!kept)
          return result;
        return arith::SelectOp::create(b, loc, kept, result,
                                       scalarConstant(b, loc, type, -INFINITY));
      });
}

Value mlir::attn::onnx_import::buildWeights(Node &node, Value scores) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Type type = getElement(scores);
  Value max = reduce(b, loc, scores, 3, /*keepDims=*/true,
                     scalarConstant(b, loc, type, -INFINITY),
                     [](OpBuilder &nested, Location at, ValueRange v) -> Value {
                       return arith::MaximumFOp::create(nested, at, v[0], v[1]);
                     });
  Value weights = softmax(b, loc, scores, 3);
  return elementwiseTo(
      b, loc, getShape(scores), {weights, max}, type,
      [&](OpBuilder &nested, Location at, ValueRange v) -> Value {
        Value isEmpty =
            arith::CmpFOp::create(nested, at, arith::CmpFPredicate::OEQ, v[1],
                                  scalarConstant(nested, at, type, -INFINITY));
        return arith::SelectOp::create(
            nested, at, isEmpty, scalarConstant(nested, at, type, 0), v[0]);
      });
}

Value mlir::attn::onnx_import::buildWeighted(Node &node,
                                             const AttentionParts &parts,
                                             Value weights,
                                             linalg::LinalgOp &product) {
  OpBuilder &b = node.b;
  Value value = toBHSD(node, parts.value, parts.layout);
  SmallVector<int64_t> shape(getShape(weights));
  shape[3] = getShape(value)[3];
  weights = splitHeads(node, weights, getShape(value)[1]);
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(6, dims, b.getContext());
  };
  SmallVector<int64_t> grouped(getShape(weights).drop_back());
  grouped.push_back(shape[3]);
  Type type = getElement(value);
  Value sum =
      contract(b, node.loc, weights, value,
               {map({0, 1, 2, 3, 4}), map({0, 1, 4, 5}), map({0, 1, 2, 3, 5})},
               grouped, getAccumulator(getElement(weights)));
  product = sum.getDefiningOp<linalg::LinalgOp>();
  return reshape(b, node.loc, castTensor(b, node.loc, sum, type), shape);
}
