//===- ThreadPositions.cpp - Positions of a thread's elements -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ThreadPositions.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/ScopedPrinter.h"

using namespace mlir;
using namespace mlir::attn;

ThreadPositions::ThreadPositions(gpu::LaunchOp launch)
    : start(launch.getContext()), loc(launch.getLoc()) {
  // Everything goes before what the kernel's body begins with now.
  Block &body = launch.getBody().front();
  start.setInsertionPoint(&body.front());
  thread = arith::IndexCastUIOp::create(start, loc, start.getI32Type(),
                                        launch.getThreadIds().x);
}

Value mlir::attn::readAnew(OpBuilder &b, Location loc, StringRef name) {
  return LLVM::InlineAsmOp::create(b, loc, b.getI32Type(), ValueRange(),
                                   ("mov.u32 $0, %" + name + ";").str(), "=r",
                                   /*has_side_effects=*/true,
                                   /*is_align_stack=*/false,
                                   LLVM::TailCallKind::None, /*asm_dialect=*/{},
                                   /*operand_attrs=*/{})
      .getRes();
}

void ThreadPositions::restartAfter(Operation *op) {
  cache.clear();
  start.setInsertionPoint(op->getNextNode());
  thread = readAnew(start, loc, "tid.x");
}

void ThreadPositions::replaceAnchor(Operation *op, Operation *replacement) {
  if (start.getInsertionBlock() == op->getBlock() &&
      start.getInsertionPoint() == Block::iterator(op))
    start.setInsertionPoint(replacement);
}

Value ThreadPositions::constant(int64_t value) {
  return arith::ConstantIntOp::create(start, loc, value, 32);
}

/// The bases of a thread's bits, lanes first: bit i is bit i of the thread id.
static SmallVector<uint32_t> getThreadBases(const LinearLayout &layout) {
  SmallVector<uint32_t> bases(layout.getBases(LinearLayout::Input::Lane));
  bases.resize(LinearLayout::kLaneBits, 0);
  bases.append(layout.getBases(LinearLayout::Input::Warp));
  return bases;
}

uint32_t ThreadPositions::getThreadMask(const LinearLayout &layout,
                                        unsigned dim) {
  uint32_t mask = 0;
  for (uint32_t base : getThreadBases(layout))
    mask |= layout.getCoordinate(base, dim);
  return mask;
}

Value ThreadPositions::getThreadCoordinate(const LinearLayout &layout,
                                           unsigned dim) {
  std::string key =
      llvm::formatv("{0} {1}",
                    llvm::to_string(LinearLayout(layout.getShape(), {},
                                                 layout.getBases(Input::Lane),
                                                 layout.getBases(Input::Warp))),
                    dim);
  Value &cached = cache[key];
  if (cached)
    return cached;
  SmallVector<uint32_t> bits;
  for (uint32_t base : getThreadBases(layout))
    bits.push_back(layout.getCoordinate(base, dim));
  // Runs of thread bits that go to a run of coordinate bits move together.
  Value sum;
  for (size_t i = 0; i < bits.size();) {
    if (bits[i] == 0) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < bits.size() && llvm::isPowerOf2_32(bits[i]) &&
           bits[end] == bits[end - 1] << 1)
      ++end;
    uint32_t mask = ((uint32_t(1) << (end - i)) - 1) << i;
    Value field = arith::AndIOp::create(start, loc, thread, constant(mask));
    int64_t shift = llvm::Log2_32(bits[i]) - static_cast<int64_t>(i);
    if (shift > 0)
      field = arith::ShLIOp::create(start, loc, field, constant(shift));
    else if (shift < 0)
      field = arith::ShRUIOp::create(start, loc, field, constant(-shift));
    sum =
        sum ? arith::XOrIOp::create(start, loc, sum, field).getResult() : field;
    i = end;
  }
  return cached = sum ? sum : constant(0);
}

