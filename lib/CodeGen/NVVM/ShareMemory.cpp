//===- ShareMemory.cpp - Buffers that host and device see -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNSHAREMEMORY
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

static Value createShared(OpBuilder &b, Location loc, MemRefType type,
                          ValueRange sizes) {
  return gpu::AllocOp::create(b, loc, type, /*asyncToken=*/nullptr,
                              /*asyncDependencies=*/ValueRange(), sizes,
                              /*symbolOperands=*/ValueRange(),
                              /*hostShared=*/true)
      .getMemref();
}

/// Whether a kernel reads `buffer` or a view of it.
static bool isLaunchOperand(Value buffer) {
  return llvm::any_of(buffer.getUsers(), [](Operation *user) {
    return isa<gpu::LaunchFuncOp>(user) ||
           (isa<ViewLikeOpInterface>(user) &&
            llvm::any_of(user->getResults(), isLaunchOperand));
  });
}

/// A constant lies in the program's memory: kernels read a copy, which lives as
/// long as its block.
static void copyConstant(memref::GetGlobalOp global) {
  OpBuilder b(global);
  b.setInsertionPointAfter(global);
  Location loc = global.getLoc();
  auto type = global.getType();
  Value copy = createShared(b, loc, type, {});
  auto filled = memref::CopyOp::create(b, loc, global, copy);
  global.getResult().replaceAllUsesExcept(copy, filled);
  b.setInsertionPoint(global->getBlock()->getTerminator());
  memref::DeallocOp::create(b, loc, copy);
}

namespace {
struct AttnShareMemory : attn::impl::AttnShareMemoryBase<AttnShareMemory> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
        if (alloc.getType().getMemorySpace() ||
            !alloc.getSymbolOperands().empty())
          return;
        OpBuilder b(alloc);
        Value shared = createShared(b, alloc.getLoc(), alloc.getType(),
                                    alloc.getDynamicSizes());
        alloc.replaceAllUsesWith(shared);
        alloc.erase();
      } else if (auto global = dyn_cast<memref::GetGlobalOp>(op)) {
        if (isLaunchOperand(global))
          copyConstant(global);
      }
    });
  }
};
} // namespace
