//===- Indexing.cpp - Operators that read or write by indices -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

/// Indices into a dimension: known ones are checked now, others when the model
/// runs, since a kernel would read past the end.
static LogicalResult checkIndices(Node &node, Value indices, int64_t size,
                                  bool &isKnown) {
  DenseElementsAttr known = node.evaluate(indices);
  isKnown = known != nullptr;
  if (!isKnown)
    return success();
  for (const APInt &index : known.getValues<APInt>())
    if (index.getSExtValue() < -size || index.getSExtValue() >= size)
      return node.fail("index " + Twine(index.getSExtValue()) +
                       " is outside a dimension of size " + Twine(size));
  return success();
}

/// An index from the end where it is negative, of type index.
static Value normalizeIndex(OpBuilder &b, Location loc, Value index,
                            int64_t size, bool isChecked) {
  Value position = castScalar(b, loc, index, b.getIndexType());
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value end = arith::ConstantIndexOp::create(b, loc, size);
  Value isNegative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, position, zero);
  position = arith::SelectOp::create(
      b, loc, isNegative, arith::AddIOp::create(b, loc, position, end),
      position);
  if (!isChecked) {
    Value isInside =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, position, end);
    cf::AssertOp::create(b, loc, isInside,
                         "an index is outside a dimension of size " +
                             std::to_string(size));
  }
  return position;
}

static LogicalResult checkIntegers(Node &node, unsigned input) {
  Type element = getElement(node.getInput(input));
  if (element.isInteger() && !element.isInteger(1))
    return success();
  return node.fail("input " + Twine(input) +
                   " has elements that are no integers");
}

static LogicalResult convertGather(Node &node) {
  Value data = node.getInput(0), indices = node.getInput(1);
  if (failed(checkIntegers(node, 1)))
    return failure();
  if (getRank(data) == 0)
    return node.fail("input 0 is a scalar");
  int64_t axis = node.getAxis("axis", 0, getRank(data));
  if (node.hasFailed())
    return failure();
  ArrayRef<int64_t> from = getShape(data), at = getShape(indices);
  bool isKnown;
  if (failed(checkIndices(node, indices, from[axis], isKnown)))
    return failure();
  // One known index is a slice.
  DenseElementsAttr known = node.evaluate(indices);
  if (known && known.getNumElements() == 1) {
    int64_t index = (*known.getValues<APInt>().begin()).getSExtValue();
    index += index < 0 ? from[axis] : 0;
    SmallVector<int64_t> shape(from.take_front(axis));
    llvm::append_range(shape, at);
    llvm::append_range(shape, from.drop_front(axis + 1));
    node.setOutput(
        0,
        reshape(node.b, node.loc,
                slice(node.b, node.loc, data, axis, index, index + 1), shape));
    return success();
  }
  SmallVector<int64_t> shape(from.take_front(axis));
  llvm::append_range(shape, at);
  llvm::append_range(shape, from.drop_front(axis + 1));
  node.setOutput(
      0, generate(node.b, node.loc, shape, getElement(data),
                  [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
                    Value index = tensor::ExtractOp::create(
                        b, loc, indices, loops.slice(axis, at.size()));
                    SmallVector<Value> position(loops.take_front(axis));
                    position.push_back(
                        normalizeIndex(b, loc, index, from[axis], isKnown));
                    llvm::append_range(position,
                                       loops.drop_front(axis + at.size()));
                    return tensor::ExtractOp::create(b, loc, data, position);
                  }));
  return success();
}

static LogicalResult convertGatherElements(Node &node) {
  Value data = node.getInput(0), indices = node.getInput(1);
  if (failed(checkIntegers(node, 1)))
    return failure();
  if (getRank(data) != getRank(indices) || getRank(data) == 0)
    return node.fail("the data has rank " + Twine(getRank(data)) +
                     " and the indices have rank " + Twine(getRank(indices)) +
                     ", expected the same and at least 1");
  int64_t axis = node.getAxis("axis", 0, getRank(data));
  if (node.hasFailed())
    return failure();
  for (auto [dim, size] : llvm::enumerate(getShape(indices)))
    if (static_cast<int64_t>(dim) != axis && size > getShape(data)[dim])
      return node.fail("indices of shape " + formatShape(getShape(indices)) +
                       " do not fit data of shape " +
                       formatShape(getShape(data)));
  bool isKnown;
  if (failed(checkIndices(node, indices, getShape(data)[axis], isKnown)))
    return failure();
  node.setOutput(
      0, generate(node.b, node.loc, getShape(indices), getElement(data),
                  [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
                    SmallVector<Value> position(loops);
                    position[axis] = normalizeIndex(
                        b, loc,
                        tensor::ExtractOp::create(b, loc, indices, loops),
                        getShape(data)[axis], isKnown);
                    return tensor::ExtractOp::create(b, loc, data, position);
                  }));
  return success();
}

