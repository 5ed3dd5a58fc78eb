//===- NarrowPositions.cpp - Positions as integers of 32 bits -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPUNARROWPOSITIONS
#include "attn/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using dataflow::IntegerValueRangeLattice;

static constexpr unsigned kIndexBits = IndexType::kInternalStorageBitWidth;

static ConstantIntRanges getRange(int64_t least, int64_t most) {
  return ConstantIntRanges::fromSigned(
      APInt(kIndexBits, least, /*isSigned=*/true),
      APInt(kIndexBits, most, /*isSigned=*/true));
}

/// Whether an operation gives another result in 32 bits, though these hold its
/// operands and its result: upstream's patterns ask for no more than that.
static bool
dependsOnWidth(Operation *op,
               ArrayRef<const IntegerValueRangeLattice *> operands) {
  auto may = [](const IntegerValueRangeLattice *operand, auto isTrue) {
    return !operand->getValue().isUninitialized() &&
           isTrue(operand->getValue().getValue());
  };
  // A negative number is 2^32 or 2^64 less than what it is taken for.
  if (isa<arith::RemUIOp>(op))
    return llvm::any_of(operands, [&](const auto *operand) {
      return may(operand, [](const ConstantIntRanges &range) {
        return range.smin().isNegative();
      });
    });
  return isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op) &&
         may(operands[1], [](const ConstantIntRanges &range) {
           return range.umax().uge(32);
         });
}

/// Whether values are beyond signed integers of 32 bits, if not beyond unsigned
/// ones.
static bool needsUnsigned(const ConstantIntRanges &range) {
  constexpr unsigned kBits = 32;
  return range.smin().getBitWidth() > kBits &&
         !(range.smin().isSignedIntN(kBits) &&
           range.smax().isSignedIntN(kBits)) &&
         range.umax().isIntN(kBits);
}

namespace {

/// Integer ranges, with those of positions in a tile and of some sizes.
class PositionRanges : public dataflow::IntegerRangeAnalysis {
public:
  PositionRanges(DataFlowSolver &solver, const SetVector<Operation *> &sizes)
      : IntegerRangeAnalysis(solver), sizes(sizes) {}

  LogicalResult
  visitOperation(Operation *op,
                 ArrayRef<const IntegerValueRangeLattice *> operands,
                 ArrayRef<IntegerValueRangeLattice *> results) override {
    if (dependsOnWidth(op, operands)) {
      setAllToEntryStates(results);
      return success();
    }
    if (sizes.contains(op)) {
      set(results.front(), getRange(0, kMaxSeqlen));
      return success();
    }
    if (failed(IntegerRangeAnalysis::visitOperation(op, operands, results)))
      return failure();
    forgetUnsigned(results);
    return success();
  }

  void
  visitNonControlFlowArguments(Operation *op, const RegionSuccessor &successor,
                               ArrayRef<IntegerValueRangeLattice *> lattices,
                               unsigned firstIndex) override {
    if (auto map = dyn_cast<MapOp>(op))
      visitMap(map, lattices);
    else if (auto launch = dyn_cast<gpu::LaunchOp>(op))
      visitLaunch(launch, lattices);
    else
      IntegerRangeAnalysis::visitNonControlFlowArguments(op, successor,
                                                         lattices, firstIndex);
    forgetUnsigned(lattices);
  }

private:
  /// Upstream narrows what fits 32 bits without a sign, too, and leaves
  /// operations that then read one: nothing is said of such values.
  void forgetUnsigned(ArrayRef<IntegerValueRangeLattice *> lattices) {
    for (IntegerValueRangeLattice *lattice : lattices)
      if (!lattice->getValue().isUninitialized() &&
          needsUnsigned(lattice->getValue().getValue()))
        setToEntryState(lattice);
  }

  void visitMap(MapOp map, ArrayRef<IntegerValueRangeLattice *> lattices) {
    ArrayRef<int64_t> shape = map.getResult().getType().getShape();
    size_t inputs = map.getInputs().size();
    for (auto [i, lattice] : llvm::enumerate(lattices)) {
      if (i < inputs)
        setToEntryState(lattice);
      else
        set(lattice, getRange(0, shape[i - inputs] - 1));
    }
  }

