//===- Node.cpp - A node of a graph, for its converter --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "GraphImporter.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;
using onnx::AttributeProto;

Node::Node(GraphImporter &graph, const onnx::NodeProto &proto, int64_t version,
           OpBuilder &b, Location loc)
    : b(b), loc(loc), graph(graph), proto(proto), version(version) {
  for (const std::string &name : proto.input())
    inputs.push_back(name.empty() ? Value() : graph.find(name));
}

LogicalResult Node::fail(const Twine &message) {
  if (failure.empty())
    failure = message.str();
  return failure.empty() ? success() : LogicalResult::failure();
}

DenseElementsAttr Node::evaluate(Value value) {
  return graph.getContext().evaluator.evaluate(value);
}

SmallVector<int64_t> Node::getConstantInts(unsigned i, StringRef what) {
  SmallVector<int64_t> result;
  auto type = getType(i);
  if (!type.getElementType().isInteger()) {
    (void)fail(what + " has elements that are no integers");
    return result;
  }
  DenseElementsAttr value = evaluate(inputs[i]);
  if (!value) {
    (void)fail(what + " depends on the inputs of the model, expected a value "
                      "that is known");
    return result;
  }
  for (const APInt &element : value.getValues<APInt>())
    result.push_back(element.getBitWidth() == 1 ? element.getZExtValue()
                                                : element.getSExtValue());
  return result;
}

std::optional<SmallVector<int64_t>>
Node::getIntsOfInputOrAttribute(unsigned i, StringRef name) {
  if (hasAttribute(name))
    return getInts(name);
  if (getInput(i))
    return getConstantInts(i, name);
  return std::nullopt;
}

static StringRef getKindName(int type) {
  switch (type) {
  case AttributeProto::INT:
    return "an integer";
  case AttributeProto::FLOAT:
    return "a number";
  case AttributeProto::STRING:
    return "a string";
  case AttributeProto::TENSOR:
    return "a tensor";
  case AttributeProto::GRAPH:
    return "a graph";
  case AttributeProto::INTS:
    return "integers";
  case AttributeProto::FLOATS:
    return "numbers";
  default:
    return "of another kind";
  }
}

bool Node::hasAttribute(StringRef name) {
  return llvm::any_of(proto.attribute(), [&](const AttributeProto &attribute) {
    return name == attribute.name();
  });
}

const AttributeProto *Node::find(StringRef name, int type) {
  for (const AttributeProto &attribute : proto.attribute()) {
    if (name != attribute.name())
      continue;
    read.insert(name);
    if (attribute.type() == type)
      return &attribute;
    (void)failValue(name, getKindName(attribute.type()), getKindName(type));
    return nullptr;
  }
  return nullptr;
}

int64_t Node::getInt(StringRef name, int64_t otherwise) {
  const AttributeProto *attribute = find(name, AttributeProto::INT);
  return attribute ? attribute->i() : otherwise;
}

float Node::getFloat(StringRef name, float otherwise) {
  const AttributeProto *attribute = find(name, AttributeProto::FLOAT);
  return attribute ? attribute->f() : otherwise;
}

StringRef Node::getString(StringRef name, StringRef otherwise) {
  const AttributeProto *attribute = find(name, AttributeProto::STRING);
  return attribute ? StringRef(attribute->s()) : otherwise;
}

std::optional<SmallVector<int64_t>> Node::getInts(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::INTS);
  if (!attribute)
    return std::nullopt;
  return SmallVector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

std::optional<SmallVector<float>> Node::getFloats(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::FLOATS);
  if (!attribute)
    return std::nullopt;
  return SmallVector<float>(attribute->floats().begin(),
                            attribute->floats().end());
}

const onnx::TensorProto *Node::getTensor(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::TENSOR);
  return attribute ? &attribute->t() : nullptr;
}

const onnx::GraphProto *Node::getGraph(StringRef name) {
  const AttributeProto *attribute = find(name, AttributeProto::GRAPH);
  return attribute ? &attribute->g() : nullptr;
}

int64_t Node::normalizeAxis(int64_t axis, int64_t rank, StringRef name) {
  if (axis < -rank || axis >= rank) {
    (void)fail(name + " is " + Twine(axis) + ", expected one of rank " +
               Twine(rank));
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

FailureOr<int64_t> Node::getHeads(StringRef name, int64_t hiddenSize) {
  if (!hasAttribute(name))
    return failAttribute(name, "is absent, which inputs of rank 3 need");
  int64_t heads = getInt(name, 0);
  if (heads <= 0 || hiddenSize % heads != 0)
    return failValue(name, Twine(heads),
                     "a divisor of the hidden size, " + Twine(hiddenSize));
  return heads;
}

int64_t Node::getAxis(StringRef name, int64_t otherwise, int64_t rank) {
  return normalizeAxis(getInt(name, otherwise), rank,
                       ("attribute '" + name + "'").str());
}

FailureOr<SmallVector<Value>> Node::importGraph(const onnx::GraphProto &nested,
                                                ArrayRef<Value> arguments) {
  auto results = graph.importNested(nested, arguments);
  if (!results)
    return fail(llvm::toString(results.takeError()));
  return *results;
}

FailureOr<Value> Node::importTensor(const onnx::TensorProto &tensor) {
  auto value = graph.importTensor(tensor);
  if (!value)
    return fail(llvm::toString(value.takeError()));
  return *value;
}

const SmallVector<Value> *Node::getSequence(unsigned input) const {
  return static_cast<int>(input) < proto.input_size()
             ? graph.findSequence(proto.input(static_cast<int>(input)))
             : nullptr;
}

void Node::setSequence(unsigned output, SmallVector<Value> tensors) {
  graph.setSequence(proto.output(static_cast<int>(output)), std::move(tensors));
}

std::optional<StringRef> Node::findUnread() const {
  for (const AttributeProto &attribute : proto.attribute())
    if (!read.contains(attribute.name()))
      return StringRef(attribute.name());
  return std::nullopt;
}
