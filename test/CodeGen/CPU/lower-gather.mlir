// RUN: attn-opt %s --attn-lower-gather --split-input-file | FileCheck %s

// A slice for each coordinate; the gathered dimension disappears.
// CHECK-LABEL: @gather
// CHECK-SAME: (%[[X:.*]]: tensor<10x5xf32>, %[[I:.*]]: tensor<4x1xi32>)
// CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<4x5xf32>
// CHECK: %[[R:.*]] = scf.for %[[N:.*]] = %c0{{.*}} to %c4{{.*}} step %c1{{.*}} iter_args(%[[ALL:.*]] = %[[EMPTY]])
// CHECK: %[[C:.*]] = tensor.extract %[[I]][%[[N]], %{{.*}}] : tensor<4x1xi32>
// CHECK: %[[AT:.*]] = arith.index_cast %[[C]] : i32 to index
// CHECK: %[[S:.*]] = tensor.extract_slice %[[X]][%[[AT]], 0] [1, 5] [1, 1] : tensor<10x5xf32> to tensor<5xf32>
// CHECK: %[[NEXT:.*]] = tensor.insert_slice %[[S]] into %[[ALL]][%[[N]], 0] [1, 5] [1, 1] : tensor<5xf32> into tensor<4x5xf32>
// CHECK: scf.yield %[[NEXT]]
// CHECK: return %[[R]]
func.func @gather(%x: tensor<10x5xf32>, %i: tensor<4x1xi32>) -> tensor<4x5xf32> {
  %r = tensor.gather %x[%i] gather_dims([0]) : (tensor<10x5xf32>, tensor<4x1xi32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// -----

// The gathered dimension stays as one of size 1; sizes may be dynamic.
// CHECK-LABEL: @kept
// CHECK: tensor.extract_slice %{{.*}}[0, %{{.*}}, 0] [%{{.*}}, 1, 5] [1, 1, 1] : tensor<?x4x5xf32> to tensor<?x1x5xf32>
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%{{.*}}, %{{.*}}, 0, 0, 0] [1, 1, %{{.*}}, 1, 5] [1, 1, 1, 1, 1] : tensor<?x1x5xf32> into tensor<6x?x?x1x5xf32>
func.func @kept(%x: tensor<?x4x5xf32>, %i: tensor<6x?x1xindex>) -> tensor<6x?x?x1x5xf32> {
  %r = tensor.gather %x[%i] gather_dims([1]) : (tensor<?x4x5xf32>, tensor<6x?x1xindex>) -> tensor<6x?x?x1x5xf32>
  return %r : tensor<6x?x?x1x5xf32>
}

// -----

// CHECK-LABEL: @scatter
// CHECK-SAME: (%[[S:.*]]: tensor<4x1x5xf32>, %[[D:.*]]: tensor<10x5xf32>, %[[I:.*]]: tensor<4x1xindex>)
// CHECK: scf.for %[[N:.*]] = {{.*}} iter_args(%[[ALL:.*]] = %[[D]])
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[S]][%[[N]], 0, 0] [1, 1, 5] [1, 1, 1] : tensor<4x1x5xf32> to tensor<1x5xf32>
// CHECK: %[[AT:.*]] = tensor.extract %[[I]][%[[N]], %{{.*}}]
// CHECK: tensor.insert_slice %[[SLICE]] into %[[ALL]][%[[AT]], 0] [1, 5] [1, 1] : tensor<1x5xf32> into tensor<10x5xf32>
func.func @scatter(%s: tensor<4x1x5xf32>, %d: tensor<10x5xf32>, %i: tensor<4x1xindex>) -> tensor<10x5xf32> {
  %r = tensor.scatter %s into %d[%i] scatter_dims([0]) unique : (tensor<4x1x5xf32>, tensor<10x5xf32>, tensor<4x1xindex>) -> tensor<10x5xf32>
  return %r : tensor<10x5xf32>
}

// -----

// Without slices: single elements.
// CHECK-LABEL: @elements
// CHECK: tensor.extract_slice %{{.*}}[%{{.*}}] [1] [1] : tensor<3xf32> to tensor<f32>
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%{{.*}}, %{{.*}}] [1, 1] [1, 1] : tensor<f32> into tensor<4x4xf32>
func.func @elements(%s: tensor<3xf32>, %d: tensor<4x4xf32>, %i: tensor<3x2xindex>) -> tensor<4x4xf32> {
  %r = tensor.scatter %s into %d[%i] scatter_dims([0, 1]) unique : (tensor<3xf32>, tensor<4x4xf32>, tensor<3x2xindex>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
