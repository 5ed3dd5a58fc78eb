//===- GPUTranslations.h - MLIR to GPU code ---------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TOOLS_ATTNTRANSLATE_GPUTRANSLATIONS_H
#define ATTN_LIB_TOOLS_ATTNTRANSLATE_GPUTRANSLATIONS_H

namespace mlir::attn {

/// Registers `--attn-to-ptx`, `--attn-to-cubin` and `--attn-to-llvm` and the
/// options `--chip` and `--ptxas`.
void registerGPUTranslations();

} // namespace mlir::attn

#endif // ATTN_LIB_TOOLS_ATTNTRANSLATE_GPUTRANSLATIONS_H
