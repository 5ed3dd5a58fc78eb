//===- GraphImporter.cpp - Graphs to functions ----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

/// Deeper than any model nests functions and graphs.
static constexpr unsigned kMaxDepth = 64;

/// ONNX's own operator set has two names.
static StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

std::string mlir::attn::onnx_import::describe(const onnx::NodeProto &node) {
  std::string name = node.name();
  for (const std::string &output : node.output())
    if (name.empty())
      name = output;
  StringRef domain = normalizeDomain(node.domain());
  return ("node '" + name + "' (" + domain + (domain.empty() ? "" : ".") +
          node.op_type() + ")")
      .str();
}

const onnx::FunctionProto *ModelContext::findFunction(StringRef domain,
                                                      StringRef name) const {
  for (const onnx::FunctionProto &function : model.functions())
    if (normalizeDomain(function.domain()) == domain && name == function.name())
      return &function;
  return nullptr;
}

Value GraphImporter::find(StringRef name) const {
  for (const GraphImporter *scope = this; scope; scope = scope->parent)
    if (Value value = scope->values.lookup(name))
      return value;
  return {};
}

const SmallVector<Value> *GraphImporter::findSequence(StringRef name) const {
  for (const GraphImporter *scope = this; scope; scope = scope->parent) {
    auto found = scope->sequences.find(name);
    if (found != scope->sequences.end())
      return &found->second;
  }
  return nullptr;
}

llvm::Expected<Value>
GraphImporter::importTensor(const onnx::TensorProto &tensor) const {
  auto value = readTensor(b.getContext(), tensor, context.folder);
  if (!value)
    return value.takeError();
  return arith::ConstantOp::create(
             b, NameLoc::get(b.getStringAttr(tensor.name())), *value)
      .getResult();
}

llvm::Expected<SmallVector<Value>>
GraphImporter::importGraph(const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    auto value = importTensor(tensor);
    if (!value)
      return value.takeError();
    set(tensor.name(), *value);
  }
  if (graph.sparse_initializer_size() != 0)
    return llvm::createStringError("sparse tensors are not supported");
  for (const onnx::NodeProto &node : graph.node())
    if (llvm::Error error = importNode(node))
      return std::move(error);
  SmallVector<Value> results;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    results.push_back(find(output.name()));
    if (!results.back())
      return llvm::createStringError("output '" + output.name() +
                                     "' of graph '" + graph.name() +
                                     "' is the output of no node");
  }
  return results;
}

llvm::Expected<SmallVector<Value>>
GraphImporter::importNested(const onnx::GraphProto &graph,
                            ArrayRef<Value> arguments) const {
  GraphImporter nested(context, versions, b, this);
  nested.depth = depth + 1;
  if (depth > kMaxDepth)
    return llvm::createStringError("graphs are nested too deeply");
  if (graph.input_size() != static_cast<int>(arguments.size()))
    return llvm::createStringError(
        "graph '" + graph.name() + "' has " + Twine(graph.input_size()) +
        " inputs, expected " + Twine(arguments.size()));
  for (auto [input, argument] : llvm::zip_equal(graph.input(), arguments))
    nested.set(input.name(), argument);
  return nested.importGraph(graph);
}

llvm::Expected<SmallVector<Value>>
GraphImporter::getInputs(const onnx::NodeProto &node) {
  SmallVector<Value> inputs;
  for (const std::string &name : node.input()) {
    inputs.push_back(name.empty() ? Value() : find(name));
    if (!name.empty() && !inputs.back() && !findSequence(name))
      return llvm::createStringError(
          describe(node) + ": input '" + name +
          "' is not a value of the graph or comes after the node");
  }
  return inputs;
}

llvm::Error GraphImporter::setOutputs(const onnx::NodeProto &node,
                                      ArrayRef<Value> outputs) {
  for (auto [i, name] : llvm::enumerate(node.output())) {
    if (name.empty() || sequences.contains(name))
      continue;
    if (i >= outputs.size() || !outputs[i])
      return llvm::createStringError(describe(node) + ": output '" + name +
                                     "' is not supported");
    set(name, outputs[i]);
  }
  return llvm::Error::success();
}

