// Biases and masks of dynamic sizes, which may turn out to broadcast.

// RUN: attn-run %s --function=bias --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=2x4x50x70xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=bias --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x1x50x70xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=bias --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x4x1x70xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=bias --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=2x1x50x1xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=bias --input=2x4x1x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x1x1x70xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=keep --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x4x50x70xi1=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=keep --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=2x1x1x70xi1=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=keep --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x1x50x1xi1=random:3 --check | FileCheck %s
// RUN: not attn-run %s --function=bias --input=2x4x50x16xf32=random:1 --input=2x2x70x16xf32=random:2 --input=1x1x50x69xf32=random:3 2>&1 | FileCheck %s --check-prefix=SHAPE

// CHECK: check: result 0: max error {{[0-9.]+e-0[789]}} in
// CHECK-NOT: nan
// SHAPE: error: {{.*}}bias
func.func @bias(%q: tensor<?x?x?x16xf32>, %kv: tensor<?x?x?x16xf32>, %bias: tensor<?x?x?x?xf32>) -> tensor<?x?x?x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) bias(%bias)
    : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x16xf32>
  return %o : tensor<?x?x?x16xf32>
}
func.func @keep(%q: tensor<?x?x?x16xf32>, %kv: tensor<?x?x?x16xf32>, %keep: tensor<?x?x?x?xi1>) -> tensor<?x?x?x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) keep(%keep)
    : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x?xi1>) -> tensor<?x?x?x16xf32>
  return %o : tensor<?x?x?x16xf32>
}
