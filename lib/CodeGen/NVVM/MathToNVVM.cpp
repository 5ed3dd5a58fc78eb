//===- MathToNVVM.cpp - Mathematics by NVIDIA's instructions --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNMATHTONVVM
#include "attn/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

/// Operations by the intrinsics of LLVM that mean the same, on any type, and
/// that the back end has exact code for. Not by the LLVM dialect's operations:
/// `convert-gpu-to-nvvm` takes those for calls of libdevice.
static StringRef getExactIntrinsic(Operation *op) {
  return TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::AbsFOp) { return "llvm.fabs"; })
      .Case([](math::CeilOp) { return "llvm.ceil"; })
      .Case([](math::CopySignOp) { return "llvm.copysign"; })
      .Case([](math::FloorOp) { return "llvm.floor"; })
      .Case([](math::FmaOp) { return "llvm.fma"; })
      .Case([](math::RoundOp) { return "llvm.round"; })
      .Case([](math::RoundEvenOp) { return "llvm.roundeven"; })
      .Case([](math::TruncOp) { return "llvm.trunc"; })
      .Case([](arith::MaxNumFOp) { return "llvm.maxnum"; })
      .Case([](arith::MinNumFOp) { return "llvm.minnum"; })
      .Default(StringRef());
}

/// Left to `convert-math-to-llvm`.
static bool isLowered(Operation *op) {
  return isa<math::AbsIOp, math::CountLeadingZerosOp,
             math::CountTrailingZerosOp, math::CtPopOp, math::IsFiniteOp,
             math::IsInfOp, math::IsNaNOp, math::IsNormalOp>(op);
}

/// The names, as upstream's patterns take them, of operations that need work.
static bool isInexactName(StringRef name) {
  static const llvm::StringSet<> exact{
      "math.absf", "math.ceil",  "math.copysign",  "math.floor",
      "math.fma",  "math.round", "math.roundeven", "math.trunc"};
  return !exact.contains(name);
}

static bool isMath(Operation *op) {
  return isa<math::MathDialect>(op->getDialect());
}

/// f32 arithmetic that may be fused.
namespace {
class F32Builder : public ImplicitLocOpBuilder {
public:
  F32Builder(Location loc, OpBuilder &b) : ImplicitLocOpBuilder(loc, b) {}

  Value real(float x) {
    return arith::ConstantOp::create(*this, getF32FloatAttr(x));
  }
  Value mul(Value x, Value y) {
    return arith::MulFOp::create(*this, x, y, arith::FastMathFlags::contract);
  }
  Value add(Value x, Value y) {
    return arith::AddFOp::create(*this, x, y, arith::FastMathFlags::contract);
  }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(*this, x, y, z);
  }
  Value call(StringRef intrinsic, Value x) {
    return LLVM::CallIntrinsicOp::create(*this, x.getType(),
                                         getStringAttr(intrinsic), x)
        .getResult(0);
  }
  Value exp2(Value x) { return call("llvm.nvvm.ex2.approx.ftz", x); }
  Value reciprocal(Value x) { return call("llvm.nvvm.rcp.approx.ftz.f", x); }

  /// 1 - 2 / (e^2x + 1): 0 and infinity of e^2x give -1 and 1 exactly.
  Value tanhByExp(Value x) {
    Value power = exp2(mul(x, real(2 * llvm::numbers::log2ef)));
    return fma(reciprocal(add(power, real(1))), real(-2), real(1));
  }
};

/// A math operation on vectors becomes one on each element. The hardware has
/// no others.
struct ScalarizeMath : RewritePattern {
  ScalarizeMath(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/4, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &b) const override {
    bool isDivision = isa<arith::DivFOp>(op) && isApproximate(op);
    if ((!isDivision &&
         (!isMath(op) || isLowered(op) || !getExactIntrinsic(op).empty())) ||
        op->getNumResults() != 1)
      return failure();
    auto type = dyn_cast<VectorType>(op->getResult(0).getType());
    if (!type || type.isScalable())
      return failure();
    Location loc = op->getLoc();
    SmallVector<SmallVector<Value>> operands;
    for (Value operand : op->getOperands())
      operands.emplace_back(
          vector::ToElementsOp::create(b, loc, operand).getResults());
    SmallVector<Value> elements;
    for (int64_t i = 0, end = type.getNumElements(); i != end; ++i) {
      auto at = llvm::map_to_vector(
          operands, [i](ArrayRef<Value> values) { return values[i]; });
      Operation *element =
          b.create(loc, op->getName().getIdentifier(), at,
                   TypeRange{type.getElementType()}, op->getAttrs());
      elements.push_back(element->getResult(0));
    }
    b.replaceOpWithNewOp<vector::FromElementsOp>(op, type, elements);
    return success();
  }

