// Sizes that only the inputs tell are checked before anything is read.

// RUN: not attn-run %s --input=1x4x8x16xf32=1 --input=1x2x8x15xf32=1 --input=1x2x8x16xf32=1 2>&1 \
// RUN:   | FileCheck %s --check-prefix=HEAD-DIM
// HEAD-DIM: {{^}}attn-run: error: {{.*}}shapes-invalid.mlir:26:8: 'attn.sdpa' op head_dim of key is 15, expected 16 as in query: key is tensor<1x2x8x15xf32>, query is tensor<1x4x8x16xf32>{{$}}

// RUN: not attn-run %s --input=1x4x8x16xf32=1 --input=1x2x8x16xf32=1 --input=1x2x7x16xf32=1 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SEQLEN
// SEQLEN: error: {{.*}}: 'attn.sdpa' op seqlen of value is 7, expected 8 as in key: value is tensor<1x2x7x16xf32>, key is tensor<1x2x8x16xf32>{{$}}

// RUN: not attn-run %s --input=1x5x8x16xf32=1 --input=1x2x8x16xf32=1 --input=1x2x8x16xf32=1 2>&1 \
// RUN:   | FileCheck %s --check-prefix=GROUPS
// GROUPS: error: {{.*}}: 'attn.sdpa' op has 5 query heads and 2 KV heads, expected a multiple of the KV heads: query is tensor<1x5x8x16xf32>, key is tensor<1x2x8x16xf32>{{$}}

// RUN: not attn-run %s --input=1x4x8x16xf32=1 --input=1x2x8x16xf32=1 --input=1x2x8x16xf32=1 \
// RUN:   --target-cpu=apple-m2 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: code for the CPU 'apple-m2' (aarch64) does not run on this machine (x86_64)

// RUN: not attn-run %s --threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: error: --threads=0: expected at least 1

// RUN: not attn-run %s --stats= 2>&1 | FileCheck %s --check-prefix=STATS
// STATS: error: --stats=: expected a file to write

func.func @f(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}
