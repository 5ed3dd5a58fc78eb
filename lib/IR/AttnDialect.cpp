//===- AttnDialect.cpp - The attn dialect ---------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

#include "attn/IR/AttnDialect.cpp.inc"
#include "attn/IR/AttnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/IR/AttnAttributes.cpp.inc"

void AttnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "attn/IR/AttnOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/IR/AttnAttributes.cpp.inc"
      >();
  declarePromisedInterfaces<TilingInterface, SDPAOp, MergeOp>();
  declarePromisedInterfaces<linalg::AggregatedOpInterface, SDPAOp, MergeOp>();
}

static LogicalResult
verifyNumbers(function_ref<InFlightDiagnostic()> emitError,
              ArrayRef<std::pair<StringRef, int64_t>> parameters) {
  for (auto [name, value] : parameters)
    if (value <= 0 || value > kMaxScheduleNumber)
      return emitError() << "schedule's " << name << " is " << value
                         << ", expected 1 to " << kMaxScheduleNumber;
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   QueryPlacement queries, int64_t queryTile,
                                   int64_t queryPanel, int64_t kvTile,
                                   int64_t kvSplits, PairedProducts,
                                   int64_t keyAlign) {
  if (failed(verifyNumbers(emitError, {{"query_tile", queryTile},
                                       {"query_panel", queryPanel},
                                       {"kv_tile", kvTile},
                                       {"kv_splits", kvSplits},
                                       {"key_align", keyAlign}})))
    return failure();
  if (queryTile % queryPanel != 0)
    return emitError() << "schedule's query_tile " << queryTile
                       << " is not a multiple of query_panel " << queryPanel;
  return success();
}

LogicalResult
GPUScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        int64_t queryTile, int64_t kvTile, int64_t warps,
                        int64_t stages, int64_t kvSplits, bool queryInRegisters,
                        int64_t maxRegisters) {
  if (failed(verifyNumbers(emitError, {{"query_tile", queryTile},
                                       {"kv_tile", kvTile},
                                       {"warps", warps},
                                       {"stages", stages},
                                       {"kv_splits", kvSplits}})))
    return failure();
  if (maxRegisters < 0 || maxRegisters > kMaxScheduleNumber)
    return emitError() << "schedule's max_registers is " << maxRegisters
                       << ", expected 0 to " << kMaxScheduleNumber;
  // A layout is a linear map on the bits of a position.
  for (auto [name, value] :
       {std::pair("query_tile", queryTile), std::pair("kv_tile", kvTile),
        std::pair("warps", warps)})
    if (!llvm::isPowerOf2_64(value))
      return emitError() << "schedule's " << name << " is " << value
                         << ", expected a power of two";
  return success();
}
