//===- WindowKeys.h - How many keys a window leaves -------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_SCHEDULE_WINDOWKEYS_H
#define ATTN_LIB_SCHEDULE_WINDOWKEYS_H

#include "attn/IR/AttnDialect.h"

namespace mlir::attn {

/// The keys that some neighbouring queries keep at most, each of them or one of
/// them; none where a window does not say.
inline std::optional<int64_t> getWindowKeys(SDPAOp op, int64_t queries) {
  // As far as any cache goes, so that sums do not overflow.
  constexpr int64_t kMost = int64_t{1} << 40;
  int64_t left = std::min(op.getWindowLeft(), kMost),
          right = op.getCausal() ? 0 : std::min(op.getWindowRight(), kMost),
          all = op.getStaticQuerySeqlen();
  if (left < 0)
    return std::nullopt;
  if (right >= 0)
    return left + right + queries;
  // There are no keys behind the last query that stands at the last key.
  if (op.getQueryOffset() || ShapedType::isDynamic(all))
    return std::nullopt;
  return left + all;
}

} // namespace mlir::attn

#endif // ATTN_LIB_SCHEDULE_WINDOWKEYS_H
