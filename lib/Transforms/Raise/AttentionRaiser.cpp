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
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::attn;

/// The digits of a form that is a number of its own, without those of size 1.
Digits AttentionRaiser::getDigits(const IndexForm &form) {
  Digits digits;
  for (auto [variable, factor] : reader.space.resolve(form).terms)
    if (reader.space.getSize(variable) != 1)
      digits.push_back(variable);
  return digits;
}

/// Whether a condition compares an index itself, not what is read at it.
static bool comparesIndex(ElementReader &reader, Element *condition,
                          const IndexForm &index) {
  condition = reader.look(condition);
  if (condition->kind == Element::Kind::Index)
    return reader.space.dependsOn(condition->indices[0], index);
  return !condition->is<tensor::ExtractOp>() &&
         llvm::any_of(condition->operands, [&](Element *operand) {
           return comparesIndex(reader, operand, index);
         });
}

bool AttentionRaiser::classifyLoops(Mismatch &mismatch) {
  // Factors of 1 count here: they tell a batch from heads.
  SmallVector<unsigned> shared, ofQuery;
  bool keysLack = false, valuesLack = false;
  // The scores have queries after heads, whatever the output's order. A single
  // query has no digit.
  bool isSingleQuery = true;
  for (const IndexForm &index : score.products.front().element->indices) {
    if (reader.space.dependsOn(index, key))
      continue;
    IndexForm resolved = reader.space.resolve(index);
    isSingleQuery = resolved.isConstant();
    for (auto [digit, factor] : resolved.terms) {
      IndexForm form = reader.space.getForm(digit);
      auto isOfKey = [&](const Product &product) {
        return reader.dependsOn(product.key, form);
      };
      bool isOfValue = reader.dependsOn(value, form);
      bool isShared = isOfValue || llvm::any_of(score.products, isOfKey);
      // Joining keys repeats those that lack a dimension of the others. That of
      // heads is one that values have; one of queries would make each key as
      // many as there are queries.
      if (isShared && !isOfValue && !llvm::all_of(score.products, isOfKey))
        return fail(mismatch,
                    "the keys of one product vary with what the values and the "
                    "keys of another do not",
                    score.products.back().op);
      (isShared ? shared : ofQuery).push_back(digit);
      if (isShared && reader.space.getSize(digit) != 1) {
        keysLack |= !llvm::all_of(score.products, isOfKey);
        valuesLack |= !isOfValue;
      }
    }
  }
  // Keys and values that each lack a dimension of the other's are repeated,
  // which costs less than the scores where a head has many queries. A mix of
  // heads (Talking-Heads Attention, Shazeer et al., 2020) is a product of this
  // kind, where the scores below it stand for keys.
  if (keysLack && valuesLack && llvm::all_of(ofQuery, [&](unsigned digit) {
        return reader.space.getSize(digit) == 1;
      }))
    return fail(mismatch,
                "keys and values each lack a dimension of the other's, and "
                "there is one query for each",
                score.products.front().op);
  for (const IndexForm &index : result->indices)
    for (auto [digit, factor] : reader.space.resolve(index).terms)
      if (!llvm::is_contained(shared, digit) &&
          !llvm::is_contained(ofQuery, digit) &&
          reader.space.getSize(digit) != 1) {
        if (reader.dependsOn(weights.inner, reader.space.getForm(digit)))
          return fail(mismatch,
                      "the weights have a dimension that the product of "
                      "queries and keys lacks",
                      score.products.front().op);
        valueFeature.push_back(digit);
      }
  if (!isSingleQuery && !ofQuery.empty()) {
    // Where heads come last, a mask of positions shows that the queries do not.
    SmallVector<MaskTerm> masks = splitMasks(reader, score.masks, key);
    auto isMasked = [&](unsigned digit) {
      IndexForm form = reader.space.getForm(digit);
      return llvm::any_of(masks, [&](const MaskTerm &mask) {
        return mask.band ? reader.space.dependsOn(mask.band->query, form)
                         : comparesIndex(reader, mask.condition, form);
      });
    };
    auto *last = std::prev(ofQuery.end());
    auto masked = llvm::find_if(llvm::reverse(ofQuery), isMasked);
    if (masked != ofQuery.rend() && !isMasked(*last))
      last = &*masked;
    // Positions in an image count rows and columns, of queries as of keys.
    auto getSize = [&](unsigned digit) { return reader.space.getSize(digit); };
    size_t count = getDigits(key).size();
    ArrayRef<unsigned> digits = ofQuery;
    bool isImage =
        count > 1 && last == std::prev(ofQuery.end()) &&
        digits.size() >= count &&
        llvm::equal(llvm::map_range(digits.take_back(count), getSize),
                    llvm::map_range(getDigits(key), getSize));
    auto *first = isImage ? std::prev(ofQuery.end(), count) : last;
    query.append(first, std::next(last));
    ofQuery.erase(first, std::next(last));
  }
  // What is shared alone is the batch where there are heads beside it.
  ArrayRef<unsigned> kvHeads = shared;
  if (shared.size() > 1 || (shared.size() == 1 && !ofQuery.empty())) {
    batch.push_back(shared.front());
    kvHeads = kvHeads.drop_front();
  }
  kvHead.assign(kvHeads.begin(), kvHeads.end());
  head = kvHead;
  llvm::append_range(head, ofQuery);
  for (Digits *digits : {&batch, &kvHead, &head, &query, &valueFeature})
    llvm::erase_if(*digits, [&](unsigned digit) {
      return reader.space.getSize(digit) == 1;
    });
  keys = getDigits(key);
  for (const Product &product : score.products)
    features.push_back(getDigits(product.feature));
  return true;
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
    Element *sink = softmax.sink;
    std::optional<double> number = reader.look(sink)->getNumber();
    if (number) {
      sinks = buildSinks(*number * softmax.factor);
    } else if (softmax.factor != 1) {
      auto [below, number] = peelFactor(reader, sink);
      if (!below || !reader.isOne(number * softmax.factor))
        return fail(mismatch, "the sink is scaled by another factor",
                    score.products.front().op);
      sink = below;
    }
    SmallVector<View> views = getViews(sink, /*throughFactors=*/false);
    for (const View &view : llvm::reverse(views))
      if (!sinks && concatDigits(view.dims) == ArrayRef<unsigned>(head))
        sinks = reshape(view.tensor, view.dims, {head});
    if (!sinks)
      return fail(mismatch, "the sink is not one number for each head",
                  score.products.front().op);
    sdpa.getSinksMutable().assign(sinks);
  }
  SmallVector<Addend> inRegion;
  for (const Addend &addend : score.addends) {
    unsigned budget = 16;
    Value bias;
    // A tensor as it is; of an expression only one that costs something.
    if (!sdpa.getBias() && addend.factor == 1 &&
        (reader.look(addend.element)->isTensor() ||
         !isCheap(addend.element, budget)))
      bias = buildBroadcast(addend.element);
    if (bias)
      sdpa.getBiasMutable().assign(bias);
    else
      inRegion.push_back(addend);
  }
  SmallVector<MaskTerm> masks;
  SmallVector<MaskTerm> terms = splitMasks(reader, score.masks, key);
  // Terms of one condition alone are asked in any order.
  bool hasOneGuard = llvm::all_of(terms, [&](const MaskTerm &term) {
    return term.guard == terms.front().guard;
  });
  for (const MaskTerm &term : terms) {
    Value keep;
    if (!sdpa.getKeep() && !term.isNegated && !term.band &&
        (hasOneGuard || !term.guard) && reader.look(term.condition)->isTensor())
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
  if (score.modified != score.scaled || !inRegion.empty() ||
      score.factor != 1 || leafFactor != 1) {
    begin(sdpa.getScore(), {type, index, index, index, index});
    RegionEmitter code = emitter(sdpa.getScore().getArguments().drop_front());
    auto scale = [&](Value value, double factor) -> Value {
      if (!value || factor == 1)
        return value;
      return arith::MulFOp::create(
          b, loc, value,
          arith::ConstantOp::create(b, loc, b.getFloatAttr(type, factor)));
    };
    code.bind(score.scaled, scale(sdpa.getScore().getArgument(0), leafFactor));
    Value modified = scale(code.emit(score.modified), score.factor);
    for (const Addend &addend : inRegion) {
      Value added =
          modified ? scale(code.emit(addend.element), addend.factor) : Value();
      modified =
          added ? arith::AddFOp::create(b, loc, modified, added) : Value();
    }
    if (!modified)
      return fail(mismatch, "a score depends on more than its position",
                  score.products.front().op);
    YieldOp::create(b, loc, modified);
  }
  auto negate = [&](Value condition) -> Value {
    return arith::XOrIOp::create(b, loc, condition,
                                 arith::ConstantIntOp::create(b, loc, 1, 1));
  };
  if (!masks.empty()) {
    begin(sdpa.getMask(), {index, index, index, index});
    RegionEmitter code = emitter(sdpa.getMask().getArguments());
    Value kept;
    SmallVector<Element *> guards;
    for (const MaskTerm &term : masks) {
      auto emitTerm = [&]() -> Value {
        Value condition =
            term.band ? code.emit(*term.band) : code.emit(term.condition);
        return condition && term.isNegated ? negate(condition) : condition;
      };
      auto drop = [&]() -> Value {
        return arith::ConstantIntOp::create(b, loc, 0, 1);
      };
      Value guard = kept;
      bool isGuarded = llvm::any_of(
          guards, [&](Element *other) { return other != term.guard; });
      if (guard && isGuarded && !term.band && code.needsGuard(term.condition)) {
        kept = code.emitIf(b.getI1Type(), guard, emitTerm, drop);
      } else {
        kept = emitTerm();
        if (guard && kept)
          kept = arith::AndIOp::create(b, loc, guard, kept);
      }
      if (!kept)
        return fail(mismatch, "a mask depends on more than its position",
                    score.products.front().op);
      if (term.guard)
        guards.push_back(term.guard);
    }
    YieldOp::create(b, loc, kept);
  }
  return true;
}

