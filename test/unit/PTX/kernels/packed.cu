//===- packed.cu - Arithmetic on half and bfloat16 ------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

constexpr int kPackedResults = 16;

// The same operations on pairs of either type; results are bit patterns.
template <typename T2>
static __device__ void packed(const T2 *in, unsigned *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  T2 a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
  unsigned *o = out + t * kPackedResults;
  auto put = [&](T2 v) { *o++ = *reinterpret_cast<unsigned *>(&v); };
  put(__hadd2(a, b));
  put(__hsub2(a, b));
  put(__hmul2(a, b));
  put(__hfma2(a, b, c));
  put(__hmin2(a, b));
  put(__hmax2(a, b));
  put(__hmin2_nan(a, b));
  put(__hneg2(a));
  put(__habs2(a));
  put(__hgt2(a, b));
  put(__hfma2_relu(a, b, c));
  put(__lowhigh2highlow(a));
  *o++ = __hbeq2(a, b) | __hbltu2(a, b) << 1;
  *o++ = __float_as_uint(__low2float(a) + __high2float(b));
  put(__hne2(a, c));
  *o++ = __hgt2_mask(a, c);
}

extern "C" __global__ void packedHalf(const __half2 *in, unsigned *out) {
  packed(in, out);
}
extern "C" __global__ void packedBFloat16(const __nv_bfloat162 *in,
                                          unsigned *out) {
  packed(in, out);
}

extern "C" __global__ void halfConversions(const float *in,
                                           unsigned short *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float a = in[t];
  unsigned short *o = out + t * 12;
  *o++ = __half_as_ushort(__float2half_rn(a));
  *o++ = __half_as_ushort(__float2half_rz(a));
  *o++ = __half_as_ushort(__float2half_ru(a));
  *o++ = __half_as_ushort(__float2half_rd(a));
  *o++ = __bfloat16_as_ushort(__float2bfloat16_rn(a));
  *o++ = __bfloat16_as_ushort(__float2bfloat16_rz(a));
  unsigned r;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(a), "f"(a * 3));
  *o++ = r;
  *o++ = r >> 16;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(a), "f"(a * 3));
  *o++ = r;
  *o++ = r >> 16;
  asm("cvt.rn.relu.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(a), "f"(-a));
  *o++ = r;
  *o++ = r >> 16;
}

extern "C" __global__ void halfToOthers(const __half *in, int *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  __half a = in[t];
  int *o = out + t * 8;
  *o++ = __float_as_int(__half2float(a));
  *o++ = __half2int_rn(a);
  *o++ = __half2int_rz(a);
  *o++ = __half2ushort_rz(a);
  *o++ = __half_as_ushort(hfloor(a));
  *o++ = __half_as_ushort(hrint(a));
  *o++ = __half_as_ushort(__int2half_rn(t * 37 - 1000));
  *o++ = __half_as_ushort(__ushort2half_rz(t * 151));
}

// tanh, ex2 in half precision, and half atomics.
extern "C" __global__ void halfApproximations(const __half2 *in, unsigned *out,
                                              __half2 *sum) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned a = *reinterpret_cast<const unsigned *>(in + t), r;
  asm("tanh.approx.f16x2 %0, %1;" : "=r"(r) : "r"(a));
  out[t * 2] = r;
  asm("ex2.approx.f16x2 %0, %1;" : "=r"(r) : "r"(a));
  out[t * 2 + 1] = r;
  atomicAdd(sum, in[t]);
}
