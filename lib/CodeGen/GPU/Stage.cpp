//===- Stage.cpp - Tiles through shared memory ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/GPU/Passes.h"
#include "attn/CodeGen/Kernel.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Schedule/SharedTile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNGPUSTAGE
#include "attn/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {

/// Stages one kernel.
class Stager {
public:
  Stager(gpu::LaunchOp launch, GPUScheduleAttr schedule)
      : launch(launch), schedule(schedule), b(launch), loc(launch.getLoc()) {}

  LogicalResult run();

private:
  /// A tile that the loop over keys reads at every step.
  struct StreamedTile {
    vector::TransferReadOp read;
    Value buffer;
  };

  LogicalResult match();
  SharedPlan plan();
  Value allocate(const SharedTile &tile, int64_t offset, int64_t stages,
                 Type element);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  void barrier() { gpu::BarrierOp::create(b, loc); }
  Value readShared(Value buffer, VectorType type, Value stage);
  void writeShared(Value tile, Value buffer);
  void startCopy(StreamedTile &tile, Value keyStart, Value stage,
                 Value condition = {});
  void stageQueries();
  void fillStages();
  void rebuildLoop();
  void awaitAndRefill(StreamedTile &tile, Value step);
  Value getKeyStart(Value step);
  void stageSingleStep();
  void stageOutput();

  gpu::LaunchOp launch;
  GPUScheduleAttr schedule;
  OpBuilder b;
  Location loc;

  scf::ForOp loop;
  SmallVector<StreamedTile, 2> streamed;
  /// The queries, rows x features, as the first product takes them.
  Value queries, queryBuffer;
  vector::TransferWriteOp outputWrite;
  Value outputBuffer;
  Value steps;
};

} // namespace

static SharedTile getSharedTile(Value tile) {
  auto type = cast<VectorType>(tile.getType());
  return {type.getDimSize(0), type.getDimSize(1),
          type.getElementTypeBitWidth() / 8};
}

/// The value before the reshapes that give it its form in memory.
static Value skipShapeCasts(Value value) {
  while (auto cast = value.getDefiningOp<vector::ShapeCastOp>())
    value = cast.getSource();
  return value;
}

static bool isSecondOperandOfProduct(OpOperand &use) {
  auto product = dyn_cast<vector::ContractionOp>(use.getOwner());
  return product && &product.getRhsMutable() == &use;
}

/// Where one tensor is queries and keys or values as well, a tile that is read
/// once for both is read for each: they go different ways.
static void separateReads(ArrayRef<vector::ContractionOp> products) {
  llvm::SmallDenseMap<Value, Value> separated;
  for (vector::ContractionOp product : products) {
    Value tile = product.getRhs();
    auto read = tile.getDefiningOp<vector::TransferReadOp>();
    if (!read || llvm::all_of(tile.getUses(), isSecondOperandOfProduct))
      continue;
    Value &own = separated[tile];
    if (!own)
      own = OpBuilder(product).clone(*read)->getResult(0);
    product.getRhsMutable().assign(own);
  }
}

LogicalResult Stager::match() {
  Block &body = launch.getBody().front();
  SmallVector<vector::ContractionOp> products;
  launch.walk([&](vector::ContractionOp product) {
    // A product with a constant needs no memory.
    if (!matchPattern(product.getRhs(), m_Constant()))
      products.push_back(product);
  });
  separateReads(products);
  for (vector::ContractionOp product : products) {
    auto read = product.getRhs().getDefiningOp<vector::TransferReadOp>();
    if (!read)
      return product.emitOpError("has an operand that is no tile in memory");
    // Keys may be the values as well.
    if (llvm::none_of(streamed,
                      [&](StreamedTile &tile) { return tile.read == read; }))
      streamed.push_back({read, {}});
    // A loop of one step may have been folded.
    loop = dyn_cast<scf::ForOp>(read->getParentOp());
  }
  for (auto write : body.getOps<vector::TransferWriteOp>())
    if (cast<VectorType>(skipShapeCasts(write.getVector()).getType())
            .getRank() == 2)
      outputWrite = write;
  // Where a mask that keeps nothing was folded there is nothing to stage.
  if (products.empty())
    return success();
  if (products.size() == 2 && outputWrite) {
    queries = products.front().getLhs();
    return success();
  }
  return launch.emitOpError("is no tiled attention: expected two products and "
                            "a write of their result");
}

SharedPlan Stager::plan() {
  return {getSharedTile(streamed.front().read),
          streamed.size() > 1 ? getSharedTile(streamed.back().read)
                              : SharedTile{0, 0, 1},
          getSharedTile(queries),
          getSharedTile(skipShapeCasts(outputWrite.getVector())),
          static_cast<int64_t>(schedule.getStages()),
          schedule.getQueryInRegisters()};
}

