//===- Buffers.h - Which buffers a kernel's views belong to -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_BUFFERS_H
#define ATTN_LIB_CODEGEN_CPU_BUFFERS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {

/// Whether two memrefs of a kernel may be views of one buffer. The buffers
/// that a kernel is given are distinct from each other where one of them is
/// written, and from those that it allocates: bufferization made it so.
bool mayAlias(Value a, Value b);

/// Whether a memref is a view of what the kernel itself allocates.
bool isKernelBuffer(Value memref);
/// Reports an operation of linalg on tensors, which the passes on buffers do
/// not take.
LogicalResult verifyOnBuffers(func::FuncOp function);

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_BUFFERS_H
