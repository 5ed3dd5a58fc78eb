//===- AttentionRaiser.cpp - One attention in linalg ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Begins at a product of weights and values and reads its elements upwards
// through whatever lies between (Element.h): the weights as a softmax, its
// scores as a product of queries and keys with masks and modifications.
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"
#include "RegionEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;

/// The two factors that the root sums over its only reduction.
std::optional<std::pair<Element *, Element *>> AttentionRaiser::matchRoot() {
  if (root.getNumReductionLoops() != 1 || root->getNumResults() != 1 ||
      !root.hasPureTensorSemantics())
    return std::nullopt;
  SmallVector<IndexForm> loops;
  for (int64_t size : root.getStaticLoopRanges())
    loops.push_back(reader.space.getForm(reader.space.addVariable(size)));
  SmallVector<unsigned> reductions;
  root.getReductionDims(reductions);
  key = loops[reductions[0]];
  auto indices = reader.space.apply(
      root.getMatchingIndexingMap(root.getDpsInitOperand(0)), loops);
  if (!indices)
    return std::nullopt;
  result = reader.getTensor(root->getResult(0), *indices);
  std::optional<Reduction> sum = reader.getReduction(result, {key});
  if (!sum || !isa<arith::AddFOp>(sum->combiner) ||
      sum->init->getNumber() != 0.0)
    return std::nullopt;
  Element *product = reader.look(sum->body);
  if (!product->is<arith::MulFOp>())
    return std::nullopt;
  return std::pair(product->operands[0], product->operands[1]);
}

/// Whether an operation computes the logarithm of the sum of exponentials.
bool AttentionRaiser::isLse(Operation *op) {
  if (lse || !softmax.sum || !softmax.sum->isTensor() ||
      op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type ||
      type.getRank() != static_cast<int64_t>(softmax.sum->indices.size()))
    return false;
  Element *element =
      reader.look(reader.getTensor(op->getResult(0), softmax.sum->indices));
  if (!element->is<arith::AddFOp>())
    return false;
  for (unsigned i : {0, 1}) {
    Element *log = reader.look(element->operands[i]);
    if (log->is<math::LogOp>() &&
        reader.areEqual(log->operands[0], softmax.sum) &&
        reader.areEqual(element->operands[1 - i], softmax.shift)) {
      lse = op;
      return true;
    }
  }
  return false;
}

/// The only user of the root's result, where it is 0 instead in rows whose sum
/// of exponentials is 0.
linalg::LinalgOp AttentionRaiser::findZeroing() {
  if (!softmax.sum || !root->hasOneUse())
    return {};
  auto user = dyn_cast<linalg::LinalgOp>(*root->user_begin());
  if (!user || user->getNumResults() != 1 ||
      user->getResult(0).getType() != root->getResult(0).getType())
    return {};
  Element *select =
      reader.look(reader.getTensor(user->getResult(0), result->indices));
  if (!select->isSelect())
    return {};
  Element *condition = reader.look(select->operands[0]);
  auto isZero = [&](Element *element) {
    return reader.look(element)->getNumber() == 0.0;
  };
  bool isOfEmptyRows = condition->is<arith::CmpFOp>() &&
                       cast<arith::CmpFOp>(condition->op).getPredicate() ==
                           arith::CmpFPredicate::OEQ &&
                       isZero(condition->operands[1]) &&
                       reader.areEqual(condition->operands[0], softmax.sum);
  return isOfEmptyRows && isZero(select->operands[1]) &&
                 reader.areEqual(select->operands[2], result)
             ? user
             : linalg::LinalgOp();
}

