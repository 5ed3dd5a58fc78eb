//===- SymbolicSize.cpp - Sizes of tensors that are not known -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SymbolicSize.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace mlir::attn;

int64_t SymbolicSize::getStatic() const {
  return isStatic() ? number : ShapedType::kDynamic;
}

bool SymbolicSize::divides(const SymbolicSize &other) const {
  return number != 0 && other.number % number == 0 &&
         std::includes(other.unknowns.begin(), other.unknowns.end(),
                       unknowns.begin(), unknowns.end());
}

SymbolicSize &SymbolicSize::operator*=(const SymbolicSize &other) {
  number *= other.number;
  llvm::append_range(unknowns, other.unknowns);
  llvm::sort(unknowns);
  return *this;
}

SymbolicSize &SymbolicSize::operator/=(const SymbolicSize &other) {
  number /= other.number;
  SmallVector<Unknown, 2> rest;
  std::set_difference(unknowns.begin(), unknowns.end(), other.unknowns.begin(),
                      other.unknowns.end(), std::back_inserter(rest));
  unknowns = rest;
  return *this;
}

bool SymbolicSize::isOfDimensions() const {
  return number >= 0 && llvm::all_of(unknowns, [](const Unknown &unknown) {
           return unknown.second >= 0;
         });
}

Value SymbolicSize::build(OpBuilder &b, Location loc, Type type) const {
  Value product;
  auto multiply = [&](Value factor) {
    product = product
                  ? arith::MulIOp::create(b, loc, product, factor).getResult()
                  : factor;
  };
  for (auto [pointer, dim] : unknowns) {
    Value factor = Value::getFromOpaquePointer(pointer);
    if (dim >= 0)
      factor = tensor::DimOp::create(b, loc, factor, dim);
    multiply(factor.getType() == type
                 ? factor
                 : arith::IndexCastOp::create(b, loc, type, factor));
  }
  if (number != 1 || !product)
    multiply(arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, number)));
  return product;
}

SymbolicSize SymbolicSize::getUnknown(Value value, int64_t dim) {
  SymbolicSize size;
  size.unknowns.push_back({value.getAsOpaquePointer(), dim});
  return size;
}

/// Whether a condition holds only where two sizes are equal.
static bool impliesEqual(Value condition, const SymbolicSize &x,
                         const SymbolicSize &y) {
  if (auto both = condition.getDefiningOp<arith::AndIOp>())
    return impliesEqual(both.getLhs(), x, y) ||
           impliesEqual(both.getRhs(), x, y);
  auto comparison = condition.getDefiningOp<arith::CmpIOp>();
  if (!comparison || comparison.getPredicate() != arith::CmpIPredicate::eq)
    return false;
  auto lhs = SymbolicSize::get(comparison.getLhs());
  auto rhs = SymbolicSize::get(comparison.getRhs());
  return (lhs == x && rhs == y) || (lhs == y && rhs == x);
}

/// The size of both results of a branch: where a condition says that the sizes
/// are equal, that of the else branch, which is what the other becomes.
static std::optional<SymbolicSize>
getSizeOfBranches(scf::IfOp branch, unsigned number, int64_t dim) {
  auto ofThen = SymbolicSize::get(branch.thenYield().getOperand(number), dim);
  auto ofElse = SymbolicSize::get(branch.elseYield().getOperand(number), dim);
  if (ofThen == ofElse)
    return ofElse;
  if (impliesEqual(branch.getCondition(), ofThen, ofElse))
    return ofElse;
  return std::nullopt;
}

/// A product or an exact quotient of an affine expression's operands.
static std::optional<SymbolicSize> evaluate(AffineExpr expr,
                                            affine::AffineApplyOp op) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return SymbolicSize(number.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return SymbolicSize::get(op.getDimOperands()[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return SymbolicSize::get(op.getSymbolOperands()[symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto lhs = evaluate(binary.getLHS(), op), rhs = evaluate(binary.getRHS(), op);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Mul)
    return *lhs *= *rhs;
  bool isQuotient = expr.getKind() == AffineExprKind::FloorDiv ||
                    expr.getKind() == AffineExprKind::CeilDiv;
  if (isQuotient && rhs->divides(*lhs))
    return *lhs /= *rhs;
  return std::nullopt;
}

SymbolicSize SymbolicSize::get(OpFoldResult size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return SymbolicSize(*number);
  auto value = cast<Value>(size);
  // In a narrower type a product may wrap.
  if (!value.getType().isIndex() && !value.getType().isInteger(64))
    return getUnknown(value, -1);
  if (auto cast = value.getDefiningOp<arith::IndexCastOp>())
    return get(cast.getIn());
  if (auto dim = value.getDefiningOp<tensor::DimOp>())
    if (std::optional<int64_t> number = dim.getConstantIndex())
      return get(dim.getSource(), *number);
  if (auto product = value.getDefiningOp<arith::MulIOp>()) {
    SymbolicSize result = get(product.getLhs());
    return result *= get(product.getRhs());
  }
  if (auto apply = value.getDefiningOp<affine::AffineApplyOp>())
    if (auto result = evaluate(apply.getAffineMap().getResult(0), apply))
      return *result;
  return getUnknown(value, -1);
}

SymbolicSize SymbolicSize::get(Value tensor, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || dim >= type.getRank())
    return getUnknown(tensor, dim);
  if (!type.isDynamicDim(dim))
    return SymbolicSize(type.getDimSize(dim));
  Operation *op = tensor.getDefiningOp();
  if (auto init = dyn_cast_or_null<DestinationStyleOpInterface>(op))
    return get(init.getTiedOpOperand(cast<OpResult>(tensor))->get(), dim);
  if (auto branch = dyn_cast_or_null<scf::IfOp>(op))
    if (auto size = getSizeOfBranches(
            branch, cast<OpResult>(tensor).getResultNumber(), dim))
      return *size;
  if (auto empty = dyn_cast_or_null<tensor::EmptyOp>(op))
    return get(empty.getMixedSizes()[dim]);
  // arith and math on whole tensors.
  if (op && op->hasTrait<OpTrait::Elementwise>() && op->getNumOperands() > 0)
    return get(op->getOperands().back(), dim);
  if (auto cast = dyn_cast_or_null<tensor::CastOp>(op))
    return get(cast.getSource(), dim);
  if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op))
    return get(expand.getMixedOutputShape()[dim]);
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(op)) {
    SymbolicSize size;
    for (int64_t source : collapse.getReassociationIndices()[dim])
      size *= get(collapse.getSrc(), source);
    return size;
  }
  if (auto reshape = dyn_cast_or_null<tensor::ReshapeOp>(op))
    if (auto shape = reshape.getShape().getDefiningOp<tensor::FromElementsOp>())
      return get(shape.getElements()[dim]);
  return getUnknown(tensor, dim);
}
