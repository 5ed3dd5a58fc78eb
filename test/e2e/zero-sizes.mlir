// Sizes of 0: no batch, no heads, no queries, no keys. Without keys rows are 0.

// RUN: attn-run %s --function=attention --input=0x4x20x8xf32 --input=0x2x30x8xf32 --check --threads=2 | FileCheck %s --check-prefix=NONE
// RUN: attn-run %s --function=attention --input=1x0x20x8xf32 --input=1x0x30x8xf32 --check --threads=2 | FileCheck %s --check-prefix=NONE
// RUN: attn-run %s --function=attention --input=1x0x20x8xf32 --input=1x2x30x8xf32=random:1 --check --threads=2 | FileCheck %s --check-prefix=NONE
// RUN: attn-run %s --function=attention --input=1x4x0x8xf32 --input=1x2x30x8xf32=random:1 --check --threads=2 | FileCheck %s --check-prefix=NONE
// RUN: attn-run %s --function=attention --input=1x2x3x8xf32=random:1 --input=1x2x0x8xf32 --check --threads=2 | FileCheck %s --check-prefix=NO-KEYS
// RUN: attn-run %s --function=no_heads --input=1x0x20x8xf32 --input=1x2x30x8xf32=random:1 --check --threads=2 | FileCheck %s --check-prefix=NONE
// RUN: attn-run %s --function=no_decode_heads --input=1x0x1x8xf32 --input=1x2x30x8xf32=random:1 --check --threads=2 | FileCheck %s --check-prefix=NONE

// NONE: check: result 0: max error 0.000e+00 in 0 elements
// NO-KEYS: check: result 0: max error 0.000e+00 in 48 elements
// NO-KEYS-NOT: nan
func.func @attention(%q: tensor<?x?x?x8xf32>, %kv: tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal
    : (tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  return %o : tensor<?x?x?x8xf32>
}
func.func @no_heads(%q: tensor<1x0x20x8xf32>, %kv: tensor<1x2x30x8xf32>) -> tensor<1x0x20x8xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x0x20x8xf32>, tensor<1x2x30x8xf32>, tensor<1x2x30x8xf32>) -> tensor<1x0x20x8xf32>
  return %o : tensor<1x0x20x8xf32>
}
func.func @no_decode_heads(%q: tensor<1x0x1x8xf32>, %kv: tensor<1x2x30x8xf32>) -> tensor<1x0x1x8xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x0x1x8xf32>, tensor<1x2x30x8xf32>, tensor<1x2x30x8xf32>) -> tensor<1x0x1x8xf32>
  return %o : tensor<1x0x1x8xf32>
}
