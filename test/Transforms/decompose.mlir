// RUN: attn-opt %s --attn-decompose --cse --mlir-use-nameloc-as-prefix --split-input-file | FileCheck %s

// One operation a step.
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[$QUERY:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-DAG: #[[$KEY:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
// CHECK-DAG: #[[$SCORE:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>
// CHECK-LABEL: func @plain
// CHECK-SAME: (%[[Q:.*]]: tensor<1x8x512x64xf32>, %[[K:.*]]: tensor<1x8x512x64xf32>, %[[V:.*]]: tensor<1x8x512x64xf32>)
// CHECK: %[[S:products.*]] = linalg.contract indexing_maps = [#[[$QUERY]], #[[$KEY]], #[[$SCORE]]] ins(%[[Q]], %[[K]] :
// CHECK: %[[SCALE:.*]] = arith.constant 1.250000e-01 : f32
// CHECK: %[[SCORES:scores.*]] = linalg.generic {{.*}} ins(%[[S]]
// CHECK:   arith.mulf %{{.*}}, %[[SCALE]]
// CHECK-NOT: scf.if
// CHECK-NOT: linalg.index
// CHECK: %[[MAX:max.*]] = linalg.reduce ins(%[[SCORES]]
// CHECK:   arith.maximumf
// CHECK: %[[SHIFT:shift.*]] = linalg.generic {{.*}} ins(%[[MAX]]
// CHECK:   arith.cmpf oeq
// CHECK:   arith.select
// CHECK: %[[EXP:exp.*]] = linalg.generic {{.*}}#[[$ROW]]{{.*}} ins(%[[SCORES]], %[[SHIFT]]
// CHECK:   arith.subf
// CHECK:   math.exp
// CHECK: %[[SUM:sum.*]] = linalg.reduce ins(%[[EXP]]
// CHECK:   arith.addf
// CHECK: %[[DIVISOR:divisor.*]] = linalg.generic {{.*}} ins(%[[SUM]]
// CHECK: %[[W:weights.*]] = linalg.generic {{.*}} ins(%[[EXP]], %[[DIVISOR]]
// CHECK:   arith.divf
// CHECK: %[[O:output.*]] = linalg.contract indexing_maps = [#[[$SCORE]], #[[$KEY]], #[[$QUERY]]] ins(%[[W]], %[[V]] :
// CHECK: %[[KEPT:kept_output.*]] = linalg.generic {{.*}}#[[$ROW]]{{.*}} ins(%[[O]], %[[SUM]]
// CHECK:   arith.cmpf oeq
// CHECK:   arith.select
// CHECK: return %[[KEPT]]
func.func @plain(%q: tensor<1x8x512x64xf32>, %k: tensor<1x8x512x64xf32>, %v: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %o : tensor<1x8x512x64xf32>
}

// -----

// Grouped queries: the heads of the query are split and no key or value is
// repeated. f16 accumulates in f32.
// CHECK-DAG: #[[$QUERY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d5)>
// CHECK-DAG: #[[$KEY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4, d5)>
// CHECK-DAG: #[[$SCORE:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4)>
// CHECK-LABEL: func @grouped
// CHECK-SAME: (%[[Q:.*]]: tensor<2x32x7x192xf16>, %[[K:.*]]: tensor<2x8x9x192xf16>, %[[V:.*]]: tensor<2x8x9x128xf16>)
// CHECK: %[[QG:.*]] = tensor.expand_shape %[[Q]] {{\[\[}}0], [1, 2], [3], [4]] output_shape [2, 8, 4, 7, 192]
// CHECK: linalg.contract indexing_maps = [#[[$QUERY]], #[[$KEY]], #[[$SCORE]]] ins(%[[QG]], %[[K]] : tensor<2x8x4x7x192xf16>, tensor<2x8x9x192xf16>) outs({{.*}} : tensor<2x8x4x7x9xf32>)
// CHECK: linalg.contract indexing_maps = [#[[$SCORE]], #[[$KEY]], #[[$QUERY]]] ins(%{{.*}}, %[[V]] : {{.*}}) outs({{.*}} : tensor<2x8x4x7x128xf32>)
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK: %[[O:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3], [4]] : tensor<2x8x4x7x128xf16> into tensor<2x32x7x128xf16>
// CHECK: %[[LSE:lse.*]] = linalg.generic
// CHECK:   math.log
// CHECK:   arith.addf
// CHECK: %[[L:.*]] = tensor.collapse_shape %[[LSE]] {{\[\[}}0], [1, 2], [3]] : tensor<2x8x4x7xf32> into tensor<2x32x7xf32>
// CHECK: return %[[O]], %[[L]]
func.func @grouped(%q: tensor<2x32x7x192xf16>, %k: tensor<2x8x9x192xf16>, %v: tensor<2x8x9x128xf16>) -> (tensor<2x32x7x128xf16>, tensor<2x32x7xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<2x32x7x192xf16>, tensor<2x8x9x192xf16>, tensor<2x8x9x128xf16>) -> (tensor<2x32x7x128xf16>, tensor<2x32x7xf32>)
  return %o, %lse : tensor<2x32x7x128xf16>, tensor<2x32x7xf32>
}

