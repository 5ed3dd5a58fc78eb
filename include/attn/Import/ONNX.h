//===- ONNX.h - Import of ONNX models ---------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IMPORT_ONNX_H
#define ATTN_IMPORT_ONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace onnx {
class ModelProto;
} // namespace onnx

namespace mlir::attn {

/// A model in ONNX's format: read, its dimensions bound, then imported.
///
/// Every error is one line. Those of a node read
/// `node 'NAME' (OPERATOR): what was found and what was expected`.
class OnnxModel {
public:
  ~OnnxModel();
  OnnxModel(OnnxModel &&);
  OnnxModel &operator=(OnnxModel &&);

  /// Reads a model; tensors that it keeps in other files are looked for in the
  /// folder of `path`.
  static llvm::Expected<OnnxModel> read(StringRef path);
  /// The same of a model in memory.
  static llvm::Expected<OnnxModel> parse(StringRef bytes, StringRef folder);

  /// The names of the inputs, in the order of the graph, without those that
  /// have a value in the model.
  ArrayRef<std::string> getInputNames() const { return inputNames; }

  /// Gives dimension parameters the sizes that an input has. Fails where
  /// `shape` contradicts the model or an earlier binding.
  llvm::Error bindInput(unsigned input, ArrayRef<int64_t> shape);

  /// Says that an input, integers or bools, will always have this value: shapes
  /// and axes may be computed from it. `bytes` are its elements in row-major
  /// order, its shape is that of bindInput().
  void bindValue(unsigned input, ArrayRef<char> bytes);

  /// Gives a dimension parameter a size.
  llvm::Error bindDimension(StringRef name, int64_t size);

  /// A module with a function `main` on tensors: `linalg`, `tensor`, `arith`,
  /// `math` and `attn`. Its arguments and results carry the names of the
  /// graph's inputs and outputs as `attn.name`. Every size is static: a
  /// dimension parameter without a size is an error.
  llvm::Expected<OwningOpRef<ModuleOp>> import(MLIRContext *context);

private:
  OnnxModel();

  std::unique_ptr<onnx::ModelProto> model;
  std::string folder;
  SmallVector<std::string> inputNames;
  /// kDynamic where the model and the bindings leave a size open.
  std::vector<SmallVector<int64_t>> inputShapes;
  llvm::StringMap<int64_t> dimensions;
  /// By the number of the input.
  llvm::DenseMap<unsigned, std::vector<char>> inputValues;
};

/// The attribute that holds the name of an argument or result.
inline constexpr llvm::StringLiteral kValueNameAttr = "attn.name";

/// Registers `--import-onnx` and its options with attn-translate.
void registerOnnxTranslation();

} // namespace mlir::attn

#endif // ATTN_IMPORT_ONNX_H