/// A sink that is the same number for each head.
Value AttentionRaiser::buildSinks(double number) {
  FloatType type = sdpa.getAccumulatorType();
  int64_t heads = sdpa.getStaticQueryHeads();
  FloatAttr attr = b.getFloatAttr(type, number);
  auto sinks = RankedTensorType::get({heads}, type);
  if (!ShapedType::isDynamic(heads))
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(sinks, attr));
  OpFoldResult size = sdpa.getSize(b, loc, sdpa.getQuery(),
                                   sdpa.getQueryLayout(), LogicalDim::Head);
  return tensor::SplatOp::create(b, loc,
                                 arith::ConstantOp::create(b, loc, attr), sinks,
                                 cast<Value>(size));
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
  for (Element *lse : lses)
    replace(lse->value, lse, sdpa.getLse(), {batch, head, query});
}

/// The lse may be used before the product with the values: the root, where the
/// sdpa is to be, and what it depends on go before that.
bool AttentionRaiser::moveBeforeUsesOfLse(Mismatch &mismatch) {
  Operation *first = root;
  for (Element *lse : lses)
    for (Operation *user : lse->value.getUsers()) {
      Operation *ancestor = root->getBlock()->findAncestorOpInBlock(*user);
      if (ancestor && !visited.contains(user) &&
          ancestor->isBeforeInBlock(first))
        first = ancestor;
    }
  if (first == root)
    return true;
  if (failed(moveOperationDependencies(b, root, first)))
    return fail(mismatch, "the logarithm of the sum is used too early", first);
  b.moveOpBefore(root, first);
  return true;
}

