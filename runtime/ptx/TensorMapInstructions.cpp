//===- TensorMapInstructions.cpp - tensormap ------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/Decoder.h"
#include "ptx/Exec.h"
#include "ptx/TensorMap.h"

using namespace attn::ptx;
using llvm::Twine;

namespace {
/// Inst::op.
enum class Field : uint8_t {
  GlobalAddress,
  Rank,
  BoxDim,
  GlobalDim,
  GlobalStride,
  ElementStride,
  ElementType,
  Interleave,
  Swizzle,
  SwizzleAtomicity,
  Fill,
};
constexpr std::pair<llvm::StringRef, Field> fields[] = {
    {"global_address", Field::GlobalAddress},
    {"rank", Field::Rank},
    {"box_dim", Field::BoxDim},
    {"global_dim", Field::GlobalDim},
    {"global_stride", Field::GlobalStride},
    {"element_stride", Field::ElementStride},
    {"elemtype", Field::ElementType},
    {"interleave_layout", Field::Interleave},
    {"swizzle_mode", Field::Swizzle},
    {"swizzle_atomicity", Field::SwizzleAtomicity},
    {"fill_mode", Field::Fill}};

constexpr uint32_t mapBytes = sizeof(EncodedTensorMap);
constexpr uint32_t mapAlignment = 64;

/// The instruction's numbers of the element types, unlike the driver's.
constexpr TensorType elementTypes[] = {
    TensorType::U8,       TensorType::U16, TensorType::U32,  TensorType::S32,
    TensorType::U64,      TensorType::S64, TensorType::F16,  TensorType::F32,
    TensorType::F32Flush, TensorType::F64, TensorType::BF16, TensorType::TF32,
    TensorType::TF32Flush};
} // namespace

/// Sources: the address and the new value; imm[0] is the ordinal.
static Status execReplace(Exec &e, const Inst &i) {
  bool ok = true;
  e.cluster->clocks.tick();
  forLanes(e.active, [&](unsigned lane) {
    uint8_t bytes[mapBytes];
    uint64_t address = e.address(i.src(0), lane);
    ok = ok && e.load(i.space, address, lane, mapBytes, mapAlignment, bytes);
    if (!ok)
      return;
    TensorMap map = loadTensorMap(bytes);
    uint64_t value = e.value(i.src(1), lane);
    unsigned ordinal = i.imm[0];
    switch (Field(i.op)) {
    case Field::GlobalAddress:
      map.address = value;
      break;
    case Field::Rank:
      map.rank = value + 1;
      break;
    case Field::BoxDim:
      map.box[ordinal] = value;
      break;
    case Field::GlobalDim:
      map.dims[ordinal] = value;
      break;
    case Field::GlobalStride:
      map.strides[ordinal] = value;
      break;
    case Field::ElementStride:
      map.elementStrides[ordinal] = value;
      break;
    case Field::ElementType:
      map.type = elementTypes[value];
      break;
    case Field::Swizzle:
      map.swizzle = TensorSwizzle(value);
      break;
    case Field::Fill:
      map.fillNaN = value;
      break;
    case Field::Interleave:
    case Field::SwizzleAtomicity:
      break;
    }
    storeTensorMap(map, bytes);
    ok = e.store(i.space, address, lane, mapBytes, mapAlignment, bytes);
  });
  return ok ? Status::Next : Status::Fault;
}

static bool decodeReplace(InstBuilder &b) {
  Inst &inst = b.inst;
  if (!b.take("tile"))
    return b.fail("expected .tile");
  const auto *field = llvm::find_if(
      fields, [&](const auto &entry) { return b.take(entry.first); });
  if (field == std::end(fields))
    return b.fail("the field to replace is missing");
  inst.op = uint8_t(field->second);
  inst.space = b.takeSpace();
  if (!b.take("b1024"))
    return b.fail("expected .b1024");
  Type type = b.takeType({Type::B32, Type::B64});
  bool isWide = field->second == Field::GlobalAddress ||
                field->second == Field::GlobalStride;
  if (type != (isWide ? Type::B64 : Type::B32))
    return b.fail("a field ." + field->first + " is of type " +
                  (isWide ? ".b64" : ".b32"));
  bool hasOrdinal =
      field->second >= Field::BoxDim && field->second <= Field::ElementStride;
  if (!b.operands(hasOrdinal ? 3 : 2))
    return false;
  if (hasOrdinal) {
    std::optional<int64_t> ordinal = b.immediate(1);
    int64_t count =
        TensorMap::maxRank - (field->second == Field::GlobalStride ? 1 : 0);
    if (!ordinal)
      return false;
    if (*ordinal < 0 || *ordinal >= count)
      return b.fail("ordinal " + Twine(*ordinal) + ", expected 0 to " +
                    Twine(count - 1));
    inst.imm[0] = *ordinal;
  }
  if (field->second >= Field::ElementType) {
    // How many values of the ISA's table are known here.
    int64_t count = field->second == Field::ElementType
                        ? std::size(elementTypes)
                    : field->second == Field::Swizzle ? 4
                    : field->second == Field::Fill    ? 2
                                                      : 1;
    std::optional<int64_t> value = b.immediate(1);
    if (!value)
      return false;
    if (*value < 0 || *value >= count)
      return b.fail("." + field->first + " " + Twine(*value) +
                    " is not supported, expected 0 to " + Twine(count - 1));
  }
  return b.address(0, inst.space) && b.src(hasOrdinal ? 2 : 1, type) &&
         b.finish(execReplace);
}

/// One copy for the warp, whose lanes all name it.
static Status execCopyMap(Exec &e, const Inst &i) {
  unsigned lane = llvm::countr_zero(e.active);
  uint8_t bytes[mapBytes];
  bool ok = e.load(Space::Shared, e.address(i.src(1), lane), lane, mapBytes,
                   mapAlignment, bytes) &&
            e.store(Space::Global, e.address(i.src(0), lane), lane, mapBytes,
                    mapAlignment, bytes);
  return ok ? Status::Next : Status::Fault;
}

static bool decodeCopyMap(InstBuilder &b) {
  if (!b.take("global") || !b.take("shared::cta") ||
      !b.take("tensormap::generic") || !b.take("release") ||
      b.takeOneOf({"cta", "cluster", "gpu", "sys"}).empty() ||
      !b.take("sync") || !b.take("aligned"))
    return b.fail("expected .global.shared::cta.tensormap::generic.release, a "
                  "scope and .sync.aligned");
  b.inst.aligned = true;
  b.inst.space = Space::Global;
  if (!b.operands(3))
    return false;
  std::optional<int64_t> size = b.immediate(2);
  if (!size)
    return false;
  if (*size != mapBytes)
    return b.fail("a size of " + Twine(*size) + " bytes, expected 128");
  return b.address(0, Space::Global) && b.address(1, Space::Shared) &&
         b.finish(execCopyMap);
}

static bool decodeTensormap(InstBuilder &b) {
  if (b.take("replace"))
    return decodeReplace(b);
  if (b.take("cp_fenceproxy"))
    return decodeCopyMap(b);
  return b.fail("expected tensormap.replace or tensormap.cp_fenceproxy");
}

void attn::ptx::addTensorMapInstructions(OpcodeTable &table) {
  table["tensormap"] = decodeTensormap;
}
