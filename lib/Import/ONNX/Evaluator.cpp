//===- Evaluator.cpp - Values that constants determine --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Evaluator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

/// More elements than any shape has, and enough for the mask of a short model.
static constexpr int64_t kMaxElements = 1 << 22;

DenseElementsAttr Evaluator::evaluate(Value tensor) {
  auto [entry, isNew] = known.try_emplace(tensor);
  if (!isNew)
    return entry->second;
  DenseElementsAttr value = evaluateNew(tensor);
  known[tensor] = value;
  return value;
}

namespace {

/// Elements by row-major position.
class Elements {
public:
  explicit Elements(DenseElementsAttr value)
      : values(value.getValues<Attribute>().begin(),
               value.getValues<Attribute>().end()) {}
  explicit Elements(int64_t count) : values(count) {}

  Attribute &operator[](int64_t position) { return values[position]; }
  DenseElementsAttr get(ShapedType type) const {
    return llvm::all_of(values, [](Attribute element) { return !!element; })
               ? DenseElementsAttr::get(type, values)
               : DenseElementsAttr();
  }

private:
  SmallVector<Attribute> values;
};

} // namespace

static int64_t linearize(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t position = 0;
  for (auto [i, size] : llvm::zip_equal(index, shape))
    position = position * size + i;
  return position;
}

/// Calls `visit` with each index of a shape, in row-major order.
static void forEachIndex(ArrayRef<int64_t> shape,
                         function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> index(shape.size());
  while (true) {
    visit(index);
    int64_t dim = static_cast<int64_t>(shape.size()) - 1;
    while (dim >= 0 && ++index[dim] == shape[dim])
      index[dim--] = 0;
    if (dim < 0)
      return;
  }
}

DenseElementsAttr Evaluator::evaluateNew(Value tensor) {
  DenseElementsAttr constant;
  if (matchPattern(tensor, m_Constant(&constant)))
    return constant;
  auto type = cast<RankedTensorType>(tensor.getType());
  auto result = dyn_cast<OpResult>(tensor);
  if (!result || !type.hasStaticShape() || type.getNumElements() > kMaxElements)
    return {};
  Operation *op = result.getOwner();
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    TypedAttr value;
    return matchPattern(fill.getInputs()[0], m_Constant(&value))
               ? DenseElementsAttr::get(type, value)
               : DenseElementsAttr();
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return evaluateGeneric(linalgOp, result.getResultNumber());
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(op)) {
    DenseElementsAttr source = evaluate(op->getOperand(0));
    return source ? source.reshape(type) : DenseElementsAttr();
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    DenseElementsAttr source = evaluate(slice.getSource());
    if (!source || slice.getSourceType().getRank() != type.getRank())
      return {};
    Elements from(source), to(type.getNumElements());
    int64_t next = 0;
    forEachIndex(type.getShape(), [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> at(index);
      for (auto [i, offset, stride] : llvm::zip_equal(
               at, slice.getStaticOffsets(), slice.getStaticStrides()))
        i = offset + i * stride;
      to[next++] = from[linearize(at, slice.getSourceType().getShape())];
    });
    return to.get(type);
  }
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    Elements to(type.getNumElements());
    int64_t begin = 0;
    for (Value input : concat.getInputs()) {
      DenseElementsAttr part = evaluate(input);
      if (!part)
        return {};
      Elements from(part);
      int64_t next = 0;
      forEachIndex(part.getType().getShape(), [&](ArrayRef<int64_t> index) {
        SmallVector<int64_t> at(index);
        at[concat.getDim()] += begin;
        to[linearize(at, type.getShape())] = from[next++];
      });
      begin += part.getType().getDimSize(concat.getDim());
    }
    return to.get(type);
  }
  return {};
}

DenseElementsAttr Evaluator::evaluateGeneric(linalg::LinalgOp op,
                                             unsigned result) {
  if (!op.hasPureTensorSemantics())
    return {};
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t count = 1;
  for (int64_t range : ranges)
    if (ShapedType::isDynamic(range) || (count *= range) > kMaxElements)
      return {};
  SmallVector<Elements> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type)
      return {};
    // The elements of an init that is written first are not read.
    bool isEmpty = operand.get().getDefiningOp<tensor::EmptyOp>();
    DenseElementsAttr value =
        isEmpty ? DenseElementsAttr() : evaluate(operand.get());
    if (!isEmpty && !value)
      return {};
    if (value)
      operands.emplace_back(value);
    else
      operands.emplace_back(type.getNumElements());
  }
  Block *body = op.getBlock();
  // Tensors and numbers that the body reads from outside.
  llvm::DenseMap<Value, Attribute> outside;
  for (Operation &nested : *body)
    for (Value operand : nested.getOperands()) {
      if (operand.getParentBlock() == body || outside.contains(operand))
        continue;
      Attribute value;
      if (isa<RankedTensorType>(operand.getType()))
        value = evaluate(operand);
      else
        matchPattern(operand, m_Constant(&value));
      if (!value)
        return {};
      outside[operand] = value;
    }
  bool hasFailed = false;
  llvm::DenseMap<Value, Attribute> values;
  forEachIndex(ranges, [&](ArrayRef<int64_t> index) {
    if (hasFailed)
      return;
    values = outside;
    SmallVector<int64_t> positions;
    for (OpOperand &operand : op->getOpOperands()) {
      SmallVector<int64_t> at =
          op.getMatchingIndexingMap(&operand).compose(index);
      positions.push_back(linearize(
          at, cast<RankedTensorType>(operand.get().getType()).getShape()));
      values[op.getMatchingBlockArgument(&operand)] =
          operands[operand.getOperandNumber()][positions.back()];
    }
    for (Operation &nested : body->without_terminator()) {
      if (auto loop = dyn_cast<linalg::IndexOp>(nested)) {
        values[loop.getResult()] =
            IntegerAttr::get(loop.getType(), index[loop.getDim()]);
        continue;
      }
      SmallVector<Attribute> arguments;
      for (Value operand : nested.getOperands())
        arguments.push_back(values.lookup(operand));
      SmallVector<OpFoldResult> folded;
      if (nested.getNumResults() != 1 ||
          failed(nested.fold(arguments, folded)) || folded.size() != 1) {
        hasFailed = true;
        return;
      }
      auto attribute = dyn_cast<Attribute>(folded[0]);
      values[nested.getResult(0)] =
          attribute ? attribute : values.lookup(cast<Value>(folded[0]));
    }
    for (auto [i, yielded] :
         llvm::enumerate(body->getTerminator()->getOperands())) {
      unsigned operand = op.getNumDpsInputs() + i;
      operands[operand][positions[operand]] = values.lookup(yielded);
    }
  });
  if (hasFailed)
    return {};
  return operands[op.getNumDpsInputs() + result].get(
      cast<ShapedType>(op->getResult(result).getType()));
}
