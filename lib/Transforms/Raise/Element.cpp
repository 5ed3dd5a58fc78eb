//===- Element.cpp - Elements of tensors as scalar expressions ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Element.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;

std::optional<double> Element::getNumber() const {
  if (kind != Kind::Constant)
    return std::nullopt;
  if (auto number = dyn_cast<FloatAttr>(constant))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(constant))
    return number.getType().isInteger(1) ? number.getValue().getZExtValue()
                                         : number.getValue().getSExtValue();
  return std::nullopt;
}

Operation *mlir::attn::getTensorOp(Operation *op) {
  while (op && !isa<linalg::LinalgOp>(op) &&
         !llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>))
    op = op->getParentOp();
  return op;
}

Element *ElementReader::create(Element::Kind kind, Type type) {
  auto *element = new (allocator.Allocate()) Element();
  element->kind = kind;
  element->type = type;
  return element;
}

Element *ElementReader::getTensor(Value tensor, ArrayRef<IndexForm> indices) {
  Element *element =
      create(Element::Kind::Tensor,
             cast<ShapedType>(tensor.getType()).getElementType());
  element->value = tensor;
  element->indices.assign(indices.begin(), indices.end());
  return element;
}

Element *ElementReader::getConstant(double number, Type type) {
  Element *element = create(Element::Kind::Constant, type);
  element->constant = FloatAttr::get(type, number);
  return element;
}

Element *ElementReader::getOperation(Element *operation,
                                     ArrayRef<Element *> operands) {
  Element *element = create(operation->kind, operation->type);
  element->op = operation->op;
  element->operands.assign(operands.begin(), operands.end());
  return element;
}

/// Whether an operation leaves a number as it is but for a rounding that
/// computing in a wider type may leave out. One to 8 bits is a quantization.
static bool isRounding(Operation *op) {
  return isa<arith::ExtFOp>(op) ||
         (isa<arith::TruncFOp>(op) &&
          getElementTypeOrSelf(op->getResult(0).getType())
                  .getIntOrFloatBitWidth() >= 16);
}

Element *ElementReader::expand(Element *element) {
  if (!element->isTensor())
    return nullptr;
  // A producer may not be read past its size, and what it reads would be as
  // long as it is, not as the loops.
  if (element->isPart())
    return nullptr;
  if (!element->expanded)
    element->expanded = expandInit(element);
  if (element->expanded)
    return element->expanded;
  if (element->isExpanded)
    return element->expanded;
  element->isExpanded = true;
  Value tensor = element->value;
  TypedAttr constant;
  if (matchPattern(tensor, m_Constant(&constant))) {
    if (auto dense = dyn_cast<DenseElementsAttr>(constant);
        dense && dense.isSplat()) {
      Element *splat = create(Element::Kind::Constant, element->type);
      splat->constant = dense.getSplatValue<TypedAttr>();
      element->expanded = splat;
    }
    return element->expanded;
  }
  auto result = dyn_cast<OpResult>(tensor);
  if (!result)
    return nullptr;
  if (auto op = dyn_cast<linalg::LinalgOp>(result.getOwner()))
    element->expanded = expandLinalg(op, result, element->indices);
  else
    element->expanded = expandView(tensor, element->indices);
  if (element->expanded)
    visited.insert(result.getOwner());
  return element->expanded;
}

Element *ElementReader::look(Element *element) {
  while (Element *next = expand(element))
    element = next;
  return element;
}

std::optional<SmallVector<IndexForm>>
ElementReader::bindLoops(linalg::LinalgOp op, OpOperand *init,
                         ArrayRef<IndexForm> indices,
                         ArrayRef<IndexForm> reduced) {
  SmallVector<std::optional<IndexForm>> bound(op.getNumLoops());
  AffineMap map = op.getMatchingIndexingMap(init);
  for (auto [expr, size, index] :
       llvm::zip_equal(map.getResults(), op.getShape(init), indices)) {
    // A constant writes one position, a loop that stands twice a diagonal.
    if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
      if (size != 1 && !space.areEqual(index, IndexForm(constant.getValue())))
        return std::nullopt;
      continue;
    }
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || (bound[dim.getPosition()] &&
                 !space.areEqual(index, *bound[dim.getPosition()])))
      return std::nullopt;
    bound[dim.getPosition()] = index;
  }
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (reductions.size() != reduced.size())
    return std::nullopt;
  for (auto [dim, index] : llvm::zip_equal(reductions, reduced))
    bound[dim] = index;
  SmallVector<IndexForm> loops;
  for (auto [i, index] : llvm::enumerate(bound)) {
    // A loop that the result does not have is one of size 1.
    if (!index && op.getStaticLoopRanges()[i] != 1)
      return std::nullopt;
    loops.push_back(index.value_or(IndexForm()));
  }
  return loops;
}

