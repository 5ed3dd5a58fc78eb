//===- AttnRunMain.h - The tool attn-run -----------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTNRUNMAIN_H
#define ATTN_TOOLS_ATTNRUNMAIN_H

namespace mlir::attn {

/// The main function of attn-run: compiles a function and runs it.
int attnRunMain(int argc, char **argv);

} // namespace mlir::attn

#endif // ATTN_TOOLS_ATTNRUNMAIN_H
