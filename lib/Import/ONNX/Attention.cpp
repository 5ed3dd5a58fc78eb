//===- Attention.cpp - The operator Attention -----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"
#include "Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::onnx_import;

namespace {

enum Input { Query, Key, Val, Mask, PastKey, PastValue, NonpadKVSeqlen };
enum Output { Result, PresentKey, PresentValue, QKMatmul };

/// What the fourth output shows.
enum Mode { Products, Capped, Masked, Weights };

class AttentionConverter {
public:
  explicit AttentionConverter(Node &node)
      : node(node), b(node.b), loc(node.loc) {}
  LogicalResult convert();

private:
  LogicalResult readAttributes();
  LogicalResult readOperands();
  LogicalResult appendPast();
  LogicalResult readMask();
  LogicalResult readNonpad();
  void setResult();
  void setScores();

  Node &node;
  OpBuilder &b;
  Location loc;
  AttentionParts parts;
  /// The type of the query, and so of the outputs.
  Type type;
  bool is3D = false;
  int64_t mode = Products, precision = 0;
};

} // namespace

LogicalResult AttentionConverter::readAttributes() {
  parts.isCausal = node.getInt("is_causal", 0) != 0;
  parts.softcap = node.getFloat("softcap", 0);
  if (node.hasAttribute("scale"))
    parts.scale = node.getFloat("scale", 1);
  if (node.getVersion() >= 25) {
    parts.windowLeft = node.getInt("left_window_size", -1);
    parts.windowRight = node.getInt("right_window_size", -1);
    for (auto [name, size] :
         {std::pair("left_window_size", parts.windowLeft),
          std::pair("right_window_size", parts.windowRight)})
      if (size < -1)
        return node.failValue(name, Twine(size), "-1 or more");
  }
  mode = node.getInt("qk_matmul_output_mode", Products);
  if (mode < Products || mode > Weights)
    return node.failValue("qk_matmul_output_mode", Twine(mode), "0 to 3");
  precision = node.getInt("softmax_precision", 0);
  return failure(node.hasFailed());
}

LogicalResult AttentionConverter::readOperands() {
  parts.query = node.getInput(Query);
  parts.key = node.getInput(Key);
  parts.value = node.getInput(Val);
  type = getElement(parts.query);
  int64_t rank = getRank(parts.query);
  if ((rank != 3 && rank != 4) || getRank(parts.key) != rank ||
      getRank(parts.value) != rank)
    return node.fail("query, key and value have ranks " + Twine(rank) + ", " +
                     Twine(getRank(parts.key)) + " and " +
                     Twine(getRank(parts.value)) + ", expected 3 or 4 for all");
  is3D = rank == 3;
  if (!is3D) {
    // Older versions let them stand there and ignore them.
    for (StringRef name : {"q_num_heads", "kv_num_heads"})
      if (node.getInt(name, 0) != 0 && node.getVersion() >= 25)
        return node.failAttribute(name, "is for inputs of rank 3");
    return success();
  }
  // B x S x (H · D) is a tensor of layout bshd.
  parts.layout = TensorLayout::BSHD;
  for (auto [operand, name] : {std::pair(&parts.query, "q_num_heads"),
                               std::pair(&parts.key, "kv_num_heads"),
                               std::pair(&parts.value, "kv_num_heads")}) {
    ArrayRef<int64_t> shape = getShape(*operand);
    auto heads = node.getHeads(name, shape[2]);
    if (failed(heads))
      return failure();
    *operand = reshape(b, loc, *operand,
                       {shape[0], shape[1], *heads, shape[2] / *heads});
  }
  return success();
}

/// Joins what is cached and what is new along the sequence; the outputs of the
/// cache are in B, H, S, D order whatever the inputs are.
LogicalResult AttentionConverter::appendPast() {
  Value past[] = {node.getInput(PastKey), node.getInput(PastValue)};
  Value *present[] = {&parts.key, &parts.value};
  if (!past[0] != !past[1])
    return node.fail("it has one of past_key and past_value, expected both or "
                     "none");
  bool isRead =
      past[0] || node.hasOutput(PresentKey) || node.hasOutput(PresentValue);
  if (!isRead)
    return success();
  if (past[0])
    parts.past = getRank(past[0]) == 4 ? getShape(past[0])[2] : 0;
  for (unsigned i : {0, 1}) {
    Value ordered = *present[i];
    if (is3D)
      ordered = transpose(b, loc, ordered, {0, 2, 1, 3});
    if (past[i]) {
      SmallVector<int64_t> expected(getShape(ordered)),
          found(getShape(past[i]));
      if (found.size() == 4)
        expected[2] = parts.past;
      if (found != expected || getElement(past[i]) != getElement(ordered))
        return node.fail("the cache of shape " + formatShape(found) +
                         " does not fit a tensor of shape " +
                         formatShape(getShape(ordered)));
      ordered = concat(b, loc, {past[i], ordered}, 2);
    }
    node.setOutput(i == 0 ? PresentKey : PresentValue, ordered);
    if (past[i])
      *present[i] = ordered;
  }
  if (past[0] && is3D) {
    parts.query = transpose(b, loc, parts.query, {0, 2, 1, 3});
    parts.layout = TensorLayout::BHSD;
  }
  return success();
}

