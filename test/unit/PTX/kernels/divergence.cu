//===- divergence.cu - Divergent control flow -----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loops of different lengths, breaks and continues.
extern "C" __global__ void nestedLoops(const int *in, int *out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int n = in[i], sum = 0;
  for (int a = 0; a < n; ++a) {
    if (a % 3 == 2)
      continue;
    for (int b = a; b < n; ++b) {
      if (sum > 500)
        break;
      sum += a ^ b;
    }
    if (sum > 700)
      break;
  }
  out[i] = sum;
}

// Some lanes leave before a shuffle of the rest and a barrier of the block.
extern "C" __global__ void earlyExit(const int *in, int *out, int n) {
  int t = threadIdx.x;
  if (t >= n)
    return;
  unsigned active = __activemask();
  int sum = 0;
  for (int lane = 0; lane < 32; ++lane)
    if (active >> lane & 1)
      sum += __shfl_sync(active, in[t], lane);
  out[t] = sum;
}

// After a branch the lanes meet again: ballots count the sides.
extern "C" __global__ void reconverge(const int *in, unsigned *out) {
  int t = threadIdx.x;
  unsigned side = 0;
  if (in[t] & 1) {
    unsigned inner = __activemask();
    if (in[t] & 2)
      side = __popc(inner) * 2;
    else
      side = __popc(inner) * 3;
  } else {
    side = 1000;
  }
  __syncwarp();
  out[t] = side + __ballot_sync(0xffffffff, side == 1000) % 7;
}

// Greatest common divisor by a loop with a data-dependent end.
extern "C" __global__ void gcd(const unsigned *a, const unsigned *b,
                               unsigned *out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned x = a[i], y = b[i];
  while (y) {
    unsigned r = x % y;
    x = y;
    y = r;
  }
  out[i] = x;
}

// A grid and a block of three dimensions.
extern "C" __global__ void threeDimensions(unsigned *out) {
  unsigned block =
      (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  unsigned thread =
      (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] =
      threadIdx.x | threadIdx.y << 4 | threadIdx.z << 8 | blockIdx.x << 12 |
      blockIdx.y << 16 | blockIdx.z << 20;
}
