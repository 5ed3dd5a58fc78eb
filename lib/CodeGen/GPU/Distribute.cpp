//===- Distribute.cpp - A workgroup's vectors over its threads ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Distributor.h"
#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/Utils/VectorUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPUDISTRIBUTE
#include "attn/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

//===--- Fragments --------------------------------------------------------===//

bool Fragment::exists(int64_t value) const {
  uint32_t position = layout.getPosition(value * packing, 0, 0);
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    if (layout.getCoordinate(position, dim) >= size)
      return false;
  return true;
}

Value Distributor::zeroOf(Type type) {
  return arith::ConstantOp::create(b, launch.getLoc(), b.getZeroAttr(type));
}

Value Distributor::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, launch.getLoc(), value);
}

FailureOr<Fragment> Distributor::create(Value value, Operation *op) {
  Fragment fragment;
  fragment.type = cast<VectorType>(value.getType());
  const LinearLayout *layout = layouts.get(value);
  if (!layout)
    return op->emitOpError() << "has a value of type " << fragment.type
                             << " that no product or access to memory gives a "
                                "layout";
  fragment.layout = *layout;
  // Two adjacent 16-bit elements share a register.
  const auto &registers = layout->getBases(LinearLayout::Input::Register);
  if (fragment.type.getElementTypeBitWidth() == 16 && !registers.empty() &&
      registers.front() == 1)
    fragment.packing = 2;
  fragment.values.resize(fragment.getNumValues());
  return fragment;
}

Fragment Distributor::get(Value value, const Fragment &like) {
  auto known = fragments.find(value);
  if (known != fragments.end())
    return known->second;
  // A splat: the scalar, in every register.
  Fragment fragment = like;
  fragment.type =
      VectorType::get(fragment.type.getShape(),
                      cast<VectorType>(value.getType()).getElementType());
  Value scalar = getSplatScalar(value);
  DenseElementsAttr attr;
  if (!scalar && matchPattern(value, m_Constant(&attr)) && attr.isSplat())
    scalar = arith::ConstantOp::create(b, value.getLoc(),
                                       attr.getSplatValue<TypedAttr>());
  assert(scalar && "a value that was not distributed");
  if (fragment.packing > 1)
    scalar = vector::BroadcastOp::create(b, value.getLoc(),
                                         fragment.getValueType(), scalar);
  for (auto [i, element] : llvm::enumerate(fragment.values))
    element = fragment.exists(i) ? scalar : Value();
  return fragment;
}

//===--- Elementwise ------------------------------------------------------===//

LogicalResult Distributor::distributeElementwise(Operation *op) {
  FailureOr<Fragment> result = create(op->getResult(0), op);
  if (failed(result))
    return failure();
  SmallVector<Fragment, 0> operands;
  for (Value operand : op->getOperands())
    operands.push_back(get(operand, *result));
  for (auto [i, value] : llvm::enumerate(result->values)) {
    if (!result->exists(i))
      continue;
    OperationState state(op->getLoc(), op->getName());
    for (Fragment &operand : operands) {
      if (operand.packing != result->packing)
        return op->emitOpError("mixes 16-bit and 32-bit elements");
      state.operands.push_back(operand.values[i]);
    }
    state.types.push_back(result->getValueType());
    state.attributes = op->getAttrs();
    value = b.create(state)->getResult(0);
  }
  fragments[op->getResult(0)] = *result;
  return success();
}

/// Pairs of f32 become one register of two 16-bit elements. Where elements do
/// not lie in pairs, as rows of odd length have them, each is by itself.
LogicalResult Distributor::distributeTruncation(Operation *op) {
  FailureOr<Fragment> result = create(op->getResult(0), op);
  if (failed(result))
    return failure();
  Fragment source = get(op->getOperand(0), *result);
  if (source.packing != 1)
    return op->emitOpError("rounds elements of 16 bits");
  Location loc = op->getLoc();
  auto pairType = VectorType::get(2, source.type.getElementType());
  for (auto [i, value] : llvm::enumerate(result->values)) {
    if (!result->exists(i))
      continue;
    Value wide = source.values[i * result->packing];
    if (result->packing == 2)
      wide = vector::FromElementsOp::create(
          b, loc, pairType, ValueRange{wide, source.values[2 * i + 1]});
    value = arith::TruncFOp::create(b, loc, result->getValueType(), wide);
  }
  fragments[op->getResult(0)] = *result;
  return success();
}

