//===- RegionCanonicalization.h - Short forms of regions --------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IR_REGIONCANONICALIZATION_H
#define ATTN_LIB_IR_REGIONCANONICALIZATION_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::attn {

/// Patterns that turn what a score or mask region says into the short form that
/// means exactly that, and drop short forms that change nothing.
void populateRegionCanonicalizationPatterns(RewritePatternSet &patterns);

} // namespace mlir::attn

#endif // ATTN_LIB_IR_REGIONCANONICALIZATION_H
