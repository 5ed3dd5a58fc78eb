//===- TensorCopyInstructions.cpp - cp.async.bulk.tensor, cp.reduce -------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/AsyncProxy.h"
#include "ptx/BulkCopyInstructions.h"
#include "ptx/Mbarrier.h"
#include "ptx/Reduction.h"
#include "ptx/TensorMap.h"

#include "llvm/ADT/StringExtras.h"
#include <cstring>

using namespace attn::ptx;
using llvm::Twine;

/// Tiles in shared memory begin at a multiple of this.
static constexpr uint32_t tileAlignment = 128;

//===----------------------------------------------------------------------===//
// The box of a copy
//===----------------------------------------------------------------------===//

namespace {
/// A row of the box along dimension 0.
struct BoxRow {
  uint64_t address = 0; // of the first element inside the tensor
  uint32_t first = 0;   // elements of the row that lie inside
  uint32_t count = 0;
};
} // namespace

/// The rows of the box at these coordinates, in the order of shared memory.
static std::vector<BoxRow> boxRows(const TensorMap &map,
                                   const int32_t *coordinates) {
  unsigned elementBytes = map.elementBytes();
  uint32_t width = map.boxCount(0);
  int64_t begin = std::max<int64_t>(coordinates[0], 0);
  int64_t end =
      std::min<int64_t>(int64_t(coordinates[0]) + width, int64_t(map.dims[0]));
  uint32_t numRows = 1;
  for (unsigned d = 1; d < map.rank; ++d)
    numRows *= map.boxCount(d);
  std::vector<BoxRow> rows(numRows);
  for (uint32_t r = 0; r < numRows; ++r) {
    uint64_t address = map.address;
    bool inside = begin < end;
    uint32_t rest = r;
    for (unsigned d = 1; d < map.rank; ++d) {
      uint32_t index = rest % map.boxCount(d);
      rest /= map.boxCount(d);
      int64_t at =
          int64_t(coordinates[d]) + int64_t(index) * map.elementStrides[d];
      if (at < 0 || at >= int64_t(map.dims[d]))
        inside = false;
      else
        address += uint64_t(at) * map.strides[d - 1];
    }
    if (!inside)
      continue;
    rows[r] = {address + uint64_t(begin) * elementBytes,
               uint32_t(begin - coordinates[0]), uint32_t(end - begin)};
  }
  return rows;
}

/// The tensor map at an address, checked; nothing after a fault.
static std::optional<TensorMap> loadMap(Exec &e, uint64_t address,
                                        unsigned rank, unsigned lane) {
  Exec::Location at;
  if (!e.locate(Space::Generic, address, lane, sizeof(EncodedTensorMap), 64,
                Access::Read, at))
    return std::nullopt;
  llvm::Expected<TensorMap> map = decodeTensorMap(at.host);
  if (!map) {
    e.fault("no tensor map at 0x" + llvm::utohexstr(address, true) + " in " +
                e.describe(at.space, address) + ": " +
                llvm::toString(map.takeError()),
            lane);
    return std::nullopt;
  }
  if (map->rank != rank) {
    e.fault("the tensor map is of rank " + Twine(unsigned(map->rank)) +
                ", the instruction of rank " + Twine(rank),
            lane);
    return std::nullopt;
  }
  return *map;
}

/// Host memory of a row's elements inside the tensor; null after a fault.
static uint8_t *locateRow(Exec &e, const TensorMap &map, const BoxRow &row,
                          unsigned lane, Access access) {
  Exec::Location at;
  return e.locate(Space::Global, row.address, lane,
                  row.count * map.elementBytes(), 1, access, at)
             ? at.host
             : nullptr;
}

/// The bytes of a NaN of the type.
static uint64_t fillPattern(TensorType type) {
  switch (elementType(type)) {
  case Type::F16:
  case Type::BF16:
    return 0x7fff;
  case Type::F64:
    return 0x7fffffffffffffff;
  default:
    return 0x7fffffff;
  }
}

static void flushDenormals(std::vector<uint8_t> &data) {
  for (size_t at = 0; at + 4 <= data.size(); at += 4) {
    uint32_t bits;
    std::memcpy(&bits, &data[at], 4);
    if ((bits & 0x7f800000) == 0)
      bits &= 0x80000000;
    std::memcpy(&data[at], &bits, 4);
  }
}

