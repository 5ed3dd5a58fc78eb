//===- cub.cu - Collectives of CUB --------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <cub/cub.cuh>

extern "C" __global__ void blockSum(const float *in, float *out) {
  using Reduce = cub::BlockReduce<float, 256>;
  __shared__ typename Reduce::TempStorage storage;
  float sum = Reduce(storage).Sum(in[blockIdx.x * 256 + threadIdx.x]);
  if (threadIdx.x == 0)
    out[blockIdx.x] = sum;
}

extern "C" __global__ void blockScan(const int *in, int *out) {
  using Scan = cub::BlockScan<int, 128>;
  __shared__ typename Scan::TempStorage storage;
  int values[4];
  for (int i = 0; i < 4; ++i)
    values[i] = in[threadIdx.x * 4 + i];
  Scan(storage).InclusiveSum(values, values);
  for (int i = 0; i < 4; ++i)
    out[threadIdx.x * 4 + i] = values[i];
}

extern "C" __global__ void blockSort(const unsigned *in, unsigned *out) {
  using Load = cub::BlockLoad<unsigned, 128, 8, cub::BLOCK_LOAD_WARP_TRANSPOSE>;
  using Store = cub::BlockStore<unsigned, 128, 8, cub::BLOCK_STORE_TRANSPOSE>;
  using Sort = cub::BlockRadixSort<unsigned, 128, 8>;
  __shared__ union {
    typename Load::TempStorage load;
    typename Sort::TempStorage sort;
    typename Store::TempStorage store;
  } storage;
  unsigned keys[8];
  Load(storage.load).Load(in, keys);
  __syncthreads();
  Sort(storage.sort).Sort(keys);
  __syncthreads();
  Store(storage.store).Store(out, keys);
}

// A scan over tiles of 128 in one pass: a tile waits for the sums of those
// before it, which later blocks have.
using TileState = cub::ScanTileState<int>;

extern "C" __global__ void clearTiles(void *storage, int tiles) {
  TileState state;
  state.Init(tiles, storage, 1 << 20);
  state.InitializeStatus(tiles);
}

extern "C" __global__ void scanTiles(const int *in, int *out, void *storage,
                                     int tiles) {
  TileState state;
  state.Init(tiles, storage, 1 << 20);
  using Scan = cub::BlockScan<int, 128>;
  using Prefix = cub::TilePrefixCallbackOp<int, cuda::std::plus<>, TileState>;
  __shared__ typename Scan::TempStorage storageOfScan;
  __shared__ typename Prefix::TempStorage storageOfPrefix;
  int tile = gridDim.x - 1 - blockIdx.x;
  int value = in[tile * 128 + threadIdx.x], sum;
  if (tile == 0) {
    int total;
    Scan(storageOfScan).InclusiveSum(value, sum, total);
    if (threadIdx.x == 0)
      state.SetInclusive(0, total);
  } else {
    Prefix prefix(state, storageOfPrefix, cuda::std::plus<>{}, tile);
    Scan(storageOfScan).InclusiveScan(value, sum, cuda::std::plus<>{}, prefix);
  }
  out[tile * 128 + threadIdx.x] = sum;
}

// Its merges load an element past the tile and ignore it; the struct has seven
// bytes of padding.
struct Labelled {
  char label;
  double value;
};

extern "C" __global__ void mergeSort(const int *in, double *out) {
  using Sort = cub::BlockMergeSort<Labelled, 64, 4>;
  __shared__ typename Sort::TempStorage storage;
  Labelled items[4];
  for (int i = 0; i < 4; ++i) {
    int number = threadIdx.x * 4 + i;
    items[i] = {char(in[number]), double(number)};
  }
  Sort(storage).StableSort(items, [](const Labelled &a, const Labelled &b) {
    return a.label < b.label;
  });
  for (int i = 0; i < 4; ++i)
    out[threadIdx.x * 4 + i] = items[i].value + 1000.0 * items[i].label;
}
