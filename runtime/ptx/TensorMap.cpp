//===- TensorMap.cpp - Descriptors of tensors for bulk copies -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/TensorMap.h"

#include "llvm/ADT/Twine.h"
#include <cstring>

using namespace attn::ptx;

namespace {

/// The bytes of an encoded map. All zeros are no map, yet become one when
/// tensormap.replace has set every field, as on the hardware.
struct Encoding {
  uint64_t address;
  uint64_t strides[TensorMap::maxRank - 1];
  uint32_t dims[TensorMap::maxRank]; // 0 stands for 2^32
  uint16_t box[TensorMap::maxRank];
  uint8_t elementStrides[TensorMap::maxRank];
  uint8_t type, lastDim, swizzle, fillNaN;
};
static_assert(sizeof(Encoding) <= sizeof(EncodedTensorMap));

} // namespace

Type attn::ptx::elementType(TensorType type) {
  switch (type) {
  case TensorType::U8:
    return Type::U8;
  case TensorType::U16:
    return Type::U16;
  case TensorType::U32:
    return Type::U32;
  case TensorType::S32:
    return Type::S32;
  case TensorType::U64:
    return Type::U64;
  case TensorType::S64:
    return Type::S64;
  case TensorType::F16:
    return Type::F16;
  case TensorType::BF16:
    return Type::BF16;
  case TensorType::F64:
    return Type::F64;
  case TensorType::F32:
  case TensorType::F32Flush:
  case TensorType::TF32:
  case TensorType::TF32Flush:
    return Type::F32;
  }
  return Type::None;
}

unsigned TensorMap::elementBytes() const { return byteSize(elementType(type)); }

uint32_t TensorMap::boxBytes() const {
  uint32_t elements = 1;
  for (unsigned d = 0; d < rank; ++d)
    elements *= boxCount(d);
  return elements * elementBytes();
}

uint32_t TensorMap::boxPitch() const {
  return swizzle == TensorSwizzle::None ? boxCount(0) * elementBytes()
                                        : swizzleWidth(swizzle);
}

/// A constraint that the map breaks, or "".
static std::string findProblem(const TensorMap &map) {
  using llvm::Twine;
  auto problem = [](const Twine &text) { return text.str(); };
  if (unsigned(map.type) >= numTensorTypes)
    return problem("unknown element type " + Twine(unsigned(map.type)));
  if (map.rank < 1 || map.rank > TensorMap::maxRank)
    return problem("rank is " + Twine(unsigned(map.rank)) +
                   ", expected 1 to 5");
  if (unsigned(map.swizzle) > unsigned(TensorSwizzle::Bytes128))
    return problem("unknown swizzle " + Twine(unsigned(map.swizzle)));
  if (map.address % 16)
    return problem("the tensor's address 0x" + Twine::utohexstr(map.address) +
                   " is not a multiple of 16");
  for (unsigned d = 0; d < map.rank; ++d) {
    if (map.dims[d] == 0 || map.dims[d] > uint64_t(1) << 32)
      return problem("dimension " + Twine(d) + " has size " +
                     Twine(map.dims[d]) + ", expected 1 to 2^32");
    if (map.box[d] == 0 || map.box[d] > 256)
      return problem("the box has size " + Twine(map.box[d]) +
                     " in dimension " + Twine(d) + ", expected 1 to 256");
    if (map.elementStrides[d] == 0 || map.elementStrides[d] > 8)
      return problem("the element stride of dimension " + Twine(d) + " is " +
                     Twine(map.elementStrides[d]) + ", expected 1 to 8");
  }
  for (unsigned d = 0; d + 1 < map.rank; ++d)
    if (map.strides[d] % 16 || map.strides[d] >= uint64_t(1) << 40)
      return problem("the stride of dimension " + Twine(d + 1) + " is " +
                     Twine(map.strides[d]) +
                     " bytes, expected a multiple of 16 below 2^40");
  if (map.elementStrides[0] != 1)
    return problem("the element stride of dimension 0 is " +
                   Twine(map.elementStrides[0]) + ", expected 1");
  uint32_t row = map.box[0] * map.elementBytes();
  if (row % 16)
    return problem("a row of the box has " + Twine(row) +
                   " bytes, expected a multiple of 16");
  if (map.swizzle != TensorSwizzle::None && row > swizzleWidth(map.swizzle))
    return problem("a row of the box has " + Twine(row) +
                   " bytes, more than the swizzle's " +
                   Twine(swizzleWidth(map.swizzle)));
  Type element = elementType(map.type);
  if (map.fillNaN && !isFloat(element))
    return problem("NaN cannot fill a tensor of " + typeName(element).str());
  return "";
}

llvm::Expected<EncodedTensorMap>
attn::ptx::encodeTensorMap(const TensorMap &map) {
  if (std::string problem = findProblem(map); !problem.empty())
    return llvm::createStringError("invalid tensor map: " + problem);
  EncodedTensorMap encoded;
  storeTensorMap(map, encoded.bytes.data());
  return encoded;
}

void attn::ptx::storeTensorMap(const TensorMap &map, uint8_t *bytes) {
  Encoding encoding = {};
  encoding.address = map.address;
  for (unsigned d = 0; d < TensorMap::maxRank; ++d) {
    if (d + 1 < TensorMap::maxRank)
      encoding.strides[d] = map.strides[d];
    encoding.dims[d] = uint32_t(map.dims[d]);
    encoding.box[d] = map.box[d];
    encoding.elementStrides[d] = map.elementStrides[d];
  }
  encoding.type = uint8_t(map.type);
  encoding.lastDim = map.rank - 1;
  encoding.swizzle = uint8_t(map.swizzle);
  encoding.fillNaN = map.fillNaN;
  std::memset(bytes, 0, sizeof(EncodedTensorMap));
  std::memcpy(bytes, &encoding, sizeof(encoding));
}

TensorMap attn::ptx::loadTensorMap(const uint8_t *bytes) {
  Encoding encoding;
  std::memcpy(&encoding, bytes, sizeof(encoding));
  TensorMap map;
  map.address = encoding.address;
  map.type = TensorType(encoding.type);
  map.rank = encoding.lastDim + 1;
  map.swizzle = TensorSwizzle(encoding.swizzle);
  map.fillNaN = encoding.fillNaN;
  for (unsigned d = 0; d < TensorMap::maxRank; ++d) {
    if (d + 1 < TensorMap::maxRank)
      map.strides[d] = encoding.strides[d];
    map.dims[d] = encoding.dims[d] ? encoding.dims[d] : uint64_t(1) << 32;
    map.box[d] = encoding.box[d];
    map.elementStrides[d] = encoding.elementStrides[d];
  }
  return map;
}

llvm::Expected<TensorMap> attn::ptx::decodeTensorMap(const uint8_t *bytes) {
  TensorMap map = loadTensorMap(bytes);
  if (std::string problem = findProblem(map); !problem.empty())
    return llvm::createStringError(problem);
  return map;
}
