//===- reduce.cu - Sums and maxima over a block and a grid ----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One sum for each block: a tree in shared memory.
extern "C" __global__ void blockSumTree(const float *in, float *out, int n) {
  __shared__ float partial[256];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  partial[threadIdx.x] = i < n ? in[i] : 0.0f;
  __syncthreads();
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    if (threadIdx.x < step)
      partial[threadIdx.x] += partial[threadIdx.x + step];
    __syncthreads();
  }
  if (threadIdx.x == 0)
    out[blockIdx.x] = partial[0];
}

// The maximum of a grid: shuffles in a warp, shared memory in a block, an
// atomic on the ordered bit pattern in the grid.
extern "C" __global__ void gridMax(const float *in, unsigned *out, int n) {
  __shared__ float perWarp[32];
  float value = -INFINITY;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x)
    value = fmaxf(value, in[i]);
  for (int mask = 16; mask > 0; mask /= 2)
    value = fmaxf(value, __shfl_xor_sync(0xffffffff, value, mask));
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (lane == 0)
    perWarp[warp] = value;
  __syncthreads();
  if (warp == 0) {
    value = lane < blockDim.x / 32 ? perWarp[lane] : -INFINITY;
    for (int delta = 16; delta > 0; delta /= 2)
      value = fmaxf(value, __shfl_down_sync(0xffffffff, value, delta));
    if (lane == 0) {
      unsigned bits = __float_as_uint(value);
      atomicMax(out, bits & 0x80000000u ? ~bits : bits | 0x80000000u);
    }
  }
}

// A sum whose last block, found by a counter, adds the partial sums: needs
// the memory fence to be an instruction, and atomics that return values.
extern "C" __global__ void lastBlockSum(const int *in, volatile int *partials,
                                        unsigned *counter, long long *out,
                                        int n) {
  __shared__ int warpSums[32];
  __shared__ bool isLast;
  int sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x)
    sum += in[i];
  for (int delta = 16; delta > 0; delta /= 2)
    sum += __shfl_down_sync(0xffffffff, sum, delta);
  if (threadIdx.x % 32 == 0)
    warpSums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    int total = 0;
    for (int w = 0; w < blockDim.x / 32; ++w)
      total += warpSums[w];
    partials[blockIdx.x] = total;
    __threadfence();
    isLast = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (isLast && threadIdx.x == 0) {
    long long total = 0;
    for (int b = 0; b < gridDim.x; ++b)
      total += partials[b];
    *out = total;
  }
}

// The barrier itself reduces: how many, whether all, whether any.
extern "C" __global__ void barrierReductions(const int *in, int *out) {
  int v = in[blockIdx.x * blockDim.x + threadIdx.x];
  int count = __syncthreads_count(v > 0);
  int all = __syncthreads_and(v > 0);
  int any = __syncthreads_or(v > 100);
  int *o = out + 3 * (blockIdx.x * blockDim.x + threadIdx.x);
  o[0] = count;
  o[1] = all;
  o[2] = any;
}
