//===- scan.cu - Prefix sums of a block -----------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Hillis and Steele's scan with two buffers in shared memory.
extern "C" __global__ void scanInclusive(const int *in, int *out, int n) {
  extern __shared__ int buffers[];
  int *from = buffers, *to = buffers + blockDim.x;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  from[threadIdx.x] = i < n ? in[i] : 0;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    int value = from[threadIdx.x];
    if (threadIdx.x >= step)
      value += from[threadIdx.x - step];
    to[threadIdx.x] = value;
    int *swap = from;
    from = to;
    to = swap;
    __syncthreads();
  }
  if (i < n)
    out[i] = from[threadIdx.x];
}

// Blelloch's work-efficient exclusive scan: an up-sweep and a down-sweep.
extern "C" __global__ void scanExclusive(const float *in, float *out) {
  __shared__ float tree[512];
  int t = threadIdx.x;
  tree[2 * t] = in[2 * t];
  tree[2 * t + 1] = in[2 * t + 1];
  int offset = 1;
  for (int d = 256; d > 0; d /= 2) {
    __syncthreads();
    if (t < d) {
      int a = offset * (2 * t + 1) - 1, b = offset * (2 * t + 2) - 1;
      tree[b] += tree[a];
    }
    offset *= 2;
  }
  if (t == 0)
    tree[511] = 0;
  for (int d = 1; d < 512; d *= 2) {
    offset /= 2;
    __syncthreads();
    if (t < d) {
      int a = offset * (2 * t + 1) - 1, b = offset * (2 * t + 2) - 1;
      float left = tree[a];
      tree[a] = tree[b];
      tree[b] += left;
    }
  }
  __syncthreads();
  out[2 * t] = tree[2 * t];
  out[2 * t + 1] = tree[2 * t + 1];
}

// A scan by shuffles over 64-bit values.
extern "C" __global__ void scanShuffle(const long long *in, long long *out) {
  __shared__ long long warpTotals[32];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  long long value = in[i];
  for (int delta = 1; delta < 32; delta *= 2) {
    long long other = __shfl_up_sync(0xffffffff, value, delta);
    if (lane >= delta)
      value += other;
  }
  if (lane == 31)
    warpTotals[warp] = value;
  __syncthreads();
  for (int w = 0; w < warp; ++w)
    value += warpTotals[w];
  out[i] = value;
}
