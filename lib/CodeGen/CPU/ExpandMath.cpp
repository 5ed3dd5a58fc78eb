//===- ExpandMath.cpp - Expand approximate math to polynomials ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNEXPANDMATH
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

static Value constant(OpBuilder &b, Location loc, Type type, Attribute value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(vector, value));
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(value));
}

static Value real(OpBuilder &b, Value like, float x) {
  return constant(b, like.getLoc(), like.getType(), b.getF32FloatAttr(x));
}

/// i32 of the shape of `x`.
static Type getBitsType(OpBuilder &b, Value x) {
  Type type = b.getI32Type();
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    return vector.clone(type);
  return type;
}

static bool allowsApproximation(arith::FastMathFlags flags, Type type) {
  return arith::bitEnumContainsAll(flags, arith::FastMathFlags::afn) &&
         getElementTypeOrSelf(type).isF32();
}

/// The larger of x and `bound`; NaN stays NaN.
static Value clampBelow(OpBuilder &b, Value x, float bound) {
  Location loc = x.getLoc();
  Value limit = real(b, x, bound);
  Value isBelow =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, limit);
  return arith::SelectOp::create(b, loc, isBelow, limit, x);
}

namespace {

/// x as the nearest integer and what is left, in [-1/2, 1/2]. The low bits of
/// `shifted` are the integer's.
struct Split {
  Value shifted, integer, fraction;
};

} // namespace

/// Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
static Split splitAtInteger(OpBuilder &b, Value x) {
  Location loc = x.getLoc();
  Value shifter = real(b, x, 0x1.8p23f);
  Value shifted = arith::AddFOp::create(b, loc, x, shifter);
  Value integer = arith::SubFOp::create(b, loc, shifted, shifter);
  return {shifted, integer, arith::SubFOp::create(b, loc, x, integer)};
}

/// Adds the integer in the low bits of `shifted` to the exponent of `x`.
static Value addToExponent(OpBuilder &b, Value x, Value shifted) {
  Location loc = x.getLoc();
  Type type = getBitsType(b, x);
  Value bits = arith::BitcastOp::create(b, loc, type, x);
  Value exponent = arith::BitcastOp::create(b, loc, type, shifted);
  exponent = arith::ShLIOp::create(
      b, loc, exponent, constant(b, loc, type, b.getI32IntegerAttr(23)));
  Value scaled = arith::AddIOp::create(b, loc, bits, exponent);
  return arith::BitcastOp::create(b, loc, x.getType(), scaled);
}

/// One instruction where the target has it, never a call.
static Value multiplyAdd(OpBuilder &b, Value x, Value y, Value z) {
  constexpr auto contract = arith::FastMathFlags::contract;
  Value product = arith::MulFOp::create(b, x.getLoc(), x, y, contract);
  return arith::AddFOp::create(b, x.getLoc(), product, z, contract);
}

/// The polynomial with these coefficients, the highest first.
static Value evaluate(OpBuilder &b, Value x, ArrayRef<float> coefficients) {
  Value value = real(b, x, coefficients.front());
  for (float coefficient : coefficients.drop_front())
    value = multiplyAdd(b, value, x, real(b, x, coefficient));
  return value;
}

namespace {

/// 2^x = 2^n · 2^f with n the nearest integer to x and f in [-1/2, 1/2].
struct ExpandExp2 : OpRewritePattern<math::Exp2Op> {
  ExpandExp2(MLIRContext *context, bool useScaleF)
      : OpRewritePattern(context), useScaleF(useScaleF) {}

  LogicalResult matchAndRewrite(math::Exp2Op op,
                                PatternRewriter &b) const override {
    if (!allowsApproximation(op.getFastmath(), op.getType()))
      return failure();
    auto vector = dyn_cast<VectorType>(op.getType());
    bool isScaleFVector = vector && vector.getShape() == ArrayRef<int64_t>{16};
    b.replaceOp(op, useScaleF && isScaleFVector
                        ? expandWithScaleF(op.getOperand(), b)
                        : expandWithBits(op.getOperand(), b));
    return success();
  }

private:
  /// Minimax for the relative error on [-1/2, 1/2], with p(0) = 1.
  static Value powerOfFraction(Value fraction, OpBuilder &b) {
    static constexpr float coefficients[] = {1.326472731e-03f, 9.671512991e-03f,
                                             5.550733581e-02f, 2.402224243e-01f,
                                             6.931470037e-01f, 1.0f};
    return evaluate(b, fraction, coefficients);
  }

