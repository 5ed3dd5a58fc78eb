//===- DistributeTF32Product.cpp - Products of f32 on tensor cores --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensor cores multiply tf32: the range of f32 with 11 bits of precision. An
// f32 element is the sum of two, x = high + low, its rounding to tf32 and what
// is left; a product is then high * high + high * low + low * high (Ootomo and
// Yokota, "Recovering single precision accuracy from Tensor Cores while
// surpassing the FP32 theoretical peak performance", 2022). Where tf32's
// accuracy is enough, it is high * high.
//
// No chip has an instruction for cvt.rna.tf32: it is three or four. Here both
// parts take three, or one part two, since tensor cores do not read the lower
// 13 bits of an operand: it is rounded once half of the last bit that they read
// was added.
//
//===----------------------------------------------------------------------===//

#include "Distributor.h"
#include "attn/CodeGen/Kernel.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::attn;

/// The bits of an f32 that a tf32 has, half of the last of them, and the sign
/// and exponent.
static constexpr uint32_t kUpperBits = 0xffffe000, kHalfBit = 0x1000,
                          kExponentBits = 0xff800000;

/// An element in registers of tf32, which are i32.
struct Distributor::TF32Operand {
  /// `low` is null where one is enough.
  Value high, low;
};

Distributor::TF32Operand Distributor::toTF32(Value value, bool isSplit) {
  Location loc = value.getLoc();
  Type i32 = b.getI32Type(), f32 = value.getType();
  auto constant = [&](uint32_t bits) -> Value {
    return arith::ConstantIntOp::create(b, loc, static_cast<int32_t>(bits), 32);
  };
  Value bits = arith::BitcastOp::create(b, loc, i32, value);
  if (!isSplit) {
    // In arithmetic of f32, which keeps NaN: x and half a bit in its place.
    Value power = arith::BitcastOp::create(
        b, loc, f32,
        arith::AndIOp::create(b, loc, bits, constant(kExponentBits)));
    Value half = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0x1p-11f));
    Value rounded = math::FmaOp::create(b, loc, power, half, value);
    return {arith::BitcastOp::create(b, loc, i32, rounded), {}};
  }
  // NaN may become a number here; then what is left of it is NaN.
  Value moved = arith::AddIOp::create(b, loc, bits, constant(kHalfBit));
  Value high = arith::AndIOp::create(b, loc, moved, constant(kUpperBits));
  // Exact: both lie within a factor of two.
  Value low = arith::SubFOp::create(
      b, loc, value, arith::BitcastOp::create(b, loc, f32, high));
  return {high, arith::BitcastOp::create(b, loc, i32, low)};
}

namespace {
/// The order in which an instruction sums over k: the bits of a position along
/// the reduction that lanes 1 and 2 and the second register add.
struct ReductionOrder {
  int64_t lanes[2], second;

  /// That of an operand A's layout.
  explicit ReductionOrder(const LinearLayout &layout) {
    const auto &bases = layout.getBases(LinearLayout::Input::Lane);
    for (unsigned i = 0; i < 2; ++i)
      lanes[i] = layout.getCoordinate(bases[i], 1);
    second = (MMAShape::depthTF32 - 1) ^ lanes[0] ^ lanes[1];
  }
  /// Whether ldmatrix brings elements in this order.
  bool isNatural() const { return lanes[0] == 1 && lanes[1] == 2; }
};
} // namespace

/// Four elements: rows `row` .. + 8, then again with the second k.
SmallVector<Value> Distributor::getTF32OperandA(vector::ContractionOp op,
                                                int64_t row, int64_t depth) {
  const LinearLayout &layout = *layouts.get(op.getLhs());
  auto known = fragments.find(op.getLhs());
  if (known == fragments.end())
    return loadOperandA(operands.lookup(op.getLhs()), layout, row, depth);
  const Fragment &fragment = known->second;
  int64_t second = ReductionOrder(layout).second;
  SmallVector<Value> elements(4);
  for (auto [i, value] : llvm::enumerate(fragment.values)) {
    SmallVector<int64_t> at =
        layout.getCoordinates(layout.getPosition(i, 0, 0));
    int64_t down = at[0] - row, along = at[1] - depth;
    if ((down == 0 || down == 8) && (along == 0 || along == second))
      elements[(along ? 2 : 0) + (down ? 1 : 0)] = value;
  }
  return elements;
}

