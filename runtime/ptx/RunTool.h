//===- RunTool.h - The tool ptx-run -----------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_RUNTOOL_H
#define ATTN_RUNTIME_PTX_RUNTOOL_H

namespace attn::ptx {

/// The main function of ptx-run: runs a kernel of a PTX file on the emulator.
int ptxRunMain(int argc, char **argv);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_RUNTOOL_H