/// Chunks of 16 bytes of a box, between their place in the data, row after row
/// without gaps, and that in shared memory, counted from `offset`, with the
/// map's swizzle.
template <typename F>
static void forChunks(const TensorMap &map, uint32_t offset, F f) {
  uint32_t rowBytes = map.boxCount(0) * map.elementBytes();
  uint32_t pitch = map.boxPitch(), rows = map.boxBytes() / rowBytes;
  if (map.swizzle == TensorSwizzle::None) {
    f(offset, rows * rowBytes, 0);
    return;
  }
  for (uint32_t r = 0; r < rows; ++r)
    for (uint32_t c = 0; c < rowBytes; c += 16)
      f(swizzled(offset + r * pitch + c, map.swizzle), 16, r * rowBytes + c);
}

/// Bytes of shared memory that the box takes, gaps included.
static uint32_t tileBytes(const TensorMap &map) {
  uint32_t rowBytes = map.boxCount(0) * map.elementBytes();
  return map.boxBytes() / rowBytes * map.boxPitch();
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

namespace {
/// Inst::flags.
enum TensorFlags : uint16_t { Multicast = 1 };
} // namespace

/// Sources: the map's address, `imm[0]` coordinates, then the others.
static void readCoordinates(Exec &e, const Inst &i, unsigned lane,
                            int32_t *coordinates) {
  for (unsigned d = 0; d < unsigned(i.imm[0]); ++d)
    coordinates[d] = int32_t(e.value(i.src(1 + d), lane));
}

static bool tileToShared(Exec &e, const Inst &i, unsigned lane,
                         BulkBytes &bytes) {
  unsigned rank = i.imm[0];
  std::optional<TensorMap> map =
      loadMap(e, e.address(i.src(0), lane), rank, lane);
  if (!map)
    return false;
  int32_t coordinates[TensorMap::maxRank] = {};
  readCoordinates(e, i, lane, coordinates);
  unsigned elementBytes = map->elementBytes();
  uint32_t rowElements = map->boxCount(0);
  auto data = std::make_shared<std::vector<uint8_t>>(map->boxBytes());
  if (map->fillNaN) {
    uint64_t pattern = fillPattern(map->type);
    for (size_t at = 0; at < data->size(); at += elementBytes)
      std::memcpy(&(*data)[at], &pattern, elementBytes);
  }
  uint8_t *to = data->data();
  for (const BoxRow &row : boxRows(*map, coordinates)) {
    if (row.count) {
      uint8_t *from = locateRow(e, *map, row, lane, Access::Read);
      if (!from)
        return false;
      std::memcpy(to + row.first * elementBytes, from,
                  row.count * elementBytes);
      bytes.read += row.count * elementBytes;
    }
    to += rowElements * elementBytes;
  }
  if (map->type == TensorType::F32Flush || map->type == TensorType::TF32Flush)
    flushDenormals(*data);

  BulkTarget target;
  target.destination = e.address(i.src(1 + rank), lane);
  target.barrier = e.address(i.src(2 + rank), lane);
  target.bytes = tileBytes(*map);
  target.align = tileAlignment;
  if (i.flags & Multicast)
    target.mask = uint16_t(e.value(i.src(3 + rank), lane));
  beginAsync(e);
  return forBulkTargets(
      e, target, lane, [&](Block &block, uint32_t offset, Mbarrier &barrier) {
        bytes.written += map->boxBytes();
        std::vector<AsyncPiece> pieces;
        forChunks(*map, offset,
                  [&](uint32_t at, uint32_t size, uint32_t source) {
                    pieces.push_back({at, size, source});
                  });
        return writeAsync(e, block, std::move(pieces), data, map->boxBytes(),
                          barrier, lane);
      });
}

static bool tileToGlobal(Exec &e, const Inst &i, unsigned lane,
                         BulkBytes &bytes) {
  unsigned rank = i.imm[0];
  std::optional<TensorMap> map =
      loadMap(e, e.address(i.src(0), lane), rank, lane);
  if (!map)
    return false;
  int32_t coordinates[TensorMap::maxRank] = {};
  readCoordinates(e, i, lane, coordinates);
  Exec::Location from;
  if (!e.locate(Space::Shared, e.address(i.src(1 + rank), lane), lane,
                tileBytes(*map), tileAlignment, Access::Read, from))
    return false;
  std::vector<uint8_t> data(map->boxBytes());
  beginAsync(e);
  bool ok = true;
  forChunks(
      *map, from.offset, [&](uint32_t at, uint32_t size, uint32_t source) {
        ok = ok && readAsync(e, *from.block, at, size, lane, &data[source]);
      });
  if (!ok)
    return false;
  bytes.read += map->boxBytes();
  unsigned elementBytes = map->elementBytes();
  const uint8_t *source = data.data();
  for (const BoxRow &row : boxRows(*map, coordinates)) {
    if (row.count) {
      uint8_t *to = locateRow(e, *map, row, lane, Access::Write);
      if (!to)
        return false;
      const uint8_t *first = source + row.first * elementBytes;
      if (i.op == uint8_t(ReductionOp::None))
        std::memcpy(to, first, row.count * elementBytes);
      else
        reduceArray(ReductionOp(i.op), elementType(map->type), to, first,
                    row.count);
      bytes.written += row.count * elementBytes;
    }
    source += map->boxCount(0) * elementBytes;
  }
  addToBulkGroup(e, lane);
  return true;
}

template <auto copy> static Status execTensorCopy(Exec &e, const Inst &i) {
  bool ok = true;
  BulkBytes bytes;
  forLanes(e.active,
           [&](unsigned lane) { ok = ok && copy(e, i, lane, bytes); });
  countBulk(e, bytes);
  return ok ? Status::Next : Status::Fault;
}

/// The map must be one, as in a copy; nothing moves.
static Status execPrefetch(Exec &e, const Inst &i) {
  bool ok = true;
  forLanes(e.active, [&](unsigned lane) {
    ok = ok && loadMap(e, e.address(i.src(0), lane), i.imm[0], lane);
  });
  return ok ? Status::Next : Status::Fault;
}

/// cp.reduce.async.bulk: sources are destination, source, size[, mbarrier].
static Status execBulkReduction(Exec &e, const Inst &i) {
  bool ok = true;
  BulkBytes bytes;
  bool toShared = i.copiesTo != Space::Global;
  forLanes(e.active, [&](unsigned lane) {
    if (!ok)
      return;
    ok = false;
    uint32_t size = e.value(i.src(2), lane);
    if (size % 16 || size == 0) {
      e.fault("bulk reduction of " + Twine(size) +
                  " bytes, expected a positive multiple of 16",
              lane);
      return;
    }
    Exec::Location from, to;
    if (!e.locate(Space::Shared, e.address(i.src(1), lane), lane, size, 16,
                  Access::Read, from))
      return;
    auto data = std::make_shared<std::vector<uint8_t>>(size);
    beginAsync(e);
    if (!readAsync(e, *from.block, from.offset, size, lane, data->data()))
      return;
    bytes.read += size;
    uint32_t count = size / byteSize(i.type);
    if (!toShared) {
      if (!e.locate(Space::Global, e.address(i.src(0), lane), lane, size, 16,
                    Access::Atomic, to))
        return;
      reduceArray(ReductionOp(i.op), i.type, to.host, data->data(), count);
      addToBulkGroup(e, lane);
      bytes.written += size;
      ok = true;
      return;
    }
    BulkTarget target;
    target.destination = e.address(i.src(0), lane);
    target.barrier = e.address(i.src(3), lane);
    target.bytes = size;
    ok = forBulkTargets(
        e, target, lane, [&](Block &block, uint32_t offset, Mbarrier &barrier) {
          bytes.written += size;
          return reduceAsync(e, block, offset, ReductionOp(i.op), i.type, data,
                             barrier, lane);
        });
  });
  countBulk(e, bytes);
  return ok ? Status::Next : Status::Fault;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

bool attn::ptx::decodeTensorCopy(InstBuilder &b, TensorCopy kind) {
  Inst &inst = b.inst;
  if (kind == TensorCopy::Reduce)
    inst.op = uint8_t(takeReductionOp(b));
  llvm::StringRef dim = b.takeOneOf({"1d", "2d", "3d", "4d", "5d"});
  if (dim.empty())
    return b.fail("a tensor copy needs a dimension, .1d to .5d");
  unsigned rank = dim[0] - '0';
  inst.imm[0] = rank;
  inst.space = Space::Global;
  inst.copiesTo = Space::Shared;
  b.take("tile");
  bool hasPolicy;
  takeBulkHints(b, hasPolicy);

  // The operand [map, {coordinates}].
  auto mapAndCoordinates = [&](unsigned operand) {
    const OperandSyntax &op = b.operand(operand);
    if (op.kind != OperandSyntax::Address || op.elements.size() != 2)
      return b.fail("expected [tensorMap, {coordinates}]");
    const OperandSyntax &coordinates = op.elements[1];
    if (coordinates.kind != OperandSyntax::Vector ||
        coordinates.elements.size() != rank)
      return b.fail("expected " + Twine(rank) + " coordinates");
    OperandSyntax map = op;
    map.elements.resize(1);
    if (!b.address(map, Space::Generic))
      return false;
    for (const OperandSyntax &c : coordinates.elements)
      if (!b.src(c, Type::S32))
        return false;
    return true;
  };

  if (kind == TensorCopy::Prefetch) {
    b.take("L2");
    b.take("global");
    return b.operands(1 + hasPolicy) && mapAndCoordinates(0) &&
           b.finish(execPrefetch);
  }
  // The destination is named before the source.
  llvm::StringRef to =
      b.takeOneOf({"global", "shared::cta", "shared::cluster"});
  llvm::StringRef from =
      b.takeOneOf({"global", "shared::cta", "shared::cluster"});
  if (to == "global" && from == "shared::cta") {
    if (!b.take("bulk_group"))
      return b.fail("a copy to global memory completes by .bulk_group");
    std::swap(inst.space, inst.copiesTo);
    return b.operands(2 + hasPolicy) && mapAndCoordinates(0) &&
           b.address(1, Space::Shared) &&
           b.finish(execTensorCopy<tileToGlobal>);
  }
  if (kind == TensorCopy::Reduce || !to.starts_with("shared") ||
      from != "global")
    return b.fail("a tensor copy goes between global and shared memory");
  if (!b.take("mbarrier::complete_tx::bytes"))
    return b.fail(
        "a copy to shared memory completes by .mbarrier::complete_tx::bytes");
  bool multicast = b.take("multicast::cluster");
  if (multicast)
    inst.flags |= Multicast;
  return b.operands(3 + multicast + hasPolicy) && mapAndCoordinates(1) &&
         b.address(0, Space::Shared) && b.address(2, Space::Shared) &&
         (!multicast || b.src(3, Type::B16)) &&
         b.finish(execTensorCopy<tileToShared>);
}

bool attn::ptx::decodeBulkReduction(InstBuilder &b) {
  b.program().hasAsyncProxy = true;
  if (b.take("tensor"))
    return decodeTensorCopy(b, TensorCopy::Reduce);
  Inst &inst = b.inst;
  inst.op = uint8_t(takeReductionOp(b));
  b.take("noftz");
  llvm::StringRef to = b.takeOneOf({"global", "shared::cluster"});
  if (to.empty() || !b.take("shared::cta"))
    return b.fail("a bulk reduction goes from .shared::cta to .global or "
                  ".shared::cluster");
  bool hasPolicy;
  takeBulkHints(b, hasPolicy);
  bool toShared = to != "global";
  inst.space = Space::Shared;
  if (!toShared)
    inst.copiesTo = Space::Global;
  if (!b.take(toShared ? "mbarrier::complete_tx::bytes" : "bulk_group"))
    return b.fail(toShared ? "a reduction in shared memory completes by "
                             ".mbarrier::complete_tx::bytes"
                           : "a reduction in global memory completes by "
                             ".bulk_group");
  inst.type =
      b.takeType({Type::F16, Type::BF16, Type::B32, Type::U32, Type::S32,
                  Type::B64, Type::U64, Type::S64, Type::F32, Type::F64});
  return b.operands(3 + toShared + hasPolicy) &&
         b.address(0, toShared ? Space::Shared : Space::Global) &&
         b.address(1, Space::Shared) && b.src(2, Type::U32) &&
         (!toShared || b.address(3, Space::Shared)) &&
         b.finish(execBulkReduction);
}
