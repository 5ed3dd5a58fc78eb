//===- Types.cpp - Scalar types and state spaces of PTX -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Types.h"

#include "llvm/ADT/STLExtras.h"

using namespace attn::ptx;

namespace {
enum Class : uint8_t { None, Predicate, Bits, Unsigned, Signed, Float, Packed };

struct TypeInfo {
  llvm::StringLiteral name;
  uint8_t bytes;
  Class kind;
};
} // namespace

// In the order of Type.
static constexpr TypeInfo infos[] = {
    {"none", 0, None},     {"pred", 1, Predicate}, {"b8", 1, Bits},
    {"b16", 2, Bits},      {"b32", 4, Bits},       {"b64", 8, Bits},
    {"b128", 16, Bits},    {"u8", 1, Unsigned},    {"u16", 2, Unsigned},
    {"u32", 4, Unsigned},  {"u64", 8, Unsigned},   {"s8", 1, Signed},
    {"s16", 2, Signed},    {"s32", 4, Signed},     {"s64", 8, Signed},
    {"f16", 2, Float},     {"f16x2", 4, Packed},   {"bf16", 2, Float},
    {"bf16x2", 4, Packed}, {"tf32", 4, Float},     {"f32", 4, Float},
    {"f32x2", 8, Packed},  {"f64", 8, Float},      {"e4m3", 1, Packed},
    {"e5m2", 1, Packed},   {"e4m3x2", 2, Packed},  {"e5m2x2", 2, Packed},
    {"e4m3x4", 4, Packed}, {"e5m2x4", 4, Packed},  {"e2m1x2", 1, Packed},
    {"e2m1x4", 2, Packed}, {"e2m3x2", 2, Packed},  {"e2m3x4", 4, Packed},
    {"e3m2x2", 2, Packed}, {"e3m2x4", 4, Packed},  {"ue8m0x2", 2, Packed},
    {"u16x2", 4, Packed},  {"s16x2", 4, Packed},   {"u8x4", 4, Packed},
    {"s8x4", 4, Packed},   {"u4", 0, Unsigned},    {"s4", 0, Signed},
    {"b1", 0, Bits},
};
static_assert(std::size(infos) == unsigned(Type::B1) + 1);

static const TypeInfo &info(Type type) { return infos[unsigned(type)]; }

unsigned attn::ptx::byteSize(Type type) { return info(type).bytes; }
bool attn::ptx::isSigned(Type type) { return info(type).kind == Signed; }
bool attn::ptx::isInteger(Type type) {
  return info(type).kind == Signed || info(type).kind == Unsigned;
}
bool attn::ptx::isBits(Type type) { return info(type).kind == Bits; }
bool attn::ptx::isFloat(Type type) { return info(type).kind == Float; }
llvm::StringRef attn::ptx::typeName(Type type) { return info(type).name; }

std::optional<Type> attn::ptx::parseType(llvm::StringRef name) {
  for (auto [i, type] : llvm::enumerate(llvm::drop_begin(infos)))
    if (type.name == name)
      return Type(i + 1);
  return std::nullopt;
}

llvm::StringRef attn::ptx::spaceName(Space space) {
  switch (space) {
  case Space::None:
    return "register";
  case Space::Generic:
    return "generic";
  case Space::Global:
    return "global";
  case Space::Shared:
    return "shared";
  case Space::Local:
    return "local";
  case Space::Const:
    return "const";
  case Space::Param:
  case Space::FuncParam:
    return "param";
  case Space::Code:
    return "code";
  }
  return "";
}

std::optional<uint64_t> attn::ptx::windowBase(Space space) {
  switch (space) {
  case Space::Generic:
  case Space::Global:
    return 0;
  case Space::Shared:
    return window::shared;
  case Space::Local:
    return window::local;
  case Space::Const:
    return window::constant;
  case Space::Param:
    return window::param;
  case Space::Code:
    return window::code;
  default:
    return std::nullopt;
  }
}

Space attn::ptx::spaceOfGeneric(uint64_t address) {
  if (address < window::shared || address >= window::code + window::size)
    return Space::Global;
  constexpr Space spaces[] = {Space::Shared, Space::Local, Space::Const,
                              Space::Param, Space::Code};
  return spaces[(address - window::shared) / window::size];
}