// -----

// What a region reads is read where the mask keeps the position only.
// CHECK-LABEL: func @guarded_loads
// CHECK-SAME: %[[TABLE:[a-z0-9]+]]: tensor<16xf32>
// CHECK-NOT: tensor.extract
// CHECK: %[[I:.*]] = linalg.index 2
// CHECK: %[[J:.*]] = linalg.index 3
// CHECK: %[[KEEP:.*]] = arith.cmpi sle, %[[J]], %[[I]]
// CHECK: %[[INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK: scf.if %[[KEEP]] -> (f32) {
// CHECK:   tensor.extract %[[TABLE]]
// CHECK:   scf.yield
// CHECK: } else {
// CHECK:   scf.yield %[[INF]]
// CHECK-NOT: tensor.extract
func.func @guarded_loads(%q: tensor<1x1x16x8xf32>, %k: tensor<1x1x16x8xf32>, %v: tensor<1x1x16x8xf32>, %table: tensor<16xf32>) -> tensor<1x1x16x8xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
      score(%s, %b, %h, %i, %j) {
        %distance = arith.subi %i, %j : index
        %bias = tensor.extract %table[%distance] : tensor<16xf32>
        %r = arith.addf %s, %bias : f32
        attn.yield %r : f32
      } : (tensor<1x1x16x8xf32>, tensor<1x1x16x8xf32>, tensor<1x1x16x8xf32>) -> tensor<1x1x16x8xf32>
  return %o : tensor<1x1x16x8xf32>
}

// -----

// f64 stays f64.
// CHECK-LABEL: func @f64
// CHECK-NOT: f32
// CHECK: return
func.func @f64(%q: tensor<1x1x3x8xf64>, %k: tensor<1x1x5x8xf64>, %v: tensor<1x1x5x8xf64>, %sinks: tensor<1xf64>) -> (tensor<1x1x3x8xf64>, tensor<1x1x3xf64>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) sinks(%sinks) softcap(2.0)
      : (tensor<1x1x3x8xf64>, tensor<1x1x5x8xf64>, tensor<1x1x5x8xf64>, tensor<1xf64>) -> (tensor<1x1x3x8xf64>, tensor<1x1x3xf64>)
  return %o, %lse : tensor<1x1x3x8xf64>, tensor<1x1x3xf64>
}

// -----

// Dynamic sizes: the group's size is a value, and no division is by zero.
// CHECK-LABEL: func @dynamic
// CHECK-SAME: (%{{.*}}, %[[K:.*]]: tensor<?x?x?x?xf32>, %{{.*}})
// CHECK: %[[KV:.*]] = tensor.dim %[[K]], %c1
// CHECK: %[[DIVISOR:.*]] = arith.maxui %[[KV]], %c1
// CHECK: %[[GROUP:.*]] = arith.divui %{{.*}}, %[[DIVISOR]]
// CHECK: tensor.expand_shape {{.*}} : tensor<?x?x?x?xf32> into tensor<?x?x?x?x?xf32>
// CHECK: math.sqrt
func.func @dynamic(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}

// -----

// CHECK-LABEL: func @merge
// CHECK-SAME: (%[[P:.*]]: tensor<4x1x32x1x128xf32>, %[[L:.*]]: tensor<4x1x32x1xf32>)
// CHECK: linalg.reduce ins(%[[L]] : tensor<4x1x32x1xf32>) {{.*}} dimensions = [0]
// CHECK: %[[EXP:exp.*]] = linalg.generic
// CHECK: linalg.reduce ins(%[[EXP]]
// CHECK: %[[W:weights.*]] = linalg.generic
// CHECK: linalg.generic {{.*}} ins(%[[W]], %[[P]] : tensor<4x1x32x1xf32>, tensor<4x1x32x1x128xf32>) outs({{.*}} : tensor<1x32x1x128xf32>)
// What has no weight adds nothing, even NaN.
// CHECK: ^bb0(%[[WEIGHT:.*]]: f32, %[[PART:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[WEIGHT]], %[[ZERO:.*]] : f32
// CHECK: %[[HELD:.*]] = arith.select %[[NONE]], %[[ZERO]], %[[PART]]
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[WEIGHT]], %[[HELD]]
// CHECK: arith.addf %[[SUM]], %[[PRODUCT]]
// CHECK: arith.truncf
func.func @merge(%parts: tensor<4x1x32x1x128xf32>, %lses: tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1xf32>) {
  %o, %lse = attn.merge %parts, %lses : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1xf32>)
  return %o, %lse : tensor<1x32x1x128xf16>, tensor<1x32x1xf32>
}
