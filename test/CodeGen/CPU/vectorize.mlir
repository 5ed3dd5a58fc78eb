// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=8},canonicalize,cse))" --split-input-file | FileCheck %s

// A product: each vector of the 2 x 16 accumulators is a value of its own that
// the loop carries; no vector has two dimensions. The maximum after it takes
// the accumulators from registers: they are stored, but not loaded.
// CHECK-LABEL: @product_and_maximum
// CHECK-SAME: %[[K:.*]]: memref<2x5xf32>, %[[Q:.*]]: memref<5x16xf32>, %[[S:.*]]: memref<2x16xf32>, %[[MAX:.*]]: memref<16xf32>
// CHECK-NOT: vector<{{[0-9]+}}x{{[0-9]+}}x
// CHECK-COUNT-4: vector.load %[[S]]{{.*}} vector<8xf32>
// CHECK: %[[ACC:.*]]:4 = scf.for %[[D:.*]] = %c0 to %c5 step %c1 iter_args(%[[A0:.*]] = %{{.*}}, %[[A1:.*]] = %{{.*}}, %[[A2:.*]] = %{{.*}}, %[[A3:.*]] = %{{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK:   %[[K0:.*]] = memref.load %[[K]][%c0, %[[D]]]
// CHECK:   %[[Q0:.*]] = vector.load %[[Q]][%[[D]], %c0] {{.*}} vector<8xf32>
// CHECK:   %[[B0:.*]] = vector.broadcast %[[K0]] : f32 to vector<8xf32>
// CHECK:   %[[X:.*]] = arith.mulf %[[B0]], %[[Q0]] : vector<8xf32>
// CHECK:   %[[R0:.*]] = arith.addf %[[A0]], %[[X]]
// CHECK:   vector.load %[[Q]][%[[D]], %c8]
// The second row uses the vectors of %q that the first one loaded.
// CHECK:   memref.load %[[K]][%c1, %[[D]]]
// CHECK-NOT: vector.load
// CHECK:   scf.yield %[[R0]], {{.*}} : vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>
// CHECK-NOT: vector.load %[[S]]
// CHECK: %[[M0:.*]] = vector.load %[[MAX]][%c0]
// CHECK: %[[M1:.*]] = vector.load %[[MAX]][%c8]
// CHECK: arith.cmpf ogt, %[[M0]], %[[ACC]]#0 : vector<8xf32>
// CHECK-COUNT-6: vector.store
#k = affine_map<(i, j, d) -> (i, d)>
#q = affine_map<(i, j, d) -> (d, j)>
#s = affine_map<(i, j, d) -> (i, j)>
#tile = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
func.func private @product_and_maximum(%k: memref<2x5xf32>, %q: memref<5x16xf32>, %s: memref<2x16xf32>, %max: memref<16xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%k, %q : memref<2x5xf32>, memref<5x16xf32>) outs(%s : memref<2x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#tile, #column], iterator_types = ["reduction", "parallel"]}
    outs(%s, %max : memref<2x16xf32>, memref<16xf32>) {
  ^bb0(%x: f32, %m: f32):
    %greater = arith.cmpf ogt, %m, %x : f32
    %r = arith.select %greater, %m, %x : f32
    linalg.yield %x, %r : f32, f32
  }
  return
}

// -----

// The size of a product's reduction may be dynamic.
// CHECK-LABEL: @dynamic_reduction
// CHECK-SAME: %[[V:.*]]: memref<?x8xf32>
// CHECK: %[[KEYS:.*]] = memref.dim %[[V]], %c0
// CHECK: scf.for %{{.*}} = %c0 to %[[KEYS]] step %c1 iter_args(%{{.*}}) -> (vector<8xf32>)
#v = affine_map<(i, j, d) -> (d, j)>
#p = affine_map<(i, j, d) -> (i, d)>
#o = affine_map<(i, j, d) -> (i, j)>
func.func private @dynamic_reduction(%v: memref<?x8xf32>, %p: memref<1x?xf32>, %o: memref<1x8xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v, #p, #o], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%v, %p : memref<?x8xf32>, memref<1x?xf32>) outs(%o : memref<1x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A tile that is overwritten before anything reads it from memory is never
// stored: zeros become values that the product starts from.
// CHECK-LABEL: @forwarded
// CHECK-SAME: %[[Q:.*]]: memref<5x8xf32>, %[[S:.*]]: memref<1x8xf32>
// CHECK-NOT: vector.store
// CHECK: %[[PRODUCT:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %cst{{.*}}) -> (vector<8xf32>)
// CHECK: vector.store %[[PRODUCT]], %[[S]]
// CHECK-NOT: vector.store
// CHECK: return
#row = affine_map<(i, j) -> (i, j)>
#k = affine_map<(i, j, d) -> (i, d)>
#q = affine_map<(i, j, d) -> (d, j)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @forwarded(%q: memref<5x8xf32>, %s: memref<1x8xf32>, %k: memref<1x5xf32>) attributes {attn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%s : memref<1x8xf32>) {
  ^bb0(%x: f32):
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%k, %q : memref<1x5xf32>, memref<5x8xf32>) outs(%s : memref<1x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A load in a body may see the first tile: its store stays.
// CHECK-LABEL: @read_by_a_load
// CHECK-SAME: %[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<8xf32>
// CHECK: vector.store %{{.*}}, %[[A]]
// CHECK: memref.load %[[A]][%c3]
// CHECK: vector.store %{{.*}}, %[[B]]
// CHECK: vector.store %{{.*}}, %[[A]]
#v = affine_map<(i) -> (i)>
func.func private @read_by_a_load(%a: memref<8xf32>, %b: memref<8xf32>, %x: f32, %y: f32) attributes {attn.kernel} {
  %c3 = arith.constant 3 : index
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %x : f32
  }
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%b : memref<8xf32>) {
  ^bb0(%old: f32):
    %r = memref.load %a[%c3] : memref<8xf32>
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %y : f32
  }
  return
}

