//===- BodyVectorizer.cpp - A linalg body on vectors ----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyVectorizer.h"

#include "attn/IR/Speculation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

Value BodyVectorizer::broadcast(Value value) {
  if (isVector(value) || width == 1)
    return value;
  return vector::BroadcastOp::create(
      b, loc, VectorType::get({width}, value.getType()), value);
}

Value BodyVectorizer::both(Value x, Value y) {
  if (!x)
    return y;
  if (isVector(x) != isVector(y)) {
    x = broadcast(x);
    y = broadcast(y);
  }
  return arith::AndIOp::create(b, loc, x, y);
}

SmallVector<Value> BodyVectorizer::run() {
  visitBlock(*op.getBody(), Value());
  SmallVector<Value> results;
  for (Value yielded : op.getBody()->getTerminator()->getOperands())
    results.push_back(lookup(yielded));
  return results;
}

void BodyVectorizer::visitBlock(Block &block, Value mask) {
  for (Operation &nested : block.without_terminator())
    visit(&nested, mask);
}

void BodyVectorizer::visit(Operation *nested, Value mask) {
  if (auto index = dyn_cast<linalg::IndexOp>(nested)) {
    Value value = indices.lookup(index.getDim());
    if (lane == index.getDim() && width > 1) {
      auto type = VectorType::get({width}, b.getIndexType());
      value = arith::AddIOp::create(b, loc, broadcast(value),
                                    vector::StepOp::create(b, loc, type));
    }
    values.map(index.getResult(), value);
    return;
  }
  if (auto load = dyn_cast<memref::LoadOp>(nested)) {
    values.map(load.getResult(), visitLoad(load, mask));
    return;
  }
  if (auto branch = dyn_cast<scf::IfOp>(nested))
    return visitIf(branch, mask);
  if (auto compare = dyn_cast<arith::CmpIOp>(nested); compare && width > 1) {
    if (Value kept = compareSequences(compare)) {
      values.map(compare.getResult(), kept);
      return;
    }
  }
  visitElementwise(nested, mask);
}

void BodyVectorizer::visitElementwise(Operation *nested, Value mask) {
  bool anyVector = llvm::any_of(nested->getOperands(), [&](Value operand) {
    return isVector(lookup(operand));
  });
  // A division that the mask drops must not trap.
  if (mask && isPartialDivision(nested)) {
    Value divisor = lookup(nested->getOperand(1));
    Value one = arith::ConstantOp::create(
        b, loc, b.getIntegerAttr(getElementTypeOrSelf(divisor.getType()), 1));
    bool vectorMask = isVector(mask);
    if (vectorMask || isVector(divisor)) {
      divisor = broadcast(divisor);
      one = broadcast(one);
    }
    divisor = arith::SelectOp::create(
        b, loc, isVector(divisor) ? broadcast(mask) : mask, divisor, one);
    IRMapping guarded;
    Value dividend = lookup(nested->getOperand(0));
    if (isVector(divisor) || isVector(dividend)) {
      dividend = broadcast(dividend);
      divisor = broadcast(divisor);
    }
    Operation *clone = b.clone(*nested, guarded);
    clone->setOperands({dividend, divisor});
    clone->getResult(0).setType(dividend.getType());
    values.map(nested->getResult(0), clone->getResult(0));
    return;
  }
  if (!anyVector) {
    b.clone(*nested, values);
    return;
  }
  if (!nested->hasTrait<OpTrait::Vectorizable>())
    return visitByLane(nested);
  SmallVector<Value> operands;
  for (Value operand : nested->getOperands())
    operands.push_back(broadcast(lookup(operand)));
  // A scalar condition may select between vectors; broadcast all the same.
  OperationState state(loc, nested->getName());
  state.addOperands(operands);
  for (Type type : nested->getResultTypes())
    state.addTypes(VectorType::get({width}, type));
  state.addAttributes(nested->getAttrs());
  state.propertiesAttr = nested->getPropertiesAsAttribute();
  Operation *vectorized = b.create(state);
  values.map(nested->getResults(), vectorized->getResults());
}

void BodyVectorizer::visitByLane(Operation *nested) {
  SmallVector<SmallVector<Value>> results(nested->getNumResults());
  for (int64_t at = 0; at < width; ++at) {
    IRMapping lanes;
    for (Value operand : nested->getOperands()) {
      Value value = lookup(operand);
      if (isVector(value))
        value = vector::ExtractOp::create(b, loc, value, at);
      lanes.map(operand, value);
    }
    Operation *clone = b.clone(*nested, lanes);
    for (auto [result, elements] :
         llvm::zip_equal(clone->getResults(), results))
      elements.push_back(result);
  }
  for (auto [result, elements] : llvm::zip_equal(nested->getResults(), results))
    values.map(result, vector::FromElementsOp::create(
                           b, loc, VectorType::get({width}, result.getType()),
                           elements));
}

