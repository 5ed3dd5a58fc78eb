//===- attn-translate.cpp - Between MLIR and other representations --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Import/ONNX.h"

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  mlir::registerAllTranslations();
  mlir::attn::registerOnnxTranslation();
  return mlir::failed(mlir::mlirTranslateMain(
      argc, argv, "Attention compiler translation driver\n"));
}
