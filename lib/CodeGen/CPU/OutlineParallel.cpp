//===- OutlineParallel.cpp - scf.forall to thread pool calls --------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"
#include "attn/CodeGen/Kernel.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNOUTLINEPARALLEL
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

/// The runtime's entry point (runtime/cpu/ThreadPool.h).
static constexpr StringLiteral kParallelFor = "attn_parallel_for";

/// Whether a buffer allocated in a loop's body outlives the iteration.
static bool isCarriedByLoop(Value buffer) {
  SmallVector<Value> worklist{buffer};
  llvm::SmallDenseSet<Value> seen;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      if (isa<scf::YieldOp>(user)) {
        if (isa<scf::ForOp, scf::WhileOp>(user->getParentOp()))
          return true;
        worklist.push_back(
            user->getParentOp()->getResult(use.getOperandNumber()));
      } else {
        for (Value result : user->getResults())
          if (isa<MemRefType>(result.getType()))
            worklist.push_back(result);
      }
    }
  }
  return false;
}

/// Moves static buffers allocated in the body to its start, on the stack: as
/// many as fit in `stackBytes`, the small ones first. Those whose size is
/// dynamic, or that outlive an iteration of a loop, stay on the heap.
static void moveBuffersToStack(scf::ForallOp forall, int64_t stackBytes) {
  DataLayout layout = DataLayout::closest(forall);
  SmallVector<std::pair<int64_t, memref::AllocOp>> allocs;
  forall->walk([&](memref::AllocOp op) {
    MemRefType type = op.getType();
    if (!type.hasStaticShape() || isCarriedByLoop(op))
      return;
    int64_t bytes =
        type.getNumElements() * layout.getTypeSize(type.getElementType());
    int64_t alignment = op.getAlignment().value_or(1);
    allocs.push_back({llvm::alignTo(bytes, alignment), op});
  });
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, allocs.size()));
  llvm::sort(order, [&](unsigned x, unsigned y) {
    return std::pair(allocs[x].first, x) < std::pair(allocs[y].first, y);
  });
  for (unsigned i : order) {
    auto [bytes, alloc] = allocs[i];
    if (bytes > stackBytes)
      break;
    stackBytes -= bytes;
    MemRefType type = alloc.getType();
    OpBuilder b(alloc->getContext());
    b.setInsertionPointToStart(forall.getBody());
    Value stack = memref::AllocaOp::create(b, alloc.getLoc(), type,
                                           alloc.getAlignmentAttr());
    for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
      if (isa<memref::DeallocOp>(user))
        user->erase();
    alloc.replaceAllUsesWith(stack);
    alloc.erase();
  }
}

namespace {

/// Outlines one forall.
class ParallelOutliner {
public:
  ParallelOutliner(scf::ForallOp forall, SymbolTable &symbols)
      : forall(forall), symbols(symbols), b(forall), loc(forall.getLoc()),
        converter(forall.getContext()),
        pointer(LLVM::LLVMPointerType::get(forall.getContext())) {}

  void run();

private:
  func::FuncOp createFunction(StringRef name);
  void fillFunction(func::FuncOp function, ValueRange captured,
                    LLVM::LLVMStructType contextType);
  Value cast(Type type, Value value) {
    if (value.getType() == type)
      return value;
    return UnrealizedConversionCastOp::create(b, loc, type, value).getResult(0);
  }

  scf::ForallOp forall;
  SymbolTable &symbols;
  OpBuilder b;
  Location loc;
  LLVMTypeConverter converter;
  Type pointer;
};

} // namespace

func::FuncOp ParallelOutliner::createFunction(StringRef name) {
  OpBuilder::InsertionGuard guard(b);
  Type i64 = b.getI64Type();
  auto function = func::FuncOp::create(
      loc, name, b.getFunctionType({pointer, i64, i64}, {}));
  function.setPrivate();
  if (forall->hasAttr(attn::kKernelAttr))
    attn::markKernel(function);
  symbols.insert(function);
  return function;
}

