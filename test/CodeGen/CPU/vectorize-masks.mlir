// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=8},canonicalize,cse))" --split-input-file | FileCheck %s

// A position that grows by one from lane to lane is compared as numbers of
// lanes, in i32: the distance, cut to what the lanes can tell apart, against
// 0 to 7. The load in the branch is masked by the condition.
// CHECK-LABEL: @causal
// CHECK-SAME: %[[S:.*]]: memref<8xf32>, %[[BIAS:.*]]: memref<64xf32>, %[[KEY:.*]]: index, %[[QUERY:.*]]: index
// CHECK-DAG: %[[NONE:.*]] = arith.constant dense<0xFF800000> : vector<8xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK-DAG: %[[LANES:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xi32>
// CHECK: %[[DISTANCE:.*]] = arith.subi %[[QUERY]], %[[KEY]] : index
// CHECK: %[[LOW:.*]] = arith.maxsi %[[DISTANCE]], %c-1
// CHECK: %[[CUT:.*]] = arith.minsi %[[LOW]], %c8
// CHECK: %[[I32:.*]] = arith.index_cast %[[CUT]] : index to i32
// CHECK: %[[ALL:.*]] = vector.broadcast %[[I32]]
// CHECK: %[[KEEP:.*]] = arith.cmpi sge, %[[ALL]], %[[LANES]] : vector<8xi32>
// CHECK: %[[B:.*]] = vector.maskedload %[[BIAS]][%[[KEY]]], %[[KEEP]], %[[ZERO]]
// CHECK: %[[SUM:.*]] = arith.addf %{{.*}}, %[[B]]
// CHECK: %[[R:.*]] = arith.select %[[KEEP]], %[[SUM]], %[[NONE]]
// CHECK: vector.store %[[R]], %[[S]]
#v = affine_map<(i) -> (i)>
func.func private @causal(%s: memref<8xf32>, %bias: memref<64xf32>, %key: index, %query: index) attributes {attn.kernel} {
  %none = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %lane = linalg.index 0 : index
    %j = arith.addi %key, %lane : index
    %keep = arith.cmpi sle, %j, %query : index
    %r = scf.if %keep -> f32 {
      %b = memref.load %bias[%j] : memref<64xf32>
      %sum = arith.addf %x, %b : f32
      scf.yield %sum : f32
    } else {
      scf.yield %none : f32
    }
    linalg.yield %r : f32
  }
  return
}

// -----