std::pair<Value, int64_t>
ThreadPositions::getCoordinateParts(OpBuilder &b, Location loc,
                                    const LinearLayout &layout, uint32_t reg,
                                    unsigned dim) {
  Value base = getThreadCoordinate(layout, dim);
  int64_t move = layout.getCoordinate(layout.getPosition(reg, 0, 0), dim);
  if ((getThreadMask(layout, dim) & move) == 0)
    return {base, move};
  Value moved = arith::XOrIOp::create(
      b, loc, base, arith::ConstantIntOp::create(b, loc, move, 32));
  return {moved, 0};
}

Value ThreadPositions::getCoordinate(OpBuilder &b, Location loc,
                                     const LinearLayout &layout, uint32_t reg,
                                     unsigned dim) {
  auto [base, move] = getCoordinateParts(b, loc, layout, reg, dim);
  Value at = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), base);
  if (move == 0)
    return at;
  return arith::AddIOp::create(b, loc, at,
                               arith::ConstantIndexOp::create(b, loc, move));
}

Value ThreadPositions::getSharedOffset(OpBuilder &b, Location loc,
                                       const SharedTile &tile,
                                       const LinearLayout &layout, int64_t row,
                                       int64_t column) {
  uint32_t rowMask = getThreadMask(layout, 0),
           columnMask = getThreadMask(layout, 1);
  assert((rowMask & row) == 0 && (columnMask & column) == 0 &&
         "a register's move shares bits with the thread's position");
  int64_t swizzleMask = tile.isSwizzled() ? (SharedTile::kBankChunks - 1) : 0;
  int64_t chunk = tile.chunkElements();
  // The column's chunk meets the row's last bits: what the thread decides of
  // either is in the base.
  int64_t move = column ^ (row & swizzleMask) * chunk;
  int64_t meets =
      tile.isSwizzled() ? columnMask | (rowMask & swizzleMask) * chunk : 0;
  int64_t exclusiveOr = move & meets, sum = move & ~meets;

  std::string key =
      llvm::formatv("{0} {1} {2} {3}",
                    llvm::to_string(LinearLayout(layout.getShape(), {},
                                                 layout.getBases(Input::Lane),
                                                 layout.getBases(Input::Warp))),
                    tile.rowElements(), tile.isSwizzled(), exclusiveOr);
  Value &base = cache[key];
  if (!base) {
    Value threadRow = getThreadCoordinate(layout, 0),
          threadColumn = getThreadCoordinate(layout, 1);
    Value at = threadColumn;
    if (tile.isSwizzled()) {
      Value low =
          arith::AndIOp::create(start, loc, threadRow, constant(swizzleMask));
      Value chunks = arith::MulIOp::create(start, loc, low, constant(chunk));
      at = arith::XOrIOp::create(start, loc, at, chunks);
    }
    if (exclusiveOr)
      at = arith::XOrIOp::create(start, loc, at, constant(exclusiveOr));
    Value rows = arith::MulIOp::create(start, loc, threadRow,
                                       constant(tile.rowElements()));
    base = arith::AddIOp::create(start, loc, rows, at);
  }
  Value offset = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), base);
  int64_t constantPart = row * tile.rowElements() + sum;
  if (constantPart == 0)
    return offset;
  return arith::AddIOp::create(
      b, loc, offset, arith::ConstantIndexOp::create(b, loc, constantPart));
}

Value ThreadPositions::isOwner(const LinearLayout &layout) {
  uint32_t copies = 0;
  for (auto [bit, base] : llvm::enumerate(getThreadBases(layout)))
    if (base == 0)
      copies |= uint32_t(1) << bit;
  if (copies == 0)
    return {};
  Value &owner = cache[llvm::formatv("owner {0}", copies)];
  if (!owner) {
    Value bits = arith::AndIOp::create(start, loc, thread, constant(copies));
    owner = arith::CmpIOp::create(start, loc, arith::CmpIPredicate::eq, bits,
                                  constant(0));
  }
  return owner;
}
