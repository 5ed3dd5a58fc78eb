//===- LinearLayout.cpp - Layouts as linear maps over GF(2) ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/LinearLayout.h"
#include "attn/Target/MMAShape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::attn;

LinearLayout::LinearLayout(ArrayRef<int64_t> shape, Bases registers,
                           Bases lanes, Bases warps)
    : shape(shape),
      bases{std::move(registers), std::move(lanes), std::move(warps)} {
  assert(llvm::all_of(shape, llvm::isPowerOf2_64) && "not powers of two");
}

/// The lowest bit of a dimension in a row-major position.
uint32_t LinearLayout::dimShift(unsigned dim) const {
  uint32_t shift = 0;
  for (int64_t size : ArrayRef(shape).drop_front(dim + 1))
    shift += llvm::Log2_64(size);
  return shift;
}

uint32_t LinearLayout::getPosition(uint32_t reg, uint32_t lane,
                                   uint32_t warp) const {
  uint32_t position = 0;
  const uint32_t inputs[] = {reg, lane, warp};
  for (auto [input, bits] : llvm::enumerate(inputs))
    for (auto [bit, base] : llvm::enumerate(bases[input]))
      if (bits >> bit & 1)
        position ^= base;
  return position;
}

int64_t LinearLayout::getCoordinate(uint32_t position, unsigned dim) const {
  return position >> dimShift(dim) & (shape[dim] - 1);
}

SmallVector<int64_t> LinearLayout::getCoordinates(uint32_t position) const {
  SmallVector<int64_t> coordinates;
  for (unsigned dim = 0; dim < getRank(); ++dim)
    coordinates.push_back(getCoordinate(position, dim));
  return coordinates;
}

LinearLayout LinearLayout::reshape(ArrayRef<int64_t> newShape) const {
  assert(llvm::product_of(newShape) == llvm::product_of(shape) &&
         "another number of elements");
  return LinearLayout(newShape, bases[0], bases[1], bases[2]);
}

LinearLayout LinearLayout::dropDim(unsigned dim) const {
  uint32_t shift = dimShift(dim), bits = llvm::Log2_64(shape[dim]);
  uint32_t low = (uint32_t(1) << shift) - 1;
  auto drop = [&](const Bases &from) {
    Bases result;
    for (uint32_t base : from)
      result.push_back((base & low) | (base >> (shift + bits) << shift));
    return result;
  };
  SmallVector<int64_t> newShape(shape);
  newShape.erase(newShape.begin() + dim);
  Bases registers = drop(bases[0]);
  llvm::erase(registers, 0u);
  return LinearLayout(newShape, registers, drop(bases[1]), drop(bases[2]));
}

LinearLayout LinearLayout::insertDim(unsigned dim, int64_t size) const {
  SmallVector<int64_t> newShape(shape);
  newShape.insert(newShape.begin() + dim, size);
  int64_t inner = llvm::product_of(ArrayRef(newShape).drop_front(dim + 1));
  auto insert = [&](const Bases &from) {
    Bases result;
    for (uint32_t base : from)
      result.push_back(base / inner * inner * size + base % inner);
    return result;
  };
  Bases registers;
  for (int64_t step = 1; step < size; step *= 2)
    registers.push_back(step * inner);
  registers.append(insert(bases[0]));
  return LinearLayout(newShape, registers, insert(bases[1]), insert(bases[2]));
}

LinearLayout LinearLayout::transpose(ArrayRef<int64_t> permutation) const {
  SmallVector<int64_t> newShape;
  for (int64_t dim : permutation)
    newShape.push_back(shape[dim]);
  auto permute = [&](const Bases &from) {
    Bases result;
    for (uint32_t base : from) {
      uint32_t position = 0;
      for (int64_t dim : permutation)
        position = position * shape[dim] + getCoordinate(base, dim);
      result.push_back(position);
    }
    return result;
  };
  return LinearLayout(newShape, permute(bases[0]), permute(bases[1]),
                      permute(bases[2]));
}

/// The rank of a set of vectors over GF(2), by elimination.
static unsigned getRank(SmallVector<uint32_t> vectors) {
  unsigned rank = 0;
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i] == 0)
      continue;
    ++rank;
    uint32_t pivot = llvm::bit_floor(vectors[i]);
    for (size_t j = i + 1; j < vectors.size(); ++j)
      if (vectors[j] & pivot)
        vectors[j] ^= vectors[i];
  }
  return rank;
}

bool LinearLayout::isSurjective() const {
  SmallVector<uint32_t> all(bases[0]);
  all.append(bases[1]);
  all.append(bases[2]);
  return ::getRank(all) == llvm::Log2_64(llvm::product_of(shape));
}

bool LinearLayout::isInjective() const {
  SmallVector<uint32_t> all(bases[0]);
  all.append(bases[1]);
  all.append(bases[2]);
  return ::getRank(all) == all.size();
}

SmallVector<unsigned> LinearLayout::getLaneBits(unsigned dim) const {
  uint32_t mask = (uint32_t(shape[dim]) - 1) << dimShift(dim);
  SmallVector<unsigned> bits;
  for (auto [bit, base] : llvm::enumerate(getBases(Input::Lane)))
    if (base != 0 && (base & ~mask) == 0)
      bits.push_back(bit);
  return bits;
}

