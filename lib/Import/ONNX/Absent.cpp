//===- Absent.cpp - A build without the importer --------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Import/ONNX.h"

#include "mlir/Tools/mlir-translate/Translation.h"

using namespace mlir;
using namespace mlir::attn;

namespace onnx {
class ModelProto {};
} // namespace onnx

static constexpr const char *kMessage =
    "this build cannot import ONNX models: it was configured without "
    "libonnx-dev and libprotobuf-dev";

OnnxModel::OnnxModel() = default;
OnnxModel::~OnnxModel() = default;
OnnxModel::OnnxModel(OnnxModel &&) = default;
OnnxModel &OnnxModel::operator=(OnnxModel &&) = default;

llvm::Expected<OnnxModel> OnnxModel::read(StringRef) {
  return llvm::createStringError(kMessage);
}

llvm::Expected<OnnxModel> OnnxModel::parse(StringRef, StringRef) {
  return llvm::createStringError(kMessage);
}

llvm::Error OnnxModel::bindInput(unsigned, ArrayRef<int64_t>) {
  return llvm::createStringError(kMessage);
}

void OnnxModel::bindValue(unsigned, ArrayRef<char>) {}

llvm::Error OnnxModel::bindDimension(StringRef, int64_t) {
  return llvm::createStringError(kMessage);
}

llvm::Expected<OwningOpRef<ModuleOp>> OnnxModel::import(MLIRContext *) {
  return llvm::createStringError(kMessage);
}

void mlir::attn::registerOnnxTranslation() {
  static TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model (not in this build)",
      [](llvm::SourceMgr &, MLIRContext *) -> OwningOpRef<Operation *> {
        llvm::errs() << "attn-translate: error: " << kMessage << '\n';
        return {};
      },
      [](DialectRegistry &) {});
}
