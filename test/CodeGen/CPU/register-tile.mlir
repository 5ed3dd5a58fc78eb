// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-register-tile{rows=4 vectors=3 lanes=8},canonicalize))" --split-input-file | FileCheck %s
// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-register-tile{rows=8 vectors=3 lanes=16 min-rows=5 dot-rows=4 wide-rows=4},canonicalize))" --split-input-file | FileCheck %s --check-prefix=AVX512

// The fill, the product and the maximum of its rows share one loop: the product
// is in registers for all three.
// CHECK-LABEL: @group
// CHECK-SAME: %[[K:.*]]: memref<16x5xf32>, %[[Q:.*]]: memref<5x24xf32>, %[[S:.*]]: memref<16x24xf32>, %[[MAX:.*]]: memref<24xf32>
// CHECK: scf.for %[[I:.*]] = %c0 to %c16 step %c4 {
// CHECK:   %[[FILLED:.*]] = memref.subview %[[S]][%[[I]], 0] [4, 24]
// CHECK:   linalg.generic {{.*}} outs(%[[FILLED]] :
// CHECK:   %[[ROWS:.*]] = memref.subview %[[K]][%[[I]], 0] [4, 5]
// CHECK:   %[[TILE:.*]] = memref.subview %[[S]][%[[I]], 0] [4, 24]
// CHECK:   linalg.generic {{.*}} ins(%[[ROWS]], %[[Q]] : {{.*}}) outs(%[[TILE]] :
// CHECK:   %[[SEEN:.*]] = memref.subview %[[S]][%[[I]], 0] [4, 24]
// CHECK:   linalg.generic {{.*}} outs(%[[SEEN]], %[[MAX]] :
// CHECK-NOT: scf.for
// CHECK: return
// AVX512-LABEL: @group
// AVX512: scf.for %{{.*}} = %c0 to %c16 step %c8 {
#k = affine_map<(i, j, d) -> (i, d)>
#q = affine_map<(i, j, d) -> (d, j)>
#s = affine_map<(i, j, d) -> (i, j)>
#tile = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
func.func private @group(%k: memref<16x5xf32>, %q: memref<5x24xf32>, %s: memref<16x24xf32>, %max: memref<24xf32>) attributes {attn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%s : memref<16x24xf32>)
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%k, %q : memref<16x5xf32>, memref<5x24xf32>) outs(%s : memref<16x24xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#tile, #column], iterator_types = ["reduction", "parallel"]}
    outs(%s, %max : memref<16x24xf32>, memref<24xf32>) {
  ^bb0(%x: f32, %m: f32):
    %greater = arith.cmpf ogt, %m, %x : f32
    %r = arith.select %greater, %m, %x : f32
    linalg.yield %x, %r : f32, f32
  }
  return
}

// -----

// An operation that reads the other's result at another place does not join.
// CHECK-LABEL: @shifted
// CHECK: scf.for
// CHECK: }
// CHECK: scf.for
#row = affine_map<(i, j) -> (i, j)>
func.func private @shifted(%a: memref<16x24xf32>, %b: memref<16x24xf32>) attributes {attn.kernel} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c15 = arith.constant 15 : index
  linalg.fill ins(%zero : f32) outs(%a : memref<16x24xf32>)
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%b : memref<16x24xf32>) {
  ^bb0(%x: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %from = arith.subi %c15, %i : index
    %r = memref.load %a[%from, %j] : memref<16x24xf32>
    linalg.yield %r : f32
  }
  return
}

// -----

