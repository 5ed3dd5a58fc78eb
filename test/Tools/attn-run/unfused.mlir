// A warning is of the program that runs, once: neither of the one that counts
// its work, nor of its reference.

// RUN: attn-run %s --function=loop --input=1x4x8x64xf16=random:1 --input=1x4x8x64xf16=random:2 --input=1x4x8x64xf16=random:3 --check --stats=%t.json --output=@%t.npy 2>&1 | FileCheck %s
// CHECK-COUNT-1: warning: 'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: region 'score' holds scf.for, which has no form on vectors
// CHECK-NOT: warning

// On a GPU the loop is in the kernel.
// RUN: attn-run %s --function=loop --input=1x4x8x64xf16=random:1 --input=1x4x8x64xf16=random:2 --input=1x4x8x64xf16=random:3 --check --stats=%t.json --output=@%t.npy --device=ptx --target=sm_89 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: FileCheck %s --input-file=%t.json --check-prefix=STATS
// GPU-NOT: warning
// GPU: check: result 0
// GPU-NOT: warning
// STATS: "mma_ops": {{[1-9]}}

func.func @loop(%q: tensor<1x4x8x64xf16>, %k: tensor<1x4x8x64xf16>, %v: tensor<1x4x8x64xf16>) -> tensor<1x4x8x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    score(%s, %b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %r = scf.for %n = %c0 to %c3 step %c1 iter_args(%x = %s) -> f32 {
        %y = arith.addf %x, %x : f32
        scf.yield %y : f32
      }
      attn.yield %r : f32
    } : (tensor<1x4x8x64xf16>, tensor<1x4x8x64xf16>, tensor<1x4x8x64xf16>) -> tensor<1x4x8x64xf16>
  return %o : tensor<1x4x8x64xf16>
}
