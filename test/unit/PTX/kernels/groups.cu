//===- groups.cu - Cooperative groups -----------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>

namespace cg = cooperative_groups;

// Sum and running sum within each 8 threads.
extern "C" __global__ void tiles(const int *in, int2 *out) {
  auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  int value = in[threadIdx.x];
  out[threadIdx.x] = make_int2(cg::reduce(tile, value, cg::plus<int>()),
                               cg::inclusive_scan(tile, value));
}

// Keeps the multiples of three, in any order of the warps.
extern "C" __global__ void compact(const int *in, int *out, int *count) {
  int value = in[threadIdx.x];
  if (value % 3)
    return;
  auto group = cg::coalesced_threads();
  int first = 0;
  if (group.thread_rank() == 0)
    first = atomicAdd(count, group.size());
  out[group.shfl(first, 0) + group.thread_rank()] = value;
}

// The sum of those in the warp with the same remainder.
extern "C" __global__ void labels(const int *in, int *out) {
  auto warp = cg::tiled_partition<32>(cg::this_thread_block());
  int value = in[threadIdx.x];
  auto same = cg::labeled_partition(warp, value % 5);
  out[threadIdx.x] = cg::reduce(same, value, cg::plus<int>());
}

// Groups of several warps meet in shared memory that the system keeps.
extern "C" __global__ void bigTiles(const int *in, int *out) {
  __shared__ cg::block_tile_memory<256> memory;
  auto tile = cg::tiled_partition<128>(cg::this_thread_block(memory));
  int value = in[threadIdx.x];
  int sum = cg::reduce(tile, value, cg::plus<int>());
  tile.sync();
  out[threadIdx.x] = sum + cg::exclusive_scan(tile, value);
}