// Nor does one that overwrites what the other reads at any place.
// CHECK-LABEL: @overwritten
// CHECK: scf.for
// CHECK: }
// CHECK: scf.for
#row = affine_map<(i, j) -> (i, j)>
func.func private @overwritten(%a: memref<16x24xf32>, %b: memref<16x24xf32>) attributes {attn.kernel} {
  %c15 = arith.constant 15 : index
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%a : memref<16x24xf32>) {
  ^bb0(%x: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %from = arith.subi %c15, %i : index
    %r = memref.load %b[%from, %j] : memref<16x24xf32>
    linalg.yield %r : f32
  }
  linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]} ins(%a : memref<16x24xf32>) outs(%b : memref<16x24xf32>) {
  ^bb0(%x: f32, %y: f32):
    %r = arith.negf %x : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Operations join past others that touch nothing of theirs: fill and sum of
// %a, then the one of %b.
// CHECK-LABEL: @interleaved
// CHECK-SAME: %[[A:.*]]: memref<16x24xf32>, %[[B:.*]]: memref<16x24xf32>
// CHECK: scf.for
// CHECK:   memref.subview %[[B]]
// CHECK:   linalg.generic
// CHECK: }
// CHECK: scf.for
// CHECK:   memref.subview %[[A]]
// CHECK:   linalg.generic
// CHECK:   memref.subview %[[A]]
// CHECK:   linalg.generic
// CHECK: }
#row = affine_map<(i, j) -> (i, j)>
func.func private @interleaved(%a: memref<16x24xf32>, %b: memref<16x24xf32>) attributes {attn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%a : memref<16x24xf32>)
  linalg.fill ins(%zero : f32) outs(%b : memref<16x24xf32>)
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%a : memref<16x24xf32>) {
  ^bb0(%x: f32):
    %r = arith.addf %x, %x : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A call between them may see the first one's result: they stay apart.
// CHECK-LABEL: @separated
// CHECK: scf.for
// CHECK: call @look
// CHECK: scf.for
#row = affine_map<(i, j) -> (i, j)>
func.func private @look(memref<16x24xf32>)
func.func private @separated(%a: memref<16x24xf32>) attributes {attn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%a : memref<16x24xf32>)
  func.call @look(%a) : (memref<16x24xf32>) -> ()
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%a : memref<16x24xf32>) {
  ^bb0(%x: f32):
    %r = arith.addf %x, %x : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Rows that 4 does not divide: the tile of 3 that fills 9 does.
// CHECK-LABEL: @nine_rows
// CHECK: scf.for %{{.*}} = %c0 to %c9 step %c3
#k = affine_map<(i, j, d) -> (i, d)>
#q = affine_map<(i, j, d) -> (d, j)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @nine_rows(%k: memref<9x5xf32>, %q: memref<5x24xf32>, %s: memref<9x24xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%k, %q : memref<9x5xf32>, memref<5x24xf32>) outs(%s : memref<9x24xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Dynamic sizes: as many whole tiles as fit, then vectors, then elements; and
// rows one by one. All tiles are static.
// CHECK-DAG: #[[$ROWS:.*]] = affine_map<()[s0] -> ((s0 floordiv 4) * 4)>
// CHECK-DAG: #[[$TILES:.*]] = affine_map<()[s0] -> ((s0 floordiv 24) * 24)>
// CHECK-DAG: #[[$VECTORS:.*]] = affine_map<()[s0] -> ((s0 floordiv 8) * 8)>
// CHECK-LABEL: @dynamic
// CHECK-SAME: %[[K:.*]]: memref<?x5xf32>, %[[Q:.*]]: memref<5x?xf32>
// CHECK-DAG: %[[M:.*]] = memref.dim %[[K]], %c0
// CHECK-DAG: %[[N:.*]] = memref.dim %[[Q]], %c1
// CHECK: %[[ROWS:.*]] = affine.apply #[[$ROWS]]()[%[[M]]]
// CHECK: scf.for %{{.*}} = %c0 to %[[ROWS]] step %c4
// CHECK:   %[[TILES:.*]] = affine.apply #[[$TILES]]()[%[[N]]]
// CHECK:   scf.for %{{.*}} = %c0 to %[[TILES]] step %c24
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<4x24xf32,
// CHECK:   %[[VECTORS:.*]] = affine.apply #[[$VECTORS]]()[%[[N]]]
// CHECK:   scf.for %{{.*}} = %[[TILES]] to %[[VECTORS]] step %c8
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<4x8xf32,
// CHECK:   scf.for %{{.*}} = %[[VECTORS]] to %[[N]] step %c1
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<4x1xf32,
// CHECK: scf.for %{{.*}} = %[[ROWS]] to %[[M]] step %c1
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<1x24xf32,
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<1x8xf32,
// CHECK:     linalg.generic {{.*}} outs(%{{.*}} : memref<1x1xf32,
#k = affine_map<(i, j, d) -> (i, d)>
#q = affine_map<(i, j, d) -> (d, j)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @dynamic(%k: memref<?x5xf32>, %q: memref<5x?xf32>, %s: memref<?x?xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%k, %q : memref<?x5xf32>, memref<5x?xf32>) outs(%s : memref<?x?xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// Transposes are squares of lanes x lanes; 22 is two of 8, one of 4, one of 2.
// CHECK-LABEL: @transpose
// CHECK-SAME: %[[A:.*]]: memref<22x8xf32>
// CHECK: scf.for %[[I:.*]] = %c0 to %c16 step %c8
// CHECK:   memref.subview %[[A]][%[[I]], 0] [8, 8]
// CHECK: memref.subview %[[A]][16, 0] [4, 8]
// CHECK: memref.subview %[[A]][20, 0] [2, 8]
#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @transpose(%a: memref<22x8xf32>, %b: memref<8x22xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<22x8xf32>) outs(%b : memref<8x22xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

// The rest of a dynamic size is done row by row.
// CHECK-LABEL: @transpose_dynamic
// CHECK: scf.for %{{.*}} = %c0 to %[[WHOLE:.*]] step %c8
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : memref<8x8xf32,
// CHECK: scf.for %{{.*}} = %[[WHOLE]] to %{{.*}} step %c1
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : memref<1x8xf32,
#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @transpose_dynamic(%a: memref<?x8xf32>, %b: memref<8x?xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<?x8xf32>) outs(%b : memref<8x?xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

// A dot product of rows takes 2 keys x 4 queries: each vector loaded serves
// several.
// CHECK-LABEL: @dot
// CHECK: scf.for %[[J:.*]] = %c0 to %c64 step %c2
// CHECK:   memref.subview %{{.*}}[%[[J]], 0] [2, 128]
// CHECK:   linalg.generic {{.*}} outs(%{{.*}} : memref<4x2xf32,
#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @dot(%q: memref<4x128xf32>, %k: memref<64x128xf32>, %s: memref<4x64xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<4x128xf32>, memref<64x128xf32>) outs(%s : memref<4x64xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A product of one row is as wide as all accumulators, 12 vectors, so that it
// walks %v in the order of memory.
// CHECK-LABEL: @one_row
// CHECK: scf.for %[[J:.*]] = %c0 to %c192 step %c96
// CHECK:   linalg.generic {{.*}} outs(%{{.*}} : memref<1x96xf32,
#p = affine_map<(i, j, d) -> (i, d)>
#v = affine_map<(i, j, d) -> (d, j)>
#o = affine_map<(i, j, d) -> (i, j)>
func.func private @one_row(%p: memref<1x64xf32>, %v: memref<64x192xf32>, %o: memref<1x192xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#p, #v, #o], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%p, %v : memref<1x64xf32>, memref<64x192xf32>) outs(%o : memref<1x192xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// The index of an element is that in the whole, not in the tile.
// CHECK-DAG: #[[$PLUS:.*]] = affine_map<(d0)[s0] -> (d0 + s0)>
// CHECK-LABEL: @index
// CHECK: scf.for %[[I:.*]] = %c0 to %c16 step
// CHECK:   %[[ROW:.*]] = linalg.index 0
// CHECK:   affine.apply #[[$PLUS]](%[[I]])[%[[ROW]]]
#row = affine_map<(i, j) -> (i, j)>
func.func private @index(%a: memref<16x24xindex>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#row], iterator_types = ["parallel", "parallel"]} outs(%a : memref<16x24xindex>) {
  ^bb0(%x: index):
    %i = linalg.index 0 : index
    linalg.yield %i : index
  }
  return
}

// -----

// A copy is work of the kernel as any; one of a buffer to itself is none.
// CHECK-LABEL: @copies
// CHECK: scf.for
// CHECK:   linalg.generic
// CHECK-NOT: memref.copy
// CHECK-NOT: linalg.generic
// CHECK: return
func.func private @copies(%a: memref<16x24xf32>, %b: memref<16x24xf32>) attributes {attn.kernel} {
  memref.copy %a, %b : memref<16x24xf32> to memref<16x24xf32>
  memref.copy %a, %a : memref<16x24xf32> to memref<16x24xf32>
  return
}

// -----

// What is no kernel is left alone.
// CHECK-LABEL: @no_kernel
// CHECK-NOT: scf.for
// CHECK: linalg.fill
func.func @no_kernel(%a: memref<16x24xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%a : memref<16x24xf32>)
  return
}

// -----

// A product of pairs is tiled as one of elements: the pair stays whole.
// CHECK-LABEL: @pairs
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c4 {
// CHECK:   linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : memref<4x6x2xbf16, {{.*}}>, memref<6x24x2xbf16{{.*}}>) outs(%{{.*}} : memref<4x24xf32, {{.*}}>)
#k = affine_map<(i, j, d, p) -> (i, d, p)>
#q = affine_map<(i, j, d, p) -> (d, j, p)>
#s = affine_map<(i, j, d, p) -> (i, j)>
func.func private @pairs(%k: memref<16x6x2xbf16>, %q: memref<6x24x2xbf16>, %s: memref<16x24xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
    ins(%k, %q : memref<16x6x2xbf16>, memref<6x24x2xbf16>) outs(%s : memref<16x24xf32>) {
  ^bb0(%x: bf16, %y: bf16, %z: f32):
    %wide_x = arith.extf %x : bf16 to f32
    %wide_y = arith.extf %y : bf16 to f32
    %xy = arith.mulf %wide_x, %wide_y fastmath<contract> : f32
    %r = arith.addf %z, %xy fastmath<contract> : f32
    linalg.yield %r : f32
  }
  return
}
