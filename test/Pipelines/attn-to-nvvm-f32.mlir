// f32 on tensor cores, from the operation to a checked result.

// RUN: attn-translate --emit=ptx --chip=sm_80 --gpu-module=f32_kernel %s | FileCheck %s --check-prefix=SPLIT
// RUN: attn-translate --emit=ptx --chip=sm_80 --gpu-module=tf32_kernel %s | FileCheck %s --check-prefix=ONE
// RUN: attn-run %s --function=f32 --device=ptx --target=sm_80 --input=1x2x33x36xf32=random:1 --input=1x1x50x36xf32=random:2 --input=1x1x50x20xf32=random:3 --check | FileCheck %s --check-prefix=F32
// RUN: attn-run %s --function=tf32 --device=ptx --target=sm_89 --input=1x2x33x36xf32=random:1 --input=1x1x50x36xf32=random:2 --input=1x1x50x20xf32=random:3 --check | FileCheck %s --check-prefix=TF32

// The permission is what costs accuracy, and a CPU does not take it.
// RUN: attn-run %s --function=tf32 --device=cpu --input=1x2x33x36xf32=random:1 --input=1x1x50x36xf32=random:2 --input=1x1x50x20xf32=random:3 --check | FileCheck %s --check-prefix=F32

// F32: check: result 0: max error {{[0-9.]+}}e-0{{[789]}}
// TF32: check: result 0: max error {{[0-9.]+}}e-0{{[45]}}

// SPLIT: .entry f32_kernel
// SPLIT-NOT: cvt.rna
// SPLIT: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
func.func @f32(%q: tensor<1x2x?x36xf32>, %k: tensor<1x1x?x36xf32>, %v: tensor<1x1x?x20xf32>) -> tensor<1x2x?x20xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal : (tensor<1x2x?x36xf32>, tensor<1x1x?x36xf32>, tensor<1x1x?x20xf32>) -> tensor<1x2x?x20xf32>
  return %o : tensor<1x2x?x20xf32>
}

// ONE: .entry tf32_kernel
// ONE: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
func.func @tf32(%q: tensor<1x2x?x36xf32>, %k: tensor<1x1x?x36xf32>, %v: tensor<1x1x?x20xf32>) -> tensor<1x2x?x20xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal allow_tf32 : (tensor<1x2x?x36xf32>, tensor<1x1x?x36xf32>, tensor<1x1x?x20xf32>) -> tensor<1x2x?x20xf32>
  return %o : tensor<1x2x?x20xf32>
}
