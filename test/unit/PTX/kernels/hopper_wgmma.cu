//===- hopper_wgmma.cu - Products with wgmma.mma_async --------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "inline_ptx.cuh"

#include <cuda.h>

static __device__ void fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
static __device__ void commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int N> static __device__ void wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
}

static __device__ uint64_t withAddress(uint64_t descriptor, const void *p) {
  return descriptor | (sharedAddress(p) & 0x3ffff) >> 4;
}

//===----------------------------------------------------------------------===//
// One product of 64 x 32
//===----------------------------------------------------------------------===//

// The operands' images are copied to shared memory as they are: `descriptors`
// say how they lie. A may come from registers, from a row-major image.

extern __shared__ __align__(1024) char images[];

struct Operands {
  uint64_t descriptorA, descriptorB;
  const char *a, *b;
  int bytesA, bytesB;
};

static __device__ const char *loadImages(const Operands &o) {
  char *b = images + (o.bytesA + 1023) / 1024 * 1024;
  for (int i = threadIdx.x; i < o.bytesA; i += blockDim.x)
    images[i] = o.a[i];
  for (int i = threadIdx.x; i < o.bytesB; i += blockDim.x)
    b[i] = o.b[i];
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  return b;
}

// Accumulator `i` of a thread: (row, column) of 64 x 32.
static __device__ int place(int i) {
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int row = warp * 16 + lane / 4 + i / 2 % 2 * 8;
  return row * 32 + i / 4 * 8 + lane % 4 * 2 + i % 2;
}

#define D16 "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15}"
#define D8 "{%0,%1,%2,%3,%4,%5,%6,%7}"
#define OUT16(C)                                                               \
  "+" C(d[0]), "+" C(d[1]), "+" C(d[2]), "+" C(d[3]), "+" C(d[4]),             \
      "+" C(d[5]), "+" C(d[6]), "+" C(d[7]), "+" C(d[8]), "+" C(d[9]),         \
      "+" C(d[10]), "+" C(d[11]), "+" C(d[12]), "+" C(d[13]), "+" C(d[14]),    \
      "+" C(d[15])
#define OUT8(C)                                                                \
  "+" C(d[0]), "+" C(d[1]), "+" C(d[2]), "+" C(d[3]), "+" C(d[4]),             \
      "+" C(d[5]), "+" C(d[6]), "+" C(d[7])

// D, its constraint and type; the instruction; the operands after scale-d.
#define PRODUCT(NAME, T, COUNT, VECTOR, OUTS, INST, P, A, B, REST)             \
  extern "C" __global__ void NAME(Operands o, const T *c, T *out, int scale) { \
    const char *b = loadImages(o);                                             \
    uint64_t descA = withAddress(o.descriptorA, images),                       \
             descB = withAddress(o.descriptorB, b);                            \
    T d[COUNT];                                                                \
    for (int i = 0; i < COUNT; ++i)                                            \
      d[i] = c[P(i)];                                                          \
    fence();                                                                   \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, " B ", 0;\n"                \
                 "wgmma.mma_async.sync.aligned." INST " " VECTOR ", " A        \
                 ", p" REST ";\n}"                                             \
                 : OUTS                                                        \
                 : "l"(descA), "l"(descB), "r"(scale));                        \
    commit();                                                                  \
    wait<0>();                                                                 \
    for (int i = 0; i < COUNT; ++i)                                            \
      out[P(i)] = d[i];                                                        \
  }

#define PRODUCT_F32(NAME, INST, REST)                                          \
  PRODUCT(NAME, float, 16, D16, OUT16("f"), INST, place, "%16, %17", "%18",    \
          REST)
#define PRODUCT_S32(NAME, INST)                                                \
  PRODUCT(NAME, int, 16, D16, OUT16("r"), INST, place, "%16, %17", "%18", "")

// Pairs of f16 accumulators: the place of the lower one, in pairs.
static __device__ int placePair(int i) { return place(2 * i) / 2; }
#define PRODUCT_F16(NAME, INST, REST)                                          \
  PRODUCT(NAME, unsigned, 8, D8, OUT8("r"), INST, placePair, "%8, %9", "%10",  \
          REST)

PRODUCT_F32(f16KK, "m64n32k16.f32.f16.f16", ", 1, 1, 0, 0")
PRODUCT_F32(f16KN, "m64n32k16.f32.f16.f16", ", 1, 1, 0, 1")
PRODUCT_F32(f16MK, "m64n32k16.f32.f16.f16", ", 1, 1, 1, 0")
PRODUCT_F32(f16MN, "m64n32k16.f32.f16.f16", ", 1, 1, 1, 1")
PRODUCT_F32(f16Negated, "m64n32k16.f32.f16.f16", ", -1, 1, 0, 0")
PRODUCT_F32(bf16KK, "m64n32k16.f32.bf16.bf16", ", 1, -1, 0, 0")
PRODUCT_F32(bf16MN, "m64n32k16.f32.bf16.bf16", ", 1, 1, 1, 1")
PRODUCT_F32(tf32KK, "m64n32k8.f32.tf32.tf32", ", 1, 1")
PRODUCT_F32(e4m3e5m2KK, "m64n32k32.f32.e4m3.e5m2", ", 1, 1")
PRODUCT_F32(e5m2e4m3KK, "m64n32k32.f32.e5m2.e4m3", ", 1, 1")
PRODUCT_F16(f16SumKK, "m64n32k16.f16.f16.f16", ", 1, 1, 0, 0")
PRODUCT_S32(s8u8KK, "m64n32k32.s32.s8.u8")
PRODUCT_S32(u8s8Saturated, "m64n32k32.satfinite.s32.u8.s8")
PRODUCT_S32(bitsKK, "m64n32k256.s32.b1.b1.and.popc")

