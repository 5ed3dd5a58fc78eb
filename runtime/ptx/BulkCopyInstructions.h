//===- BulkCopyInstructions.h - cp.async.bulk and .tensor -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_BULKCOPYINSTRUCTIONS_H
#define ATTN_RUNTIME_PTX_BULKCOPYINSTRUCTIONS_H

#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/Reduction.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace attn::ptx {

struct Mbarrier;

/// cp.async.bulk, once its first three words are taken.
bool decodeBulkCopy(InstBuilder &b);

enum class TensorCopy : uint8_t { Copy, Reduce, Prefetch };
/// cp.async.bulk.tensor, cp.reduce.async.bulk.tensor and the prefetch.
bool decodeTensorCopy(InstBuilder &b, TensorCopy kind);
/// cp.reduce.async.bulk, once these words are taken.
bool decodeBulkReduction(InstBuilder &b);

/// Adds an operation that the asynchronous agent has just done to the lane's
/// open bulk group.
void addToBulkGroup(Exec &e, unsigned lane);

/// Where a copy to shared memory goes and what it tells.
struct BulkTarget {
  uint64_t destination = 0; // addresses in shared::cluster
  uint64_t barrier = 0;
  uint32_t bytes = 0;
  uint32_t align = 16;
  std::optional<uint16_t> mask; // of a multicast
};
/// Calls `f` with each block that a copy writes, the offset in it and the
/// barrier there. False after a fault.
bool forBulkTargets(Exec &e, const BulkTarget &target, unsigned lane,
                    llvm::function_ref<bool(Block &, uint32_t, Mbarrier &)> f);

/// What the copy engine moves for an instruction.
struct BulkBytes {
  uint64_t read = 0, written = 0;
};
/// Counts it in the spaces that the instruction names.
void countBulk(Exec &e, const BulkBytes &bytes);

/// .add, .min, …; an error if there is none.
ReductionOp takeReductionOp(InstBuilder &b);

/// Takes the modifiers that are hints; `hasPolicy`: a last operand is one too.
void takeBulkHints(InstBuilder &b, bool &hasPolicy);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_BULKCOPYINSTRUCTIONS_H