/// The sizes of GatherND and ScatterND: the last dimension of the indices holds
/// a position in the leading dimensions of the data.
static LogicalResult checkPositions(Node &node, int64_t batchDims) {
  ArrayRef<int64_t> data = getShape(node.getInput(0)),
                    indices = getShape(node.getInput(1));
  int64_t dataRank = data.size(), indexRank = indices.size();
  if (failed(checkIntegers(node, 1)))
    return failure();
  if (indexRank == 0 || batchDims < 0 || batchDims >= indexRank ||
      indices.back() > dataRank - batchDims ||
      data.take_front(batchDims) != indices.take_front(batchDims))
    return node.fail("indices of shape " + formatShape(indices) +
                     " do not fit data of shape " + formatShape(data));
  return success();
}

/// The same of GatherND's positions, one size a component.
static LogicalResult checkKnownPositions(Node &node, Value indices,
                                         ArrayRef<int64_t> sizes,
                                         bool &isKnown) {
  DenseElementsAttr known = node.evaluate(indices);
  isKnown = known != nullptr;
  if (!isKnown || sizes.empty())
    return success();
  size_t i = 0;
  for (const APInt &component : known.getValues<APInt>()) {
    int64_t index = component.getSExtValue(), size = sizes[i++ % sizes.size()];
    if (index < -size || index >= size)
      return node.fail("index " + Twine(index) +
                       " is outside a dimension of size " + Twine(size));
  }
  return success();
}

static LogicalResult convertGatherND(Node &node) {
  Value data = node.getInput(0), indices = node.getInput(1);
  int64_t batchDims = node.getInt("batch_dims", 0);
  if (failed(checkPositions(node, batchDims)))
    return failure();
  ArrayRef<int64_t> from = getShape(data), at = getShape(indices);
  int64_t depth = at.back(), outer = at.size() - 1;
  bool isKnown;
  if (failed(checkKnownPositions(node, indices, from.slice(batchDims, depth),
                                 isKnown)))
    return failure();
  SmallVector<int64_t> shape(at.drop_back());
  llvm::append_range(shape, from.drop_front(batchDims + depth));
  node.setOutput(
      0, generate(
             node.b, node.loc, shape, getElement(data),
             [&](OpBuilder &b, Location loc, ValueRange loops) -> Value {
               SmallVector<Value> position(loops.take_front(batchDims));
               for (int64_t i = 0; i < depth; ++i) {
                 SmallVector<Value> where(loops.take_front(outer));
                 where.push_back(arith::ConstantIndexOp::create(b, loc, i));
                 position.push_back(normalizeIndex(
                     b, loc, tensor::ExtractOp::create(b, loc, indices, where),
                     from[batchDims + i], isKnown));
               }
               llvm::append_range(position, loops.drop_front(outer));
               return tensor::ExtractOp::create(b, loc, data, position);
             }));
  return success();
}

static LogicalResult checkReduction(Node &node, StringRef reduction) {
  if (!llvm::is_contained({"none", "add", "mul", "max", "min"}, reduction))
    return node.failValue("reduction", "'" + reduction + "'",
                          "'none', 'add', 'mul', 'max' or 'min'");
  return success();
}

/// What an update makes of an element.
static Value combineUpdate(OpBuilder &b, Location loc, StringRef reduction,
                           Value old, Value update) {
  bool isFloat = isa<FloatType>(old.getType());
  if (reduction == "add")
    return isFloat ? arith::AddFOp::create(b, loc, old, update).getResult()
                   : arith::AddIOp::create(b, loc, old, update);
  if (reduction == "mul")
    return isFloat ? arith::MulFOp::create(b, loc, old, update).getResult()
                   : arith::MulIOp::create(b, loc, old, update);
  if (reduction == "max")
    return isFloat ? arith::MaximumFOp::create(b, loc, old, update).getResult()
                   : arith::MaxSIOp::create(b, loc, old, update);
  return isFloat ? arith::MinimumFOp::create(b, loc, old, update).getResult()
                 : arith::MinSIOp::create(b, loc, old, update);
}