/// Everything that depends on the scores must end in the root.
bool AttentionRaiser::checkUses(Mismatch &mismatch) {
  SetVector<Operation *> visited = reader.getVisited();
  SetVector<Operation *> dependents;
  dependents.insert(score.product.op);
  for (unsigned i = 0; i < dependents.size(); ++i)
    for (Operation *user : dependents[i]->getUsers()) {
      while (user->getBlock() != root->getBlock() && user->getParentOp())
        user = user->getParentOp();
      if (user == root || user == lse || user == zeroing)
        continue;
      if (visited.contains(user) || isa<linalg::SoftmaxOp>(user)) {
        dependents.insert(user);
        continue;
      }
      if (isOpTriviallyDead(user) || isLse(user))
        continue;
      return fail(mismatch, "the scores are used elsewhere", user);
    }
  return true;
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

/// The digits of a form that is a number of its own, without those of size 1.
Digits AttentionRaiser::getDigits(const IndexForm &form) {
  Digits digits;
  for (auto [variable, factor] : reader.space.resolve(form).terms)
    if (reader.space.getSize(variable) != 1)
      digits.push_back(variable);
  return digits;
}

bool AttentionRaiser::classifyLoops(Mismatch &mismatch) {
  // Factors of 1 count here: they tell a batch from heads.
  SmallVector<unsigned> shared, ofQuery;
  // The scores have queries after heads, whatever the output's order. A single
  // query has no digit.
  bool isSingleQuery = true;
  for (const IndexForm &index : score.product.element->indices) {
    if (reader.space.dependsOn(index, key))
      continue;
    IndexForm resolved = reader.space.resolve(index);
    isSingleQuery = resolved.isConstant();
    for (auto [digit, factor] : resolved.terms) {
      IndexForm form = reader.space.getForm(digit);
      if (reader.dependsOn(score.product.key, form) ||
          reader.dependsOn(value, form))
        shared.push_back(digit);
      else
        ofQuery.push_back(digit);
    }
  }
  for (const IndexForm &index : result->indices)
    for (auto [digit, factor] : reader.space.resolve(index).terms)
      if (!llvm::is_contained(shared, digit) &&
          !llvm::is_contained(ofQuery, digit) &&
          reader.space.getSize(digit) != 1) {
        if (reader.dependsOn(weights, reader.space.getForm(digit)))
          return fail(mismatch,
                      "the weights have a dimension that the product of "
                      "queries and keys lacks",
                      score.product.op);
        valueFeature.push_back(digit);
      }
  ArrayRef<unsigned> kvHeads = shared;
  if (shared.size() > 1) {
    batch.push_back(shared.front());
    kvHeads = kvHeads.drop_front();
  }
  kvHead.assign(kvHeads.begin(), kvHeads.end());
  head = kvHead;
  if (!isSingleQuery && !ofQuery.empty())
    query.push_back(ofQuery.pop_back_val());
  llvm::append_range(head, ofQuery);
  for (Digits *digits : {&batch, &kvHead, &head, &query, &valueFeature})
    llvm::erase_if(*digits, [&](unsigned digit) {
      return reader.space.getSize(digit) == 1;
    });
  keys = getDigits(key);
  feature = getDigits(score.product.feature);
  return true;
}

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

static SmallVector<unsigned> concat(ArrayRef<Digits> dims) {
  SmallVector<unsigned> digits;
  for (const Digits &dim : dims)
    llvm::append_range(digits, dim);
  return digits;
}

/// The logical dimensions in the order of a layout.
static SmallVector<Digits> arrange(ArrayRef<Digits> logical,
                                   TensorLayout layout) {
  SmallVector<Digits> dims(4);
  for (unsigned dim = 0; dim < 4; ++dim)
    dims[SDPAOp::getDim(layout, static_cast<LogicalDim>(dim))] = logical[dim];
  return dims;
}

/// The layout in which the logical dimensions have this order of digits, or
/// bhsd.
static TensorLayout findLayout(ArrayRef<Digits> logical,
                               ArrayRef<unsigned> order) {
  for (unsigned i = 0; i <= getMaxEnumValForTensorLayout(); ++i) {
    auto layout = static_cast<TensorLayout>(i);
    if (concat(arrange(logical, layout)) == order)
      return layout;
  }
  return TensorLayout::BHSD;
}

/// The furthest of the views that has the logical dimensions, in a layout that
/// needs no transpose if there is one.
Value AttentionRaiser::buildOperand(ArrayRef<View> views,
                                    ArrayRef<Digits> logical, Type type,
                                    TensorLayout &layout, double &factor) {
  SmallVector<unsigned> wanted = concat(logical);
  llvm::sort(wanted);
  for (const View &view : llvm::reverse(views)) {
    SmallVector<unsigned> found = concat(view.dims);
    layout = findLayout(logical, found);
    llvm::sort(found);
    if (found != wanted || getElementTypeOrSelf(view.tensor.getType()) != type)
      continue;
    factor = view.factor;
    return reshape(view.tensor, view.dims, arrange(logical, layout));
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
    SmallVector<unsigned> found = concat(view.dims);
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
                              concat(*getDims(result)));
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
        softcap, /*deterministic=*/UnitAttr(),
        TensorLayoutAttr::get(b.getContext(), queryLayout),
        TensorLayoutAttr::get(b.getContext(), keyLayout),
        TensorLayoutAttr::get(b.getContext(), valueLayout),
        TensorLayoutAttr::get(b.getContext(), outputLayout),
        /*schedule=*/ScheduleAttr(), /*gpu_schedule=*/GPUScheduleAttr());
    return true;
  }
  return false;
}

/// Whether an addend is computed in a region rather than read from a tensor.
bool AttentionRaiser::isCheap(Element *element, unsigned &budget) {
  element = reader.look(element);
  if (element->isTensor())
    return llvm::count_if(element->indices, [](const IndexForm &index) {
             return !index.isConstant();
           }) <= 1;
  if (element->kind == Element::Kind::Operation && budget-- == 0)
    return false;
  return llvm::all_of(element->operands, [&](Element *operand) {
    return isCheap(operand, budget);
  });
}

