//===- AttnDialect.cpp - The attn dialect
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/TypeSwitch.h"

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

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   QueryPlacement queries, int64_t queryTile,
                                   int64_t queryPanel, int64_t kvTile,
                                   int64_t kvSplits, PairedProducts,
                                   int64_t keyAlign) {
  auto positive = [&](StringRef name, int64_t value) -> LogicalResult {
    if (value > 0)
      return success();
    return emitError() << "schedule's " << name << " is " << value
                       << ", expected a positive number";
  };
  if (failed(positive("query_tile", queryTile)) ||
      failed(positive("query_panel", queryPanel)) ||
      failed(positive("kv_tile", kvTile)) ||
      failed(positive("kv_splits", kvSplits)) ||
      failed(positive("key_align", keyAlign)))
    return failure();
  if (queryTile % queryPanel != 0)
    return emitError() << "schedule's query_tile " << queryTile
                       << " is not a multiple of query_panel " << queryPanel;
  return success();
}
