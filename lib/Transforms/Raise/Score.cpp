//===- Score.cpp - What is done to a product of query and key -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Score.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::dropsPosition(std::optional<double> score) {
  return score && *score <= mostDropped;
}

std::pair<Element *, double> mlir::attn::peelFactor(ElementReader &reader,
                                                    Element *element) {
  Element *product = reader.look(element);
  if (product->is<arith::MulFOp>())
    for (unsigned i : {0, 1})
      if (auto number = reader.look(product->operands[i])->getNumber())
        return {product->operands[1 - i], *number};
  if (product->is<arith::DivFOp>())
    if (auto number = reader.look(product->operands[1])->getNumber())
      return {product->operands[0], 1 / *number};
  return {nullptr, 1};
}

/// The size of which a scalar is 1 / sqrt(size).
static Value matchInverseRoot(Element *element) {
  if (element->kind != Element::Kind::Scalar)
    return {};
  FloatAttr one;
  auto division = element->value.getDefiningOp<arith::DivFOp>();
  if (!division || !matchPattern(division.getLhs(), m_Constant(&one)) ||
      one.getValueAsDouble() != 1)
    return {};
  auto root = division.getRhs().getDefiningOp<math::SqrtOp>();
  auto number = root ? root.getOperand().getDefiningOp<arith::SIToFPOp>()
                     : arith::SIToFPOp();
  auto size = number ? number.getIn().getDefiningOp<arith::IndexCastOp>()
                     : arith::IndexCastOp();
  return size ? size.getIn() : Value();
}

namespace {
class ScoreParser {
public:
  ScoreParser(ElementReader &reader, const Softmax &softmax,
              const IndexForm &key, Mismatch &mismatch)
      : reader(reader), softmax(softmax), key(key), mismatch(mismatch),
        factor(softmax.factor) {}

  std::optional<Score> parse();

private:
  std::optional<Product> matchProduct(Element *element);
  bool collectSum(Element *element, double factor,
                  SmallVectorImpl<Addend> &found);
  std::optional<double> matchSum(Element *element);
  void findProducts(Element *element);
  void dropPartialProducts();
  bool hasProduct(Element *element);
  bool dropsPosition(Element *score);
  bool dropsAlways(Element *score);
  std::optional<MaskTerm> matchMask(Element *addend, Element *&rest);
  bool hasMask(Element *addend);
  void addAddend(Element *addend);
  bool isKept(const Choice &choice);
  bool peelMask(Element *&element);
  std::optional<double> getScale(Element *element);
  bool hasProductBeside(Element *element, Element *part);
  bool matchSoftcap(Element *element);
  Element *findScaled(Element *element);
  Addend scaleAddend(Element *addend);
  bool peelScale(Element *&element);

  ElementReader &reader;
  const Softmax &softmax;
  const IndexForm &key;
  Mismatch &mismatch;
  /// What is multiplied outside of the part that is read.
  double factor;
  Score score;
  SmallVector<Product> products;
  /// The product that counts where the scores hold several.
  Element *only = nullptr;
  /// What stands where a product is missing.
  Mismatch missing;
  llvm::DenseMap<Element *, bool> known;
};
} // namespace

std::optional<Product> ScoreParser::matchProduct(Element *element) {
  if (!reader.dependsOn(element, key))
    return std::nullopt;
  Operation *producer = element->value.getDefiningOp();
  auto miss = [&](const Twine &why) {
    return missing.culprit ? std::nullopt : missing.fail(why, producer);
  };
  auto op = dyn_cast_or_null<linalg::LinalgOp>(producer);
  if (!op || op.getNumReductionLoops() != 1)
    return miss("the scores are no product of queries and keys");
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  Product product;
  product.element = element;
  product.op = op;
  product.featureSize = op.getStaticLoopRanges()[reductions[0]];
  product.feature = reader.addLoop(op, reductions[0]);
  std::optional<Reduction> sum =
      reader.getReduction(element, {product.feature});
  if (!sum || !isa<arith::AddFOp>(sum->combiner))
    return miss("the scores are no product of queries and keys");
  Element *factors = reader.look(sum->body);
  if (!factors->is<arith::MulFOp>())
    return miss("the scores are no product of queries and keys");
  if (sum->init->getNumber() != 0.0)
    reader.splitInit(op);
  product.query = factors->operands[0];
  product.key = factors->operands[1];
  if (reader.dependsOn(product.query, key))
    std::swap(product.query, product.key);
  if (reader.dependsOn(product.query, key) ||
      !reader.dependsOn(product.key, key))
    return miss("both factors of the scores vary with the keys");
  return product;
}

