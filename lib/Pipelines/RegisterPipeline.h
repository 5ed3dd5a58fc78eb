//===- RegisterPipeline.h - Pipelines by their names ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_PIPELINES_REGISTERPIPELINE_H
#define ATTN_LIB_PIPELINES_REGISTERPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Error.h"

namespace mlir::attn {

/// Registers a pipeline whose options are checked before it is built: a later
/// stage has no pass that would report an unknown target.
template <typename Options>
void registerPipeline(StringRef name, StringRef description,
                      void (*build)(OpPassManager &, const Options &),
                      llvm::Error (*check)(const Options &)) {
  registerPassPipeline(
      name, description,
      [build, check](OpPassManager &pm, StringRef text,
                     function_ref<LogicalResult(const Twine &)> errorHandler)
          -> LogicalResult {
        Options options;
        if (failed(options.parseFromString(text)))
          return failure();
        if (llvm::Error error = check(options))
          return errorHandler(llvm::toString(std::move(error)));
        build(pm, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> handler) {
        handler(Options());
      });
}

} // namespace mlir::attn

#endif // ATTN_LIB_PIPELINES_REGISTERPIPELINE_H
