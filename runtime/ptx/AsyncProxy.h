//===- AsyncProxy.h - Asynchronous use of shared memory ---------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the bulk copies and wgmma of a warp do to shared memory is done by an
/// agent of their own, so that happens-before tells it from the issuing warp:
/// a warp is ordered after it once it has waited, and not before.
///
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_ASYNCPROXY_H
#define ATTN_RUNTIME_PTX_ASYNCPROXY_H

#include "ptx/Exec.h"
#include "ptx/Reduction.h"

namespace attn::ptx {

struct Mbarrier;

/// Orders what the warp's asynchronous agent does next after what the warp has
/// done, and starts a new time for it. Returns the agent.
unsigned beginAsync(Exec &e);

/// By which an access goes that is asynchronous: st.async and red.async use
/// the generic one. What the generic proxy wrote must be fenced before the
/// asynchronous one uses it; what it read need only be ordered before, as
/// everyone's pipelines have it.
enum class Proxy : uint8_t { Generic, Async };

/// Reads shared memory as the asynchronous agent. False after a fault.
bool readAsync(Exec &e, Block &block, uint32_t offset, uint32_t bytes,
               unsigned lane, uint8_t *to, Proxy proxy = Proxy::Async);

/// A piece of an asynchronous write.
struct AsyncPiece {
  uint32_t offset; // in shared memory
  uint32_t bytes;
  uint32_t source; // in the data
};

/// Marks the pieces as under way; they are written, and `total` bytes of
/// transactions complete, when the barrier is next asked. False after a fault.
bool writeAsync(Exec &e, Block &block, std::vector<AsyncPiece> pieces,
                std::shared_ptr<std::vector<uint8_t>> data, uint32_t total,
                Mbarrier &barrier, unsigned lane, Proxy proxy = Proxy::Async);

/// The same of a reduction: elements of `type` are combined with those that
/// are there then.
bool reduceAsync(Exec &e, Block &block, uint32_t offset, ReductionOp op,
                 Type type, std::shared_ptr<std::vector<uint8_t>> data,
                 Mbarrier &barrier, unsigned lane, Proxy proxy = Proxy::Async);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_ASYNCPROXY_H
