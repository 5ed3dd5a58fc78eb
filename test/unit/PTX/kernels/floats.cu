//===- floats.cu - Float and double arithmetic and conversions ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

constexpr int kFloatResults = 40;

extern "C" __global__ void floats(const float *in, float *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
  float *o = out + t * kFloatResults;
  *o++ = __fadd_rn(a, b);
  *o++ = __fadd_rz(a, b);
  *o++ = __fadd_ru(a, b);
  *o++ = __fadd_rd(a, b);
  *o++ = __fmul_rn(a, b);
  *o++ = __fmul_rz(a, b);
  *o++ = __fmul_ru(a, b);
  *o++ = __fmul_rd(a, b);
  *o++ = __fmaf_rn(a, b, c);
  *o++ = __fmaf_rz(a, b, c);
  *o++ = __fmaf_ru(a, b, c);
  *o++ = __fmaf_rd(a, b, c);
  *o++ = __fdiv_rn(a, b);
  *o++ = __fdiv_rz(a, b);
  *o++ = __fdiv_ru(a, b);
  *o++ = __fdiv_rd(a, b);
  *o++ = __frcp_rn(a);
  *o++ = __frcp_ru(a);
  *o++ = __fsqrt_rn(a);
  *o++ = __fsqrt_rd(a);
  *o++ = fminf(a, b);
  *o++ = fmaxf(a, b);
  *o++ = __saturatef(a);
  *o++ = truncf(a);
  *o++ = floorf(a);
  *o++ = ceilf(a);
  *o++ = rintf(a);
  *o++ = roundf(a);
  *o++ = copysignf(a, b);
  *o++ = fabsf(a) - b;
  float r;
  asm("add.ftz.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
  *o++ = r;
  asm("mul.ftz.sat.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
  *o++ = r;
  asm("fma.rn.ftz.f32 %0, %1, %2, %3;" : "=f"(r) : "f"(a), "f"(b), "f"(c));
  *o++ = r;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
  *o++ = r;
#if __CUDA_ARCH__ >= 860
  asm("max.xorsign.abs.f32 %0, %1, %2;" : "=f"(r) : "f"(a), "f"(b));
#else
  r = copysignf(fmaxf(fabsf(a), fabsf(b)),
                __uint_as_float(__float_as_uint(a) ^ __float_as_uint(b)));
#endif
  *o++ = r;
  *o++ = a < b ? 1.0f : 2.0f;
  *o++ = !(a >= b) ? 3.0f : 4.0f;
  *o++ = isnan(a) ? 5.0f : isinf(a) ? 6.0f : 7.0f;
  *o++ = a != b ? 8.0f : 9.0f;
  *o++ = signbit(a) ? 10.0f : 11.0f;
}

constexpr int kApproximateResults = 12;

extern "C" __global__ void approximations(const float *in, float *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float a = in[t], r;
  float *o = out + t * kApproximateResults;
  asm("ex2.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("lg2.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("rcp.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("rsqrt.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("sqrt.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("sin.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("cos.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("tanh.approx.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("div.approx.f32 %0, %1, 0f40400000;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("div.full.f32 %0, 0f3F800000, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(a));
  *o++ = r;
}

// What the CUDA library makes of the instructions.
extern "C" __global__ void mathLibrary(const float *in, float *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float a = in[t];
  float *o = out + t * 12;
  *o++ = expf(a);
  *o++ = logf(fabsf(a));
  *o++ = sinf(a);
  *o++ = cosf(a);
  *o++ = tanhf(a);
  *o++ = erff(a);
  *o++ = powf(fabsf(a), 1.7f);
  *o++ = cbrtf(a);
  *o++ = atan2f(a, 2.0f);
  *o++ = log1pf(fabsf(a));
  *o++ = tgammaf(fabsf(a) + 0.5f);
  *o++ = fmodf(a, 0.7f);
}

constexpr int kDoubleResults = 20;

extern "C" __global__ void doubles(const double *in, double *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  double a = in[3 * t], b = in[3 * t + 1], c = in[3 * t + 2];
  double *o = out + t * kDoubleResults;
  *o++ = a + b;
  *o++ = a - b;
  *o++ = __dmul_rn(a, b);
  *o++ = __fma_rn(a, b, c);
  *o++ = __dadd_rz(a, b);
  *o++ = __dadd_ru(a, b);
  *o++ = __dmul_rd(a, b);
  *o++ = __fma_ru(a, b, c);
  *o++ = __ddiv_rn(a, b);
  *o++ = __dsqrt_rn(a);
  *o++ = __drcp_rn(a);
  *o++ = __ddiv_rz(a, b);
  *o++ = fmin(a, b);
  *o++ = fmax(a, b);
  *o++ = trunc(a);
  *o++ = rint(a);
  *o++ = a < b;
  *o++ = fabs(a) - b;
  *o++ = float(a);
  *o++ = __double2float_ru(a);
}

// Of the library's double functions, which are long sequences of code.
extern "C" __global__ void mathLibraryDouble(const double *in, double *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  double a = in[t];
  double *o = out + t * 6;
  *o++ = exp(a);
  *o++ = log(fabs(a));
  *o++ = sin(a);
  *o++ = tanh(a);
  *o++ = pow(fabs(a), -0.3);
  *o++ = erf(a);
}

constexpr int kConversionResults = 24;

extern "C" __global__ void conversions(const float *in, const long long *whole,
                                       long long *out) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  float a = in[t];
  long long w = whole[t];
  long long *o = out + t * kConversionResults;
  *o++ = __float2int_rn(a);
  *o++ = __float2int_rz(a);
  *o++ = __float2int_ru(a);
  *o++ = __float2int_rd(a);
  *o++ = __float2uint_rz(a);
  *o++ = __float2ll_rn(a);
  *o++ = __float2ull_rz(a);
  *o++ = __double2int_rz(double(a) * 3);
  *o++ = __double2ll_rd(double(a) * 3);
  *o++ = __float_as_int(__ll2float_rn(w));
  *o++ = __float_as_int(__ll2float_rz(w));
  *o++ = __float_as_int(__int2float_ru(int(w)));
  *o++ = __float_as_int(__uint2float_rd(unsigned(w)));
  *o++ = __double_as_longlong(__ll2double_rn(w));
  *o++ = __double_as_longlong(__ull2double_rz(w));
  *o++ = (signed char)w;
  *o++ = (unsigned short)w;
  short s;
  asm("cvt.rzi.s16.f32 %0, %1;" : "=h"(s) : "f"(a));
  *o++ = s;
  unsigned r;
  asm("{\n.reg .u8 b;\ncvt.rni.u8.f32 b, %1;\ncvt.u32.u8 %0, b;\n}"
      : "=r"(r)
      : "f"(a));
  *o++ = r;
  asm("cvt.sat.s8.s64 %0, %1;" : "=r"(r) : "l"(w));
  *o++ = (signed char)r;
  asm("cvt.sat.u16.s64 %0, %1;" : "=h"(s) : "l"(w));
  *o++ = (unsigned short)s;
  asm("cvt.sat.u32.s64 %0, %1;" : "=r"(r) : "l"(w));
  *o++ = r;
  float f;
  asm("cvt.rni.f32.f32 %0, %1;" : "=f"(f) : "f"(a));
  *o++ = __float_as_int(f);
  asm("cvt.sat.f32.f32 %0, %1;" : "=f"(f) : "f"(a));
  *o++ = __float_as_int(f);
}