/// Puts what the caller gives for an attribute in the place of a reference to
/// it; an attribute that the caller leaves out disappears.
static void
bindAttributes(onnx::NodeProto &node,
               const llvm::StringMap<onnx::AttributeProto> &arguments) {
  auto *attributes = node.mutable_attribute();
  for (int i = attributes->size() - 1; i >= 0; --i) {
    onnx::AttributeProto *attribute = attributes->Mutable(i);
    if (attribute->has_g())
      for (onnx::NodeProto &nested : *attribute->mutable_g()->mutable_node())
        bindAttributes(nested, arguments);
    if (attribute->ref_attr_name().empty())
      continue;
    auto argument = arguments.find(attribute->ref_attr_name());
    if (argument == arguments.end()) {
      attributes->DeleteSubrange(i, 1);
      continue;
    }
    std::string name = attribute->name();
    *attribute = argument->second;
    attribute->set_name(name);
  }
}

llvm::Error GraphImporter::importCall(const onnx::NodeProto &node,
                                      const onnx::FunctionProto &function) {
  auto inputs = getInputs(node);
  if (!inputs)
    return inputs.takeError();
  if (depth > kMaxDepth)
    return llvm::createStringError(describe(node) +
                                   ": functions are nested too deeply");
  OperatorSets sets;
  for (const auto &set : function.opset_import())
    sets[normalizeDomain(set.domain())] = set.version();
  GraphImporter body(context, sets, b);
  body.depth = depth + 1;
  for (auto [i, name] : llvm::enumerate(function.input()))
    if (i < inputs->size() && (*inputs)[i])
      body.set(name, (*inputs)[i]);
  llvm::StringMap<onnx::AttributeProto> arguments;
  for (const onnx::AttributeProto &attribute : node.attribute())
    arguments[attribute.name()] = attribute;
  for (const onnx::NodeProto &inner : function.node()) {
    onnx::NodeProto bound = inner;
    bindAttributes(bound, arguments);
    if (llvm::Error error = body.importNode(bound))
      return error;
  }
  SmallVector<Value> outputs;
  for (const std::string &name : function.output())
    outputs.push_back(body.find(name));
  return setOutputs(node, outputs);
}

llvm::Error GraphImporter::importNode(const onnx::NodeProto &node) {
  StringRef domain = normalizeDomain(node.domain());
  if (const auto *function = context.findFunction(domain, node.op_type()))
    return importCall(node, *function);
  auto fail = [&](const Twine &message) {
    return llvm::createStringError(describe(node) + ": " + message);
  };
  auto version = versions.find(domain);
  if (version == versions.end())
    return fail("the model does not import the operator set '" + domain + "'");
  auto entry = findOperator(domain, node.op_type(), version->second);
  if (!entry)
    return fail(llvm::toString(entry.takeError()));
  auto inputs = getInputs(node);
  if (!inputs)
    return inputs.takeError();
  for (unsigned i = 0; i < (*entry)->requiredInputs; ++i)
    if (i >= inputs->size() || !(*inputs)[i])
      return fail("it has no input " + Twine(i));
  Node converted(*this, node, version->second, b,
                 NameLoc::get(b.getStringAttr(describe(node))));
  LogicalResult result = (*entry)->convert(converted);
  if (failed(result) || converted.hasFailed())
    return fail(converted.getFailure());
  if (auto name = converted.findUnread())
    return fail("attribute '" + *name + "' is not supported");
  SmallVector<Value> outputs(converted.getOutputs());
  for (Value &output : outputs) {
    if (output && !isShape(cast<ShapedType>(output.getType()).getShape()))
      return fail("an output is larger than any tensor");
    output = foldNumber(output);
  }
  return setOutputs(node, outputs);
}

/// A tensor of one element that constants determine is one, such as a scale
/// that is computed from a shape.
Value GraphImporter::foldNumber(Value tensor) {
  if (!tensor ||
      cast<RankedTensorType>(tensor.getType()).getNumElements() != 1 ||
      tensor.getDefiningOp<arith::ConstantOp>())
    return tensor;
  DenseElementsAttr value = context.evaluator.evaluate(tensor);
  if (!value)
    return tensor;
  return arith::ConstantOp::create(b, tensor.getLoc(), value);
}
