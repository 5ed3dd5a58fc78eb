//===- RegionEmitter.h - Elements as code of a region -----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RAISE_REGIONEMITTER_H
#define ATTN_LIB_TRANSFORMS_RAISE_REGIONEMITTER_H

#include "Digits.h"
#include "Element.h"

namespace mlir::attn {

/// Emits elements as scalar code, in a region whose arguments are the numbers
/// of given digits. Floats are computed in one type.
class RegionEmitter {
public:
  RegionEmitter(OpBuilder &b, Location loc, ElementReader &reader,
                FloatType type)
      : b(b), loc(loc), reader(reader), type(type) {}

  void bind(const Digits &digits, Value index) {
    bound.push_back({digits, index});
  }
  /// The value of an element that is not to be expanded.
  void bind(Element *element, Value value) { leaf = {element, value}; }

  /// Null where the element depends on what is not bound.
  Value emit(Element *element);
  Value emit(const Band &band);

  /// Whether an element has no value, or none that may be asked for, where a
  /// condition that guards it does not hold: it reads a tensor or divides.
  bool needsGuard(Element *element);

  /// `condition ? emitTrue() : emitFalse()`, of which one alone is executed;
  /// null where either is.
  Value emitIf(Type result, Value condition,
               llvm::function_ref<Value()> emitTrue,
               llvm::function_ref<Value()> emitFalse);

private:
  Value emitIndex(IndexForm form);
  Value emitNew(Element *element);
  Value emitSelect(Element *select);
  bool keepsMeaning(Element *operation);
  Value toType(Value value);
  /// The type in which an element is computed.
  Type getType(Element *element) {
    return isa<FloatType>(element->type) ? Type(type) : element->type;
  }

  OpBuilder &b;
  Location loc;
  ElementReader &reader;
  FloatType type;
  SmallVector<std::pair<Digits, Value>> bound;
  std::pair<Element *, Value> leaf;
  llvm::DenseMap<Element *, Value> emitted;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RAISE_REGIONEMITTER_H
