//===- ptx-run.cpp - Run a PTX kernel on the CPU --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/RunTool.h"

int main(int argc, char **argv) { return attn::ptx::ptxRunMain(argc, argv); }
