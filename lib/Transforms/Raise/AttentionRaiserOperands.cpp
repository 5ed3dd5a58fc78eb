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

/// The tensors that hold an element, nearest first.
SmallVector<View> AttentionRaiser::getViews(Element *element,
                                            bool throughFactors) {
  SmallVector<View> views;
  double factor = 1;
  while (element) {
    if (element->isTensor()) {
      if (auto dims = getDims(element))
        views.push_back(
            {element->value, *dims, factor,
             !element->isExtracted ||
                 cast<ShapedType>(element->value.getType()).hasStaticShape()});
      element = reader.expand(element);
      continue;
    }
    auto [below, number] = peelFactor(reader, element);
    factor *= number;
    element = throughFactors ? below : nullptr;
  }
  return views;
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
/// repeated before it was computed with.
Value AttentionRaiser::buildOperand(ArrayRef<View> views,
                                    ArrayRef<Digits> logical, Type type,
                                    TensorLayout &layout, double &factor) {
  SmallVector<unsigned> wanted = concatDigits(logical);
  llvm::sort(wanted);
  for (const View &view : llvm::reverse(views)) {
    SmallVector<unsigned> found = concatDigits(view.dims);
    layout = findLayout(logical, found);
    llvm::sort(found);
    if (found != wanted || getElementTypeOrSelf(view.tensor.getType()) != type)
      continue;
    factor = view.factor;
    return reshape(view.tensor, view.dims, arrange(logical, layout));
  }
  SmallVector<unsigned> shared = concatDigits(logical.take_front(2));
  for (const View &view : llvm::reverse(views)) {
    SmallVector<unsigned> found = concatDigits(view.dims);
    bool hasAll = llvm::all_of(wanted, [&](unsigned digit) {
      return llvm::is_contained(found, digit) ||
             (llvm::is_contained(shared, digit) &&
              !ShapedType::isDynamic(reader.space.getSize(digit)));
    });
    if (!hasAll || !view.hasAllSizes ||
        getElementTypeOrSelf(view.tensor.getType()) != type)
      continue;
    factor = view.factor;
    layout = TensorLayout::BHSD;
    return reshape(view.tensor, view.dims, logical);
  }
  return {};
}

Value AttentionRaiser::buildBroadcast(Element *element) {
  if (!element->isTensor())
    return {};
  SmallVector<View> views = getViews(element, /*throughFactors=*/false);
  for (const View &view : llvm::reverse(views)) {
    if (!view.hasAllSizes)
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
bool AttentionRaiser::isFeatureSize(Value size, ArrayRef<View> views) {
  auto dim = size.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> index = dim ? dim.getConstantIndex() : std::nullopt;
  return index && llvm::any_of(views, [&](const View &view) {
           auto *at = llvm::find(view.dims, feature);
           if (at == view.dims.end())
             return false;
           int64_t position = at - view.dims.begin();
           if (view.tensor == dim.getSource())
             return position == *index;
           auto expand = view.tensor.getDefiningOp<tensor::ExpandShapeOp>();
           return expand &&
                  isSameSize(size, expand.getMixedOutputShape()[position]);
         });
}

bool AttentionRaiser::buildOperands(Mismatch &mismatch) {
  SmallVector<View> queryViews = getViews(score.product.query, true);
  SmallVector<View> keyViews = getViews(score.product.key, true);
  SmallVector<View> valueViews = getViews(value, false);
  for (const View &view : llvm::reverse(queryViews)) {
    Type type = getElementTypeOrSelf(view.tensor.getType());
    if (!type.isF32() && !type.isF16() && !type.isBF16() && !type.isF64())
      continue;
    TensorLayout queryLayout, keyLayout, valueLayout;
    double queryFactor = 1, keyFactor = 1, one = 1;
    Value q = buildOperand(queryViews, {batch, head, query, feature}, type,
                           queryLayout, queryFactor);
    Value k = buildOperand(keyViews, {batch, kvHead, keys, feature}, type,
                           keyLayout, keyFactor);
    Value v = buildOperand(valueViews, {batch, kvHead, keys, valueFeature},
                           type, valueLayout, one);
    if (!q || !k || !v) {
      mismatch.fail(Twine(!q   ? "the query is"
                          : !k ? "the key is"
                               : "the value is") +
                        " no view of batch, heads, positions and head_dim",
                    score.product.op);
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
    Type lseType =
        lse ? RankedTensorType::get(shape, accumulator) : RankedTensorType();
    shape.push_back(sizeOf(v, valueLayout, LogicalDim::Feature));
    outputLayout = findLayout({batch, head, query, valueFeature},
                              concatDigits(*getDims(result)));
    SmallVector<int64_t> outputShape(4);
    for (unsigned dim = 0; dim < 4; ++dim)
      outputShape[SDPAOp::getDim(outputLayout, static_cast<LogicalDim>(dim))] =
          shape[dim];
    // 1 / sqrt of the queries' head_dim is the default.
    bool hasRoot = static_cast<bool>(score.rootOf);
    if (hasRoot && !isFeatureSize(score.rootOf, queryViews)) {
      mismatch.fail("the scores are divided by the root of another size",
                    score.product.op);
      continue;
    }
    double scale = score.scale * queryFactor * keyFactor;
    int64_t headDim = sizeOf(q, queryLayout, LogicalDim::Feature);
    // The default, however it was rounded on the way.
    bool isDefault =
        hasRoot ? std::abs(scale - 1) < 1e-6
                : !ShapedType::isDynamic(headDim) &&
                      std::abs(scale * std::sqrt(double(headDim)) - 1) < 1e-6;
    if (hasRoot && !isDefault) {
      mismatch.fail("the scores are scaled by more than the root of head_dim",
                    score.product.op);
      continue;
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
