// Masks that keep all or nothing, layouts, casts and results without a use.
// RUN: attn-opt %s --canonicalize | FileCheck %s

// A mask that keeps everything is none.
// CHECK-LABEL: func @true_mask
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
func.func @true_mask(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.constant true
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// One that keeps nothing leaves zeros.
// CHECK-LABEL: func @false_mask
// CHECK-NOT: attn.sdpa
// CHECK: %[[ZEROS:.*]] = arith.constant dense<0.000000e+00>
// CHECK: return %[[ZEROS]]
func.func @false_mask(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.constant false
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @true_keep
// CHECK: value(%{{.*}}) :
func.func @true_keep(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %t = arith.constant dense<true> : tensor<1x1x8x8xi1>
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x1x8x8xi1>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @filled_keep
// CHECK: value(%{{.*}}) :
func.func @filled_keep(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %true = arith.constant true
  %e = tensor.empty() : tensor<1x1x8x8xi1>
  %t = linalg.fill ins(%true : i1) outs(%e : tensor<1x1x8x8xi1>) -> tensor<1x1x8x8xi1>
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x1x8x8xi1>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @partly_true_keep
// CHECK: keep(
func.func @partly_true_keep(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %t = arith.constant dense<[[[[true, false, true, true, true, true, true, true]]]]> : tensor<1x1x1x8xi1>
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x1x1x8xi1>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @zero_bias
// CHECK: value(%{{.*}}) :
func.func @zero_bias(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %t = arith.constant dense<0.0> : tensor<1x1x8x8xf32>
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x1x8x8xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// Transposes are layouts.
// CHECK-LABEL: func @transposes
// CHECK-SAME: (%[[Q:.*]]: tensor<1x8x4x16xf32>, %[[K:.*]]: tensor<1x4x16x8xf32>, %[[V:.*]]: tensor<1x8x4x16xf32>)
// CHECK: %[[O:.*]] = attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) layout(query = bshd, key = bhds, value = bshd, output = bshd) : (tensor<1x8x4x16xf32>, tensor<1x4x16x8xf32>, tensor<1x8x4x16xf32>) -> tensor<1x8x4x16xf32>
// CHECK: return %[[O]]
func.func @transposes(%q: tensor<1x8x4x16xf32>, %k: tensor<1x4x16x8xf32>, %v: tensor<1x8x4x16xf32>) -> tensor<1x8x4x16xf32> {
  %init = tensor.empty() : tensor<1x4x8x16xf32>
  %qt = linalg.transpose ins(%q : tensor<1x8x4x16xf32>) outs(%init : tensor<1x4x8x16xf32>) permutation = [0, 2, 1, 3]
  %kt = linalg.transpose ins(%k : tensor<1x4x16x8xf32>) outs(%init : tensor<1x4x8x16xf32>) permutation = [0, 1, 3, 2]
  %vt = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d1, d3)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<1x8x4x16xf32>) outs(%init : tensor<1x4x8x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<1x4x8x16xf32>
  %o = attn.sdpa query(%qt) key(%kt) value(%vt)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  %initt = tensor.empty() : tensor<1x8x4x16xf32>
  %ot = linalg.transpose ins(%o : tensor<1x4x8x16xf32>) outs(%initt : tensor<1x8x4x16xf32>) permutation = [0, 2, 1, 3]
  return %ot : tensor<1x8x4x16xf32>
}

// Two transposes are one layout, which may be the plain one.
// CHECK-LABEL: func @transposed_layout
// CHECK-NOT: linalg.transpose
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
func.func @transposed_layout(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %init = tensor.empty() : tensor<1x8x4x16xf32>
  %qt = linalg.transpose ins(%q : tensor<1x4x8x16xf32>) outs(%init : tensor<1x8x4x16xf32>) permutation = [0, 2, 1, 3]
  %o = attn.sdpa query(%qt) key(%k) value(%v) layout(query = bshd)
      : (tensor<1x8x4x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// There is no layout for sequence first, and none for an output of which other
// uses need the plain order.
// CHECK-LABEL: func @other_transposes
// CHECK: %[[Q:.*]] = linalg.transpose
// CHECK: %[[O:.*]] = attn.sdpa query(%[[Q]]) key(%{{.*}}) value(%{{.*}}) :
// CHECK: linalg.transpose ins(%[[O]]
func.func @other_transposes(%q: tensor<8x1x4x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> (tensor<1x4x8x16xf32>, tensor<1x8x4x16xf32>) {
  %init = tensor.empty() : tensor<1x4x8x16xf32>
  %qt = linalg.transpose ins(%q : tensor<8x1x4x16xf32>) outs(%init : tensor<1x4x8x16xf32>) permutation = [1, 2, 0, 3]
  %o = attn.sdpa query(%qt) key(%k) value(%v)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  %initt = tensor.empty() : tensor<1x8x4x16xf32>
  %ot = linalg.transpose ins(%o : tensor<1x4x8x16xf32>) outs(%initt : tensor<1x8x4x16xf32>) permutation = [0, 2, 1, 3]
  return %o, %ot : tensor<1x4x8x16xf32>, tensor<1x8x4x16xf32>
}

// What a cast hides is known to the operation and to its results.
// CHECK-LABEL: func @casts
// CHECK: %[[O:.*]], %[[L:.*]] = attn.sdpa {{.*}} : (tensor<1x4x8x16xf32>, tensor<?x?x?x?xf32>, tensor<1x4x8x32xf32>) -> (tensor<1x4x8x32xf32>, tensor<1x4x8xf32>)
// CHECK-DAG: tensor.cast %[[O]] : tensor<1x4x8x32xf32> to tensor<?x?x?x?xf32>
// CHECK-DAG: tensor.cast %[[L]] : tensor<1x4x8xf32> to tensor<?x?x?xf32>
func.func @casts(%q: tensor<1x4x8x16xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<1x4x8x32xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {
  %qd = tensor.cast %q : tensor<1x4x8x16xf32> to tensor<?x?x?x?xf32>
  %vd = tensor.cast %v : tensor<1x4x8x32xf32> to tensor<?x?x?x?xf32>
  %o, %lse = attn.sdpa query(%qd) key(%k) value(%vd)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return %o, %lse : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>
}

// CHECK-LABEL: func @unused_lse
// CHECK: attn.sdpa {{.*}} causal mask(
// CHECK: -> tensor<1x4x8x16xf32>
func.func @unused_lse(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) causal mask(%b, %h, %i, %j) {
        %keep = arith.cmpi ne, %j, %h : index
        attn.yield %keep : i1
      } : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> (tensor<1x4x8x16xf32>, tensor<1x4x8xf32>)
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @unused_merged_lse
// CHECK: attn.merge {{.*}} -> tensor<1x32x1x128xf16>
func.func @unused_merged_lse(%parts: tensor<4x1x32x1x128xf32>, %lses: tensor<4x1x32x1xf32>) -> tensor<1x32x1x128xf16> {
  %o, %lse = attn.merge %parts, %lses : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1xf32>)
  return %o : tensor<1x32x1x128xf16>
}

// What nobody uses is not computed at all.
// CHECK-LABEL: func @unused
// CHECK-NOT: attn.sdpa
func.func @unused(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return
}

// CHECK-LABEL: func @assert
// CHECK-NEXT: attn.assert %{{.*}}, "may fail"
// CHECK-NEXT: return
func.func @assert(%ok: i1, %x: index) {
  %true = arith.constant true
  attn.assert %true, "cannot fail: {0}"(%x)
  attn.assert %ok, "may fail"
  return
}

// Attention whose mask keeps nothing, or that has no rows, is its zeros.
// CHECK-LABEL: func @keeps_nothing
// CHECK-NOT: attn.sdpa
// CHECK: tensor.splat %{{.*}} : tensor<1x2x?x16xf32>
// CHECK: tensor.splat %{{.*}} : tensor<1x2x?xf32>
func.func @keeps_nothing(%q: tensor<1x2x?x16xf32>) -> (tensor<1x2x?x16xf32>, tensor<1x2x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %keep = arith.cmpi slt, %j, %j : index
      attn.yield %keep : i1
    } : (tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>) -> (tensor<1x2x?x16xf32>, tensor<1x2x?xf32>)
  return %o, %lse : tensor<1x2x?x16xf32>, tensor<1x2x?xf32>
}

// With a sink the lse is the sink.
// CHECK-LABEL: func @keeps_a_sink
// CHECK: attn.sdpa
func.func @keeps_a_sink(%q: tensor<1x2x4x16xf32>, %sinks: tensor<2xf32>) -> (tensor<1x2x4x16xf32>, tensor<1x2x4xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%q) value(%q) sinks(%sinks)
    mask(%b, %h, %i, %j) {
      %keep = arith.cmpi slt, %j, %j : index
      attn.yield %keep : i1
    } : (tensor<1x2x4x16xf32>, tensor<1x2x4x16xf32>, tensor<1x2x4x16xf32>, tensor<2xf32>) -> (tensor<1x2x4x16xf32>, tensor<1x2x4xf32>)
  return %o, %lse : tensor<1x2x4x16xf32>, tensor<1x2x4xf32>
}
