//===- DistributeMemory.cpp - Tiles to and from memory --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Distributor.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "llvm/Support/Alignment.h"

using namespace mlir;
using namespace mlir::attn;

/// Runs of registers along a row, as one access.
static llvm::MaybeAlign getAlignment(VectorType type) {
  return llvm::MaybeAlign(type.getNumElements() *
                          type.getElementTypeBitWidth() / 8);
}

//===--- Shared memory ----------------------------------------------------===//

Value Distributor::getFlat(Value buffer) {
  return buffer.getDefiningOp<memref::ReinterpretCastOp>().getSource();
}

Distributor::SharedOperand Distributor::getShared(Value buffer, Value stage) {
  auto type = cast<MemRefType>(buffer.getType());
  return {buffer, stage,
          SharedTile{type.getDimSize(1), type.getDimSize(2),
                     type.getElementTypeBitWidth() / 8}};
}

Value Distributor::getStageOffset(const SharedOperand &operand) {
  return arith::MulIOp::create(b, operand.stage.getLoc(), operand.stage,
                               index(operand.tile.elements()));
}

/// Four matrices of 8 rows of 16 bytes by ldmatrix, as a vector of 4 registers:
/// the threads' rows by `threads`, moved by (row, column).
Value Distributor::loadOperand(const SharedOperand &source,
                               const LinearLayout &threads, int64_t row,
                               int64_t column, bool isTransposed) {
  Location loc = source.buffer.getLoc();
  Value offset =
      positions.getSharedOffset(b, loc, source.tile, threads, row, column);
  offset = arith::AddIOp::create(b, loc, offset, getStageOffset(source));
  Type element = cast<MemRefType>(source.buffer.getType()).getElementType();
  return nvgpu::LdMatrixOp::create(
      b, loc, VectorType::get({4, 4 / source.tile.elementBytes}, element),
      getFlat(source.buffer), ValueRange{offset}, b.getBoolAttr(isTransposed),
      b.getI32IntegerAttr(4));
}

/// Neighbours of a row from where `threads` says, moved by (row, column), in
/// one access.
Value Distributor::loadRow(const SharedOperand &source,
                           const LinearLayout &threads, int64_t row,
                           int64_t column, int64_t length) {
  Location loc = source.buffer.getLoc();
  Value offset =
      positions.getSharedOffset(b, loc, source.tile, threads, row, column);
  offset = arith::AddIOp::create(b, loc, offset, getStageOffset(source));
  Type element = cast<MemRefType>(source.buffer.getType()).getElementType();
  auto access = VectorType::get(length, element);
  return vector::LoadOp::create(b, loc, access, getFlat(source.buffer),
                                ValueRange{offset}, false,
                                getAlignment(access));
}

/// Whether the thread's elements moved by `column` are inside the rows of a
/// tile in shared memory; null where they always are.
Value Distributor::isInRow(Location loc, const SharedTile &tile,
                           const LinearLayout &layout, uint32_t reg) {
  if (layout.getShape()[1] == tile.columns)
    return {};
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                               positions.getCoordinate(b, loc, layout, reg, 1),
                               index(tile.columns));
}

