//===- hopper_copy.cu - mbarriers, bulk copies, tensor maps, clusters -----===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "inline_ptx.cuh"

#include <cuda.h>

// Phases that all threads arrive at, waited for by their state.
extern "C" __global__ void barrierPhases(const int *in, int *out, int rounds) {
  __shared__ uint64_t barrier;
  __shared__ int buffer[2][128];
  int t = threadIdx.x;
  if (t == 0)
    initBarrier(&barrier, 128);
  __syncthreads();
  for (int r = 0; r < rounds; ++r) {
    buffer[r % 2][t] = in[r * 128 + t];
    uint64_t state;
    asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1];"
                 : "=l"(state)
                 : "r"(sharedAddress(&barrier))
                 : "memory");
    asm volatile("{\n"
                 ".reg .pred done;\n"
                 "again:\n"
                 "mbarrier.test_wait.shared::cta.b64 done, [%0], %1;\n"
                 "@!done bra again;\n"
                 "}" ::"r"(sharedAddress(&barrier)),
                 "l"(state)
                 : "memory");
    out[r * 128 + t] = buffer[r % 2][127 - t];
  }
}

static __device__ uint32_t pendingCount(uint64_t state) {
  uint32_t pending;
  asm volatile("mbarrier.pending_count.b64 %0, %1;"
               : "=r"(pending)
               : "l"(state));
  return pending;
}

// One warp arrives for all of its lanes; counts that are still awaited.
extern "C" __global__ void barrierCounts(unsigned *out) {
  __shared__ uint64_t barrier;
  int t = threadIdx.x;
  if (t == 0) {
    initBarrier(&barrier, 40);
    uint64_t state;
    asm volatile("mbarrier.arrive.noComplete.shared::cta.b64 %0, [%1], 7;"
                 : "=l"(state)
                 : "r"(sharedAddress(&barrier))
                 : "memory");
    out[0] = pendingCount(state);
    asm volatile("mbarrier.arrive_drop.shared::cta.b64 %0, [%1], 3;"
                 : "=l"(state)
                 : "r"(sharedAddress(&barrier))
                 : "memory");
    out[1] = pendingCount(state);
    asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1], 30;"
                 : "=l"(state)
                 : "r"(sharedAddress(&barrier))
                 : "memory");
    out[2] = pendingCount(state);
    // The next phase awaits three fewer.
    asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1];"
                 : "=l"(state)
                 : "r"(sharedAddress(&barrier))
                 : "memory");
    out[3] = pendingCount(state);
    asm volatile(
        "mbarrier.inval.shared::cta.b64 [%0];" ::"r"(sharedAddress(&barrier)));
    initBarrier(&barrier, 1);
  }
}

// cp.async that arrives on an mbarrier.
extern "C" __global__ void copyArrives(const int4 *in, int *out) {
  __shared__ __align__(16) int buffer[4 * 64];
  __shared__ uint64_t barrier;
  int t = threadIdx.x;
  if (t == 0)
    initBarrier(&barrier, 64);
  __syncthreads();
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(
                   sharedAddress(buffer + 4 * t)),
               "l"(in + t)
               : "memory");
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(
                   sharedAddress(&barrier))
               : "memory");
  waitParity(&barrier, 0);
  for (int i = 0; i < 4; ++i)
    out[4 * t + i] = buffer[(4 * t + i) ^ 37];
}

// Bulk copies in, work, bulk copies out; two stages.
extern "C" __global__ void bulkCopy(const int *in, int *out, int rounds) {
  __shared__ __align__(128) int from[2][256], to[2][256];
  __shared__ uint64_t full[2];
  int t = threadIdx.x;
  in += blockIdx.x * rounds * 256;
  out += blockIdx.x * rounds * 256;
  if (t == 0) {
    initBarrier(&full[0], 1);
    initBarrier(&full[1], 1);
  }
  __syncthreads();
  auto fetch = [&](int r) {
    if (t == 0 && r < rounds) {
      expectBytes(&full[r % 2], 1024);
      asm volatile(
          "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes "
          "[%0], [%1], 1024, [%2];" ::"r"(sharedAddress(from[r % 2])),
          "l"(in + r * 256), "r"(sharedAddress(&full[r % 2]))
          : "memory");
    }
  };
  fetch(0);
  fetch(1);
  for (int r = 0; r < rounds; ++r) {
    waitParity(&full[r % 2], r / 2 % 2);
    // The store that last used this buffer has read it.
    if (t == 0)
      asm volatile("cp.async.bulk.wait_group.read 1;" ::: "memory");
    __syncthreads();
    for (int i = t; i < 256; i += blockDim.x)
      to[r % 2][i] = from[r % 2][255 - i] * 3;
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    if (t == 0) {
      asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], "
                   "1024;" ::"l"(out + r * 256),
                   "r"(sharedAddress(to[r % 2]))
                   : "memory");
      asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    }
    fetch(r + 2);
  }
  if (t == 0)
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}