bool AttentionRaiser::buildScore(Mismatch &mismatch) {
  OpBuilder::InsertionGuard guard(b);
  FloatType type = sdpa.getAccumulatorType();
  b.setInsertionPoint(sdpa);
  if (softmax.sink) {
    Value sinks;
    SmallVector<View> views = getViews(softmax.sink, /*throughFactors=*/false);
    for (const View &view : llvm::reverse(views))
      if (!sinks && concat(view.dims) == ArrayRef<unsigned>(head))
        sinks = reshape(view.tensor, view.dims, {head});
    if (!sinks)
      return fail(mismatch, "the sink is not one number for each head",
                  score.product.op);
    sdpa.getSinksMutable().assign(sinks);
  }
  SmallVector<Element *> inRegion;
  for (Element *addend : score.addends) {
    unsigned budget = 16;
    Value bias;
    // A tensor as it is; of an expression only one that costs something.
    if (!sdpa.getBias() &&
        (reader.look(addend)->isTensor() || !isCheap(addend, budget)))
      bias = buildBroadcast(addend);
    if (bias)
      sdpa.getBiasMutable().assign(bias);
    else
      inRegion.push_back(addend);
  }
  SmallVector<MaskTerm> masks;
  for (const MaskTerm &term : splitMasks(reader, score.masks, key)) {
    Value keep;
    if (!sdpa.getKeep() && !term.isNegated && !term.band &&
        reader.look(term.condition)->isTensor())
      keep = buildBroadcast(term.condition);
    if (keep)
      sdpa.getKeepMutable().assign(keep);
    else
      masks.push_back(term);
  }

  Type index = b.getIndexType();
  auto begin = [&](Region &region, ArrayRef<Type> types) {
    b.createBlock(&region, region.end(), types,
                  SmallVector<Location>(types.size(), loc));
  };
  auto emitter = [&](ValueRange indices) {
    RegionEmitter emitter(b, loc, reader, type);
    const Digits *dims[] = {&batch, &head, &query, &keys};
    for (auto [digits, argument] : llvm::zip_equal(dims, indices))
      emitter.bind(*digits, argument);
    return emitter;
  };
  if (score.modified != score.scaled || !inRegion.empty()) {
    begin(sdpa.getScore(), {type, index, index, index, index});
    RegionEmitter code = emitter(sdpa.getScore().getArguments().drop_front());
    code.bind(score.scaled, sdpa.getScore().getArgument(0));
    Value modified = code.emit(score.modified);
    for (Element *addend : inRegion) {
      Value added = modified ? code.emit(addend) : Value();
      modified =
          added ? arith::AddFOp::create(b, loc, modified, added) : Value();
    }
    if (!modified)
      return fail(mismatch, "a score depends on more than its position",
                  score.product.op);
    YieldOp::create(b, loc, modified);
  }
  if (!masks.empty()) {
    begin(sdpa.getMask(), {index, index, index, index});
    RegionEmitter code = emitter(sdpa.getMask().getArguments());
    Value kept;
    for (const MaskTerm &term : masks) {
      Value condition =
          term.band ? code.emit(*term.band) : code.emit(term.condition);
      if (!condition)
        return fail(mismatch, "a mask depends on more than its position",
                    score.product.op);
      if (term.isNegated)
        condition = arith::XOrIOp::create(
            b, loc, condition, arith::ConstantIntOp::create(b, loc, 1, 1));
      kept = kept ? arith::AndIOp::create(b, loc, kept, condition).getResult()
                  : condition;
    }
    YieldOp::create(b, loc, kept);
  }
  return true;
}

void AttentionRaiser::replaceResults() {
  auto replace = [&](Value old, Element *element, Value with,
                     ArrayRef<Digits> logical) {
    Value reshaped = reshape(with, logical, *getDims(element));
    if (reshaped.getType() != old.getType())
      reshaped = tensor::CastOp::create(b, loc, old.getType(), reshaped);
    b.replaceAllUsesWith(old, reshaped);
  };
  replace(output, result, scaleOutput(sdpa.getOutput()),
          arrange({batch, head, query, valueFeature}, outputLayout));
  if (!lse)
    return;
  // The lse may be used before the output is made.
  Element *element = reader.getTensor(lse->getResult(0), softmax.sum->indices);
  replace(lse->getResult(0), element, sdpa.getLse(), {batch, head, query});
}

bool AttentionRaiser::raise(Operation *&softmaxOp, Mismatch &mismatch) {
  auto factors = matchRoot();
  if (!factors)
    return false;
  weights = factors->first;
  value = factors->second;
  softmaxOp = findSoftmax(weights);
  if (!softmaxOp) {
    std::swap(weights, value);
    softmaxOp = findSoftmax(weights);
  }
  if (!softmaxOp)
    return false;
  std::optional<Softmax> matched = matchSoftmax(reader, weights, key, mismatch);
  if (!matched)
    return false;
  softmax = *matched;
  std::optional<Score> parsed =
      parseScore(reader, softmax.scores, key, mismatch);
  if (!parsed)
    return false;
  score = *parsed;
  zeroing = findZeroing();
  if (!checkUses(mismatch))
    return false;
  // Views may still split digits.
  for (Element *element : {score.product.query, score.product.key, value})
    getViews(element, /*throughFactors=*/true);
  b.setInsertionPoint(root);
  if (!classifyLoops(mismatch))
    return false;
  if (!getDims(result))
    return fail(mismatch, "the result is no view of the output", root);
  if (!buildOperands(mismatch))
    return false;
  if (!buildScore(mismatch)) {
    b.eraseOp(sdpa);
    return false;
  }
  b.setInsertionPointAfter(sdpa);
  replaceResults();
  return true;
}
