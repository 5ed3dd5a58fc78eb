//===- Passes.h - AttnTransforms passes -------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_PASSES_H
#define ATTN_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::attn {
#define GEN_PASS_DECL
#include "attn/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attn/Transforms/Passes.h.inc"

/// The function that `attn-count-work` calls.
inline constexpr llvm::StringLiteral kCountWorkFunction = "attn_count_work";
} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_PASSES_H