  /// Upstream asks for the unsigned range of the grid, which what ceildiv
  /// expands to has none of. Nothing runs for a size that is negative.
  void visitLaunch(gpu::LaunchOp launch,
                   ArrayRef<IntegerValueRangeLattice *> lattices) {
    gpu::KernelDim3 grid = launch.getGridSizeOperandValues(),
                    block = launch.getBlockSizeOperandValues();
    Value sizes[] = {grid.x, grid.y, grid.z, block.x, block.y, block.z};
    // Ids, then sizes.
    for (auto [i, lattice] : llvm::enumerate(lattices)) {
      if (i >= 2 * std::size(sizes)) {
        setToEntryState(lattice);
        continue;
      }
      bool isSize = i >= std::size(sizes);
      auto *size = getLatticeElementFor(getProgramPointAfter(launch),
                                        sizes[i % std::size(sizes)]);
      if (size->getValue().isUninitialized())
        continue;
      int64_t most = size->getValue().getValue().smax().getSExtValue();
      set(lattice, getRange(isSize, std::max<int64_t>(most - !isSize, isSize)));
    }
  }

  void set(IntegerValueRangeLattice *lattice, const ConstantIntRanges &range) {
    propagateIfChanged(lattice, lattice->join(IntegerValueRange(range)));
  }

  const SetVector<Operation *> &sizes;
};

/// Forgets what is erased, whose address another may get.
class SolverListener : public RewriterBase::Listener {
public:
  explicit SolverListener(DataFlowSolver &solver) : solver(solver) {}
  void notifyOperationErased(Operation *op) override {
    solver.eraseState(solver.getProgramPointAfter(op));
    for (Value result : op->getResults())
      solver.eraseState(result);
  }

private:
  DataFlowSolver &solver;
};

/// Narrows what one kernel computes of positions.
class Narrower {
public:
  Narrower(gpu::LaunchOp launch, DataFlowSolver &solver)
      : launch(launch), solver(solver) {}

  LogicalResult run();

private:
  std::optional<ConstantIntRanges> lookUp(Value value);
  void subtract(arith::CmpIOp compare);
  void markAsPosition(Operation *op);

  gpu::LaunchOp launch;
  DataFlowSolver &solver;
};

} // namespace

std::optional<ConstantIntRanges> Narrower::lookUp(Value value) {
  auto *state = solver.lookupState<IntegerValueRangeLattice>(value);
  if (!state || state->getValue().isUninitialized())
    return std::nullopt;
  return state->getValue().getValue();
}

/// Whether values are integers of 32 bits with room for the size of a tile:
/// attn.map says what for.
static bool isPosition(const APInt &least, const APInt &most) {
  APInt room(kIndexBits, int64_t(INT32_MAX) - kMaxTileSize);
  return least.sge(-room) && most.sle(room);
}

/// A compare of two positions as one of their difference with 0: in a thread
/// all but a constant of the difference is the same for many registers.
void Narrower::subtract(arith::CmpIOp compare) {
  using arith::CmpIPredicate;
  bool isSigned = llvm::is_contained({CmpIPredicate::eq, CmpIPredicate::ne,
                                      CmpIPredicate::slt, CmpIPredicate::sle,
                                      CmpIPredicate::sgt, CmpIPredicate::sge},
                                     compare.getPredicate());
  if (!isSigned || !compare.getLhs().getType().isIndex() ||
      matchPattern(compare.getRhs(), m_Constant()))
    return;
  std::optional<ConstantIntRanges> lhs = lookUp(compare.getLhs()),
                                   rhs = lookUp(compare.getRhs());
  if (!lhs || !rhs || !isPosition(lhs->smin(), lhs->smax()) ||
      !isPosition(rhs->smin(), rhs->smax()))
    return;
  APInt least = lhs->smin() - rhs->smax(), most = lhs->smax() - rhs->smin();
  if (!isPosition(least, most))
    return;
  OpBuilder b(compare);
  auto difference = arith::SubIOp::create(b, compare.getLoc(), compare.getLhs(),
                                          compare.getRhs());
  auto zero = arith::ConstantIndexOp::create(b, compare.getLoc(), 0);
  auto set = [&](Value value, const ConstantIntRanges &range) {
    (void)solver.getOrCreateState<IntegerValueRangeLattice>(value)->join(
        IntegerValueRange(range));
  };
  set(difference, ConstantIntRanges::fromSigned(least, most));
  set(zero, getRange(0, 0));
  compare.getLhsMutable().assign(difference);
  compare.getRhsMutable().assign(zero);
}

