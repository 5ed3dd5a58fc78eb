// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=4},canonicalize,cse))" --split-input-file | FileCheck %s

// Rows of queries and keys are contiguous along the reduction: it lies along
// the lanes, and each pair of rows sums in a vector of its own. The rest of a
// row fills the first lanes of one. Then all four sums are taken at once, by
// shuffles of pairs, and stored a row at a time.
// CHECK-LABEL: @dot
// CHECK-SAME: %[[Q:.*]]: memref<2x10xf32>, %[[K:.*]]: memref<2x10xf32>, %[[S:.*]]: memref<2x2xf32>
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<4xf32>
// CHECK: %[[P:.*]]:4 = scf.for %[[D:.*]] = %c0 to %c8 step %c4 iter_args(%[[A0:.*]] = %[[ZERO]], %{{.*}} = %[[ZERO]], %{{.*}} = %[[ZERO]], %{{.*}} = %[[ZERO]])
// CHECK:   %[[Q0:.*]] = vector.load %[[Q]][%c0, %[[D]]] {{.*}} vector<4xf32>
// CHECK:   %[[K0:.*]] = vector.load %[[K]][%c0, %[[D]]] {{.*}} vector<4xf32>
// CHECK:   %[[X:.*]] = arith.mulf %[[Q0]], %[[K0]] : vector<4xf32>
// CHECK:   arith.addf %[[A0]], %[[X]]
// CHECK: vector.load %[[Q]][%c0, %c8] {{.*}} vector<2xf32>
// CHECK: %[[REST:.*]] = arith.addf {{.*}} : vector<2xf32>
// CHECK: %[[WIDE:.*]] = vector.shuffle %[[REST]], %{{.*}} [0, 1, 2, 2]
// CHECK: %[[S0:.*]] = arith.addf %[[P]]#0, %[[WIDE]]
// CHECK: %[[S1:.*]] = arith.addf %[[P]]#1, %{{.*}}
// CHECK: %[[LOW:.*]] = vector.shuffle %[[S0]], %[[S1]] [0, 1, 4, 5]
// CHECK: %[[HIGH:.*]] = vector.shuffle %[[S0]], %[[S1]] [2, 3, 6, 7]
// CHECK: arith.addf %[[LOW]], %[[HIGH]]
// CHECK: vector.shuffle {{.*}} [0, 2, 4, 6]
// CHECK: vector.shuffle {{.*}} [1, 3, 5, 7]
// CHECK: %[[SUMS:.*]] = arith.addf {{.*}} : vector<4xf32>
// CHECK: %[[ROW:.*]] = vector.extract_strided_slice %[[SUMS]] {offsets = [0], sizes = [2], strides = [1]}
// CHECK: %[[OLD:.*]] = vector.load %[[S]][%c0, %c0]
// CHECK: %[[NEW:.*]] = arith.addf %[[OLD]], %[[ROW]]
// CHECK: vector.store %[[NEW]], %[[S]][%c0, %c0]
// CHECK: vector.extract_strided_slice %[[SUMS]] {offsets = [2], sizes = [2], strides = [1]}
// CHECK: vector.store %{{.*}}, %[[S]][%c1, %c0]
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @dot(%q: memref<2x10xf32>, %k: memref<2x10xf32>, %s: memref<2x2xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<2x10xf32>, memref<2x10xf32>) outs(%s : memref<2x2xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A single sum, of f16 keys that are widened on the way; one element is left
// over.
// CHECK-LABEL: @widened
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c4 iter_args(%{{.*}}) -> (vector<4xf32>)
// CHECK:   %[[K:.*]] = vector.load %{{.*}} : memref<1x9xf16>, vector<4xf16>
// CHECK:   arith.extf %[[K]] : vector<4xf16> to vector<4xf32>
// CHECK: memref.load %{{.*}}[%c0, %c8] : memref<1x9xf16>
// CHECK: vector.shuffle %{{.*}} [0, 1, 1, 1] : vector<1xf32>, vector<1xf32>
// CHECK: %[[SUM:.*]] = vector.extract %{{.*}}[0] : f32
// CHECK: %[[NEW:.*]] = arith.addf %{{.*}}, %[[SUM]] : f32
// CHECK: memref.store %[[NEW]]
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @widened(%q: memref<1x9xf32>, %k: memref<1x9xf16>, %s: memref<1x1xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<1x9xf32>, memref<1x9xf16>) outs(%s : memref<1x1xf32>) {
  ^bb0(%x: f32, %y: f16, %z: f32):
    %wide = arith.extf %y : f16 to f32
    %xy = arith.mulf %x, %wide : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Less than a vector of features: no loop.
// CHECK-LABEL: @few_features
// CHECK-NOT: scf.for
// CHECK: vector.load %{{.*}} : memref<1x3xf32>, vector<3xf32>
// CHECK: vector.shuffle %{{.*}} [0, 1, 2, 3] : vector<3xf32>, vector<3xf32>
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @few_features(%q: memref<1x3xf32>, %k: memref<1x3xf32>, %s: memref<1x1xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<1x3xf32>, memref<1x3xf32>) outs(%s : memref<1x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}
