//===- Verification.cpp - Verifiers of the attn operations ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

using namespace mlir;
using namespace mlir::attn;

/// True unless both sizes are static and differ.
static bool sameSize(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

namespace {
/// One logical dimension of one operand or result, for diagnostics.
struct NamedDim {
  StringRef name;
  Value value;
  TensorLayout layout;
};
} // namespace

static LogicalResult verifySameDim(SDPAOp op, LogicalDim dim, StringRef what,
                                   NamedDim a, NamedDim b) {
  int64_t sizeA = op.getStaticSize(a.value, a.layout, dim);
  int64_t sizeB = op.getStaticSize(b.value, b.layout, dim);
  if (sameSize(sizeA, sizeB))
    return success();
  return op.emitOpError() << what << " of " << b.name << " is " << sizeB
                          << ", expected " << sizeA << " as in " << a.name
                          << ": " << b.name << " is " << b.value.getType()
                          << ", " << a.name << " is " << a.value.getType();
}

/// Checks an operand that broadcasts to B x Hq x Sq x Sk.
static LogicalResult verifyBroadcast(SDPAOp op, StringRef name, Value operand) {
  if (!operand)
    return success();
  auto type = cast<TensorType>(operand.getType());
  if (!type.hasRank() || type.getRank() != 4)
    return op.emitOpError() << name << " is " << type
                            << ", expected a tensor of rank 4 that broadcasts "
                               "to batch x query heads x queries x keys";
  int64_t sizes[] = {op.getStaticBatch(), op.getStaticQueryHeads(),
                     op.getStaticQuerySeqlen(), op.getStaticKVSeqlen()};
  static constexpr StringRef dims[] = {"batch", "query heads", "queries",
                                       "keys"};
  for (unsigned i = 0; i < 4; ++i) {
    int64_t size = type.getDimSize(i);
    if (size != 1 && !sameSize(size, sizes[i]))
      return op.emitOpError()
             << name << " is " << type << ", whose dimension " << i << " of "
             << size << " does not broadcast to the " << sizes[i] << " "
             << dims[i] << " of query " << op.getQuery().getType()
             << " and key " << op.getKey().getType();
  }
  return success();
}

/// Checks an operand with one element per query head.
static LogicalResult verifyPerHead(SDPAOp op, StringRef name, Value operand) {
  if (!operand)
    return success();
  auto type = cast<TensorType>(operand.getType());
  if (type.hasRank() && type.getRank() == 1 &&
      sameSize(type.getDimSize(0), op.getStaticQueryHeads()))
    return success();
  return op.emitOpError() << name << " is " << type
                          << ", expected a tensor of rank 1 with one element "
                             "for each query head of query "
                          << op.getQuery().getType();
}

LogicalResult SDPAOp::verify() {
  NamedDim query{"query", getQuery(), getQueryLayout()};
  NamedDim key{"key", getKey(), getKeyLayout()};
  NamedDim value{"value", getValue(), getValueLayout()};
  NamedDim output{"output", getOutput(), getOutputLayout()};

  Type element = getQuery().getType().getElementType();
  for (const NamedDim &operand : {key, value}) {
    Type other = cast<ShapedType>(operand.value.getType()).getElementType();
    if (other != element)
      return emitOpError() << "element type of " << operand.name << " is "
                           << other << ", expected " << element
                           << " as in query";
  }
  Type outputElement = getOutput().getType().getElementType();
  if (outputElement != element && outputElement != getAccumulatorType())
    return emitOpError() << "element type of output is " << outputElement
                         << ", expected " << element << " or "
                         << getAccumulatorType();
  if (failed(verifySameDim(*this, LogicalDim::Batch, "batch", query, key)) ||
      failed(verifySameDim(*this, LogicalDim::Batch, "batch", query, value)) ||
      failed(
          verifySameDim(*this, LogicalDim::Feature, "head_dim", query, key)) ||
      failed(verifySameDim(*this, LogicalDim::Head, "heads", key, value)) ||
      failed(
          verifySameDim(*this, LogicalDim::Sequence, "seqlen", key, value)) ||
      failed(verifySameDim(*this, LogicalDim::Batch, "batch", query, output)) ||
      failed(verifySameDim(*this, LogicalDim::Head, "heads", query, output)) ||
      failed(verifySameDim(*this, LogicalDim::Sequence, "seqlen", query,
                           output)) ||
      failed(
          verifySameDim(*this, LogicalDim::Feature, "head_dim", value, output)))
    return failure();

  int64_t queryHeads = getStaticQueryHeads(), kvHeads = getStaticKVHeads();
  if (!ShapedType::isDynamic(queryHeads) && !ShapedType::isDynamic(kvHeads) &&
      (kvHeads == 0 ? queryHeads != 0 : queryHeads % kvHeads != 0))
    return emitOpError() << "has " << queryHeads << " query heads and "
                         << kvHeads
                         << " KV heads, expected a multiple of the KV heads: "
                            "query is "
                         << getQuery().getType() << ", key is "
                         << getKey().getType();

  if (getStaticHeadDim() == 0)
    return emitOpError() << "head_dim of query " << getQuery().getType()
                         << " is 0, expected at least 1";
  if (getStaticValueHeadDim() == 0)
    return emitOpError() << "head_dim of value " << getValue().getType()
                         << " is 0, expected at least 1";

  if (failed(verifyBroadcast(*this, "bias", getBias())) ||
      failed(verifyBroadcast(*this, "keep", getKeep())) ||
      failed(verifyPerHead(*this, "alibi", getAlibi())) ||
      failed(verifyPerHead(*this, "sinks", getSinks())))
    return failure();

  if (getCausal() == CausalAlignment::TopLeft && getQueryOffset())
    return emitOpError() << "has both query_offset and causal(top_left), "
                            "expected one of them";
  if (auto window = getWindow()) {
    if (window->size() != 2)
      return emitOpError() << "window has " << window->size()
                           << " sides, expected 2";
    // Below 2^62 a side added to a position cannot overflow.
    for (int64_t side : *window)
      if (side < -1 || side >= int64_t(1) << 62)
        return emitOpError() << "window side is " << side
                             << ", expected a number of positions below 2^62, "
                                "or -1 for an open side";
  }
  if (auto softcap = getSoftcap();
      softcap && !(softcap->isFinite() && softcap->convertToFloat() > 0))
    return emitOpError() << "softcap is " << softcap->convertToFloat()
                         << ", expected a positive finite number";
  if (auto scale = getScale(); scale && !scale->isFinite())
    return emitOpError() << "scale is " << scale->convertToFloat()
                         << ", expected a finite number";

  if (Value lse = getLse()) {
    auto type = cast<RankedTensorType>(lse.getType());
    if (type.getElementType() != getAccumulatorType())
      return emitOpError() << "element type of lse is " << type.getElementType()
                           << ", expected " << getAccumulatorType();
    int64_t sizes[] = {getStaticBatch(), queryHeads, getStaticQuerySeqlen()};
    for (unsigned i = 0; i < 3; ++i)
      if (!sameSize(type.getDimSize(i), sizes[i]))
        return emitOpError()
               << "lse is " << type
               << ", expected batch x query heads x queries of query "
               << getQuery().getType();
  }
  return success();
}

static LogicalResult verifyRegion(SDPAOp op, StringRef name, Region &region,
                                  ArrayRef<Type> arguments, Type result) {
  if (region.empty())
    return success();
  if (!region.hasOneBlock())
    return op.emitOpError()
           << "region '" << name << "' has " << region.getBlocks().size()
           << " blocks, expected 1";
  if (region.getNumArguments() != arguments.size())
    return op.emitOpError()
           << "region '" << name << "' has " << region.getNumArguments()
           << " arguments, expected " << arguments.size();
  for (auto [i, type] : llvm::enumerate(arguments))
    if (Type found = region.getArgument(i).getType(); found != type)
      return op.emitOpError() << "argument " << i << " of region '" << name
                              << "' is " << found << ", expected " << type;
  auto yield = dyn_cast<YieldOp>(region.front().back());
  if (!yield)
    return op.emitOpError()
           << "region '" << name << "' ends in '"
           << region.front().back().getName() << "', expected '"
           << YieldOp::getOperationName() << "'";
  if (yield.getResult().getType() != result)
    return op.emitOpError()
           << "region '" << name << "' yields " << yield.getResult().getType()
           << ", expected " << result;
  Operation *impure = nullptr;
  region.walk([&](Operation *nested) {
    if (!isMemoryEffectFree(nested) && !isa<YieldOp>(nested) &&
        !nested->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      impure = nested;
  });
  if (!impure)
    return success();
  bool isKnown = isa<MemoryEffectOpInterface>(impure);
  return op.emitOpError() << "region '" << name << "' holds "
                          << impure->getName()
                          << (isKnown ? ", which has side effects"
                                      : ", whose side effects are not known")
                          << "; expected operations without";
}

LogicalResult SDPAOp::verifyRegions() {
  Type index = IndexType::get(getContext());
  Type score = getAccumulatorType();
  if (failed(verifyRegion(*this, "score", getScore(),
                          {score, index, index, index, index}, score)))
    return failure();
  return verifyRegion(*this, "mask", getMask(), {index, index, index, index},
                      IntegerType::get(getContext(), 1));
}

LogicalResult MergeOp::verify() {
  auto partials = cast<RankedTensorType>(getPartials().getType());
  auto lses = cast<RankedTensorType>(getPartialLses().getType());
  for (unsigned i = 0; i < 4; ++i)
    if (!sameSize(partials.getDimSize(i), lses.getDimSize(i)))
      return emitOpError() << "partials are " << partials
                           << " but partial_lses are " << lses
                           << ", expected the same parts x batch x heads x "
                              "queries";
  auto output = cast<RankedTensorType>(getOutput().getType());
  for (unsigned i = 0; i < 4; ++i)
    if (!sameSize(partials.getDimSize(i + 1), output.getDimSize(i)))
      return emitOpError() << "output is " << output
                           << ", expected the shape of partials " << partials
                           << " without its first dimension";
  if (Value lse = getLse()) {
    auto type = cast<RankedTensorType>(lse.getType());
    for (unsigned i = 0; i < 3; ++i)
      if (!sameSize(lses.getDimSize(i + 1), type.getDimSize(i)))
        return emitOpError()
               << "lse is " << type << ", expected the shape of partial_lses "
               << lses << " without its first dimension";
    if (type.getElementType() != lses.getElementType())
      return emitOpError() << "element type of lse is " << type.getElementType()
                           << ", expected " << lses.getElementType()
                           << " as in partial_lses";
  }
  return success();
}
