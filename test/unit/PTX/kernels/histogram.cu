//===- histogram.cu - Histograms by atomics -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

extern "C" __global__ void histogramShared(const unsigned char *in,
                                           unsigned *bins, int n) {
  __shared__ unsigned local[256];
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    local[b] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x)
    atomicAdd(&local[in[i]], 1u);
  __syncthreads();
  for (int b = threadIdx.x; b < 256; b += blockDim.x)
    if (local[b])
      atomicAdd(&bins[b], local[b]);
}

extern "C" __global__ void histogramGlobal(const unsigned char *in,
                                           unsigned *bins, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    atomicAdd(&bins[in[i]], 1u);
}

// The lanes that hold the same byte elect one of them to add for all.
extern "C" __global__ void histogramMatch(const unsigned char *in,
                                          unsigned *bins, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned active = __activemask();
  unsigned peers = __match_any_sync(active, (unsigned)in[i]);
  if (threadIdx.x % 32 == __ffs(peers) - 1)
    atomicAdd(&bins[in[i]], __popc(peers));
}
