// RUN: attn-opt %s --attn-tile --canonicalize | FileCheck %s

// Queries and keys stay bf16 and become pairs along head_dim; the queries are
// packed once, unscaled, and the scale multiplies the scores. Values are widened
// as they are without pairs.
// CHECK-DAG: #[[$FROM:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$TO:.*]] = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
// CHECK-DAG: #[[$K:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d3, d4)>
// CHECK-DAG: #[[$Q:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d2, d4)>
// CHECK-DAG: #[[$S:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>
// CHECK-LABEL: @paired
// CHECK-SAME: %[[QUERIES:.*]]: tensor<1x2x64x8xbf16>, %[[KEYS:.*]]: tensor<1x2x40x8xbf16>
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 0.510069728 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : bf16
// CHECK: %[[ROWS:.*]] = tensor.extract_slice %[[QUERIES]]
// CHECK: %[[PAIRS:.*]] = tensor.expand_shape %[[ROWS]] {{\[}}[0], [1, 2]] {{.*}} : tensor<?x8xbf16> into tensor<?x4x2xbf16>
// CHECK: linalg.generic {indexing_maps = [#[[$FROM]], #[[$TO]]], {{.*}} ins(%[[PAIRS]] : tensor<?x4x2xbf16>) outs(%{{.*}} : tensor<4x?x2xbf16>)
// CHECK-NEXT: ^bb0(%[[IN:.*]]: bf16, %{{.*}}: bf16):
// CHECK-NEXT:   linalg.yield %[[IN]] : bf16
// Lanes past the last query are 0.
// CHECK: linalg.fill ins(%[[ZERO]] : bf16)
// CHECK: %[[PACKED:.*]] = tensor.insert_slice {{.*}} into tensor<1x4x16x2xbf16>
// CHECK: scf.for
// CHECK:   %[[TILE:.*]] = tensor.extract_slice %[[KEYS]]
// CHECK:   %[[K_PAIRS:.*]] = tensor.expand_shape %[[TILE]] {{\[}}[0], [1, 2]] {{.*}} into tensor<?x4x2xbf16>
// CHECK:   linalg.generic {indexing_maps = [#[[$K]], #[[$Q]], #[[$S]]], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%[[K_PAIRS]], %[[PACKED]] : {{.*}}) outs(%{{.*}} : tensor<1x?x16xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: bf16, %[[Y:.*]]: bf16, %[[SUM:.*]]: f32):
// CHECK-NEXT:   %[[WIDE_X:.*]] = arith.extf %[[X]] : bf16 to f32
// CHECK-NEXT:   %[[WIDE_Y:.*]] = arith.extf %[[Y]] : bf16 to f32
// CHECK-NEXT:   %[[XY:.*]] = arith.mulf %[[WIDE_X]], %[[WIDE_Y]] fastmath<contract>
// CHECK-NEXT:   arith.addf %[[SUM]], %[[XY]] fastmath<contract>
// CHECK:   linalg.generic
// CHECK-NEXT: ^bb0(%[[SCORE:.*]]: f32, %[[OLD:.*]]: f32):
// CHECK-NEXT:   %[[SCALED:.*]] = arith.mulf %[[SCORE]], %[[SCALE]]
// CHECK-NEXT:   arith.cmpf ogt, %[[OLD]], %[[SCALED]]
// CHECK:   linalg.generic {{.*}} outs(%{{.*}} : tensor<?x8xf32>)
// CHECK-NEXT: ^bb0(%{{.*}}: bf16
// CHECK-NEXT:   arith.extf
func.func @paired(%q: tensor<1x2x64x8xbf16>, %kv: tensor<1x2x40x8xbf16>) -> tensor<1x2x64x8xbf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 16, kv_splits = 1, paired = scores>)
    : (tensor<1x2x64x8xbf16>, tensor<1x2x40x8xbf16>, tensor<1x2x40x8xbf16>) -> tensor<1x2x64x8xbf16>
  return %o : tensor<1x2x64x8xbf16>
}
