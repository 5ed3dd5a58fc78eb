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

// Windows, with or without a causal mask.
// CHECK-LABEL: func @sliding_window
// CHECK: value(%{{.*}}) causal window(3, -1) :
func.func @sliding_window(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %one = arith.constant 1 : index
        %four = arith.constant 4 : index
        %c = arith.cmpi sle, %j, %i : index
        %d = arith.subi %i, %j : index
        %w = arith.cmpi slt, %d, %four : index
        %keep = arith.andi %w, %c : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @two_sides
// CHECK: value(%{{.*}}) window(4, 4) :
func.func @two_sides(%q: tensor<1x4x80x16xf32>, %k: tensor<1x4x80x16xf32>, %v: tensor<1x4x80x16xf32>) -> tensor<1x4x80x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : index
        %r = arith.addi %i, %four : index
        %c = arith.cmpi sle, %j, %r : index
        %l = arith.subi %i, %four : index
        %w = arith.cmpi sge, %j, %l : index
        %keep = arith.andi %c, %w : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x80x16xf32>, tensor<1x4x80x16xf32>, tensor<1x4x80x16xf32>) -> tensor<1x4x80x16xf32>
  return %o : tensor<1x4x80x16xf32>
}

// Keys from i - 4 on are 16 before position i + 12.
// CHECK-LABEL: func @left_side
// CHECK: value(%{{.*}}) window(16, -1) :
func.func @left_side(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : index
        %l = arith.subi %i, %four : index
        %keep = arith.cmpi sge, %j, %l : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @left_of_offset
// CHECK-SAME: %[[PAST:[a-z0-9]+]]: index)
// CHECK: query_offset(%[[PAST]]) window(4, -1) :
func.func @left_of_offset(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %past: index) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : index
        %p = arith.addi %i, %past : index
        %l = arith.subi %p, %four : index
        %keep = arith.cmpi sge, %j, %l : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// An unsigned distance below 5 is neither negative nor far: causal and a window.
// CHECK-LABEL: func @unsigned_distance
// CHECK: value(%{{.*}}) causal window(4, -1) :
func.func @unsigned_distance(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %five = arith.constant 5 : index
        %d = arith.subi %i, %j : index
        %keep = arith.cmpi ult, %d, %five : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// The same from the other side, of keys behind a cache, in integers.
// CHECK-LABEL: func @unsigned_distance_of_offset
// CHECK-SAME: %[[PAST:[a-z0-9]+]]: index)
// CHECK: query_offset(%[[PAST]]) causal window(4, -1) :
func.func @unsigned_distance_of_offset(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %past: index) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : i64
        %p = arith.addi %i, %past : index
        %pi = arith.index_cast %p : index to i64
        %ji = arith.index_cast %j : index to i64
        %d = arith.subi %pi, %ji : i64
        %keep = arith.cmpi uge, %four, %d : i64
        attn.yield %keep : i1
      }
      : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32>
  return %o : tensor<1x4x?x16xf32>
}

// CHECK-LABEL: func @absolute_distance
// CHECK: value(%{{.*}}) window(3, 3) :
func.func @absolute_distance(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : index
        %d = arith.subi %j, %i : index
        %a = math.absi %d : index
        %keep = arith.cmpi slt, %a, %four : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// Far from the query, on either side, is no window; nor is a limit of -1, which
// keeps everything as an unsigned number.
// CHECK-LABEL: func @no_distance
// CHECK: value(%{{.*}}) mask(
// CHECK: arith.cmpi uge
// CHECK: arith.cmpi ult
func.func @no_distance(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %four = arith.constant 4 : index
        %last = arith.constant -1 : index
        %d = arith.subi %i, %j : index
        %far = arith.cmpi uge, %d, %four : index
        %all = arith.cmpi ult, %d, %last : index
        %keep = arith.andi %far, %all : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// The narrower of two windows; what no short form says stays.
// CHECK-LABEL: func @narrower_window
// CHECK: causal window(2, -1) mask(
// CHECK: arith.cmpi ne
func.func @narrower_window(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal window(5, -1) mask(%b, %h, %i, %j) {
        %two = arith.constant 2 : index
        %d = arith.subi %i, %j : index
        %w = arith.cmpi sle, %d, %two : index
        %other = arith.cmpi ne, %j, %h : index
        %keep = arith.andi %w, %other : i1
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @right_of_window
// CHECK: value(%{{.*}}) window(3, 2) :
func.func @right_of_window(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(3, -1) mask(%b, %h, %i, %j) {
        %two = arith.constant 2 : index
        %r = arith.addi %i, %two : index
        %keep = arith.cmpi sle, %j, %r : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @implied_by_causal
// CHECK: value(%{{.*}}) causal :
func.func @implied_by_causal(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal mask(%b, %h, %i, %j) {
        %two = arith.constant 2 : index
        %r = arith.addi %i, %two : index
        %keep = arith.cmpi sle, %j, %r : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// No window reaches less far than its query.
// CHECK-LABEL: func @other_position
// CHECK: value(%{{.*}}) causal mask(
func.func @other_position(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x20x16xf32>, %v: tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal mask(%b, %h, %i, %j) {
        %two = arith.constant 2 : index
        %l = arith.addi %i, %two : index
        %keep = arith.cmpi sle, %j, %l : index
        attn.yield %keep : i1
      }
      : (tensor<1x4x8x16xf32>, tensor<1x4x20x16xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// A window that covers everything, or what causal covers.
// CHECK-LABEL: func @wide_window
// CHECK: value(%{{.*}}) :
func.func @wide_window(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(7, 7)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @wide_sides
// CHECK: value(%{{.*}}) window(6, -1) :
func.func @wide_sides(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(6, 9)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @causal_right_side
// CHECK: value(%{{.*}}) causal window(3, -1) :
func.func @causal_right_side(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal window(3, 0)
      : (tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// CHECK-LABEL: func @dynamic_window
// CHECK: window(7, 7) :
func.func @dynamic_window(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(7, 7)
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

// CHECK-LABEL: func @decode_window
// CHECK: value(%{{.*}}) window(3, -1) :
func.func @decode_window(%q: tensor<1x4x1x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal window(3, 0)
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