void BodyVectorizer::visitIf(scf::IfOp branch, Value mask) {
  Value condition = lookup(branch.getCondition());
  Value one = arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  visitBlock(*branch.thenBlock(), both(mask, condition));
  if (branch.elseBlock()) {
    Value opposite = arith::XOrIOp::create(
        b, loc, condition, isVector(condition) ? broadcast(one) : one);
    visitBlock(*branch.elseBlock(), both(mask, opposite));
  }
  for (auto [i, result] : llvm::enumerate(branch.getResults())) {
    Value yes = lookup(branch.thenBlock()->getTerminator()->getOperand(i));
    Value no = lookup(branch.elseBlock()->getTerminator()->getOperand(i));
    Value selector = condition;
    if (isVector(yes) || isVector(no) || isVector(selector)) {
      yes = broadcast(yes);
      no = broadcast(no);
      selector = broadcast(selector);
    }
    values.map(result, arith::SelectOp::create(b, loc, selector, yes, no));
  }
}

/// A load that is the same for all lanes, executed where some lane wants it.
Value BodyVectorizer::guardedScalarLoad(memref::LoadOp load, ValueRange indices,
                                        Value mask) {
  if (!mask)
    return memref::LoadOp::create(b, loc, load.getMemRef(), indices);
  Value any = mask;
  if (isVector(mask))
    any = vector::ReductionOp::create(b, loc, vector::CombiningKind::OR, mask);
  auto guarded = scf::IfOp::create(
      b, loc, any,
      [&](OpBuilder &then, Location) {
        Value value =
            memref::LoadOp::create(then, loc, load.getMemRef(), indices);
        scf::YieldOp::create(then, loc, value);
      },
      [&](OpBuilder &otherwise, Location) {
        Value zero = arith::ConstantOp::create(
            otherwise, loc, otherwise.getZeroAttr(load.getType()));
        scf::YieldOp::create(otherwise, loc, zero);
      });
  return guarded.getResult(0);
}

/// The least width of integers in which positions are taken not to wrap.
static constexpr unsigned kPositionWidth = 32;

static unsigned getIndexWidth(Type type) {
  return type.isIndex() ? IndexType::kInternalStorageBitWidth
                        : type.getIntOrFloatBitWidth();
}

/// Whether a sum or difference may leave its type for some lane: one in 32 bits
/// with a number that is no position and no small constant, as an element of a
/// tensor.
static bool mayWrap(Operation *op) {
  if (getIndexWidth(op->getResult(0).getType()) > kPositionWidth)
    return false;
  if (cast<arith::ArithIntegerOverflowFlagsInterface>(op).hasNoSignedWrap())
    return false;
  return !llvm::all_of(op->getOperands(), [](Value operand) {
    APInt constant;
    if (matchPattern(operand, m_ConstantInt(&constant)))
      return constant.getSignificantBits() + 3 <= constant.getBitWidth();
    Operation *def = operand.getDefiningOp();
    return isa_and_nonnull<arith::IndexCastOp>(def) ||
           (isa_and_nonnull<arith::AddIOp, arith::SubIOp>(def) &&
            !mayWrap(def));
  });
}

std::optional<BodyVectorizer::LaneSequence>
BodyVectorizer::getLaneSequence(Value original) {
  Value value = lookup(original);
  if (!isVector(value))
    return LaneSequence{value, 0};
  Operation *def = original.getDefiningOp();
  if (!def)
    return std::nullopt;
  if (auto index = dyn_cast<linalg::IndexOp>(def))
    return LaneSequence{indices.lookup(index.getDim()), 1};
  if (auto cast = dyn_cast<arith::IndexCastOp>(def)) {
    auto sequence = getLaneSequence(cast.getIn());
    // Positions wrap in a type that is narrower than their usual ones.
    if (!sequence || getIndexWidth(cast.getType()) < kPositionWidth)
      return std::nullopt;
    return LaneSequence{
        b.createOrFold<arith::IndexCastOp>(loc, cast.getType(), sequence->base),
        sequence->factor};
  }
  if (!isa<arith::AddIOp, arith::SubIOp>(def))
    return std::nullopt;
  auto x = getLaneSequence(def->getOperand(0));
  auto y = getLaneSequence(def->getOperand(1));
  if (!x || !y || mayWrap(def))
    return std::nullopt;
  if (isa<arith::AddIOp>(def))
    return LaneSequence{b.createOrFold<arith::AddIOp>(loc, x->base, y->base),
                        x->factor + y->factor};
  return LaneSequence{b.createOrFold<arith::SubIOp>(loc, x->base, y->base),
                      x->factor - y->factor};
}

