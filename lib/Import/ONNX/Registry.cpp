//===- Registry.cpp - Converters by operator ------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Registry.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::attn::onnx_import;

SmallVector<const OperatorEntry *> mlir::attn::onnx_import::getAllOperators() {
  SmallVector<const OperatorEntry *> entries;
  for (ArrayRef<OperatorEntry> group :
       {getUnaryOperators(), getBinaryOperators(), getViewOperators(),
        getIndexingOperators(), getConstantOperators(), getProductOperators(),
        getReductionOperators(), getNormalizationOperators(),
        getControlOperators(), getAttentionOperators(),
        getFlexAttentionOperators(), getRotaryOperators(),
        getSequenceOperators()})
    for (const OperatorEntry &entry : group)
      entries.push_back(&entry);
  llvm::sort(entries, [](const auto *x, const auto *y) {
    return std::tie(x->domain, x->name, x->since) <
           std::tie(y->domain, y->name, y->since);
  });
  return entries;
}

llvm::Expected<const OperatorEntry *>
mlir::attn::onnx_import::findOperator(StringRef domain, StringRef name,
                                      int64_t version) {
  static const SmallVector<const OperatorEntry *> entries = getAllOperators();
  const OperatorEntry *found = nullptr, *oldest = nullptr;
  for (const OperatorEntry *entry : entries) {
    if (entry->name != name || entry->domain != domain)
      continue;
    if (!oldest)
      oldest = entry;
    if (entry->since <= version)
      found = entry;
  }
  if (found)
    return found;
  if (oldest)
    return llvm::createStringError(
        "the operator is not supported in version " + Twine(version) +
        " of its operator set, expected " + Twine(oldest->since) + " or later");
  return llvm::createStringError("the operator is not supported");
}
