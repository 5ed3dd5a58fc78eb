//===- OutputFactor.cpp - Numbers that weights were multiplied by ---------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

Value AttentionRaiser::scaleOutput(Value tensor) {
  if (weights.factor == 1)
    return tensor;
  Type type = getElementTypeOrSelf(tensor.getType());
  Value number =
      arith::ConstantOp::create(b, loc, b.getFloatAttr(type, weights.factor));
  Value init = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, tensor), type);
  unsigned rank = cast<ShapedType>(tensor.getType()).getRank();
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  auto body = [&](OpBuilder &nested, Location at, ValueRange args) {
    Value product = arith::MulFOp::create(nested, at, args[0], number);
    linalg::YieldOp::create(nested, at, product);
  };
  return linalg::GenericOp::create(b, loc, init.getType(), tensor, init, maps,
                                   loops, body)
      .getResult(0);
}