#define FROM_REGISTERS(NAME, INST, REST)                                       \
  extern "C" __global__ void NAME(Operands o, const float *c, float *out,      \
                                  int scale) {                                 \
    const char *b = loadImages(o);                                             \
    uint64_t descB = withAddress(o.descriptorB, b);                            \
    int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 + lane / 4;       \
    const unsigned *words = reinterpret_cast<const unsigned *>(o.a);           \
    unsigned a[4];                                                             \
    for (int i = 0; i < 4; ++i)                                                \
      a[i] = words[(row + i % 2 * 8) * 8 + lane % 4 + i / 2 * 4];              \
    float d[16];                                                               \
    for (int i = 0; i < 16; ++i)                                               \
      d[i] = c[place(i)];                                                      \
    fence();                                                                   \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %21, 0;\n"                  \
                 "wgmma.mma_async.sync.aligned." INST " " D16                  \
                 ", {%16, %17, %18, %19}, %20, p" REST ";\n}"                  \
                 : OUT16("f")                                                  \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(descB),     \
                   "r"(scale));                                                \
    commit();                                                                  \
    wait<0>();                                                                 \
    for (int i = 0; i < 16; ++i)                                               \
      out[place(i)] = d[i];                                                    \
  }

FROM_REGISTERS(f16Registers, "m64n32k16.f32.f16.f16", ", 1, 1, 0")
FROM_REGISTERS(f16RegistersN, "m64n32k16.f32.f16.f16", ", 1, 1, 1")
FROM_REGISTERS(tf32Registers, "m64n32k8.f32.tf32.tf32", ", 1, 1")
FROM_REGISTERS(e4m3Registers, "m64n32k32.f32.e4m3.e4m3", ", 1, 1")

//===----------------------------------------------------------------------===//
// A pipeline of a producer warpgroup and a consumer warpgroup
//===----------------------------------------------------------------------===//

static __device__ void loadTile(const CUtensorMap &map, void *to,
                                uint64_t *barrier, int x, int y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::"
      "bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(sharedAddress(to)),
      "l"(&map), "r"(x), "r"(y), "r"(sharedAddress(barrier))
      : "memory");
}

constexpr int kStages = 3;

// Tiles of 64 x 64 f16 with the 128-byte swizzle, 8 KiB each.
struct Pipeline {
  char a[kStages][8192];
  char b[kStages][8192];
  uint64_t full[kStages], empty[kStages];
};

// C [M, N] f32 = A [M, K] f16 * B [K, N] f16: A is K-major and B, whose rows
// are contiguous in N, N-major. Block: 256 threads, a tile of 64 x 64.
extern "C" __global__ void __launch_bounds__(256)
    gemmPipeline(const __grid_constant__ CUtensorMap mapA,
                 const __grid_constant__ CUtensorMap mapB, float *c, int n,
                 int k) {
  Pipeline &p = *reinterpret_cast<Pipeline *>(images);
  int t = threadIdx.x, steps = k / 64;
  int row0 = blockIdx.y * 64, column0 = blockIdx.x * 64;
  if (t == 0) {
    asm volatile("prefetch.tensormap [%0];" ::"l"(&mapA) : "memory");
    for (int s = 0; s < kStages; ++s) {
      initBarrier(&p.full[s], 1);
      initBarrier(&p.empty[s], 128);
    }
  }
  __syncthreads();
  if (t >= 128) {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
    if (t == 128)
      for (int s = 0; s < steps; ++s) {
        int stage = s % kStages;
        // The first pass over the ring finds it empty: the parity of a phase
        // that counts as complete.
        waitParity(&p.empty[stage], (s / kStages + 1) % 2);
        expectBytes(&p.full[stage], 16384);
        loadTile(mapA, p.a[stage], &p.full[stage], s * 64, row0);
        loadTile(mapB, p.b[stage], &p.full[stage], column0, s * 64);
      }
    return;
  }
  asm volatile("setmaxnreg.inc.sync.aligned.u32 216;");
  float d[32] = {};
  for (int s = 0; s < steps; ++s) {
    int stage = s % kStages;
    waitParity(&p.full[stage], s / kStages % 2);
    // Swizzle 128; rows of 128 bytes, groups of 8 rows are 1024 apart.
    uint64_t descA =
        withAddress(1ull << 62 | 64ull << 32 | 1ull << 16, p.a[stage]);
    uint64_t descB =
        withAddress(1ull << 62 | 64ull << 32 | 1ull << 16, p.b[stage]);
    fence();
#pragma unroll
    for (int kk = 0; kk < 4; ++kk) {
      // 16 of K: 32 bytes along A's rows, 16 rows of B.
      asm volatile(
          "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 "
          "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"
          "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31}, "
          "%32, %33, 1, 1, 1, 0, 1;"
          : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]),
            "+f"(d[5]), "+f"(d[6]), "+f"(d[7]), "+f"(d[8]), "+f"(d[9]),
            "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]),
            "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]),
            "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]),
            "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]),
            "+f"(d[30]), "+f"(d[31])
          : "l"(descA + kk * 2), "l"(descB + kk * 128));
    }
    commit();
    // The product before this one has read its stage.
    wait<1>();
    if (s > 0)
      arrive(&p.empty[(s - 1) % kStages]);
  }
  wait<0>();
  int lane = t % 32;
  for (int i = 0; i < 32; ++i) {
    int row = row0 + t / 32 * 16 + lane / 4 + i / 2 % 2 * 8;
    c[row * n + column0 + i / 4 * 8 + lane % 4 * 2 + i % 2] = d[i];
  }
}
