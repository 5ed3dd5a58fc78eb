// RUN: attn-opt %s --attn-check-shapes --split-input-file | FileCheck %s

// Static shapes are the verifier's: nothing is left to check.
// CHECK-LABEL: @static
// CHECK-NOT: cf.assert
func.func @static(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x9x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x4x8x16xf32>, tensor<1x2x9x16xf32>, tensor<1x2x9x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// -----

// A dynamic head_dim and dynamic KV heads are checked before the operation.
// CHECK-LABEL: @dynamic
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op head_dim of key is not that of query"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op heads of value is not that of key"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op the query heads are not a multiple of the KV heads"
// CHECK-NEXT: attn.sdpa
func.func @dynamic(%q: tensor<1x4x8x?xf32>, %k: tensor<1x?x9x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x4x8x?xf32>, tensor<1x?x9x16xf32>, tensor<1x?x9x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// -----

// So are the sequences, the batch and what broadcasts over them.
// CHECK-LABEL: @operands
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op batch of key is not that of query"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op seqlen of value is not that of key"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op dimension 3 of bias does not broadcast to the keys"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op dimension 2 of keep does not broadcast to the queries"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op alibi has not one element for each query head"
// CHECK: cf.assert %{{.*}}, "'attn.sdpa' op sinks has not one element for each query head"
func.func @operands(%q: tensor<?x4x8x16xf32>, %k: tensor<?x4x9x16xf32>, %v: tensor<?x4x?x16xf32>,
                    %bias: tensor<1x1x1x?xf32>, %keep: tensor<1x1x?x9xi1>,
                    %slopes: tensor<?xf32>, %sinks: tensor<?xf32>) -> tensor<?x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks)
      : (tensor<?x4x8x16xf32>, tensor<?x4x9x16xf32>, tensor<?x4x?x16xf32>, tensor<1x1x1x?xf32>, tensor<1x1x?x9xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x4x8x16xf32>
  return %o : tensor<?x4x8x16xf32>
}
