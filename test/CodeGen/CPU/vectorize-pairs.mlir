// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=16 dot-bf16},canonicalize,cse))" --split-input-file | FileCheck %s
// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=8},canonicalize,cse))" --split-input-file | FileCheck %s --check-prefix=WIDEN

// A pair of a key, 32 bits, is broadcast to the lanes; the pairs of neighbouring
// queries are one vector, which both keys use.
// CHECK-LABEL: @pairs
// CHECK-SAME: %[[K:.*]]: memref<2x4x2xbf16>, %[[Q:.*]]: memref<4x24x2xbf16>, %[[S:.*]]: memref<2x24xf32>
// CHECK: %[[FLAT:.*]] = memref.collapse_shape %[[Q]] {{\[}}[0], [1, 2]] : memref<4x24x2xbf16> into memref<4x48xbf16>
// CHECK: scf.for %[[D:.*]] = %c0 to %c4 step %c1 iter_args(%[[A0:.*]] = %{{.*}}, %[[A1:.*]] = %{{.*}}, %[[A2:.*]] = %{{.*}}, %[[A3:.*]] = %{{.*}}) -> (vector<16xf32>, vector<8xf32>, vector<16xf32>, vector<8xf32>)
// CHECK-DAG: %[[Q0:.*]] = vector.load %[[FLAT]][%[[D]], %c0] : memref<4x48xbf16>, vector<32xbf16>
// CHECK-DAG: %[[K0:.*]] = vector.load %[[K]][%c0, %[[D]], %c0] : memref<2x4x2xbf16>, vector<2xbf16>
// CHECK:   %[[BITS:.*]] = vector.bitcast %[[K0]] : vector<2xbf16> to vector<1xi32>
// CHECK:   %[[WORD:.*]] = vector.extract %[[BITS]][0]
// CHECK:   %[[WORDS:.*]] = vector.broadcast %[[WORD]] : i32 to vector<16xi32>
// CHECK:   %[[PAIRS:.*]] = vector.bitcast %[[WORDS]] : vector<16xi32> to vector<32xbf16>
// CHECK:   x86vector.avx512.dot %[[A0]], %[[Q0]], %[[PAIRS]] : vector<32xbf16> -> vector<16xf32>
// CHECK:   vector.load %[[FLAT]][%[[D]], %c32] : memref<4x48xbf16>, vector<16xbf16>
// CHECK:   x86vector.avx512.dot %[[A1]], {{.*}} : vector<16xbf16> -> vector<8xf32>
// CHECK:   vector.load %[[K]][%c1, %[[D]], %c0]
// CHECK-NOT: vector.load %[[FLAT]]
// CHECK:   x86vector.avx512.dot %[[A2]], %[[Q0]]
// CHECK:   scf.yield

// Without the instruction both halves of a pair are widened.
// WIDEN-LABEL: @pairs
// WIDEN: scf.for
// WIDEN:   %[[EVEN:.*]], %[[ODD:.*]] = vector.deinterleave %{{.*}} : vector<16xbf16> -> vector<8xbf16>
// WIDEN:   arith.extf %[[EVEN]] : vector<8xbf16> to vector<8xf32>
// WIDEN:   arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// WIDEN:   arith.addf {{.*}} fastmath<contract> : vector<8xf32>
// WIDEN:   arith.extf %[[ODD]]
// WIDEN-NOT: x86vector
#k = affine_map<(i, j, d, p) -> (i, d, p)>
#q = affine_map<(i, j, d, p) -> (d, j, p)>
#s = affine_map<(i, j, d, p) -> (i, j)>
func.func private @pairs(%k: memref<2x4x2xbf16>, %q: memref<4x24x2xbf16>, %s: memref<2x24xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
    ins(%k, %q : memref<2x4x2xbf16>, memref<4x24x2xbf16>) outs(%s : memref<2x24xf32>) {
  ^bb0(%x: bf16, %y: bf16, %z: f32):
    %wide_x = arith.extf %x : bf16 to f32
    %wide_y = arith.extf %y : bf16 to f32
    %xy = arith.mulf %wide_x, %wide_y fastmath<contract> : f32
    %r = arith.addf %z, %xy fastmath<contract> : f32
    linalg.yield %r : f32
  }
  return
}

// -----

// A lane of its own is a scalar sum.
// CHECK-LABEL: @one_lane
// CHECK: scf.for {{.*}} -> (f32)
// CHECK:   vector.broadcast %{{.*}} : f32 to vector<1xf32>
// CHECK:   vector.deinterleave %{{.*}} : vector<2xbf16> -> vector<1xbf16>
#k = affine_map<(i, j, d, p) -> (i, d, p)>
#q = affine_map<(i, j, d, p) -> (d, j, p)>
#s = affine_map<(i, j, d, p) -> (i, j)>
func.func private @one_lane(%k: memref<1x4x2xbf16>, %q: memref<4x1x2xbf16>, %s: memref<1x1xf32>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#k, #q, #s], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
    ins(%k, %q : memref<1x4x2xbf16>, memref<4x1x2xbf16>) outs(%s : memref<1x1xf32>) {
  ^bb0(%x: bf16, %y: bf16, %z: f32):
    %wide_x = arith.extf %x : bf16 to f32
    %wide_y = arith.extf %y : bf16 to f32
    %xy = arith.mulf %wide_x, %wide_y fastmath<contract> : f32
    %r = arith.addf %z, %xy fastmath<contract> : f32
    linalg.yield %r : f32
  }
  return
}