LogicalResult Distributor::distributeTF32Product(vector::ContractionOp op,
                                                 Fragment result) {
  Location loc = op.getLoc();
  bool isSplit = !op->hasAttr(kAllowTF32Attr);
  result = get(op.getAcc(), result);
  const LinearLayout &layout = result.layout;
  SharedOperand rhs = operands.lookup(op.getRhs());
  ReductionOrder order(*layouts.get(op.getLhs()));
  // Columns of the tile next to each other that a thread holds.
  int64_t run = layout.getCoordinate(
                    layout.getBases(LinearLayout::Input::Lane).front(), 1) /
                2;

  // Reduction x columns, unless the maps say otherwise.
  AffineMap rhsMap = op.getIndexingMapsArray()[1];
  bool isTransposed =
      cast<AffineDimExpr>(rhsMap.getResult(0)).getPosition() == 1;
  SmallVector<int64_t> rhsCover =
      getCover(cast<VectorType>(op.getRhs().getType()));
  auto rhsPosition = [&](int64_t depth, int64_t column) -> uint32_t {
    return isTransposed ? column * rhsCover[1] + depth
                        : depth * rhsCover[1] + column;
  };
  LinearLayout::Bases rhsWarps;
  int64_t rowsOfWarp = layout.getShape()[0], columnsOfWarps = 0;
  for (uint32_t base : layout.getBases(LinearLayout::Input::Warp)) {
    int64_t column = layout.getCoordinate(base, 1);
    rhsWarps.push_back(rhsPosition(0, column));
    columnsOfWarps |= column;
    if (layout.getCoordinate(base, 0))
      rowsOfWarp /= 2;
  }

  // Operand B for one step of the reduction, two elements for each of some
  // instructions, whose columns are `apart`.
  bool byMatrix = isTransposed && order.isNatural() && run == 1;
  int64_t apart = byMatrix ? MMAShape::columns : 1;
  int64_t instructions = byMatrix ? 2 : run;
  LinearLayout threads;
  if (byMatrix) {
    threads = getQuarters(/*downFirst=*/false, op.getLhsType().getElementType(),
                          rhsWarps, rhsCover);
  } else {
    LinearLayout::Bases lanes;
    for (int64_t depth : order.lanes)
      lanes.push_back(rhsPosition(depth, 0));
    for (int64_t column = run; column < run * MMAShape::columns; column *= 2)
      lanes.push_back(rhsPosition(0, column));
    threads = LinearLayout(rhsCover, {}, lanes, rhsWarps);
  }
  auto loadB = [&](int64_t depth, int64_t column) {
    if (byMatrix)
      return takeRegisters(loadOperand(rhs, threads, column, depth,
                                       /*isTransposed=*/false));
    SmallVector<Value> elements(2 * instructions);
    auto loadRun = [&](int64_t d, int64_t c, int64_t length, auto place) {
      Value row = loadRow(rhs, threads, isTransposed ? c : d,
                          isTransposed ? d : c, length);
      for (int64_t i = 0; i < length; ++i)
        elements[place(i)] = vector::ExtractOp::create(b, loc, row, i);
    };
    bool inPairs = isTransposed && order.second == 1;
    for (int64_t i = 0; i < (inPairs ? instructions : 0); ++i)
      loadRun(depth, column + i, 2, [&](int64_t j) { return 2 * i + j; });
    for (int64_t j = 0; j < (inPairs ? 0 : 2); ++j)
      loadRun(depth + j * order.second, column, instructions,
              [&](int64_t i) { return 2 * i + j; });
    return elements;
  };

  DenseMap<uint32_t, uint32_t> valueAt;
  for (uint32_t reg = 0; reg < layout.getNumRegisters(); ++reg)
    valueAt[layout.getPosition(reg, 0, 0)] = reg;
  Type f32 = b.getF32Type();
  auto quad =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  using Rows = SmallVector<SmallVector<TF32Operand>>;
  auto getRows = [&](int64_t depth) {
    Rows rows;
    for (int64_t row = 0; row < rowsOfWarp; row += MMAShape::rows)
      rows.push_back(llvm::map_to_vector(
          getTF32OperandA(op, row, depth),
          [&](Value element) { return toTF32(element, isSplit); }));
    return rows;
  };
  // low * high, high * low, high * high: the small terms first.
  using Part = Value TF32Operand::*;
  SmallVector<std::pair<Part, Part>> terms;
  if (isSplit)
    terms = {{&TF32Operand::low, &TF32Operand::high},
             {&TF32Operand::high, &TF32Operand::low}};
  terms.push_back({&TF32Operand::high, &TF32Operand::high});
  auto multiply = [&](const Rows &rows, int64_t depth, int64_t column) {
    SmallVector<TF32Operand> columns =
        llvm::map_to_vector(loadB(depth, column), [&](Value element) {
          return toTF32(element, isSplit);
        });
    for (auto [ofA, ofB] : terms)
      for (auto [i, row] : llvm::enumerate(rows))
        for (int64_t j = 0; j < instructions; ++j) {
          int64_t first = column + j * apart;
          if (first >= result.type.getDimSize(1))
            break;
          SmallVector<Value> a, accumulator;
          for (const TF32Operand &element : row)
            a.push_back(element.*ofA);
          SmallVector<Value> pair{columns[2 * j].*ofB, columns[2 * j + 1].*ofB};
          SmallVector<Value *> places;
          for (int64_t part = 0; part < 4; ++part) {
            int64_t down = i * MMAShape::rows + part / 2 * 8;
            uint32_t position =
                down * layout.getShape()[1] + first + part % 2 * run;
            places.push_back(&result.values[valueAt.lookup(position)]);
            accumulator.push_back(*places.back());
          }
          Value product = NVVM::MmaOp::create(
              b, loc, quad, a, pair, accumulator,
              ArrayRef<int64_t>{MMAShape::rows, MMAShape::columns,
                                MMAShape::depthTF32},
              /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
              std::array{NVVM::MMATypes::tf32, NVVM::MMATypes::tf32},
              std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
          for (auto [part, place] : llvm::enumerate(places))
            *place = LLVM::ExtractValueOp::create(
                b, loc, product, ArrayRef<int64_t>{int64_t(part)});
        }
  };

  int64_t depths = op.getLhsType().getDimSize(1);
  SmallVector<int64_t> columns;
  for (int64_t column = 0; column < result.type.getDimSize(1);
       column += instructions * MMAShape::columns)
    // Others are another warp's.
    if (!(column & columnsOfWarps))
      columns.push_back(column);
  if (!fragments.contains(op.getLhs())) {
    // The first operand is split once it is there, for all columns.
    for (int64_t depth = 0; depth < depths; depth += MMAShape::depthTF32) {
      Rows rows = getRows(depth);
      for (int64_t column : columns)
        multiply(rows, depth, column);
    }
  } else {
    // It is in registers: a column is done before the next begins, so that few
    // are held at a time where another sum takes them.
    SmallVector<Rows> rows;
    for (int64_t depth = 0; depth < depths; depth += MMAShape::depthTF32)
      rows.push_back(getRows(depth));
    for (int64_t column : columns)
      for (auto [step, ofStep] : llvm::enumerate(rows))
        multiply(ofStep, step * MMAShape::depthTF32, column);
  }
  fragments[op.getResult()] = result;
  return success();
}
