//===- ViewAlignment.h - Where views of memory start ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_GPU_VIEWALIGNMENT_H
#define ATTN_LIB_CODEGEN_GPU_VIEWALIGNMENT_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::attn {

/// The trailing zeros that a view's offset and strides, in elements, have at
/// least: how often 2 divides them. A 0 has 64 and more.
struct ViewAlignment {
  unsigned offset;
  SmallVector<unsigned> strides;

  /// What the program says of a view of memory: of its offset from the start of
  /// an allocation, through all views of views. None where a view may have
  /// moved the start itself.
  static std::optional<ViewAlignment> get(Value memory);
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_GPU_VIEWALIGNMENT_H
