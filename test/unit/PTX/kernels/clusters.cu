//===- clusters.cu - Blocks that share their memory ---------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda/barrier>
#include <cuda/ptx>

namespace cg = cooperative_groups;
namespace experimental = cuda::device::experimental;

// Counts bytes: each block of a cluster keeps a quarter of the bins.
extern "C" __global__ void __cluster_dims__(4, 1, 1)
    sharedHistogram(const int *in, int *out, int n) {
  __shared__ int bins[64];
  auto cluster = cg::this_cluster();
  if (threadIdx.x < 64)
    bins[threadIdx.x] = 0;
  cluster.sync();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * blockDim.x) {
    int bin = in[i] & 255;
    atomicAdd(cluster.map_shared_rank(bins, bin / 64) + bin % 64, 1);
  }
  cluster.sync();
  if (threadIdx.x < 64)
    atomicAdd(out + cluster.block_rank() * 64 + threadIdx.x, bins[threadIdx.x]);
}

// One sum for each 2 x 2 blocks of 32 threads.
extern "C" __global__ void __cluster_dims__(2, 2, 1)
    clusterSum(const int *in, int *out) {
  __shared__ int part;
  auto cluster = cg::this_cluster();
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  int block = blockIdx.y * gridDim.x + blockIdx.x;
  int sum = cg::reduce(warp, in[block * 32 + threadIdx.x], cg::plus<int>());
  if (threadIdx.x == 0)
    part = sum;
  cluster.barrier_arrive();
  cluster.barrier_wait();
  if (cluster.thread_rank() == 0) {
    sum = 0;
    for (unsigned i = 0; i < cluster.num_blocks(); ++i)
      sum += *cluster.map_shared_rank(&part, i);
    out[blockIdx.y / 2 * (gridDim.x / 2) + blockIdx.x / 2] = sum;
  }
  cluster.sync();
}

// The first block may still read when the other has left.
extern "C" __global__ void __cluster_dims__(2, 1, 1)
    sumWithoutSync(const int *in, int *out) {
  __shared__ int part;
  auto cluster = cg::this_cluster();
  if (threadIdx.x == 0)
    part = in[blockIdx.x];
  cluster.sync();
  if (cluster.thread_rank() == 0)
    *out = part + *cluster.map_shared_rank(&part, 1);
}

// Bulk copies in and out by the library's functions.
extern "C" __global__ void doubleInShared(const int *in, int *out) {
  using Barrier = cuda::barrier<cuda::thread_scope_block>;
  __shared__ alignas(128) int tile[1024];
  __shared__ Barrier barrier;
  if (threadIdx.x == 0) {
    init(&barrier, blockDim.x);
    cuda::ptx::fence_proxy_async(cuda::ptx::space_shared);
  }
  __syncthreads();
  Barrier::arrival_token token;
  if (threadIdx.x == 0) {
    experimental::cp_async_bulk_global_to_shared(tile, in + blockIdx.x * 1024,
                                                 sizeof(tile), barrier);
    token = cuda::device::barrier_arrive_tx(barrier, 1, sizeof(tile));
  } else {
    token = barrier.arrive();
  }
  barrier.wait(std::move(token));
  for (int i = threadIdx.x; i < 1024; i += blockDim.x)
    tile[i] *= 2;
  cuda::ptx::fence_proxy_async(cuda::ptx::space_shared);
  __syncthreads();
  if (threadIdx.x == 0) {
    experimental::cp_async_bulk_shared_to_global(out + blockIdx.x * 1024, tile,
                                                 sizeof(tile));
    experimental::cp_async_bulk_commit_group();
    experimental::cp_async_bulk_wait_group_read<0>();
  }
}
