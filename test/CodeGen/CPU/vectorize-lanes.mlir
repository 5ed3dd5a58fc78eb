// What has no form on vectors.

// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=4}))" --split-input-file | FileCheck %s

// Done for each lane on its own.
#v = affine_map<(i) -> (i)>
// CHECK-LABEL: @lanes
// CHECK: %[[X:.*]] = vector.load
// CHECK: %[[I:.*]] = arith.index_cast %[[X]] : vector<4xi64> to vector<4xindex>
// CHECK: %[[X0:.*]] = vector.extract %[[I]][0]
// CHECK: %[[Y0:.*]] = index.mul %[[X0]], %[[N:.*]]
// CHECK: %[[X3:.*]] = vector.extract %[[I]][3]
// CHECK: %[[Y3:.*]] = index.mul %[[X3]], %[[N]]
// CHECK: vector.from_elements %[[Y0]], %{{.*}}, %{{.*}}, %[[Y3]] : vector<4xindex>
func.func private @lanes(%a: memref<4xi64>, %n: index) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<4xi64>) {
  ^bb0(%x: i64):
    %i = arith.index_cast %x : i64 to index
    %y = index.mul %i, %n
    %z = arith.index_cast %y : index to i64
    linalg.yield %z : i64
  }
  return
}

// -----

// An affine map, which lower-affine may not have seen, is arithmetic first.
#v = affine_map<(i) -> (i)>
// CHECK-LABEL: @affine
// CHECK-NOT: affine.apply
// CHECK: arith.muli %{{.*}}, %{{.*}} : vector<4xindex>
// CHECK-NOT: affine.apply
// CHECK: return
func.func private @affine(%a: memref<4xi64>) attributes {attn.kernel} {
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<4xi64>) {
  ^bb0(%x: i64):
    %i = arith.index_cast %x : i64 to index
    %y = affine.apply affine_map<(d0) -> (d0 * 3 + 1)>(%i)
    %z = arith.index_cast %y : index to i64
    linalg.yield %z : i64
  }
  return
}
