//===- InstBuilder.cpp - Modifiers of instructions ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/FunctionDecoder.h"

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

InstBuilder::InstBuilder(FunctionDecoder &decoder, const Statement &syntax,
                         Inst &inst)
    : syntax(syntax), inst(inst), functionDecoder(decoder),
      mods(syntax.parts.begin() + 1, syntax.parts.end()) {}

bool InstBuilder::fail(const Twine &message) {
  if (error.empty())
    error = message.str();
  return false;
}

bool InstBuilder::take(StringRef modifier) {
  auto it = llvm::find(mods, modifier);
  if (it == mods.end())
    return false;
  mods.erase(it);
  return true;
}

StringRef InstBuilder::takeOneOf(llvm::ArrayRef<StringRef> modifiers) {
  for (auto *it = mods.begin(); it != mods.end(); ++it)
    if (llvm::is_contained(modifiers, *it)) {
      StringRef found = *it;
      mods.erase(it);
      return found;
    }
  return {};
}

std::optional<Type> InstBuilder::takeOptionalType() {
  for (auto *it = mods.begin(); it != mods.end(); ++it)
    if (std::optional<Type> type = parseType(*it)) {
      mods.erase(it);
      return type;
    }
  return std::nullopt;
}

Type InstBuilder::takeType(llvm::ArrayRef<Type> allowed) {
  std::optional<Type> type = takeOptionalType();
  if (!type) {
    fail("a type is missing");
    return Type::None;
  }
  if (!allowed.empty() && !llvm::is_contained(allowed, *type)) {
    fail("type ." + typeName(*type) + " is not one of this instruction");
    return Type::None;
  }
  return *type;
}

Rounding InstBuilder::takeRounding() {
  static constexpr std::pair<StringRef, Rounding> roundings[] = {
      {"rn", Rounding::RN},   {"rz", Rounding::RZ},   {"rm", Rounding::RM},
      {"rp", Rounding::RP},   {"rna", Rounding::RNA}, {"rni", Rounding::RNI},
      {"rzi", Rounding::RZI}, {"rmi", Rounding::RMI}, {"rpi", Rounding::RPI},
      {"rs", Rounding::RS}};
  for (auto [name, rounding] : roundings)
    if (take(name))
      return rounding;
  return Rounding::None;
}

Space InstBuilder::takeSpace() {
  static constexpr std::pair<StringRef, Space> spaces[] = {
      {"global", Space::Global},      {"shared", Space::Shared},
      {"shared::cta", Space::Shared}, {"shared::cluster", Space::Shared},
      {"local", Space::Local},        {"const", Space::Const},
      {"param", Space::Param},        {"param::entry", Space::Param},
      {"param::func", Space::Param}};
  for (auto *it = mods.begin(); it != mods.end(); ++it)
    for (auto [name, space] : spaces)
      if (*it == name) {
        mods.erase(it);
        return space;
      }
  return Space::Generic;
}

bool InstBuilder::takeMemorySemantics() {
  bool orders = false;
  for (StringRef word : {"volatile", "relaxed", "acquire", "release", "acq_rel",
                         "sc", "mmio", "cv"})
    orders |= take(word);
  for (StringRef word : {"weak", "nc", "cta", "cluster", "gpu", "sys"})
    take(word);
  llvm::erase_if(mods, [](StringRef word) {
    return llvm::is_contained({"ca", "cg", "cs", "lu", "wb", "wt"}, word) ||
           word.starts_with("L1::") || word.starts_with("L2::");
  });
  return orders;
}

bool InstBuilder::operands(unsigned min, unsigned max) {
  if (hasFailed())
    return false;
  if (max == 0)
    max = min;
  unsigned found = numOperands();
  if (found >= min && found <= max)
    return true;
  if (max != min)
    return fail(Twine(found) + " operands found, expected " + Twine(min) +
                " to " + Twine(max));
  return fail(Twine(found) + " operands found, expected " + Twine(min));
}
