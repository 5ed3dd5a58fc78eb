//===- LayoutAnalysis.cpp - A layout for every tile -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayoutAnalysis.h"
#include "ViewAlignment.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Schedule/SharedTile.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

SmallVector<int64_t> mlir::attn::getCover(VectorType type) {
  return llvm::to_vector(
      llvm::map_range(type.getShape(), [](int64_t size) -> int64_t {
        return llvm::PowerOf2Ceil(size);
      }));
}

bool mlir::attn::isShared(Value buffer) {
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type)
    return false;
  auto space =
      dyn_cast_if_present<gpu::AddressSpaceAttr>(type.getMemorySpace());
  return space && space.getValue() == gpu::AddressSpace::Workgroup;
}

int64_t mlir::attn::getVectorElements(Value memory, int64_t dim) {
  auto type = cast<MemRefType>(memory.getType());
  int64_t length = type.getDimSize(dim);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (ShapedType::isDynamic(length) ||
      failed(type.getStridesAndOffset(strides, offset)) || strides[dim] != 1)
    return 1;
  std::optional<ViewAlignment> alignment = ViewAlignment::get(memory);
  if (!alignment)
    return 1;
  unsigned zeros = std::min<unsigned>(llvm::countr_zero<uint64_t>(length),
                                      alignment->offset);
  for (int64_t other = 0; other < type.getRank(); ++other)
    if (other != dim && type.getDimSize(other) != 1)
      zeros = std::min(zeros, alignment->strides[other]);
  unsigned most = llvm::Log2_64(SharedTile::kChunkBytes * 8 /
                                type.getElementTypeBitWidth());
  return int64_t(1) << std::min(zeros, most);
}

Value mlir::attn::getSplatScalar(Value value) {
  if (auto broadcast = value.getDefiningOp<vector::BroadcastOp>())
    if (!isa<VectorType>(broadcast.getSourceType()))
      return broadcast.getSource();
  return {};
}

bool mlir::attn::isSplat(Value value) {
  DenseElementsAttr attr;
  return getSplatScalar(value) ||
         (matchPattern(value, m_Constant(&attr)) && attr.isSplat());
}

void LayoutAnalysis::set(Value value, const LinearLayout &layout,
                         Operation *because) {
  // The same in every thread, whatever the layout.
  if (isSplat(value))
    return;
  auto [entry, isNew] = layouts.try_emplace(value, layout);
  if (isNew) {
    changed = true;
  } else if (entry->second != layout && !failed) {
    failed = true;
    InFlightDiagnostic diagnostic =
        because->emitOpError("needs a value in two layouts, expected one");
    std::string text;
    llvm::raw_string_ostream(text) << entry->second << " and " << layout;
    diagnostic.attachNote(value.getLoc()) << "the layouts are " << text;
  }
}

void LayoutAnalysis::unite(ArrayRef<Value> values, Operation *because) {
  for (Value known : values) {
    if (!isa<VectorType>(known.getType()))
      continue;
    auto found = layouts.find(known);
    if (found == layouts.end())
      continue;
    LinearLayout layout = found->second;
    for (Value value : values)
      if (isa<VectorType>(value.getType()))
        set(value, layout, because);
    return;
  }
}

LinearLayout mlir::attn::getBlockedLayout(VectorType type, Value memory,
                                          AffineMap map, int64_t warps) {
  SmallVector<int64_t> cover = getCover(type);
  auto last = cast<AffineDimExpr>(map.getResults().back()).getPosition();
  int64_t rows = llvm::product_of(ArrayRef(cover).drop_back());
  return LinearLayout::getBlocked(rows, cover.back(),
                                  getVectorElements(memory, last), warps)
      .reshape(cover);
}

void LayoutAnalysis::setBlocked(Value value, Value memory, AffineMap map,
                                Operation *because) {
  set(value,
      getBlockedLayout(cast<VectorType>(value.getType()), memory, map, warps),
      because);
}

/// How many neighbouring columns of a product of tf32 a thread holds: as many
/// elements as one access takes of the second operand's rows, where whole turns
/// of `columnWarps` warps cover the columns.
static int64_t getColumnRun(vector::ContractionOp product,
                            int64_t columnWarps) {
  auto rhsMap =
      cast<AffineDimExpr>(product.getIndexingMapsArray()[1].getResult(0));
  bool isTransposed = rhsMap.getPosition() == 1;
  int64_t columns = cast<VectorType>(product.getResultType()).getDimSize(1);
  int64_t run = isTransposed ? 1 : SharedTile::kChunkBytes / 4;
  while (run > 1 && columns % (MMAShape::columns * run * columnWarps) != 0)
    run /= 2;
  return run;
}

/// What an operation says of the layouts of its own values.
void LayoutAnalysis::fix(Operation *op) {
  if (auto product = dyn_cast<vector::ContractionOp>(op)) {
    // The scores of a row stay in one warp; what comes of the weights need not.
    bool isOfWeights =
        !product.getLhs().getDefiningOp<vector::TransferReadOp>() &&
        !isSplat(product.getRhs());
    auto spare = isOfWeights ? LinearLayout::SpareWarps::Columns
                             : LinearLayout::SpareWarps::Copy;
    SmallVector<int64_t> lhs = getCover(product.getLhsType()),
                         result = getCover(
                             cast<VectorType>(product.getResultType()));
    bool isTF32 = product.getLhsType().getElementType().isF32();
    int64_t run = 1;
    if (isTF32 && isOfWeights)
      run = getColumnRun(
          product, std::max<int64_t>(warps * MMAShape::rows / result[0], 1));
    set(product.getLhs(),
        isTF32 && !isOfWeights
            ? LinearLayout::getOperandTF32(lhs[0], lhs[1], warps)
            : LinearLayout::getMMA(lhs[0], lhs[1], warps),
        op);
    for (Value value : {Value(product.getAcc()), Value(product.getResult())})
      set(value, LinearLayout::getMMA(result[0], result[1], warps, spare, run),
          op);
    return;
  }
  if (auto read = dyn_cast<vector::TransferReadOp>(op)) {
    if (!isShared(read.getBase()))
      setBlocked(read.getResult(), read.getBase(), read.getPermutationMap(),
                 op);
  } else if (auto write = dyn_cast<vector::TransferWriteOp>(op)) {
    Value source = write.getVector();
    while (auto cast = source.getDefiningOp<vector::ShapeCastOp>())
      source = cast.getSource();
    // What comes from memory may have any layout.
    if (!isShared(write.getBase()) &&
        source.getDefiningOp<vector::TransferReadOp>())
      setBlocked(write.getVector(), write.getBase(), write.getPermutationMap(),
                 op);
  }
}

