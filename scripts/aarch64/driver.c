//===- driver.c - Calls an aarch64 kernel on files --------------*- C -*---===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// usage: driver ELEMENT_BYTES QUERY_HEADS KV_HEADS QUERIES KEYS HEAD_DIM
//
// Reads query, key and value, of one batch in layout B,H,S,D, from q.bin, k.bin
// and v.bin and writes the result of `sdpa` to o.bin. Stands in for the
// runtime, which a kernel needs for memory and for parallel loops.
//
//===----------------------------------------------------------------------===//

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/// What MLIR passes for a memref of rank 4, whose strides count elements.
struct MemRef {
  void *allocated, *aligned;
  int64_t offset, sizes[4], strides[4];
};

void _mlir_ciface_sdpa(struct MemRef *output, struct MemRef *query,
                       struct MemRef *key, struct MemRef *value);

void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t size) {
  return aligned_alloc(alignment,
                       (size + alignment - 1) / alignment * alignment);
}

void _mlir_memref_to_llvm_free(void *pointer) { free(pointer); }

void attn_parallel_for(int64_t count, void (*kernel)(void *, int64_t, int64_t),
                       void *context) {
  for (int64_t i = 0; i < count; ++i)
    kernel(context, i, i + 1);
}

static struct MemRef read(const char *file, int64_t elementBytes, int64_t heads,
                          int64_t seqlen, int64_t headDim) {
  size_t bytes = elementBytes * heads * seqlen * headDim;
  void *memory = _mlir_memref_to_llvm_aligned_alloc(64, bytes);
  FILE *stream = fopen(file, "rb");
  if (!memory || !stream || fread(memory, 1, bytes, stream) != bytes) {
    fprintf(stderr, "driver: error: %s does not have %zu bytes\n", file, bytes);
    exit(1);
  }
  fclose(stream);
  struct MemRef tensor = {
      memory,
      memory,
      0,
      {1, heads, seqlen, headDim},
      {heads * seqlen * headDim, seqlen * headDim, headDim, 1}};
  return tensor;
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "driver: error: %d arguments, expected 6\n", argc - 1);
    return 1;
  }
  int64_t numbers[6];
  for (int i = 0; i < 6; ++i)
    numbers[i] = strtoll(argv[i + 1], NULL, 10);
  int64_t bytes = numbers[0], queryHeads = numbers[1], kvHeads = numbers[2],
          queries = numbers[3], keys = numbers[4], headDim = numbers[5];
  struct MemRef query = read("q.bin", bytes, queryHeads, queries, headDim);
  struct MemRef key = read("k.bin", bytes, kvHeads, keys, headDim);
  struct MemRef value = read("v.bin", bytes, kvHeads, keys, headDim);
  struct MemRef output;
  _mlir_ciface_sdpa(&output, &query, &key, &value);

  size_t size = queryHeads * queries * headDim;
  FILE *stream = fopen("o.bin", "wb");
  if (!stream || fwrite((char *)output.aligned + output.offset * bytes, bytes,
                        size, stream) != size) {
    fprintf(stderr, "driver: error: cannot write o.bin\n");
    return 1;
  }
  return fclose(stream) != 0;
}