//===--- Reductions and changes of shape ----------------------------------===//

/// What `count` equal elements reduce to; null for a kind that tiles have not.
static Value reduceEqual(OpBuilder &b, Location loc, vector::CombiningKind kind,
                         Value element, int64_t count) {
  using vector::CombiningKind;
  if (llvm::is_contained({CombiningKind::MAXIMUMF, CombiningKind::MAXNUMF,
                          CombiningKind::MINIMUMF, CombiningKind::MINNUMF},
                         kind))
    return element;
  if (kind != CombiningKind::ADD || !isa<FloatType>(element.getType()))
    return {};
  Value factor = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(element.getType(), double(count)));
  return arith::MulFOp::create(b, loc, element, factor);
}

/// A splat has no layout: each thread reduces it alone. The sums of a tile that
/// a mask leaves nothing of are one.
LogicalResult
Distributor::distributeReductionOfSplat(vector::MultiDimReductionOp op,
                                        Fragment result) {
  Fragment accumulator = get(op.getAcc(), result);
  Fragment source = get(op.getSource(), result);
  int64_t count =
      op.getSourceVectorType().getNumElements() / result.type.getNumElements();
  for (auto [i, value] : llvm::enumerate(result.values)) {
    if (!result.exists(i))
      continue;
    Value reduced =
        reduceEqual(b, op.getLoc(), op.getKind(), source.values[i], count);
    if (!reduced)
      return op.emitOpError("reduces a constant by ")
             << vector::stringifyCombiningKind(op.getKind())
             << ", expected a sum, maximum or minimum of floats";
    value = vector::makeArithReduction(b, op.getLoc(), op.getKind(),
                                       accumulator.values[i], reduced);
  }
  fragments[op.getResult()] = result;
  return success();
}

LogicalResult Distributor::distributeReduction(vector::MultiDimReductionOp op) {
  FailureOr<Fragment> result = create(op.getResult(), op);
  if (failed(result))
    return failure();
  if (isSplat(op.getSource()))
    return distributeReductionOfSplat(op, *result);
  Fragment accumulator = get(op.getAcc(), *result);
  const Fragment &source = fragments.find(op.getSource())->second;
  SmallVector<unsigned> laneBits;
  for (int64_t dim : op.getReductionDims()) {
    if (!source.layout.isWithinWarp(dim))
      return op.emitOpError("reduces a dimension that several warps hold");
    laneBits.append(source.layout.getLaneBits(dim));
  }

  // By result register, the source's registers in order.
  DenseMap<uint32_t, uint32_t> resultOf;
  for (uint32_t reg = 0; reg < result->layout.getNumRegisters(); ++reg)
    resultOf[result->layout.getPosition(reg, 0, 0)] = reg;
  SmallVector<SmallVector<Value>> parts(result->values.size());
  for (auto [i, value] : llvm::enumerate(source.values)) {
    if (!value)
      continue;
    SmallVector<int64_t> at =
        source.layout.getCoordinates(source.layout.getPosition(i, 0, 0));
    uint32_t position = 0;
    for (unsigned dim = 0; dim < source.layout.getRank(); ++dim)
      if (!llvm::is_contained(op.getReductionDims(), dim))
        position = position * source.layout.getShape()[dim] + at[dim];
    parts[resultOf.lookup(position)].push_back(value);
  }

  Location loc = op.getLoc();
  auto combine = [&](Value x, Value y) {
    return vector::makeArithReduction(b, loc, op.getKind(), x, y);
  };
  for (auto [i, value] : llvm::enumerate(result->values)) {
    if (!result->exists(i))
      continue;
    // The accumulator joins once the lanes have: each of them has it.
    Value partial = laneBits.empty() ? accumulator.values[i] : Value();
    for (Value part : parts[i])
      partial = partial ? combine(partial, part) : part;
    for (unsigned bit : laneBits) {
      Value other = gpu::ShuffleOp::create(b, loc, partial, 1 << bit, 32,
                                           gpu::ShuffleMode::XOR)
                        .getShuffleResult();
      partial = combine(partial, other);
    }
    value =
        laneBits.empty() ? partial : combine(accumulator.values[i], partial);
  }
  fragments[op.getResult()] = *result;
  return success();
}

