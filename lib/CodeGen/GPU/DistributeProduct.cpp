//===- DistributeProduct.cpp - Products on tensor cores -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Distributor.h"
#include "attn/Target/MMAShape.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::attn;

LinearLayout Distributor::getQuarters(bool downFirst, Type element,
                                      LinearLayout::Bases warps,
                                      ArrayRef<int64_t> shape) {
  uint32_t row = shape[1];
  LinearLayout::Bases lanes{row, 2 * row, 4 * row};
  uint32_t down = 8 * row, along = SharedTile::kChunkBytes * 8 /
                                   element.getIntOrFloatBitWidth();
  lanes.push_back(downFirst ? down : along);
  lanes.push_back(downFirst ? along : down);
  return LinearLayout(shape, {}, lanes, std::move(warps));
}

SmallVector<Value> Distributor::loadOperandA(const SharedOperand &source,
                                             const LinearLayout &layout,
                                             int64_t row, int64_t depth) {
  LinearLayout threads = getQuarters(
      /*downFirst=*/true,
      cast<MemRefType>(source.buffer.getType()).getElementType(),
      layout.getBases(LinearLayout::Input::Warp), layout.getShape());
  return takeRegisters(
      loadOperand(source, threads, row, depth, /*isTransposed=*/false));
}

SmallVector<Value> Distributor::takeRegisters(Value loaded) {
  bool isPair = cast<VectorType>(loaded.getType()).getDimSize(1) > 1;
  SmallVector<Value> registers;
  for (int64_t part = 0; part < 4; ++part)
    registers.push_back(vector::ExtractOp::create(
        b, loaded.getLoc(), loaded,
        isPair ? SmallVector<int64_t>{part} : SmallVector<int64_t>{part, 0}));
  return registers;
}

/// The fragment of operand A for rows `row` .. and reduction `depth` ..: four
/// pairs.
SmallVector<Value> Distributor::getOperandA(vector::ContractionOp op,
                                            int64_t row, int64_t depth) {
  auto known = fragments.find(op.getLhs());
  if (known == fragments.end())
    return loadOperandA(operands.lookup(op.getLhs()), *layouts.get(op.getLhs()),
                        row, depth);
  const Fragment &fragment = known->second;
  uint32_t first = 0;
  for (int64_t i = 0, e = fragment.values.size(); i < e; i += 4) {
    SmallVector<int64_t> at = fragment.layout.getCoordinates(
        fragment.layout.getPosition(i * 2, 0, 0));
    if (at[0] == row && at[1] == depth)
      first = i;
  }
  return SmallVector<Value>(ArrayRef<Value>(fragment.values).slice(first, 4));
}

LogicalResult Distributor::distributeProduct(vector::ContractionOp op) {
  FailureOr<Fragment> result = create(op.getResult(), op);
  if (failed(result))
    return failure();
  auto lhsType = cast<VectorType>(op.getLhs().getType());
  Type element = lhsType.getElementType();
  if (!element.isF16() && !element.isBF16() && !element.isF32())
    return op.emitOpError()
           << "multiplies " << element << ", expected f16, bf16 or f32";
  DenseElementsAttr constant;
  bool isConstant =
      matchPattern(op.getRhs(), m_Constant(&constant)) && constant.isSplat();
  bool hasLhs =
           fragments.contains(op.getLhs()) || operands.contains(op.getLhs()),
       hasRhs =
           operands.contains(op.getRhs()) || (isConstant && !element.isF32());
  if (!hasLhs || !hasRhs)
    return op.emitOpError("has an operand that is not in shared memory");
  if (element.isF32())
    return distributeTF32Product(op, *result);
  Location loc = op.getLoc();
  *result = get(op.getAcc(), *result);
  SharedOperand rhs = operands.lookup(op.getRhs());
  // Reduction x columns, unless the maps say otherwise.
  AffineMap rhsMap = op.getIndexingMapsArray()[1];
  bool isTransposed =
      cast<AffineDimExpr>(rhsMap.getResult(0)).getPosition() == 1;
  // B wants pairs along the reduction: ldmatrix transposes where the tile has
  // columns there.
  const LinearLayout &layout = result->layout;
  SmallVector<int64_t> rhsCover =
      getCover(cast<VectorType>(op.getRhs().getType()));
  LinearLayout::Bases rhsWarps;
  int64_t rowsOfWarp = layout.getShape()[0], columnsOfWarps = 0;
  for (uint32_t base : layout.getBases(LinearLayout::Input::Warp)) {
    int64_t column = layout.getCoordinate(base, 1);
    rhsWarps.push_back(isTransposed ? column * rhsCover[1] : column);
    columnsOfWarps |= column;
    if (layout.getCoordinate(base, 0))
      rowsOfWarp /= 2;
  }
  LinearLayout quarters =
      getQuarters(/*downFirst=*/!isTransposed, element, rhsWarps, rhsCover);

  DenseMap<uint32_t, uint32_t> valueAt;
  for (uint32_t reg = 0; reg < layout.getNumRegisters(); ++reg)
    valueAt[layout.getPosition(reg, 0, 0)] = reg;
  auto multiplicand =
      element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  auto toOperand = [&](Value pair) -> Value {
    if (element.isF16())
      return pair;
    return LLVM::BitcastOp::create(b, loc, b.getI32Type(), pair);
  };
  Type f32 = b.getF32Type();
  auto quad =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  for (int64_t depth = 0; depth < lhsType.getDimSize(1);
       depth += MMAShape::depth) {
    SmallVector<SmallVector<Value>> rows;
    for (int64_t row = 0; row < rowsOfWarp; row += MMAShape::rows) {
      rows.push_back(getOperandA(op, row, depth));
      for (Value &pair : rows.back())
        pair = toOperand(pair);
    }
    for (int64_t column = 0; column < result->type.getDimSize(1);
         column += 2 * MMAShape::columns) {
      // Another warp's.
      if (column & columnsOfWarps)
        continue;
      SmallVector<Value> pairs;
      if (isConstant) {
        Value pair = arith::ConstantOp::create(
            b, loc,
            DenseElementsAttr::get(VectorType::get(2, element),
                                   constant.getSplatValue<Attribute>()));
        pairs.assign(4, toOperand(pair));
      } else {
        Value loaded = isTransposed
                           ? loadOperand(rhs, quarters, column, depth, false)
                           : loadOperand(rhs, quarters, depth, column, true);
        for (Value pair : takeRegisters(loaded))
          pairs.push_back(toOperand(pair));
      }
      for (auto [i, row] : llvm::enumerate(rows))
        for (int64_t half = 0; half < 2; ++half) {
          if (column + half * MMAShape::columns >= result->type.getDimSize(1))
            break;
          uint32_t position = i * MMAShape::rows * layout.getShape()[1] +
                              column + half * MMAShape::columns;
          uint32_t first = valueAt.lookup(position);
          auto accumulator =
              MutableArrayRef<Value>(result->values).slice(first, 4);
          Value product = NVVM::MmaOp::create(
              b, loc, quad, row, ArrayRef<Value>(pairs).slice(2 * half, 2),
              accumulator,
              ArrayRef<int64_t>{MMAShape::rows, MMAShape::columns,
                                MMAShape::depth},
              /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
              std::array{multiplicand, multiplicand},
              std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
          for (auto [part, value] : llvm::enumerate(accumulator))
            value = LLVM::ExtractValueOp::create(
                b, loc, product, ArrayRef<int64_t>{int64_t(part)});
        }
    }
  }
  fragments[op.getResult()] = *result;
  return success();
}
