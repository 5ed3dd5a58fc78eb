//===- AsyncProxy.cpp - Asynchronous use of shared memory -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/AsyncProxy.h"
#include "ptx/Mbarrier.h"

#include <cstring>

using namespace attn::ptx;

unsigned attn::ptx::beginAsync(Exec &e) {
  Clocks &clocks = e.cluster->clocks;
  unsigned agent = e.warp->asyncAgent;
  VectorClock issued;
  clocks.release(e.warp->agent, issued);
  clocks.acquire(agent, issued);
  clocks.tick();
  e.noteChange();
  return agent;
}

bool attn::ptx::readAsync(Exec &e, Block &block, uint32_t offset,
                          uint32_t bytes, unsigned lane, uint8_t *to,
                          Proxy proxy) {
  AccessProblem problem;
  unsigned agent = e.warp->asyncAgent;
  if (!block.shared.read({agent}, offset, bytes, problem) ||
      (proxy == Proxy::Async &&
       !block.shared.checkProxy(agent, offset, bytes, "read", problem))) {
    e.fault(problem, offset, lane);
    return false;
  }
  std::memcpy(to, block.shared.getData() + offset, bytes);
  return true;
}

bool attn::ptx::writeAsync(Exec &e, Block &block,
                           std::vector<AsyncPiece> pieces,
                           std::shared_ptr<std::vector<uint8_t>> data,
                           uint32_t total, Mbarrier &barrier, unsigned lane,
                           Proxy proxy) {
  unsigned agent = e.warp->asyncAgent;
  SharedMemory *shared = &block.shared;
  AccessProblem problem;
  for (const AsyncPiece &piece : pieces)
    if ((proxy == Proxy::Async &&
         !shared->checkProxy(agent, piece.offset, piece.bytes, "write",
                             problem)) ||
        !shared->beginAsyncWrite(agent, piece.offset, piece.bytes,
                                 SharedMemory::PendingBulk, problem)) {
      e.fault(problem, piece.offset, lane);
      return false;
    }
  Mbarrier *target = &barrier;
  barrier.operations.push_back([=, pieces = std::move(pieces)](Clocks &clocks) {
    clocks.tick();
    for (const AsyncPiece &piece : pieces)
      shared->endAsyncWrite(agent, piece.offset, piece.bytes,
                            data->data() + piece.source);
    target->completeTransactions(total, clocks, agent);
  });
  return true;
}

bool attn::ptx::reduceAsync(Exec &e, Block &block, uint32_t offset,
                            ReductionOp op, Type type,
                            std::shared_ptr<std::vector<uint8_t>> data,
                            Mbarrier &barrier, unsigned lane, Proxy proxy) {
  uint32_t size = data->size();
  // What is there must be defined and ordered, as for any reader.
  std::vector<uint8_t> old(size);
  if (!readAsync(e, block, offset, size, lane, old.data(), proxy))
    return false;
  unsigned agent = e.warp->asyncAgent;
  SharedMemory *shared = &block.shared;
  Mbarrier *target = &barrier;
  barrier.operations.push_back([=](Clocks &clocks) {
    const uint8_t *now = shared->getData() + offset;
    std::vector<uint8_t> result(now, now + size);
    reduceArray(op, type, result.data(), data->data(), size / byteSize(type));
    clocks.tick();
    shared->endAsyncWrite(agent, offset, size, result.data());
    target->completeTransactions(size, clocks, agent);
  });
  return true;
}
