//===- attn-opt.cpp - The attention compiler's pass driver ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::attn::registerAllDialects(registry);
  mlir::attn::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv,
      "Attention compiler pass driver: reads MLIR, runs passes, prints MLIR.\n"
      "The passes of this project begin with --attn-; --attn-to-cpu is the "
      "way\n"
      "from attn.sdpa to the LLVM dialect, in four stages of their own.\n",
      registry));
}
