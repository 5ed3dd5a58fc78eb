//===- Symbols.cpp - What compiled code may call --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cpu/Symbols.h"

#include "cpu/Failure.h"
#include "cpu/ThreadPool.h"
#include "memory/Allocator.h"
#include "tensor/Float.h"

#include <atomic>

using namespace attnrt;

// The calling convention of these functions is that of the compiler's own
// types: a half travels in a vector register, not as an integer.
using Half = _Float16;
using BFloat = __bf16;

static Half truncateToHalf(float value) {
  return std::bit_cast<Half>(toF16(value));
}
static Half truncateDoubleToHalf(double value) {
  return std::bit_cast<Half>(toF16(value));
}
static float extendHalf(Half value) {
  return static_cast<float>(fromF16(std::bit_cast<uint16_t>(value)));
}
static BFloat truncateToBFloat(float value) {
  return std::bit_cast<BFloat>(toBF16(value));
}
static BFloat truncateDoubleToBFloat(double value) {
  return std::bit_cast<BFloat>(toBF16(value));
}

// Double: an int64_t could overflow.
static std::atomic<double> countedWork = 0;

static void countWork(int64_t kept, int64_t headDims) {
  countedWork +=
      2.0 * static_cast<double>(kept) * static_cast<double>(headDims);
}

double attnrt::takeCountedWork() { return countedWork.exchange(0); }

llvm::ArrayRef<RuntimeSymbol> attnrt::getRuntimeSymbols() {
  static const RuntimeSymbol symbols[] = {
      makeSymbol("attn_parallel_for", attn_parallel_for),
      makeSymbol("_mlir_memref_to_llvm_alloc", _mlir_memref_to_llvm_alloc),
      makeSymbol("_mlir_memref_to_llvm_aligned_alloc",
                 _mlir_memref_to_llvm_aligned_alloc),
      makeSymbol("_mlir_memref_to_llvm_free", _mlir_memref_to_llvm_free),
      makeSymbol("attn_count_work", countWork),
      makeSymbol("attn_fail", attn_fail),
      makeSymbol("__truncsfhf2", truncateToHalf),
      makeSymbol("__truncdfhf2", truncateDoubleToHalf),
      makeSymbol("__extendhfsf2", extendHalf),
      makeSymbol("__truncsfbf2", truncateToBFloat),
      makeSymbol("__truncdfbf2", truncateDoubleToBFloat),
  };
  return symbols;
}
