// ptxas 13.0 spills registers of this kernel to bring it to 128, so that another
// workgroup fits; told otherwise it spills nothing.

// REQUIRES: ptxas
// RUN: attn-translate --emit=ptx --chip=sm_90 %s -o %t.ptx && ptxas -v -arch=sm_90 %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=SPILLS
// SPILLS: {{[1-9][0-9]*}} bytes spill stores
// RUN: attn-translate --emit=ptx --bound-registers --chip=sm_90 %s -o %t.ptx && ptxas -v -arch=sm_90 %t.ptx -o %t.cubin 2>&1 | FileCheck %s
// CHECK: Function properties for f_kernel
// CHECK-NEXT: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
!t = tensor<1x32x?x64xf32>
func.func @f(%q: !t, %k: !t, %v: !t, %bias: tensor<1x1x?x?xf32>, %keep: tensor<1x32x?x?xi1>, %lengths: tensor<1xi32>) -> !t {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%bias) keep(%keep) softcap(20.0)
      mask(%b, %h, %i, %j) {
        %n = tensor.extract %lengths[%b] : tensor<1xi32>
        %length = arith.index_cast %n : i32 to index
        %causal = arith.cmpi sle, %j, %i : index
        %prefix = arith.cmpi slt, %j, %length : index
        %r = arith.ori %causal, %prefix : i1
        attn.yield %r : i1
      }
      : (!t, !t, !t, tensor<1x1x?x?xf32>, tensor<1x32x?x?xi1>) -> !t
  return %o : !t
}
