//===- atomics.cu - Atomics with scopes, volatile and ordered accesses ----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cuda_fp16.h>

extern "C" __global__ void atomicOperations(unsigned *u, int *s, float *f,
                                            double *d, unsigned long long *l) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(u + 0, t);
  atomicSub(u + 1, t);
  atomicMin(u + 2, 1000u - t);
  atomicMax(u + 3, t * 3);
  atomicAnd(u + 4, ~(1u << t % 32));
  atomicOr(u + 5, 1u << t % 31);
  atomicXor(u + 6, t);
  atomicInc(u + 7, 9);
  atomicDec(u + 8, 6);
  atomicMin(s + 0, -t);
  atomicMax(s + 1, t - 5);
  atomicAdd_block(s + 2, 1);
  atomicAdd_system(s + 3, 2);
  atomicAdd(f, 0.5f);
  atomicAdd(d, 0.25);
  atomicAdd(l, 1ull << 33);
  atomicMax(l + 1, (unsigned long long)t << 40);
}

// A lock by compare-and-swap; one thread of a block at a time.
extern "C" __global__ void spinLock(int *lock, int *counter, int *seen) {
  if (threadIdx.x == 0) {
    while (atomicCAS(lock, 0, 1) != 0)
      ;
    __threadfence();
    int old = *(volatile int *)counter;
    *(volatile int *)counter = old + 1;
    seen[blockIdx.x] = old;
    __threadfence();
    atomicExch(lock, 0);
  }
}

// A float maximum by compare-and-swap, each thread in a loop.
extern "C" __global__ void casMaximum(const float *in, unsigned *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned old = *(volatile unsigned *)out;
  while (__uint_as_float(old) < in[t]) {
    unsigned assumed = old;
    old = atomicCAS(out, assumed, __float_as_uint(in[t]));
    if (old == assumed)
      break;
  }
}

// Release and acquire between the two halves of a block.
extern "C" __global__ void releaseAcquire(int *out) {
  __shared__ int data, flag;
  if (threadIdx.x == 0) {
    flag = 0;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("st.relaxed.cta.shared.u32 [%0], 42;" ::"r"(
        (unsigned)__cvta_generic_to_shared(&data)));
    asm volatile("st.release.cta.shared.u32 [%0], 1;" ::"r"(
                     (unsigned)__cvta_generic_to_shared(&flag))
                 : "memory");
  }
  if (threadIdx.x == 32) {
    int ready = 0;
    while (!ready)
      asm volatile("ld.acquire.cta.shared.u32 %0, [%1];"
                   : "=r"(ready)
                   : "r"((unsigned)__cvta_generic_to_shared(&flag))
                   : "memory");
    int value;
    asm volatile("ld.relaxed.cta.shared.u32 %0, [%1];"
                 : "=r"(value)
                 : "r"((unsigned)__cvta_generic_to_shared(&data))
                 : "memory");
    *out = value;
  }
}

extern "C" __global__ void sharedAtomics(const float *in, float *out,
                                         int *order) {
  __shared__ float sum;
  __shared__ int ticket;
  __shared__ unsigned long long big;
  if (threadIdx.x == 0) {
    sum = 0;
    ticket = 0;
    big = 1;
  }
  __syncthreads();
  atomicAdd(&sum, in[threadIdx.x]);
  order[threadIdx.x] = atomicAdd(&ticket, 1);
  atomicCAS(&big, 1ull, 77ull);
  __syncthreads();
  if (threadIdx.x == 0) {
    out[0] = sum;
    out[1] = ticket;
    out[2] = big;
  }
}
