// RUN: attn-opt %s --canonicalize | FileCheck %s

// Attention without rows is its zeros, also in a program that has no operation
// of the dialect that makes them.
// CHECK-LABEL: @no_batch
// CHECK: %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : tensor<0x4x5x64xf32>
// CHECK: return %[[ZEROS]]
func.func @no_batch(%q: tensor<0x4x5x64xf32>, %k: tensor<0x2x40x64xf32>) -> tensor<0x4x5x64xf32> {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%k) : (tensor<0x4x5x64xf32>, tensor<0x2x40x64xf32>, tensor<0x2x40x64xf32>) -> (tensor<0x4x5x64xf32>, tensor<0x4x5xf32>)
  return %o : tensor<0x4x5x64xf32>
}
