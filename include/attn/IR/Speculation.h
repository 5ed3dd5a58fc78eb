//===- Speculation.h - What may be executed where it is not asked for -----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_SPECULATION_H
#define ATTN_IR_SPECULATION_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::attn {

/// Whether an operation is an integer division that is undefined for some of
/// its operands. Remainders are among them, which MLIR takes to be pure.
inline bool isPartialDivision(Operation *op) {
  if (isa<arith::RemUIOp, arith::RemSIOp>(op)) {
    APInt divisor;
    return !matchPattern(op->getOperand(1), m_ConstantInt(&divisor)) ||
           divisor.isZero();
  }
  return isa<arith::DivUIOp, arith::DivSIOp, arith::CeilDivUIOp,
             arith::CeilDivSIOp, arith::FloorDivSIOp>(op) &&
         !isSpeculatable(op);
}

} // namespace mlir::attn

#endif // ATTN_IR_SPECULATION_H