/// A buffer of stages x rows x columns, its rows padded as the tile says.
Value Stager::allocate(const SharedTile &tile, int64_t offset, int64_t stages,
                       Type element) {
  auto space =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto bytes = MemRefType::get({ShapedType::kDynamic}, b.getI8Type(),
                               MemRefLayoutAttrInterface(), space);
  Value memory = gpu::DynamicSharedMemoryOp::create(b, loc, bytes);
  auto flat = MemRefType::get({stages * tile.elements()}, element,
                              MemRefLayoutAttrInterface(), space);
  Value view =
      memref::ViewOp::create(b, loc, flat, memory, index(offset), ValueRange());
  SmallVector<int64_t> strides{tile.elements(), tile.rowElements(), 1};
  auto type = MemRefType::get(
      {stages, tile.rows, tile.columns}, element,
      StridedLayoutAttr::get(b.getContext(), 0, strides), space);
  return memref::ReinterpretCastOp::create(b, loc, type, view, /*offset=*/0,
                                           type.getShape(), strides);
}

Value Stager::readShared(Value buffer, VectorType type, Value stage) {
  Value zero = index(0);
  Value padding =
      arith::ConstantOp::create(b, loc, b.getZeroAttr(type.getElementType()));
  return vector::TransferReadOp::create(b, loc, type, buffer,
                                        ValueRange{stage, zero, zero}, padding,
                                        ArrayRef<bool>{true, true});
}

void Stager::writeShared(Value tile, Value buffer) {
  Value zero = index(0);
  vector::TransferWriteOp::create(b, loc, tile, buffer,
                                  ValueRange{zero, zero, zero},
                                  ArrayRef<bool>{true, true});
}

/// The first key of a step.
Value Stager::getKeyStart(Value step) {
  Value offset = arith::MulIOp::create(b, loc, step, loop.getStep());
  return arith::AddIOp::create(b, loc, loop.getLowerBound(), offset);
}

void Stager::startCopy(StreamedTile &tile, Value keyStart, Value stage,
                       Value condition) {
  SmallVector<Value> indices(tile.read.getIndices());
  for (Value &position : indices)
    if (loop && position == loop.getInductionVar())
      position = keyStart;
  bool inBounds = llvm::all_of(tile.read.getInBoundsValues(),
                               [](bool inBounds) { return inBounds; });
  AsyncCopyOp::create(b, loc, tile.read.getBase(), indices, tile.buffer, stage,
                      condition, inBounds);
}

/// Brings the queries through shared memory: read in order, held in fragments.
void Stager::stageQueries() {
  writeShared(queries, queryBuffer);
  barrier();
  if (loop && !schedule.getQueryInRegisters())
    return;
  Value fragments =
      readShared(queryBuffer, cast<VectorType>(queries.getType()), index(0));
  // Values take the queries' place next.
  barrier();
  queries.replaceUsesWithIf(fragments, [](OpOperand &use) {
    return isa<vector::ContractionOp>(use.getOwner());
  });
}

/// Starts the copies of the first steps; every copy is a group of its own.
void Stager::fillStages() {
  int64_t ahead = schedule.getStages() - 1;
  bool queriesAreStaged = false;
  for (int64_t step = 0; step < ahead; ++step)
    for (StreamedTile &tile : streamed) {
      if (&tile != &streamed.front() && !queriesAreStaged) {
        stageQueries();
        queriesAreStaged = true;
      }
      Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           index(step), steps);
      startCopy(tile, getKeyStart(index(step)), index(step), exists);
      NVVM::CpAsyncCommitGroupOp::create(b, loc);
    }
  if (!queriesAreStaged)
    stageQueries();
}

/// Waits for a tile's copy of this step, then starts the one that takes the
/// place of a tile which all threads are done with.
void Stager::awaitAndRefill(StreamedTile &tile, Value step) {
  int64_t stages = schedule.getStages();
  Value count = index(stages);
  if (stages == 1) {
    barrier();
    startCopy(tile, getKeyStart(step), index(0));
    NVVM::CpAsyncCommitGroupOp::create(b, loc);
    NVVM::CpAsyncWaitGroupOp::create(b, loc, 0);
    barrier();
    return;
  }
  // Groups that are younger than this one: those of the steps ahead and, of
  // this step's, what is read after it or, refilled, before it.
  NVVM::CpAsyncWaitGroupOp::create(
      b, loc, static_cast<int64_t>(streamed.size()) * (stages - 1) - 1);
  barrier();
  Value next = arith::AddIOp::create(b, loc, step, index(stages - 1));
  Value exists =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, next, steps);
  // No branch, which would end what instructions are scheduled together.
  startCopy(tile, getKeyStart(next),
            arith::RemUIOp::create(b, loc, next, count), exists);
  NVVM::CpAsyncCommitGroupOp::create(b, loc);
}

