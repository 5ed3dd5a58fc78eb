//===- Registry.h - Converters by operator ----------------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IMPORT_ONNX_REGISTRY_H
#define ATTN_LIB_IMPORT_ONNX_REGISTRY_H

#include "Node.h"

namespace mlir::attn::onnx_import {

/// Makes the operations of a node and sets its outputs.
using Converter = LogicalResult (*)(Node &node);

/// The converter of an operator, from a version of its operator set on until
/// the next entry of the same name.
struct OperatorEntry {
  StringRef name;
  /// The oldest version whose meaning the converter has.
  int64_t since;
  /// Inputs that may not be left out.
  unsigned requiredInputs;
  Converter convert;
  /// The operator set; ONNX's own by default.
  StringRef domain = "";
};

/// The tables of the groups, one a file.
ArrayRef<OperatorEntry> getUnaryOperators();
ArrayRef<OperatorEntry> getBinaryOperators();
ArrayRef<OperatorEntry> getViewOperators();
ArrayRef<OperatorEntry> getIndexingOperators();
ArrayRef<OperatorEntry> getConstantOperators();
ArrayRef<OperatorEntry> getProductOperators();
ArrayRef<OperatorEntry> getReductionOperators();
ArrayRef<OperatorEntry> getNormalizationOperators();
ArrayRef<OperatorEntry> getControlOperators();
ArrayRef<OperatorEntry> getAttentionOperators();
ArrayRef<OperatorEntry> getFlexAttentionOperators();
ArrayRef<OperatorEntry> getRotaryOperators();
ArrayRef<OperatorEntry> getSequenceOperators();

/// The entry for a version of an operator; the error says which versions there
/// are.
llvm::Expected<const OperatorEntry *>
findOperator(StringRef domain, StringRef name, int64_t version);

/// Every entry, by domain and name.
SmallVector<const OperatorEntry *> getAllOperators();

} // namespace mlir::attn::onnx_import

#endif // ATTN_LIB_IMPORT_ONNX_REGISTRY_H