/// What `load` gives where a condition, which may be null, holds; else zeros.
Value Distributor::loadWhere(Value condition, Type type,
                             function_ref<Value()> load) {
  if (!condition)
    return load();
  Location loc = condition.getLoc();
  auto ifTrue = scf::IfOp::create(b, loc, type, condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(ifTrue.thenBlock());
  scf::YieldOp::create(b, loc, load());
  b.setInsertionPointToStart(ifTrue.elseBlock());
  scf::YieldOp::create(b, loc, zeroOf(type));
  return ifTrue.getResult(0);
}

/// How many registers in order hold neighbours of a row, up to `most`.
static int64_t getRun(const LinearLayout &layout, int64_t most) {
  int64_t run = 1;
  for (uint32_t base : layout.getBases(LinearLayout::Input::Register)) {
    if (base != run || run >= most)
      break;
    run *= 2;
  }
  return run;
}

void Distributor::readShared(Fragment &fragment, const SharedOperand &source) {
  Location loc = source.buffer.getLoc();
  Value stage = getStageOffset(source);
  SmallVector<int64_t> shape{source.tile.rows, source.tile.columns};
  LinearLayout layout = fragment.layout.getRank() == 2
                            ? fragment.layout
                            : fragment.layout.reshape(getCover(VectorType::get(
                                  shape, fragment.type.getElementType())));
  auto access =
      VectorType::get(fragment.packing, fragment.type.getElementType());
  for (auto [i, value] : llvm::enumerate(fragment.values)) {
    if (!fragment.exists(i))
      continue;
    SmallVector<int64_t> at =
        layout.getCoordinates(layout.getPosition(i * fragment.packing, 0, 0));
    Value offset =
        positions.getSharedOffset(b, loc, source.tile, layout, at[0], at[1]);
    offset = arith::AddIOp::create(b, loc, offset, stage);
    // Past the end of a row nothing was written.
    value = loadWhere(isInRow(loc, source.tile, layout, i * fragment.packing),
                      access, [&]() -> Value {
                        return vector::LoadOp::create(
                            b, loc, access, getFlat(source.buffer),
                            ValueRange{offset}, false, getAlignment(access));
                      });
    if (fragment.packing == 1)
      value = vector::ExtractOp::create(b, loc, value, 0);
  }
}

void Distributor::writeShared(const Fragment &fragment,
                              const SharedOperand &target) {
  Location loc = target.buffer.getLoc();
  Value stage = getStageOffset(target);
  // 32-bit elements that lie next to each other are one access.
  int64_t step = 1;
  if (fragment.packing == 1 && target.tile.elementBytes == 4)
    step = getRun(fragment.layout, target.tile.chunkElements());
  auto access =
      VectorType::get(fragment.packing * step, fragment.type.getElementType());
  const LinearLayout &layout = fragment.layout;
  for (int64_t i = 0, e = fragment.values.size(); i < e; i += step) {
    if (!fragment.exists(i))
      continue;
    SmallVector<int64_t> at =
        layout.getCoordinates(layout.getPosition(i * fragment.packing, 0, 0));
    Value offset =
        positions.getSharedOffset(b, loc, target.tile, layout, at[0], at[1]);
    offset = arith::AddIOp::create(b, loc, offset, stage);
    OpBuilder::InsertionGuard guard(b);
    if (Value inRow = isInRow(loc, target.tile, layout, i * fragment.packing)) {
      auto ifInRow = scf::IfOp::create(b, loc, inRow);
      b.setInsertionPointToStart(ifInRow.thenBlock());
    }
    Value value = fragment.values[i];
    if (fragment.packing == 1)
      value = vector::FromElementsOp::create(
          b, loc, access, ArrayRef<Value>(fragment.values).slice(i, step));
    vector::StoreOp::create(b, loc, value, getFlat(target.buffer),
                            ValueRange{offset}, false, getAlignment(access));
  }
}

//===--- Global memory ----------------------------------------------------===//

/// The part of memory that begins where this thread's register 0 lies: another
/// register is a constant away, which addresses take for free.
Distributor::ThreadView Distributor::getThreadView(const Fragment &fragment,
                                                   Value memory,
                                                   ValueRange indices,
                                                   AffineMap map) {
  Location loc = memory.getLoc();
  ThreadView view;
  SmallVector<OpFoldResult> offsets(indices.begin(), indices.end()),
      sizes(indices.size(), b.getIndexAttr(1)),
      strides(indices.size(), b.getIndexAttr(1));
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    unsigned position = cast<AffineDimExpr>(expr).getPosition();
    Value coordinate =
        positions.getCoordinate(b, loc, fragment.layout, /*reg=*/0, dim);
    Value offset =
        b.createOrFold<arith::AddIOp>(loc, indices[position], coordinate);
    Value size = memref::DimOp::create(b, loc, memory, position);
    Value left = arith::SubIOp::create(b, loc, size, offset);
    offsets[position] = offset;
    sizes[position] = left;
    // No dimension is so large that more than 32 bits are needed.
    view.left.push_back(
        arith::IndexCastOp::create(b, loc, b.getI32Type(), left));
  }
  view.memory =
      memref::SubViewOp::create(b, loc, memory, offsets, sizes, strides);
  view.map = map;
  return view;
}

/// Where in the view a value's first element lies, and whether it is inside;
/// null where it always is.
std::pair<SmallVector<Value>, Value>
Distributor::locate(const ThreadView &view, const Fragment &fragment,
                    int64_t value, ArrayRef<bool> inBounds) {
  Location loc = view.memory.getLoc();
  SmallVector<Value> at(cast<MemRefType>(view.memory.getType()).getRank(),
                        index(0));
  SmallVector<int64_t> moved = fragment.layout.getCoordinates(
      fragment.layout.getPosition(value * fragment.packing, 0, 0));
  Value inside;
  for (auto [dim, expr] : llvm::enumerate(view.map.getResults())) {
    at[cast<AffineDimExpr>(expr).getPosition()] = index(moved[dim]);
    // A tile that is no power of two has threads past its end.
    bool isExact =
        fragment.layout.getShape()[dim] == fragment.type.getDimSize(dim);
    if (inBounds[dim] && isExact)
      continue;
    Value move = arith::ConstantIntOp::create(b, loc, moved[dim], 32);
    Value isInDim = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                          move, view.left[dim]);
    inside = inside ? arith::AndIOp::create(b, loc, inside, isInDim).getResult()
                    : isInDim;
  }
  return {at, inside};
}

