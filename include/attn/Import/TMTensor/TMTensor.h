//===- TMTensor.h - torch-mlir's operations beside linalg -------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IMPORT_TMTENSOR_TMTENSOR_H
#define ATTN_IMPORT_TMTENSOR_TMTENSOR_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attn/Import/TMTensor/TMTensorDialect.h.inc"
#define GET_OP_CLASSES
#include "attn/Import/TMTensor/TMTensor.h.inc"

#endif // ATTN_IMPORT_TMTENSOR_TMTENSOR_H
