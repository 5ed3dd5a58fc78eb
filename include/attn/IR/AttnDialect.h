//===- AttnDialect.h - The attn dialect -------------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNDIALECT_H
#define ATTN_IR_ATTNDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attn/IR/AttnDialect.h.inc"
#include "attn/IR/AttnEnums.h.inc"

namespace mlir::attn {
/// A logical dimension of query, key, value or output; `Sequence` is the
/// number of queries or keys, `Feature` is head_dim.
enum class LogicalDim { Batch, Head, Sequence, Feature };

/// What a number of a schedule is at most: beyond what machines hold, and small
/// enough that products of them do not overflow.
inline constexpr int64_t kMaxScheduleNumber = 65536;
} // namespace mlir::attn

#define GET_ATTRDEF_CLASSES
#include "attn/IR/AttnAttributes.h.inc"

#define GET_OP_CLASSES
#include "attn/IR/AttnOps.h.inc"

#endif // ATTN_IR_ATTNDIALECT_H