extern "C" __global__ void bulkReduce(int *out) {
  __shared__ __align__(128) int from[64];
  from[threadIdx.x] = threadIdx.x + blockIdx.x;
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.s32 "
                 "[%0], [%1], 256;" ::"l"(out),
                 "r"(sharedAddress(from))
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;\n"
                 "cp.async.bulk.wait_group 0;" ::
                     : "memory");
  }
}

extern __shared__ __align__(1024) char tile[];

// A tile by a tensor map, as it then lies in shared memory: `bytes` of it, 0xee
// where nothing was written. `expected` bytes complete on the barrier.
template <int Rank>
static __device__ void loadTile(const CUtensorMap &map, const int *coordinates,
                                char *out, int bytes, int expected) {
  __shared__ uint64_t barrier;
  int t = threadIdx.x;
  if (t == 0)
    initBarrier(&barrier, 1);
  for (int i = t; i < bytes; i += blockDim.x)
    tile[i] = 0xee;
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (t == 0) {
    expectBytes(&barrier, expected);
    uint32_t to = sharedAddress(tile), signal = sharedAddress(&barrier);
    const int *c = coordinates;
#define LOAD(DIM, LIST, ...)                                                   \
  asm volatile("cp.async.bulk.tensor." DIM                                     \
               ".shared::cluster.global.mbarrier::complete_tx::bytes [%0], "   \
               "[%1, {" LIST "}], [%2];" ::"r"(to),                            \
               "l"(&map), "r"(signal), __VA_ARGS__                             \
               : "memory")
    if constexpr (Rank == 1)
      LOAD("1d", "%3", "r"(c[0]));
    if constexpr (Rank == 2)
      LOAD("2d", "%3, %4", "r"(c[0]), "r"(c[1]));
    if constexpr (Rank == 3)
      LOAD("3d", "%3, %4, %5", "r"(c[0]), "r"(c[1]), "r"(c[2]));
    if constexpr (Rank == 4)
      LOAD("4d", "%3, %4, %5, %6", "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
    if constexpr (Rank == 5)
      LOAD("5d", "%3, %4, %5, %6, %7", "r"(c[0]), "r"(c[1]), "r"(c[2]),
           "r"(c[3]), "r"(c[4]));
  }
  waitParity(&barrier, 0);
  for (int i = t; i < bytes; i += blockDim.x)
    out[i] = tile[i];
}

#define LOAD_TILE(RANK)                                                        \
  extern "C" __global__ void loadTile##RANK(                                   \
      const __grid_constant__ CUtensorMap map, const int *coordinates,         \
      char *out, int bytes, int expected) {                                    \
    loadTile<RANK>(map, coordinates, out, bytes, expected);                    \
  }
LOAD_TILE(1)
LOAD_TILE(2)
LOAD_TILE(3)
LOAD_TILE(4)
LOAD_TILE(5)

// Shared memory is filled from `in` and stored (or added) through the map.
extern "C" __global__ void storeTile(const __grid_constant__ CUtensorMap map,
                                     const char *in, int bytes, int x, int y,
                                     int add) {
  for (int i = threadIdx.x; i < bytes; i += blockDim.x)
    tile[i] = in[i];
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (threadIdx.x == 0) {
    if (add)
      asm volatile("cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.tile."
                   "bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
                   "r"(x), "r"(y), "r"(sharedAddress(tile))
                   : "memory");
    else
      asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group "
                   "[%0, {%1, %2}], [%3];" ::"l"(&map),
                   "r"(x), "r"(y), "r"(sharedAddress(tile))
                   : "memory");
    asm volatile("cp.async.bulk.commit_group;\n"
                 "cp.async.bulk.wait_group.read 0;" ::
                     : "memory");
  }
}

static __device__ void clusterSync() {
  asm volatile("barrier.cluster.arrive.aligned;\n"
               "barrier.cluster.wait.aligned;" ::
                   : "memory");
}

