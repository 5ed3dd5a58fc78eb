// The CPU pipeline finds attention that a program holds decomposed, unless told
// not to.

// RUN: attn-opt %s --attn-cpu-tile=target-cpu=x86-64-v3 | FileCheck %s
// RUN: attn-opt %s --attn-cpu-tile="target-cpu=x86-64-v3 raise=false" | FileCheck %s --check-prefix=NONE

// CHECK: scf.forall
// CHECK: } {attn.kernel}
// NONE-NOT: attn.kernel
func.func @attention(%q: tensor<2x64x32xf32>, %k: tensor<2x64x32xf32>, %v: tensor<2x64x32xf32>) -> tensor<2x64x32xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2x64x64xf32>
  %eo = tensor.empty() : tensor<2x64x32xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x64x64xf32>) -> tensor<2x64x64xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x64x32xf32>) -> tensor<2x64x32xf32>
  %s = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>]
    ins(%q, %k : tensor<2x64x32xf32>, tensor<2x64x32xf32>) outs(%fs : tensor<2x64x64xf32>) -> tensor<2x64x64xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x64x64xf32>) outs(%es : tensor<2x64x64xf32>) -> tensor<2x64x64xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<2x64x64xf32>, tensor<2x64x32xf32>) outs(%fo : tensor<2x64x32xf32>) -> tensor<2x64x32xf32>
  return %o : tensor<2x64x32xf32>
}
