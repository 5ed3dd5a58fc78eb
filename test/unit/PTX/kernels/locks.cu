//===- locks.cu - Threads and blocks that wait for each other -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cooperative_groups.h>

// Every thread adds one under a lock that the threads of its warp contend for
// too; the release stands behind the loop that takes the lock.
extern "C" __global__ void globalLock(int *lock, volatile int *count) {
  while (atomicCAS(lock, 0, 1) != 0)
    ;
  __threadfence();
  *count = *count + 1;
  __threadfence();
  atomicExch(lock, 0);
}

// The same with a lock of the block; the warp is whole again afterwards.
extern "C" __global__ void sharedLock(int *out) {
  __shared__ int lock, total;
  if (threadIdx.x == 0)
    lock = total = 0;
  __syncthreads();
  while (atomicCAS(&lock, 0, 1) != 0)
    ;
  total = total + 1;
  atomicExch(&lock, 0);
  int lanes = __popc(__ballot_sync(~0u, true));
  __syncthreads();
  if (threadIdx.x == 0)
    out[blockIdx.x] = total * 100 + lanes;
}

// Waits longer each time, and branches while it holds the lock.
extern "C" __global__ void lockWithBackoff(int *lock, int *counts) {
  unsigned wait = 8;
  while (atomicCAS(lock, 0, 1) != 0) {
    __nanosleep(wait);
    wait = wait < 256 ? 2 * wait : wait;
  }
  __threadfence();
  for (int i = 0; i < 3; ++i)
    if (threadIdx.x % 3 == i)
      counts[i] = counts[i] + 1;
  __threadfence();
  atomicExch(lock, 0);
}

// One lane of a warp waits for what the others get.
extern "C" __global__ void laneFlag(volatile int *flag, int *out) {
  if (threadIdx.x % 32 == 5) {
    out[32] = 7;
    __threadfence();
    *flag = 1;
  } else {
    while (*flag == 0)
      ;
  }
  __syncwarp();
  out[threadIdx.x] = out[32];
}

// All blocks wait for the last one.
extern "C" __global__ void waitForLast(volatile int *flag, int *out) {
  if (threadIdx.x == 0) {
    if (blockIdx.x == gridDim.x - 1) {
      out[gridDim.x] = 5;
      __threadfence();
      *flag = 1;
    } else {
      while (*flag == 0)
        ;
    }
  }
  __syncthreads();
  out[blockIdx.x] = out[gridDim.x] + blockIdx.x;
}

// Each round, the blocks exchange what they have through global memory.
extern "C" __global__ void gridRounds(int *data, int rounds) {
  auto grid = cooperative_groups::this_grid();
  int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  for (int r = 0; r < rounds; ++r) {
    int next = data[(i + 1) % n];
    grid.sync();
    data[i] = next + 1;
    grid.sync();
  }
}

// Polls that find nothing new, and give up.
extern "C" __global__ void pollsCounted(volatile int *flag, int *out) {
  int polls = 0;
  while (*flag == 0 && polls < 20000)
    ++polls;
  out[0] = polls;
}

extern "C" __global__ void pollsTimed(volatile int *flag, int *out) {
  long long start = clock64(), past = 0;
  while (*flag == 0 && past < 100000)
    past = clock64() - start;
  out[0] = int(past);
}
