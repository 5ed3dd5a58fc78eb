//===- ScoreModification.cpp - Scalar code of an sdpa's variant -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreModification.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::modifiesScore(SDPAOp op) {
  return op.getSoftcap() || op.hasScoreRegion() || op.getAlibi() ||
         op.getBias();
}

bool mlir::attn::hasMask(SDPAOp op) {
  return op.getCausal() || op.getWindowLeft() >= 0 ||
         op.getWindowRight() >= 0 || op.getKeep() || op.hasMaskRegion();
}

Value mlir::attn::emitQueryShift(OpBuilder &b, Location loc, SDPAOp op) {
  if (Value offset = op.getQueryOffset())
    return offset;
  if (op.getCausal() == CausalAlignment::TopLeft)
    return arith::ConstantIndexOp::create(b, loc, 0);
  Value queries = getValueOrCreateConstantIndexOp(
      b, loc,
      op.getSize(b, loc, op.getQuery(), op.getQueryLayout(),
                 LogicalDim::Sequence));
  Value keys = getValueOrCreateConstantIndexOp(
      b, loc,
      op.getSize(b, loc, op.getKey(), op.getKeyLayout(), LogicalDim::Sequence));
  return b.createOrFold<arith::SubIOp>(loc, keys, queries);
}

Value mlir::attn::emitScale(OpBuilder &b, Location loc, SDPAOp op) {
  FloatType type = op.getAccumulatorType();
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  };
  if (auto scale = op.getScale())
    return constant(scale->convertToDouble());
  if (int64_t headDim = op.getStaticHeadDim(); !ShapedType::isDynamic(headDim))
    return constant(1.0 / std::sqrt(static_cast<double>(headDim)));
  Value headDim = getValueOrCreateConstantIndexOp(
      b, loc,
      op.getSize(b, loc, op.getQuery(), op.getQueryLayout(),
                 LogicalDim::Feature));
  Value asInt = arith::IndexCastOp::create(b, loc, b.getI64Type(), headDim);
  Value asFloat = arith::SIToFPOp::create(b, loc, type, asInt);
  return arith::DivFOp::create(b, loc, constant(1.0),
                               math::SqrtOp::create(b, loc, asFloat));
}

Value mlir::attn::getBroadcastIndex(OpBuilder &b, Location loc, Value tensor,
                                    unsigned dim, Value index) {
  int64_t size = cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
  if (size != 1 && !ShapedType::isDynamic(size))
    return index;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  if (size == 1)
    return zero;
  // A dynamic dimension may turn out to be one that broadcasts.
  Value dynamicSize = tensor::DimOp::create(b, loc, tensor, dim);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value broadcasts =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, dynamicSize, one);
  return arith::SelectOp::create(b, loc, broadcasts, zero, index);
}

Value mlir::attn::extractBroadcast(OpBuilder &b, Location loc, Value tensor,
                                   ScorePosition position) {
  SmallVector<Value> indices{position.batch, position.head,
                             position.storedQuery, position.getStoredKey()};
  for (auto [dim, index] : llvm::enumerate(indices))
    index = getBroadcastIndex(b, loc, tensor, dim, index);
  return tensor::ExtractOp::create(b, loc, tensor, indices);
}

/// Whether a region of the op reads a tensor. Both regions then see the query
/// whose elements are stored: the mask guards the loads of the score at the
/// very position that it was asked about.
static bool readsTensors(SDPAOp op) {
  auto takesTensor = [](Operation *nested) {
    return llvm::any_of(nested->getOperandTypes(), llvm::IsaPred<TensorType>)
               ? WalkResult::interrupt()
               : WalkResult::advance();
  };
  return op.getScore().walk(takesTensor).wasInterrupted() ||
         op.getMask().walk(takesTensor).wasInterrupted();
}

/// Clones the body of one of the op's regions for a position and returns what
/// it yields. `arguments` are those before batch, head, query and key.
static Value inlineRegion(OpBuilder &b, SDPAOp op, Region &region,
                          ValueRange arguments, ScorePosition position) {
  SmallVector<Value> values(arguments);
  bool isStored = readsTensors(op);
  values.append({position.batch, position.head,
                 isStored ? position.storedQuery : position.query,
                 isStored ? position.getStoredKey() : position.key});
  IRMapping mapping;
  mapping.map(region.getArguments(), values);
  for (Operation &nested : region.front().without_terminator())
    b.clone(nested, mapping);
  return mapping.lookupOrDefault(region.front().getTerminator()->getOperand(0));
}

Value mlir::attn::emitKeep(OpBuilder &b, Location loc, SDPAOp op,
                           Value queryShift, ScorePosition position) {
  Value keep;
  auto also = [&](Value condition) {
    keep =
        keep ? b.createOrFold<arith::AndIOp>(loc, keep, condition) : condition;
  };
  auto compare = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(b, loc, predicate, lhs, rhs);
  };
  auto shifted = [&](int64_t by) -> Value {
    Value at = b.createOrFold<arith::AddIOp>(loc, position.query, queryShift);
    return by ? b.createOrFold<arith::AddIOp>(
                    loc, at, arith::ConstantIndexOp::create(b, loc, by))
              : at;
  };
  if (op.getCausal())
    also(compare(arith::CmpIPredicate::sle, position.key, shifted(0)));
  if (op.getWindowLeft() >= 0)
    also(compare(arith::CmpIPredicate::sge, position.key,
                 shifted(-op.getWindowLeft())));
  if (op.getWindowRight() >= 0)
    also(compare(arith::CmpIPredicate::sle, position.key,
                 shifted(op.getWindowRight())));
  if (Value tensor = op.getKeep())
    also(position.keep ? position.keep
                       : extractBroadcast(b, loc, tensor, position));
  if (op.hasMaskRegion())
    also(inlineRegion(b, op, op.getMask(), {}, position));
  return keep;
}

Value mlir::attn::emitScore(OpBuilder &b, Location loc, SDPAOp op,
                            Value queryShift, Value score,
                            ScorePosition position) {
  FloatType type = op.getAccumulatorType();
  auto toAccumulator = [&](Value value) {
    return convertScalarToDtype(b, loc, value, type, /*isUnsignedCast=*/false);
  };
  if (auto softcap = op.getSoftcap()) {
    Value cap = arith::ConstantOp::create(
        b, loc, b.getFloatAttr(type, softcap->convertToDouble()));
    Value inverse = arith::ConstantOp::create(
        b, loc, b.getFloatAttr(type, 1.0 / softcap->convertToDouble()));
    Value ratio = arith::MulFOp::create(b, loc, score, inverse);
    score =
        arith::MulFOp::create(b, loc, cap, math::TanhOp::create(b, loc, ratio));
  }
  if (op.hasScoreRegion())
    score = inlineRegion(b, op, op.getScore(), score, position);
  if (Value slopes = op.getAlibi()) {
    Value slope =
        toAccumulator(tensor::ExtractOp::create(b, loc, slopes, position.head));
    Value at = arith::AddIOp::create(b, loc, position.query, queryShift);
    Value distance = arith::SubIOp::create(b, loc, position.key, at);
    Value asInt = arith::IndexCastOp::create(b, loc, b.getI32Type(), distance);
    Value asFloat = arith::SIToFPOp::create(b, loc, type, asInt);
    score = arith::AddFOp::create(
        b, loc, score, arith::MulFOp::create(b, loc, slope, asFloat));
  }
  if (Value tensor = op.getBias()) {
    Value bias = position.bias ? position.bias
                               : extractBroadcast(b, loc, tensor, position);
    score = arith::AddFOp::create(b, loc, score, toAccumulator(bias));
  }
  return score;
}
