//===- ProtectArguments.cpp - Mark arguments as read-only -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNPROTECTARGUMENTS
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {
struct AttnProtectArguments
    : attn::impl::AttnProtectArgumentsBase<AttnProtectArguments> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.isPublic() || function.isExternal())
      return;
    StringRef name = bufferization::BufferizationDialect::kWritableAttrName;
    for (BlockArgument argument : function.getArguments())
      if (isa<TensorType>(argument.getType()) &&
          !function.getArgAttr(argument.getArgNumber(), name))
        function.setArgAttr(argument.getArgNumber(), name,
                            BoolAttr::get(&getContext(), false));
  }
};
} // namespace
