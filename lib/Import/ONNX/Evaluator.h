//===- Evaluator.h - Values that constants determine ------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_EVALUATOR_H
#define ATTN_LIB_IMPORT_ONNX_EVALUATOR_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::attn::onnx_import {

/// Evaluates tensors that depend on constants alone.
///
/// ONNX computes shapes with the operators that compute everything else. What
/// an operator means is said once, in the operations that its converter makes;
/// the evaluator runs these, element by element, through their folders.
class Evaluator {
public:
  /// The value of a tensor; null where it depends on an argument, or is too
  /// large to be a shape or a mask.
  DenseElementsAttr evaluate(Value tensor);

  /// Gives an argument a value.
  void setValue(Value argument, DenseElementsAttr value) {
    known[argument] = value;
  }

private:
  DenseElementsAttr evaluateNew(Value tensor);
  DenseElementsAttr evaluateGeneric(linalg::LinalgOp op, unsigned result);

  llvm::DenseMap<Value, DenseElementsAttr> known;
};

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_EVALUATOR_H