  static bool isApproximate(Operation *op) {
    auto interface = dyn_cast<arith::ArithFastMathInterface>(op);
    return interface && arith::bitEnumContainsAll(
                            interface.getFastMathFlagsAttr().getValue(),
                            arith::FastMathFlags::afn);
  }
};

/// What an f32 operation becomes, with or without `afn`.
template <typename Op> struct LowerF32 : OpRewritePattern<Op> {
  using Lowering = Value (*)(Op op, F32Builder &b);
  LowerF32(MLIRContext *context, bool approximate, Lowering lowering)
      : OpRewritePattern<Op>(context, /*benefit=*/3), approximate(approximate),
        lowering(lowering) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const final {
    if (!op.getType().isF32() ||
        ScalarizeMath::isApproximate(op) != approximate)
      return failure();
    F32Builder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, lowering(op, b));
    return success();
  }

  bool approximate;
  Lowering lowering;
};

struct LowerExact : RewritePattern {
  LowerExact(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/4, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &b) const override {
    StringRef name = getExactIntrinsic(op);
    if (name.empty())
      return failure();
    b.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(op, op->getResult(0).getType(),
                                                b.getStringAttr(name),
                                                op->getOperands());
    return success();
  }
};

} // namespace

template <typename Op>
static void addApproximate(RewritePatternSet &patterns,
                           typename LowerF32<Op>::Lowering lowering) {
  patterns.add<LowerF32<Op>>(patterns.getContext(), true, lowering);
}

template <typename Op>
static void addPrecise(RewritePatternSet &patterns,
                       typename LowerF32<Op>::Lowering lowering) {
  patterns.add<LowerF32<Op>>(patterns.getContext(), false, lowering);
}

static Value lowerLog10(math::Log10Op op, F32Builder &b) {
  Value log = math::LogOp::create(b, op.getOperand(), op.getFastmath());
  return b.mul(log, b.real(llvm::numbers::log10ef));
}

static void populateApproximate(RewritePatternSet &patterns) {
  addApproximate<math::Exp2Op>(patterns, [](math::Exp2Op op, F32Builder &b) {
    return b.exp2(op.getOperand());
  });
  addApproximate<math::ExpOp>(patterns, [](math::ExpOp op, F32Builder &b) {
    return b.exp2(b.mul(op.getOperand(), b.real(llvm::numbers::log2ef)));
  });
  addApproximate<math::Log2Op>(patterns, [](math::Log2Op op, F32Builder &b) {
    return b.call("llvm.nvvm.lg2.approx.ftz.f", op.getOperand());
  });
  addApproximate<math::LogOp>(patterns, [](math::LogOp op, F32Builder &b) {
    return b.mul(b.call("llvm.nvvm.lg2.approx.ftz.f", op.getOperand()),
                 b.real(llvm::numbers::ln2f));
  });
  addApproximate<math::SqrtOp>(patterns, [](math::SqrtOp op, F32Builder &b) {
    return b.call("llvm.nvvm.sqrt.approx.ftz.f", op.getOperand());
  });
  addApproximate<math::RsqrtOp>(patterns, [](math::RsqrtOp op, F32Builder &b) {
    return b.call("llvm.nvvm.rsqrt.approx.ftz.f", op.getOperand());
  });
  addApproximate<math::SinOp>(patterns, [](math::SinOp op, F32Builder &b) {
    return b.call("llvm.nvvm.sin.approx.ftz.f", op.getOperand());
  });
  addApproximate<math::CosOp>(patterns, [](math::CosOp op, F32Builder &b) {
    return b.call("llvm.nvvm.cos.approx.ftz.f", op.getOperand());
  });
  addApproximate<math::TanhOp>(patterns, [](math::TanhOp op, F32Builder &b) {
    return b.tanhByExp(op.getOperand());
  });
  addApproximate<math::Log10Op>(patterns, lowerLog10);
  addApproximate<arith::DivFOp>(patterns, [](arith::DivFOp op, F32Builder &b) {
    return b.mul(op.getLhs(), b.reciprocal(op.getRhs()));
  });
}

