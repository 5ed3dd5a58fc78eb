//===- integer.cu - Integer intrinsics ------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each thread takes a triple and writes one result for each operation.

constexpr int kResults32 = 40;

extern "C" __global__ void integers32(const unsigned *in, unsigned *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
  int sa = a, sb = b, sc = c;
  unsigned *o = out + t * kResults32;
  unsigned r;
  *o++ = __byte_perm(a, b, c & 0x7777);
  asm("prmt.b32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  *o++ = r;
  asm("bfe.u32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  *o++ = r;
  asm("bfe.s32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  *o++ = r;
  asm("bfi.b32 %0, %1, %2, %3, %4;"
      : "=r"(r)
      : "r"(a), "r"(b), "r"(c & 63), "r"(b >> 5 & 63));
  *o++ = r;
  asm("lop3.b32 %0, %1, %2, %3, 0x96;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  *o++ = r;
  asm("lop3.b32 %0, %1, %2, %3, 0xb8;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  *o++ = r;
  *o++ = __funnelshift_l(a, b, c);
  *o++ = __funnelshift_lc(a, b, c);
  *o++ = __funnelshift_r(a, b, c);
  *o++ = __funnelshift_rc(a, b, c);
  *o++ = __clz(sa);
  *o++ = __popc(a);
  *o++ = __brev(a);
  *o++ = __ffs(sa);
  asm("bfind.u32 %0, %1;" : "=r"(r) : "r"(a));
  *o++ = r;
  asm("bfind.shiftamt.s32 %0, %1;" : "=r"(r) : "r"(a));
  *o++ = r;
  *o++ = __umulhi(a, b);
  *o++ = __mulhi(sa, sb);
  *o++ = __mul24(sa, sb);
  *o++ = __umul24(a, b) + c;
  *o++ = __sad(sa, sb, c);
  *o++ = __usad(a, b, c);
  *o++ = __dp4a(sa, sb, sc);
  *o++ = __dp4a(a, b, c);
  *o++ = __dp2a_lo(sa, sb, sc);
  *o++ = __dp2a_hi(a, b, c);
  *o++ = __hadd(sa, sb);
  *o++ = __rhadd(sa, sb);
  asm("shl.b32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
  *o++ = r;
  asm("shr.s32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(c));
  *o++ = r;
  *o++ = sb ? sa == (int)0x80000000 && sb == -1 ? 0 : sa / sb : 0;
  *o++ = b ? a % b : 0;
  *o++ = min(sa, sb) + max(a, b);
  asm("add.sat.s32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
  *o++ = r;
  asm("sub.sat.s32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
  *o++ = r;
  asm("fns.b32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b & 31), "r"(sc % 4));
  *o++ = r;
  asm("szext.wrap.s32 %0, %1, %2;" : "=r"(r) : "r"(a), "r"(b));
  *o++ = r;
  asm("bmsk.clamp.b32 %0, %1, %2;" : "=r"(r) : "r"(a & 63), "r"(b & 63));
  *o++ = r;
  *o++ = abs(sa) - sc * 3;
}

constexpr int kResults64 = 16;

extern "C" __global__ void integers64(const unsigned long long *in,
                                      unsigned long long *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned long long a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2], r;
  long long sa = a, sb = b;
  unsigned long long *o = out + t * kResults64;
  *o++ = a * b + c;
  *o++ = __umul64hi(a, b);
  *o++ = __mul64hi(sa, sb);
  *o++ = __clzll(sa);
  *o++ = __popcll(a);
  *o++ = __brevll(a);
  *o++ = __ffsll(sa);
  *o++ = b ? a / b : 0;
  *o++ = b ? a % b : 0;
  *o++ = sb > 0 ? sa / sb : 0;
  *o++ = (unsigned long long)(unsigned)a * (unsigned)b + c;
  *o++ = (long long)(int)a * (int)b;
  *o++ = sa >> (c & 63);
  *o++ = min(sa, sb) ^ max(a, b);
  // 128-bit addition through the carry flag.
  unsigned long long high;
  asm("add.cc.u64 %0, %2, %3;\n"
      "addc.u64 %1, %4, %2;"
      : "=l"(r), "=l"(high)
      : "l"(a), "l"(b), "l"(c));
  *o++ = r ^ high;
  asm("sub.cc.u64 %0, %2, %3;\n"
      "subc.u64 %1, %4, %2;"
      : "=l"(r), "=l"(high)
      : "l"(a), "l"(b), "l"(c));
  *o++ = r ^ high;
}

extern "C" __global__ void integers16(const unsigned short *in,
                                      unsigned short *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned short a = in[2 * t], b = in[2 * t + 1], r;
  unsigned short *o = out + t * 6;
  asm("mul.hi.u16 %0, %1, %2;" : "=h"(r) : "h"(a), "h"(b));
  *o++ = r;
  asm("mul.lo.s16 %0, %1, %2;" : "=h"(r) : "h"(a), "h"(b));
  *o++ = r;
  asm("shr.s16 %0, %1, 3;" : "=h"(r) : "h"(a));
  *o++ = r;
  asm("min.s16 %0, %1, %2;" : "=h"(r) : "h"(a), "h"(b));
  *o++ = r;
  unsigned wide;
  asm("mul.wide.s16 %0, %1, %2;" : "=r"(wide) : "h"(a), "h"(b));
  *o++ = wide >> 16;
  *o++ = b ? a / b : 1;
}

// Quotients of 128 bits by 64: nvcc works them out through the carry flag.
extern "C" __global__ void divide128(const unsigned long long *in,
                                     unsigned long long *out) {
  int t = threadIdx.x;
  unsigned __int128 dividend = (unsigned __int128)in[3 * t] << 64;
  unsigned __int128 quotient = (dividend | in[3 * t + 1]) / in[3 * t + 2];
  out[2 * t] = quotient;
  out[2 * t + 1] = quotient >> 64;
}
