//===- PairProduct.cpp - Products of pairs of bf16 ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairProduct.h"

#include "Lanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::attn;

/// sum + extf(x) * extf(y), in either order.
static bool addsWidenedProduct(linalg::GenericOp op) {
  Block &body = *op.getBody();
  auto sum = body.getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum)
    return false;
  Value output = body.getArgument(2);
  Value term = sum.getLhs() == output   ? sum.getRhs()
               : sum.getRhs() == output ? sum.getLhs()
                                        : Value();
  auto product = term ? term.getDefiningOp<arith::MulFOp>() : nullptr;
  if (!product)
    return false;
  auto widens = [&](Value value, unsigned argument) {
    auto widened = value.getDefiningOp<arith::ExtFOp>();
    return widened && widened.getIn() == body.getArgument(argument);
  };
  Value x = product.getLhs(), y = product.getRhs();
  return (widens(x, 0) && widens(y, 1)) || (widens(x, 1) && widens(y, 0));
}

std::optional<PairProduct> mlir::attn::getPairProduct(linalg::GenericOp op) {
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (reductions.size() != 2 || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1 || !addsWidenedProduct(op))
    return std::nullopt;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    bool isInput = !op.isDpsInit(&operand);
    if (!type || !hasContiguousLastDim(operand.get()) ||
        !(isInput ? type.getElementType().isBF16()
                  : type.getElementType().isF32()))
      return std::nullopt;
  }
  auto getDims = [&](OpOperand &operand) {
    SmallVector<unsigned> dims;
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        dims.push_back(dim.getPosition());
    return dims;
  };
  OpOperand &x = *op.getDpsInputOperand(0), &y = *op.getDpsInputOperand(1);
  SmallVector<unsigned> ofX = getDims(x), ofY = getDims(y),
                        ofSum = getDims(*op.getDpsInitOperand(0));
  if (ofX.size() < 2 || ofY.size() < 2 || ofSum.empty() ||
      ofX.back() != ofY.back())
    return std::nullopt;
  PairProduct product;
  product.pair = ofX.back();
  if (!llvm::is_contained(reductions, product.pair) ||
      getIterationSizes(op)[product.pair] != 2)
    return std::nullopt;
  product.loop = reductions[0] == product.pair ? reductions[1] : reductions[0];
  product.lane = ofSum.back();
  product.vector = ofX[ofX.size() - 2] == product.lane ? &x : &y;
  product.scalar = product.vector == &x ? &y : &x;
  ArrayRef<unsigned> along = product.vector == &x ? ofX : ofY;
  ArrayRef<unsigned> across = product.vector == &x ? ofY : ofX;
  if (along[along.size() - 2] != product.lane ||
      llvm::is_contained(across, product.lane))
    return std::nullopt;
  // Pairs of neighbouring lanes are neighbours.
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(product.vector->get().getType());
  if (failed(type.getStridesAndOffset(strides, offset)) ||
      strides[strides.size() - 2] != 2)
    return std::nullopt;
  return product;
}

/// The pair `scalar` for each of `count` lanes.
static Value broadcastPair(OpBuilder &b, Location loc, Value scalar,
                           int64_t count) {
  Type word = b.getI32Type();
  Value bits =
      vector::BitCastOp::create(b, loc, VectorType::get({1}, word), scalar);
  bits = vector::ExtractOp::create(b, loc, bits, 0);
  bits =
      vector::BroadcastOp::create(b, loc, VectorType::get({count}, word), bits);
  return vector::BitCastOp::create(
      b, loc, VectorType::get({2 * count}, b.getBF16Type()), bits);
}

Value mlir::attn::emitPairProduct(OpBuilder &b, Location loc, Value sum,
                                  Value vector, Value scalar, bool dotProduct) {
  auto type = dyn_cast<VectorType>(sum.getType());
  if (!type) {
    // A lane of its own.
    sum = vector::BroadcastOp::create(b, loc,
                                      VectorType::get({1}, sum.getType()), sum);
    sum = emitPairProduct(b, loc, sum, vector, scalar, dotProduct);
    return vector::ExtractOp::create(b, loc, sum, 0);
  }
  int64_t count = type.getNumElements();
  // The widths of the instruction.
  if (dotProduct && llvm::is_contained({4, 8, 16}, count))
    return x86vector::DotBF16Op::create(b, loc, type, sum, vector,
                                        broadcastPair(b, loc, scalar, count));
  auto split = vector::DeinterleaveOp::create(b, loc, vector);
  constexpr auto contract = arith::FastMathFlags::contract;
  for (auto [i, lanes] : llvm::enumerate(split.getResults())) {
    Value element = vector::ExtractOp::create(b, loc, scalar, i);
    element = arith::ExtFOp::create(b, loc, b.getF32Type(), element);
    Value factor = vector::BroadcastOp::create(b, loc, type, element);
    Value wide = arith::ExtFOp::create(b, loc, type, lanes);
    Value product = arith::MulFOp::create(b, loc, factor, wide, contract);
    sum = arith::AddFOp::create(b, loc, sum, product, contract);
  }
  return sum;
}
