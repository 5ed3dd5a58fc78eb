//===- TileOps.cpp - Verifiers of the operations on tiles -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

using namespace mlir;
using namespace mlir::attn;

LogicalResult MapOp::verify() {
  ArrayRef<int64_t> shape = getResult().getType().getShape();
  for (Value input : getInputs()) {
    ArrayRef<int64_t> inputShape = cast<VectorType>(input.getType()).getShape();
    if (inputShape.size() > shape.size() ||
        inputShape != shape.take_front(inputShape.size()))
      return emitOpError() << "input of type " << input.getType()
                           << " has no shape that begins the result's, "
                           << getResult().getType();
  }
  return success();
}

LogicalResult MapOp::verifyRegions() {
  Block &block = getBody().front();
  SmallVector<Type> expected;
  for (Value input : getInputs())
    expected.push_back(cast<VectorType>(input.getType()).getElementType());
  VectorType result = getResult().getType();
  expected.append(result.getRank(), IndexType::get(getContext()));
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return emitOpError() << "body has arguments of types ("
                         << block.getArgumentTypes() << "), expected ("
                         << expected << ")";
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield)
    return emitOpError() << "body ends with '" << block.back().getName()
                         << "', expected '" << YieldOp::getOperationName()
                         << "'";
  Type yielded = yield.getResult().getType();
  if (yielded != result.getElementType())
    return emitOpError() << "body yields " << yielded << ", expected "
                         << result.getElementType() << " as in the result "
                         << result;
  return success();
}

LogicalResult AsyncCopyOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto destination = cast<MemRefType>(getDestination().getType());
  if (source.getElementType() != destination.getElementType())
    return emitOpError() << "copies elements of " << source.getElementType()
                         << " to " << destination.getElementType()
                         << ", expected the same type";
  if (source.getRank() != 2 || destination.getRank() != 3)
    return emitOpError() << "copies " << source << " to " << destination
                         << ", expected a source of 2 and a destination of 3 "
                            "dimensions";
  if (static_cast<int64_t>(getSourceIndices().size()) != source.getRank())
    return emitOpError() << "has " << getSourceIndices().size()
                         << " source indices, expected " << source.getRank();
  if (!destination.hasStaticShape())
    return emitOpError() << "has a destination of type " << destination
                         << ", expected a static shape";
  return success();
}
