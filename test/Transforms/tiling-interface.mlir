// RUN: attn-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s

// A head and 128 queries a tile: grouped KV heads, a query offset, shifted
// regions, and slices of every operand.
// CHECK-DAG: #[[$TILE:.*]] = affine_map<(d0) -> (d0 * 128)>
// CHECK-DAG: #[[$KV:.*]] = affine_map<(d0) -> (d0 floordiv 4)>
// CHECK-DAG: #[[$POSITION:.*]] = affine_map<(d0) -> (d0 * 128 + 512)>
// CHECK-LABEL: func @grouped
// CHECK-SAME: (%[[Q:.*]]: tensor<1x8x512x64xf16>, %[[K:.*]]: tensor<1x2x1024x64xf16>, %[[V:.*]]: tensor<1x2x1024x32xf16>, %[[BIAS:.*]]: tensor<1x8x1x1024xf32>, %[[KEEP:.*]]: tensor<1x1x512x1xi1>, %[[SLOPES:.*]]: tensor<8xf32>, %[[SINKS:.*]]: tensor<8xf32>, %[[TABLE:.*]]: tensor<8x512xf32>)
// CHECK: scf.forall (%[[H:.*]], %[[I:.*]]) in (8, 4) shared_outs(%[[OUT:.*]] = %{{.*}}, %[[LSEOUT:.*]] = %{{.*}})
// CHECK-DAG: %[[START:.*]] = affine.apply #[[$TILE]](%[[I]])
// CHECK-DAG: %[[KVH:.*]] = affine.apply #[[$KV]](%[[H]])
// CHECK-DAG: %[[OFFSET:.*]] = affine.apply #[[$POSITION]](%[[I]])
// CHECK-DAG: %[[QT:.*]] = tensor.extract_slice %[[Q]][0, %[[H]], %[[START]], 0] [1, 1, 128, 64]
// CHECK-DAG: %[[KT:.*]] = tensor.extract_slice %[[K]][0, %[[KVH]], 0, 0] [1, 1, 1024, 64]
// CHECK-DAG: %[[VT:.*]] = tensor.extract_slice %[[V]][0, %[[KVH]], 0, 0] [1, 1, 1024, 32]
// CHECK-DAG: %[[BIAST:.*]] = tensor.extract_slice %[[BIAS]][0, %[[H]], 0, 0] [1, 1, 1, 1024]
// CHECK-DAG: %[[KEEPT:.*]] = tensor.extract_slice %[[KEEP]][0, 0, %[[START]], 0] [1, 1, 128, 1]
// CHECK-DAG: %[[SLOPET:.*]] = tensor.extract_slice %[[SLOPES]][%[[H]]] [1]
// CHECK-DAG: %[[SINKT:.*]] = tensor.extract_slice %[[SINKS]][%[[H]]] [1]
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa query(%[[QT]]) key(%[[KT]]) value(%[[VT]]) query_offset(%[[OFFSET]]) bias(%[[BIAST]]) keep(%[[KEEPT]]) alibi(%[[SLOPET]]) sinks(%[[SINKT]]) causal score(%{{.*}}, %{{.*}}, %[[HT:.*]], %[[IT:.*]], %[[J:.*]]) {
// CHECK-DAG: %[[HEAD:.*]] = arith.addi %[[HT]], %[[H]]
// CHECK-DAG: %[[QUERY:.*]] = arith.addi %[[IT]], %[[START]]
// CHECK: tensor.extract %[[TABLE]][%[[HEAD]], %[[QUERY]]]
// CHECK: } mask(%{{.*}}, %{{.*}}, %[[IM:.*]], %[[JM:.*]]) {
// CHECK: %[[QUERYM:.*]] = arith.addi %[[IM]], %[[START]]
// CHECK: arith.cmpi ne, %[[QUERYM]], %[[JM]]
// CHECK: } : {{.*}} -> (tensor<1x1x128x32xf16>, tensor<1x1x128xf32>)
// CHECK: tensor.parallel_insert_slice %[[O]] into %[[OUT]][0, %[[H]], %[[START]], 0] [1, 1, 128, 32]
// CHECK: tensor.parallel_insert_slice %[[LSE]] into %[[LSEOUT]][0, %[[H]], %[[START]]] [1, 1, 128]
func.func @grouped(%q: tensor<1x8x512x64xf16>, %k: tensor<1x2x1024x64xf16>, %v: tensor<1x2x1024x32xf16>, %bias: tensor<1x8x1x1024xf32>,
    %keep: tensor<1x1x512x1xi1>, %slopes: tensor<8xf32>, %sinks: tensor<8xf32>, %table: tensor<8x512xf32>) -> (tensor<1x8x512x32xf16>, tensor<1x8x512xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks) causal
      schedule(<queries = lanes, query_tile = 96, query_panel = 48, kv_tile = 64, kv_splits = 1>)
      score(%s, %b, %h, %i, %j) {
        %x = tensor.extract %table[%h, %i] : tensor<8x512xf32>
        %r = arith.addf %s, %x : f32
        attn.yield %r : f32
      } mask(%b, %h, %i, %j) {
        %other = arith.cmpi ne, %i, %j : index
        attn.yield %other : i1
      } : (tensor<1x8x512x64xf16>, tensor<1x2x1024x64xf16>, tensor<1x2x1024x32xf16>, tensor<1x8x1x1024xf32>, tensor<1x1x512x1xi1>, tensor<8xf32>, tensor<8xf32>) -> (tensor<1x8x512x32xf16>, tensor<1x8x512xf32>)
  return %o, %lse : tensor<1x8x512x32xf16>, tensor<1x8x512xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 1, 128] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Two groups of query heads a tile are two KV heads; value head_dim too; the
