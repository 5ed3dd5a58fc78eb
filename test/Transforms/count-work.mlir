// RUN: attn-opt %s --attn-count-work | FileCheck %s

// CHECK: func.func private @attn_count_work(i64, i64)

// Without a mask every position counts: 2 x 8 x 3 x 5, and 16 + 24.
// CHECK-LABEL: func @full
// CHECK: %[[KEPT:.*]] = arith.index_cast %c240 : index to i64
// CHECK: %[[DIMS:.*]] = arith.index_cast %c40 : index to i64
// CHECK: call @attn_count_work(%[[KEPT]], %[[DIMS]])
// CHECK: attn.sdpa
func.func @full(%q: tensor<2x8x3x16xf32>, %k: tensor<2x8x5x16xf32>, %v: tensor<2x8x5x24xf32>) -> tensor<2x8x3x24xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<2x8x3x16xf32>, tensor<2x8x5x16xf32>, tensor<2x8x5x24xf32>) -> tensor<2x8x3x24xf32>
  return %o : tensor<2x8x3x24xf32>
}

// Causal is counted once for all heads.
// CHECK-LABEL: func @causal
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: arith.cmpi
// CHECK: arith.select
// CHECK: arith.muli
// CHECK: call @attn_count_work
func.func @causal(%q: tensor<?x8x?x16xf32>) -> tensor<?x8x?x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal
    : (tensor<?x8x?x16xf32>, tensor<?x8x?x16xf32>, tensor<?x8x?x16xf32>) -> tensor<?x8x?x16xf32>
  return %o : tensor<?x8x?x16xf32>
}

// A mask region is asked for every position of every head.
// CHECK-LABEL: func @region
// CHECK-COUNT-4: scf.for
// CHECK: call @attn_count_work
func.func @region(%q: tensor<2x8x3x16xf32>) -> tensor<2x8x3x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %sum = arith.addi %h, %i : index
      %keep = arith.cmpi sle, %j, %sum : index
      attn.yield %keep : i1
    } : (tensor<2x8x3x16xf32>, tensor<2x8x3x16xf32>, tensor<2x8x3x16xf32>) -> tensor<2x8x3x16xf32>
  return %o : tensor<2x8x3x16xf32>
}