Element *ElementReader::expandLinalg(linalg::LinalgOp op, OpResult result,
                                     ArrayRef<IndexForm> indices) {
  if (op.getNumReductionLoops() != 0 || !op.hasPureTensorSemantics())
    return nullptr;
  OpOperand *init = op.getDpsInitOperand(result.getResultNumber());
  auto loops = bindLoops(op, init, indices, {});
  if (!loops)
    return nullptr;
  llvm::DenseMap<Value, Element *> known;
  Value yielded =
      op.getBlock()->getTerminator()->getOperand(result.getResultNumber());
  // What a body may not leave out is no expression.
  for (Operation &nested : *op.getBlock())
    if (!isMemoryEffectFree(&nested) &&
        !nested.hasTrait<OpTrait::IsTerminator>())
      return nullptr;
  return evaluate(yielded, op, *loops, known);
}

Element *ElementReader::expandView(Value tensor, ArrayRef<IndexForm> indices) {
  Operation *op = tensor.getDefiningOp();
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return isa<RankedTensorType>(cast.getSource().getType())
               ? getTensor(cast.getSource(), indices)
               : nullptr;
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    Element *scalar = create(Element::Kind::Scalar, splat.getInput().getType());
    scalar->value = splat.getInput();
    return scalar;
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
    SmallVector<IndexForm> source(shape.size());
    for (auto [group, index] :
         llvm::zip_equal(collapse.getReassociationIndices(), indices)) {
      IndexForm rest = index;
      for (int64_t dim : llvm::reverse(ArrayRef(group).drop_front())) {
        if (shape[dim] == 1)
          continue;
        if (ShapedType::isDynamic(shape[dim]))
          return nullptr;
        auto quotient = space.divide(rest, shape[dim]);
        if (!quotient)
          return nullptr;
        std::tie(rest, source[dim]) = *quotient;
      }
      if (!group.empty())
        source[group.front()] = rest;
    }
    return getTensor(collapse.getSrc(), source);
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    ArrayRef<int64_t> shape = expand.getResultType().getShape();
    SmallVector<IndexForm> source;
    for (const ReassociationIndices &group : expand.getReassociationIndices()) {
      IndexForm sum;
      int64_t factor = 1;
      for (int64_t dim : llvm::reverse(group)) {
        if (shape[dim] == 1)
          continue;
        if (ShapedType::isDynamic(factor))
          return nullptr;
        std::optional<IndexForm> more = space.add(sum, indices[dim], factor);
        if (!more)
          return nullptr;
        sum = *more;
        factor = ShapedType::isDynamic(shape[dim]) ? ShapedType::kDynamic
                                                   : factor * shape[dim];
      }
      source.push_back(sum);
    }
    return getTensor(expand.getSrc(), source);
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    // Sizes must be known: they are what tells a part from the whole.
    if (!slice.getSourceType().hasStaticShape() ||
        !slice.getType().hasStaticShape() || !slice.hasUnitStride() ||
        llvm::any_of(slice.getStaticOffsets(), ShapedType::isDynamic))
      return nullptr;
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<IndexForm> source;
    unsigned next = 0;
    for (auto [i, offset] : llvm::enumerate(slice.getStaticOffsets())) {
      IndexForm index = dropped[i] ? IndexForm() : indices[next++];
      index.constant += offset;
      source.push_back(index);
    }
    return getTensor(slice.getSource(), source);
  }
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    // The input in which all values of the index lie.
    int64_t begin = 0;
    for (Value input : concat.getInputs()) {
      int64_t size =
          cast<RankedTensorType>(input.getType()).getDimSize(concat.getDim());
      if (ShapedType::isDynamic(size))
        return nullptr;
      std::optional<std::pair<int64_t, int64_t>> range =
          space.getRange(indices[concat.getDim()]);
      if (range && range->first >= begin && range->second < begin + size) {
        SmallVector<IndexForm> source(indices);
        source[concat.getDim()].constant -= begin;
        return getTensor(input, source);
      }
      begin += size;
    }
    return nullptr;
  }
  // arith and math on whole tensors.
  if (op->hasTrait<OpTrait::Elementwise>() && op->getNumResults() == 1 &&
      isMemoryEffectFree(op)) {
    Element *element = create(Element::Kind::Operation,
                              getElementTypeOrSelf(tensor.getType()));
    element->op = op;
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      if (!type)
        return nullptr;
      element->operands.push_back(getTensor(operand, indices));
    }
    if (isRounding(op))
      return element->operands[0];
    if (isa<arith::SelectOp>(op))
      element->kind = Element::Kind::Select;
    return element;
  }
  return nullptr;
}

