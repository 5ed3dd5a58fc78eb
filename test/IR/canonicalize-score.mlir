// Score regions that are a short form.
// RUN: attn-opt %s --canonicalize | FileCheck %s

// Score regions.
// CHECK-LABEL: func @identity_score
// CHECK: value(%{{.*}}) :
func.func @identity_score(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        attn.yield %s : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @softcap
// CHECK: value(%{{.*}}) softcap(5.000000e+01) :
func.func @softcap(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %c = arith.constant 50.0 : f32
        %r = arith.divf %s, %c : f32
        %t = math.tanh %r : f32
        %x = arith.mulf %c, %t : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @softcap_inverse
// CHECK: value(%{{.*}}) softcap(3.000000e+01) :
func.func @softcap_inverse(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %c = arith.constant 30.0 : f32
        %n = arith.constant 0.033333335 : f32
        %r = arith.mulf %s, %n : f32
        %t = math.tanh %r : f32
        %x = arith.mulf %t, %c : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @softcap_first
// CHECK: softcap(5.000000e+01) score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK-NEXT: math.absf %[[S]]
func.func @softcap_first(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %c = arith.constant 50.0 : f32
        %r = arith.divf %s, %c : f32
        %t = math.tanh %r : f32
        %x = arith.mulf %c, %t : f32
        %a = math.absf %x : f32
        attn.yield %a : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_softcap
// CHECK: value(%{{.*}}) score(
func.func @no_softcap(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %c = arith.constant 50.0 : f32
        %n = arith.constant 40.0 : f32
        %r = arith.divf %s, %c : f32
        %t = math.tanh %r : f32
        %x = arith.mulf %n, %t : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @softcap_of_softcap
// CHECK: softcap(2.000000e+01) score(
func.func @softcap_of_softcap(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) softcap(20.0) score(%s, %b, %h, %i, %j) {
        %c = arith.constant 50.0 : f32
        %r = arith.divf %s, %c : f32
        %t = math.tanh %r : f32
        %x = arith.mulf %c, %t : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @alibi
// CHECK-SAME: %[[SLOPES:[a-z0-9]+]]: tensor<4xf32>)
// CHECK: alibi(%[[SLOPES]]) :
func.func @alibi(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %p = arith.mulf %m, %df : f32
        %x = arith.addf %s, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @alibi_subtracted
// CHECK-SAME: %[[SLOPES:[a-z0-9]+]]: tensor<4xf32>)
// CHECK: alibi(%[[SLOPES]]) causal :
func.func @alibi_subtracted(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %d = arith.subi %i, %j : index
        %di = arith.index_cast %d : index to i64
        %df = arith.sitofp %di : i64 to f32
        %p = arith.mulf %df, %m : f32
        %x = arith.subf %s, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @alibi_top_left
// CHECK: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK: query_offset(%[[ZERO]]) alibi(%{{.*}}) :
func.func @alibi_top_left(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %p = arith.mulf %m, %df : f32
        %x = arith.addf %s, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// Distances from i, not from the causal mask's position i + 12.
// CHECK-LABEL: func @no_alibi_misaligned
// CHECK: causal score(
func.func @no_alibi_misaligned(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %p = arith.mulf %m, %df : f32
        %x = arith.addf %s, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_alibi_absolute
// CHECK: score(
func.func @no_alibi_absolute(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %da = math.absi %di : i32
        %df = arith.sitofp %da : i32 to f32
        %p = arith.mulf %m, %df : f32
        %x = arith.subf %s, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// Both at once leave nothing.
// CHECK-LABEL: func @alibi_softcap
// CHECK: alibi(%{{.*}}) softcap(5.000000e+01) :
func.func @alibi_softcap(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %slopes: tensor<4xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %m = tensor.extract %slopes[%h] : tensor<4xf32>
        %c = arith.constant 50.0 : f32
        %r = arith.divf %s, %c : f32
        %t = math.tanh %r : f32
        %cap = arith.mulf %c, %t : f32
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %p = arith.mulf %m, %df : f32
        %x = arith.addf %cap, %p : f32
        attn.yield %x : f32
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}