  /// Adds n to the exponent's bits. At -127 the fraction is 0, the polynomial
  /// exactly 1, and the exponent cancels its bits to +0. A NaN fails the
  /// comparison and stays.
  static Value expandWithBits(Value x, OpBuilder &b) {
    Split split = splitAtInteger(b, clampBelow(b, x, -127.0f));
    return addToExponent(b, powerOfFraction(split.fraction, b), split.shifted);
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

/// tanh |x| = -em1 / (2 + em1), em1 = 2^y - 1, y = -2 log2(e) |x|.
///
/// With u = 2^-24, to first order: y has the roundings of its constant and of a
/// product, 1.3 u, by which em1 changes relatively no more. 2^f - 1 is f times
/// a polynomial: 2.5 u for its distance from the minimax (0.4), its additions
/// and the product. em1 = 2^n (2^f - 1) + (2^n - 1) is that alone for n = 0;
/// for n < 0 the first term is smaller than em1 and the sum rounds once more.
/// The quotient amplifies by 2 / (2 + em1), which is 1.2 for n = 0 and nears 2
/// only where em1 is -1 up to its rounding; it rounds twice. The largest sum,
/// at y = -1/2, is 1.2 (1.1 + 1.7 + 1) u + 2 u < 7 u.
struct ExpandTanh : OpRewritePattern<math::TanhOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &b) const override {
    if (!allowsApproximation(op.getFastmath(), op.getType()))
      return failure();
    // Minimax for the relative error of (2^f - 1) / f on [-1/2, 1/2].
    static constexpr float coefficients[] = {
        1.540352241e-04f, 1.339073526e-03f, 9.618237615e-03f,
        5.550357327e-02f, 2.402264923e-01f, 6.931471825e-01f};
    Location loc = op.getLoc();
    Value x = op.getOperand();
    Value one = real(b, x, 1.0f), two = real(b, x, 2.0f);
    Value y = arith::MulFOp::create(b, loc, math::AbsFOp::create(b, loc, x),
                                    real(b, x, -2.88539008f));
    // 2^-30 - 1 rounds to -1.
    Split split = splitAtInteger(b, clampBelow(b, y, -30.0f));
    Value small = arith::MulFOp::create(
        b, loc, evaluate(b, split.fraction, coefficients), split.fraction);
    Value power = addToExponent(b, one, split.shifted);
    Value rest = arith::SubFOp::create(b, loc, power, one);
    Value em1 = multiplyAdd(b, power, small, rest);
    Value ratio = arith::DivFOp::create(
        b, loc, em1, arith::AddFOp::create(b, loc, em1, two));
    b.replaceOpWithNewOp<math::CopySignOp>(op, ratio, x);
    return success();
  }
};

/// |x| in a comparison; ordered ones are false of NaN.
static Value compareMagnitude(OpBuilder &b, arith::CmpFPredicate predicate,
                              Value x, const llvm::APFloat &bound) {
  Location loc = x.getLoc();
  Value limit =
      constant(b, loc, x.getType(),
               FloatAttr::get(getElementTypeOrSelf(x.getType()), bound));
  Value magnitude = math::AbsFOp::create(b, loc, x);
  return arith::CmpFOp::create(b, loc, predicate, magnitude, limit);
}

static const llvm::fltSemantics &getSemantics(Value x) {
  return cast<FloatType>(getElementTypeOrSelf(x.getType())).getFloatSemantics();
}

struct ExpandIsInf : OpRewritePattern<math::IsInfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::IsInfOp op,
                                PatternRewriter &b) const override {
    Value x = op.getOperand();
    b.replaceOp(op, compareMagnitude(b, arith::CmpFPredicate::OEQ, x,
                                     llvm::APFloat::getInf(getSemantics(x))));
    return success();
  }
};

struct ExpandIsNormal : OpRewritePattern<math::IsNormalOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::IsNormalOp op,
                                PatternRewriter &b) const override {
    Value x = op.getOperand();
    const llvm::fltSemantics &semantics = getSemantics(x);
    Value isLarge =
        compareMagnitude(b, arith::CmpFPredicate::OGE, x,
                         llvm::APFloat::getSmallestNormalized(semantics));
    Value isFinite = compareMagnitude(b, arith::CmpFPredicate::OLT, x,
                                      llvm::APFloat::getInf(semantics));
    b.replaceOpWithNewOp<arith::AndIOp>(op, isLarge, isFinite);
    return success();
  }
};

struct AttnExpandMath : attn::impl::AttnExpandMathBase<AttnExpandMath> {
  using AttnExpandMathBase::AttnExpandMathBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp2>(&getContext(), scaleF);
    patterns.add<ExpandTanh, ExpandIsInf, ExpandIsNormal>(&getContext());
    math::populateExpansionPatterns(patterns, {"clampf"});
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
