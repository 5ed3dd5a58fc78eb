//===- TensorMap.h - Descriptors of tensors for bulk copies -----*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The tensor maps that cp.async.bulk.tensor reads. encodeTensorMap takes what
/// the CUDA driver's cuTensorMapEncodeTiled takes, with the same constraints
/// and the same numbers of the enumerators; the 128 bytes that it makes are the
/// emulator's own, as the driver's are NVIDIA's.
///
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_TENSORMAP_H
#define ATTN_RUNTIME_PTX_TENSORMAP_H

#include "ptx/Types.h"

#include "llvm/Support/Error.h"
#include <array>

namespace attn::ptx {

/// CUtensorMapDataType.
enum class TensorType : uint8_t {
  U8,
  U16,
  U32,
  S32,
  U64,
  S64,
  F16,
  F32,
  F64,
  BF16,
  F32Flush,
  TF32,
  TF32Flush,
};
constexpr unsigned numTensorTypes = 13;

/// The type of one element in a reduction.
Type elementType(TensorType type);

/// CUtensorMapSwizzle. Chunks of 16 bytes within `width` bytes are permuted by
/// the number of their 128-byte line.
enum class TensorSwizzle : uint8_t { None, Bytes32, Bytes64, Bytes128 };

/// 32, 64 or 128; 0 without a swizzle.
constexpr unsigned swizzleWidth(TensorSwizzle swizzle) {
  return swizzle == TensorSwizzle::None ? 0 : 16u << unsigned(swizzle);
}

/// Where a byte that lies at `offset` without a swizzle lies with it. The
/// pattern is anchored at offset 0, so that offsets are addresses in shared
/// memory.
constexpr uint32_t swizzled(uint32_t offset, TensorSwizzle swizzle) {
  uint32_t mask =
      swizzle == TensorSwizzle::None ? 0 : (1u << unsigned(swizzle)) - 1;
  return offset ^ ((offset >> 7 & mask) << 4);
}

/// A tensor in global memory and the box that a copy takes of it. Dimension 0
/// is the innermost one, contiguous in memory.
struct TensorMap {
  static constexpr unsigned maxRank = 5;
  TensorType type = TensorType::U8;
  uint8_t rank = 1;
  uint64_t address = 0;
  std::array<uint64_t, maxRank> dims{};        // elements
  std::array<uint64_t, maxRank - 1> strides{}; // bytes, of dimensions 1, 2, …
  std::array<uint32_t, maxRank> box{};         // elements
  std::array<uint32_t, maxRank> elementStrides{1, 1, 1, 1, 1};
  TensorSwizzle swizzle = TensorSwizzle::None;
  /// Elements outside the tensor are NaN, not zero (float types only).
  bool fillNaN = false;

  unsigned elementBytes() const;
  /// Elements of the box in a dimension that a copy moves.
  uint32_t boxCount(unsigned dim) const {
    return (box[dim] + elementStrides[dim] - 1) / elementStrides[dim];
  }
  /// Bytes that a copy moves, those outside the tensor included: what it
  /// completes on its mbarrier.
  uint32_t boxBytes() const;
  /// The distance between rows of the box in shared memory: a swizzled row
  /// takes the whole width of the swizzle.
  uint32_t boxPitch() const;
};

/// As it is passed to a kernel by value, aligned to 64 bytes.
struct alignas(64) EncodedTensorMap {
  std::array<uint8_t, 128> bytes{};
};

/// Fails with the constraint that the map breaks.
llvm::Expected<EncodedTensorMap> encodeTensorMap(const TensorMap &map);

/// Fails with the constraint that the bytes break; most bytes that
/// encodeTensorMap did not make break one.
llvm::Expected<TensorMap> decodeTensorMap(const uint8_t *bytes);

/// The same without checks, for maps that are made field by field.
void storeTensorMap(const TensorMap &map, uint8_t *bytes);
TensorMap loadTensorMap(const uint8_t *bytes);

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_TENSORMAP_H
