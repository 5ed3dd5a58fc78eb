//===- TMTensor.cpp - torch-mlir's operations beside linalg ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Import/TMTensor/TMTensor.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::attn::tm_tensor;

#include "attn/Import/TMTensor/TMTensorDialect.cpp.inc"

#define GET_OP_CLASSES
#include "attn/Import/TMTensor/TMTensor.cpp.inc"

void TMTensorDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "attn/Import/TMTensor/TMTensor.cpp.inc"
      >();
}

LogicalResult ScanOp::verify() {
  if (getInputs().size() != 1 || getOutputs().size() != 2 ||
      getResults().size() != 2)
    return emitOpError() << "has " << getInputs().size() << " inputs, "
                         << getOutputs().size() << " outputs and "
                         << getResults().size()
                         << " results, expected 1, 2 and 2";
  auto type = cast<RankedTensorType>(getInputs()[0].getType());
  int64_t dimension = getDimension();
  if (dimension < 0 || dimension >= type.getRank())
    return emitOpError() << "has dimension " << dimension
                         << ", expected one of " << type;
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + dimension);
  Type expected[] = {type, RankedTensorType::get(shape, type.getElementType())};
  for (auto [i, wanted] : llvm::enumerate(expected))
    if (getOutputs()[i].getType() != wanted ||
        getResults()[i].getType() != wanted)
      return emitOpError() << "has output " << i << " of type "
                           << getOutputs()[i].getType() << " and result " << i
                           << " of type " << getResults()[i].getType()
                           << ", expected " << wanted;
  Block &body = getCombiner().front();
  Type element = type.getElementType();
  if (body.getNumArguments() != 2 ||
      llvm::any_of(body.getArgumentTypes(),
                   [&](Type argument) { return argument != element; }) ||
      cast<YieldOp>(body.getTerminator()).getValue().getType() != element)
    return emitOpError() << "has a region that does not combine two values of "
                         << element;
  return success();
}
