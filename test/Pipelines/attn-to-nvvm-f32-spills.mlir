// The schedules that the cost model chooses for f32 keep everything in registers.

// REQUIRES: ptxas
// RUN: attn-translate --emit=ptx --chip=sm_80 --gpu-module=f32_d64_kernel %s -o %t && ptxas -v -arch=sm_80 %t -o %t.cubin 2>&1 | FileCheck %s
// RUN: attn-translate --emit=ptx --chip=sm_89 --gpu-module=f32_d64_kernel %s -o %t && ptxas -v -arch=sm_89 %t -o %t.cubin 2>&1 | FileCheck %s
// RUN: attn-translate --emit=ptx --chip=sm_80 --gpu-module=f32_d128_kernel %s -o %t && ptxas -v -arch=sm_80 %t -o %t.cubin 2>&1 | FileCheck %s
// RUN: attn-translate --emit=ptx --chip=sm_89 --gpu-module=f32_d128_kernel %s -o %t && ptxas -v -arch=sm_89 %t -o %t.cubin 2>&1 | FileCheck %s
// RUN: attn-translate --emit=ptx --chip=sm_80 --gpu-module=tf32_d128_kernel %s -o %t && ptxas -v -arch=sm_80 %t -o %t.cubin 2>&1 | FileCheck %s
// RUN: attn-translate --emit=ptx --chip=sm_89 --gpu-module=tf32_d64_kernel %s -o %t && ptxas -v -arch=sm_89 %t -o %t.cubin 2>&1 | FileCheck %s

// CHECK: 0 bytes spill stores, 0 bytes spill loads

!d64 = tensor<1x32x4096x64xf32>
!d128 = tensor<1x32x4096x128xf32>

func.func @f32_d64(%q: !d64, %k: !d64, %v: !d64) -> !d64 {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (!d64, !d64, !d64) -> !d64
  return %o : !d64
}
func.func @f32_d128(%q: !d128, %k: !d128, %v: !d128) -> !d128 {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (!d128, !d128, !d128) -> !d128
  return %o : !d128
}
func.func @tf32_d64(%q: !d64, %k: !d64, %v: !d64) -> !d64 {
  %o = attn.sdpa query(%q) key(%k) value(%v) allow_tf32 : (!d64, !d64, !d64) -> !d64
  return %o : !d64
}
func.func @tf32_d128(%q: !d128, %k: !d128, %v: !d128) -> !d128 {
  %o = attn.sdpa query(%q) key(%k) value(%v) allow_tf32 : (!d128, !d128, !d128) -> !d128
  return %o : !d128
}
