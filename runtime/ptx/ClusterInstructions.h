//===- ClusterInstructions.h - Clusters -------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_CLUSTERINSTRUCTIONS_H
#define ATTN_RUNTIME_PTX_CLUSTERINSTRUCTIONS_H

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

namespace attn::ptx {

/// barrier.cluster, once these two words are taken.
bool decodeClusterBarrier(InstBuilder &b);

/// st.async and red.async, once these two words are taken.
bool decodeStoreAsync(InstBuilder &b);
bool decodeReduceAsync(InstBuilder &b);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_CLUSTERINSTRUCTIONS_H