/// Flags sums of positions, which leave room, and no others: what a region
/// promises of its own sums is less.
void Narrower::markAsPosition(Operation *op) {
  auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  if (!flags || !isa<arith::AddIOp, arith::SubIOp>(op) ||
      !(op->getResult(0).getType().isIndex() ||
        op->getResult(0).getType().isInteger(32)))
    return;
  std::optional<ConstantIntRanges> range = lookUp(op->getResult(0));
  auto overflow = range && isPosition(range->smin().sext(kIndexBits),
                                      range->smax().sext(kIndexBits))
                      ? arith::IntegerOverflowFlags::nsw
                      : arith::IntegerOverflowFlags::none;
  op->setAttr(flags.getIntegerOverflowAttrName(),
              arith::IntegerOverflowFlagsAttr::get(op->getContext(), overflow));
}

/// `i32 -> index -> i32` is nothing, however it extends.
static void dropCasts(gpu::LaunchOp launch) {
  auto getSource = [](Operation *op) -> Value {
    return isa_and_nonnull<arith::IndexCastOp, arith::IndexCastUIOp>(op)
               ? op->getOperand(0)
               : Value();
  };
  launch.walk([&](Operation *op) {
    Value inner = getSource(op);
    Value outer = inner ? getSource(inner.getDefiningOp()) : Value();
    if (outer && inner.getType().isIndex() &&
        outer.getType() == op->getResult(0).getType())
      op->getResult(0).replaceAllUsesWith(outer);
  });
}

LogicalResult Narrower::run() {
  launch.walk([&](MapOp map) {
    map.walk([&](arith::CmpIOp compare) { subtract(compare); });
    map.walk([&](Operation *op) { markAsPosition(op); });
  });
  SolverListener listener(solver);
  RewritePatternSet patterns(launch.getContext());
  arith::populateIntRangeNarrowingPatterns(patterns, solver, {32});
  // From users to what they use, so that ranges are asked for before the values
  // that have them are replaced; a folded constant would have none.
  GreedyRewriteConfig config;
  config.setUseTopDownTraversal(false).enableFolding(false).setListener(
      &listener);
  if (failed(
          applyPatternsGreedily(launch.getBody(), std::move(patterns), config)))
    return failure();
  dropCasts(launch);
  return success();
}

/// The sizes around kernels that their values derive from.
static SetVector<Operation *> findSizes(ArrayRef<gpu::LaunchOp> launches) {
  SetVector<Operation *> slice, sizes;
  for (gpu::LaunchOp launch : launches) {
    SetVector<Value> values;
    getUsedValuesDefinedAbove(launch.getBody(), values);
    values.insert(launch->operand_begin(), launch->operand_end());
    BackwardSliceOptions options;
    options.inclusive = true;
    options.omitBlockArguments = true;
    for (Value value : values)
      (void)getBackwardSlice(value, &slice, options);
  }
  for (Operation *op : slice)
    if (isa<memref::DimOp>(op))
      sizes.insert(op);
  return sizes;
}

/// Holds a program to what the analysis takes for granted.
static void assertIsSmall(Operation *size) {
  OpBuilder b(size->getContext());
  b.setInsertionPointAfter(size);
  Location loc = size->getLoc();
  Value most = arith::ConstantIndexOp::create(b, loc, kMaxSeqlen);
  Value isSmall = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule,
                                        size->getResult(0), most);
  cf::AssertOp::create(b, loc, isSmall,
                       "'attn.sdpa' op has a dimension of more than " +
                           std::to_string(kMaxSeqlen) + ", the most on a GPU");
}

namespace {
struct AttnGPUNarrowPositions
    : attn::impl::AttnGPUNarrowPositionsBase<AttnGPUNarrowPositions> {
  void runOnOperation() override {
    SmallVector<gpu::LaunchOp> launches;
    getOperation()->walk([&](gpu::LaunchOp launch) {
      if (launch->hasAttr(kKernelAttr))
        launches.push_back(launch);
    });
    if (launches.empty())
      return;
    DataFlowSolver solver;
    dataflow::loadBaselineAnalyses(solver);
    SetVector<Operation *> sizes = findSizes(launches);
    solver.load<PositionRanges>(sizes);
    if (failed(solver.initializeAndRun(getOperation())))
      return signalPassFailure();
    for (gpu::LaunchOp launch : launches)
      if (failed(Narrower(launch, solver).run()))
        return signalPassFailure();
    for (Operation *size : sizes)
      assertIsSmall(size);
  }
};
} // namespace
