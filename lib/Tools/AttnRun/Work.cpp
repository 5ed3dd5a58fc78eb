//===- Work.cpp - The work that attention has to do -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Work.h"

#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::attn;
using attnrt::Tensor;

double attn::countKept(int64_t queries, int64_t keys, int64_t offset,
                       bool causal, int64_t windowLeft, int64_t windowRight) {
  double kept = 0;
  for (int64_t i = 0; i < queries; ++i) {
    int64_t position = i + offset;
    int64_t begin = 0, end = keys;
    if (causal)
      end = std::min(end, position + 1);
    if (windowRight >= 0)
      end = std::min(end, position + windowRight + 1);
    if (windowLeft >= 0)
      begin = std::max(begin, position - windowLeft);
    kept += static_cast<double>(std::max<int64_t>(end - begin, 0));
  }
  return kept;
}

namespace {

/// Sizes and scalars that follow from the inputs of a function.
class InputSizes {
public:
  InputSizes(func::FuncOp function, ArrayRef<Tensor> inputs)
      : function(function), inputs(inputs) {}

  std::optional<int64_t> getSize(Value tensor, unsigned dim) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!type.isDynamicDim(dim))
      return type.getDimSize(dim);
    if (auto cast = tensor.getDefiningOp<tensor::CastOp>())
      return getSize(cast.getSource(), dim);
    if (const Tensor *input = getInput(tensor))
      return input->getShape()[dim];
    return std::nullopt;
  }

  std::optional<int64_t> getIndex(Value value) {
    if (std::optional<int64_t> constant = getConstantIntValue(value))
      return constant;
    if (const Tensor *input = getInput(value))
      return static_cast<int64_t>(input->get(0));
    return std::nullopt;
  }

private:
  const Tensor *getInput(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || argument.getOwner() != &function.getBody().front())
      return nullptr;
    return &inputs[argument.getArgNumber()];
  }

  func::FuncOp function;
  ArrayRef<Tensor> inputs;
};

} // namespace

static std::optional<double> countFlops(SDPAOp op, InputSizes &inputs) {
  auto getSize = [&](Value operand, TensorLayout layout, LogicalDim dim) {
    return inputs.getSize(operand, SDPAOp::getDim(layout, dim));
  };
  TensorLayout query = op.getQueryLayout(), value = op.getValueLayout();
  auto batch = getSize(op.getQuery(), query, LogicalDim::Batch);
  auto heads = getSize(op.getQuery(), query, LogicalDim::Head);
  auto queries = getSize(op.getQuery(), query, LogicalDim::Sequence);
  auto headDim = getSize(op.getQuery(), query, LogicalDim::Feature);
  auto keys = getSize(op.getKey(), op.getKeyLayout(), LogicalDim::Sequence);
  auto valueDim = getSize(op.getValue(), value, LogicalDim::Feature);
  if (!batch || !heads || !queries || !headDim || !keys || !valueDim)
    return std::nullopt;
  std::optional<int64_t> offset = *keys - *queries;
  if (op.getQueryOffset())
    offset = inputs.getIndex(op.getQueryOffset());
  else if (op.getCausal() == CausalAlignment::TopLeft)
    offset = 0;
  if (!offset)
    return std::nullopt;
  double kept = countKept(*queries, *keys, *offset, op.getCausal().has_value(),
                          op.getWindowLeft(), op.getWindowRight());
  return 2.0 * static_cast<double>(*batch * *heads) * kept *
         static_cast<double>(*headDim + *valueDim);
}

std::optional<double> attn::countAttentionFlops(func::FuncOp function,
                                                ArrayRef<Tensor> inputs) {
  InputSizes sizes(function, inputs);
  std::optional<double> total = 0;
  function.walk([&](SDPAOp op) {
    std::optional<double> flops = countFlops(op, sizes);
    if (flops && total)
      *total += *flops;
    else
      total = std::nullopt;
  });
  return total;
}
