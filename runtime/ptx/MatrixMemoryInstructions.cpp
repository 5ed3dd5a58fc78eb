//===- MatrixMemoryInstructions.cpp - ldmatrix, stmatrix, movmatrix -------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

/// The 32 lanes of a register hold an 8x8 matrix of 16-bit elements row by row:
/// lane l has columns 2 (l % 4) and the next of row l / 4. So a row of the
/// register file is the matrix itself.
static constexpr unsigned rows = 8, rowBytes = 16,
                          matrixBytes = rows * rowBytes;

static void transpose(uint16_t *to, const uint16_t *from) {
  for (unsigned r = 0; r < rows; ++r)
    for (unsigned c = 0; c < rows; ++c)
      to[c * rows + r] = from[r * rows + c];
}

enum MatrixFlags : uint16_t { Transposed = 1 };

/// The lanes whose addresses are read: eight for each matrix.
static uint32_t addressLanes(unsigned count) {
  return count == 4 ? ~0u : (1u << (rows * count)) - 1;
}

/// Counts an access as one pass of eight rows per matrix.
static void countMatrices(Exec &e, const uint64_t *addresses, unsigned count,
                          bool reads) {
  e.countAccess(Space::Shared, addresses, addressLanes(count), rowBytes, reads,
                !reads);
}

static Status execLdmatrix(Exec &e, const Inst &i) {
  unsigned count = i.vector;
  uint64_t addresses[warpSize];
  for (unsigned m = 0; m < count; ++m) {
    alignas(16) uint16_t matrix[rows * rows];
    for (unsigned r = 0; r < rows; ++r) {
      unsigned lane = m * rows + r;
      addresses[lane] = e.address(i.src(0), lane);
      if (!e.load(i.space, addresses[lane], lane, rowBytes, rowBytes,
                  matrix + r * rows))
        return Status::Fault;
    }
    auto *to = e.row<uint16_t>(i.dst(m));
    if (i.flags & Transposed)
      transpose(to, matrix);
    else
      std::memcpy(to, matrix, matrixBytes);
  }
  countMatrices(e, addresses, count, true);
  return Status::Next;
}

static Status execStmatrix(Exec &e, const Inst &i) {
  unsigned count = i.vector;
  uint64_t addresses[warpSize];
  e.cluster->clocks.tick();
  for (unsigned m = 0; m < count; ++m) {
    alignas(16) uint16_t matrix[rows * rows];
    const auto *from = e.row<uint16_t>(i.src(1 + m));
    if (i.flags & Transposed)
      transpose(matrix, from);
    else
      std::memcpy(matrix, from, matrixBytes);
    for (unsigned r = 0; r < rows; ++r) {
      unsigned lane = m * rows + r;
      addresses[lane] = e.address(i.src(0), lane);
      if (!e.store(i.space, addresses[lane], lane, rowBytes, rowBytes,
                   matrix + r * rows))
        return Status::Fault;
    }
  }
  countMatrices(e, addresses, count, false);
  return Status::Next;
}

/// Only threads that exist can take part; a warp must be whole.
static bool takeMatrixShape(InstBuilder &b) {
  if (!b.take("sync") || !b.take("aligned"))
    return b.fail("expected .sync.aligned");
  if (!b.take("m8n8"))
    return b.fail("expected shape .m8n8");
  b.inst.aligned = true;
  b.inst.needsFullWarp = true;
  return true;
}

static bool takeCount(InstBuilder &b) {
  StringRef count = b.takeOneOf({"x1", "x2", "x4"});
  if (count.empty())
    return b.fail("expected .x1, .x2 or .x4");
  b.inst.vector = count[1] - '0';
  b.inst.partialSource = 0; // the address
  b.inst.partialLanes = addressLanes(b.inst.vector);
  if (b.take("trans"))
    b.inst.flags |= Transposed;
  b.inst.space = b.takeSpace();
  if (b.inst.space != Space::Shared && b.inst.space != Space::Generic)
    return b.fail("matrices are in .shared memory");
  return b.takeType({Type::B16}) != Type::None;
}

static bool checkCount(InstBuilder &b, const OperandSyntax &op) {
  size_t count = op.kind == OperandSyntax::Vector ? op.elements.size() : 1;
  return count == b.inst.vector ||
         b.fail(Twine(count) + " registers, expected " + Twine(b.inst.vector));
}

static bool decodeLdmatrix(InstBuilder &b) {
  return takeMatrixShape(b) && takeCount(b) && b.operands(2) &&
         checkCount(b, b.operand(0)) && b.dst(0, Type::B32) &&
         b.address(1, b.inst.space) && b.finish(execLdmatrix);
}

static bool decodeStmatrix(InstBuilder &b) {
  return takeMatrixShape(b) && takeCount(b) && b.operands(2) &&
         checkCount(b, b.operand(1)) && b.address(0, b.inst.space) &&
         b.src(1, Type::B32) && b.finish(execStmatrix);
}

static Status execMovmatrix(Exec &e, const Inst &i) {
  uint16_t copy[rows * rows];
  std::memcpy(copy, e.row<uint16_t>(i.src(0)), matrixBytes);
  transpose(e.row<uint16_t>(i.dst(0)), copy);
  return Status::Next;
}

static bool decodeMovmatrix(InstBuilder &b) {
  if (!takeMatrixShape(b) || !b.take("trans"))
    return b.fail("expected .trans");
  b.takeType({Type::B16});
  return b.operands(2) && b.dst(0, Type::B32) && b.src(1, Type::B32) &&
         b.finish(execMovmatrix);
}

void attn::ptx::addMatrixMemoryInstructions(OpcodeTable &table) {
  table["ldmatrix"] = decodeLdmatrix;
  table["stmatrix"] = decodeStmatrix;
  table["movmatrix"] = decodeMovmatrix;
}
