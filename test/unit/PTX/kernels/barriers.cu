//===- barriers.cu - Named barriers with thread counts --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

static __device__ void sync(int id, int count) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(count) : "memory");
}

static __device__ void arrive(int id, int count) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(count) : "memory");
}

// Two warps produce and two consume through a ring of two buffers, with a
// barrier for 'full' and one for 'empty' of each buffer.
extern "C" __global__ void producerConsumer(const int *in, int *out,
                                            int rounds) {
  __shared__ int buffer[2][64];
  int t = threadIdx.x % 64;
  bool producer = threadIdx.x < 64;
  for (int r = 0; r < rounds; ++r) {
    int full = 1 + r % 2, empty = 3 + r % 2;
    if (producer) {
      if (r >= 2)
        sync(empty, 128);
      buffer[r % 2][t] = in[r * 64 + t] * 3;
      arrive(full, 128);
    } else {
      sync(full, 128);
      out[r * 64 + t] = buffer[r % 2][63 - t] + 1;
      if (r + 2 < rounds)
        arrive(empty, 128);
    }
  }
}

// Each pair of warps meets at a barrier of its own.
extern "C" __global__ void pairs(const int *in, int *out) {
  __shared__ int buffer[256];
  int t = threadIdx.x, pair = t / 64;
  for (int r = 0; r < pair + 1; ++r) {
    buffer[t] = in[t] + r;
    sync(1 + pair, 64);
    int other = buffer[t ^ 32];
    sync(1 + pair, 64);
    out[t] = other;
  }
}

// A barrier with a reduction over half of the block.
extern "C" __global__ void partialReduction(const int *in, unsigned *out) {
  int t = threadIdx.x;
  unsigned count = 77, all = 0;
  if (t < 64) {
    asm volatile("{\n"
                 ".reg .pred p, q;\n"
                 "setp.gt.s32 p, %2, 0;\n"
                 "barrier.cta.red.popc.u32 %0, 2, 64, p;\n"
                 "barrier.cta.red.and.pred q, 2, 64, !p;\n"
                 "selp.u32 %1, 1, 0, q;\n"
                 "}"
                 : "=r"(count), "=r"(all)
                 : "r"(in[t]));
  }
  out[t] = count + all * 1000;
}

// bar.warp.sync orders the lanes of a warp.
extern "C" __global__ void warpBarrier(const int *in, int *out) {
  __shared__ int buffer[64];
  int t = threadIdx.x;
  buffer[t] = in[t];
  __syncwarp();
  int v = buffer[t ^ 5];
  __syncwarp();
  buffer[t] = v + in[t];
  __syncwarp(0xffffffff);
  out[t] = buffer[t ^ 16];
}
