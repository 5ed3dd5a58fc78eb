//===- AttnTranslateMain.h - The tool attn-translate ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTNTRANSLATEMAIN_H
#define ATTN_TOOLS_ATTNTRANSLATEMAIN_H

namespace mlir::attn {

/// The main function of attn-translate: mlir-translate with upstream's
/// translations, and `--emit=ptx|cubin|llvm` for GPU code.
int attnTranslateMain(int argc, char **argv);

} // namespace mlir::attn

#endif // ATTN_TOOLS_ATTNTRANSLATEMAIN_H
