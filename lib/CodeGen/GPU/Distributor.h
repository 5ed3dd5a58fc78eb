//===- Distributor.h - A workgroup's vectors over its threads ---*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_GPU_DISTRIBUTOR_H
#define ATTN_LIB_CODEGEN_GPU_DISTRIBUTOR_H

#include "LayoutAnalysis.h"
#include "ThreadPositions.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::attn {

/// What a thread holds of a tile.
struct Fragment {
  LinearLayout layout;
  VectorType type;
  /// Registers of the layout that one value holds: 2 in a fragment of a 16-bit
  /// type, as many as an access takes on the way to or from memory.
  int64_t packing = 1;
  /// By register / packing; null for a register past the end of the tile.
  SmallVector<Value> values;

  /// The type of a value.
  Type getValueType() const {
    return packing == 1 ? type.getElementType()
                        : VectorType::get(packing, type.getElementType());
  }
  int64_t getNumValues() const { return layout.getNumRegisters() / packing; }
  /// Whether a value's first register is inside the tile wherever the thread.
  bool exists(int64_t value) const;
};

/// Rewrites the body of one kernel for a single thread.
class Distributor {
public:
  Distributor(gpu::LaunchOp launch, const LayoutAnalysis &layouts)
      : launch(launch), layouts(layouts), positions(launch),
        b(launch.getContext()) {}

  LogicalResult run();

private:
  /// A product's operand that is read from shared memory as it is used.
  struct SharedOperand {
    Value buffer, stage;
    SharedTile tile;
  };

  /// Memory from where a thread's first element lies, and what is left of each
  /// dimension of the tile from there on.
  struct ThreadView {
    Value memory;
    SmallVector<Value> left;
    AffineMap map;
  };

  //===--- Distribute.cpp -------------------------------------------------===//
  LogicalResult distributeBlock(Block &block);
  LogicalResult distribute(Operation *op);
  LogicalResult distributeElementwise(Operation *op);
  LogicalResult distributeTruncation(Operation *op);
  LogicalResult distributeReduction(vector::MultiDimReductionOp op);
  LogicalResult distributeReductionOfSplat(vector::MultiDimReductionOp op,
                                           Fragment result);
  LogicalResult distributeAny(AnyOp op);
  LogicalResult distributeBroadcast(vector::BroadcastOp op);
  LogicalResult distributeShapeCast(vector::ShapeCastOp op);
  LogicalResult distributeFor(scf::ForOp op);
  LogicalResult distributeIf(scf::IfOp op);

  Value recompute(Value value, IRMapping &recomputed);
  void recomputeAfterLoop();

  //===--- DistributeMap.cpp ----------------------------------------------===//
  LogicalResult distributeMap(MapOp op);

  //===--- DistributeMemory.cpp -------------------------------------------===//
  LogicalResult distributeRead(vector::TransferReadOp op);
  LogicalResult distributeWrite(vector::TransferWriteOp op);
  LogicalResult distributeCopy(AsyncCopyOp op);
  void readShared(Fragment &fragment, const SharedOperand &source);
  void writeShared(const Fragment &fragment, const SharedOperand &target);
  Value loadOperand(const SharedOperand &source, const LinearLayout &threads,
                    int64_t row, int64_t column, bool isTransposed);
  Value loadRow(const SharedOperand &source, const LinearLayout &threads,
                int64_t row, int64_t column, int64_t length);
  SharedOperand getShared(Value buffer, Value stage);
  Value isInRow(Location loc, const SharedTile &tile,
                const LinearLayout &layout, uint32_t reg);
  Value loadWhere(Value condition, Type type, function_ref<Value()> load);
  Value getStageOffset(const SharedOperand &operand);
  /// The flat buffer under a tile in shared memory.
  Value getFlat(Value buffer);
  ThreadView getThreadView(const Fragment &fragment, Value memory,
                           ValueRange indices, AffineMap map);
  std::pair<SmallVector<Value>, Value> locate(const ThreadView &view,
                                              const Fragment &fragment,
                                              int64_t value,
                                              ArrayRef<bool> inBounds);

  //===--- DistributeProduct.cpp ------------------------------------------===//
  LogicalResult distributeProduct(vector::ContractionOp op);
  SmallVector<Value> getOperandA(vector::ContractionOp op, int64_t row,
                                 int64_t depth);
  /// The same from shared memory; `layout` is the operand's.
  SmallVector<Value> loadOperandA(const SharedOperand &source,
                                  const LinearLayout &layout, int64_t row,
                                  int64_t depth);
  /// The four registers that ldmatrix.x4 fills.
  SmallVector<Value> takeRegisters(Value loaded);
  /// The rows that ldmatrix.x4 reads of a fragment of 16 rows of 32 bytes: lane
  /// l names row l mod 8 of matrix l / 8. The matrices are the four quarters,
  /// down first (operand A; B that lies reduction x columns, transposed on its
  /// way) or along the row first (B that lies columns x reduction).
  static LinearLayout getQuarters(bool downFirst, Type element,
                                  LinearLayout::Bases warps,
                                  ArrayRef<int64_t> shape);

  //===--- DistributeTF32Product.cpp --------------------------------------===//
  struct TF32Operand;
  LogicalResult distributeTF32Product(vector::ContractionOp op,
                                      Fragment result);
  TF32Operand toTF32(Value value, bool isSplit);
  SmallVector<Value> getTF32OperandA(vector::ContractionOp op, int64_t row,
                                     int64_t depth);

  //===--- Small helpers --------------------------------------------------===//
  /// An empty fragment with a value's layout; fails with a diagnostic.
  FailureOr<Fragment> create(Value value, Operation *op);
  /// A value's fragment, with constants made as `like`.
  Fragment get(Value value, const Fragment &like);
  bool isTile(Value value) const { return isa<VectorType>(value.getType()); }
  Value zeroOf(Type type);
  Value index(int64_t value);
  SmallVector<Value> flatten(ValueRange values, ArrayRef<Fragment> like);

  gpu::LaunchOp launch;
  const LayoutAnalysis &layouts;
  ThreadPositions positions;
  OpBuilder b;
  DenseMap<Value, Fragment> fragments;
  DenseMap<Value, SharedOperand> operands;
  /// What has been rewritten, in order.
  SmallVector<Operation *> replaced;
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_GPU_DISTRIBUTOR_H
