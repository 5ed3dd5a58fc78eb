//===- pipelines.cu - cuda::barrier and cuda::pipeline ------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cooperative_groups.h>
#include <cuda/barrier>
#include <cuda/pipeline>

namespace cg = cooperative_groups;
constexpr auto kBlock = cuda::thread_scope_block;

extern "C" __global__ void reverse(const int4 *in, int4 *out) {
  __shared__ cuda::barrier<kBlock> barrier;
  __shared__ alignas(16) int4 tile[128];
  if (threadIdx.x == 0)
    init(&barrier, blockDim.x);
  __syncthreads();
  cuda::memcpy_async(cg::this_thread_block(), tile, in,
                     cuda::aligned_size_t<16>(sizeof(tile)), barrier);
  barrier.arrive_and_wait();
  out[threadIdx.x] = tile[127 - threadIdx.x];
}

// All threads copy and use n rows of 128, three in flight.
extern "C" __global__ void shiftedSum(const int *in, int *out, int n) {
  constexpr int stages = 3;
  __shared__ cuda::pipeline_shared_state<kBlock, stages> state;
  __shared__ alignas(16) int rows[stages][128];
  auto block = cg::this_thread_block();
  auto pipeline = cuda::make_pipeline(block, &state);
  int sum = 0;
  for (int row = 0, ahead = 0; row < n; ++row) {
    for (; ahead < n && ahead < row + stages; ++ahead) {
      pipeline.producer_acquire();
      cuda::memcpy_async(block, rows[ahead % stages], in + ahead * 128,
                         cuda::aligned_size_t<16>(512), pipeline);
      pipeline.producer_commit();
    }
    pipeline.consumer_wait();
    sum += rows[row % stages][(threadIdx.x + row) % 128];
    pipeline.consumer_release();
  }
  out[threadIdx.x] = sum;
}

// Half of the threads copy n rows of 64, the other half use them.
extern "C" __global__ void rolesSum(const int *in, int *out, int n) {
  __shared__ cuda::pipeline_shared_state<kBlock, 2> state;
  __shared__ int rows[2][64];
  bool produces = threadIdx.x < 64;
  auto pipeline = cuda::make_pipeline(cg::this_thread_block(), &state,
                                      produces ? cuda::pipeline_role::producer
                                               : cuda::pipeline_role::consumer);
  int sum = 0;
  for (int row = 0; row < n; ++row) {
    if (produces) {
      pipeline.producer_acquire();
      cuda::memcpy_async(&rows[row % 2][threadIdx.x],
                         in + row * 64 + threadIdx.x, 4, pipeline);
      pipeline.producer_commit();
    } else {
      pipeline.consumer_wait();
      sum += rows[row % 2][127 - threadIdx.x];
      pipeline.consumer_release();
    }
  }
  if (!produces)
    out[threadIdx.x - 64] = sum;
}

// Ends once `count` threads have come.
extern "C" __global__ void barrierOf(int *out, int count) {
  __shared__ cuda::barrier<kBlock> barrier;
  if (threadIdx.x == 0)
    init(&barrier, count);
  __syncthreads();
  barrier.arrive_and_wait();
  out[threadIdx.x] = count;
}
