//===- ElementType.cpp - Element types of tensors -------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tensor/ElementType.h"

#include "llvm/ADT/Twine.h"

using namespace attnrt;

std::optional<ElementType> ElementType::parse(llvm::StringRef name) {
  if (name == "bf16")
    return bf16();
  if (name == "i1")
    return i1();
  if (name == "index")
    return signedInt(64);
  unsigned bits;
  if (name.size() < 2 || name.drop_front().getAsInteger(10, bits))
    return std::nullopt;
  bool isInt = bits == 8 || bits == 16 || bits == 32 || bits == 64;
  switch (name[0]) {
  case 'f':
    if (bits == 16 || bits == 32 || bits == 64)
      return ElementType(kDLFloat, bits);
    return std::nullopt;
  case 'i':
    return isInt ? std::optional(signedInt(bits)) : std::nullopt;
  case 'u':
    return isInt ? std::optional(unsignedInt(bits)) : std::nullopt;
  default:
    return std::nullopt;
  }
}

std::string ElementType::str() const {
  if (isBool())
    return "i1";
  const char *prefix = isBF16()       ? "bf"
                       : isFloat()    ? "f"
                       : isOpaque()   ? "v"
                       : isUnsigned() ? "u"
                                      : "i";
  return (prefix + llvm::Twine(unsigned(type.bits))).str();
}

bool ElementType::isBitCompatible(ElementType other) const {
  if (*this == other)
    return true;
  if (type.bits != other.type.bits)
    return false;
  if (isOpaque())
    return true;
  auto isInt = [](ElementType type) {
    return type.isSigned() || type.isUnsigned();
  };
  return isInt(*this) && isInt(other);
}
