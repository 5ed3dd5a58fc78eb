// Mask regions that are causal, and the alignment of causal masks.
// RUN: attn-opt %s --canonicalize | FileCheck %s

// Spellings of the causal mask of a square.
// CHECK-LABEL: func @causal_sle
// CHECK: value(%{{.*}}) causal :
func.func @causal_sle(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_sge
// CHECK: value(%{{.*}}) causal :
func.func @causal_sge(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sge, %i, %j : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_ule
// CHECK: value(%{{.*}}) causal :
func.func @causal_ule(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi ule, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_difference
// CHECK: value(%{{.*}}) causal :
func.func @causal_difference(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %zero = arith.constant 0 : index
        %d = arith.subi %i, %j : index
        %keep = arith.cmpi sge, %d, %zero : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_strict
// CHECK: value(%{{.*}}) causal :
func.func @causal_strict(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %one = arith.constant 1 : index
        %n = arith.addi %i, %one : index
        %keep = arith.cmpi slt, %j, %n : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_above_minus_one
// CHECK: value(%{{.*}}) causal :
func.func @causal_above_minus_one(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %m = arith.constant -1 : index
        %d = arith.subi %i, %j : index
        %keep = arith.cmpi sgt, %d, %m : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_negated
// CHECK: value(%{{.*}}) causal :
func.func @causal_negated(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %true = arith.constant true
        %after = arith.cmpi sgt, %j, %i : index
        %keep = arith.xori %after, %true : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_i64
// CHECK: value(%{{.*}}) causal :
func.func @causal_i64(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %i64 = arith.index_cast %i : index to i64
        %j64 = arith.index_cast %j : index to i64
        %keep = arith.cmpi sle, %j64, %i64 : i64
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_i32
// CHECK: value(%{{.*}}) causal :
func.func @causal_i32(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %i32 = arith.index_cast %i : index to i32
        %j32 = arith.index_cast %j : index to i32
        %keep = arith.cmpi sle, %j32, %i32 : i32
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// Near misses.
// CHECK-LABEL: func @no_causal_equal
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_equal(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi eq, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_causal_twice
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_twice(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %two = arith.addi %i, %i : index
        %keep = arith.cmpi sle, %j, %two : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_causal_heads
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sle, %j, %h : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_causal_i8
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_i8(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %i8 = arith.index_cast %i : index to i8
        %j8 = arith.index_cast %j : index to i8
        %keep = arith.cmpi sle, %j8, %i8 : i8
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @no_causal_either
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_either(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %c = arith.cmpi sle, %j, %i : index
        %z = arith.cmpi eq, %j, %h : index
        %keep = arith.ori %c, %z : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// 32 bits may not hold a position.
// CHECK-LABEL: func @no_causal_i32_dynamic
// CHECK: value(%{{.*}}) mask(
func.func @no_causal_i32_dynamic(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %i32 = arith.index_cast %i : index to i32
        %j32 = arith.index_cast %j : index to i32
        %keep = arith.cmpi sle, %j32, %i32 : i32
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// 8 queries, 20 keys: where the diagonal is decides the alignment.
// CHECK-LABEL: func @top_left
// CHECK: value(%{{.*}}) causal(top_left) :
func.func @top_left(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @bottom_right
// CHECK: value(%{{.*}}) causal :
func.func @bottom_right(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %c12 = arith.constant 12 : index
        %p = arith.addi %i, %c12 : index
        %keep = arith.cmpi sle, %j, %p : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @other_diagonal
// CHECK: %[[FIVE:.*]] = arith.constant 5 : index
// CHECK: query_offset(%[[FIVE]]) causal :
func.func @other_diagonal(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %c5 = arith.constant 5 : index
        %d = arith.subi %j, %i : index
        %keep = arith.cmpi sle, %d, %c5 : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @dynamic_top_left
// CHECK: causal(top_left) :
func.func @dynamic_top_left(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// CHECK-LABEL: func @dynamic_bottom_right
// CHECK: value(%{{.*}}) causal :
func.func @dynamic_bottom_right(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %sq = tensor.dim %q, %c2 : tensor<1x4x?x16xf32>
  %sk = tensor.dim %k, %c2 : tensor<1x4x?x16xf32>
  %past = arith.subi %sk, %sq : index
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %p = arith.addi %i, %past : index
        %keep = arith.cmpi sle, %j, %p : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// CHECK-LABEL: func @dynamic_offset
// CHECK-SAME: %[[PAST:[a-z0-9]+]]: index)
// CHECK: query_offset(%[[PAST]]) causal :
func.func @dynamic_offset(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %past: index) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %p = arith.addi %past, %i : index
        %keep = arith.cmpi sge, %p, %j : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// A single query, the last, sees every key.
// CHECK-LABEL: func @decode
// CHECK: value(%{{.*}}) :
func.func @decode(%q: tensor<1x4x1x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<1x4x1x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32>
  return %o : tensor<1x4x1x16xf32>
}

// CHECK-LABEL: func @decode_top_left
// CHECK: causal(top_left) :
func.func @decode_top_left(%q: tensor<1x4x1x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<1x4x1x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32>
  return %o : tensor<1x4x1x16xf32>
}

// CHECK-LABEL: func @square_top_left
// CHECK: value(%{{.*}}) causal :
func.func @square_top_left(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// An offset that nothing reads, or that is an alignment.
// CHECK-LABEL: func @unused_offset
// CHECK: value(%{{.*}}) :
func.func @unused_offset(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %n: index) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%n)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, index) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @offset_bottom_right
// CHECK: value(%{{.*}}) causal :
func.func @offset_bottom_right(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %n = arith.constant 12 : index
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%n) causal
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>, index) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @offset_top_left
// CHECK: value(%{{.*}}) causal(top_left) :
func.func @offset_top_left(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %n = arith.constant 0 : index
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%n) causal
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>, index) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}
