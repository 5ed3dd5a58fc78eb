//===- GraphImporter.h - Graphs to functions --------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define ATTN_LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "Evaluator.h"
#include "Proto.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::attn::onnx_import {

/// What all graphs of a model share.
struct ModelContext {
  const onnx::ModelProto &model;
  /// Where tensors that are kept outside the model are.
  std::string folder;
  Evaluator evaluator;

  /// The function of the model that an operator is, if any.
  const onnx::FunctionProto *findFunction(StringRef domain,
                                          StringRef name) const;
};

/// Imports the nodes of one graph, in order. A graph inside another sees the
/// values of those around it.
class GraphImporter {
public:
  using OperatorSets = llvm::StringMap<int64_t>;

  GraphImporter(ModelContext &context, const OperatorSets &versions,
                OpBuilder &b, const GraphImporter *parent = nullptr)
      : context(context), versions(versions), b(b), parent(parent) {}

  void set(StringRef name, Value value) { values[name] = value; }
  Value find(StringRef name) const;
  void setSequence(StringRef name, SmallVector<Value> tensors) {
    sequences[name] = std::move(tensors);
  }
  /// Null where there is no sequence of that name.
  const SmallVector<Value> *findSequence(StringRef name) const;

  /// Imports a graph whose inputs are set; its outputs.
  llvm::Expected<SmallVector<Value>> importGraph(const onnx::GraphProto &graph);

  /// The same of a graph that an attribute holds.
  llvm::Expected<SmallVector<Value>>
  importNested(const onnx::GraphProto &graph, ArrayRef<Value> arguments) const;

  llvm::Expected<Value> importTensor(const onnx::TensorProto &tensor) const;

  ModelContext &getContext() const { return context; }

private:
  llvm::Error importNode(const onnx::NodeProto &node);
  llvm::Error importCall(const onnx::NodeProto &node,
                         const onnx::FunctionProto &function);
  llvm::Expected<SmallVector<Value>> getInputs(const onnx::NodeProto &node);
  Value foldNumber(Value tensor);
  llvm::Error setOutputs(const onnx::NodeProto &node, ArrayRef<Value> outputs);

  friend class Node;

  ModelContext &context;
  const OperatorSets &versions;
  OpBuilder &b;
  const GraphImporter *parent;
  llvm::StringMap<Value> values;
  llvm::StringMap<SmallVector<Value>> sequences;
  /// Functions that are being imported: a cycle has no end.
  unsigned depth = 0;
};

/// `node 'NAME' (OPERATOR)`.
std::string describe(const onnx::NodeProto &node);

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
