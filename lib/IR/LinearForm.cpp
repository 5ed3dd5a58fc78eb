//===- LinearForm.cpp - Positions as linear forms -------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

static LinearForm getConstantForm(int64_t value) {
  LinearForm form;
  form.constant = value;
  return form;
}

LinearForm mlir::attn::getQueriesForm(SDPAOp op) {
  int64_t size = op.getStaticQuerySeqlen();
  if (!ShapedType::isDynamic(size))
    return getConstantForm(size);
  LinearForm form;
  form.queries = 1;
  return form;
}

LinearForm mlir::attn::getKeysForm(SDPAOp op) {
  int64_t size = op.getStaticKVSeqlen();
  if (!ShapedType::isDynamic(size))
    return getConstantForm(size);
  LinearForm form;
  form.keys = 1;
  return form;
}

/// The size of a sequence where a value is one.
std::optional<LinearForm> LinearReader::readSize(tensor::DimOp dim) {
  std::optional<int64_t> index = dim.getConstantIndex();
  if (!index)
    return std::nullopt;
  auto isSequence = [&](Value operand, TensorLayout layout) {
    return dim.getSource() == operand &&
           *index == SDPAOp::getDim(layout, LogicalDim::Sequence);
  };
  if (isSequence(op.getQuery(), op.getQueryLayout()))
    return getQueriesForm(op);
  if (isSequence(op.getKey(), op.getKeyLayout()) ||
      isSequence(op.getValue(), op.getValueLayout()))
    return getKeysForm(op);
  return std::nullopt;
}

/// Whether an integer type holds the sums of a few positions.
bool LinearReader::holdsPositions(Type integer) {
  constexpr int64_t limit = int64_t(1) << 28;
  unsigned width = integer.getIntOrFloatBitWidth();
  auto isSmall = [&](int64_t size) {
    return !ShapedType::isDynamic(size) && size <= limit;
  };
  return width >= 64 || (width == 32 && isSmall(op.getStaticQuerySeqlen()) &&
                         isSmall(op.getStaticKVSeqlen()));
}

std::optional<LinearForm> LinearReader::read(Value value) {
  LinearForm form;
  if (isQuery(value)) {
    form.query = 1;
    return form;
  }
  if (isKey(value)) {
    form.key = 1;
    return form;
  }
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant))) {
    // Far from where a sum with it could overflow.
    if (constant.getSignificantBits() + 3 > constant.getBitWidth())
      return std::nullopt;
    return getConstantForm(constant.getSExtValue());
  }
  Operation *producer = value.getDefiningOp();
  if (isa_and_nonnull<arith::AddIOp, arith::SubIOp>(producer)) {
    std::optional<LinearForm> lhs = read(producer->getOperand(0));
    std::optional<LinearForm> rhs = read(producer->getOperand(1));
    if (lhs && rhs)
      return lhs->add(*rhs, isa<arith::AddIOp>(producer) ? 1 : -1);
    return std::nullopt;
  }
  if (auto cast = dyn_cast_or_null<arith::IndexCastOp>(producer)) {
    Type type =
        cast.getType().isIndex() ? cast.getIn().getType() : cast.getType();
    if (holdsPositions(type))
      if (std::optional<LinearForm> source = read(cast.getIn()))
        return source;
  }
  if (auto dim = dyn_cast_or_null<tensor::DimOp>(producer))
    if (std::optional<LinearForm> size = readSize(dim))
      return size;
  // What is computed in the region is no bound; a value from outside is one.
  if (region && region->isAncestor(value.getParentRegion()))
    return std::nullopt;
  if (!value.getType().isIndex())
    return std::nullopt;
  form.terms[value] = 1;
  return form;
}

std::optional<LinearForm> mlir::attn::getShift(SDPAOp op) {
  if (Value offset = op.getQueryOffset())
    return LinearReader(op).read(offset);
  if (op.getCausal() == CausalAlignment::TopLeft)
    return LinearForm();
  return getKeysForm(op).add(getQueriesForm(op), -1);
}

bool mlir::attn::usesPosition(SDPAOp op) {
  return op.getCausal() || op.getWindow() || op.getAlibi();
}

std::optional<int64_t> mlir::attn::getDifference(LinearForm x,
                                                 const LinearForm &y) {
  x.add(y, -1);
  if (!x.isConstant())
    return std::nullopt;
  return x.constant;
}
