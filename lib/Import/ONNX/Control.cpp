//===- Control.cpp - Operators that pass values on ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

static LogicalResult convertIdentity(Node &node) {
  node.setOutput(0, node.getInput(0));
  return success();
}

/// A model that is run drops nothing out.
static LogicalResult convertDropout(Node &node) {
  (void)node.getFloat("ratio", 0.5f);
  (void)node.getInt("seed", 0);
  if (node.getInput(2)) {
    SmallVector<int64_t> training =
        node.getConstantInts(2, "the training mode");
    if (node.hasFailed())
      return failure();
    if (llvm::is_contained(training, 1))
      return node.fail("the training mode is on");
  }
  node.setOutput(0, node.getInput(0));
  if (node.hasOutput(1)) {
    Value one = scalarConstant(node.b, node.loc, node.b.getI1Type(), 1);
    node.setOutput(1, splat(node.b, node.loc, getShape(node.getInput(0)), one));
  }
  return success();
}

/// One of two graphs, by a condition that is known: exporters leave these where
/// the shape decides.
static LogicalResult convertIf(Node &node) {
  const onnx::GraphProto *then = node.getGraph("then_branch");
  const onnx::GraphProto *otherwise = node.getGraph("else_branch");
  SmallVector<int64_t> condition = node.getConstantInts(0, "the condition");
  if (node.hasFailed())
    return failure();
  if (!then || !otherwise || condition.size() != 1)
    return node.fail("it has no condition of one element and two branches");
  auto results = node.importGraph(condition[0] ? *then : *otherwise, {});
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results))
    node.setOutput(i, result);
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getControlOperators() {
  static const OperatorEntry entries[] = {
      {"Identity", 1, 1, convertIdentity},
      {"Dropout", 7, 1, convertDropout},
      {"If", 1, 1, convertIf},
  };
  return entries;
}
