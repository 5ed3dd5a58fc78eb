//===- Rotary.cpp - The operator RotaryEmbedding --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

namespace {
struct Rotary {
  /// B x S x H x D with `heads` third, or B x H x S x D.
  Value x;
  unsigned sequenceDim;
  Value cosines, sines, positions;
  bool isInterleaved;
  /// The leading features that are rotated.
  int64_t rotated;

  Value emit(OpBuilder &b, Location loc, ValueRange loops) const;
};
} // namespace

/// One feature: that of its pair which is rotated by the angle of the position.
Value Rotary::emit(OpBuilder &b, Location loc, ValueRange loops) const {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value feature = loops[3], half = number(rotated / 2), two = number(2);
  Value isRotated = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                          feature, number(rotated));
  // Features that are not rotated read any angle.
  Value inside = arith::SelectOp::create(b, loc, isRotated, feature, number(0));
  Value angle, isFirst, partner;
  if (isInterleaved) {
    angle = arith::DivUIOp::create(b, loc, inside, two);
    Value odd = arith::RemUIOp::create(b, loc, inside, two);
    isFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, odd, number(0));
    partner = arith::XOrIOp::create(b, loc, inside, number(1));
  } else {
    angle = arith::RemUIOp::create(b, loc, inside, half);
    isFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, inside, half);
    partner = arith::SelectOp::create(
        b, loc, isFirst, arith::AddIOp::create(b, loc, inside, half),
        arith::SubIOp::create(b, loc, inside, half));
  }
  SmallVector<Value> at{loops[0], loops[sequenceDim]};
  if (positions) {
    Value position =
        castScalar(b, loc, tensor::ExtractOp::create(b, loc, positions, at),
                   b.getIndexType());
    int64_t count = getShape(cosines)[0];
    cf::AssertOp::create(
        b, loc,
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, position,
                              number(count)),
        "a position is outside a cache of " + std::to_string(count));
    at = {position};
  }
  at.push_back(angle);
  SmallVector<Value> partnerAt(loops);
  partnerAt[3] = partner;
  Value self = tensor::ExtractOp::create(b, loc, x, loops);
  Value other = tensor::ExtractOp::create(b, loc, x, partnerAt);
  Value along = arith::MulFOp::create(
      b, loc, self, tensor::ExtractOp::create(b, loc, cosines, at));
  Value across = arith::MulFOp::create(
      b, loc, other, tensor::ExtractOp::create(b, loc, sines, at));
  Value turned = arith::SelectOp::create(
      b, loc, isFirst, arith::SubFOp::create(b, loc, along, across),
      arith::AddFOp::create(b, loc, along, across));
  return arith::SelectOp::create(b, loc, isRotated, turned, self);
}

static LogicalResult convertRotaryEmbedding(Node &node) {
  OpBuilder &b = node.b;
  Rotary rotary;
  rotary.x = node.getInput(0);
  rotary.cosines = node.getInput(1);
  rotary.sines = node.getInput(2);
  rotary.positions = node.getInput(3);
  SmallVector<int64_t> shape(getShape(rotary.x));
  Type element = getElement(rotary.x);
  rotary.isInterleaved = node.getInt("interleaved", 0) != 0;
  rotary.rotated = node.getInt("rotary_embedding_dim", 0);
  if (node.hasFailed())
    return failure();
  rotary.sequenceDim = 2;
  if (shape.size() == 3) {
    auto heads = node.getHeads("num_heads", shape[2]);
    if (failed(heads))
      return failure();
    rotary.x = reshape(b, node.loc, rotary.x,
                       {shape[0], shape[1], *heads, shape[2] / *heads});
    rotary.sequenceDim = 1;
  } else if (shape.size() == 4) {
    // The shape says it already.
    (void)node.getInt("num_heads", 0);
  } else {
    return node.fail("input 0 has rank " + Twine(shape.size()) +
                     ", expected 3 or 4");
  }
  ArrayRef<int64_t> sizes = getShape(rotary.x);
  if (rotary.rotated == 0)
    rotary.rotated = sizes[3];
  if (rotary.rotated < 0 || rotary.rotated > sizes[3] || rotary.rotated % 2)
    return node.failValue("rotary_embedding_dim", Twine(rotary.rotated),
                          "an even number up to " + Twine(sizes[3]));
  SmallVector<int64_t> cache{sizes[0], sizes[rotary.sequenceDim],
                             rotary.rotated / 2};
  if (rotary.positions) {
    if (!getElement(rotary.positions).isInteger() ||
        getShape(rotary.positions) != ArrayRef<int64_t>(cache).drop_back())
      return node.fail("position_ids are no integers of shape " +
                       formatShape(ArrayRef<int64_t>(cache).drop_back()));
    int64_t count = getRank(rotary.cosines) ? getShape(rotary.cosines)[0] : 0;
    cache = {count, rotary.rotated / 2};
  }
  for (Value tensor : {rotary.cosines, rotary.sines})
    if (getShape(tensor) != ArrayRef<int64_t>(cache) ||
        getElement(tensor) != element || !isa<FloatType>(element))
      return node.fail("a cache has shape " + formatShape(getShape(tensor)) +
                       ", expected " + formatShape(cache) +
                       " of the input's type");
  Value result =
      generate(b, node.loc, sizes, element,
               [&](OpBuilder &nested, Location loc, ValueRange loops) {
                 return rotary.emit(nested, loc, loops);
               });
  node.setOutput(0, reshape(b, node.loc, result, shape));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getRotaryOperators() {
  static const OperatorEntry entries[] = {
      {"RotaryEmbedding", 23, 3, convertRotaryEmbedding},
  };
  return entries;
}
