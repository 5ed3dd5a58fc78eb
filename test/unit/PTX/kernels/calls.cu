//===- calls.cu - Device functions and their parameters -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

struct Pair {
  float sum;
  int count;
};

struct Box {
  double low[3];
  char tag;
  short edge[2];
};

static __device__ __noinline__ float scaleAndShift(float x, float a, float b) {
  return x * a + b;
}

// A struct by value both ways.
static __device__ __noinline__ Pair accumulate(Pair p, float x) {
  p.sum += x;
  p.count += x > 0 ? 1 : 0;
  return p;
}

// A struct of 40 bytes travels through the .param space.
static __device__ __noinline__ Box grow(Box b, const double *by) {
  for (int i = 0; i < 3; ++i)
    b.low[i] -= by[i];
  b.tag += 1;
  b.edge[0] = b.edge[1];
  b.edge[1] = b.tag;
  return b;
}

// Called under a divergent condition, and calls in turn.
static __device__ __noinline__ int collatz(int n) {
  int steps = 0;
  while (n != 1 && steps < 1000) {
    n = n % 2 ? 3 * n + 1 : n / 2;
    ++steps;
  }
  return steps;
}

static __device__ __noinline__ int choose(int n) {
  if (n % 3 == 0)
    return collatz(n);
  if (n % 3 == 1)
    return -collatz(n + 1);
  return int(scaleAndShift(n, 2.0f, 1.0f));
}

static __device__ __noinline__ void writeThrough(int *at, long long value) {
  *at = value >> 3;
}

extern "C" __global__ void callScalars(const float *in, float *out, float a,
                                       float b) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = scaleAndShift(scaleAndShift(in[i], a, b), b, a);
}

extern "C" __global__ void callStructs(const float *in, Pair *out, int each) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  Pair p = {0, 0};
  for (int e = 0; e < each; ++e)
    p = accumulate(p, in[i * each + e]);
  out[i] = p;
}

extern "C" __global__ void callBigStructs(const Box *in, Box *out,
                                          const double *by) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = grow(grow(in[i], by), by + 1);
}

extern "C" __global__ void callDivergent(const int *in, int *out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int r = in[i] > 4 ? choose(in[i]) : in[i];
  writeThrough(out + i, (long long)r * 8);
}

// A kernel parameter that is a struct of several types.
struct Parameters {
  char c;
  short s;
  int i;
  long long l;
  float f[3];
  double d;
};

extern "C" __global__ void kernelStruct(Parameters p, double *out) {
  out[0] = p.c;
  out[1] = p.s;
  out[2] = p.i;
  out[3] = p.l;
  out[4] = p.f[threadIdx.x];
  out[5] = p.d;
}

// Calls through a pointer to a function.
static __device__ __noinline__ int twice(int x) { return 2 * x; }
static __device__ __noinline__ int square(int x) { return x * x; }

extern "C" __global__ void callIndirect(const int *in, int *out, int which) {
  int (*f)(int) = which ? square : twice;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = f(in[i]);
}
