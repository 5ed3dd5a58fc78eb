//===- Node.h - A node of a graph, for its converter ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_NODE_H
#define ATTN_LIB_IMPORT_ONNX_NODE_H

#include "Evaluator.h"
#include "Proto.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

namespace mlir::attn::onnx_import {

class GraphImporter;

/// A node whose inputs are imported: what a converter reads and sets.
///
/// The first failure is kept: getters return a default after it, so that a
/// converter need not check each.
class Node {
public:
  Node(GraphImporter &graph, const onnx::NodeProto &proto, int64_t version,
       OpBuilder &b, Location loc);

  OpBuilder &b;
  Location loc;

  StringRef getOperator() const { return proto.op_type(); }
  /// The version of the operator set that the model asks for.
  int64_t getVersion() const { return version; }

  unsigned getNumInputs() const { return inputs.size(); }
  /// Null where the input is left out.
  Value getInput(unsigned i) const {
    return i < inputs.size() ? inputs[i] : Value();
  }
  ArrayRef<Value> getInputs() const { return inputs; }
  RankedTensorType getType(unsigned i) const {
    return cast<RankedTensorType>(inputs[i].getType());
  }
  /// An input whose value must be known now, such as the shape of a Reshape:
  /// an error where it depends on the inputs of the model.
  SmallVector<int64_t> getConstantInts(unsigned i, StringRef what);
  /// The same of an operator set in which the input was an attribute; nullopt
  /// where neither is there.
  std::optional<SmallVector<int64_t>> getIntsOfInputOrAttribute(unsigned i,
                                                                StringRef name);
  DenseElementsAttr evaluate(Value value);

  unsigned getNumOutputs() const { return proto.output_size(); }
  bool hasOutput(unsigned i) const {
    return i < getNumOutputs() && !proto.output(i).empty();
  }
  void setOutput(unsigned i, Value value) {
    outputs.resize(std::max<size_t>(outputs.size(), i + 1));
    outputs[i] = value;
  }
  ArrayRef<Value> getOutputs() const { return outputs; }

  /// The tensors of an input that is a sequence; null where it is none.
  const SmallVector<Value> *getSequence(unsigned input) const;
  void setSequence(unsigned output, SmallVector<Value> tensors);

  /// Attributes by name. One that a converter does not read is an error.
  bool hasAttribute(StringRef name);
  int64_t getInt(StringRef name, int64_t otherwise);
  float getFloat(StringRef name, float otherwise);
  StringRef getString(StringRef name, StringRef otherwise);
  std::optional<SmallVector<int64_t>> getInts(StringRef name);
  std::optional<SmallVector<float>> getFloats(StringRef name);
  const onnx::TensorProto *getTensor(StringRef name);
  const onnx::GraphProto *getGraph(StringRef name);
  /// An axis of a tensor of that rank, counted from its end where negative.
  int64_t getAxis(StringRef name, int64_t otherwise, int64_t rank);
  int64_t normalizeAxis(int64_t axis, int64_t rank, StringRef name = "axis");
  /// A number of heads, which have to share the hidden size of an input.
  FailureOr<int64_t> getHeads(StringRef name, int64_t hiddenSize);

  /// Imports a graph that is an attribute; its results.
  FailureOr<SmallVector<Value>> importGraph(const onnx::GraphProto &graph,
                                            ArrayRef<Value> arguments);
  FailureOr<Value> importTensor(const onnx::TensorProto &tensor);

  LogicalResult fail(const Twine &message);
  LogicalResult failAttribute(StringRef attribute, const Twine &message) {
    return fail("attribute '" + attribute + "' " + message);
  }
  /// Of an attribute whose value has no counterpart here.
  LogicalResult failValue(StringRef attribute, const Twine &value,
                          const Twine &expected) {
    return failAttribute(attribute, "is " + value + ", expected " + expected);
  }
  bool hasFailed() const { return static_cast<bool>(!failure.empty()); }
  StringRef getFailure() const { return failure; }
  /// Whether an attribute was not read.
  std::optional<StringRef> findUnread() const;

private:
  const onnx::AttributeProto *find(StringRef name, int type);

  GraphImporter &graph;
  const onnx::NodeProto &proto;
  int64_t version;
  SmallVector<Value> inputs, outputs;
  llvm::StringSet<> read;
  std::string failure;
};

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_NODE_H