LogicalResult AttentionConverter::readMask() {
  Value mask = node.getInput(Mask);
  if (!mask)
    return success();
  int64_t keys = parts.getSize(parts.key, LogicalDim::Sequence);
  int64_t rank = getRank(mask);
  if (rank < 1 || rank > 4)
    return node.fail("the mask has rank " + Twine(rank) + ", expected 1 to 4");
  bool isBool = getElement(mask).isInteger(1);
  if (!isBool && !isa<FloatType>(getElement(mask)))
    mask = castTensor(b, loc, mask, type);
  mask = padRank(b, loc, mask, 4);
  // Keys behind the end of the mask are dropped.
  if (getShape(mask)[3] < keys) {
    SmallVector<int64_t> shape(getShape(mask));
    SmallVector<OpFoldResult> low(4, b.getIndexAttr(0)), high(low);
    high[3] = b.getIndexAttr(keys - shape[3]);
    shape[3] = keys;
    Type element = getElement(mask);
    Value dropped =
        scalarConstant(b, loc, element, isBool ? 0.0 : double(-INFINITY));
    mask = tensor::PadOp::create(b, loc, RankedTensorType::get(shape, element),
                                 mask, low, high, dropped);
  }
  for (auto [size, expected] :
       llvm::zip_equal(getShape(mask), parts.getScoreShape()))
    if (size != 1 && size != expected)
      return node.fail("a mask of shape " +
                       formatShape(getShape(node.getInput(Mask))) +
                       " does not broadcast to scores of shape " +
                       formatShape(parts.getScoreShape()));
  (isBool ? parts.keep : parts.bias) = mask;
  return success();
}

LogicalResult AttentionConverter::readNonpad() {
  parts.nonpad = node.getInput(NonpadKVSeqlen);
  if (!parts.nonpad)
    return success();
  if (node.getVersion() < 24)
    return node.fail("nonpad_kv_seqlen is an input from version 24 on");
  if (node.getInput(PastKey))
    return node.fail("it has both nonpad_kv_seqlen and past_key");
  int64_t batch = parts.getSize(parts.query, LogicalDim::Batch);
  if (getRank(parts.nonpad) != 1 || getShape(parts.nonpad)[0] != batch ||
      !getElement(parts.nonpad).isInteger(64))
    return node.fail("nonpad_kv_seqlen is no tensor of " + Twine(batch) +
                     " int64");
  return success();
}

void AttentionConverter::setResult() {
  Value result = castTensor(b, loc, buildSDPA(node, parts), type);
  if (is3D) {
    if (parts.layout == TensorLayout::BHSD)
      result = transpose(b, loc, result, {0, 2, 1, 3});
    ArrayRef<int64_t> shape = getShape(result);
    result = reshape(b, loc, result, {shape[0], shape[1], shape[2] * shape[3]});
  }
  node.setOutput(Result, result);
}

/// The score matrix as an output: attn.sdpa never holds it, so that it is
/// computed beside, by its definition.
void AttentionConverter::setScores() {
  Value scores = buildScores(node, parts);
  if (mode != Products && parts.softcap > 0)
    scores = buildSoftcap(node, scores, parts.softcap);
  if (mode == Masked || mode == Weights)
    scores = buildMasked(node, parts, scores);
  if (mode == Weights)
    scores = buildWeights(node, scores);
  node.setOutput(QKMatmul, castTensor(b, loc, scores, type));
}

LogicalResult AttentionConverter::convert() {
  if (failed(readAttributes()) || failed(readOperands()) ||
      failed(appendPast()) || failed(unifyOperands(node, parts)) ||
      failed(readMask()) || failed(readNonpad()))
    return failure();
  if (precision != 0) {
    Type element =
        getElementType(b.getContext(), static_cast<int32_t>(precision));
    if (!element || !isa<FloatType>(element))
      return node.failValue("softmax_precision", Twine(precision),
                            "1 (float), 10 (float16), 11 (double) or 16 "
                            "(bfloat16)");
    // Below double, the softmax is in f32 at least.
    if (element.isF64())
      for (Value *operand : {&parts.query, &parts.key, &parts.value})
        *operand = castTensor(b, loc, *operand, element);
  }
  setResult();
  if (node.hasOutput(QKMatmul))
    setScores();
  return failure(node.hasFailed());
}

static LogicalResult convertAttention(Node &node) {
  return AttentionConverter(node).convert();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getAttentionOperators() {
  static const OperatorEntry entries[] = {
      {"Attention", 23, 3, convertAttention},
  };
  return entries;
}
