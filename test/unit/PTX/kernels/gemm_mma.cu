//===- gemm_mma.cu - Products with mma.sync, ldmatrix, cp.async -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// C [M, N] = A [M, K] * B, row by row; B is [K, N] for the f16 and bf16
// kernels and [N, K] for tf32 and s8. M, N and K are multiples of the tile.
// Four warps, 2 x 2, share a 64 x 64 tile; K advances by 64 bytes of A a
// stage, and three stages are in flight.

#include "inline_ptx.cuh"

constexpr int kStages = 3, kTile = 64;

static __device__ void copyAsync16(void *shared, const void *global) {
  asm volatile(
      "cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(sharedAddress(shared)),
      "l"(global)
      : "memory");
}

static __device__ void commitGroup() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int N> static __device__ void waitGroup() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

static __device__ void loadMatrix4(uint32_t (&r)[4], const void *row) {
  asm volatile(
      "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
      : "r"(sharedAddress(row))
      : "memory");
}

static __device__ void loadMatrix2(uint32_t &r0, uint32_t &r1,
                                   const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
               : "=r"(r0), "=r"(r1)
               : "r"(sharedAddress(row))
               : "memory");
}

static __device__ void loadMatrix2Transposed(uint32_t &r0, uint32_t &r1,
                                             const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(r0), "=r"(r1)
               : "r"(sharedAddress(row))
               : "memory");
}

// 16-byte chunk `chunk` of row `row` in rows of 64 bytes: two rows share the
// 32 banks' 128 bytes, so the XOR takes every second row's number.
static __device__ int swizzle64(int row, int chunk) {
  return row * 64 + ((chunk ^ (row / 2 % 4)) * 16);
}

// The same in rows of 128 bytes.
static __device__ int swizzle128(int row, int chunk) {
  return row * 128 + ((chunk ^ (row % 8)) * 16);
}

#define MMA_16BIT(TYPE)                                                        \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." TYPE "." TYPE          \
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "           \
               "{%0, %1, %2, %3};"                                             \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]),        \
                 "r"(b[1]))

struct F16 {
  static __device__ void mma(float (&c)[4], const uint32_t (&a)[4],
                             const uint32_t (&b)[2]) {
    MMA_16BIT("f16");
  }
};

struct BF16 {
  static __device__ void mma(float (&c)[4], const uint32_t (&a)[4],
                             const uint32_t (&b)[2]) {
    MMA_16BIT("bf16");
  }
};

// A tile is 64 rows x 32 elements (64 bytes), B's 32 rows x 64 elements.
template <typename Type>
static __device__ void gemm16(const uint16_t *a, const uint16_t *b, float *c,
                              int m, int n, int k) {
  __shared__ __align__(128) char aTiles[kStages][kTile * 64];
  __shared__ __align__(128) char bTiles[kStages][32 * 128];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  int warpRow = warp / 2 * 32, warpColumn = warp % 2 * 32;
  int row0 = blockIdx.y * kTile, column0 = blockIdx.x * kTile;

  auto fetch = [&](int stage, int k0) {
    for (int i = t; i < 256; i += 128) {
      copyAsync16(aTiles[stage] + swizzle64(i / 4, i % 4),
                  a + (row0 + i / 4) * k + k0 + i % 4 * 8);
      copyAsync16(bTiles[stage] + swizzle128(i / 8, i % 8),
                  b + (k0 + i / 8) * n + column0 + i % 8 * 8);
    }
  };

  float sums[2][4][4] = {};
  int steps = k / 32;
  for (int s = 0; s < kStages - 1; ++s) {
    if (s < steps)
      fetch(s, s * 32);
    commitGroup();
  }
  for (int s = 0; s < steps; ++s) {
    waitGroup<kStages - 2>();
    __syncthreads();
    if (int next = s + kStages - 1; next < steps)
      fetch(next % kStages, next * 32);
    commitGroup();
    const char *aTile = aTiles[s % kStages], *bTile = bTiles[s % kStages];
#pragma unroll
    for (int kk = 0; kk < 2; ++kk) {
      uint32_t af[2][4], bf[4][2];
#pragma unroll
      for (int i = 0; i < 2; ++i)
        loadMatrix4(af[i], aTile + swizzle64(warpRow + i * 16 + lane % 16,
                                             kk * 2 + lane / 16));
#pragma unroll
      for (int j = 0; j < 4; ++j)
        loadMatrix2Transposed(
            bf[j][0], bf[j][1],
            bTile + swizzle128(kk * 16 + lane % 16, warpColumn / 8 + j));
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          Type::mma(sums[i][j], af[i], bf[j]);
    }
  }
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        int row = row0 + warpRow + i * 16 + h * 8 + lane / 4;
        int column = column0 + warpColumn + j * 8 + lane % 4 * 2;
        *reinterpret_cast<float2 *>(c + row * n + column) =
            make_float2(sums[i][j][2 * h], sums[i][j][2 * h + 1]);
      }
}