// output is bshd. Without a causal mask there is no query offset.
// CHECK-DAG: #[[$EIGHT:.*]] = affine_map<(d0) -> (d0 * 8)>
// CHECK-DAG: #[[$TWO:.*]] = affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: #[[$SIXTEEN:.*]] = affine_map<(d0) -> (d0 * 16)>
// CHECK-LABEL: func @whole_groups
// CHECK: scf.forall (%[[H:.*]], %[[D:.*]]) in (2, 2)
// CHECK-DAG: %[[HQ:.*]] = affine.apply #[[$EIGHT]](%[[H]])
// CHECK-DAG: %[[HKV:.*]] = affine.apply #[[$TWO]](%[[H]])
// CHECK-DAG: %[[F:.*]] = affine.apply #[[$SIXTEEN]](%[[D]])
// CHECK-DAG: tensor.extract_slice %{{.*}}[0, %[[HKV]], 0, %[[F]]] [1, 2, 100, 16]
// CHECK: %[[O:.*]] = attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) layout(output = bshd) : (tensor<1x8x?x64xf32>, tensor<1x2x100x64xf32>, tensor<1x2x100x16xf32>) -> tensor<1x?x8x16xf32>
// CHECK: tensor.parallel_insert_slice %[[O]] into %{{.*}}[0, 0, %[[HQ]], %[[F]]] [1, %{{.*}}, 8, 16]
func.func @whole_groups(%q: tensor<1x16x?x64xf32>, %k: tensor<1x4x100x64xf32>, %v: tensor<1x4x100x32xf32>) -> tensor<1x?x16x32xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(output = bshd)
      : (tensor<1x16x?x64xf32>, tensor<1x4x100x64xf32>, tensor<1x4x100x32xf32>) -> tensor<1x?x16x32xf32>
  return %o : tensor<1x?x16x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 8, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Two of a group's four heads share their KV head.
// CHECK-DAG: #[[$KV:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @part_of_group
// CHECK: scf.forall (%[[H:.*]]) in (8)
// CHECK: %[[HKV:.*]] = affine.apply #[[$KV]](%[[H]])
// CHECK: tensor.extract_slice %{{.*}}[0, %[[HKV]], 0, 0] [1, 1, 100, 64]
// CHECK: attn.sdpa {{.*}} : (tensor<1x2x7x64xf32>, tensor<1x1x100x64xf32>, tensor<1x1x100x64xf32>) -> tensor<1x2x7x64xf32>
func.func @part_of_group(%q: tensor<1x16x7x64xf32>, %k: tensor<1x4x100x64xf32>, %v: tensor<1x4x100x64xf32>) -> tensor<1x16x7x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x16x7x64xf32>, tensor<1x4x100x64xf32>, tensor<1x4x100x64xf32>) -> tensor<1x16x7x64xf32>
  return %o : tensor<1x16x7x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Everything dynamic, in sequential loops; top-left becomes an offset of the
// tile's first query.
// CHECK-LABEL: func @dynamic
// CHECK: scf.for
// CHECK: scf.for %[[H:[a-z0-9]+]] =
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK-DAG: %[[GROUP:.*]] = arith.divui
// CHECK-DAG: arith.divui %[[H]],
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) query_offset(%[[I]]) causal :
func.func @dynamic(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:3 = transform.structured.tile_using_for %op tile_sizes [1, 1, 64] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// An elementwise consumer is tiled and the attention fused into it.
// CHECK-LABEL: func @fused
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (8, 4)
// CHECK: %[[O:.*]] = attn.sdpa {{.*}} causal {{.*}} -> tensor<1x1x128x64xf32>
// CHECK: linalg.exp ins(%[[O]] : tensor<1x1x128x64xf32>)
// CHECK: scf.forall.in_parallel
func.func @fused(%q: tensor<1x8x512x64xf32>, %k: tensor<1x8x512x64xf32>, %v: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  %init = tensor.empty() : tensor<1x8x512x64xf32>
  %e = linalg.exp ins(%o : tensor<1x8x512x64xf32>) outs(%init : tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %e : tensor<1x8x512x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %sdpa = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [0, 1, 128] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %containing = transform.structured.fuse_into_containing_op %sdpa into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func @merge
// CHECK-SAME: (%[[P:.*]]: tensor<4x1x32x16x128xf32>, %[[L:.*]]: tensor<4x1x32x16xf32>)
// CHECK: scf.forall (%[[H:.*]]) in (32)
// CHECK-DAG: %[[PT:.*]] = tensor.extract_slice %[[P]][0, 0, %[[H]], 0, 0] [4, 1, 1, 16, 128]
// CHECK-DAG: %[[LT:.*]] = tensor.extract_slice %[[L]][0, 0, %[[H]], 0] [4, 1, 1, 16]
// CHECK: attn.merge %[[PT]], %[[LT]] : (tensor<4x1x1x16x128xf32>, tensor<4x1x1x16xf32>) -> (tensor<1x1x16x128xf16>, tensor<1x1x16xf32>)
func.func @merge(%parts: tensor<4x1x32x16x128xf32>, %lses: tensor<4x1x32x16xf32>) -> (tensor<1x32x16x128xf16>, tensor<1x32x16xf32>) {
  %o, %lse = attn.merge %parts, %lses : (tensor<4x1x32x16x128xf32>, tensor<4x1x32x16xf32>) -> (tensor<1x32x16x128xf16>, tensor<1x32x16xf32>)
  return %o, %lse : tensor<1x32x16x128xf16>, tensor<1x32x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.merge"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
