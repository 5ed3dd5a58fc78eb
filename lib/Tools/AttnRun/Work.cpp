//===- Work.cpp - The work that attention has to do -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Work.h"

#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"
#include "cpu/Symbols.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::attn;

llvm::Expected<double>
attn::countAttentionFlops(func::FuncOp function,
                          ArrayRef<attnrt::Tensor> inputs,
                          CompileOptions options, bool masks) {
  // Warnings belong to the program that was asked for, which may be one for
  // another device.
  ScopedDiagnosticHandler quiet(
      function.getContext(), [](Diagnostic &diagnostic) {
        return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
      });
  std::string name = function.getName().str();
  auto module = function->getParentOfType<ModuleOp>();
  PassManager pm(module.getContext());
  buildAttnFrontend(pm, options.raise);
  AttnCountWorkOptions counting;
  counting.masks = masks;
  pm.addPass(createAttnCountWork(counting));
  if (failed(pm.run(module)))
    return llvm::createStringError("the work of function '" + name +
                                   "' cannot be counted");
  options.raise = false;
  options.chip.clear();
  auto executable = compile(function, options);
  if (!executable)
    return executable.takeError();
  attnrt::takeCountedWork();
  auto results = (*executable)->call(name, inputs);
  if (!results)
    return results.takeError();
  return attnrt::takeCountedWork();
}
