// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-decompose-linalg))" | FileCheck %s

// CHECK-LABEL: @softmax
// CHECK-NOT: linalg.softmax
// CHECK: arith.maxnumf
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: arith.divf
func.func @softmax(%x: tensor<4x8xf32>, %o: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%o : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Attention stays whole.
// CHECK-LABEL: @attention
// CHECK: attn.sdpa
func.func @attention(%q: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %o : tensor<1x1x4x8xf32>
}

// A layout of tiles is made by views and a transpose.
// CHECK-LABEL: @pack
// CHECK-NOT: linalg.pack
// CHECK: tensor.pad
// CHECK: tensor.expand_shape
// CHECK: linalg.transpose
func.func @pack(%x: tensor<3x?xf32>, %to: tensor<2x?x2x4xf32>) -> tensor<2x?x2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %r = linalg.pack %x padding_value(%zero : f32) inner_dims_pos = [0, 1] inner_tiles = [2, 4] into %to : tensor<3x?xf32> -> tensor<2x?x2x4xf32>
  return %r : tensor<2x?x2x4xf32>
}

// CHECK-LABEL: @unpack
// CHECK-NOT: linalg.unpack
// CHECK: linalg.transpose
// CHECK: tensor.collapse_shape
// CHECK: tensor.extract_slice
func.func @unpack(%x: tensor<2x3x2x4xf32>, %to: tensor<3x10xf32>) -> tensor<3x10xf32> {
  %r = linalg.unpack %x inner_dims_pos = [0, 1] inner_tiles = [2, 4] into %to : tensor<2x3x2x4xf32> -> tensor<3x10xf32>
  return %r : tensor<3x10xf32>
}
