//===- Transpose.cpp - Transposes of a tile in registers ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileVectorizer.h"

using namespace mlir;
using namespace mlir::attn;

/// Transposes a square of vectors in log2(size) steps, each of which
/// exchanges halves of pairs that are `distance` apart.
static void transposeVectors(OpBuilder &b, Location loc,
                             MutableArrayRef<Value> vectors) {
  int64_t size = vectors.size();
  for (int64_t distance = size / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < size; ++i) {
      bool isSecond = i & distance;
      low.push_back(isSecond ? size + i - distance : i);
      high.push_back(isSecond ? size + i : i + distance);
    }
    for (int64_t i = 0; i < size; ++i) {
      if (i & distance)
        continue;
      Value first = vectors[i], second = vectors[i + distance];
      vectors[i] = vector::ShuffleOp::create(b, loc, first, second, low);
      vectors[i + distance] =
          vector::ShuffleOp::create(b, loc, first, second, high);
    }
  }
}

/// Inputs that are contiguous along another dimension than the outputs are
/// loaded along theirs and transposed in registers, a square at a time.
LogicalResult TileVectorizer::transposeBlock() {
  auto [stored, loaded] = *transpose;
  int64_t side = std::min(sizes[stored], sizes[loaded]);
  for (unsigned dim : {stored, loaded})
    if (sizes[dim] % side != 0 || !llvm::isPowerOf2_64(side))
      return op.emitOpError() << "transposes a block of " << sizes[stored]
                              << " x " << sizes[loaded]
                              << ", expected powers of two: run "
                                 "attn-register-tile first";
  Point corner{SmallVector<int64_t>(sizes.size(), 0), side};
  std::map<Key, Value> outputs;
  for (int64_t row = 0; row < sizes[stored]; row += side) {
    for (int64_t column = 0; column < sizes[loaded]; column += side) {
      std::map<Key, Value> inputs;
      for (OpOperand *input : op.getDpsInputOperands()) {
        AffineMap map = op.getMatchingIndexingMap(input);
        if (side == 1 || !map.isFunctionOfDim(stored) ||
            map.getDimPosition(map.getNumResults() - 1) != loaded)
          continue;
        auto type = VectorType::get(
            {side}, getElementTypeOrSelf(input->get().getType()));
        registers.read(input->get());
        SmallVector<Value> vectors;
        for (int64_t i = 0; i < side; ++i) {
          Point point = corner;
          point.offsets[stored] = row + i;
          point.offsets[loaded] = column;
          vectors.push_back(vector::LoadOp::create(
              b, loc, type, input->get(), getIndices(*input, point, Value())));
        }
        // A vector of i1 is a mask register: its bytes are what is exchanged.
        bool isBoolean = type.getElementType().isInteger(1);
        if (isBoolean)
          for (Value &vector : vectors)
            vector = arith::ExtUIOp::create(b, loc, type.clone(b.getI8Type()),
                                            vector);
        transposeVectors(b, loc, vectors);
        if (isBoolean)
          for (Value &vector : vectors)
            vector = arith::TruncIOp::create(b, loc, type, vector);
        for (int64_t i = 0; i < side; ++i) {
          Point point = corner;
          point.offsets[stored] = row;
          point.offsets[loaded] = column + i;
          inputs[getKey(*input, point)] = vectors[i];
        }
      }
      for (int64_t i = 0; i < side; ++i) {
        Point point = corner;
        point.offsets[stored] = row;
        point.offsets[loaded] = column + i;
        compute(point, Value(), inputs, outputs);
        storeOutputs(point, outputs);
      }
    }
  }
  return success();
}
