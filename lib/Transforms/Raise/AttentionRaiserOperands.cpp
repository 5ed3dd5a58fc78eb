//===- AttentionRaiserOperands.cpp - Queries, keys and values -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the tensors behind queries, keys and values and gives them the four
// dimensions of attn.sdpa.
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

std::optional<SmallVector<Digits>> AttentionRaiser::getDims(Element *element) {
  SmallVector<Digits> dims;
  auto type = cast<RankedTensorType>(element->value.getType());
  for (auto [index, size] :
       llvm::zip_equal(element->indices, type.getShape())) {
    auto digits = reader.space.getDigits(index, size);
    // A dynamic size may be known to be 1.
    if (!digits || (digits->empty() && size != 1))
      return std::nullopt;
    llvm::erase_if(*digits, [&](unsigned digit) {
      return reader.space.getSize(digit) == 1;
    });
    dims.push_back(Digits(digits->begin(), digits->end()));
  }
  return dims;
}

/// How much is read of each dimension of a tensor of which that may be a part;
/// nothing where one of these is not known.
std::optional<SmallVector<std::optional<SymbolicSize>>>
AttentionRaiser::getParts(Element *element) {
  SmallVector<std::optional<SymbolicSize>> parts(element->indices.size());
  for (unsigned dim : element->parts.set_bits()) {
    SmallVector<SymbolicSize> sizes =
        reader.space.getSizes(element->indices[dim]);
    if (sizes.empty())
      return std::nullopt;
    parts[dim] = sizes.front();
  }
  return parts;
}

/// The tensors that hold an element, nearest first.
SmallVector<View> AttentionRaiser::getViews(Element *element,
                                            bool throughFactors) {
  SmallVector<View> views;
  double factor = 1;
  while (element) {
    if (element->isTensor()) {
      auto dims = getDims(element);
      auto parts = getParts(element);
      if (dims && parts)
        views.push_back({element->value, *dims, factor, *parts});
      element = reader.expand(element);
      continue;
    }
    auto [below, number] = peelFactor(reader, element);
    factor *= number;
    element = throughFactors ? below : nullptr;
  }
  return views;
}

/// The part of a view that is read, reshaped.
Value AttentionRaiser::reshapePart(const View &view, ArrayRef<Digits> to) {
  Value tensor = view.tensor;
  if (view.isPart()) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor);
    for (auto [size, part] : llvm::zip_equal(sizes, view.parts))
      if (part)
        size = part->isStatic()
                   ? OpFoldResult(b.getIndexAttr(part->getStatic()))
                   : OpFoldResult(part->build(b, loc, b.getIndexType()));
    SmallVector<OpFoldResult> zeros(sizes.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(sizes.size(), b.getIndexAttr(1));
    tensor = tensor::ExtractSliceOp::create(b, loc, tensor, zeros, sizes, ones);
  }
  return reshape(tensor, view.dims, to);
}

SmallVector<Digits> AttentionRaiser::arrange(ArrayRef<Digits> logical,
                                             TensorLayout layout) {
  SmallVector<Digits> dims(4);
  for (unsigned dim = 0; dim < 4; ++dim)
    dims[SDPAOp::getDim(layout, static_cast<LogicalDim>(dim))] = logical[dim];
  return dims;
}

TensorLayout AttentionRaiser::findLayout(ArrayRef<Digits> logical,
                                         ArrayRef<unsigned> order) {
  for (unsigned i = 0; i <= getMaxEnumValForTensorLayout(); ++i) {
    auto layout = static_cast<TensorLayout>(i);
    if (concatDigits(arrange(logical, layout)) == order)
      return layout;
  }
  return TensorLayout::BHSD;
}

/// The furthest of the views that has the logical dimensions, in a layout that
/// needs no transpose if there is one. Where no view has them, one is repeated
/// for each batch or head that it is the same for, or read once where it was
/// repeated before it was computed with. The layout is bhsd if `isPlain`.
Value AttentionRaiser::buildOperand(ArrayRef<View> views,
                                    ArrayRef<Digits> logical, Type type,
                                    bool isPlain, TensorLayout &layout,
                                    double &factor) {
  SmallVector<unsigned> wanted = concatDigits(logical);
  llvm::sort(wanted);
  for (const View &view : llvm::reverse(views)) {
    SmallVector<unsigned> found = concatDigits(view.dims);
    layout = findLayout(logical, found);
    llvm::sort(found);
    if (found != wanted || getElementTypeOrSelf(view.tensor.getType()) != type)
      continue;
    if (isPlain)
      layout = TensorLayout::BHSD;
    factor = view.factor;
    return reshapePart(view, arrange(logical, layout));
  }
  SmallVector<unsigned> shared = concatDigits(logical.take_front(2));
  for (const View &view : llvm::reverse(views)) {
    SmallVector<unsigned> found = concatDigits(view.dims);
    bool hasAll = llvm::all_of(wanted, [&](unsigned digit) {
      return llvm::is_contained(found, digit) ||
             (llvm::is_contained(shared, digit) &&
              !ShapedType::isDynamic(reader.space.getSize(digit)));
    });
    if (!hasAll || getElementTypeOrSelf(view.tensor.getType()) != type)
      continue;
    factor = view.factor;
    layout = TensorLayout::BHSD;
    return reshapePart(view, logical);
  }
  return {};
}

