// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=4},canonicalize,cse))" --split-input-file | FileCheck %s

// A square is loaded along the rows of %a, transposed by two steps of shuffles,
// and stored along the rows of %b: no element is touched alone. An operand that
// needs no transpose, the scale of each column, is used as it lies.
// CHECK-LABEL: @transpose
// CHECK-SAME: %[[A:.*]]: memref<4x4xf32>, %[[SCALE:.*]]: memref<4xf32>, %[[B:.*]]: memref<4x4xf32>
// CHECK-NOT: memref.load
// CHECK-DAG: %[[R0:.*]] = vector.load %[[A]][%c0, %c0]
// CHECK-DAG: %[[R1:.*]] = vector.load %[[A]][%c1, %c0]
// CHECK-DAG: %[[R2:.*]] = vector.load %[[A]][%c2, %c0]
// CHECK-DAG: %[[R3:.*]] = vector.load %[[A]][%c3, %c0]
// CHECK: %[[X0:.*]] = vector.shuffle %[[R0]], %[[R2]] [0, 1, 4, 5]
// CHECK: %[[X2:.*]] = vector.shuffle %[[R0]], %[[R2]] [2, 3, 6, 7]
// CHECK: %[[X1:.*]] = vector.shuffle %[[R1]], %[[R3]] [0, 1, 4, 5]
// CHECK: %[[X3:.*]] = vector.shuffle %[[R1]], %[[R3]] [2, 3, 6, 7]
// CHECK: %[[C0:.*]] = vector.shuffle %[[X0]], %[[X1]] [0, 4, 2, 6]
// CHECK: %[[C1:.*]] = vector.shuffle %[[X0]], %[[X1]] [1, 5, 3, 7]
// CHECK: vector.shuffle %[[X2]], %[[X3]] [0, 4, 2, 6]
// CHECK: vector.shuffle %[[X2]], %[[X3]] [1, 5, 3, 7]
// CHECK: %[[S:.*]] = vector.load %[[SCALE]][%c0]
// CHECK: %[[Y0:.*]] = arith.mulf %[[C0]], %[[S]] : vector<4xf32>
// CHECK: vector.store %[[Y0]], %[[B]][%c0, %c0]
// CHECK: %[[Y1:.*]] = arith.mulf %[[C1]], %[[S]]
// CHECK: vector.store %[[Y1]], %[[B]][%c1, %c0]
// CHECK: vector.store %{{.*}}, %[[B]][%c2, %c0]
// CHECK: vector.store %{{.*}}, %[[B]][%c3, %c0]
#in = affine_map<(i, j) -> (j, i)>
#column = affine_map<(i, j) -> (j)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @transpose(%a: memref<4x4xf32>, %scale: memref<4xf32>, %b: memref<4x4xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#in, #column, #out], iterator_types = ["parallel", "parallel"]}
    ins(%a, %scale : memref<4x4xf32>, memref<4xf32>) outs(%b : memref<4x4xf32>) {
  ^bb0(%x: f32, %s: f32, %y: f32):
    %r = arith.mulf %x, %s : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A block of 4 x 2 is two squares; f16 becomes f32 after the transpose.
// CHECK-LABEL: @rectangle
// CHECK-COUNT-2: vector.load %{{.*}} : memref<4x2xf16>, vector<2xf16>
// CHECK: vector.shuffle %{{.*}} [0, 2] : vector<2xf16>, vector<2xf16>
// CHECK: vector.shuffle %{{.*}} [1, 3] : vector<2xf16>, vector<2xf16>
// CHECK: arith.extf %{{.*}} : vector<2xf16> to vector<2xf32>
// CHECK-COUNT-2: vector.store %{{.*}} : memref<2x4xf32>, vector<2xf32>
// CHECK-COUNT-2: vector.load %{{.*}} : memref<4x2xf16>, vector<2xf16>
// CHECK-COUNT-2: vector.store %{{.*}} : memref<2x4xf32>, vector<2xf32>
#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @rectangle(%a: memref<4x2xf16>, %b: memref<2x4xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<4x2xf16>) outs(%b : memref<2x4xf32>) {
  ^bb0(%x: f16, %y: f32):
    %r = arith.extf %x : f16 to f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A single row is moved element by element.
// CHECK-LABEL: @row
// CHECK: memref.load %{{.*}} : memref<1x4xf32>
// CHECK: memref.store %{{.*}} : memref<4x1xf32>
#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @row(%a: memref<1x4xf32>, %b: memref<4x1xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<1x4xf32>) outs(%b : memref<4x1xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

// A transpose reads memory: what was stored for it stays stored, though the
// same place is overwritten after it.
// CHECK-LABEL: @reads_memory
// CHECK-SAME: %[[A:.*]]: memref<2x2xf32>, %[[B:.*]]: memref<2x2xf32>, %[[X:.*]]: f32, %[[Y:.*]]: f32
// CHECK: %[[XS:.*]] = vector.broadcast %[[X]]
// CHECK: vector.store %[[XS]], %[[A]][%c0, %c0]
// CHECK: vector.store %[[XS]], %[[A]][%c1, %c0]
// CHECK: vector.load %[[A]]
// CHECK: %[[YS:.*]] = vector.broadcast %[[Y]]
// CHECK: vector.store %[[YS]], %[[A]][%c0, %c0]
#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @reads_memory(%a: memref<2x2xf32>, %b: memref<2x2xf32>, %x: f32, %y: f32) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#out], iterator_types = ["parallel", "parallel"]} outs(%a : memref<2x2xf32>) {
  ^bb0(%old: f32):
    linalg.yield %x : f32
  }
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]} ins(%a : memref<2x2xf32>) outs(%b : memref<2x2xf32>) {
  ^bb0(%v: f32, %old: f32):
    linalg.yield %v : f32
  }
  linalg.generic {indexing_maps = [#out], iterator_types = ["parallel", "parallel"]} outs(%a : memref<2x2xf32>) {
  ^bb0(%old: f32):
    linalg.yield %y : f32
  }
  return
}

// -----

// Booleans are exchanged as bytes, not as bits of a mask.
// CHECK-LABEL: @booleans
// CHECK-COUNT-4: vector.load %{{.*}} : memref<4x4xi1>, vector<4xi1>
// CHECK-COUNT-4: arith.extui %{{.*}} : vector<4xi1> to vector<4xi8>
// CHECK-COUNT-8: vector.shuffle %{{.*}} : vector<4xi8>, vector<4xi8>
// CHECK-COUNT-4: arith.trunci %{{.*}} : vector<4xi8> to vector<4xi1>
// CHECK-NOT: vector.shuffle
// CHECK-COUNT-4: vector.store
#from = affine_map<(i, j) -> (j, i)>
#to = affine_map<(i, j) -> (i, j)>
func.func private @booleans(%a: memref<4x4xi1>, %b: memref<4x4xi1>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#from, #to], iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<4x4xi1>) outs(%b : memref<4x4xi1>) {
  ^bb0(%x: i1, %y: i1):
    linalg.yield %x : i1
  }
  return
}
