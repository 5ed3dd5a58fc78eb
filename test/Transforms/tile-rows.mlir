// RUN: attn-opt %s --attn-tile --canonicalize --split-input-file | FileCheck %s

// Decode: the four query heads that share a KV head are the rows of one tile,
// whose keys are read once. f16 is widened where it is used.
// CHECK-DAG: #[[$FIRST_HEAD:.*]] = affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: #[[$HEAD:.*]] = affine_map<(d0)[s0] -> (d0 * 4 + s0)>
// CHECK-DAG: #[[$K:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$V:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[$REDUCED:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: @decode
// CHECK-SAME: %[[Q:.*]]: tensor<1x8x1x16xf16>, %[[KEYS:.*]]: tensor<1x2x64x16xf16>, %[[VALUES:.*]]: tensor<1x2x64x16xf16>
// CHECK: scf.forall (%[[KV_HEAD:.*]]) in (2)
// CHECK:   %[[FIRST:.*]] = affine.apply #[[$FIRST_HEAD]](%[[KV_HEAD]])
// CHECK:   %[[PACKED:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<4x16xf32>)
// CHECK:     %[[ROW:.*]] = linalg.index 0
// CHECK:     %[[HEAD:.*]] = affine.apply #[[$HEAD]](%[[KV_HEAD]])[%[[ROW]]]
// CHECK:     %[[D:.*]] = linalg.index 1
// CHECK:     tensor.extract %[[Q]][%c0, %[[HEAD]], %c0, %[[D]]]
// CHECK:     arith.extf
// CHECK:     arith.mulf
// CHECK:   scf.for %[[KEY:.*]] = %c0 to %c64 step %c32 {{.*}} -> (tensor<4xf32>, tensor<4xf32>, tensor<4x16xf32>)
// CHECK:     %[[K_TILE:.*]] = tensor.extract_slice %[[KEYS]][0, %[[KV_HEAD]], %[[KEY]], 0] [1, 1, 32, 16] {{.*}} to tensor<32x16xf16>
// CHECK:     linalg.generic {indexing_maps = [#[[$K]], #[[$REDUCED]], #[[$RESULT]]], {{.*}} ins(%[[K_TILE]], %[[PACKED]] : tensor<32x16xf16>, tensor<4x16xf32>) outs(%{{.*}} : tensor<4x32xf32>)
// CHECK:       arith.extf
// CHECK:     %[[V_TILE:.*]] = tensor.extract_slice %[[VALUES]]
// CHECK:     linalg.generic {indexing_maps = [#[[$V]], #[[$REDUCED]], #[[$RESULT]]], {{.*}} ins(%[[V_TILE]],
// CHECK:   arith.truncf
// CHECK:   tensor.parallel_insert_slice %{{.*}}[0, %[[FIRST]], 0, 0] [1, 4, 1, 16]
func.func @decode(%q: tensor<1x8x1x16xf16>, %k: tensor<1x2x64x16xf16>, %v: tensor<1x2x64x16xf16>) -> tensor<1x8x1x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 32, kv_splits = 1>)
    : (tensor<1x8x1x16xf16>, tensor<1x2x64x16xf16>, tensor<1x2x64x16xf16>) -> tensor<1x8x1x16xf16>
  return %o : tensor<1x8x1x16xf16>
}

// -----

// Three queries of each of two heads are six rows, head by head.
// CHECK-DAG: #[[$HEAD:.*]] = affine_map<(d0)[s0] -> (d0 * 2 + s0 floordiv 3)>
// CHECK-DAG: #[[$QUERY:.*]] = affine_map<()[s0] -> (s0 mod 3)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<()[s0, s1] -> (s0 * 3 + s1)>
// CHECK-LABEL: @several_queries
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<6x16xf32>)
// CHECK:   affine.apply #[[$HEAD]]
// CHECK:   affine.apply #[[$QUERY]]
// The last query sees all keys, so that the loop ends there.
// CHECK: scf.for %{{.*}} = %c0 to %c64
// CHECK:   scf.if
// CHECK:   } else {
// CHECK:     affine.apply #[[$QUERY]]
// CHECK:     %[[KEEP:.*]] = arith.cmpi sle
// CHECK-NEXT: arith.select %[[KEEP]]
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<2x3x16xf32>)
// CHECK:   affine.apply #[[$ROW]]
// CHECK: tensor.parallel_insert_slice %{{.*}} [1, 2, 3, 16]
func.func @several_queries(%q: tensor<1x4x3x16xf32>, %kv: tensor<1x2x64x16xf32>) -> tensor<1x4x3x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal schedule(<queries = rows, query_tile = 3, query_panel = 3, kv_tile = 32, kv_splits = 1>)
    : (tensor<1x4x3x16xf32>, tensor<1x2x64x16xf32>, tensor<1x2x64x16xf32>) -> tensor<1x4x3x16xf32>
  return %o : tensor<1x4x3x16xf32>
}

// -----

// Flash-Decoding: the keys are split, and a sink is seen by the first split
// alone. The split is the partial results' first dimension.
// CHECK-LABEL: @splits
// CHECK-SAME: %[[SINKS:[a-z0-9]*]]: tensor<8xf32>
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0xFF800000 : f32
// CHECK: %[[PARTS:.*]]:2 = scf.forall (%[[KV_HEAD:.*]], %[[SPLIT:.*]]) in (2, 3)
// CHECK:   tensor.extract %[[SINKS]]
// CHECK:   %[[IS_FIRST:.*]] = arith.cmpi eq, %[[SPLIT]], %c0
// CHECK-NEXT: arith.select %[[IS_FIRST]], %{{.*}}, %[[NONE]]
// CHECK:   scf.for
// CHECK:   tensor.parallel_insert_slice %{{.*}}[%[[SPLIT]], 0, %{{.*}}, 0, 0] [1, 1, 4, 1, 16] {{.*}} into tensor<3x1x8x1x16xf32>
// CHECK:   tensor.parallel_insert_slice %{{.*}}[%[[SPLIT]], 0, %{{.*}}, 0] [1, 1, 4, 1] {{.*}} into tensor<3x1x8x1xf32>
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.merge %[[PARTS]]#0, %[[PARTS]]#1 : {{.*}} -> (tensor<1x8x1x16xf16>, tensor<1x8x1xf32>)
// CHECK: return %[[O]], %[[LSE]]
func.func @splits(%q: tensor<1x8x1x16xf16>, %kv: tensor<1x2x?x16xf16>, %sinks: tensor<8xf32>) -> (tensor<1x8x1x16xf16>, tensor<1x8x1xf32>) {
  %o:2 = attn.sdpa query(%q) key(%kv) value(%kv) sinks(%sinks) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 32, kv_splits = 3>)
    : (tensor<1x8x1x16xf16>, tensor<1x2x?x16xf16>, tensor<1x2x?x16xf16>, tensor<8xf32>) -> (tensor<1x8x1x16xf16>, tensor<1x8x1xf32>)
  return %o#0, %o#1 : tensor<1x8x1x16xf16>, tensor<1x8x1xf32>
}
