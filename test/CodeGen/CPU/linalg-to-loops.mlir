// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-linalg-to-loops,canonicalize))" --split-input-file | FileCheck %s

// The columns, contiguous in both that have them, are innermost.
// CHECK-LABEL: @matmul
// CHECK-SAME: %[[A:.*]]: memref<4x5xf32>, %[[B:.*]]: memref<5x6xf32>, %[[C:.*]]: memref<4x6xf32>
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c4
// CHECK: scf.for %[[K:.*]] = %{{.*}} to %c5
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %c6
// CHECK: memref.load %[[A]][%[[I]], %[[K]]]
// CHECK: memref.load %[[B]][%[[K]], %[[J]]]
// CHECK: arith.mulf {{.*}} fastmath<contract>
// CHECK: arith.addf {{.*}} fastmath<reassoc,contract>
// CHECK: memref.store %{{.*}}, %[[C]][%[[I]], %[[J]]]
func.func @matmul(%a: memref<4x5xf32>, %b: memref<5x6xf32>, %c: memref<4x6xf32>) {
  linalg.matmul ins(%a, %b : memref<4x5xf32>, memref<5x6xf32>) outs(%c : memref<4x6xf32>)
  return
}

// -----

// With B transposed the rows of both are contiguous: a dot product.
// CHECK-LABEL: @matmul_transposed
// CHECK: scf.for %{{.*}} to %c4
// CHECK: scf.for %{{.*}} to %c6
// CHECK: scf.for %{{.*}} to %c5
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @matmul_transposed(%a: memref<4x5xf32>, %b: memref<6x5xf32>, %c: memref<4x6xf32>) {
  linalg.matmul indexing_maps = [#a, #b, #c] ins(%a, %b : memref<4x5xf32>, memref<6x5xf32>) outs(%c : memref<4x6xf32>)
  return
}

// -----

// An elementwise sum is no reduction: its order stays.
// CHECK-LABEL: @add
// CHECK: arith.addf {{.*}} fastmath<contract>
func.func @add(%a: memref<4xf32>, %c: memref<4xf32>) {
  linalg.add ins(%a, %a : memref<4xf32>, memref<4xf32>) outs(%c : memref<4xf32>)
  return
}

// -----

// A copy that changes the layout is a loop, one that does not is memcpy.
// CHECK-LABEL: @copies
// CHECK-NOT: memref.copy
// CHECK: scf.for
// CHECK: scf.for
// CHECK: memref.copy %{{.*}} : memref<4x4xf32> to memref<4x4xf32>
func.func @copies(%a: memref<4x4xf32, strided<[1, 4]>>, %b: memref<4x4xf32>, %c: memref<4x4xf32>) {
  memref.copy %a, %b : memref<4x4xf32, strided<[1, 4]>> to memref<4x4xf32>
  memref.copy %b, %c : memref<4x4xf32> to memref<4x4xf32>
  return
}

// -----

// CHECK-LABEL: @no_dimensions
// CHECK-SAME: %[[A:.*]]: memref<f32>, %[[X:.*]]: f32
// CHECK-NEXT: memref.store %[[X]], %[[A]][] : memref<f32>
func.func @no_dimensions(%a: memref<f32>, %x: f32) {
  linalg.fill ins(%x : f32) outs(%a : memref<f32>)
  return
}

// -----

// Kernels have passes of their own.
// CHECK-LABEL: @kernel
// CHECK: linalg.fill
func.func private @kernel(%a: memref<4xf32>, %x: f32) attributes {attn.kernel} {
  linalg.fill ins(%x : f32) outs(%a : memref<4xf32>)
  return
}

// -----

// A tensor of rank 0 has no loops to put in order.
// CHECK-LABEL: @scalar
// CHECK-SAME: %[[X:.*]]: memref<f32>, %[[Y:.*]]: memref<f32>
// CHECK-NOT: scf.for
// CHECK: %[[V:.*]] = memref.load %[[X]][]
// CHECK: %[[R:.*]] = math.sqrt %[[V]]
// CHECK: memref.store %[[R]], %[[Y]][]
func.func @scalar(%x: memref<f32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%x : memref<f32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %o: f32):
    %s = math.sqrt %a : f32
    linalg.yield %s : f32
  }
  return
}
