//===- ElementType.h - Element types of tensors ----------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_TENSOR_ELEMENTTYPE_H
#define ATTN_RUNTIME_TENSOR_ELEMENTTYPE_H

#include "dlpack/dlpack.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace attnrt {

/// The type of a tensor's elements: DLPack's, with MLIR's names.
///
/// Names are `f64 f32 f16 bf16`, `i64 i32 i16 i8`, `u64 u32 u16 u8`, `i1` (a
/// byte that is 0 or 1) and `index` (read as i64). `v8`, `v16`… are elements of
/// which a file tells only the size, as .npy does for bf16.
class ElementType {
public:
  constexpr ElementType(uint8_t code, uint8_t bits) : type{code, bits, 1} {}

  static constexpr ElementType f64() { return {kDLFloat, 64}; }
  static constexpr ElementType f32() { return {kDLFloat, 32}; }
  static constexpr ElementType f16() { return {kDLFloat, 16}; }
  static constexpr ElementType bf16() { return {kDLBfloat, 16}; }
  static constexpr ElementType i1() { return {kBool, 8}; }
  static constexpr ElementType signedInt(uint8_t bits) {
    return {kDLInt, bits};
  }
  static constexpr ElementType unsignedInt(uint8_t bits) {
    return {kDLUInt, bits};
  }
  static constexpr ElementType opaque(uint8_t bits) {
    return {kDLOpaqueHandle, bits};
  }

  /// The type of that name, if there is one.
  static std::optional<ElementType> parse(llvm::StringRef name);

  std::string str() const;
  size_t getByteSize() const { return type.bits / 8; }
  DLDataType getDLDataType() const { return type; }

  bool isFloat() const { return type.code == kDLFloat || isBF16(); }
  bool isBF16() const { return type.code == kDLBfloat; }
  bool isBool() const { return type.code == kBool; }
  bool isOpaque() const { return type.code == kDLOpaqueHandle; }
  bool isUnsigned() const { return type.code == kDLUInt; }
  bool isSigned() const { return type.code == kDLInt; }

  /// Whether elements of this type may be read as `other` without a change of
  /// bits: the same type, integers of one width, or opaque elements of its
  /// size.
  bool isBitCompatible(ElementType other) const;

  bool operator==(ElementType other) const {
    return type.code == other.type.code && type.bits == other.type.bits;
  }
  bool operator!=(ElementType other) const { return !(*this == other); }

private:
  /// kDLBool of DLPack 0.8 and later.
  static constexpr uint8_t kBool = 6;

  DLDataType type;
};

} // namespace attnrt

#endif // ATTN_RUNTIME_TENSOR_ELEMENTTYPE_H
