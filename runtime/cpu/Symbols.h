//===- Symbols.h - What compiled code may call -----------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_CPU_SYMBOLS_H
#define ATTN_RUNTIME_CPU_SYMBOLS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace attnrt {

/// A function of the runtime by the name that compiled code calls it by.
struct RuntimeSymbol {
  llvm::StringRef name;
  void *address;
};

template <typename Function>
RuntimeSymbol makeSymbol(llvm::StringRef name, Function *function) {
  return {name, reinterpret_cast<void *>(function)};
}

/// The thread pool, the allocator, the conversions of f16 and bf16 that LLVM
/// calls where the target has no instruction for them, and what a failed
/// assertion calls.
llvm::ArrayRef<RuntimeSymbol> getRuntimeSymbols();

/// The floating-point operations that compiled code reported to
/// attn_count_work(kept, head_dims) since the last call of this function: 2 for
/// each of `kept` positions and each of `head_dims` = D + Dv.
double takeCountedWork();

} // namespace attnrt

#endif // ATTN_RUNTIME_CPU_SYMBOLS_H
