// RUN: attn-opt %s | FileCheck %s
// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s
// RUN: attn-opt %s --emit-bytecode | attn-opt | FileCheck %s

// CHECK-LABEL: func @plain
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
func.func @plain(%q: tensor<1x8x512x64xf32>, %k: tensor<1x8x512x64xf32>, %v: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %o : tensor<1x8x512x64xf32>
}

// CHECK-LABEL: func @lse
// CHECK: attn.sdpa {{.*}} -> (tensor<1x8x512x64xf16>, tensor<1x8x512xf32>)
func.func @lse(%q: tensor<1x8x512x64xf16>, %k: tensor<1x8x512x64xf16>, %v: tensor<1x8x512x64xf16>) -> (tensor<1x8x512x64xf16>, tensor<1x8x512xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x8x512x64xf16>, tensor<1x8x512x64xf16>, tensor<1x8x512x64xf16>) -> (tensor<1x8x512x64xf16>, tensor<1x8x512xf32>)
  return %o, %lse : tensor<1x8x512x64xf16>, tensor<1x8x512xf32>
}

// Grouped queries, Dv != D, Sq != Sk, output in the accumulator's type.
// CHECK-LABEL: func @shapes
// CHECK: attn.sdpa {{.*}} : (tensor<2x32x7x192xbf16>, tensor<2x8x9x192xbf16>, tensor<2x8x9x128xbf16>) -> tensor<2x32x7x128xf32>
func.func @shapes(%q: tensor<2x32x7x192xbf16>, %k: tensor<2x8x9x192xbf16>, %v: tensor<2x8x9x128xbf16>) -> tensor<2x32x7x128xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<2x32x7x192xbf16>, tensor<2x8x9x192xbf16>, tensor<2x8x9x128xbf16>) -> tensor<2x32x7x128xf32>
  return %o : tensor<2x32x7x128xf32>
}

// CHECK-LABEL: func @dynamic
// CHECK: attn.sdpa {{.*}} : (tensor<?x?x?x?xf64>, tensor<?x?x?x?xf64>, tensor<?x?x?x?xf64>) -> (tensor<?x?x?x?xf64>, tensor<?x?x?xf64>)
func.func @dynamic(%q: tensor<?x?x?x?xf64>, %k: tensor<?x?x?x?xf64>, %v: tensor<?x?x?x?xf64>) -> (tensor<?x?x?x?xf64>, tensor<?x?x?xf64>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<?x?x?x?xf64>, tensor<?x?x?x?xf64>, tensor<?x?x?x?xf64>) -> (tensor<?x?x?x?xf64>, tensor<?x?x?xf64>)
  return %o, %lse : tensor<?x?x?x?xf64>, tensor<?x?x?xf64>
}

// Every short form at once.
// CHECK-LABEL: func @short_forms
// CHECK-SAME: %[[OFFSET:[a-z0-9]+]]: index, %[[BIAS:.+]]: tensor<1x32x1x?xf32>, %[[KEEP:.+]]: tensor<2x1x?x1xi1>, %[[SLOPES:.+]]: tensor<32xf32>, %[[SINKS:.+]]: tensor<32xbf16>
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) query_offset(%[[OFFSET]]) bias(%[[BIAS]]) keep(%[[KEEP]]) alibi(%[[SLOPES]]) sinks(%[[SINKS]]) scale(1.250000e-01) causal window(1023, -1) softcap(5.000000e+01) deterministic allow_tf32 schedule(<queries = lanes, query_tile = 96, query_panel = 48, kv_tile = 64, kv_splits = 2>) : (
func.func @short_forms(%q: tensor<2x32x?x128xf16>, %k: tensor<2x8x?x128xf16>, %v: tensor<2x8x?x128xf16>, %offset: index,
    %bias: tensor<1x32x1x?xf32>, %keep: tensor<2x1x?x1xi1>, %slopes: tensor<32xf32>, %sinks: tensor<32xbf16>) -> tensor<2x32x?x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%offset) bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks)
      scale(0.125) causal window(1023, -1) softcap(50.0) deterministic allow_tf32
      schedule(<queries = lanes, query_tile = 96, query_panel = 48, kv_tile = 64, kv_splits = 2>)
      : (tensor<2x32x?x128xf16>, tensor<2x8x?x128xf16>, tensor<2x8x?x128xf16>, index, tensor<1x32x1x?xf32>, tensor<2x1x?x1xi1>, tensor<32xf32>, tensor<32xbf16>) -> tensor<2x32x?x128xf16>
  return %o : tensor<2x32x?x128xf16>
}

// What is as by default is not printed.
// CHECK-LABEL: func @schedule_paired
// CHECK: kv_tile = 64, kv_splits = 1, paired = scores, key_align = 8>)
// CHECK: kv_tile = 64, kv_splits = 1>)
func.func @schedule_paired(%q: tensor<1x1x3x8xbf16>) -> (tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>) {
  %0 = attn.sdpa query(%q) key(%q) value(%q)
      schedule(<queries = lanes, query_tile = 48, query_panel = 48, kv_tile = 64, kv_splits = 1, paired = scores, key_align = 8>)
      : (tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>) -> tensor<1x1x3x8xbf16>
  %1 = attn.sdpa query(%q) key(%q) value(%q)
      schedule(<queries = lanes, query_tile = 48, query_panel = 48, kv_tile = 64, kv_splits = 1, paired = none, key_align = 1>)
      : (tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>) -> tensor<1x1x3x8xbf16>
  return %0, %1 : tensor<1x1x3x8xbf16>, tensor<1x1x3x8xbf16>
}

