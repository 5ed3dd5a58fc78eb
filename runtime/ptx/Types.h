//===- Types.h - Scalar types and state spaces of PTX -----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_TYPES_H
#define ATTN_RUNTIME_PTX_TYPES_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace attn::ptx {

constexpr unsigned warpSize = 32;

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
  uint64_t count() const { return uint64_t(x) * y * z; }
  bool operator==(const Dim3 &) const = default;
};

/// The type suffixes of instructions and variables. Packed types hold several
/// elements in one register.
enum class Type : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F16,
  F16x2,
  BF16,
  BF16x2,
  TF32,
  F32,
  F32x2,
  F64,
  E4M3,
  E5M2,
  E4M3x2,
  E5M2x2,
  E4M3x4,
  E5M2x4,
  E2M1x2,
  E2M1x4,
  E2M3x2,
  E2M3x4,
  E3M2x2,
  E3M2x4,
  UE8M0x2,
  U16x2,
  S16x2,
  U8x4,
  S8x4,
  U4,
  S4,
  B1,
};

/// Size in bytes of one value; 0 for types below a byte. A predicate counts as
/// one byte.
unsigned byteSize(Type type);
bool isSigned(Type type);
bool isInteger(Type type); // .sN and .uN
bool isBits(Type type);    // .bN
bool isFloat(Type type);   // scalar .f16, .bf16, .tf32, .f32, .f64
std::optional<Type> parseType(llvm::StringRef name); // without the dot
llvm::StringRef typeName(Type type);

enum class Space : uint8_t {
  None, // registers, labels
  Generic,
  Global,
  Shared, // shared::cta and shared::cluster
  Local,
  Const,
  Param,     // parameters of a kernel
  FuncParam, // parameters of a device function and of its calls
  Code,
};
llvm::StringRef spaceName(Space space);

/// Where each space lies in the 64-bit generic address space. Only addresses of
/// global memory are the same in both.
namespace window {
constexpr uint64_t global = 0x0000'0100'0000'0000;
constexpr uint64_t shared = 0x0000'7000'0000'0000;
constexpr uint64_t local = 0x0000'7001'0000'0000;
constexpr uint64_t constant = 0x0000'7002'0000'0000;
constexpr uint64_t param = 0x0000'7003'0000'0000;
constexpr uint64_t code = 0x0000'7004'0000'0000;
constexpr uint64_t size = 0x0000'0001'0000'0000;
} // namespace window

/// A shared::cluster address names the block of the cluster in its upper bits,
/// rank + 1; zero there means the block itself.
constexpr unsigned clusterRankShift = 24;

/// The base of a space's window; 0 for global, nothing for spaces that are not
/// part of the generic space.
std::optional<uint64_t> windowBase(Space space);
Space spaceOfGeneric(uint64_t address);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_TYPES_H
