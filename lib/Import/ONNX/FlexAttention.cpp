//===- FlexAttention.cpp - The operator FlexAttention ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"
#include "Registry.h"
#include "attn/Transforms/Raise.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::onnx_import;

/// Applies a graph that changes a tensor and keeps its type.
static FailureOr<Value> applyGraph(Node &node, StringRef name,
                                   const onnx::GraphProto *graph, Value x) {
  if (!graph)
    return x;
  auto results = node.importGraph(*graph, x);
  if (failed(results))
    return failure();
  if (results->size() != 1 || (*results)[0].getType() != x.getType()) {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "has " << results->size()
       << (results->size() == 1 ? " output" : " outputs");
    if (!results->empty())
      os << " of type " << (*results)[0].getType();
    os << ", expected one of type " << x.getType();
    (void)node.failAttribute(name, text);
    return failure();
  }
  return (*results)[0];
}

/// Without graphs this is attn.sdpa. A graph works on the whole score matrix:
/// the definition is imported, and raised, which puts the graph into the
/// regions. Where a graph does what no region says, the definition stays.
static LogicalResult convertFlexAttention(Node &node) {
  OpBuilder &b = node.b;
  AttentionParts parts;
  parts.query = node.getInput(0);
  parts.key = node.getInput(1);
  parts.value = node.getInput(2);
  Type type = getElement(parts.query);
  for (Value operand : {parts.query, parts.key, parts.value})
    if (getRank(operand) != 4)
      return node.fail("an input has rank " + Twine(getRank(operand)) +
                       ", expected 4");
  if (node.hasAttribute("scale"))
    parts.scale = node.getFloat("scale", 1);
  const onnx::GraphProto *scoreMod = node.getGraph("score_mod");
  const onnx::GraphProto *probMod = node.getGraph("prob_mod");
  int64_t precision = node.getInt("softmax_precision", 0);
  if (node.hasFailed() || failed(unifyOperands(node, parts)))
    return failure();
  Type scoreType = getAccumulator(getElement(parts.query));
  if (precision != 0) {
    scoreType = getElementType(b.getContext(), static_cast<int32_t>(precision));
    if (!scoreType || !isa<FloatType>(scoreType))
      return node.failValue("softmax_precision", Twine(precision),
                            "1 (float), 10 (float16), 11 (double) or 16 "
                            "(bfloat16)");
    if (scoreType.isF64())
      for (Value *operand : {&parts.query, &parts.key, &parts.value})
        *operand = castTensor(b, node.loc, *operand, scoreType);
  }
  if (!scoreMod && !probMod) {
    node.setOutput(0, castTensor(b, node.loc, buildSDPA(node, parts), type));
    return success();
  }
  Value scores = castTensor(b, node.loc, buildScores(node, parts), scoreType);
  auto changed = applyGraph(node, "score_mod", scoreMod, scores);
  if (failed(changed))
    return failure();
  auto weights =
      applyGraph(node, "prob_mod", probMod, softmax(b, node.loc, *changed, 3));
  if (failed(weights))
    return failure();
  linalg::LinalgOp product;
  Value result = buildWeighted(node, parts, *weights, product);
  IRRewriter rewriter(b.getContext());
  (void)raiseAttention(product, rewriter);
  node.setOutput(0, castTensor(b, node.loc, result, type));
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getFlexAttentionOperators() {
  static const OperatorEntry entries[] = {
      {"FlexAttention", 1, 3, convertFlexAttention, "ai.onnx.preview"},
  };
  return entries;
}
