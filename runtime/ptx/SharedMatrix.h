//===- SharedMatrix.h - Matrix descriptors of wgmma -------------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNTIME_PTX_SHAREDMATRIX_H
#define ATTN_RUNTIME_PTX_SHAREDMATRIX_H

#include "ptx/TensorMap.h"

namespace attn::ptx {

/// The matrix descriptor of wgmma.mma_async: where an operand lies in shared
/// memory. A matrix consists of rows (of M or N) of 32 bytes along K.
class SharedMatrix {
public:
  SharedMatrix(uint64_t descriptor, bool isKMajor)
      : start(decode(descriptor)), leading(decode(descriptor >> 16)),
        stride(decode(descriptor >> 32)), base(descriptor >> 49 & 7),
        isKMajor(isKMajor) {
    // 0 to 3 stand for no swizzle, 128, 64 and 32 bytes.
    constexpr TensorSwizzle swizzles[] = {
        TensorSwizzle::None, TensorSwizzle::Bytes128, TensorSwizzle::Bytes64,
        TensorSwizzle::Bytes32};
    swizzle = swizzles[descriptor >> 62];
  }

  /// The offset in shared memory of the 16 bytes that hold, K-major, bytes
  /// 16 * chunk… of row `row`; or, MN-major, the 8 rows 8 * chunk… of 16-bit
  /// elements at `row` of K.
  uint32_t chunkOffset(uint32_t row, uint32_t chunk) const {
    uint32_t offset = start;
    uint32_t width = swizzleWidth(swizzle);
    uint32_t pitch = width ? width : 16;
    offset += row % 8 * pitch;
    if (isKMajor)
      offset += row / 8 * stride + chunk * (width ? 16 : leading);
    else if (width)
      offset += row / 8 * stride + chunk % (width / 16) * 16 +
                chunk / (width / 16) * leading;
    else
      offset += row / 8 * leading + chunk * stride;
    offset &= addressMask;
    // The pattern begins where the base offset says.
    return swizzled(offset - base * 128, swizzle) + base * 128;
  }

private:
  static constexpr uint32_t addressMask = 0x3ffff;
  static uint32_t decode(uint64_t field) { return (field & 0x3fff) << 4; }
  uint32_t start, leading, stride, base;
  TensorSwizzle swizzle;
  bool isKMajor;
};

} // namespace attn::ptx

#endif // ATTN_RUNTIME_PTX_SHAREDMATRIX_H