static LogicalResult convertScatterND(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value data = node.getInput(0), indices = node.getInput(1),
        updates = node.getInput(2);
  StringRef reduction = node.getString("reduction", "none");
  if (failed(checkReduction(node, reduction)))
    return failure();
  if (failed(checkPositions(node, 0)))
    return failure();
  ArrayRef<int64_t> from = getShape(data), at = getShape(indices);
  int64_t depth = at.back(), count = ShapedType::getNumElements(at.drop_back());
  SmallVector<int64_t> expected(at.drop_back());
  llvm::append_range(expected, from.drop_front(depth));
  if (getShape(updates) != ArrayRef<int64_t>(expected) ||
      getElement(updates) != getElement(data))
    return node.fail("updates of shape " + formatShape(getShape(updates)) +
                     " do not fit, expected " + formatShape(expected));
  // One after the other: the last one wins where two have a position.
  SmallVector<int64_t> inner(from.drop_front(depth));
  SmallVector<int64_t> flatShape{count};
  llvm::append_range(flatShape, inner);
  Value flatIndices = reshape(b, loc, indices, {count, depth});
  Value flatUpdates = reshape(b, loc, updates, flatShape);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value end = arith::ConstantIndexOp::create(b, loc, count);
  auto loop = scf::ForOp::create(
      b, loc, zero, end, one, data,
      [&](OpBuilder &nested, Location at, Value i, ValueRange state) {
        SmallVector<OpFoldResult> offsets, sizes, fromOffsets{i},
            fromSizes{nested.getIndexAttr(1)};
        for (int64_t dim = 0; dim < static_cast<int64_t>(from.size()); ++dim) {
          if (dim < depth) {
            Value where = arith::ConstantIndexOp::create(nested, at, dim);
            offsets.push_back(normalizeIndex(
                nested, at,
                tensor::ExtractOp::create(nested, at, flatIndices,
                                          ValueRange{i, where}),
                from[dim], /*isChecked=*/false));
            sizes.push_back(nested.getIndexAttr(1));
            continue;
          }
          offsets.push_back(nested.getIndexAttr(0));
          sizes.push_back(nested.getIndexAttr(from[dim]));
          fromOffsets.push_back(nested.getIndexAttr(0));
          fromSizes.push_back(nested.getIndexAttr(from[dim]));
        }
        SmallVector<OpFoldResult> ones(from.size(), nested.getIndexAttr(1)),
            fromOnes(fromOffsets.size(), nested.getIndexAttr(1));
        auto part = RankedTensorType::get(inner, getElement(data));
        Value update = tensor::ExtractSliceOp::create(
            nested, at, part, flatUpdates, fromOffsets, fromSizes, fromOnes);
        if (reduction != "none") {
          Value old = tensor::ExtractSliceOp::create(nested, at, part, state[0],
                                                     offsets, sizes, ones);
          update = elementwiseTo(
              nested, at, inner, {old, update}, getElement(data),
              [&](OpBuilder &body, Location where, ValueRange v) {
                return combineUpdate(body, where, reduction, v[0], v[1]);
              });
        }
        Value next = tensor::InsertSliceOp::create(nested, at, update, state[0],
                                                   offsets, sizes, ones);
        scf::YieldOp::create(nested, at, next);
      });
  node.setOutput(0, loop.getResult(0));
  return success();
}

