//===- ExpandMath.cpp - Expand approximate exp2 to a polynomial -----------===//
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
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNEXPANDMATH
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

namespace {

/// 2^x = 2^n · 2^f with n the nearest integer to x and f in [-1/2, 1/2].
struct ExpandExp2 : OpRewritePattern<math::Exp2Op> {
  ExpandExp2(MLIRContext *context, bool useScaleF)
      : OpRewritePattern(context), useScaleF(useScaleF) {}

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &b) const override {
    if (!arith::bitEnumContainsAll(op.getFastmath(),
                                   arith::FastMathFlags::afn) ||
        !getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    auto vector = dyn_cast<VectorType>(op.getType());
    bool isScaleFVector = vector && vector.getShape() == ArrayRef<int64_t>{16};
    b.replaceOp(op, useScaleF && isScaleFVector
                        ? expandWithScaleF(op.getOperand(), b)
                        : expandWithBits(op.getOperand(), b));
    return success();
  }

private:
  static Value constant(OpBuilder &b, Location loc, Type type,
                        Attribute value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, loc,
                                       DenseElementsAttr::get(vector, value));
    return arith::ConstantOp::create(b, loc, cast<TypedAttr>(value));
  }
  static Value real(OpBuilder &b, Value like, float x) {
    return constant(b, like.getLoc(), like.getType(), b.getF32FloatAttr(x));
  }

  /// Minimax for the relative error on [-1/2, 1/2], with p(0) = 1.
  static Value powerOfFraction(Value fraction, OpBuilder &b) {
    static constexpr float coefficients[] = {1.326472731e-03f, 9.671512991e-03f,
                                             5.550733581e-02f, 2.402224243e-01f,
                                             6.931470037e-01f, 1.0f};
    Location loc = fraction.getLoc();
    Value power = real(b, fraction, coefficients[0]);
    // One instruction each where the target has it, never a call.
    constexpr auto contract = arith::FastMathFlags::contract;
    for (float coefficient : llvm::drop_begin(coefficients)) {
      Value product = arith::MulFOp::create(b, loc, power, fraction, contract);
      power = arith::AddFOp::create(b, loc, product,
                                    real(b, fraction, coefficient), contract);
    }
    return power;
  }

  /// Adds n to the exponent's bits. At -127 the fraction is 0, the polynomial
  /// exactly 1, and the exponent cancels its bits to +0. A NaN fails the
  /// comparison and stays.
  static Value expandWithBits(Value x, OpBuilder &b) {
    Location loc = x.getLoc();
    Type intType = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      intType = vector.clone(intType);
    Value bound = real(b, x, -127.0f);
    Value isBelow =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, bound);
    x = arith::SelectOp::create(b, loc, isBelow, bound, x);

    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    Value shifter = real(b, x, 0x1.8p23f);
    Value shifted = arith::AddFOp::create(b, loc, x, shifter);
    Value integer = arith::SubFOp::create(b, loc, shifted, shifter);
    Value fraction = arith::SubFOp::create(b, loc, x, integer);
    Value power = powerOfFraction(fraction, b);

    Value bits = arith::BitcastOp::create(b, loc, intType, power);
    Value exponent = arith::BitcastOp::create(b, loc, intType, shifted);
    exponent = arith::ShLIOp::create(
        b, loc, exponent, constant(b, loc, intType, b.getI32IntegerAttr(23)));
    Value scaled = arith::AddIOp::create(b, loc, bits, exponent);
    return arith::BitcastOp::create(b, loc, x.getType(), scaled);
  }

  /// AVX-512 scales by 2^n in one instruction, to 0 on underflow; it gives 0
  /// for n = -inf even where the fraction is NaN, as -inf - -inf is.
  static Value expandWithScaleF(Value x, OpBuilder &b) {
    Location loc = x.getLoc();
    Value integer = math::RoundEvenOp::create(b, loc, x);
    Value fraction = arith::SubFOp::create(b, loc, x, integer);
    Value power = powerOfFraction(fraction, b);
    Value allLanes = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr(-1));
    constexpr int currentRounding = 4;
    Value rounding =
        arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(currentRounding));
    // The op hands its operands to the intrinsic in order, which takes the
    // value, the exponent and the lanes that are masked off.
    return x86vector::MaskScaleFOp::create(b, loc, power, integer, power,
                                           allLanes, rounding);
  }

  bool useScaleF;
};

struct AttnExpandMath : attn::impl::AttnExpandMathBase<AttnExpandMath> {
  using AttnExpandMathBase::AttnExpandMathBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp2>(&getContext(), scaleF);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
