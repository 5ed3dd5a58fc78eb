// What has no weight adds nothing, whatever it holds: a row that keeps nothing
// is 0 in the kernel and in the reference, and so is a part that saw no key.

// Every score is -inf by the bias, and the values are infinite.
// RUN: attn-run %s --function=bias --input=1x1x7x16xf32=random:1 --input=1x1x9x16xf32=inf --input=1x1x7x9xf32=-inf --check | FileCheck %s --check-prefix=BIAS
// BIAS: check: result 0: max error 0.000e+00 in 112 elements
// BIAS: check: result 1: max error 0.000e+00 in 7 elements
// BIAS: result[0]: 1x1x7x16xf32={{\[+}}0 0 0 0
// BIAS: result[1]: 1x1x7xf32={{\[+}}-inf -inf -inf -inf -inf -inf -inf
func.func @bias(%q: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x16xf32>, %b: tensor<1x1x?x?xf32>) -> (tensor<1x1x?x16xf32>, tensor<1x1x?xf32>) {
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x1x?x16xf32>
  %empty = tensor.empty(%n) : tensor<1x1x?x16xf32>
  %k = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32>
  %o, %l = attn.sdpa query(%q) key(%k) value(%v) bias(%b) : (tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x?xf32>) -> (tensor<1x1x?x16xf32>, tensor<1x1x?xf32>)
  return %o, %l : tensor<1x1x?x16xf32>, tensor<1x1x?xf32>
}

// The second part has lse -inf in the first row; the last row has no part.
// RUN: attn-run %s --function=merge --input=2x1x1x3x2xf32="1 2 3 4 nan inf nan inf 5 6 nan nan" --input=2x1x1x3xf32="1 0 -inf -inf 0 -inf" --check | FileCheck %s --check-prefix=MERGE
// RUN: attn-run %s --function=merge --device=ptx --input=2x1x1x3x2xf32="1 2 3 4 nan inf nan inf 5 6 nan nan" --input=2x1x1x3xf32="1 0 -inf -inf 0 -inf" | FileCheck %s --check-prefix=MERGE-GPU
// MERGE: check: result 0: max error {{[0-9.]+e[-+]0[0789]}} in 6 elements
// MERGE: result[0]: 1x1x3x2xf32={{\[+}}1 2][4 5][0 0]
// MERGE: result[1]: 1x1x3xf32={{\[+}}1 0.693147 -inf]
// MERGE-GPU: result[0]: 1x1x3x2xf32={{\[+}}1 2][4 5][0 0]
// MERGE-GPU: result[1]: 1x1x3xf32={{\[+}}1 0.693147 -inf]
func.func @merge(%p: tensor<2x1x1x3x2xf32>, %l: tensor<2x1x1x3xf32>) -> (tensor<1x1x3x2xf32>, tensor<1x1x3xf32>) {
  %o, %s = attn.merge %p, %l : (tensor<2x1x1x3x2xf32>, tensor<2x1x1x3xf32>) -> (tensor<1x1x3x2xf32>, tensor<1x1x3xf32>)
  return %o, %s : tensor<1x1x3x2xf32>, tensor<1x1x3xf32>
}
