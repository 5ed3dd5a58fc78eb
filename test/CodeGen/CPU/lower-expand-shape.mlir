// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-lower-expand-shape))" | FileCheck %s
// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-lower-expand-shape),expand-strided-metadata)" | FileCheck %s --check-prefix=UPSTREAM

// UPSTREAM-NOT: memref.expand_shape

// CHECK-LABEL: @heads
// CHECK-SAME: %[[BUFFER:.*]]: memref<2x?x?xf32>, %[[KV:.*]]: index, %[[GROUP:.*]]: index, %[[S:.*]]: index
// CHECK: %[[BASE:.*]], %{{.*}}, %{{.*}}:3, %[[STRIDES:.*]]:3 = memref.extract_strided_metadata %[[BUFFER]]
// CHECK: %[[HEADS:.*]] = affine.apply #{{.*}}()[%[[STRIDES]]#1, %[[GROUP]]]
// CHECK: memref.reinterpret_cast %[[BASE]] to offset: [0], sizes: [2, %[[KV]], %[[GROUP]], %[[S]]], strides: [%[[STRIDES]]#0, %[[HEADS]], %[[STRIDES]]#1, 1]
func.func @heads(%a: memref<2x?x?xf32>, %kv: index, %group: index, %s: index) -> memref<2x?x?x?xf32> {
  %r = memref.expand_shape %a [[0], [1, 2], [3]] output_shape [2, %kv, %group, %s] : memref<2x?x?xf32> into memref<2x?x?x?xf32>
  return %r : memref<2x?x?x?xf32>
}

// One dynamic size is upstream's business.
// CHECK-LABEL: @one
// CHECK: memref.expand_shape
func.func @one(%a: memref<?xf32>, %n: index) -> memref<?x4xf32> {
  %r = memref.expand_shape %a [[0, 1]] output_shape [%n, 4] : memref<?xf32> into memref<?x4xf32>
  return %r : memref<?x4xf32>
}
