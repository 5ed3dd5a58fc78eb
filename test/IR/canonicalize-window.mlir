// Mask regions that are windows, and windows that are others.
// RUN: attn-opt %s --canonicalize | FileCheck %s

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

// CHECK-LABEL: func @decode_window
// CHECK: value(%{{.*}}) window(3, -1) :
func.func @decode_window(%q: tensor<1x4x1x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal window(3, 0)
      : (tensor<1x4x1x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x1x16xf32>
  return %o : tensor<1x4x1x16xf32>
}