/// The elements of a thread, then those of its warp.
LogicalResult Distributor::distributeAny(AnyOp op) {
  auto known = fragments.find(op.getTile());
  if (known == fragments.end())
    return op.emitOpError("asks for an element of a constant");
  Location loc = op.getLoc();
  Value any;
  for (Value value : known->second.values)
    if (value)
      any = any ? arith::OrIOp::create(b, loc, any, value).getResult() : value;
  Value lanes = arith::ConstantIntOp::create(b, loc, -1, 32);
  any = NVVM::VoteSyncOp::create(b, loc, b.getI1Type(), lanes, any,
                                 NVVM::VoteSyncKind::any);
  op.getResult().replaceAllUsesWith(any);
  return success();
}

LogicalResult Distributor::distributeBroadcast(vector::BroadcastOp op) {
  if (isSplat(op.getResult()))
    return success();
  FailureOr<Fragment> result = create(op.getResult(), op);
  if (failed(result))
    return failure();
  auto known = fragments.find(op.getSource());
  if (known == fragments.end() || result->packing != known->second.packing)
    return op.emitOpError("broadcasts a value that no thread holds");
  const Fragment &source = known->second;
  // The source has the positions of the result with 0 for what it lacks.
  DenseMap<uint32_t, Value> bySource;
  for (auto [i, value] : llvm::enumerate(source.values))
    bySource[source.layout.getPosition(i, 0, 0)] = value;
  for (auto [i, value] : llvm::enumerate(result->values)) {
    if (!result->exists(i))
      continue;
    SmallVector<int64_t> at =
        result->layout.getCoordinates(result->layout.getPosition(i, 0, 0));
    uint32_t position = 0;
    for (auto [dim, size] : llvm::enumerate(source.layout.getShape()))
      position = position * size + (size == 1 ? 0 : at[dim]);
    value = bySource.lookup(position);
  }
  fragments[op.getResult()] = *result;
  return success();
}

LogicalResult Distributor::distributeShapeCast(vector::ShapeCastOp op) {
  auto known = fragments.find(op.getSource());
  if (known == fragments.end())
    return op.emitOpError("reshapes a value that no thread holds");
  // The same elements in the same registers.
  Fragment result = known->second;
  result.type = op.getResultVectorType();
  result.layout = result.layout.reshape(getCover(result.type));
  fragments[op.getResult()] = result;
  return success();
}

//===--- Control flow -----------------------------------------------------===//

/// The registers of tiles, and scalars as they are, one after the other.
SmallVector<Value> Distributor::flatten(ValueRange values,
                                        ArrayRef<Fragment> like) {
  SmallVector<Value> flat;
  for (auto [value, fragment] : llvm::zip(values, like)) {
    if (!isTile(value)) {
      flat.push_back(value);
      continue;
    }
    for (Value element : get(value, fragment).values)
      if (element)
        flat.push_back(element);
  }
  return flat;
}

/// Takes a fragment's values from the front of a list.
static Fragment takeFragment(const Fragment &like, ValueRange &values) {
  Fragment fragment = like;
  for (int64_t i = 0, e = fragment.getNumValues(); i < e; ++i) {
    fragment.values[i] = Value();
    if (fragment.exists(i)) {
      fragment.values[i] = values.front();
      values = values.drop_front();
    }
  }
  return fragment;
}