Value BodyVectorizer::compareSequences(arith::CmpIOp op) {
  using Predicate = arith::CmpIPredicate;
  Predicate predicate = op.getPredicate();
  if (!llvm::is_contained({Predicate::eq, Predicate::ne, Predicate::slt,
                           Predicate::sle, Predicate::sgt, Predicate::sge},
                          predicate))
    return Value();
  auto x = getLaneSequence(op.getLhs()), y = getLaneSequence(op.getRhs());
  if (!x || !y)
    return Value();
  int64_t factor = x->factor - y->factor;
  if (factor == 0)
    return arith::CmpIOp::create(b, loc, predicate, x->base, y->base);
  if (factor != 1 && factor != -1)
    return Value();
  // x + lane against y is lane against y - x; x against y + lane is x - y
  // against lane. Past either end of the lanes the distance does not matter.
  // In 64 bits: a number to compare with may be the least of its type.
  for (LaneSequence *sequence : {&*x, &*y})
    if (getIndexWidth(sequence->base.getType()) <
        IndexType::kInternalStorageBitWidth)
      sequence->base =
          arith::ExtSIOp::create(b, loc, b.getI64Type(), sequence->base);
  Value distance =
      factor == 1 ? arith::SubIOp::create(b, loc, y->base, x->base).getResult()
                  : arith::SubIOp::create(b, loc, x->base, y->base).getResult();
  Type type = distance.getType();
  auto bound = [&](int64_t value) {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value));
  };
  distance = arith::MaxSIOp::create(b, loc, distance, bound(-1));
  distance = arith::MinSIOp::create(b, loc, distance, bound(width));
  Type i32 = b.getI32Type();
  if (type.isIndex())
    distance = arith::IndexCastOp::create(b, loc, i32, distance);
  else
    distance = arith::TruncIOp::create(b, loc, i32, distance);
  auto vector = VectorType::get({width}, i32);
  SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(0, width));
  Value lanes = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(vector, ArrayRef<int32_t>(numbers)));
  Value distances = broadcast(distance);
  return factor == 1
             ? arith::CmpIOp::create(b, loc, predicate, lanes, distances)
             : arith::CmpIOp::create(b, loc, predicate, distances, lanes);
}

Value BodyVectorizer::visitLoad(memref::LoadOp load, Value mask) {
  SmallVector<Value> at;
  for (Value index : load.getIndices())
    at.push_back(lookup(index));
  if (llvm::none_of(at, [&](Value index) { return isVector(index); }))
    return guardedScalarLoad(load, at, mask);

  auto type = load.getMemRefType();
  auto vectorType = VectorType::get({width}, type.getElementType());
  SmallVector<int64_t> strides;
  int64_t offset;
  bool known = succeeded(type.getStridesAndOffset(strides, offset));
  if (mask)
    mask = broadcast(mask);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(vectorType));

  // Neighbouring lanes read neighbouring elements.
  bool onlyLast = llvm::none_of(ArrayRef(at).drop_back(),
                                [&](Value index) { return isVector(index); });
  auto last = getLaneSequence(load.getIndices().back());
  if (known && strides.back() == 1 && onlyLast && last && last->factor == 1) {
    at.back() = last->base;
    if (!mask)
      return vector::LoadOp::create(b, loc, vectorType, load.getMemRef(), at);
    return vector::MaskedLoadOp::create(b, loc, vectorType, load.getMemRef(),
                                        at, mask, zero);
  }

  // Any other pattern: a gather from the buffer's start, with the address in
  // elements computed from the strides.
  auto metadata =
      memref::ExtractStridedMetadataOp::create(b, loc, load.getMemRef());
  Value address = metadata.getOffset();
  for (auto [index, stride] : llvm::zip_equal(at, metadata.getStrides())) {
    Value step = stride;
    if (isVector(index))
      step = broadcast(step);
    Value term = arith::MulIOp::create(b, loc, index, step);
    if (isVector(term) != isVector(address)) {
      term = broadcast(term);
      address = broadcast(address);
    }
    address = arith::AddIOp::create(b, loc, address, term);
  }
  auto flatType =
      MemRefType::get({ShapedType::kDynamic}, type.getElementType(),
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  SmallVector<OpFoldResult> none, size{b.getIndexAttr(0)};
  Value extent = arith::ConstantIndexOp::create(b, loc, 1);
  Value flat = memref::ReinterpretCastOp::create(
      b, loc, flatType, metadata.getBaseBuffer(),
      /*offset=*/OpFoldResult(b.getIndexAttr(0)),
      /*sizes=*/ArrayRef<OpFoldResult>{extent},
      /*strides=*/ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  if (!mask)
    mask = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(VectorType::get({width}, b.getI1Type()), true));
  Value start = arith::ConstantIndexOp::create(b, loc, 0);
  return vector::GatherOp::create(b, loc, vectorType, flat, ValueRange{start},
                                  address, mask, zero);
}