/// The size of a loop that an init of the operation shows.
static OpFoldResult getLoopSize(linalg::LinalgOp op, unsigned loop) {
  OpOperand *init = op.getDpsInitOperand(0);
  Value tensor = init->get();
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    tensor = fill.getOutputs()[0];
  auto empty = tensor.getDefiningOp<tensor::EmptyOp>();
  if (!empty)
    return {};
  AffineMap map = op.getMatchingIndexingMap(init);
  for (auto [expr, size] :
       llvm::zip_equal(map.getResults(), empty.getMixedSizes()))
    if (expr == getAffineDimExpr(loop, op.getContext()))
      return size;
  return {};
}

/// `high * size + low` of two loops, where `size` is the dynamic size of the
/// lower: the number of a query head from those of its KV head and group.
static std::optional<IndexForm> matchNumber(arith::AddIOp sum,
                                            linalg::LinalgOp op,
                                            ArrayRef<IndexForm> loops,
                                            IndexSpace &space) {
  for (unsigned i : {0, 1}) {
    auto product = sum.getOperand(i).getDefiningOp<arith::MulIOp>();
    auto low = sum.getOperand(1 - i).getDefiningOp<linalg::IndexOp>();
    if (!product || !low)
      continue;
    for (unsigned j : {0, 1}) {
      auto high = product.getOperand(j).getDefiningOp<linalg::IndexOp>();
      OpFoldResult size = getLoopSize(op, low.getDim());
      if (high && size == OpFoldResult(product.getOperand(1 - j)))
        return space.join(loops[high.getDim()], loops[low.getDim()]);
    }
  }
  return std::nullopt;
}