/// Collects the products that the element is made of.
void ScoreParser::findProducts(Element *element) {
  element = reader.look(element);
  if (known.contains(element))
    return;
  known[element] = false;
  if (element->isTensor()) {
    std::optional<Product> product = matchProduct(element);
    // What it begins with may have been split off.
    if (product && reader.look(element) != element) {
      known.erase(element);
      return findProducts(element);
    }
    if (!product || (only && !reader.areEqual(only, element)))
      return;
    known[element] = true;
    if (llvm::none_of(products, [&](const Product &other) {
          return reader.areEqual(other.element, element);
        }))
      products.push_back(*product);
    return;
  }
  for (Element *operand : element->operands) {
    findProducts(operand);
    known[element] |= hasProduct(operand);
  }
}

bool ScoreParser::hasProduct(Element *element) {
  return known.lookup(reader.look(element));
}

bool ScoreParser::dropsPosition(Element *score) {
  std::optional<double> number = reader.look(score)->getNumber();
  return number && attn::dropsPosition(*number * factor);
}

/// Whether a score drops its position whatever conditions choose: such numbers
/// are no masks, as the largest of them keeps.
bool ScoreParser::dropsAlways(Element *score) {
  Element *choice = reader.look(score);
  if (choice->isSelect())
    return dropsAlways(choice->operands[1]) && dropsAlways(choice->operands[2]);
  return dropsPosition(choice);
}

/// `x != 0 ? number : x`, which is 0 where the condition does not hold.
static bool isZeroOtherwise(ElementReader &reader, Element *condition,
                            Element *otherwise) {
  condition = reader.look(condition);
  if (!condition->is<arith::CmpFOp>() && !condition->is<arith::CmpIOp>())
    return false;
  return reader.look(condition->operands[1])->getNumber() == 0.0 &&
         reader.areEqual(condition->operands[0], otherwise) &&
         evaluateComparison(condition->op, 1, 0) &&
         !evaluateComparison(condition->op, 0, 0);
}

/// The mask of an addend that is -inf where it drops, and what else is added,
/// which may be nothing.
std::optional<MaskTerm> ScoreParser::matchMask(Element *addend,
                                               Element *&rest) {
  addend = reader.look(addend);
  if (auto choice = matchChoice(reader, addend)) {
    bool dropsIfTrue = attn::dropsPosition(choice->ifTrue * factor);
    bool dropsIfFalse = attn::dropsPosition(choice->ifFalse * factor);
    double other = dropsIfTrue ? choice->ifFalse : choice->ifTrue;
    if (dropsIfTrue != dropsIfFalse && other == 0) {
      rest = nullptr;
      return MaskTerm{choice->condition, /*isNegated=*/dropsIfTrue};
    }
  }
  if (addend->isSelect())
    for (unsigned i : {1, 2})
      if (dropsPosition(addend->operands[i]) &&
          !dropsAlways(addend->operands[3 - i])) {
        rest = addend->operands[3 - i];
        if (i == 1 && isZeroOtherwise(reader, addend->operands[0], rest))
          rest = nullptr;
        return MaskTerm{addend->operands[0], /*isNegated=*/i == 1,
                        /*band=*/std::nullopt, /*op=*/nullptr,
                        isGuard(addend) ? addend : nullptr};
      }
  return std::nullopt;
}

/// Whether a mask is among the terms of a sum.
bool ScoreParser::hasMask(Element *addend) {
  Element *sum = reader.look(addend);
  if (sum->is<arith::AddFOp>())
    return hasMask(sum->operands[0]) || hasMask(sum->operands[1]);
  Element *rest;
  return matchMask(sum, rest).has_value();
}

/// log2(e) and ln(2) cancel.
Addend ScoreParser::scaleAddend(Element *addend) {
  auto [below, number] = peelFactor(reader, addend);
  if (factor != 1 && below && reader.isOne(number * factor))
    return {below, 1};
  return {addend, factor};
}