LogicalResult Distributor::distributeRead(vector::TransferReadOp op) {
  Location loc = op.getLoc();
  if (isShared(op.getBase())) {
    SharedOperand source = getShared(op.getBase(), op.getIndices().front());
    // The second operand of a product, and the first in the same loop, is read
    // as it is used.
    auto loop = op->getParentOfType<scf::ForOp>();
    bool isOperand = llvm::all_of(op->getUses(), [&](OpOperand &use) {
      auto product = dyn_cast<vector::ContractionOp>(use.getOwner());
      return product &&
             (product.getRhs() == use.get() ||
              (loop && loop == product->getParentOfType<scf::ForOp>()));
    });
    operands[op.getResult()] = source;
    if (isOperand)
      return success();
    FailureOr<Fragment> fragment = create(op.getResult(), op);
    if (failed(fragment))
      return failure();
    bool isProductsOperand =
        llvm::any_of(op->getUsers(), llvm::IsaPred<vector::ContractionOp>);
    if (isProductsOperand) {
      // Once, to registers: fragments in the order of the layout.
      for (int64_t i = 0, e = fragment->values.size(); i < e; i += 4) {
        if (!fragment->exists(i))
          continue;
        SmallVector<int64_t> at = fragment->layout.getCoordinates(
            fragment->layout.getPosition(i * fragment->packing, 0, 0));
        llvm::copy(loadOperandA(source, fragment->layout, at[0], at[1]),
                   fragment->values.begin() + i);
      }
      fragments[op.getResult()] = *fragment;
      return success();
    }
    // On the way out: as many elements of a row as an access takes.
    fragment->packing = getRun(fragment->layout, source.tile.chunkElements());
    fragment->values.assign(fragment->getNumValues(), Value());
    readShared(*fragment, source);
    fragments[op.getResult()] = *fragment;
    return success();
  }

  FailureOr<Fragment> fragment = create(op.getResult(), op);
  if (failed(fragment))
    return failure();
  auto memory = cast<MemRefType>(op.getBase().getType());
  AffineMap map = op.getPermutationMap();
  fragment->packing = getVectorElements(
      op.getBase(), cast<AffineDimExpr>(map.getResults().back()).getPosition());
  fragment->packing =
      std::min<int64_t>(fragment->packing, fragment->layout.getShape().back());
  fragment->values.assign(fragment->getNumValues(), Value());
  auto access = VectorType::get(fragment->packing, memory.getElementType());
  ThreadView view =
      getThreadView(*fragment, op.getBase(), op.getIndices(), map);
  for (auto [i, value] : llvm::enumerate(fragment->values)) {
    if (!fragment->exists(i))
      continue;
    auto [at, inside] = locate(view, *fragment, i, op.getInBoundsValues());
    auto load = [&, &at = at]() -> Value {
      Value loaded = vector::LoadOp::create(b, loc, access, view.memory, at,
                                            false, getAlignment(access));
      if (fragment->packing == 1)
        return vector::ExtractOp::create(b, loc, loaded, 0);
      return loaded;
    };
    value = loadWhere(inside, fragment->getValueType(), load);
  }
  // What is computed with has a value for each register.
  bool isMoved =
      llvm::all_of(op->getUsers(),
                   llvm::IsaPred<vector::ShapeCastOp, vector::TransferWriteOp>);
  if (!isMoved && fragment->type.getElementTypeBitWidth() == 32 &&
      fragment->packing > 1) {
    SmallVector<Value> packed = std::move(fragment->values);
    int64_t packing = std::exchange(fragment->packing, 1);
    fragment->values.assign(fragment->getNumValues(), Value());
    for (auto [i, value] : llvm::enumerate(packed))
      for (int64_t part = 0; value && part < packing; ++part)
        fragment->values[i * packing + part] =
            vector::ExtractOp::create(b, loc, value, part);
  }
  fragments[op.getResult()] = *fragment;
  return success();
}