LogicalResult Distributor::distributeFor(scf::ForOp op) {
  SmallVector<Fragment, 0> like(op.getNumResults());
  for (auto [result, fragment] : llvm::zip(op.getResults(), like)) {
    if (!isTile(result))
      continue;
    FailureOr<Fragment> created = create(result, op);
    if (failed(created))
      return failure();
    fragment = *created;
  }
  auto loop =
      scf::ForOp::create(b, op.getLoc(), op.getLowerBound(), op.getUpperBound(),
                         op.getStep(), flatten(op.getInitArgs(), like));
  positions.replaceAnchor(op, loop);
  Block *body = loop.getBody();
  if (!body->empty())
    body->getTerminator()->erase();
  body->getOperations().splice(body->end(), op.getBody()->getOperations());
  op.getInductionVar().replaceAllUsesWith(loop.getInductionVar());
  ValueRange arguments = loop.getRegionIterArgs(), results = loop.getResults();
  for (auto [oldArgument, oldResult, fragment] :
       llvm::zip(op.getRegionIterArgs(), op.getResults(), like)) {
    if (isTile(oldResult)) {
      fragments[oldArgument] = takeFragment(fragment, arguments);
      fragments[oldResult] = takeFragment(fragment, results);
      continue;
    }
    oldArgument.replaceAllUsesWith(arguments.front());
    oldResult.replaceAllUsesWith(results.front());
    arguments = arguments.drop_front();
    results = results.drop_front();
  }
  if (failed(distributeBlock(*body)))
    return failure();
  auto yield = cast<scf::YieldOp>(body->getTerminator());
  b.setInsertionPoint(yield);
  yield.getResultsMutable().assign(flatten(yield.getResults(), like));
  if (op->getParentOp() == launch.getOperation())
    positions.restartAfter(op);
  return success();
}

LogicalResult Distributor::distributeIf(scf::IfOp op) {
  SmallVector<Fragment, 0> like(op.getNumResults());
  SmallVector<Type> types;
  for (auto [result, fragment] : llvm::zip(op.getResults(), like)) {
    if (!isTile(result)) {
      types.push_back(result.getType());
      continue;
    }
    FailureOr<Fragment> created = create(result, op);
    if (failed(created))
      return failure();
    fragment = *created;
    for (int64_t i = 0, e = fragment.getNumValues(); i < e; ++i)
      if (fragment.exists(i))
        types.push_back(fragment.getValueType());
  }
  auto branch = scf::IfOp::create(b, op.getLoc(), types, op.getCondition(),
                                  /*withElseRegion=*/true);
  for (auto [from, to] : {std::pair(op.thenBlock(), branch.thenBlock()),
                          std::pair(op.elseBlock(), branch.elseBlock())}) {
    while (!to->empty())
      to->back().erase();
    to->getOperations().splice(to->end(), from->getOperations());
    if (failed(distributeBlock(*to)))
      return failure();
    auto yield = cast<scf::YieldOp>(to->getTerminator());
    b.setInsertionPoint(yield);
    yield.getResultsMutable().assign(flatten(yield.getResults(), like));
  }
  ValueRange results = branch.getResults();
  for (auto [result, fragment] : llvm::zip(op.getResults(), like)) {
    if (isTile(result)) {
      fragments[result] = takeFragment(fragment, results);
      continue;
    }
    result.replaceAllUsesWith(results.front());
    results = results.drop_front();
  }
  return success();
}

//===--- Driver -----------------------------------------------------------===//

LogicalResult Distributor::distribute(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](vector::ContractionOp nested) {
        return distributeProduct(nested);
      })
      .Case(
          [&](vector::TransferReadOp nested) { return distributeRead(nested); })
      .Case([&](vector::TransferWriteOp nested) {
        return distributeWrite(nested);
      })
      .Case([&](AsyncCopyOp nested) { return distributeCopy(nested); })
      .Case([&](vector::MultiDimReductionOp nested) {
        return distributeReduction(nested);
      })
      .Case([&](vector::BroadcastOp nested) {
        return distributeBroadcast(nested);
      })
      .Case([&](vector::ShapeCastOp nested) {
        return distributeShapeCast(nested);
      })
      .Case([&](AnyOp nested) { return distributeAny(nested); })
      .Case([&](MapOp nested) { return distributeMap(nested); })
      .Case([&](scf::ForOp nested) { return distributeFor(nested); })
      .Case([&](scf::IfOp nested) { return distributeIf(nested); })
      .Case([&](arith::ConstantOp) { return success(); })
      .Case(
          [&](arith::TruncFOp nested) { return distributeTruncation(nested); })
      .Default([&](Operation *nested) -> LogicalResult {
        if (nested->hasTrait<OpTrait::Elementwise>() &&
            nested->getNumResults() == 1)
          return distributeElementwise(nested);
        return nested->emitOpError(
            "on tiles is not known to attn-gpu-distribute");
      });
}

