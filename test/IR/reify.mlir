// RUN: attn-opt %s --reify-result-shapes --resolve-shaped-type-result-dims --canonicalize --cse | FileCheck %s

// Batch, heads and queries come from the query, head_dim from the value, each
// from where its layout has it.
// CHECK-LABEL: func @sdpa
// CHECK-SAME: (%[[Q:.*]]: tensor<?x?x?x?xf32>, %[[K:.*]]: tensor<?x?x?x?xf32>, %[[V:.*]]: tensor<?x?x?x?xf32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG: %[[S:.*]] = tensor.dim %[[Q]], %[[C1]]
// CHECK-DAG: %[[H:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK-DAG: %[[D:.*]] = tensor.dim %[[V]], %[[C2]]
// CHECK-NOT: attn.sdpa
// CHECK: return %[[B]], %[[S]], %[[H]], %[[D]], %[[B]], %[[H]], %[[S]]
func.func @sdpa(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> (index, index, index, index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) layout(query = bshd, value = bhds, output = bshd)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %0 = tensor.dim %o, %c0 : tensor<?x?x?x?xf32>
  %1 = tensor.dim %o, %c1 : tensor<?x?x?x?xf32>
  %2 = tensor.dim %o, %c2 : tensor<?x?x?x?xf32>
  %3 = tensor.dim %o, %c3 : tensor<?x?x?x?xf32>
  %4 = tensor.dim %lse, %c0 : tensor<?x?x?xf32>
  %5 = tensor.dim %lse, %c1 : tensor<?x?x?xf32>
  %6 = tensor.dim %lse, %c2 : tensor<?x?x?xf32>
  return %0, %1, %2, %3, %4, %5, %6 : index, index, index, index, index, index, index
}

// CHECK-LABEL: func @merge
// CHECK-SAME: (%[[P:.*]]: tensor<?x?x8x?x64xf32>,
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[P]], %[[C1]]
// CHECK-DAG: %[[S:.*]] = tensor.dim %[[P]], %[[C3]]
// CHECK-NOT: attn.merge
// CHECK: return %[[B]], %[[S]], %[[S]]
func.func @merge(%p: tensor<?x?x8x?x64xf32>, %l: tensor<?x?x8x?xf32>) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %o, %lse = attn.merge %p, %l : (tensor<?x?x8x?x64xf32>, tensor<?x?x8x?xf32>) -> (tensor<?x8x?x64xf32>, tensor<?x8x?xf32>)
  %0 = tensor.dim %o, %c0 : tensor<?x8x?x64xf32>
  %1 = tensor.dim %o, %c2 : tensor<?x8x?x64xf32>
  %2 = tensor.dim %lse, %c2 : tensor<?x8x?xf32>
  return %0, %1, %2 : index, index, index
}

// Sizes of a result that are static are attributes, whatever the operands say.
// CHECK-LABEL: func @refined
// CHECK: return %c8
func.func @refined(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> index {
  %c1 = arith.constant 1 : index
  %o = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x8x?x?xf32>
  %0 = tensor.dim %o, %c1 : tensor<?x8x?x?xf32>
  return %0 : index
}