// Both sides grow with the lane: one comparison for all, and a branch that is
// taken by all or none needs no masked load.
// CHECK-LABEL: @same_for_all
// CHECK-SAME: %[[S:.*]]: memref<8xf32>, %[[A:.*]]: index, %[[B:.*]]: index
// CHECK: %[[KEEP:.*]] = arith.cmpi slt, %[[A]], %[[B]] : index
// CHECK: %[[ALL:.*]] = vector.broadcast %[[KEEP]] : i1 to vector<8xi1>
// CHECK: arith.select %[[ALL]]
#v = affine_map<(i) -> (i)>
func.func private @same_for_all(%s: memref<8xf32>, %a: index, %b: index) attributes {attn.kernel} {
  %none = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %lane = linalg.index 0 : index
    %i = arith.addi %a, %lane : index
    %j = arith.addi %b, %lane : index
    %keep = arith.cmpi slt, %i, %j : index
    %r = arith.select %keep, %x, %none : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Unsigned comparisons, and lanes that grow by more than one, are compared as
// they are.
// CHECK-LABEL: @plain
// CHECK: vector.step : vector<8xindex>
// CHECK: arith.cmpi ult, %{{.*}} : vector<8xindex>
#v = affine_map<(i) -> (i)>
func.func private @plain(%s: memref<8xf32>, %a: index) attributes {attn.kernel} {
  %none = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %lane = linalg.index 0 : index
    %keep = arith.cmpi ult, %lane, %a : index
    %r = arith.select %keep, %x, %none : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// What is the same for all lanes is loaded once, if any lane wants it; lanes
// that lie apart are gathered, from an address in elements, by the lanes that
// take the branch.
// CHECK-LABEL: @loads
// CHECK-SAME: %[[S:.*]]: memref<8xf32>, %[[SLOPES:.*]]: memref<4xf32>, %[[TABLE:.*]]: memref<64xf32>, %[[M:.*]]: memref<8x8xf32>, %[[H:[a-z0-9]*]]: index, %[[N:[a-z0-9]*]]: index
// CHECK: %[[STEP:.*]] = vector.step
// CHECK: %[[KEEP:.*]] = arith.cmpi {{.*}} : vector<8xi32>
// CHECK: %[[ANY:.*]] = vector.reduction <or>, %[[KEEP]]
// CHECK: %[[SLOPE:.*]] = scf.if %[[ANY]] -> (f32) {
// CHECK:   memref.load %[[SLOPES]][%[[H]]]
// CHECK: } else {
// CHECK-NEXT: scf.yield %cst
// CHECK: %[[THIRDS:.*]] = arith.muli %[[STEP]], %{{.*}} : vector<8xindex>
// CHECK: memref.reinterpret_cast %[[TABLE]]
// CHECK: vector.gather %{{.*}}[%c0] [%[[THIRDS]]], %[[KEEP]], %{{.*}} : memref<?xf32>, vector<8xindex>, vector<8xi1>, vector<8xf32>
// The diagonal of %m: row · 8 + column.
// CHECK: %[[ROW:.*]] = arith.muli %[[STEP]], %{{.*}} : vector<8xindex>
// CHECK: %[[AT:.*]] = arith.addi %[[ROW]], %[[STEP]]
// CHECK: vector.gather %{{.*}}[%c0] [%[[AT]]], %[[KEEP]]
// CHECK: vector.broadcast %[[SLOPE]] : f32 to vector<8xf32>
#v = affine_map<(i) -> (i)>
func.func private @loads(%s: memref<8xf32>, %slopes: memref<4xf32>, %table: memref<64xf32>, %m: memref<8x8xf32>, %h: index, %n: index) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %c3 = arith.constant 3 : index
    %lane = linalg.index 0 : index
    %keep = arith.cmpi slt, %lane, %n : index
    %r = scf.if %keep -> f32 {
      %slope = memref.load %slopes[%h] : memref<4xf32>
      %third = arith.muli %lane, %c3 : index
      %t = memref.load %table[%third] : memref<64xf32>
      %d = memref.load %m[%lane, %lane] : memref<8x8xf32>
      %sum = arith.addf %slope, %t : f32
      %total = arith.addf %sum, %d : f32
      scf.yield %total : f32
    } else {
      scf.yield %x : f32
    }
    linalg.yield %r : f32
  }
  return
}

// -----

// The other branch is masked by the opposite, and a nested one by both.
// CHECK-LABEL: @nested
// CHECK-SAME: %{{.*}}: memref<8xf32>, %[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<8xf32>
// CHECK: %[[TRUE:.*]] = arith.constant dense<true> : vector<8xi1>
// CHECK: %[[OUTER:.*]] = arith.cmpi
// CHECK: %[[INNER:.*]] = arith.cmpi
// CHECK: %[[BOTH:.*]] = arith.andi %[[OUTER]], %[[INNER]]
// CHECK: vector.maskedload %[[A]][%c0], %[[BOTH]]
// CHECK: %[[OPPOSITE:.*]] = arith.xori %[[OUTER]], %[[TRUE]]
// CHECK: vector.maskedload %[[B]][%c0], %[[OPPOSITE]]
#v = affine_map<(i) -> (i)>
func.func private @nested(%s: memref<8xf32>, %a: memref<8xf32>, %b: memref<8xf32>, %m: index, %n: index) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %lane = linalg.index 0 : index
    %outer = arith.cmpi slt, %lane, %m : index
    %r = scf.if %outer -> f32 {
      %inner = arith.cmpi sgt, %lane, %n : index
      %r = scf.if %inner -> f32 {
        %y = memref.load %a[%lane] : memref<8xf32>
        scf.yield %y : f32
      } else {
        scf.yield %x : f32
      }
      scf.yield %r : f32
    } else {
      %y = memref.load %b[%lane] : memref<8xf32>
      scf.yield %y : f32
    }
    linalg.yield %r : f32
  }
  return
}

