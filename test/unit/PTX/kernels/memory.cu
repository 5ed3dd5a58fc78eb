//===- memory.cu - State spaces and jump tables ---------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

__constant__ float coefficients[5] = {1.0f, -0.5f, 0.25f, 3.0f, -2.0f};
__constant__ struct {
  short id;
  double weight;
} table[3] = {{7, 1.5}, {-3, 2.25}, {11, -8.0}};
__device__ int counters[4] = {10, 20, 30, 40};
__device__ const char message[] = "attention";

extern "C" __global__ void constantMemory(const float *in, float *out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float x = in[i], sum = 0;
  for (int c = 4; c >= 0; --c)
    sum = sum * x + coefficients[c];
  out[i] =
      sum + coefficients[i % 5] + float(table[i % 3].weight * table[i % 3].id);
}

extern "C" __global__ void globalVariables(int *out) {
  out[threadIdx.x] = atomicAdd(&counters[threadIdx.x % 4], 0) + 1;
  out[32 + threadIdx.x] = message[threadIdx.x % 10];
}

// An array indexed by data lies in local memory.
extern "C" __global__ void localArray(const int *in, int *out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int heap[16];
  for (int e = 0; e < 16; ++e)
    heap[e] = in[i * 16 + e];
  // Insertion sort.
  for (int e = 1; e < 16; ++e) {
    int value = heap[e], at = e;
    while (at > 0 && heap[at - 1] > value) {
      heap[at] = heap[at - 1];
      --at;
    }
    heap[at] = value;
  }
  for (int e = 0; e < 16; ++e)
    out[i * 16 + e] = heap[(e + n) % 16];
}

extern "C" __global__ void switchTable(const int *in, int *out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int x = in[i], r;
  switch (x) {
  case 0:
    r = x + 17;
    out[i] = r * i;
    break;
  case 1:
    r = i * 3;
    out[i] = r - x;
    break;
  case 2:
    r = __popc(i);
    out[i] = r;
    break;
  case 3:
    r = i / 7;
    out[i] = r ^ 5;
    break;
  case 4:
    r = i % 5; // falls through
  case 5:
    r = i << 2;
    out[i] = r + 1;
    break;
  case 6:
    r = -i;
    out[i] = r * r;
    break;
  case 7:
    out[i] = __clz(i);
    break;
  case 8:
    out[i] = min(i, 9);
    break;
  default:
    out[i] = -1;
  }
}

// Generic addresses of shared, local and global memory through one pointer.
extern "C" __global__ void genericPointers(int *global, int *out, int which) {
  __shared__ int shared[64];
  int local[4];
  int t = threadIdx.x;
  shared[t] = t * 2;
  for (int e = 0; e < 4; ++e)
    local[e] = t + e * 100;
  __syncthreads();
  int kind = (t + which) % 3;
  int *p = kind == 0   ? shared + (t ^ 1)
           : kind == 1 ? local + t % 4
                       : global + t;
  out[t] = *p;
}

// Accesses of 1, 2, 8 and 16 bytes and signed narrow loads.
extern "C" __global__ void widths(const signed char *s8,
                                  const unsigned short *u16, const longlong2 *v,
                                  long long *out) {
  int t = threadIdx.x;
  longlong2 pair = v[t];
  out[t] = s8[t] + u16[t] * 2ll + pair.x - pair.y;
}