bool LinearLayout::isWithinWarp(unsigned dim) const {
  uint32_t mask = (uint32_t(shape[dim]) - 1) << dimShift(dim);
  auto isPure = [&](uint32_t base) {
    return (base & mask) == 0 || (base & ~mask) == 0;
  };
  return llvm::all_of(getBases(Input::Register), isPure) &&
         llvm::all_of(getBases(Input::Lane), isPure) &&
         llvm::none_of(getBases(Input::Warp),
                       [&](uint32_t base) { return base & mask; });
}

std::optional<SmallVector<uint32_t>>
LinearLayout::getRegisterPermutation(const LinearLayout &target) const {
  if (shape != target.shape || bases[1] != target.bases[1] ||
      bases[2] != target.bases[2])
    return std::nullopt;
  SmallVector<uint32_t> permutation;
  for (uint32_t reg = 0; reg < target.getNumRegisters(); ++reg) {
    uint32_t position = target.getPosition(reg, 0, 0);
    auto registers = llvm::seq<uint32_t>(0, getNumRegisters());
    auto source = llvm::find_if(registers, [&](uint32_t candidate) {
      return getPosition(candidate, 0, 0) == position;
    });
    if (source == registers.end())
      return std::nullopt;
    permutation.push_back(*source);
  }
  return permutation;
}

void LinearLayout::print(raw_ostream &os) const {
  os << '<';
  llvm::interleave(shape, os, "x");
  constexpr StringLiteral names[] = {"register", "lane", "warp"};
  for (auto [name, input] : llvm::zip(names, bases)) {
    os << ", " << name << " = [";
    llvm::interleaveComma(input, os, [&](uint32_t base) {
      os << '(';
      llvm::interleaveComma(getCoordinates(base), os);
      os << ')';
    });
    os << ']';
  }
  os << '>';
}

LinearLayout LinearLayout::getMMA(int64_t rows, int64_t columns, int64_t warps,
                                  SpareWarps spare, int64_t run) {
  assert(rows >= MMAShape::rows && columns >= MMAShape::columns * run &&
         "less than a fragment");
  auto row = [&](int64_t at) { return static_cast<uint32_t>(at * columns); };
  int64_t rowWarps = std::min(warps, rows / MMAShape::rows);
  int64_t columnWarps = spare == SpareWarps::Columns ? warps / rowWarps : 1;
  // Two columns, which are adjacent or, with runs, have instructions between
  // them; rows 8 apart; then fragments along the row and, in what a warp has of
  // the rows, down.
  Bases registers;
  for (int64_t column = 1; column <= run; column *= 2)
    registers.push_back(column);
  registers.push_back(row(8));
  // What a warp takes before it is another's turn.
  int64_t turn = std::max(2 * MMAShape::columns, MMAShape::columns * run);
  for (int64_t column = MMAShape::columns * run; column < turn; column *= 2)
    if (column < columns)
      registers.push_back(column);
  for (int64_t column = turn * columnWarps; column < columns; column *= 2)
    registers.push_back(column);
  int64_t at = MMAShape::rows;
  for (; at < rows / rowWarps; at *= 2)
    registers.push_back(row(at));
  auto pair = static_cast<uint32_t>(2 * run);
  Bases lanes{pair, 2 * pair, row(1), row(2), row(4)};
  Bases warp;
  for (; at < rows; at *= 2)
    warp.push_back(row(at));
  for (int64_t column = turn; column < turn * columnWarps; column *= 2)
    warp.push_back(column);
  warp.resize(llvm::Log2_64(warps), 0);
  return LinearLayout({rows, columns}, registers, lanes, warp);
}

LinearLayout LinearLayout::getOperandTF32(int64_t rows, int64_t columns,
                                          int64_t warps) {
  assert(rows >= MMAShape::rows && columns >= MMAShape::depthTF32 &&
         "less than a fragment");
  auto row = [&](int64_t at) { return static_cast<uint32_t>(at * columns); };
  int64_t rowWarps = std::min(warps, rows / MMAShape::rows);
  Bases registers{row(8)};
  for (int64_t column = 4; column < columns; column *= 2)
    registers.push_back(column);
  int64_t at = MMAShape::rows;
  for (; at < rows / rowWarps; at *= 2)
    registers.push_back(row(at));
  Bases lanes{1, 2, row(1), row(2), row(4)};
  Bases warp;
  for (; at < rows; at *= 2)
    warp.push_back(row(at));
  warp.resize(llvm::Log2_64(warps), 0);
  return LinearLayout({rows, columns}, registers, lanes, warp);
}

LinearLayout LinearLayout::getBlocked(int64_t rows, int64_t columns,
                                      int64_t vector, int64_t warps) {
  int64_t size = rows * columns, at = 1;
  auto take = [&](unsigned bits) {
    Bases result;
    for (unsigned bit = 0; bit < bits; ++bit) {
      result.push_back(at < size ? at : 0);
      at *= 2;
    }
    return result;
  };
  Bases registers = take(llvm::Log2_64(std::min(vector, columns)));
  Bases lanes = take(kLaneBits);
  Bases warp = take(llvm::Log2_64(warps));
  while (at < size) {
    registers.push_back(at);
    at *= 2;
  }
  return LinearLayout({rows, columns}, registers, lanes, warp);
}