/// Notes what is added to the scores; a mask that was added to a bias before is
/// a mask still.
void ScoreParser::addAddend(Element *addend) {
  Element *rest;
  if (auto mask = matchMask(addend, rest)) {
    score.masks.push_back(*mask);
    if (rest)
      addAddend(rest);
    return;
  }
  Element *sum = reader.look(addend);
  if (sum->is<arith::AddFOp>() && hasMask(sum)) {
    addAddend(sum->operands[0]);
    addAddend(sum->operands[1]);
    return;
  }
  if (std::optional<Band> band =
          matchBand(reader, sum, /*isNegated=*/false, key, factor)) {
    score.masks.push_back({sum, /*isNegated=*/false, band});
    return;
  }
  if (sum->getNumber() == 0.0)
    return;
  score.addends.push_back(scaleAddend(addend));
  // Where one of the conditions in it drops, whole tiles may; what is added
  // elsewhere depends on others.
  if (dropsAlways(sum))
    return;
  if (auto mask = findDroppingCondition(reader, sum, factor))
    score.masks.push_back(*mask);
}

/// Whether a choice is 1 wherever the masks keep a position.
bool ScoreParser::isKept(const Choice &choice) {
  if (choice.ifTrue != 1 && choice.ifFalse != 1)
    return false;
  return containsTerm(reader, score.masks,
                      {choice.condition, /*isNegated=*/choice.ifTrue != 1});
}

/// Takes the outermost mask or addend off.
bool ScoreParser::peelMask(Element *&element) {
  Element *outer = reader.look(element);
  if (outer->isSelect() && !hasProduct(outer->operands[0]))
    for (unsigned i : {1, 2})
      if (dropsPosition(outer->operands[i])) {
        score.masks.push_back({outer->operands[0], /*isNegated=*/i == 1,
                               /*band=*/std::nullopt, /*op=*/nullptr,
                               isGuard(outer) ? outer : nullptr});
        element = outer->operands[3 - i];
        return true;
      }
  // A score times a mask that was noted already: it is 1 where that keeps.
  if (outer->is<arith::MulFOp>())
    for (unsigned i : {0, 1})
      if (auto choice = matchChoice(reader, outer->operands[i]);
          choice && isKept(*choice)) {
        element = outer->operands[1 - i];
        return true;
      }
  // What is subtracted is large where it drops.
  if (outer->is<arith::SubFOp>() && hasProduct(outer->operands[0]))
    if (auto choice = matchChoice(reader, outer->operands[1])) {
      bool dropsIfTrue = attn::dropsPosition(-choice->ifTrue * factor);
      bool dropsIfFalse = attn::dropsPosition(-choice->ifFalse * factor);
      if (dropsIfTrue != dropsIfFalse &&
          (dropsIfTrue ? choice->ifFalse : choice->ifTrue) == 0) {
        score.masks.push_back({choice->condition, /*isNegated=*/dropsIfTrue});
        element = outer->operands[0];
        return true;
      }
    }
  if (!outer->is<arith::AddFOp>())
    return false;
  for (unsigned i : {0, 1}) {
    if (!hasProduct(outer->operands[i]) || hasProduct(outer->operands[1 - i]))
      continue;
    element = outer->operands[i];
    addAddend(outer->operands[1 - i]);
    return true;
  }
  return false;
}

/// The constant by which the element is the product.
std::optional<double> ScoreParser::getScale(Element *element) {
  double scale = 1;
  score.rootOf = Value();
  while (true) {
    Element *inner = reader.look(element);
    if (auto ofSum = hasProduct(inner) ? matchSum(inner) : std::nullopt) {
      score.sum = inner;
      score.sumFactor = *ofSum;
      return scale * *ofSum;
    }
    auto [below, factor] = peelFactor(reader, inner);
    if (!below && inner->is<arith::MulFOp>() && !score.rootOf) {
      score.rootOf = matchInverseRoot(reader.look(inner->operands[1]));
      below = score.rootOf ? inner->operands[0] : nullptr;
    }
    if (!below)
      return std::nullopt;
    scale *= factor;
    element = below;
  }
}

/// Softcap: cap * tanh(factor * product), as cap * tanh(scale * product / cap).
bool ScoreParser::matchSoftcap(Element *element) {
  auto [capped, cap] = peelFactor(reader, element);
  Element *tanh = capped ? reader.look(capped) : nullptr;
  if (!tanh || !tanh->is<math::TanhOp>() || !(cap > 0))
    return false;
  std::optional<double> factor = getScale(tanh->operands[0]);
  if (!factor)
    return false;
  score.softcap = cap;
  score.scale = *factor * cap;
  return true;
}