static __device__ uint32_t mapRank(const void *p, uint32_t rank) {
  uint32_t r;
  asm("mapa.shared::cluster.u32 %0, %1, %2;"
      : "=r"(r)
      : "r"(sharedAddress(p)), "r"(rank));
  return r;
}

// Each block of a cluster of four writes to the next one and reads from the
// one before.
extern "C" __global__ void __cluster_dims__(4, 1, 1)
    clusterRing(const int *in, int *out) {
  __shared__ int mine[64], received[64];
  uint32_t rank, size;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(size));
  int t = threadIdx.x, i = blockIdx.x * 64 + t;
  mine[t] = in[i];
  clusterSync();
  uint32_t next = mapRank(received + t, (rank + 1) % size);
  asm volatile("st.shared::cluster.s32 [%0], %1;" ::"r"(next), "r"(in[i] * 10)
               : "memory");
  int before;
  asm volatile("ld.shared::cluster.s32 %0, [%1];"
               : "=r"(before)
               : "r"(mapRank(mine + t, (rank + size - 1) % size))
               : "memory");
  clusterSync();
  out[i] = received[t] + before;
}

// Remote arrivals: block 0 waits until all blocks have written to it.
extern "C" __global__ void __cluster_dims__(2, 1, 1)
    clusterArrivals(const int *in, int *out) {
  __shared__ uint64_t barrier;
  __shared__ int slots[2][32];
  uint32_t rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  int t = threadIdx.x;
  if (t == 0)
    initBarrier(&barrier, 64);
  clusterSync();
  asm volatile(
      "st.shared::cluster.s32 [%0], %1;" ::"r"(mapRank(&slots[rank][t], 0)),
      "r"(in[blockIdx.x * 32 + t])
      : "memory");
  asm volatile(
      "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" ::"r"(
          mapRank(&barrier, 0))
      : "memory");
  if (rank == 0) {
    asm volatile("{\n"
                 ".reg .pred done;\n"
                 "again:\n"
                 "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 "
                 "done, [%0], 0;\n"
                 "@!done bra again;\n"
                 "}" ::"r"(sharedAddress(&barrier))
                 : "memory");
    out[blockIdx.x / 2 * 32 + t] = slots[0][t] * 1000 + slots[1][t];
  }
  clusterSync();
}

// One copy of a tile reaches both blocks.
extern "C" __global__ void __cluster_dims__(2, 1, 1)
    clusterMulticast(const __grid_constant__ CUtensorMap map, int *out) {
  __shared__ __align__(128) int halves[2][64];
  __shared__ uint64_t barrier;
  uint32_t rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  int t = threadIdx.x;
  if (t == 0)
    initBarrier(&barrier, 1);
  clusterSync();
  if (t == 0) {
    expectBytes(&barrier, 512);
    // Each block fetches half of what both need.
    asm volatile(
        "cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::"
        "bytes.multicast::cluster [%0], [%1, {%2}], [%3], %4;" ::"r"(
            sharedAddress(halves[rank])),
        "l"(&map), "r"(int(rank * 64)), "r"(sharedAddress(&barrier)),
        "h"((uint16_t)3)
        : "memory");
  }
  waitParity(&barrier, 0);
  for (int half = 0; half < 2; ++half)
    out[blockIdx.x * 128 + half * 64 + t] = halves[half][t];
  clusterSync();
}

// stmatrix, its transposed form, and an elected lane.
extern "C" __global__ void storeMatrix(const unsigned *in, unsigned *out) {
  __shared__ __align__(16) unsigned plain[4 * 32], transposed[2 * 32];
  int t = threadIdx.x;
  unsigned r[4];
  for (int i = 0; i < 4; ++i)
    r[i] = in[i * 32 + t];
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, "
               "%4};" ::"r"(sharedAddress(plain) + t * 16),
               "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])
               : "memory");
  asm volatile("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, "
               "%2};" ::"r"(sharedAddress(transposed) + t % 16 * 16),
               "r"(r[0]), "r"(r[1])
               : "memory");
  __syncwarp();
  for (int i = 0; i < 4; ++i)
    out[i * 32 + t] = plain[i * 32 + t];
  for (int i = 0; i < 2; ++i)
    out[(4 + i) * 32 + t] = transposed[i * 32 + t];
  unsigned elected, leader;
  asm volatile("{\n"
               ".reg .pred p;\n"
               "elect.sync %0|p, 0xffffffff;\n"
               "selp.u32 %1, 1, 0, p;\n"
               "}"
               : "=r"(elected), "=r"(leader));
  out[6 * 32 + t] = leader * 100 + elected;
}

