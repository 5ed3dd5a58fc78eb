//===- BulkCopyInstructions.cpp - cp.async.bulk ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/BulkCopyInstructions.h"
#include "ptx/AsyncProxy.h"
#include "ptx/Mbarrier.h"

#include "llvm/ADT/StringExtras.h"
#include <cstring>

using namespace attn::ptx;
using llvm::Twine;

static std::string hex(uint64_t v) { return "0x" + llvm::utohexstr(v, true); }

//===----------------------------------------------------------------------===//
// Groups of bulk operations
//===----------------------------------------------------------------------===//

void attn::ptx::addToBulkGroup(Exec &e, unsigned lane) {
  BulkGroups &groups = e.warp->bulkGroups[lane];
  e.cluster->clocks.release(e.warp->asyncAgent, groups.open);
  groups.line = e.inst->line;
}

bool BulkGroups::isPending() const {
  return !open.empty() || llvm::any_of(committed, [](const VectorClock &group) {
    return !group.empty();
  });
}

static Status execCommitGroup(Exec &e, const Inst &) {
  forLanes(e.active, [&](unsigned lane) {
    BulkGroups &groups = e.warp->bulkGroups[lane];
    groups.committed.push_back(std::move(groups.open));
    groups.open.clear();
  });
  return Status::Next;
}

/// The sources of all groups but the newest imm[0] may be written again. (That
/// their destinations can be read, what .read leaves out, is not looked at:
/// global memory is written at once.)
static Status execWaitGroup(Exec &e, const Inst &i) {
  forLanes(e.active, [&](unsigned lane) {
    BulkGroups &groups = e.warp->bulkGroups[lane];
    while (groups.committed.size() > size_t(i.imm[0])) {
      e.cluster->clocks.acquire(e.warp->agent, groups.committed.front());
      groups.committed.pop_front();
    }
  });
  return Status::Next;
}

//===----------------------------------------------------------------------===//
// Targets of multicast
//===----------------------------------------------------------------------===//

