//===- Canonicalization.cpp - Canonicalization of the attn operations
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::attn;

void SDPAOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {}
