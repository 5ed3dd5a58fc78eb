//===- Kernel.h - What becomes a kernel -------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CODEGEN_KERNEL_H
#define ATTN_CODEGEN_KERNEL_H

#include "attn/IR/AttnDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {

/// Marks the parallel loops of tiled attention and the functions or launches
/// made of their bodies: the passes that make code of tiles work on these
/// alone. For a GPU it holds the schedule, or, of what has none, the warps of a
/// workgroup.
constexpr llvm::StringLiteral kKernelAttr = "attn.kernel";

/// Beside a schedule whose `max_registers` the compiler chose: that number, as
/// i64, on the op and on all that `kKernelAttr` marks. While a kernel has it as
/// its bound, the compiler may choose another.
constexpr llvm::StringLiteral kChosenMaxRegistersAttr =
    "attn.chosen_max_registers";

/// Marks what becomes of a marked operation.
inline void copyKernelMarks(Operation *from, Operation *to) {
  for (llvm::StringRef name : {kKernelAttr, kChosenMaxRegistersAttr})
    if (Attribute mark = from->getDiscardableAttr(name))
      to->setDiscardableAttr(name, mark);
}

/// The largest dimension that a GPU's kernel of attention takes: sums of a few
/// positions and sizes fit into 32 bits.
constexpr int64_t kMaxSeqlen = int64_t(1) << 29;

/// More than any tile has of rows or columns.
constexpr int64_t kMaxTileSize = int64_t(1) << 16;

/// The blocks that a launch takes along y and along z at most, on every chip of
/// NVIDIA's; along x there is room for all that memory holds.
constexpr int64_t kMaxGridSizeYZ = (int64_t(1) << 16) - 1;

/// On a vector.contract of f32: tf32's accuracy is enough.
constexpr llvm::StringLiteral kAllowTF32Attr = "attn.allow_tf32";

/// The warps of a workgroup that a mark for a GPU says; none without one.
inline std::optional<int64_t> getKernelWarps(Operation *op) {
  Attribute mark = op->getAttr(kKernelAttr);
  if (auto schedule = dyn_cast_if_present<GPUScheduleAttr>(mark))
    return schedule.getWarps();
  if (auto warps = dyn_cast_if_present<IntegerAttr>(mark))
    return warps.getInt();
  return std::nullopt;
}

inline void markKernel(func::FuncOp function) {
  function->setAttr(kKernelAttr, UnitAttr::get(function.getContext()));
}
inline bool isKernel(func::FuncOp function) {
  return function->hasAttr(kKernelAttr);
}

} // namespace mlir::attn

#endif // ATTN_CODEGEN_KERNEL_H