Value AttentionRaiser::buildBroadcast(Element *element) {
  if (!element->isTensor())
    return {};
  SmallVector<View> views = getViews(element, /*throughFactors=*/false);
  for (const View &view : llvm::reverse(views)) {
    // A condition that drops a position may guard what is added to it.
    if (view.isPart())
      continue;
    SmallVector<unsigned> found = concatDigits(view.dims);
    SmallVector<Digits> dims{batch, head, query, keys};
    size_t count = 0;
    for (Digits &digits : dims) {
      auto isFound = [&](unsigned digit) {
        return llvm::is_contained(found, digit);
      };
      if (llvm::none_of(digits, isFound))
        digits.clear();
      else if (!llvm::all_of(digits, isFound))
        count = found.size() + 1;
      count += digits.size();
    }
    if (count == found.size())
      return reshape(view.tensor, view.dims, dims);
  }
  return {};
}

/// The result of an operation that only rounds `value`, or `value`.
static Value getRounded(Value value) {
  if (!value.hasOneUse())
    return value;
  auto user = dyn_cast<linalg::LinalgOp>(*value.user_begin());
  if (!user || user.getNumDpsInputs() != 1 || user->getNumResults() != 1 ||
      user.getNumReductionLoops() != 0 ||
      !llvm::all_of(user.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return value;
  auto rounding = user.getBlock()
                      ->getTerminator()
                      ->getOperand(0)
                      .getDefiningOp<arith::TruncFOp>();
  if (!rounding || rounding.getIn() != user.getBlock()->getArgument(0))
    return value;
  return user->getResult(0);
}

/// Whether two values are the same size of one tensor.
static bool isSameSize(OpFoldResult x, OpFoldResult y) {
  if (isEqualConstantIntOrValue(x, y))
    return true;
  auto getDim = [](OpFoldResult size) {
    auto value = dyn_cast<Value>(size);
    return value ? value.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  };
  tensor::DimOp dimOfX = getDim(x), dimOfY = getDim(y);
  return dimOfX && dimOfY && dimOfX.getSource() == dimOfY.getSource() &&
         dimOfX.getConstantIndex() &&
         dimOfX.getConstantIndex() == dimOfY.getConstantIndex();
}

/// Whether a value is the size of head_dim.
bool AttentionRaiser::isFeatureSize(Value size) {
  if (score.products.size() != 1)
    return false;
  SmallVector<View> views = getViews(score.products[0].query, true);
  auto dim = size.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> index = dim ? dim.getConstantIndex() : std::nullopt;
  return index && llvm::any_of(views, [&](const View &view) {
           auto *at = llvm::find(view.dims, features[0]);
           if (at == view.dims.end() || view.isPart())
             return false;
           int64_t position = at - view.dims.begin();
           if (view.tensor == dim.getSource())
             return position == *index;
           auto expand = view.tensor.getDefiningOp<tensor::ExpandShapeOp>();
           return expand &&
                  isSameSize(size, expand.getMixedOutputShape()[position]);
         });
}

/// Whether the attribute of a scale or a softcap holds a number for a program
/// that computes in the type.
bool AttentionRaiser::fits(double number, Type type) const {
  auto stored = static_cast<float>(number);
  if (type.isF64())
    return stored == number;
  return std::isfinite(stored) && (stored != 0 || number == 0);
}

/// The query and the key of the products, of which several are one over the
/// features of all: their queries and keys joined.
bool AttentionRaiser::buildQueryAndKey(Type type, QueryAndKey &operands,
                                       Mismatch &mismatch) {
  SmallVector<Value> queries, keysOfAll;
  bool isJoined = score.products.size() > 1;
  for (auto [product, feature] : llvm::zip_equal(score.products, features)) {
    SmallVector<View> queryViews = getViews(product.query, true);
    SmallVector<View> keyViews = getViews(product.key, true);
    double ofQuery = 1, ofKey = 1;
    Value q = buildOperand(queryViews, {batch, head, query, feature}, type,
                           isJoined, operands.queryLayout, ofQuery);
    Value k = buildOperand(keyViews, {batch, kvHead, keys, feature}, type,
                           isJoined, operands.keyLayout, ofKey);
    if (!q || !k)
      return fail(mismatch,
                  Twine(!q ? "the query is" : "the key is") +
                      " no view of batch, heads, positions and head_dim",
                  product.op);
    if (!queries.empty() && !reader.isOne(ofQuery * ofKey / operands.factor))
      return fail(mismatch,
                  "the products of queries and keys are scaled by different "
                  "numbers",
                  product.op);
    operands.factor = ofQuery * ofKey;
    queries.push_back(q);
    keysOfAll.push_back(k);
  }
  operands.query = queries.front();
  operands.key = keysOfAll.front();
  if (isJoined) {
    auto feature = static_cast<int64_t>(LogicalDim::Feature);
    operands.query = tensor::ConcatOp::create(b, loc, feature, queries);
    operands.key = tensor::ConcatOp::create(b, loc, feature, keysOfAll);
  }
  return true;
}

bool AttentionRaiser::buildOperands(Mismatch &mismatch) {
  SmallVector<View> queryViews = getViews(score.products.front().query, true);
  SmallVector<View> valueViews = getViews(value, false);
  mismatch.fail("the query is no view of batch, heads, positions and head_dim",
                score.products.front().op);
  for (const View &view : llvm::reverse(queryViews)) {
    Type type = getElementTypeOrSelf(view.tensor.getType());
    if (!type.isF32() && !type.isF16() && !type.isBF16() && !type.isF64())
      continue;
    TensorLayout valueLayout;
    double one = 1;
    QueryAndKey operands;
    if (!buildQueryAndKey(type, operands, mismatch))
      continue;
    Value q = operands.query, k = operands.key;
    TensorLayout queryLayout = operands.queryLayout;
    TensorLayout keyLayout = operands.keyLayout;
    Value v = buildOperand(valueViews, {batch, kvHead, keys, valueFeature},
                           type, /*isPlain=*/false, valueLayout, one);
    if (!v) {
      mismatch.fail(
          "the value is no view of batch, heads, positions and head_dim",
          score.products.front().op);
      continue;
    }
    auto sizeOf = [&](Value operand, TensorLayout layout, LogicalDim dim) {
      return cast<RankedTensorType>(operand.getType())
          .getDimSize(SDPAOp::getDim(layout, dim));
    };
    FloatType accumulator = type.isF64() ? b.getF64Type() : b.getF32Type();
    Value product = zeroing ? zeroing->getResult(0) : root->getResult(0);
    output = getRounded(product);
    if (getElementTypeOrSelf(output.getType()) != type)
      output = product;
    Type element = getElementTypeOrSelf(output.getType());
    if (element != type && element != accumulator) {
      mismatch.fail("the product is rounded to another type", root);
      continue;
    }
    SmallVector<int64_t> shape{sizeOf(q, queryLayout, LogicalDim::Batch),
                               sizeOf(q, queryLayout, LogicalDim::Head),
                               sizeOf(q, queryLayout, LogicalDim::Sequence)};
    Type lseType = lses.empty() ? RankedTensorType()
                                : RankedTensorType::get(shape, accumulator);
    shape.push_back(sizeOf(v, valueLayout, LogicalDim::Feature));
    outputLayout = findLayout({batch, head, query, valueFeature},
                              concatDigits(*getDims(result)));
    SmallVector<int64_t> outputShape(4);
    for (unsigned dim = 0; dim < 4; ++dim)
      outputShape[SDPAOp::getDim(outputLayout, static_cast<LogicalDim>(dim))] =
          shape[dim];
    // 1 / sqrt of the queries' head_dim is the default.
    bool hasRoot = static_cast<bool>(score.rootOf);
    double scale = score.scale * operands.factor;
    int64_t headDim = sizeOf(q, queryLayout, LogicalDim::Feature);
    // The default, however it was rounded on the way.
    bool isDefault = hasRoot
                         ? isFeatureSize(score.rootOf) && reader.isOne(scale)
                         : !ShapedType::isDynamic(headDim) &&
                               reader.isOne(scale * std::sqrt(double(headDim)));
    // What an attribute does not hold the region computes.
    if ((!isDefault && (hasRoot || !fits(scale, type))) ||
        (score.softcap && !fits(*score.softcap, type))) {
      isDefault = false;
      score.modifySum();
      scale = score.scale * operands.factor;
      leafFactor = fits(scale, type) ? 1 : scale;
      scale /= leafFactor;
    }
    FloatAttr scaleAttr =
        isDefault ? FloatAttr() : b.getF32FloatAttr(static_cast<float>(scale));
    FloatAttr softcap =
        score.softcap ? b.getF32FloatAttr(*score.softcap) : FloatAttr();
    sdpa = SDPAOp::create(
        b, loc, RankedTensorType::get(outputShape, element), lseType, q, k, v,
        /*query_offset=*/Value(), /*bias=*/Value(), /*keep=*/Value(),
        /*alibi=*/Value(), /*sinks=*/Value(), scaleAttr,
        /*causal=*/CausalAlignmentAttr(), /*window=*/DenseI64ArrayAttr(),
        softcap, /*deterministic=*/UnitAttr(), /*allow_tf32=*/UnitAttr(),
        TensorLayoutAttr::get(b.getContext(), queryLayout),
        TensorLayoutAttr::get(b.getContext(), keyLayout),
        TensorLayoutAttr::get(b.getContext(), valueLayout),
        TensorLayoutAttr::get(b.getContext(), outputLayout),
        /*schedule=*/ScheduleAttr(), /*gpu_schedule=*/GPUScheduleAttr());
    return true;
  }
  return false;
}