// CHECK-LABEL: func @causal_alignment
// CHECK: attn.sdpa {{.*}} causal(top_left) :
// CHECK: attn.sdpa {{.*}} causal :
func.func @causal_alignment(%q: tensor<1x1x3x8xf32>, %k: tensor<1x1x5x8xf32>, %v: tensor<1x1x5x8xf32>) -> (tensor<1x1x3x8xf32>, tensor<1x1x3x8xf32>) {
  %0 = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<1x1x3x8xf32>, tensor<1x1x5x8xf32>, tensor<1x1x5x8xf32>) -> tensor<1x1x3x8xf32>
  %1 = attn.sdpa query(%q) key(%k) value(%v) causal(bottom_right)
      : (tensor<1x1x3x8xf32>, tensor<1x1x5x8xf32>, tensor<1x1x5x8xf32>) -> tensor<1x1x3x8xf32>
  return %0, %1 : tensor<1x1x3x8xf32>, tensor<1x1x3x8xf32>
}

// CHECK-LABEL: func @regions
// CHECK: attn.sdpa {{.*}} score(%[[S:.*]], %{{.*}}, %[[H:.*]], %[[I:.*]], %[[J:.*]]) {
// CHECK:   tensor.extract %{{.*}}[%[[H]]]
// CHECK:   arith.subi %[[J]], %[[I]]
// CHECK:   %[[R:.*]] = arith.addf %[[S]],
// CHECK:   attn.yield %[[R]] : f32
// CHECK: } mask(%{{.*}}, %{{.*}}, %[[QI:.*]], %[[KI:.*]]) {
// CHECK:   %[[M:.*]] = arith.cmpi sle, %[[KI]], %[[QI]] : index
// CHECK:   attn.yield %[[M]] : i1
// CHECK: } : (
func.func @regions(%q: tensor<2x32x?x128xf16>, %k: tensor<2x8x?x128xf16>, %v: tensor<2x8x?x128xf16>, %slopes: tensor<32xf32>) -> (tensor<2x32x?x128xf16>, tensor<2x32x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) causal window(1023, 0) softcap(50.0)
      score(%s, %b, %h, %i, %j) {
        %slope = tensor.extract %slopes[%h] : tensor<32xf32>
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %bias = arith.mulf %slope, %df : f32
        %r = arith.addf %s, %bias : f32
        attn.yield %r : f32
      }
      mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      } : (tensor<2x32x?x128xf16>, tensor<2x8x?x128xf16>, tensor<2x8x?x128xf16>) -> (tensor<2x32x?x128xf16>, tensor<2x32x?xf32>)
  return %o, %lse : tensor<2x32x?x128xf16>, tensor<2x32x?xf32>
}

// CHECK-LABEL: func @f64_score
// CHECK: score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : f64 {
func.func @f64_score(%q: tensor<1x1x3x8xf64>, %k: tensor<1x1x5x8xf64>, %v: tensor<1x1x5x8xf64>) -> tensor<1x1x3x8xf64> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      score(%s, %b, %h, %i, %j) : f64 {
        %r = arith.mulf %s, %s : f64
        attn.yield %r : f64
      } : (tensor<1x1x3x8xf64>, tensor<1x1x5x8xf64>, tensor<1x1x5x8xf64>) -> tensor<1x1x3x8xf64>
  return %o : tensor<1x1x3x8xf64>
}

// CHECK-LABEL: func @layouts
// CHECK: attn.sdpa {{.*}} layout(query = bshd, key = bhds, output = bshd) : (
func.func @layouts(%q: tensor<2x7x32x64xf32>, %k: tensor<2x8x64x9xf32>, %v: tensor<2x8x9x128xf32>) -> tensor<2x7x32x128xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      layout(query = bshd, key = bhds, value = bhsd, output = bshd)
      : (tensor<2x7x32x64xf32>, tensor<2x8x64x9xf32>, tensor<2x8x9x128xf32>) -> tensor<2x7x32x128xf32>
  return %o : tensor<2x7x32x128xf32>
}

// CHECK-LABEL: func @merge
// CHECK: attn.merge %{{.*}}, %{{.*}} : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> tensor<1x32x1x128xf16>
// CHECK: attn.merge %{{.*}}, %{{.*}} : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1xf32>)
func.func @merge(%parts: tensor<4x1x32x1x128xf32>, %lses: tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1x128xf16>, tensor<1x32x1xf32>) {
  %0 = attn.merge %parts, %lses : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> tensor<1x32x1x128xf16>
  %1, %lse = attn.merge %parts, %lses : (tensor<4x1x32x1x128xf32>, tensor<4x1x32x1xf32>) -> (tensor<1x32x1x128xf16>, tensor<1x32x1xf32>)
  return %0, %1, %lse : tensor<1x32x1x128xf16>, tensor<1x32x1x128xf16>, tensor<1x32x1xf32>
}

// CHECK-LABEL: func @assert
// CHECK: attn.assert %{{.*}}, "no sizes"
// CHECK: attn.assert %{{.*}}, "seqlen is {0}, expected {1}"(%{{.*}}, %{{.*}})
func.func @assert(%ok: i1, %x: index, %y: index) {
  attn.assert %ok, "no sizes"
  attn.assert %ok, "seqlen is {0}, expected {1}"(%x, %y)
  return
}