void ParallelOutliner::fillFunction(func::FuncOp function, ValueRange captured,
                                    LLVM::LLVMStructType contextType) {
  OpBuilder::InsertionGuard guard(b);
  Block *entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  IRMapping mapping;
  for (auto [i, value] : llvm::enumerate(captured)) {
    Value address =
        LLVM::GEPOp::create(b, loc, pointer, contextType, entry->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    Value loaded =
        LLVM::LoadOp::create(b, loc, contextType.getBody()[i], address);
    mapping.map(value, cast(value.getType(), loaded));
  }
  Type index = b.getIndexType();
  Value begin =
      arith::IndexCastOp::create(b, loc, index, entry->getArgument(1));
  Value end = arith::IndexCastOp::create(b, loc, index, entry->getArgument(2));
  // One set of buffers serves all iterations of the call.
  for (auto alloca : llvm::make_early_inc_range(
           forall.getBody()->getOps<memref::AllocaOp>())) {
    b.clone(*alloca, mapping);
  }
  auto mapped = [&](OpFoldResult bound) -> OpFoldResult {
    if (auto value = dyn_cast<Value>(bound))
      return mapping.lookupOrDefault(value);
    return bound;
  };
  SmallVector<Value> sizes;
  for (OpFoldResult bound : forall.getMixedUpperBound())
    sizes.push_back(getValueOrCreateConstantIndexOp(b, loc, mapped(bound)));
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(b, loc, begin, end, one);
  func::ReturnOp::create(b, loc);

  b.setInsertionPointToStart(loop.getBody());
  // The last dimension varies fastest.
  Value rest = loop.getInductionVar();
  SmallVector<Value> ivs(sizes.size());
  for (int64_t i = sizes.size() - 1; i >= 0; --i) {
    ivs[i] = i == 0 ? rest : arith::RemUIOp::create(b, loc, rest, sizes[i]);
    if (i > 0)
      rest = arith::DivUIOp::create(b, loc, rest, sizes[i]);
  }
  mapping.map(forall.getInductionVars(), ivs);
  for (Operation &op : forall.getBody()->without_terminator())
    if (!isa<memref::AllocaOp>(op))
      b.clone(op, mapping);
}

void ParallelOutliner::run() {
  auto parent = forall->getParentOfType<func::FuncOp>();
  // Constants are made anew in the function, everything else is captured.
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(forall.getRegion(), captured);
  for (Value bound : forall.getDynamicUpperBound())
    captured.insert(bound);
  SmallVector<Value> values;
  b.setInsertionPointToStart(forall.getBody());
  for (Value value : captured) {
    Operation *def = value.getDefiningOp();
    if (def && def->hasTrait<OpTrait::ConstantLike>() &&
        !llvm::is_contained(forall.getDynamicUpperBound(), value)) {
      Value clone = b.clone(*def)->getResult(0);
      replaceAllUsesInRegionWith(value, clone, forall.getRegion());
    } else {
      values.push_back(value);
    }
  }

  b.setInsertionPoint(forall);
  SmallVector<Type> fields;
  for (Value value : values)
    fields.push_back(converter.convertType(value.getType()));
  auto contextType = LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
  func::FuncOp function =
      createFunction((parent.getName() + "_parallel").str());

  Type i64 = b.getI64Type();
  Value count = arith::ConstantIndexOp::create(b, loc, 1);
  for (OpFoldResult bound : forall.getMixedUpperBound())
    count = arith::MulIOp::create(
        b, loc, count, getValueOrCreateConstantIndexOp(b, loc, bound));
  Value context;
  {
    // In a loop the stack would grow with every iteration.
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&parent.getBody().front());
    Value one = LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(1));
    context = LLVM::AllocaOp::create(b, loc, pointer, contextType, one);
  }
  for (auto [i, value] : llvm::enumerate(values)) {
    Value address =
        LLVM::GEPOp::create(b, loc, pointer, contextType, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, loc, cast(fields[i], value), address);
  }
  fillFunction(function, values, contextType);
  Value address = func::ConstantOp::create(
      b, loc, function.getFunctionType(),
      SymbolRefAttr::get(b.getContext(), function.getName()));
  func::CallOp::create(
      b, loc, kParallelFor, TypeRange{},
      ValueRange{arith::IndexCastOp::create(b, loc, i64, count),
                 cast(pointer, address), context});
  forall->erase();
}

namespace {
struct AttnOutlineParallel
    : attn::impl::AttnOutlineParallelBase<AttnOutlineParallel> {
  using AttnOutlineParallelBase::AttnOutlineParallelBase;

  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    if (failed(Pass::initializeOptions(options, errorHandler)))
      return failure();
    if (stackBytes >= 0)
      return success();
    return errorHandler("stack-bytes is " + Twine(stackBytes.getValue()) +
                        ", expected 0 or more");
  }

  void runOnOperation() override {
    SmallVector<scf::ForallOp> foralls;
    getOperation()->walk<WalkOrder::PreOrder>([&](scf::ForallOp op) {
      foralls.push_back(op);
      return WalkResult::skip();
    });
    if (foralls.empty())
      return;
    SymbolTable symbols(getOperation());
    OpBuilder b(&getContext());
    if (!symbols.lookup(kParallelFor)) {
      Type pointer = LLVM::LLVMPointerType::get(&getContext());
      auto declaration = func::FuncOp::create(
          getOperation().getLoc(), kParallelFor,
          b.getFunctionType({b.getI64Type(), pointer, pointer}, {}));
      declaration.setPrivate();
      symbols.insert(declaration);
    }
    for (scf::ForallOp forall : foralls) {
      if (forall.getNumResults() != 0) {
        forall.emitOpError("returns tensors, expected buffers: run "
                           "one-shot-bufferize first");
        return signalPassFailure();
      }
      // From 0 in steps of 1.
      if (!forall.isNormalized()) {
        DictionaryAttr attributes = forall->getDiscardableAttrDictionary();
        IRRewriter rewriter(forall);
        forall = *normalizeForallOp(rewriter, forall);
        forall->setDiscardableAttrs(attributes);
      }
      moveBuffersToStack(forall, stackBytes);
      ParallelOutliner(forall, symbols).run();
    }
  }
};
} // namespace