bool AttentionRaiser::build(Operation *&softmaxOp, Mismatch &mismatch) {
  bool isDivided = matchDivided();
  if (!isDivided && !matchRoot(softmaxOp, mismatch))
    return false;
  std::optional<Softmax> matched =
      matchSoftmax(reader, weights, divisor, root, key, mismatch);
  if (!matched)
    return false;
  if (isDivided)
    softmaxOp = root;
  softmax = *matched;
  std::optional<Score> parsed = parseScore(reader, softmax, key, mismatch);
  if (!parsed)
    return false;
  score = *parsed;
  if (!checkZeroing(mismatch))
    return false;
  zeroing = findZeroing();
  if (!checkUses(mismatch))
    return false;
  if (!moveBeforeUsesOfLse(mismatch))
    return false;
  // Views may still split digits.
  for (const Product &product : score.products) {
    getViews(product.query, /*throughFactors=*/true);
    getViews(product.key, /*throughFactors=*/true);
  }
  getViews(value, /*throughFactors=*/true);
  b.setInsertionPoint(root);
  if (!classifyLoops(mismatch))
    return false;
  if (!getDims(result))
    return fail(mismatch, "the result is no view of the output", root);
  if (!buildOperands(mismatch))
    return false;
  bool isBuilt = buildScore(mismatch);
  if (isBuilt && dependsOnScores())
    isBuilt = fail(mismatch, "a score depends on others of its row",
                   score.products.front().op);
  if (!isBuilt) {
    b.eraseOp(sdpa);
    return false;
  }
  return true;
}

/// Builds what stands for other products of the weights.
bool AttentionRaiser::buildPeers(Mismatch &mismatch) {
  for (linalg::LinalgOp peer : peers) {
    auto raiser = std::make_unique<AttentionRaiser>(peer, b);
    raiser->isPeer = true;
    raiser->peers = peers;
    raiser->alreadyRead = visited;
    raiser->alreadyRead.insert(root);
    Operation *sameSoftmax = nullptr;
    if (!raiser->build(sameSoftmax, mismatch))
      return false;
    peerRaisers.push_back(std::move(raiser));
  }
  return true;
}

bool AttentionRaiser::raise(Operation *&softmaxOp, Mismatch &mismatch) {
  if (!build(softmaxOp, mismatch))
    return false;
  if (!buildPeers(mismatch)) {
    for (const auto &raiser : peerRaisers)
      b.eraseOp(raiser->sdpa);
    b.eraseOp(sdpa);
    return false;
  }
  b.setInsertionPointAfter(sdpa);
  replaceResults();
  for (const auto &raiser : peerRaisers) {
    b.setInsertionPointAfter(raiser->sdpa);
    raiser->replaceResults();
  }
  return true;
}
