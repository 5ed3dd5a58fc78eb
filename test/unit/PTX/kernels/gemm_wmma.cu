//===- gemm_wmma.cu - Products with the wmma instructions -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One warp computes one tile: C [M, N] = A * B with K in steps of the shape.

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

using namespace nvcuda;

template <typename In, typename Sum, int M, int N, int K, typename ALayout,
          typename BLayout, typename Stored>
static __device__ void product(const Stored *a, const Stored *b, Sum *c, int m,
                               int n, int k) {
  wmma::fragment<wmma::accumulator, M, N, K, Sum> sums;
  wmma::fill_fragment(sums, Sum(0));
  int row = blockIdx.y * M, column = blockIdx.x * N;
  constexpr bool aRow = std::is_same_v<ALayout, wmma::row_major>;
  constexpr bool bRow = std::is_same_v<BLayout, wmma::row_major>;
  for (int s = 0; s < k; s += K) {
    wmma::fragment<wmma::matrix_a, M, N, K, In, ALayout> af;
    wmma::fragment<wmma::matrix_b, M, N, K, In, BLayout> bf;
    wmma::load_matrix_sync(af, aRow ? a + row * k + s : a + s * m + row,
                           aRow ? k : m);
    wmma::load_matrix_sync(bf, bRow ? b + s * n + column : b + column * k + s,
                           bRow ? n : k);
    if constexpr (std::is_same_v<In, wmma::precision::tf32>) {
      for (int i = 0; i < af.num_elements; ++i)
        af.x[i] = wmma::__float_to_tf32(af.x[i]);
      for (int i = 0; i < bf.num_elements; ++i)
        bf.x[i] = wmma::__float_to_tf32(bf.x[i]);
    }
    wmma::mma_sync(sums, af, bf, sums);
  }
  wmma::store_matrix_sync(c + row * n + column, sums, n, wmma::mem_row_major);
}

using Row = wmma::row_major;
using Column = wmma::col_major;

#define PRODUCT(NAME, IN, STORED, SUM, M, N, K, ALAYOUT, BLAYOUT)              \
  extern "C" __global__ void NAME(const STORED *a, const STORED *b, SUM *c,    \
                                  int m, int n, int k) {                       \
    product<IN, SUM, M, N, K, ALAYOUT, BLAYOUT>(a, b, c, m, n, k);             \
  }

PRODUCT(wmmaF16, __half, __half, float, 16, 16, 16, Row, Row)
PRODUCT(wmmaF16Columns, __half, __half, float, 16, 16, 16, Column, Column)
PRODUCT(wmmaF16Wide, __half, __half, float, 8, 32, 16, Row, Column)
PRODUCT(wmmaF16Tall, __half, __half, float, 32, 8, 16, Row, Row)
PRODUCT(wmmaF16Sum, __half, __half, __half, 16, 16, 16, Row, Column)
PRODUCT(wmmaBF16, __nv_bfloat16, __nv_bfloat16, float, 16, 16, 16, Row, Row)
PRODUCT(wmmaTF32, wmma::precision::tf32, float, float, 16, 16, 8, Row, Row)
PRODUCT(wmmaS8, signed char, signed char, int, 16, 16, 16, Row, Column)
PRODUCT(wmmaU8, unsigned char, unsigned char, int, 16, 16, 16, Row, Row)
PRODUCT(wmmaF64, double, double, double, 8, 8, 4, Row, Column)
