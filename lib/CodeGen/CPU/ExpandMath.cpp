//===- ExpandMath.cpp - Expand approximate exp2 into a polynomial ----------===//
//-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNEXPANDMATH
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {

struct ExpandExp2 : OpRewritePattern<math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &b) const override {
    if (!arith::bitEnumContainsAll(op.getFastmath(),
                                   arith::FastMathFlags::afn) ||
        !getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Location loc = op.getLoc();
    Type type = op.getType();
    Type intType = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      intType = vector.clone(intType);
    auto constant = [&](auto attr, Type of) -> Value {
      TypedAttr value = attr;
      if (auto vector = dyn_cast<VectorType>(of))
        value = DenseElementsAttr::get(vector, Attribute(attr));
      return arith::ConstantOp::create(b, loc, value);
    };
    auto real = [&](float x) { return constant(b.getF32FloatAttr(x), type); };

    // At -127 the fraction is 0, the polynomial exactly 1, and the exponent
    // below cancels its bits to +0. A NaN fails the comparison and stays.
    Value bound = real(-127.0f);
    Value isBelow = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT,
                                          op.getOperand(), bound);
    Value x = arith::SelectOp::create(b, loc, isBelow, bound, op.getOperand());

    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    Value shifter = real(0x1.8p23f);
    Value shifted = arith::AddFOp::create(b, loc, x, shifter);
    Value integer = arith::SubFOp::create(b, loc, shifted, shifter);
    Value fraction = arith::SubFOp::create(b, loc, x, integer);

    // Minimax for the relative error on [-1/2, 1/2], with p(0) = 1.
    static constexpr float coefficients[] = {1.326472731e-03f, 9.671512991e-03f,
                                             5.550733581e-02f, 2.402224243e-01f,
                                             6.931470037e-01f, 1.0f};
    Value power = real(coefficients[0]);
    for (float coefficient : llvm::drop_begin(coefficients))
      power = math::FmaOp::create(b, loc, power, fraction, real(coefficient));

    Value bits = arith::BitcastOp::create(b, loc, intType, power);
    Value exponent = arith::BitcastOp::create(b, loc, intType, shifted);
    exponent = arith::ShLIOp::create(
        b, loc, exponent, constant(b.getI32IntegerAttr(23), intType));
    Value scaled = arith::AddIOp::create(b, loc, bits, exponent);
    b.replaceOpWithNewOp<arith::BitcastOp>(op, type, scaled);
    return success();
  }
};

struct AttnExpandMath : attn::impl::AttnExpandMathBase<AttnExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp2>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
