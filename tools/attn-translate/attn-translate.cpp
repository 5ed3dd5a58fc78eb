//===- attn-translate.cpp - Between MLIR and other representations --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Tools/AttnTranslateMain.h"

int main(int argc, char **argv) {
  return mlir::attn::attnTranslateMain(argc, argv);
}
