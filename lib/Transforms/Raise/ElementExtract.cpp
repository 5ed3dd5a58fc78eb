//===- ElementExtract.cpp - Elements that tensor.extract reads ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operands of a linalg operation are as long as its loops. What
// tensor.extract reads in its body may be longer: a cache of which the loops
// cover what is filled. Sizes that are dynamic have to be known to be the same.
//
//===----------------------------------------------------------------------===//

#include "Element.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn;

/// What is known to be the size of a loop: that of each operand along it.
static SmallVector<SymbolicSize> getLoopSizes(linalg::LinalgOp op,
                                              unsigned loop) {
  SmallVector<SymbolicSize> sizes;
  AffineExpr dim = getAffineDimExpr(loop, op.getContext());
  for (OpOperand &operand : op->getOpOperands())
    for (auto [i, expr] :
         llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
      if (expr == dim)
        sizes.push_back(SymbolicSize::get(operand.get(), i));
  return sizes;
}

IndexForm ElementReader::addLoop(linalg::LinalgOp op, unsigned loop) {
  return space.getForm(space.addVariable(op.getStaticLoopRanges()[loop],
                                         getLoopSizes(op, loop)));
}

/// Whether the loops of an operation are known to be as long as the forms where
/// they stand. An operand shows it, what is extracted does not.
bool ElementReader::hasKnownLoops(linalg::LinalgOp op,
                                  ArrayRef<IndexForm> loops) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [i, form] : llvm::enumerate(loops)) {
    if (!ShapedType::isDynamic(ranges[i]) && space.getRange(form))
      continue;
    SmallVector<SymbolicSize> sizes = space.getSizes(form);
    if (llvm::none_of(getLoopSizes(op, i), [&](const SymbolicSize &size) {
          return llvm::is_contained(sizes, size);
        }))
      return false;
  }
  return true;
}

/// Whether an index may count less than a dimension, or more.
bool ElementReader::mayBePart(Value tensor, unsigned dim,
                              const IndexForm &index) {
  // Static sizes are compared where it matters.
  bool isStatic = !cast<ShapedType>(tensor.getType()).isDynamicDim(dim);
  if ((isStatic && space.getRange(index)) || space.resolve(index).isConstant())
    return false;
  return !llvm::is_contained(space.getSizes(index),
                             SymbolicSize::get(tensor, dim));
}

/// An index as a form.
std::optional<IndexForm> ElementReader::asForm(Element *element) {
  element = look(element);
  if (element->kind == Element::Kind::Index)
    return element->indices[0];
  if (element->kind == Element::Kind::Constant)
    if (auto number = dyn_cast<IntegerAttr>(element->constant))
      return IndexForm(number.getInt());
  if (element->is<arith::IndexCastOp>())
    return asForm(element->operands[0]);
  if (element->is<arith::AddIOp>() || element->is<arith::SubIOp>() ||
      element->is<arith::MulIOp>()) {
    std::optional<IndexForm> x = asForm(element->operands[0]);
    std::optional<IndexForm> y = asForm(element->operands[1]);
    if (!x || !y)
      return std::nullopt;
    if (element->is<arith::AddIOp>())
      return space.add(*x, *y);
    if (element->is<arith::SubIOp>())
      return space.add(*x, *y, -1);
    if (x->isConstant())
      std::swap(x, y);
    if (y->isConstant())
      return space.add(IndexForm(), *x, y->constant);
  }
  return std::nullopt;
}

/// The size of a tensor's dimension that an element is.
static tensor::DimOp getDim(Element *element) {
  if (element->kind == Element::Kind::Scalar)
    return element->value.getDefiningOp<tensor::DimOp>();
  if (element->kind == Element::Kind::Operation)
    return dyn_cast<tensor::DimOp>(element->op);
  return {};
}

/// The element that an extraction reads, where its indices are forms. An index
/// `size == 1 ? 0 : form` is that form in a dimension that broadcasts.
Element *ElementReader::evaluateExtract(tensor::ExtractOp extract,
                                        ArrayRef<Element *> operands) {
  SmallVector<IndexForm> indices;
  llvm::SmallBitVector parts(operands.size());
  bool broadcasts = false;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    Element *index = look(operand);
    bool isBroadcast = index->isSelect();
    if (index->isSelect()) {
      Element *condition = look(index->operands[0]);
      if (!condition->is<arith::CmpIOp>() ||
          cast<arith::CmpIOp>(condition->op).getPredicate() !=
              arith::CmpIPredicate::eq ||
          look(condition->operands[1])->getNumber() != 1.0 ||
          look(index->operands[1])->getNumber() != 0.0)
        return nullptr;
      tensor::DimOp dim = getDim(look(condition->operands[0]));
      if (!dim || dim.getSource() != extract.getTensor() ||
          dim.getConstantIndex() != static_cast<int64_t>(i))
        return nullptr;
      index = index->operands[2];
      broadcasts = true;
    }
    std::optional<IndexForm> form = asForm(index);
    if (!form)
      return nullptr;
    indices.push_back(*form);
    parts[i] = !isBroadcast && mayBePart(extract.getTensor(), i, *form);
  }
  Element *element = getTensor(extract.getTensor(), indices);
  element->broadcasts = broadcasts;
  element->parts = parts;
  // A producer may not be read past its size.
  element->isExpanded = broadcasts;
  return element;
}
