//===- ElementReduction.cpp - Elements that reductions produce ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Element.h"

using namespace mlir;
using namespace mlir::attn;

/// The addition that an element is of which the init was split off.
Element *ElementReader::expandInit(Element *element) {
  auto result = dyn_cast<OpResult>(element->value);
  if (!result || element->beginsWithZero || element->broadcasts ||
      !split.contains(result.getOwner()))
    return nullptr;
  auto op = cast<linalg::LinalgOp>(result.getOwner());
  OpOperand *init = op.getDpsInitOperand(result.getResultNumber());
  Operation *combiner = op.getBlock()
                            ->getTerminator()
                            ->getOperand(result.getResultNumber())
                            .getDefiningOp();
  Element *sum = create(Element::Kind::Operation, element->type);
  sum->op = combiner;
  Element *rest = getTensor(element->value, element->indices);
  rest->beginsWithZero = true;
  // The init has the shape of the result, and its map.
  sum->operands = {rest, getTensor(init->get(), element->indices)};
  visited.insert(op);
  return sum;
}

/// The reduction behind the views between it and its use.
std::optional<OpResult> ElementReader::findReduction(Element *&element) {
  while (element->isTensor() && !element->isPart()) {
    auto result = dyn_cast<OpResult>(element->value);
    auto op = result ? dyn_cast<linalg::LinalgOp>(result.getOwner())
                     : linalg::LinalgOp();
    if (op && op.getNumReductionLoops() != 0) {
      if (op.hasPureTensorSemantics())
        return result;
      return std::nullopt;
    }
    Element *next = expand(element);
    if (!next)
      return std::nullopt;
    element = next;
  }
  return std::nullopt;
}

std::optional<int64_t> ElementReader::getReductionSize(Element *element) {
  std::optional<IndexForm> reduced = addReducedLoop(element);
  return reduced ? std::optional(space.getSize(reduced->terms[0].first))
                 : std::nullopt;
}

std::optional<IndexForm> ElementReader::addReducedLoop(Element *element) {
  std::optional<OpResult> result = findReduction(element);
  if (!result)
    return std::nullopt;
  auto op = cast<linalg::LinalgOp>(result->getOwner());
  SmallVector<unsigned> dims;
  op.getReductionDims(dims);
  if (dims.size() != 1)
    return std::nullopt;
  return addLoop(op, dims[0]);
}

std::optional<Reduction>
ElementReader::getReduction(Element *element, ArrayRef<IndexForm> reduced,
                            bool isPart) {
  std::optional<OpResult> found = findReduction(element);
  if (!found)
    return std::nullopt;
  OpResult result = *found;
  auto op = cast<linalg::LinalgOp>(result.getOwner());
  SmallVector<unsigned> dims;
  op.getReductionDims(dims);
  if (!isPart && dims.size() == reduced.size())
    for (auto [dim, index] : llvm::zip_equal(dims, reduced))
      if (!space.getDigits(index, op.getStaticLoopRanges()[dim]))
        return std::nullopt;
  OpOperand *init = op.getDpsInitOperand(result.getResultNumber());
  auto loops = bindLoops(op, init, element->indices, reduced);
  if (!loops)
    return std::nullopt;
  Value yielded =
      op.getBlock()->getTerminator()->getOperand(result.getResultNumber());
  Operation *combiner = yielded.getDefiningOp();
  BlockArgument accumulator = op.getMatchingBlockArgument(init);
  if (!combiner || combiner->getNumOperands() != 2)
    return std::nullopt;
  Value other = combiner->getOperand(0) == accumulator
                    ? combiner->getOperand(1)
                    : combiner->getOperand(0);
  if (!llvm::is_contained(combiner->getOperands(), accumulator) ||
      other == accumulator)
    return std::nullopt;
  llvm::DenseMap<Value, Element *> known;
  Element *body = evaluate(other, op, *loops, known);
  // What is combined may not depend on what was before, in any result.
  if (!body || llvm::any_of(op.getRegionOutputArgs(), [&](Value argument) {
        return known.contains(argument);
      }))
    return std::nullopt;
  Element *start = element->beginsWithZero
                       ? getConstant(0, element->type)
                       : evaluate(accumulator, op, *loops, known);
  if (!start)
    return std::nullopt;
  visited.insert(op);
  return Reduction{combiner, body, look(start)};
}
