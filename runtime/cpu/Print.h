//===- Print.h - What vector.print calls -----------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_CPU_PRINT_H
#define ATTN_RUNTIME_CPU_PRINT_H

#include "cpu/Symbols.h"

namespace attnrt {

/// The functions that `vector.print` is lowered to, by the names that MLIR
/// gives them. They write to stdout.
llvm::ArrayRef<RuntimeSymbol> getPrintSymbols();

} // namespace attnrt

#endif // ATTN_RUNTIME_CPU_PRINT_H