LogicalResult Distributor::distributeBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
    auto hasTile = [](auto range) {
      return llvm::any_of(range, llvm::IsaPred<VectorType>);
    };
    bool isTiled = hasTile(op.getOperandTypes()) ||
                   hasTile(op.getResultTypes()) || isa<AsyncCopyOp>(op);
    b.setInsertionPoint(&op);
    if (isTiled) {
      if (failed(distribute(&op)))
        return failure();
      replaced.push_back(&op);
      continue;
    }
    // A branch or loop without results may still hold some.
    for (Region &region : op.getRegions())
      for (Block &nested : region)
        if (failed(distributeBlock(nested)))
          return failure();
  }
  return success();
}

LogicalResult Distributor::run() {
  if (failed(distributeBlock(launch.getBody().front())))
    return failure();
  for (Operation *op : replaced)
    op->dropAllReferences();
  for (Operation *op : replaced)
    op->erase();
  recomputeAfterLoop();
  return success();
}

/// A value of the kernel's beginning, computed again at the builder's place
/// from block ids that are read anew; itself where that is not possible.
Value Distributor::recompute(Value value, IRMapping &recomputed) {
  if (Value known = recomputed.lookupOrNull(value))
    return known;
  Location loc = value.getLoc();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    static constexpr StringLiteral ids[] = {"ctaid.x", "ctaid.y", "ctaid.z"};
    if (argument.getOwner()->getParentOp() != launch.getOperation() ||
        argument.getArgNumber() >= std::size(ids))
      return value;
    Value id = arith::IndexCastUIOp::create(
        b, loc, b.getIndexType(),
        readAnew(b, loc, ids[argument.getArgNumber()]));
    recomputed.map(value, id);
    return id;
  }
  Operation *op = value.getDefiningOp();
  if (op->getParentOp() != launch.getOperation() || !isPure(op) ||
      op->getNumRegions() != 0 || op->hasTrait<OpTrait::ConstantLike>())
    return value;
  for (Value operand : op->getOperands())
    recompute(operand, recomputed);
  b.clone(*op, recomputed);
  return recomputed.lookup(value);
}

/// What only the end of a kernel needs of its beginning would take registers
/// throughout the loop.
void Distributor::recomputeAfterLoop() {
  scf::ForOp last;
  for (auto loop : launch.getBody().front().getOps<scf::ForOp>())
    last = loop;
  if (!last)
    return;
  SmallVector<Operation *> end;
  for (Operation *op = last->getNextNode(); op; op = op->getNextNode())
    end.push_back(op);
  b.setInsertionPointAfter(last);
  IRMapping recomputed;
  for (Operation *op : end)
    op->walk([&](Operation *nested) {
      for (OpOperand &operand : nested->getOpOperands()) {
        Operation *source = operand.get().getDefiningOp();
        if (isa<BlockArgument>(operand.get()) ||
            (source && source->getBlock() == last->getBlock() &&
             source->isBeforeInBlock(last)))
          operand.set(recompute(operand.get(), recomputed));
      }
    });
}

namespace {
struct AttnGPUDistribute
    : attn::impl::AttnGPUDistributeBase<AttnGPUDistribute> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](gpu::LaunchOp launch) {
      std::optional<int64_t> warps = getKernelWarps(launch);
      if (!warps)
        return WalkResult::advance();
      LayoutAnalysis layouts(launch, *warps);
      if (failed(layouts.run()) || failed(Distributor(launch, layouts).run()))
        return WalkResult::interrupt();
      return WalkResult::skip();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
