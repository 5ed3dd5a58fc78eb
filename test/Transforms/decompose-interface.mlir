// RUN: attn-opt %s --transform-interpreter --canonicalize | FileCheck %s

// Upstream's transform decomposes the operations through its own interface.
// CHECK-LABEL: func @sdpa
// CHECK-NOT: attn.sdpa
// CHECK: linalg.contract
// CHECK: linalg.contract
func.func @sdpa(%q: tensor<1x8x512x64xf32>, %k: tensor<1x8x512x64xf32>, %v: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %o : tensor<1x8x512x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %decomposed = transform.structured.decompose_interface %op : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
