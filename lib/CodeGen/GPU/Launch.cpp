//===- Launch.cpp - Loops over workgroups to kernel launches --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/LinearLayout.h"
#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPULAUNCH
#include "attn/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static bool isMappedToBlocks(scf::ForallOp forall) {
  std::optional<ArrayAttr> mapping = forall.getMapping();
  return mapping && !mapping->empty() &&
         llvm::all_of(*mapping, llvm::IsaPred<gpu::GPUBlockMappingAttr>);
}

/// What PTX takes for a name: a program's own may hold any character.
static std::string getKernelName(StringRef function) {
  std::string name = (function + "_kernel").str();
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '_' && c != '$')
      c = '_';
  if (llvm::isDigit(name.front()))
    name.insert(name.begin(), '_');
  return name;
}

/// A dimension of a loop over workgroups.
struct GridDim {
  gpu::MappingId id;
  /// The first iteration of a launch; null where one launch has all.
  Value start;
};

/// The blocks of a launch along a dimension of `size` iterations. Where those
/// may be more than a launch takes, the rest of `b`'s code goes into a loop
/// over launches: blocks count on from `start`, which costs a kernel an
/// addition.
static Value createGridSize(OpBuilder &b, Location loc, OpFoldResult size,
                            GridDim &dim) {
  Value iterations = getValueOrCreateConstantIndexOp(b, loc, size);
  std::optional<int64_t> known = getConstantIntValue(size);
  if (dim.id == gpu::MappingId::DimX || (known && *known <= kMaxGridSizeYZ))
    return iterations;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value most = arith::ConstantIndexOp::create(b, loc, kMaxGridSizeYZ);
  auto launches = scf::ForOp::create(b, loc, zero, iterations, most);
  b.setInsertionPointToStart(launches.getBody());
  dim.start = launches.getInductionVar();
  Value left = arith::SubIOp::create(b, loc, iterations, dim.start);
  return arith::MinSIOp::create(b, loc, left, most);
}

static void launch(scf::ForallOp forall, int64_t warps) {
  OpBuilder b(forall);
  Location loc = forall.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value one = constant(1);
  SmallVector<Value> grid(3, one);
  SmallVector<GridDim> dims;
  for (auto [attr, size] :
       llvm::zip(*forall.getMapping(), forall.getMixedUpperBound())) {
    dims.push_back({cast<gpu::GPUBlockMappingAttr>(attr).getBlock(), Value()});
    grid[static_cast<unsigned>(dims.back().id)] =
        createGridSize(b, loc, size, dims.back());
  }
  auto op = gpu::LaunchOp::create(b, loc, grid[0], grid[1], grid[2],
                                  constant(warps << LinearLayout::kLaneBits),
                                  one, one);
  copyKernelMarks(forall, op);
  if (auto function = forall->getParentOfType<FunctionOpInterface>()) {
    auto name = FlatSymbolRefAttr::get(b.getContext(),
                                       getKernelName(function.getName()));
    op.setModuleAttr(name);
    op.setFunctionAttr(name);
  }
  b.setInsertionPointToStart(&op.getBody().front());
  gpu::KernelDim3 ids = op.getBlockIds();
  Value blocks[] = {ids.x, ids.y, ids.z};
  IRMapping mapping;
  for (auto [iv, dim] : llvm::zip(forall.getInductionVars(), dims)) {
    Value block = blocks[static_cast<unsigned>(dim.id)];
    if (dim.start)
      block = arith::AddIOp::create(b, loc, dim.start, block);
    mapping.map(iv, block);
  }
  for (Operation &nested : forall.getBody()->without_terminator())
    b.clone(nested, mapping);
  gpu::TerminatorOp::create(b, loc);
  forall->erase();
}

namespace {
struct AttnGPULaunch : attn::impl::AttnGPULaunchBase<AttnGPULaunch> {
  void runOnOperation() override {
    SmallVector<scf::ForallOp> foralls;
    getOperation()->walk([&](scf::ForallOp op) {
      if (isMappedToBlocks(op) && getKernelWarps(op))
        foralls.push_back(op);
    });
    for (scf::ForallOp forall : foralls) {
      if (forall.getNumResults() != 0) {
        forall.emitOpError("returns tensors, expected buffers: run "
                           "one-shot-bufferize first");
        return signalPassFailure();
      }
      if (!forall.isNormalized()) {
        forall.emitOpError("does not count from 0 in steps of 1");
        return signalPassFailure();
      }
      launch(forall, *getKernelWarps(forall));
    }
  }
};
} // namespace
