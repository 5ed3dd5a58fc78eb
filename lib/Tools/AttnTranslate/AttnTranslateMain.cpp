//===- AttnTranslateMain.cpp - The tool attn-translate --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Tools/AttnTranslateMain.h"

#include "GPUTranslations.h"
#include "attn/Import/ONNX.h"

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

/// Named in the help; attnTranslateMain() replaces it.
static llvm::cl::opt<std::string> emitOption(
    "emit", llvm::cl::value_desc("ptx|cubin|llvm"),
    llvm::cl::desc("Lower attention, or GPU modules, for the GPU that --chip "
                   "names and write PTX, a cubin (by ptxas) or LLVM IR"));

int attn::attnTranslateMain(int argc, char **argv) {
  // A translation is a flag of its own in mlir-translate.
  SmallVector<char *> arguments(argv, argv + argc);
  for (char *&argument : arguments) {
    StringRef text(argument);
    if (!text.consume_front("--emit=") && !text.consume_front("-emit="))
      continue;
    const char *flag = llvm::StringSwitch<const char *>(text)
                           .Case("ptx", "--attn-to-ptx")
                           .Case("cubin", "--attn-to-cubin")
                           .Case("llvm", "--attn-to-llvm")
                           .Default(nullptr);
    if (!flag) {
      llvm::errs() << "attn-translate: error: --emit=" << text
                   << ": expected ptx, cubin or llvm\n";
      return 1;
    }
    argument = const_cast<char *>(flag);
  }
  registerAllTranslations();
  registerGPUTranslations();
  registerOnnxTranslation();
  return failed(mlirTranslateMain(static_cast<int>(arguments.size()),
                                  arguments.data(),
                                  "Attention compiler translation driver\n"));
}