LogicalResult Distributor::distributeWrite(vector::TransferWriteOp op) {
  Location loc = op.getLoc();
  auto known = fragments.find(op.getVector());
  Fragment fragment;
  if (known != fragments.end()) {
    fragment = known->second;
  } else if (isSplat(op.getVector())) {
    fragment.type = op.getVectorType();
    fragment.layout =
        getBlockedLayout(fragment.type, op.getBase(), op.getPermutationMap(),
                         layouts.getWarps());
    fragment.values.resize(fragment.getNumValues());
    fragment = get(op.getVector(), fragment);
  } else {
    return op.emitOpError("writes a value that no thread holds");
  }
  Value owner = positions.isOwner(fragment.layout);
  OpBuilder::InsertionGuard outer(b);
  if (owner) {
    auto ifOwner = scf::IfOp::create(b, loc, owner);
    b.setInsertionPointToStart(ifOwner.thenBlock());
  }
  if (isShared(op.getBase())) {
    writeShared(fragment, getShared(op.getBase(), op.getIndices().front()));
    return success();
  }
  auto memory = cast<MemRefType>(op.getBase().getType());
  auto access = VectorType::get(fragment.packing, memory.getElementType());
  ThreadView view = getThreadView(fragment, op.getBase(), op.getIndices(),
                                  op.getPermutationMap());
  for (auto [i, value] : llvm::enumerate(fragment.values)) {
    if (!value)
      continue;
    auto [at, inside] = locate(view, fragment, i, op.getInBoundsValues());
    OpBuilder::InsertionGuard guard(b);
    if (inside) {
      auto ifInside = scf::IfOp::create(b, loc, inside);
      b.setInsertionPointToStart(ifInside.thenBlock());
    }
    Value stored = value;
    if (fragment.packing == 1)
      stored = vector::FromElementsOp::create(b, loc, access, stored);
    vector::StoreOp::create(b, loc, stored, view.memory, at, false,
                            getAlignment(access));
  }
  return success();
}

//===--- Copies -----------------------------------------------------------===//

LogicalResult Distributor::distributeCopy(AsyncCopyOp op) {
  Location loc = op.getLoc();
  auto source = cast<MemRefType>(op.getSource().getType());
  SharedOperand target = getShared(op.getDestination(), op.getStage());
  Type element = source.getElementType();
  Fragment fragment;
  fragment.type =
      VectorType::get({target.tile.rows, target.tile.columns}, element);
  fragment.packing = getVectorElements(op.getSource(), 1);
  SmallVector<int64_t> cover = getCover(fragment.type);
  fragment.layout = LinearLayout::getBlocked(
      cover[0], cover[1], fragment.packing, layouts.getWarps());
  auto access = VectorType::get(fragment.packing, element);
  int64_t bytes = fragment.packing * target.tile.elementBytes;
  bool isWholeRow =
      op.getInBounds() || source.getDimSize(1) == target.tile.columns;
  ThreadView view =
      getThreadView(fragment, op.getSource(), op.getSourceIndices(),
                    AffineMap::getMultiDimIdentityMap(2, b.getContext()));
  Value stage = getStageOffset(target);
  Value flat = getFlat(op.getDestination());

  Value owner = positions.isOwner(fragment.layout);
  OpBuilder::InsertionGuard outer(b);
  if (owner) {
    auto ifOwner = scf::IfOp::create(b, loc, owner);
    b.setInsertionPointToStart(ifOwner.thenBlock());
  }
  for (int64_t i = 0, e = fragment.getNumValues(); i < e; ++i) {
    if (!fragment.exists(i))
      continue;
    OpBuilder::InsertionGuard guard(b);
    uint32_t position = fragment.layout.getPosition(i * fragment.packing, 0, 0);
    SmallVector<int64_t> moved = fragment.layout.getCoordinates(position);
    if (Value inRow =
            isInRow(loc, target.tile, fragment.layout, i * fragment.packing)) {
      auto ifInRow = scf::IfOp::create(b, loc, inRow);
      b.setInsertionPointToStart(ifInRow.thenBlock());
    }
    Value offset = positions.getSharedOffset(
        b, loc, target.tile, fragment.layout, moved[0], moved[1]);
    offset = arith::AddIOp::create(b, loc, offset, stage);
    // Past the end there are zeros.
    auto [at, inside] =
        locate(view, fragment, i, {op.getInBounds(), isWholeRow});
    if (Value condition = op.getCondition())
      inside =
          inside ? arith::AndIOp::create(b, loc, inside, condition).getResult()
                 : condition;
    // cp.async takes 4, 8 or 16 bytes, and upstream's operation elements that
    // lie next to each other, be it one.
    if (bytes >= 4 && source.isLastDimUnitStride()) {
      Value count;
      if (inside)
        count = arith::SelectOp::create(b, loc, inside, index(fragment.packing),
                                        index(0));
      nvgpu::DeviceAsyncCopyOp::create(
          b, loc, nvgpu::DeviceAsyncTokenType::get(b.getContext()), flat,
          ValueRange{offset}, view.memory, at, b.getIndexAttr(fragment.packing),
          count,
          bytes == SharedTile::kChunkBytes ? b.getUnitAttr() : UnitAttr());
      continue;
    }
    Value value = loadWhere(inside, access, [&, &at = at]() -> Value {
      return vector::LoadOp::create(b, loc, access, view.memory, at, false,
                                    getAlignment(access));
    });
    vector::StoreOp::create(b, loc, value, flat, ValueRange{offset}, false,
                            getAlignment(access));
  }
  return success();
}
