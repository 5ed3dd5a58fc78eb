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

/// Whether a score of this value has no weight beside any other: -inf, the
/// lowest number of a type, or one that frontends write for them.
static bool dropsPosition(std::optional<double> score) {
  return score && (*score <= -1e30 || *score == -65504);
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
  ScoreParser(ElementReader &reader, const IndexForm &key, Mismatch &mismatch)
      : reader(reader), key(key), mismatch(mismatch) {}

  std::optional<Score> parse(Element *scores);

private:
  std::optional<Product> matchProduct(Element *element);
  void findProducts(Element *element);
  bool hasProduct(Element *element);
  std::optional<std::pair<MaskTerm, Element *>> matchMask(Element *addend);
  bool hasMask(Element *addend);
  void addAddend(Element *addend);
  bool peelMask(Element *&element);
  std::optional<double> getScale(Element *element);
  bool matchSoftcap(Element *element);
  Element *findScaled(Element *element);

  ElementReader &reader;
  const IndexForm &key;
  Mismatch &mismatch;
  Score score;
  SmallVector<Product> products;
  llvm::DenseMap<Element *, bool> known;
};
} // namespace

std::optional<Product> ScoreParser::matchProduct(Element *element) {
  auto result = dyn_cast<OpResult>(element->value);
  auto op = result ? dyn_cast<linalg::LinalgOp>(result.getOwner())
                   : linalg::LinalgOp();
  if (!op || op.getNumReductionLoops() != 1 || !reader.dependsOn(element, key))
    return std::nullopt;
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  Product product;
  product.element = element;
  product.op = op;
  product.featureSize = op.getStaticLoopRanges()[reductions[0]];
  product.feature =
      reader.space.getForm(reader.space.addVariable(product.featureSize));
  std::optional<Reduction> sum =
      reader.getReduction(element, {product.feature});
  if (!sum || !isa<arith::AddFOp>(sum->combiner) ||
      sum->init->getNumber() != 0.0)
    return std::nullopt;
  Element *factors = reader.look(sum->body);
  if (!factors->is<arith::MulFOp>())
    return std::nullopt;
  product.query = factors->operands[0];
  product.key = factors->operands[1];
  if (reader.dependsOn(product.query, key))
    std::swap(product.query, product.key);
  if (reader.dependsOn(product.query, key) ||
      !reader.dependsOn(product.key, key))
    return std::nullopt;
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
    if (!product)
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

/// The mask of an addend that is -inf where it drops, and what else is added.
std::optional<std::pair<MaskTerm, Element *>>
ScoreParser::matchMask(Element *addend) {
  addend = reader.look(addend);
  if (addend->isSelect())
    for (unsigned i : {1, 2})
      if (dropsPosition(reader.look(addend->operands[i])->getNumber()))
        return std::pair(MaskTerm{addend->operands[0], /*isNegated=*/i == 1},
                         addend->operands[3 - i]);
  return std::nullopt;
}

/// Whether a mask is among the terms of a sum.
bool ScoreParser::hasMask(Element *addend) {
  Element *sum = reader.look(addend);
  if (sum->is<arith::AddFOp>())
    return hasMask(sum->operands[0]) || hasMask(sum->operands[1]);
  return matchMask(sum).has_value();
}

/// Notes what is added to the scores; a mask that was added to a bias before is
/// a mask still.
void ScoreParser::addAddend(Element *addend) {
  if (auto masked = matchMask(addend)) {
    score.masks.push_back(masked->first);
    addAddend(masked->second);
    return;
  }
  Element *sum = reader.look(addend);
  if (sum->is<arith::AddFOp>() && hasMask(sum)) {
    addAddend(sum->operands[0]);
    addAddend(sum->operands[1]);
    return;
  }
  if (sum->getNumber() != 0.0)
    score.addends.push_back(addend);
}

/// Takes the outermost mask or addend off.
bool ScoreParser::peelMask(Element *&element) {
  Element *outer = reader.look(element);
  auto getNumber = [&](Element *operand) {
    return reader.look(operand)->getNumber();
  };
  if (outer->isSelect() && !hasProduct(outer->operands[0]))
    for (unsigned i : {1, 2})
      if (dropsPosition(getNumber(outer->operands[i]))) {
        score.masks.push_back({outer->operands[0], /*isNegated=*/i == 1});
        element = outer->operands[3 - i];
        return true;
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
    if (inner->isTensor() && hasProduct(inner))
      return scale;
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

/// Softcap: cap · tanh(factor · product), as cap · tanh(scale · product / cap).
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

std::optional<Score> ScoreParser::parse(Element *scores) {
  findProducts(scores);
  if (products.empty())
    return mismatch.fail("the scores are no product of queries and keys");
  if (products.size() > 1)
    return mismatch.fail("the scores hold several products of queries and keys",
                         products[1].op);
  score.product = products.front();
  Element *element = scores;
  while (peelMask(element))
    ;
  score.modified = element;
  score.scaled = findScaled(element);
  assert(score.scaled && "the product itself is one");
  return score;
}

std::optional<Score> mlir::attn::parseScore(ElementReader &reader,
                                            Element *scores,
                                            const IndexForm &key,
                                            Mismatch &mismatch) {
  return ScoreParser(reader, key, mismatch).parse(scores);
}