extern "C" __global__ void __launch_bounds__(128)
    gemmF16(const uint16_t *a, const uint16_t *b, float *c, int m, int n,
            int k) {
  gemm16<F16>(a, b, c, m, n, k);
}

extern "C" __global__ void __launch_bounds__(128)
    gemmBF16(const uint16_t *a, const uint16_t *b, float *c, int m, int n,
             int k) {
  gemm16<BF16>(a, b, c, m, n, k);
}

// Operands of 16 or 64 elements in 64 bytes, both with K along the row, so
// that ldmatrix without .trans serves both.
template <typename T, typename Sum, typename Mma>
static __device__ void gemmRows(const T *a, const T *b, Sum *c, int m, int n,
                                int k, Mma mma) {
  constexpr int kElements = 64 / sizeof(T), kChunk = 16 / sizeof(T);
  __shared__ __align__(128) char tiles[kStages][2][kTile * 64];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  int warpRow = warp / 2 * 32, warpColumn = warp % 2 * 32;
  int row0 = blockIdx.y * kTile, column0 = blockIdx.x * kTile;

  auto fetch = [&](int stage, int k0) {
    for (int i = t; i < 256; i += 128) {
      copyAsync16(tiles[stage][0] + swizzle64(i / 4, i % 4),
                  a + (row0 + i / 4) * k + k0 + i % 4 * kChunk);
      copyAsync16(tiles[stage][1] + swizzle64(i / 4, i % 4),
                  b + (column0 + i / 4) * k + k0 + i % 4 * kChunk);
    }
  };

  Sum sums[2][4][4] = {};
  int steps = k / kElements;
  for (int s = 0; s < kStages - 1; ++s) {
    if (s < steps)
      fetch(s, s * kElements);
    commitGroup();
  }
  for (int s = 0; s < steps; ++s) {
    waitGroup<kStages - 2>();
    __syncthreads();
    if (int next = s + kStages - 1; next < steps)
      fetch(next % kStages, next * kElements);
    commitGroup();
    const char *aTile = tiles[s % kStages][0], *bTile = tiles[s % kStages][1];
#pragma unroll
    for (int kk = 0; kk < 2; ++kk) {
      uint32_t af[2][4], bf[4][2];
#pragma unroll
      for (int i = 0; i < 2; ++i)
        loadMatrix4(af[i], aTile + swizzle64(warpRow + i * 16 + lane % 16,
                                             kk * 2 + lane / 16));
#pragma unroll
      for (int j = 0; j < 4; ++j)
        loadMatrix2(bf[j][0], bf[j][1],
                    bTile + swizzle64(warpColumn + j * 8 + lane % 8,
                                      kk * 2 + lane / 8 % 2));
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          mma(sums[i][j], af[i], bf[j]);
    }
  }
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        int row = row0 + warpRow + i * 16 + e / 2 * 8 + lane / 4;
        int column = column0 + warpColumn + j * 8 + lane % 4 * 2 + e % 2;
        c[row * n + column] = sums[i][j][e];
      }
}

extern "C" __global__ void __launch_bounds__(128)
    gemmTF32(const float *a, const float *b, float *c, int m, int n, int k) {
  gemmRows(a, b, c, m, n, k,
           [](float (&c)[4], uint32_t (&a)[4], uint32_t (&b)[2]) {
             for (uint32_t &r : a)
               asm("cvt.rna.tf32.f32 %0, %0;" : "+r"(r));
             for (uint32_t &r : b)
               asm("cvt.rna.tf32.f32 %0, %0;" : "+r"(r));
             asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
                          "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                          "{%0, %1, %2, %3};"
                          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]),
                            "r"(b[0]), "r"(b[1]));
           });
}

extern "C" __global__ void __launch_bounds__(128)
    gemmS8(const int8_t *a, const int8_t *b, int *c, int m, int n, int k) {
  gemmRows(
      a, b, c, m, n, k, [](int (&c)[4], uint32_t (&a)[4], uint32_t (&b)[2]) {
        asm volatile(
            "mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32 "
            "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
      });
}