/// The outermost part that is the product times a constant, capped or not.
Element *ScoreParser::findScaled(Element *element) {
  if (matchSoftcap(element))
    return element;
  if (std::optional<double> scale = getScale(element)) {
    score.scale = *scale;
    return element;
  }
  for (Element *operand : reader.look(element)->operands)
    if (hasProduct(operand))
      return findScaled(operand);
  return nullptr;
}

/// Takes masks off that are below a constant factor.
bool ScoreParser::peelScale(Element *&element) {
  double outer = factor;
  Element *inner = element;
  while (true) {
    auto [below, number] = peelFactor(reader, inner);
    if (!below || !(number > 0))
      break;
    inner = below;
    factor *= number;
  }
  if (inner != element && peelMask(inner)) {
    element = inner;
    return true;
  }
  factor = outer;
  return false;
}

/// Collects the terms of a sum, each a product times a number.
bool ScoreParser::collectSum(Element *element, double factor,
                             SmallVectorImpl<Addend> &found) {
  element = reader.look(element);
  if (element->isTensor()) {
    found.push_back({element, factor});
    return hasProduct(element);
  }
  if (element->is<arith::AddFOp>())
    return llvm::all_of(element->operands, [&](Element *operand) {
      return collectSum(operand, factor, found);
    });
  // A product's own number is the scale.
  auto [below, number] = peelFactor(reader, element);
  return products.size() > 1 && below &&
         collectSum(below, factor * number, found);
}

/// The number by which an element is the sum of all products.
std::optional<double> ScoreParser::matchSum(Element *element) {
  SmallVector<Addend> found;
  if (!collectSum(element, 1, found) || found.size() != products.size())
    return std::nullopt;
  double factor = found.front().factor;
  for (const Product &product : products)
    if (llvm::none_of(found, [&](const Addend &term) {
          return reader.isOne(term.factor / factor) &&
                 reader.areEqual(term.element, product.element);
        }))
      return std::nullopt;
  return factor;
}

/// A product that varies with a part of the keys' digits, such as one of
/// queries and the relative positions of rows of an image, is a bias if another
/// varies with all.
void ScoreParser::dropPartialProducts() {
  IndexForm digits = reader.space.resolve(key);
  auto isPartial = [&](const Product &product) {
    return llvm::any_of(digits.terms, [&](const auto &term) {
      return reader.space.getSize(term.first) != 1 &&
             !reader.dependsOn(product.element,
                               reader.space.getForm(term.first));
    });
  };
  SmallVector<Product> whole;
  llvm::copy_if(products, std::back_inserter(whole),
                [&](const Product &product) { return !isPartial(product); });
  if (whole.size() != 1)
    return;
  only = whole.front().element;
  known.clear();
  products.clear();
  findProducts(softmax.scores);
}

/// Whether a product is in an element other than by `part`.
bool ScoreParser::hasProductBeside(Element *element, Element *part) {
  if (!hasProduct(element) || reader.areEqual(element, part))
    return false;
  element = reader.look(element);
  return element->isTensor() ||
         llvm::any_of(element->operands, [&](Element *operand) {
           return hasProductBeside(operand, part);
         });
}

std::optional<Score> ScoreParser::parse() {
  findProducts(softmax.scores);
  if (products.empty()) {
    if (!missing.culprit)
      missing.fail("the scores are no product of queries and keys");
    mismatch = missing;
    return std::nullopt;
  }
  if (products.size() > 1)
    dropPartialProducts();
  score.products = products;
  score.masks = softmax.masks;
  Element *element = softmax.scores;
  while (peelMask(element) || peelScale(element))
    ;
  score.modified = element;
  score.scaled = findScaled(element);
  if (!score.scaled)
    return mismatch.fail("the scores hold several products of queries and keys",
                         products.back().op);
  score.outerFactor = factor;
  // Another factor elsewhere: the modification begins below both.
  if (hasProductBeside(score.modified, score.scaled))
    score.modifySum();
  if (score.modified != score.scaled || score.rootOf) {
    score.factor = factor;
    return score;
  }
  score.scale *= factor;
  if (score.softcap)
    *score.softcap *= factor;
  return score;
}

std::optional<Score> mlir::attn::parseScore(ElementReader &reader,
                                            const Softmax &softmax,
                                            const IndexForm &key,
                                            Mismatch &mismatch) {
  return ScoreParser(reader, softmax, key, mismatch).parse();
}
