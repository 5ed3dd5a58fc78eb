//===- warp.cu - Shuffles, votes, matches and reductions of a warp --------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

extern "C" __global__ void shuffles(const int *in, int *out) {
  int t = threadIdx.x, v = in[t];
  constexpr unsigned kAll = 0xffffffff;
  out[t * 8 + 0] = __shfl_sync(kAll, v, (t * 7 + 3) % 32);
  out[t * 8 + 1] = __shfl_up_sync(kAll, v, 3);
  out[t * 8 + 2] = __shfl_down_sync(kAll, v, 5);
  out[t * 8 + 3] = __shfl_xor_sync(kAll, v, 9);
  out[t * 8 + 4] = __shfl_sync(kAll, v, t + 2, 8);
  out[t * 8 + 5] = __shfl_up_sync(kAll, v, 2, 16);
  out[t * 8 + 6] = __shfl_down_sync(kAll, v, 3, 4);
  out[t * 8 + 7] = __shfl_xor_sync(kAll, v, 20, 16);
}

// shfl's predicate says whether the source lane was in range.
extern "C" __global__ void shufflePredicate(const int *in, int *out) {
  int t = threadIdx.x, value, valid;
  asm volatile("{\n"
               ".reg .pred p;\n"
               "shfl.sync.down.b32 %0|p, %2, 6, 0x0f1f, 0xffffffff;\n"
               "selp.s32 %1, 1, 0, p;\n"
               "}"
               : "=r"(value), "=r"(valid)
               : "r"(in[t]));
  out[2 * t] = value;
  out[2 * t + 1] = valid;
}

extern "C" __global__ void votes(const int *in, unsigned *out) {
  int t = threadIdx.x, v = in[t];
  constexpr unsigned kAll = 0xffffffff;
  out[t * 6 + 0] = __ballot_sync(kAll, v > 2);
  out[t * 6 + 1] = __any_sync(kAll, v == 3);
  out[t * 6 + 2] = __all_sync(kAll, v >= 0);
  int uniform;
  asm volatile("{\n"
               ".reg .pred p, q;\n"
               "setp.gt.s32 p, %1, 2;\n"
               "vote.sync.uni.pred q, p, 0xffffffff;\n"
               "selp.s32 %0, 1, 0, q;\n"
               "}"
               : "=r"(uniform)
               : "r"(v));
  out[t * 6 + 3] = uniform;
  out[t * 6 + 4] = __match_any_sync(kAll, v);
  int same;
  unsigned all = __match_all_sync(kAll, (unsigned long long)v, &same);
  out[t * 6 + 5] = all + same;
}

// Halves of a warp under masks of their own.
extern "C" __global__ void votesDivergent(const int *in, unsigned *out) {
  int t = threadIdx.x, v = in[t];
  unsigned mask = t < 12 ? 0x00000fff : 0xfffff000;
  if (t < 12)
    out[t] = __ballot_sync(mask, v & 1);
  else
    out[t] = __match_any_sync(mask, v & 3);
}

extern "C" __global__ void reductions(const int *in, int *out) {
  int t = threadIdx.x, v = in[t];
  unsigned mask = t % 2 ? 0xaaaaaaaa : 0x55555555;
  int *o = out + t * 8;
  if (t % 2) {
    o[0] = __reduce_add_sync(mask, v);
    o[1] = __reduce_min_sync(mask, v);
    o[2] = __reduce_max_sync(mask, v);
    o[3] = __reduce_min_sync(mask, unsigned(v));
    o[4] = __reduce_max_sync(mask, unsigned(v));
    o[5] = __reduce_and_sync(mask, unsigned(v));
    o[6] = __reduce_or_sync(mask, unsigned(v));
    o[7] = __reduce_xor_sync(mask, unsigned(v));
  } else {
    for (int i = 0; i < 8; ++i)
      o[i] = __reduce_add_sync(mask, v + i);
  }
}

extern "C" __global__ void laneRegisters(unsigned *out) {
  unsigned t = threadIdx.x + blockDim.x * threadIdx.y;
  unsigned r[7];
  asm("mov.u32 %0, %%laneid;" : "=r"(r[0]));
  asm("mov.u32 %0, %%lanemask_lt;" : "=r"(r[1]));
  asm("mov.u32 %0, %%lanemask_le;" : "=r"(r[2]));
  asm("mov.u32 %0, %%lanemask_eq;" : "=r"(r[3]));
  asm("mov.u32 %0, %%lanemask_ge;" : "=r"(r[4]));
  asm("mov.u32 %0, %%lanemask_gt;" : "=r"(r[5]));
  asm("mov.u32 %0, WARP_SZ;" : "=r"(r[6]));
  for (int i = 0; i < 7; ++i)
    out[t * 7 + i] = r[i];
}
