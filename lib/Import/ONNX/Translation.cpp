//===- Translation.cpp - attn-translate --import-onnx ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Import/ONNX.h"

#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::attn;

static llvm::Expected<OwningOpRef<ModuleOp>>
importModel(const llvm::MemoryBuffer &buffer, ArrayRef<std::string> dimensions,
            MLIRContext *context) {
  auto model = OnnxModel::parse(
      buffer.getBuffer(),
      llvm::sys::path::parent_path(buffer.getBufferIdentifier()));
  if (!model)
    return model.takeError();
  for (StringRef dimension : dimensions) {
    auto [name, text] = dimension.rsplit('=');
    int64_t size;
    if (text.getAsInteger(10, size) || size < 0)
      return llvm::createStringError("--onnx-dim=" + dimension +
                                     ": expected NAME=SIZE");
    if (llvm::Error error = model->bindDimension(name, size))
      return std::move(error);
  }
  return model->import(context);
}

void mlir::attn::registerOnnxTranslation() {
  static llvm::cl::list<std::string> dimensions(
      "onnx-dim", llvm::cl::value_desc("NAME=SIZE"),
      llvm::cl::desc("The size of a dimension parameter of an ONNX model"));
  static TranslateToMLIRRegistration registration(
      "import-onnx", "import an ONNX model to linalg and attn",
      [](llvm::SourceMgr &sources,
         MLIRContext *context) -> OwningOpRef<Operation *> {
        const llvm::MemoryBuffer *buffer =
            sources.getMemoryBuffer(sources.getMainFileID());
        auto module = importModel(
            *buffer,
            SmallVector<std::string>(dimensions.begin(), dimensions.end()),
            context);
        if (module)
          return OwningOpRef<Operation *>(module->release());
        // A file of bytes has no line that a diagnostic could point at.
        llvm::errs() << "attn-translate: error: "
                     << buffer->getBufferIdentifier() << ": "
                     << llvm::toString(module.takeError()) << '\n';
        return {};
      },
      [](DialectRegistry &) {});
}
