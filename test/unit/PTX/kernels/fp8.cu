//===- fp8.cu - Conversions to and from the 8-bit float types -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Emulated by integer code below sm_89, two instructions from there on.

#include <cuda_fp8.h>

extern "C" __global__ void fp8Conversions(const float2 *in,
                                          unsigned short *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float2 a = in[t];
  unsigned short *o = out + t * 4;
  *o++ = __nv_cvt_float2_to_fp8x2(a, __NV_SATFINITE, __NV_E4M3);
  *o++ = __nv_cvt_float2_to_fp8x2(a, __NV_SATFINITE, __NV_E5M2);
  __half2_raw h = __nv_cvt_fp8x2_to_halfraw2(o[-2], __NV_E4M3);
  *o++ = h.x;
  *o++ = h.y;
}

extern "C" __global__ void fp8ToHalf(unsigned short *out) {
  int t = threadIdx.x;
  out[2 * t] = __nv_cvt_fp8_to_halfraw(t, __NV_E4M3).x;
  out[2 * t + 1] = __nv_cvt_fp8_to_halfraw(t, __NV_E5M2).x;
}
