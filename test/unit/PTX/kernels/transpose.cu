//===- transpose.cu - Transposes with known bank conflicts ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Blocks are 32 x 8 threads; each moves a 32 x 32 tile of a square matrix
// whose side is a multiple of 32.

template <int Padding>
__device__ void transposeTile(const float *in, float *out, int n) {
  __shared__ float tile[32][32 + Padding];
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
#pragma unroll
  for (int r = 0; r < 32; r += 8)
    tile[threadIdx.y + r][threadIdx.x] = in[(y + r) * n + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
#pragma unroll
  for (int r = 0; r < 32; r += 8)
    out[(y + r) * n + x] = tile[threadIdx.x][threadIdx.y + r];
}

// Each store of a warp hits 32 rows: 32 sectors.
extern "C" __global__ void transposeNaive(const float *in, float *out, int n) {
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
#pragma unroll
  for (int r = 0; r < 32; r += 8)
    out[x * n + y + r] = in[(y + r) * n + x];
}

// Reads of a column hit one bank 32 times.
extern "C" __global__ void transposeConflicts(const float *in, float *out,
                                              int n) {
  transposeTile<0>(in, out, n);
}

extern "C" __global__ void transposePadded(const float *in, float *out, int n) {
  transposeTile<1>(in, out, n);
}

// Free of conflicts by an XOR of the column with the row.
extern "C" __global__ void transposeSwizzled(const float *in, float *out,
                                             int n) {
  __shared__ float tile[32 * 32];
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
#pragma unroll
  for (int r = 0; r < 32; r += 8) {
    int row = threadIdx.y + r;
    tile[row * 32 + (threadIdx.x ^ row)] = in[(y + r) * n + x];
  }
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  y = blockIdx.x * 32 + threadIdx.y;
#pragma unroll
  for (int r = 0; r < 32; r += 8)
    out[(y + r) * n + x] =
        tile[threadIdx.x * 32 + (threadIdx.x ^ (threadIdx.y + r))];
}

// 16-byte accesses: a copy through shared memory by float4.
extern "C" __global__ void copyVector4(const float4 *in, float4 *out) {
  __shared__ float4 buffer[128];
  int i = blockIdx.x * 128 + threadIdx.x;
  buffer[threadIdx.x] = in[i];
  __syncthreads();
  out[i] = buffer[127 - threadIdx.x];
}

// A stride between the lanes' words: gcd(stride, 32)-way conflicts.
extern "C" __global__ void sharedStride(const int *in, int *out, int stride) {
  __shared__ int buffer[1024];
  for (int i = threadIdx.x; i < 1024; i += 32)
    buffer[i] = in[i];
  __syncthreads();
  out[threadIdx.x] = buffer[threadIdx.x * stride % 1024];
}