/// A value in the body of an operation, whose loops stand at the forms.
Element *ElementReader::evaluate(Value value, linalg::LinalgOp op,
                                 ArrayRef<IndexForm> loops,
                                 llvm::DenseMap<Value, Element *> &known) {
  if (Element *element = known.lookup(value))
    return element;
  auto remember = [&](Element *element) {
    known[value] = element;
    return element;
  };
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == op.getBlock()) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    if (!isa<RankedTensorType>(operand->get().getType())) {
      TypedAttr constant;
      bool isConstant = matchPattern(operand->get(), m_Constant(&constant));
      Element *element =
          create(isConstant ? Element::Kind::Constant : Element::Kind::Scalar,
                 operand->get().getType());
      element->value = operand->get();
      element->constant = constant;
      return remember(element);
    }
    auto indices = space.apply(op.getMatchingIndexingMap(operand), loops);
    if (!indices)
      return nullptr;
    return remember(getTensor(operand->get(), *indices));
  }
  TypedAttr constant;
  if (matchPattern(value, m_Constant(&constant))) {
    Element *element = create(Element::Kind::Constant, value.getType());
    element->constant = constant;
    return remember(element);
  }
  if (!op->isAncestor(value.getParentBlock()->getParentOp())) {
    Element *element = create(Element::Kind::Scalar, value.getType());
    element->value = value;
    return remember(element);
  }
  Operation *nested = value.getDefiningOp();
  if (!nested)
    return nullptr;
  if (auto index = dyn_cast<linalg::IndexOp>(nested)) {
    Element *element = create(Element::Kind::Index, value.getType());
    element->indices.push_back(loops[index.getDim()]);
    return remember(element);
  }
  if (auto branch = dyn_cast<scf::IfOp>(nested)) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    Element *element = create(Element::Kind::Select, value.getType());
    element->op = nested;
    for (Value operand :
         {Value(branch.getCondition()), branch.thenYield().getOperand(number),
          branch.elseYield().getOperand(number)}) {
      Element *read = evaluate(operand, op, loops, known);
      if (!read)
        return nullptr;
      element->operands.push_back(read);
    }
    return remember(element);
  }
  if (auto sum = dyn_cast<arith::AddIOp>(nested))
    if (auto number = matchNumber(sum, op, loops, space)) {
      Element *element = create(Element::Kind::Index, value.getType());
      element->indices.push_back(*number);
      return remember(element);
    }
  if (nested->getNumRegions() || nested->getNumResults() != 1 ||
      (isa<tensor::ExtractOp>(nested) && !hasKnownLoops(op, loops)))
    return nullptr;
  SmallVector<Element *, 3> operands;
  for (Value operand : nested->getOperands()) {
    // These read a tensor from outside.
    if (isa<tensor::ExtractOp, tensor::DimOp>(nested) &&
        operand == nested->getOperand(0) &&
        !op->isAncestor(operand.getParentBlock()->getParentOp()))
      continue;
    if (isa<RankedTensorType>(operand.getType()))
      return nullptr;
    Element *read = evaluate(operand, op, loops, known);
    if (!read)
      return nullptr;
    operands.push_back(read);
  }
  // Roundings around an operation in another type are no operation.
  if (isRounding(nested))
    return remember(operands[0]);
  if (auto extract = dyn_cast<tensor::ExtractOp>(nested))
    if (Element *element = evaluateExtract(extract, operands))
      return remember(element);
  Element *element =
      create(isa<arith::SelectOp>(nested) ? Element::Kind::Select
                                          : Element::Kind::Operation,
             value.getType());
  element->op = nested;
  element->operands = operands;
  return remember(element);
}

bool ElementReader::areEqual(Element *x, Element *y) {
  if (x == y)
    return true;
  if (x->isTensor() && y->isTensor() && x->value == y->value &&
      x->broadcasts == y->broadcasts &&
      x->beginsWithZero == y->beginsWithZero &&
      llvm::all_of(llvm::zip_equal(x->indices, y->indices), [&](auto pair) {
        return space.areEqual(std::get<0>(pair), std::get<1>(pair));
      }))
    return true;
  Element *a = look(x), *b = look(y);
  if (a->kind != b->kind || a->operands.size() != b->operands.size())
    return false;
  switch (a->kind) {
  case Element::Kind::Tensor:
    return a->value == b->value && a->broadcasts == b->broadcasts &&
           a->beginsWithZero == b->beginsWithZero &&
           llvm::all_of(
               llvm::zip_equal(a->indices, b->indices), [&](auto pair) {
                 return space.areEqual(std::get<0>(pair), std::get<1>(pair));
               });
  case Element::Kind::Scalar:
    return a->value == b->value;
  case Element::Kind::Constant:
    return a->constant == b->constant ||
           (a->getNumber() && a->getNumber() == b->getNumber());
  case Element::Kind::Index:
    return space.areEqual(a->indices[0], b->indices[0]);
  case Element::Kind::Operation:
    if (a->op->getName() != b->op->getName() ||
        a->op->getAttrDictionary() != b->op->getAttrDictionary() ||
        (isa<tensor::ExtractOp, tensor::DimOp>(a->op) &&
         a->op->getOperand(0) != b->op->getOperand(0)))
      return false;
    [[fallthrough]];
  case Element::Kind::Select:
    return llvm::all_of(llvm::zip_equal(a->operands, b->operands),
                        [&](auto pair) {
                          return areEqual(std::get<0>(pair), std::get<1>(pair));
                        });
  }
  llvm_unreachable("unknown kind of element");
}

bool ElementReader::dependsOn(Element *element, const IndexForm &form) {
  element = look(element);
  for (const IndexForm &index : element->indices)
    if (space.dependsOn(index, form))
      return true;
  return llvm::any_of(element->operands, [&](Element *operand) {
    return dependsOn(operand, form);
  });
}
