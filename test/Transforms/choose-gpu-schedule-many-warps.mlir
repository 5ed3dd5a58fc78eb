// More warps than a multiprocessor has registers for are one error, where the
// keys of a step are split as well.

// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_89 schedule=warps=512" 2>&1 | FileCheck %s

// CHECK: many-warps.mlir:[[# @LINE + 3]]:8: error: 'attn.sdpa' op has a GPU schedule with query_tile = 16 and warps = 512: the output has 1 x 4 blocks of 16 x 16 to share, expected at most 4 warps
// CHECK-NOT: error:
func.func @main(%q: tensor<1x8x1x64xf16>, %k: tensor<1x2x4096x64xf16>) -> tensor<1x8x1x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) deterministic : (tensor<1x8x1x64xf16>, tensor<1x2x4096x64xf16>, tensor<1x2x4096x64xf16>) -> tensor<1x8x1x64xf16>
  return %o : tensor<1x8x1x64xf16>
}
