//===- LayoutAnalysis.h - A layout for every tile ---------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_GPU_LAYOUTANALYSIS_H
#define ATTN_LIB_CODEGEN_GPU_LAYOUTANALYSIS_H

#include "attn/CodeGen/GPU/LinearLayout.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::attn {

/// Finds the layouts of the vectors in a kernel: products and accesses to
/// global memory fix those of their operands and results, and each operation
/// relates the layouts of what it takes and makes.
class LayoutAnalysis {
public:
  LayoutAnalysis(gpu::LaunchOp launch, int64_t warps)
      : launch(launch), warps(warps) {}

  /// Fails, with a diagnostic, where a value would need two layouts.
  LogicalResult run();

  /// The layout of a value; null where nothing fixes it, as for a constant
  /// that is the same everywhere.
  const LinearLayout *get(Value value) const {
    auto found = layouts.find(value);
    return found == layouts.end() ? nullptr : &found->second;
  }

  int64_t getWarps() const { return warps; }

private:
  void fix(Operation *op);
  void propagate();
  /// The layout of coalesced accesses.
  void setBlocked(Value value, Value memory, AffineMap map, Operation *because);
  void relate(Operation *op);
  void relateReduction(vector::MultiDimReductionOp op);
  void relateBroadcast(vector::BroadcastOp op);
  void relateShapeCast(vector::ShapeCastOp op);
  void relateMap(Operation *op);
  /// Gives `value` a layout, and reports whether that is news.
  void set(Value value, const LinearLayout &layout, Operation *because);
  /// Values that have the same layout.
  void unite(ArrayRef<Value> values, Operation *because);

  gpu::LaunchOp launch;
  int64_t warps;
  DenseMap<Value, LinearLayout> layouts;
  bool changed = false, failed = false;
};

/// The shape in powers of two that covers a tile.
SmallVector<int64_t> getCover(VectorType type);

/// The layout of coalesced accesses to memory, whose dimensions `map` takes to
/// those of the vector.
LinearLayout getBlockedLayout(VectorType type, Value memory, AffineMap map,
                              int64_t warps);

/// The elements that one access to global memory takes along `dim`, up to 16
/// bytes: every row begins at a multiple of them, as its length, and the offset
/// and the strides of the view say.
int64_t getVectorElements(Value memory, int64_t dim);

/// Whether a vector is a constant or a scalar broadcast to all its positions;
/// that scalar, where it is no constant.
bool isSplat(Value value);
Value getSplatScalar(Value value);

/// Whether a buffer is in the workgroup's shared memory.
bool isShared(Value buffer);

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_GPU_LAYOUTANALYSIS_H