// -----

// So it does before anything else that touches memory, as a loop.
// CHECK-LABEL: @read_by_others
// CHECK-SAME: %[[A:.*]]: memref<8xf32>
// CHECK: vector.store %{{.*}}, %[[A]]
// CHECK: call @look
// CHECK: vector.load %[[A]]
#v = affine_map<(i) -> (i)>
func.func private @look(memref<8xf32>)
func.func private @read_by_others(%a: memref<8xf32>, %x: f32) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %x : f32
  }
  func.call @look(%a) : (memref<8xf32>) -> ()
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<8xf32>) {
  ^bb0(%old: f32):
    %r = arith.addf %old, %x : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// What does not fill a vector is a shorter one, down to a scalar.
// CHECK-LABEL: @remainders
// CHECK: vector.load %{{.*}}[%c0] : memref<11xf32>, vector<8xf32>
// CHECK: vector.load %{{.*}}[%c8] : memref<11xf32>, vector<3xf32>
// CHECK: memref.load %{{.*}}[%c8] : memref<9xf32>
#v = affine_map<(i) -> (i)>
func.func private @remainders(%a: memref<11xf32>, %b: memref<9xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<11xf32>) {
  ^bb0(%x: f32):
    %r = math.exp2 %x fastmath<afn> : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%b : memref<9xf32>) {
  ^bb0(%x: f32):
    %r = math.exp2 %x fastmath<afn> : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// The sum and maximum of a row are taken in a vector, then by halves.
// CHECK-LABEL: @row_sum_and_maximum
// CHECK-SAME: %[[P:.*]]: memref<1x16xf32>, %[[SUM:.*]]: memref<1xf32>, %[[MAX:.*]]: memref<1xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK-DAG: %[[NONE:.*]] = arith.constant dense<0xFF800000> : vector<8xf32>
// CHECK: %[[FIRST:.*]] = vector.load %[[P]][%c0, %c0]
// CHECK: arith.addf %[[FIRST]], %[[ZERO]]
// CHECK: arith.cmpf ogt, %[[NONE]], %[[FIRST]]
// CHECK: %[[SECOND:.*]] = vector.load %[[P]][%c0, %c8]
// CHECK: arith.addf %{{.*}}, %[[SECOND]] : vector<8xf32>
// CHECK: memref.load %[[SUM]]
// CHECK: vector.extract_strided_slice {{.*}} to vector<4xf32>
// CHECK: arith.addf {{.*}} : vector<4xf32>
// CHECK: arith.addf {{.*}} : vector<2xf32>
// CHECK: memref.load %[[MAX]]
// CHECK: arith.select {{.*}} : vector<4xi1>, vector<4xf32>
#row = affine_map<(i, j) -> (i, j)>
#state = affine_map<(i, j) -> (i)>
func.func private @row_sum_and_maximum(%p: memref<1x16xf32>, %sum: memref<1xf32>, %max: memref<1xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#row, #state, #state], iterator_types = ["parallel", "reduction"]}
    ins(%p : memref<1x16xf32>) outs(%sum, %max : memref<1xf32>, memref<1xf32>) {
  ^bb0(%x: f32, %s: f32, %m: f32):
    %r = arith.addf %s, %x : f32
    %greater = arith.cmpf ogt, %m, %x : f32
    %most = arith.select %greater, %m, %x : f32
    linalg.yield %r, %most : f32, f32
  }
  return
}

// -----

// What is no kernel is left alone.
// CHECK-LABEL: @no_kernel
// CHECK: linalg.generic
#v = affine_map<(i) -> (i)>
func.func @no_kernel(%a: memref<8xf32>, %x: f32) {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<8xf32>) {
  ^bb0(%old: f32):
    linalg.yield %x : f32
  }
  return
}
