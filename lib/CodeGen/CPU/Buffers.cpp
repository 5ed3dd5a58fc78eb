//===- Buffers.cpp - Which buffers a kernel's views belong to -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

/// The allocations and arguments that a memref may be a view of.
static void collectRoots(Value memref, SmallVectorImpl<Value> &roots) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  if (auto select = memref.getDefiningOp<arith::SelectOp>()) {
    collectRoots(select.getTrueValue(), roots);
    collectRoots(select.getFalseValue(), roots);
    return;
  }
  roots.push_back(memref);
}

/// Whether a root is a buffer of its own, not a choice among others that a
/// loop or a branch made.
static bool isBuffer(Value root) {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  return !isa<RegionBranchOpInterface>(root.getDefiningOp());
}

bool mlir::attn::mayAlias(Value a, Value b) {
  SmallVector<Value> rootsOfA, rootsOfB;
  collectRoots(a, rootsOfA);
  collectRoots(b, rootsOfB);
  if (!llvm::all_of(rootsOfA, isBuffer) || !llvm::all_of(rootsOfB, isBuffer))
    return true;
  return llvm::any_of(
      rootsOfA, [&](Value root) { return llvm::is_contained(rootsOfB, root); });
}

bool mlir::attn::isKernelBuffer(Value memref) {
  SmallVector<Value> roots;
  collectRoots(memref, roots);
  return llvm::all_of(roots, [](Value root) {
    return root.getDefiningOp<memref::AllocaOp>() ||
           root.getDefiningOp<memref::AllocOp>();
  });
}

LogicalResult mlir::attn::verifyOnBuffers(func::FuncOp function) {
  WalkResult walk = function->walk([](linalg::LinalgOp op) {
    if (op.hasPureBufferSemantics())
      return WalkResult::advance();
    op->emitOpError("is on tensors, expected buffers: run one-shot-bufferize "
                    "first");
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}
