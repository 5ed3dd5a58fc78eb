//===- Sequences.cpp - Operators on sequences of tensors ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"
#include "Tensors.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

// A sequence exists while a model is imported alone: it is a list of tensors,
// and what is read of it is known.

static LogicalResult convertSplitToSequence(Node &node) {
  Value data = node.getInput(0);
  int64_t axis = node.getAxis("axis", 0, getRank(data));
  bool keepDims = node.getInt("keepdims", 1) != 0;
  Value split = node.getInput(1);
  SmallVector<int64_t> sizes;
  if (split)
    sizes = node.getConstantInts(1, "the split");
  if (node.hasFailed())
    return failure();
  int64_t size = getShape(data)[axis];
  // One number is the size of each part, the last of which may be smaller.
  if (!split || getRank(split) == 0) {
    int64_t part = split ? sizes[0] : 1;
    if (part <= 0)
      return node.fail("the split is " + Twine(part) + ", expected 1 or more");
    sizes.clear();
    for (int64_t begin = 0; begin < size; begin += part)
      sizes.push_back(std::min(part, size - begin));
  }
  int64_t begin = 0;
  SmallVector<Value> parts;
  for (int64_t part : sizes) {
    if (part < 0 || begin + part > size)
      return node.fail("a dimension of size " + Twine(size) +
                       " does not split into parts of " + formatShape(sizes));
    Value piece = slice(node.b, node.loc, data, axis, begin, begin + part);
    if (!split && !keepDims) {
      SmallVector<int64_t> shape(getShape(piece));
      shape.erase(shape.begin() + axis);
      piece = reshape(node.b, node.loc, piece, shape);
    }
    parts.push_back(piece);
    begin += part;
  }
  if (begin != size)
    return node.fail("a dimension of size " + Twine(size) +
                     " does not split into parts of " + formatShape(sizes));
  node.setSequence(0, std::move(parts));
  return success();
}

static LogicalResult convertSequenceConstruct(Node &node) {
  if (llvm::is_contained(node.getInputs(), Value()))
    return node.fail("an input is no tensor");
  node.setSequence(0, SmallVector<Value>(node.getInputs()));
  return success();
}

static LogicalResult convertSequenceAt(Node &node) {
  const SmallVector<Value> *sequence = node.getSequence(0);
  if (!sequence)
    return node.fail("input 0 is no sequence");
  SmallVector<int64_t> index = node.getConstantInts(1, "the position");
  if (node.hasFailed())
    return failure();
  auto size = static_cast<int64_t>(sequence->size());
  if (index.size() != 1 || index[0] < -size || index[0] >= size)
    return node.fail("the position is " + formatShape(index) +
                     ", expected one in a sequence of " + Twine(size));
  node.setOutput(0, (*sequence)[index[0] < 0 ? index[0] + size : index[0]]);
  return success();
}

ArrayRef<OperatorEntry> mlir::attn::onnx_import::getSequenceOperators() {
  static const OperatorEntry entries[] = {
      {"SplitToSequence", 11, 1, convertSplitToSequence},
      {"SequenceConstruct", 11, 1, convertSequenceConstruct},
      {"SequenceAt", 11, 0, convertSequenceAt},
  };
  return entries;
}