void LayoutAnalysis::relateReduction(vector::MultiDimReductionOp op) {
  unite({Value(op.getAcc()), op.getResult()}, op);
  const LinearLayout *source = get(op.getSource());
  if (!source)
    return;
  LinearLayout layout = *source;
  for (int64_t dim : llvm::reverse(op.getReductionDims()))
    layout = layout.dropDim(dim);
  set(op.getResult(), layout, op);
}

void LayoutAnalysis::relateBroadcast(vector::BroadcastOp op) {
  auto source = dyn_cast<VectorType>(op.getSourceType());
  const LinearLayout *result = get(op.getResult());
  if (!source || !result)
    return;
  LinearLayout layout = *result;
  for (int64_t dim = source.getRank() - 1; dim >= 0; --dim)
    if (source.getDimSize(dim) == 1 &&
        op.getResultVectorType().getDimSize(dim) != 1)
      layout = layout.dropDim(dim);
  set(op.getSource(), layout.reshape(getCover(source)), op);
}

void LayoutAnalysis::relateShapeCast(vector::ShapeCastOp op) {
  SmallVector<int64_t> source = getCover(op.getSourceVectorType()),
                       result = getCover(op.getResultVectorType());
  if (llvm::product_of(source) != llvm::product_of(result)) {
    if (!failed)
      op.emitOpError("reshapes a tile whose dimensions are no powers of two");
    failed = true;
    return;
  }
  if (const LinearLayout *layout = get(op.getSource()))
    set(op.getResult(), LinearLayout(*layout).reshape(result), op);
  else if (const LinearLayout *layout = get(op.getResult()))
    set(op.getSource(), LinearLayout(*layout).reshape(source), op);
}

void LayoutAnalysis::relateMap(Operation *op) {
  auto map = cast<MapOp>(op);
  ArrayRef<int64_t> shape = map.getResult().getType().getShape();
  for (Value input : map.getInputs()) {
    auto type = cast<VectorType>(input.getType());
    if (type.getShape() == shape) {
      unite({input, map.getResult()}, op);
      continue;
    }
    const LinearLayout *layout = get(map.getResult());
    if (!layout)
      continue;
    LinearLayout dropped = *layout;
    for (int64_t dim = shape.size() - 1; dim >= type.getRank(); --dim)
      dropped = dropped.dropDim(dim);
    set(input, dropped, op);
  }
}

void LayoutAnalysis::relate(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](vector::MultiDimReductionOp reduction) {
        relateReduction(reduction);
      })
      .Case([&](vector::BroadcastOp broadcast) { relateBroadcast(broadcast); })
      .Case([&](vector::ShapeCastOp cast) { relateShapeCast(cast); })
      .Case([&](MapOp map) { relateMap(map); })
      .Case([&](scf::ForOp loop) {
        for (auto [init, argument, yielded, result] :
             llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs(),
                       loop.getYieldedValues(), loop.getResults()))
          unite({argument, yielded, result, init}, op);
      })
      .Case([&](scf::IfOp branch) {
        if (branch.getNumResults() == 0)
          return;
        for (auto [result, then, otherwise] :
             llvm::zip(branch.getResults(), branch.thenYield().getOperands(),
                       branch.elseYield().getOperands()))
          unite({result, then, otherwise}, op);
      })
      .Default([&](Operation *) {
        if (!op->hasTrait<OpTrait::Elementwise>() || op->getNumResults() != 1)
          return;
        SmallVector<Value> values(op->getOperands());
        values.push_back(op->getResult(0));
        unite(values, op);
      });
}

void LayoutAnalysis::propagate() {
  do {
    changed = false;
    launch.walk([&](Operation *op) { relate(op); });
  } while (changed && !failed);
}

LogicalResult LayoutAnalysis::run() {
  launch.walk([&](Operation *op) { fix(op); });
  propagate();
  // Without a product, what is written decides, the first before others that
  // are made of the same.
  launch.walk([&](vector::TransferWriteOp op) {
    if (get(op.getVector()) || isShared(op.getBase()))
      return;
    setBlocked(op.getVector(), op.getBase(), op.getPermutationMap(), op);
    propagate();
  });
  // A tile that is only there to be reduced, such as sums of nothing but a
  // sink.
  launch.walk([&](vector::MultiDimReductionOp op) {
    const LinearLayout *result = get(op.getResult());
    if (!result || get(op.getSource()))
      return;
    LinearLayout layout = *result;
    SmallVector<int64_t> cover = getCover(op.getSourceVectorType());
    for (int64_t dim : op.getReductionDims())
      layout = layout.insertDim(dim, cover[dim]);
    set(op.getSource(), layout, op);
    propagate();
  });
  return failure(failed);
}
