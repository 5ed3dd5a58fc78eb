// RUN: attn-opt %s --attn-check-shapes --split-input-file | FileCheck %s

// Static shapes are the verifier's: nothing is left to check.
// CHECK-LABEL: @static
// CHECK-NOT: attn.assert
func.func @static(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x9x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x4x8x16xf32>, tensor<1x2x9x16xf32>, tensor<1x2x9x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// -----

// A dynamic head_dim and dynamic KV heads are checked before the operation. A
// message shows what is known as it is, and what is not as a value.
// CHECK-LABEL: @dynamic
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4x8x?xf32>, %[[K:.*]]: tensor<1x?x9x16xf32>)
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[Q]], %c3
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[K]], %c1
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[D]], %c16
// CHECK: attn.assert %[[SAME]], "'attn.sdpa' op head_dim of key is 16, expected {0} as in query: key is tensor<1x{1}x9x16xf32>, query is tensor<1x4x8x{0}xf32>"(%[[D]], %[[H]])
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op heads of value is {0}, expected {1} as in key: value is tensor<1x{0}x9x16xf32>, key is tensor<1x{1}x9x16xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op head_dim of query tensor<1x4x8x{0}xf32> is 0, expected at least 1"(%[[D]])
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op has 4 query heads and {0} KV heads, expected a multiple of the KV heads: query is tensor<1x4x8x{1}xf32>, key is tensor<1x{0}x9x16xf32>"(%[[H]], %[[D]])
// CHECK-NEXT: attn.sdpa
func.func @dynamic(%q: tensor<1x4x8x?xf32>, %k: tensor<1x?x9x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x4x8x?xf32>, tensor<1x?x9x16xf32>, tensor<1x?x9x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

// -----

// So are the sequences, the batch and what broadcasts over them.
// CHECK-LABEL: @operands
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op batch of key is {0}, expected {1} as in query:
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op seqlen of value is {0}, expected 9 as in key:
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op bias is tensor<1x1x1x{0}xf32>, whose dimension 3 of {0} does not broadcast to the 9 keys of query tensor<{1}x4x8x16xf32> and key tensor<{2}x4x9x16xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op keep is tensor<1x1x{0}x9xi1>, whose dimension 2 of {0} does not broadcast to the 8 queries of
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op alibi is tensor<{0}xf32>, expected one element for each query head of query tensor<{1}x4x8x16xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op sinks is tensor<{0}xf32>, expected one element for each query head of query tensor<{1}x4x8x16xf32>"
func.func @operands(%q: tensor<?x4x8x16xf32>, %k: tensor<?x4x9x16xf32>, %v: tensor<?x4x?x16xf32>,
                    %bias: tensor<1x1x1x?xf32>, %keep: tensor<1x1x?x9xi1>,
                    %slopes: tensor<?xf32>, %sinks: tensor<?xf32>) -> tensor<?x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%bias) keep(%keep) alibi(%slopes) sinks(%sinks)
      : (tensor<?x4x8x16xf32>, tensor<?x4x9x16xf32>, tensor<?x4x?x16xf32>, tensor<1x1x1x?xf32>, tensor<1x1x?x9xi1>, tensor<?xf32>, tensor<?xf32>) -> tensor<?x4x8x16xf32>
  return %o : tensor<?x4x8x16xf32>
}

// -----

// What the types of the results declare is checked too; what they leave open is
// not.
// CHECK-LABEL: @results
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op head_dim of value tensor<1x1x{0}x{1}xf32> is 0, expected at least 1"
// CHECK-NOT: as in output
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op seqlen of query is {0}, expected 5 as in output: query is tensor<1x1x{0}x16xf32>, output is tensor<1x1x5x16xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op head_dim of value is {0}, expected 16 as in output: value is tensor<1x1x{1}x{0}xf32>, output is tensor<1x1x5x16xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op seqlen of query is {0}, expected 6 as in lse: query is tensor<1x1x{0}x16xf32>, lse is tensor<?x1x6xf32>"
// CHECK-NEXT: attn.sdpa
func.func @results(%q: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x?xf32>) -> (tensor<1x1x5x16xf32>, tensor<?x1x6xf32>) {
  %o, %l = attn.sdpa query(%q) key(%q) value(%v) : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x?xf32>) -> (tensor<1x1x5x16xf32>, tensor<?x1x6xf32>)
  return %o, %l : tensor<1x1x5x16xf32>, tensor<?x1x6xf32>
}

// -----

// A layout says which dimension is the sequence.
// CHECK-LABEL: @layout
// CHECK: %[[S:.*]] = tensor.dim %{{.*}}, %c1
// CHECK: attn.assert %{{.*}}, "'attn.sdpa' op seqlen of query is {0}, expected 5 as in output: query is tensor<1x{0}x2x16xf32>, output is tensor<1x2x5x16xf32>"(%[[S]])
func.func @layout(%q: tensor<1x?x2x16xf32>, %k: tensor<1x2x9x16xf32>) -> tensor<1x2x5x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) layout(query = bshd) : (tensor<1x?x2x16xf32>, tensor<1x2x9x16xf32>, tensor<1x2x9x16xf32>) -> tensor<1x2x5x16xf32>
  return %o : tensor<1x2x5x16xf32>
}

// -----

// CHECK-LABEL: @merge
// CHECK: attn.assert %{{.*}}, "'attn.merge' op parts of partial_lses is {0}, expected {1} as in partials: partial_lses is tensor<{0}x1x2x{2}xf32>, partials is tensor<{1}x1x2x{3}x8xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.merge' op seqlen of partial_lses is {0}, expected {1} as in partials:
// CHECK: attn.assert %{{.*}}, "'attn.merge' op seqlen of partials is {0}, expected 3 as in output: partials is tensor<{1}x1x2x{0}x8xf32>, output is tensor<1x2x3x8xf32>"
// CHECK: attn.assert %{{.*}}, "'attn.merge' op seqlen of partial_lses is {0}, expected 4 as in lse: partial_lses is tensor<{1}x1x2x{0}xf32>, lse is tensor<1x?x4xf32>"
// CHECK-NEXT: attn.merge
func.func @merge(%p: tensor<?x1x2x?x8xf32>, %l: tensor<?x1x2x?xf32>) -> (tensor<1x2x3x8xf32>, tensor<1x?x4xf32>) {
  %o, %s = attn.merge %p, %l : (tensor<?x1x2x?x8xf32>, tensor<?x1x2x?xf32>) -> (tensor<1x2x3x8xf32>, tensor<1x?x4xf32>)
  return %o, %s : tensor<1x2x3x8xf32>, tensor<1x?x4xf32>
}

// -----

// A cast that declares a size is checked, one that forgets a size is not.
// CHECK-LABEL: @cast
// CHECK: attn.assert %{{.*}}, "'tensor.cast' op dimension 1 of the source is {0}, expected 5 as in the result: the source is tensor<{1}x{0}xf32>, the result is tensor<?x5xf32>"
// CHECK-NEXT: tensor.cast
// CHECK-NOT: attn.assert
// CHECK: return
func.func @cast(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = tensor.cast %x : tensor<?x?xf32> to tensor<?x5xf32>
  %z = tensor.cast %y : tensor<?x5xf32> to tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}
