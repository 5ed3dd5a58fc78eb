//===- RegionEmitter.cpp - Elements as code of a region -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionEmitter.h"

#include "Weights.h"
#include "attn/IR/Speculation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

Value RegionEmitter::emitIndex(IndexForm form) {
  form = reader.space.resolve(form);
  Value sum;
  auto add = [&](Value value, int64_t factor) {
    if (factor != 1)
      value = arith::MulIOp::create(
          b, loc, value, arith::ConstantIndexOp::create(b, loc, factor));
    sum = sum ? arith::AddIOp::create(b, loc, sum, value).getResult() : value;
  };
  auto terms = llvm::to_vector(form.terms);
  // Variables of size 1 are 0.
  llvm::erase_if(terms, [&](const auto &term) {
    return reader.space.getSize(term.first) == 1;
  });
  for (const auto &[digits, index] : bound) {
    // Whole numbers first: all digits with the factors of their places.
    auto factorOf = [&](unsigned digit) {
      auto *term = llvm::find_if(
          terms, [&](const auto &entry) { return entry.first == digit; });
      return term == terms.end() ? 0 : term->second;
    };
    if (digits.empty())
      continue;
    int64_t unit = factorOf(digits.back()), place = unit;
    bool isWhole = unit != 0 && !ShapedType::isDynamic(unit);
    for (unsigned digit : llvm::reverse(digits)) {
      isWhole &= factorOf(digit) == place;
      int64_t size = reader.space.getSize(digit);
      place = ShapedType::isDynamic(size) || ShapedType::isDynamic(place)
                  ? ShapedType::kDynamic
                  : place * size;
    }
    if (isWhole) {
      add(index, unit);
      llvm::erase_if(terms, [&](const auto &term) {
        return llvm::is_contained(digits, term.first);
      });
      continue;
    }
    int64_t below = 1;
    for (unsigned digit : llvm::reverse(digits)) {
      int64_t size = reader.space.getSize(digit);
      if (int64_t factor = factorOf(digit)) {
        // A digit among others of unknown size has no form.
        if (ShapedType::isDynamic(factor) || ShapedType::isDynamic(below) ||
            (digit != digits.front() && ShapedType::isDynamic(size)))
          return {};
        Value value = index;
        if (below != 1)
          value = arith::DivUIOp::create(
              b, loc, value, arith::ConstantIndexOp::create(b, loc, below));
        if (digit != digits.front())
          value = arith::RemUIOp::create(
              b, loc, value, arith::ConstantIndexOp::create(b, loc, size));
        add(value, factor);
        llvm::erase_if(terms,
                       [&](const auto &term) { return term.first == digit; });
      }
      below = ShapedType::isDynamic(size) || ShapedType::isDynamic(below)
                  ? ShapedType::kDynamic
                  : below * size;
    }
  }
  if (!terms.empty())
    return {};
  if (form.constant != 0 || !sum)
    add(arith::ConstantIndexOp::create(b, loc, form.constant), 1);
  return sum;
}

Value RegionEmitter::toType(Value value) {
  if (!isa<FloatType>(value.getType()))
    return value;
  return convertScalarToDtype(b, loc, value, type, /*isUnsignedCast=*/false);
}

Value RegionEmitter::emit(Element *element) {
  if (leaf.first && reader.areEqual(element, leaf.first))
    return leaf.second;
  element = reader.look(element);
  if (Value value = emitted.lookup(element))
    return value;
  Value value = emitNew(element);
  if (value)
    emitted[element] = value;
  return value;
}

Value RegionEmitter::emit(const Band &band) {
  Value query = emitIndex(band.query), key = emitIndex(band.key), inside;
  if (!query || !key)
    return {};
  auto bound = [&](arith::CmpIPredicate predicate, int64_t distance) {
    Value end = arith::AddIOp::create(
        b, loc, query, arith::ConstantIndexOp::create(b, loc, distance));
    Value holds = arith::CmpIOp::create(b, loc, predicate, key, end);
    inside = inside ? arith::AndIOp::create(b, loc, inside, holds).getResult()
                    : holds;
  };
  if (band.high)
    bound(arith::CmpIPredicate::sle, *band.high);
  if (band.low)
    bound(arith::CmpIPredicate::sge, *band.low);
  return inside;
}

