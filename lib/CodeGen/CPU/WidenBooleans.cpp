//===- WidenBooleans.cpp - Vectors of i1 in memory, a byte each -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNWIDENBOOLEANS
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

static bool isBoolean(Value buffer) {
  return cast<MemRefType>(buffer.getType()).getElementType().isInteger(1);
}

/// The same memory as elements of i8. Both types have one descriptor in the
/// LLVM dialect, where the cast disappears.
static Value viewAsBytes(OpBuilder &b, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  Type bytes = MemRefType::get(type.getShape(), b.getI8Type(), type.getLayout(),
                               type.getMemorySpace());
  return UnrealizedConversionCastOp::create(b, loc, bytes, buffer).getResult(0);
}

static VectorType getByteVector(VectorType type) {
  return type.clone(IntegerType::get(type.getContext(), 8));
}

static Value truncate(OpBuilder &b, Location loc, VectorType type,
                      Value bytes) {
  return arith::TruncIOp::create(b, loc, type, bytes);
}

static Value extend(OpBuilder &b, Location loc, Value vector) {
  return arith::ExtUIOp::create(
      b, loc, getByteVector(cast<VectorType>(vector.getType())), vector);
}

static void widen(vector::LoadOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  VectorType type = op.getVectorType();
  Value bytes = vector::LoadOp::create(b, loc, getByteVector(type),
                                       viewAsBytes(b, loc, op.getBase()),
                                       op.getIndices());
  op.replaceAllUsesWith(truncate(b, loc, type, bytes));
  op.erase();
}

static void widen(vector::MaskedLoadOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  VectorType type = op.getVectorType();
  Value bytes = vector::MaskedLoadOp::create(
      b, loc, getByteVector(type), viewAsBytes(b, loc, op.getBase()),
      op.getIndices(), op.getMask(), extend(b, loc, op.getPassThru()));
  op.replaceAllUsesWith(truncate(b, loc, type, bytes));
  op.erase();
}

static void widen(vector::StoreOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  vector::StoreOp::create(b, loc, extend(b, loc, op.getValueToStore()),
                          viewAsBytes(b, loc, op.getBase()), op.getIndices());
  op.erase();
}

namespace {
struct AttnWidenBooleans
    : attn::impl::AttnWidenBooleansBase<AttnWidenBooleans> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (auto load = dyn_cast<vector::LoadOp>(op)) {
        if (isBoolean(load.getBase()))
          widen(load);
      } else if (auto load = dyn_cast<vector::MaskedLoadOp>(op)) {
        if (isBoolean(load.getBase()))
          widen(load);
      } else if (auto store = dyn_cast<vector::StoreOp>(op)) {
        if (isBoolean(store.getBase()))
          widen(store);
      }
    });
  }
};
} // namespace