/// One element after the other, at its position with another index on the axis.
static LogicalResult convertScatterElements(Node &node) {
  OpBuilder &b = node.b;
  Location loc = node.loc;
  Value data = node.getInput(0), indices = node.getInput(1),
        updates = node.getInput(2);
  StringRef reduction = node.getString("reduction", "none");
  if (failed(checkReduction(node, reduction)) || failed(checkIntegers(node, 1)))
    return failure();
  ArrayRef<int64_t> from = getShape(data), at = getShape(indices);
  int64_t axis = node.getAxis("axis", 0, from.size());
  if (node.hasFailed())
    return failure();
  bool fits = at == getShape(updates) && at.size() == from.size() &&
              getElement(updates) == getElement(data);
  for (size_t dim = 0; fits && dim < at.size(); ++dim)
    fits = static_cast<int64_t>(dim) == axis || at[dim] <= from[dim];
  if (!fits)
    return node.fail("indices of shape " + formatShape(at) +
                     " and updates of shape " + formatShape(getShape(updates)) +
                     " do not fit data of shape " + formatShape(from));
  bool isKnown;
  if (failed(checkIndices(node, indices, from[axis], isKnown)))
    return failure();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value end =
      arith::ConstantIndexOp::create(b, loc, ShapedType::getNumElements(at));
  auto loop = scf::ForOp::create(
      b, loc, zero, end, one, data,
      [&](OpBuilder &nested, Location where, Value i, ValueRange state) {
        SmallVector<Value> position(at.size());
        Value rest = i;
        for (size_t dim = at.size(); dim-- > 0;) {
          Value size = arith::ConstantIndexOp::create(nested, where, at[dim]);
          position[dim] = arith::RemUIOp::create(nested, where, rest, size);
          rest = arith::DivUIOp::create(nested, where, rest, size);
        }
        Value index =
            tensor::ExtractOp::create(nested, where, indices, position);
        Value update =
            tensor::ExtractOp::create(nested, where, updates, position);
        position[axis] =
            normalizeIndex(nested, where, index, from[axis], isKnown);
        if (reduction != "none")
          update = combineUpdate(
              nested, where, reduction,
              tensor::ExtractOp::create(nested, where, state[0], position),
              update);
        Value next =
            tensor::InsertOp::create(nested, where, update, state[0], position);
        scf::YieldOp::create(nested, where, next);
      });
  node.setOutput(0, loop.getResult(0));
  return success();
}

static LogicalResult convertSlice(Node &node) {
  OpBuilder &b = node.b;
  Value data = node.getInput(0);
  int64_t rank = getRank(data);
  SmallVector<int64_t> starts = node.getConstantInts(1, "the start");
  SmallVector<int64_t> ends = node.getConstantInts(2, "the end");
  SmallVector<int64_t> axes =
      llvm::to_vector(llvm::seq<int64_t>(starts.size()));
  SmallVector<int64_t> steps(starts.size(), 1);
  if (node.getInput(3))
    axes = node.getConstantInts(3, "the axes");
  if (node.getInput(4))
    steps = node.getConstantInts(4, "the step");
  if (node.hasFailed())
    return failure();
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size())
    return node.fail("starts, ends, axes and steps have different lengths");
  for (auto [start, end, axis, step] :
       llvm::zip_equal(starts, ends, axes, steps)) {
    int64_t dim = node.normalizeAxis(axis, rank);
    if (node.hasFailed())
      return failure();
    if (step == 0)
      return node.fail("the step is 0");
    int64_t size = getShape(data)[dim];
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    // Bounds beyond the end, such as the largest of int64, are the end.
    auto clamp = [&](int64_t bound) {
      return std::clamp(bound < 0 ? bound + size : bound, low, high);
    };
    int64_t begin = clamp(start), stop = clamp(end);
    int64_t distance = step > 0 ? stop - begin : begin - stop;
    int64_t stride = std::abs(step);
    int64_t count = distance <= 0 ? 0 : llvm::divideCeil(distance, stride);
    SmallVector<int64_t> shape(getShape(data));
    shape[dim] = count;
    if (step == 1) {
      data = slice(b, node.loc, data, dim, begin, begin + count);
      continue;
    }
    Value source = data;
    data = generate(
        b, node.loc, shape, getElement(source),
        [&](OpBuilder &nested, Location loc, ValueRange loops) -> Value {
          SmallVector<Value> position(loops);
          Value scaled = arith::MulIOp::create(
              nested, loc, loops[dim],
              arith::ConstantIndexOp::create(nested, loc, step));
          position[dim] = arith::AddIOp::create(
              nested, loc, scaled,
              arith::ConstantIndexOp::create(nested, loc, begin));
          return tensor::ExtractOp::create(nested, loc, source, position);
        });
  }
  node.setOutput(0, data);
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getIndexingOperators() {
  static const OperatorEntry entries[] = {
      {"Gather", 1, 2, convertGather},
      {"GatherElements", 11, 2, convertGatherElements},
      {"GatherND", 11, 2, convertGatherND},
      {"ScatterND", 11, 3, convertScatterND},
      {"ScatterElements", 11, 3, convertScatterElements},
      {"Slice", 10, 3, convertSlice},
  };
  return entries;
}