bool attn::ptx::forBulkTargets(
    Exec &e, const BulkTarget &at, unsigned lane,
    llvm::function_ref<bool(Block &, uint32_t, Mbarrier &)> f) {
  Exec::Location destination, barrier;
  if (!e.locate(Space::Shared, at.destination, lane, at.bytes, at.align,
                Access::Write, destination) ||
      !e.locate(Space::Shared, at.barrier, lane, 8, 8, Access::Atomic, barrier))
    return false;
  auto one = [&](Block &block, Block &barrierBlock) {
    if (!e.enterBlock(block, e.warp->asyncAgent, lane) ||
        !e.enterBlock(barrierBlock, e.warp->asyncAgent, lane))
      return false;
    Mbarrier *mbarrier = findMbarrier(e, barrierBlock, barrier.offset, lane);
    return mbarrier && f(block, destination.offset, *mbarrier);
  };
  if (!at.mask)
    return one(*destination.block, *barrier.block);
  std::vector<Block> &blocks = e.cluster->blocks;
  if (*at.mask >> blocks.size() || *at.mask == 0) {
    e.fault("block mask " + hex(*at.mask) + " of a multicast in a cluster of " +
                Twine(blocks.size()) + " blocks",
            lane);
    return false;
  }
  for (unsigned rank = 0; rank < blocks.size(); ++rank)
    if ((*at.mask >> rank & 1) && !one(blocks[rank], blocks[rank]))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// cp.async.bulk
//===----------------------------------------------------------------------===//

namespace {
/// Inst::op.
enum class Direction : uint8_t { GlobalToShared, SharedToShared, ToGlobal };
/// Inst::flags.
enum BulkFlags : uint16_t { Multicast = 1, ByteMask = 2 };
} // namespace

static bool checkSize(Exec &e, uint32_t size, unsigned lane) {
  if (size % 16 == 0 && size != 0)
    return true;
  e.fault("bulk copy of " + Twine(size) +
              " bytes, expected a positive multiple of 16",
          lane);
  return false;
}

static bool copyToShared(Exec &e, const Inst &i, unsigned lane,
                         BulkBytes &bytes) {
  uint32_t size = e.value(i.src(2), lane);
  if (!checkSize(e, size, lane))
    return false;
  uint64_t source = e.address(i.src(1), lane);
  auto data = std::make_shared<std::vector<uint8_t>>(size);
  beginAsync(e);
  bool fromShared = Direction(i.op) == Direction::SharedToShared;
  Exec::Location at;
  if (!e.locate(fromShared ? Space::Shared : Space::Global, source, lane, size,
                16, Access::Read, at))
    return false;
  if (!fromShared)
    std::memcpy(data->data(), at.host, size);
  else if (!readAsync(e, *at.block, at.offset, size, lane, data->data()))
    return false;
  BulkTarget target;
  target.destination = e.address(i.src(0), lane);
  target.barrier = e.address(i.src(3), lane);
  target.bytes = size;
  if (i.flags & Multicast)
    target.mask = uint16_t(e.value(i.src(4), lane));
  bytes.read += size;
  return forBulkTargets(e, target, lane,
                        [&](Block &block, uint32_t offset, Mbarrier &barrier) {
                          bytes.written += size;
                          return writeAsync(e, block, {{offset, size, 0}}, data,
                                            size, barrier, lane);
                        });
}

static bool copyToGlobal(Exec &e, const Inst &i, unsigned lane,
                         BulkBytes &bytes) {
  uint32_t size = e.value(i.src(2), lane);
  if (!checkSize(e, size, lane))
    return false;
  Exec::Location from, to;
  if (!e.locate(Space::Shared, e.address(i.src(1), lane), lane, size, 16,
                Access::Read, from) ||
      !e.locate(Space::Global, e.address(i.src(0), lane), lane, size, 16,
                Access::Write, to))
    return false;
  std::vector<uint8_t> data(size);
  beginAsync(e);
  if (!readAsync(e, *from.block, from.offset, size, lane, data.data()))
    return false;
  uint32_t mask = i.flags & ByteMask ? e.value(i.src(3), lane) : 0xffff;
  for (uint32_t b = 0; b < size; ++b)
    if (mask >> b % 16 & 1)
      to.host[b] = data[b];
  bytes.read += size;
  bytes.written += size;
  addToBulkGroup(e, lane);
  return true;
}

static Status execBulkCopy(Exec &e, const Inst &i) {
  bool ok = true;
  BulkBytes bytes;
  auto *copy =
      Direction(i.op) == Direction::ToGlobal ? copyToGlobal : copyToShared;
  forLanes(e.active,
           [&](unsigned lane) { ok = ok && copy(e, i, lane, bytes); });
  countBulk(e, bytes);
  return ok ? Status::Next : Status::Fault;
}

void attn::ptx::countBulk(Exec &e, const BulkBytes &bytes) {
  ++e.counters->requests;
  e.counters->bytesRead += bytes.read;
  e.counters->bytesWritten += bytes.written;
  // Bulk copies move whole sectors.
  uint64_t global = (e.inst->space == Space::Global ? bytes.read : 0) +
                    (e.inst->copiesTo == Space::Global ? bytes.written : 0);
  e.counters->sectors += (global + 31) / 32;
  e.counters->idealSectors += (global + 31) / 32;
}

static Status execNothing(Exec &, const Inst &) { return Status::Next; }

void attn::ptx::takeBulkHints(InstBuilder &b, bool &hasPolicy) {
  hasPolicy = b.take("L2::cache_hint");
}

ReductionOp attn::ptx::takeReductionOp(InstBuilder &b) {
  static constexpr std::pair<llvm::StringRef, ReductionOp> ops[] = {
      {"add", ReductionOp::Add}, {"min", ReductionOp::Min},
      {"max", ReductionOp::Max}, {"inc", ReductionOp::Inc},
      {"dec", ReductionOp::Dec}, {"and", ReductionOp::And},
      {"or", ReductionOp::Or},   {"xor", ReductionOp::Xor}};
  for (auto [name, op] : ops)
    if (b.take(name))
      return op;
  b.fail("the reduction is missing");
  return ReductionOp::None;
}

static bool decodePrefetch(InstBuilder &b) {
  b.take("L2");
  b.take("global");
  bool hasPolicy;
  takeBulkHints(b, hasPolicy);
  return b.operands(2, 3) && b.address(0, Space::Global) &&
         b.src(1, Type::U32) && b.finish(execNothing);
}

bool attn::ptx::decodeBulkCopy(InstBuilder &b) {
  Inst &inst = b.inst;
  b.program().hasAsyncProxy = true;
  if (b.take("commit_group"))
    return b.operands(0) && b.finish(execCommitGroup);
  if (b.take("wait_group")) {
    b.take("read");
    if (!b.operands(1))
      return false;
    std::optional<int64_t> count = b.immediate(0);
    if (!count)
      return false;
    inst.imm[0] = *count;
    return b.finish(execWaitGroup);
  }
  bool isPrefetch = b.take("prefetch");
  if (b.take("tensor"))
    return decodeTensorCopy(b, isPrefetch ? TensorCopy::Prefetch
                                          : TensorCopy::Copy);
  if (isPrefetch)
    return decodePrefetch(b);
  // The destination is named before the source.
  llvm::StringRef to =
      b.takeOneOf({"global", "shared::cta", "shared::cluster"});
  llvm::StringRef from =
      b.takeOneOf({"global", "shared::cta", "shared::cluster"});
  bool hasPolicy;
  takeBulkHints(b, hasPolicy);
  if (to == "global" && from == "shared::cta") {
    inst.op = uint8_t(Direction::ToGlobal);
    inst.space = Space::Shared;
    inst.copiesTo = Space::Global;
    if (!b.take("bulk_group"))
      return b.fail("a copy to global memory completes by .bulk_group");
    bool masked = b.take("cp_mask");
    if (masked)
      inst.flags |= ByteMask;
    return b.operands(3 + hasPolicy + masked) && b.address(0, Space::Global) &&
           b.address(1, Space::Shared) && b.src(2, Type::U32) &&
           (!masked || b.src(3 + hasPolicy, Type::B16)) &&
           b.finish(execBulkCopy);
  }
  if (!to.starts_with("shared") || (from != "global" && from != "shared::cta"))
    return b.fail("a bulk copy goes between global and shared memory");
  if (!b.take("mbarrier::complete_tx::bytes"))
    return b.fail(
        "a copy to shared memory completes by .mbarrier::complete_tx::bytes");
  inst.op = uint8_t(from == "global" ? Direction::GlobalToShared
                                     : Direction::SharedToShared);
  inst.space = from == "global" ? Space::Global : Space::Shared;
  if (from == "global")
    inst.copiesTo = Space::Shared;
  bool multicast = b.take("multicast::cluster");
  if (multicast)
    inst.flags |= Multicast;
  return b.operands(4 + multicast + hasPolicy) && b.address(0, Space::Shared) &&
         b.address(1, inst.space) && b.src(2, Type::U32) &&
         b.address(3, Space::Shared) && (!multicast || b.src(4, Type::B16)) &&
         b.finish(execBulkCopy);
}