bool RegionEmitter::needsGuard(Element *element) {
  if (leaf.first && reader.areEqual(element, leaf.first))
    return false;
  element = reader.look(element);
  if (element->isTensor())
    return true;
  if (element->kind == Element::Kind::Operation &&
      (isa<tensor::ExtractOp>(element->op) || isPartialDivision(element->op)))
    return true;
  return llvm::any_of(element->operands,
                      [&](Element *operand) { return needsGuard(operand); });
}

Value RegionEmitter::emitIf(Type result, Value condition,
                            llvm::function_ref<Value()> emitTrue,
                            llvm::function_ref<Value()> emitFalse) {
  OpBuilder::InsertionGuard guard(b);
  auto branch = scf::IfOp::create(b, loc, result, condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  auto emitBranch = [&](Block *block, llvm::function_ref<Value()> emit) {
    // What one branch computes is not seen elsewhere.
    llvm::DenseMap<Element *, Value> outside = emitted;
    b.setInsertionPointToEnd(block);
    Value value = emit();
    emitted = std::move(outside);
    if (value)
      scf::YieldOp::create(b, loc, value);
    return value != nullptr;
  };
  bool hasBoth = emitBranch(branch.thenBlock(), emitTrue) &&
                 emitBranch(branch.elseBlock(), emitFalse);
  return hasBoth ? branch.getResult(0) : Value();
}

/// A choice of the program's that executes one branch alone does so still where
/// the other may be undefined.
Value RegionEmitter::emitSelect(Element *select) {
  Value condition = emit(select->operands[0]);
  if (!condition)
    return {};
  auto emitTrue = [&] { return emit(select->operands[1]); };
  auto emitFalse = [&] { return emit(select->operands[2]); };
  if (isGuard(select) &&
      (needsGuard(select->operands[1]) || needsGuard(select->operands[2])))
    return emitIf(getType(select), condition, emitTrue, emitFalse);
  Value ifTrue = emitTrue();
  Value ifFalse = ifTrue ? emitFalse() : Value();
  if (!ifFalse)
    return {};
  return arith::SelectOp::create(b, loc, condition, ifTrue, ifFalse);
}

/// Whether an operation on floats is the same in the type of the region: one
/// that reads their bits, or rounds them, is not.
bool RegionEmitter::keepsMeaning(Element *operation) {
  if (!operation->is<arith::BitcastOp>())
    return !operation->is<arith::TruncFOp>();
  return llvm::all_of(
      ArrayRef<Type>{operation->type, operation->operands[0]->type},
      [&](Type other) { return !isa<FloatType>(other) || other == type; });
}

Value RegionEmitter::emitNew(Element *element) {
  SmallVector<Value> operands;
  switch (element->kind) {
  case Element::Kind::Tensor: {
    SmallVector<Value> indices;
    Value tensor = element->value;
    if (element->beginsWithZero)
      return {};
    for (auto [i, form] : llvm::enumerate(element->indices)) {
      Value index = emitIndex(form);
      if (!index)
        return {};
      if (element->broadcasts &&
          cast<RankedTensorType>(tensor.getType()).isDynamicDim(i)) {
        Value one = arith::ConstantIndexOp::create(b, loc, 1);
        Value isOne = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::eq,
            tensor::DimOp::create(b, loc, tensor, i), one);
        index = arith::SelectOp::create(
            b, loc, isOne, arith::ConstantIndexOp::create(b, loc, 0), index);
      }
      indices.push_back(index);
    }
    return toType(tensor::ExtractOp::create(b, loc, tensor, indices));
  }
  case Element::Kind::Scalar:
    return toType(element->value);
  case Element::Kind::Constant: {
    TypedAttr constant = element->constant;
    if (auto number = dyn_cast<FloatAttr>(constant))
      constant = b.getFloatAttr(type, number.getValueAsDouble());
    return arith::ConstantOp::create(b, loc, constant);
  }
  case Element::Kind::Index:
    return emitIndex(element->indices[0]);
  case Element::Kind::Select:
    return emitSelect(element);
  case Element::Kind::Operation:
    if (!keepsMeaning(element))
      return {};
    if (isa<tensor::ExtractOp, tensor::DimOp>(element->op))
      operands.push_back(element->op->getOperand(0));
    for (Element *operand : element->operands) {
      operands.push_back(emit(operand));
      if (!operands.back())
        return {};
    }
    break;
  }
  Type resultType =
      isa<tensor::ExtractOp>(element->op) ? element->type : getType(element);
  OperationState state(loc, element->op->getName(), operands, resultType,
                       element->op->getAttrs());
  return toType(b.create(state)->getResult(0));
}
