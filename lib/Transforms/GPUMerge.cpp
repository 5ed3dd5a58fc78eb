//===- GPUMerge.cpp - Tile merge for the workgroups of a GPU --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GPUMerge.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::attn;

bool mlir::attn::isTileableMerge(MergeOp op) {
  auto partials = op.getPartials().getType();
  return partials.getElementType().isF32() &&
         op.getPartialLses().getType().getElementType().isF32() &&
         !ShapedType::isDynamic(partials.getDimSize(4)) &&
         partials.getDimSize(4) != 0;
}

SmallVector<Value> mlir::attn::tileMerge(MergeOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Type f32 = b.getF32Type();
  Value partials = op.getPartials(), lses = op.getPartialLses();
  auto outputType = cast<RankedTensorType>(op.getOutput().getType());
  int64_t features = outputType.getDimSize(3);
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, loc, partials); // parts, B, H, S, Dv
  ArrayRef<OpFoldResult> outputSizes = ArrayRef(sizes).drop_front();
  SmallVector<Value> inits{tensor::EmptyOp::create(
      b, loc, outputSizes, outputType.getElementType())};
  if (op.getLse())
    inits.push_back(
        tensor::EmptyOp::create(b, loc, outputSizes.drop_back(), f32));
  SmallVector<Attribute> mapping;
  for (auto id :
       {gpu::MappingId::DimZ, gpu::MappingId::DimY, gpu::MappingId::DimX})
    mapping.push_back(gpu::GPUBlockMappingAttr::get(b.getContext(), id));
  auto forall = scf::ForallOp::create(b, loc, outputSizes.drop_back(), inits,
                                      b.getArrayAttr(mapping));
  // One warp a row.
  forall->setDiscardableAttr(kKernelAttr, b.getI64IntegerAttr(1));
  b.setInsertionPoint(forall.getTerminator());
  auto ivs = forall.getInductionVars();
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  };
  auto vectorType = VectorType::get(features, f32);
  auto splat = [&](Value scalar) -> Value {
    return vector::BroadcastOp::create(b, loc, vectorType, scalar);
  };
  auto exp2 = [&](Value x) -> Value {
    return math::Exp2Op::create(b, loc, x, arith::FastMathFlags::afn);
  };
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value log2e = constant(llvm::numbers::log2e), none = constant(-INFINITY);
  Value zeros = arith::ConstantOp::create(b, loc, b.getZeroAttr(vectorType));

  // The weights' common factor is that of the largest lse so far, in units of
  // log2.
  auto loop = scf::ForOp::create(
      b, loc, zero, getValueOrCreateConstantIndexOp(b, loc, sizes[0]), one,
      ValueRange{none, constant(0), zeros},
      [&](OpBuilder &nested, Location, Value part, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
        SmallVector<Value> at{part};
        at.append(ivs.begin(), ivs.end());
        Value lse = tensor::ExtractOp::create(b, loc, lses, at);
        Value scaled = arith::MulFOp::create(b, loc, lse, log2e);
        Value max = arith::MaxNumFOp::create(b, loc, carried[0], scaled);
        Value isNone =
            arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, max, none);
        Value shift = arith::SelectOp::create(b, loc, isNone, constant(0), max);
        Value rescale = exp2(arith::SubFOp::create(b, loc, carried[0], shift));
        Value weight = exp2(arith::SubFOp::create(b, loc, scaled, shift));
        Value sum = arith::AddFOp::create(
            b, loc, arith::MulFOp::create(b, loc, carried[1], rescale), weight);
        at.push_back(zero);
        Value output =
            vector::TransferReadOp::create(b, loc, vectorType, partials, at,
                                           constant(0), ArrayRef<bool>{true});
        // A part that weighs nothing may hold anything.
        Value isWeightless = arith::CmpFOp::create(
            b, loc, arith::CmpFPredicate::OEQ, weight, constant(0));
        Value weightless = vector::BroadcastOp::create(
            b, loc, vectorType.clone(b.getI1Type()), isWeightless);
        Value added = arith::SelectOp::create(
            b, loc, weightless, zeros,
            arith::MulFOp::create(b, loc, output, splat(weight)));
        Value total = arith::AddFOp::create(
            b, loc, arith::MulFOp::create(b, loc, carried[2], splat(rescale)),
            added);
        scf::YieldOp::create(b, loc, ValueRange{max, sum, total});
      });
  Value sum = loop.getResult(1);
  Value isEmpty = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, sum,
                                        constant(0));
  Value inverse =
      arith::SelectOp::create(b, loc, isEmpty, constant(0),
                              arith::DivFOp::create(b, loc, constant(1), sum));
  Value output =
      arith::MulFOp::create(b, loc, loop.getResult(2), splat(inverse));
  if (outputType.getElementType() != f32)
    output = arith::TruncFOp::create(
        b, loc, vectorType.clone(outputType.getElementType()), output);

  auto store = [&](Value destination, bool hasFeatures) {
    SmallVector<OpFoldResult> offsets(ivs.begin(), ivs.end()),
        extent(3, b.getIndexAttr(1));
    if (hasFeatures) {
      offsets.push_back(b.getIndexAttr(0));
      extent.push_back(b.getIndexAttr(features));
    }
    SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
    auto type = cast<RankedTensorType>(destination.getType());
    SmallVector<int64_t> shape;
    if (hasFeatures)
      shape.push_back(features);
    Value slice = tensor::ExtractSliceOp::create(
        b, loc, RankedTensorType::get(shape, type.getElementType()),
        destination, offsets, extent, strides);
    Value written;
    if (hasFeatures) {
      written = vector::TransferWriteOp::create(b, loc, output, slice,
                                                ValueRange{zero},
                                                ArrayRef<bool>{true})
                    ->getResult(0);
    } else {
      Value log = arith::MulFOp::create(
          b, loc,
          arith::AddFOp::create(b, loc, loop.getResult(0),
                                math::Log2Op::create(b, loc, sum)),
          constant(llvm::numbers::ln2));
      written = tensor::InsertOp::create(b, loc, log, slice, ValueRange());
    }
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, loc, written, destination, offsets,
                                          extent, strides);
  };
  store(forall.getRegionIterArgs()[0], /*hasFeatures=*/true);
  if (op.getLse())
    store(forall.getRegionIterArgs()[1], /*hasFeatures=*/false);

  b.setInsertionPointAfter(forall);
  SmallVector<Value> results;
  for (auto [result, type] :
       llvm::zip(forall.getResults(), op.getResultTypes()))
    results.push_back(
        result.getType() == type
            ? Value(result)
            : tensor::CastOp::create(b, loc, type, result).getResult());
  return results;
}
