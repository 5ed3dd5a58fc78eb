//===- attn-run.cpp - Compile a function and run it -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Tools/AttnRunMain.h"

int main(int argc, char **argv) { return mlir::attn::attnRunMain(argc, argv); }