/// e^x = 2^h (1 + l ln 2), where h + l = x log2(e) in twice the precision.
static Value lowerExp(math::ExpOp op, F32Builder &b) {
  Value x = op.getOperand();
  // log2(e) less its nearest f32.
  constexpr float rest = 1.92596299e-8f;
  Value log2e = b.real(llvm::numbers::log2ef);
  Value high = arith::MulFOp::create(b, x, log2e);
  // High's rounding error; not a number where high is infinite.
  Value low = b.fma(x, log2e, arith::NegFOp::create(b, high));
  low = b.fma(x, b.real(rest), low);
  // Without .ftz: a subnormal result is one.
  Value power = math::Exp2Op::create(b, high);
  Value correction = b.mul(low, b.real(llvm::numbers::ln2f));
  Value refined = b.fma(power, correction, power);
  // -256 < h < 128: beyond, the power is 0 or infinite and so is the result.
  Value distance = math::AbsFOp::create(b, b.add(high, b.real(64)));
  Value isFinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, distance,
                                         b.real(192));
  return arith::SelectOp::create(b, isFinite, refined, power);
}

/// tanh by its exponential, and near 0, where that would cancel, by a
/// polynomial: x + x^3 p(x^2), minimax for the relative error on |x| < 0.5625.
static Value lowerTanh(math::TanhOp op, F32Builder &b) {
  static constexpr float coefficients[] = {1.623291840e-02f, -5.256511943e-02f,
                                           1.331907923e-01f, -3.333287637e-01f};
  Value x = op.getOperand();
  Value square = b.mul(x, x);
  Value p = b.real(coefficients[0]);
  for (float coefficient : llvm::drop_begin(coefficients))
    p = b.fma(p, square, b.real(coefficient));
  Value small = b.fma(b.mul(x, square), p, x);
  Value isSmall =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                            math::AbsFOp::create(b, x), b.real(0.5625f));
  return arith::SelectOp::create(b, isSmall, small, b.tanhByExp(x));
}

static void populatePrecise(RewritePatternSet &patterns) {
  // LLVM selects ex2.approx for it, whose 2 ulp are as good as CUDA's exp2f.
  addPrecise<math::Exp2Op>(patterns, [](math::Exp2Op op, F32Builder &b) {
    return b.call("llvm.nvvm.ex2.approx", op.getOperand());
  });
  addPrecise<math::ExpOp>(patterns, lowerExp);
  addPrecise<math::TanhOp>(patterns, lowerTanh);
  // LLVM selects sqrt.rn for it.
  addPrecise<math::SqrtOp>(patterns, [](math::SqrtOp op, F32Builder &b) {
    return b.call("llvm.sqrt", op.getOperand());
  });
  addPrecise<math::RsqrtOp>(patterns, [](math::RsqrtOp op, F32Builder &b) {
    Value root = b.call("llvm.sqrt", op.getOperand());
    return Value(arith::DivFOp::create(b, b.real(1), root));
  });
  addPrecise<math::Log10Op>(patterns, lowerLog10);
}

namespace {
struct AttnMathToNVVM : attn::impl::AttnMathToNVVMBase<AttnMathToNVVM> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerExact, ScalarizeMath>(&getContext());
    populateApproximate(patterns);
    populatePrecise(patterns);
    populateMathF32ExpansionPatterns(patterns, isInexactName, /*benefit=*/2);
    populateMathPolynomialApproximationPatterns(patterns, isInexactName);
    math::populateExpansionPatterns(patterns, {"sinh", "cosh", "tan", "asinh",
                                               "acosh", "atanh", "fpowi",
                                               "ipowi", "powf", "clampf"});
    GreedyRewriteConfig config;
    config.enableFolding(false).enableConstantCSE(false);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    WalkResult result = getOperation().walk([](Operation *op) {
      if ((!isMath(op) && !isa<arith::RemFOp>(op)) || isLowered(op))
        return WalkResult::advance();
      InFlightDiagnostic diagnostic =
          op->emitError() << "no code for NVIDIA GPUs without a library for '"
                          << op->getName() << "' on ";
      llvm::interleaveComma(op->getOperandTypes(), diagnostic);
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