/// The loop over keys as one over steps, each reading from shared memory.
void Stager::rebuildLoop() {
  // A counter of 32 bits: what is computed of it for shared memory alone takes
  // half the registers and instructions.
  auto narrow = [&](Value value) -> Value {
    return arith::IndexCastOp::create(b, loc, b.getI32Type(), value);
  };
  auto rebuilt = scf::ForOp::create(b, loc, narrow(index(0)), narrow(steps),
                                    narrow(index(1)), loop.getInitArgs());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(rebuilt.getBody());
  Value step = arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                          rebuilt.getInductionVar());
  IRMapping mapping;
  mapping.map(loop.getRegionIterArgs(), rebuilt.getRegionIterArgs());
  mapping.map(loop.getInductionVar(), getKeyStart(step));
  if (!schedule.getQueryInRegisters())
    mapping.map(
        queries,
        readShared(queryBuffer, cast<VectorType>(queries.getType()), index(0)));
  for (Operation &nested : loop.getBody()->without_terminator()) {
    auto tile = llvm::find_if(streamed, [&](StreamedTile &candidate) {
      return candidate.read.getOperation() == &nested;
    });
    if (tile == streamed.end()) {
      b.clone(nested, mapping);
      continue;
    }
    awaitAndRefill(*tile, step);
    Value stage =
        arith::RemUIOp::create(b, loc, step, index(schedule.getStages()));
    mapping.map(tile->read.getResult(),
                readShared(tile->buffer, tile->read.getVectorType(), stage));
  }
  SmallVector<Value> yielded;
  for (Value value : loop.getBody()->getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  scf::YieldOp::create(b, loc, yielded);
  loop.replaceAllUsesWith(rebuilt.getResults());
  loop.erase();
  loop = rebuilt;
}

/// The only step: both tiles at once.
void Stager::stageSingleStep() {
  b.setInsertionPoint(streamed.front().read);
  startCopy(streamed.front(), {}, index(0));
  stageQueries();
  if (streamed.size() > 1)
    startCopy(streamed.back(), {}, index(0));
  NVVM::CpAsyncCommitGroupOp::create(b, loc);
  NVVM::CpAsyncWaitGroupOp::create(b, loc, 0);
  barrier();
  for (StreamedTile &tile : streamed) {
    b.setInsertionPoint(tile.read);
    tile.read.replaceAllUsesWith(
        readShared(tile.buffer, tile.read.getVectorType(), index(0)));
    tile.read.erase();
  }
}

void Stager::stageOutput() {
  Value output = skipShapeCasts(outputWrite.getVector());
  b.setInsertionPointAfter(output.getDefiningOp());
  // What was started ahead of the last steps has written zeros.
  NVVM::CpAsyncWaitGroupOp::create(b, loc, 0);
  barrier();
  writeShared(output, outputBuffer);
  barrier();
  Value staged =
      readShared(outputBuffer, cast<VectorType>(output.getType()), index(0));
  // The write alone takes what came back, through its reshapes.
  output.replaceUsesWithIf(staged, [&](OpOperand &use) {
    return use.getOwner() == outputWrite.getOperation() ||
           isa<vector::ShapeCastOp>(use.getOwner());
  });
}

LogicalResult Stager::run() {
  if (failed(match()))
    return failure();
  if (streamed.empty())
    return success();
  SharedPlan shared = plan();
  launch.getDynamicSharedMemorySizeMutable().assign(
      arith::ConstantIntOp::create(b, loc, shared.bytes(), 32));

  b.setInsertionPointToStart(&launch.getBody().front());
  auto elementOf = [](Value tile) {
    return cast<VectorType>(tile.getType()).getElementType();
  };
  streamed.front().buffer =
      allocate(shared.key, shared.keyOffset(), shared.stages,
               elementOf(streamed.front().read));
  if (streamed.size() > 1)
    streamed.back().buffer =
        allocate(shared.value, shared.valueOffset(), shared.stages,
                 elementOf(streamed.back().read));
  queryBuffer =
      allocate(shared.query, shared.queryOffset(), 1, elementOf(queries));
  outputBuffer = allocate(shared.output, shared.outputOffset(), 1,
                          elementOf(skipShapeCasts(outputWrite.getVector())));

  if (!loop) {
    stageSingleStep();
    stageOutput();
    return success();
  }
  b.setInsertionPoint(loop);
  Value length =
      arith::SubIOp::create(b, loc, loop.getUpperBound(), loop.getLowerBound());
  length = arith::MaxSIOp::create(b, loc, length, index(0));
  steps = arith::CeilDivUIOp::create(b, loc, length, loop.getStep());
  fillStages();
  rebuildLoop();
  stageOutput();
  return success();
}

namespace {
struct AttnGPUStage : attn::impl::AttnGPUStageBase<AttnGPUStage> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](gpu::LaunchOp launch) {
      auto schedule = launch->getAttrOfType<GPUScheduleAttr>(kKernelAttr);
      if (schedule && failed(Stager(launch, schedule).run()))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
