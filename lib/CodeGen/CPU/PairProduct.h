//===- PairProduct.h - Products of pairs of bf16 ----------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_PAIRPRODUCT_H
#define ATTN_LIB_CODEGEN_CPU_PAIRPRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::attn {

/// A linalg.generic on memrefs that adds products of bf16 in f32 and reduces
/// over two dimensions: `loop`, and `pair` of size 2, along which both inputs
/// are contiguous. The sums lie along `lane`, of which one input, `vector`, has
/// the pairs next to each other; the other, `scalar`, does not depend on it.
struct PairProduct {
  unsigned lane, loop, pair;
  OpOperand *vector, *scalar;
};
std::optional<PairProduct> getPairProduct(linalg::GenericOp op);

/// Adds to each f32 of `sum` the products of a pair: that of `scalar`, a
/// vector<2xbf16>, and one of `vector`'s, twice as many bf16 as sums. As one
/// instruction of AVX512_BF16 where `dotProduct` allows it.
Value emitPairProduct(OpBuilder &b, Location loc, Value sum, Value vector,
                      Value scalar, bool dotProduct);

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_PAIRPRODUCT_H