// A tensor map made on the device, field by field, as for grouped products.
extern "C" __global__ void deviceMap(const uint16_t *tensor, char *scratch,
                                     uint16_t *out, unsigned width,
                                     unsigned height) {
  __shared__ __align__(128) char map[128];
  __shared__ __align__(128) uint16_t box[8 * 16];
  __shared__ uint64_t barrier;
  int t = threadIdx.x;
  reinterpret_cast<int *>(map)[t] = 0;
  __syncwarp();
  if (t == 0) {
    initBarrier(&barrier, 1);
    uint32_t at = sharedAddress(map);
#define REPLACE(FIELD, ...)                                                    \
  asm volatile("tensormap.replace.tile." FIELD ";" ::"r"(at), ##__VA_ARGS__    \
               : "memory")
    REPLACE("global_address.shared::cta.b1024.b64 [%0], %1", "l"(tensor));
    REPLACE("rank.shared::cta.b1024.b32 [%0], %1", "r"(1));
    REPLACE("box_dim.shared::cta.b1024.b32 [%0], 0, %1", "r"(16));
    REPLACE("box_dim.shared::cta.b1024.b32 [%0], 1, %1", "r"(8));
    REPLACE("global_dim.shared::cta.b1024.b32 [%0], 0, %1", "r"(width));
    REPLACE("global_dim.shared::cta.b1024.b32 [%0], 1, %1", "r"(height));
    REPLACE("global_stride.shared::cta.b1024.b64 [%0], 0, %1",
            "l"((uint64_t)width * 2));
    REPLACE("element_stride.shared::cta.b1024.b32 [%0], 0, %1", "r"(1));
    REPLACE("element_stride.shared::cta.b1024.b32 [%0], 1, %1", "r"(1));
    REPLACE("elemtype.shared::cta.b1024.b32 [%0], 1");
    REPLACE("interleave_layout.shared::cta.b1024.b32 [%0], 0");
    REPLACE("swizzle_mode.shared::cta.b1024.b32 [%0], 0");
    REPLACE("fill_mode.shared::cta.b1024.b32 [%0], 0");
  }
  __syncwarp();
  asm volatile("tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic."
               "release.gpu.sync.aligned [%0], [%1], 128;" ::"l"(scratch),
               "r"(sharedAddress(map))
               : "memory");
  asm volatile(
      "fence.proxy.tensormap::generic.acquire.gpu [%0], 128;" ::"l"(scratch)
      : "memory");
  if (t == 0) {
    expectBytes(&barrier, 256);
    asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::"
                 "complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(
                     sharedAddress(box)),
                 "l"(scratch), "r"(4), "r"(3), "r"(sharedAddress(&barrier))
                 : "memory");
  }
  waitParity(&barrier, 0);
  for (int i = t; i < 128; i += 32)
    out[i] = box[i];
}

// st.async and red.async to the other block of a cluster.
extern "C" __global__ void __cluster_dims__(2, 1, 1)
    clusterAsyncStores(const int *in, int *out) {
  __shared__ __align__(16) int values[64];
  __shared__ int sum;
  __shared__ uint64_t barrier;
  uint32_t rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  int t = threadIdx.x;
  if (t == 0) {
    initBarrier(&barrier, 1);
    sum = 1000;
    expectBytes(&barrier, 32 * 8 + 32 * 4);
  }
  clusterSync();
  int a = in[blockIdx.x * 64 + 2 * t], b = in[blockIdx.x * 64 + 2 * t + 1];
  uint32_t signal = mapRank(&barrier, rank ^ 1);
  asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.v2.s32 "
               "[%0], {%1, %2}, [%3];" ::"r"(mapRank(values + 2 * t, rank ^ 1)),
               "r"(a), "r"(b), "r"(signal)
               : "memory");
  asm volatile("red.async.relaxed.cluster.shared::cluster.mbarrier::complete_tx"
               "::bytes.add.s32 [%0], %1, [%2];" ::"r"(mapRank(&sum, rank ^ 1)),
               "r"(a), "r"(signal)
               : "memory");
  waitParity(&barrier, 0);
  out[blockIdx.x * 64 + t] = values[t] + sum;
  out[blockIdx.x * 64 + 32 + t] = values[32 + t];
  clusterSync();
}
