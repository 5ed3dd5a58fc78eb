//===- softmax.cu - Softmax of rows ---------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cuda_bf16.h>
#include <cuda_fp16.h>

static __device__ float warpMax(float v) {
  for (int mask = 16; mask > 0; mask /= 2)
    v = fmaxf(v, __shfl_xor_sync(0xffffffff, v, mask));
  return v;
}

static __device__ float warpSum(float v) {
  for (int mask = 16; mask > 0; mask /= 2)
    v += __shfl_xor_sync(0xffffffff, v, mask);
  return v;
}

// A warp takes a row; three passes over global memory.
template <typename T>
static __device__ void softmaxRow(const T *in, T *out, int columns) {
  int row = blockIdx.x * blockDim.y + threadIdx.y;
  in += row * columns;
  out += row * columns;
  float m = -INFINITY;
  for (int c = threadIdx.x; c < columns; c += 32)
    m = fmaxf(m, float(in[c]));
  m = warpMax(m);
  float sum = 0;
  for (int c = threadIdx.x; c < columns; c += 32)
    sum += expf(float(in[c]) - m);
  sum = warpSum(sum);
  for (int c = threadIdx.x; c < columns; c += 32)
    out[c] = T(expf(float(in[c]) - m) / sum);
}

extern "C" __global__ void softmaxF32(const float *in, float *out,
                                      int columns) {
  softmaxRow(in, out, columns);
}
extern "C" __global__ void softmaxF16(const __half *in, __half *out,
                                      int columns) {
  softmaxRow(in, out, columns);
}
extern "C" __global__ void softmaxBF16(const __nv_bfloat16 *in,
                                       __nv_bfloat16 *out, int columns) {
  softmaxRow(in, out, columns);
}

// The online softmax: one pass for the maximum and the sum, with the fast
// intrinsics, and a block for each row.
extern "C" __global__ void softmaxOnline(const float *in, float *out,
                                         int columns) {
  __shared__ float maxima[8], sums[8];
  in += blockIdx.x * columns;
  out += blockIdx.x * columns;
  float m = -INFINITY, sum = 0;
  for (int c = threadIdx.x; c < columns; c += blockDim.x) {
    float v = in[c], next = fmaxf(m, v);
    sum = sum * __expf(m - next) + __expf(v - next);
    m = next;
  }
  float whole = warpMax(m);
  sum = warpSum(m == -INFINITY ? 0.0f : sum * __expf(m - whole));
  if (threadIdx.x % 32 == 0) {
    maxima[threadIdx.x / 32] = whole;
    sums[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  m = maxima[0];
  for (int w = 1; w < blockDim.x / 32; ++w)
    m = fmaxf(m, maxima[w]);
  sum = 0;
  for (int w = 0; w < blockDim.x / 32; ++w)
    sum += sums[w] * __expf(maxima[w] - m);
  float inverse = __frcp_rn(sum);
  for (int c = threadIdx.x; c < columns; c += blockDim.x)
    out[c] = __expf(in[c] - m) * inverse;
}