// -----

// A division that a lane would not execute divides by 1 there.
// CHECK-LABEL: @division
// CHECK-SAME: %{{.*}}: memref<8xi32>, %[[BY:.*]]: memref<8xi32>
// CHECK: %[[ONE:.*]] = arith.constant dense<1> : vector<8xi32>
// CHECK: %[[Y:.*]] = vector.load %[[BY]]
// CHECK: %[[NOT_ZERO:.*]] = arith.cmpi ne, %[[Y]], %{{.*}} : vector<8xi32>
// CHECK: %[[SAFE:.*]] = arith.select %[[NOT_ZERO]], %[[Y]], %[[ONE]]
// CHECK: arith.divsi %{{.*}}, %[[SAFE]] : vector<8xi32>
#v = affine_map<(i) -> (i)>
func.func private @division(%s: memref<8xi32>, %by: memref<8xi32>) attributes {attn.kernel} {
  %c0 = arith.constant 0 : i32
  linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%by : memref<8xi32>) outs(%s : memref<8xi32>) {
  ^bb0(%y: i32, %x: i32):
    %not_zero = arith.cmpi ne, %y, %c0 : i32
    %r = scf.if %not_zero -> i32 {
      %q = arith.divsi %x, %y : i32
      scf.yield %q : i32
    } else {
      scf.yield %c0 : i32
    }
    linalg.yield %r : i32
  }
  return
}

// -----

// A vector of booleans is one load.
// CHECK-LABEL: @booleans
// CHECK: %[[KEEP:.*]] = vector.load %{{.*}}[%c0] : memref<8xi1>, vector<8xi1>
// CHECK: arith.select %[[KEEP]], %{{.*}} : vector<8xi1>, vector<8xf32>
#v = affine_map<(i) -> (i)>
func.func private @booleans(%s: memref<8xf32>, %keep: memref<8xi1>) attributes {attn.kernel} {
  %none = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%s : memref<8xf32>) {
  ^bb0(%x: f32):
    %lane = linalg.index 0 : index
    %k = memref.load %keep[%lane] : memref<8xi1>
    %r = arith.select %k, %x, %none : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// So does a remainder, which MLIR takes to be defined everywhere.
// CHECK-LABEL: @remainder
// CHECK-SAME: %{{.*}}: memref<8xi32>, %[[BY:.*]]: memref<8xi32>
// CHECK: %[[ONE:.*]] = arith.constant dense<1> : vector<8xi32>
// CHECK: %[[Y:.*]] = vector.load %[[BY]]
// CHECK: %[[NOT_ZERO:.*]] = arith.cmpi ne, %[[Y]], %{{.*}} : vector<8xi32>
// CHECK: %[[SAFE:.*]] = arith.select %[[NOT_ZERO]], %[[Y]], %[[ONE]]
// CHECK: arith.remsi %{{.*}}, %[[SAFE]] : vector<8xi32>
#v = affine_map<(i) -> (i)>
func.func private @remainder(%s: memref<8xi32>, %by: memref<8xi32>) attributes {attn.kernel} {
  %c0 = arith.constant 0 : i32
  linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]} ins(%by : memref<8xi32>) outs(%s : memref<8xi32>) {
  ^bb0(%y: i32, %x: i32):
    %not_zero = arith.cmpi ne, %y, %c0 : i32
    %r = scf.if %not_zero -> i32 {
      %q = arith.remsi %x, %y : i32
      scf.yield %q : i32
    } else {
      scf.yield %c0 : i32
    }
    linalg.yield %r : i32
  }
  return
}
