// Each kernel has the bound on registers of its own schedule.

// RUN: attn-opt %s --attn-to-nvvm=chip=sm_80 | FileCheck %s
// RUN: attn-translate %s --emit=ptx --chip=sm_80 --gpu-module=first_kernel | FileCheck %s --check-prefix=PTX

// CHECK: llvm.func @first_kernel({{.*}} attributes {{{.*}}nvvm.maxnreg = 168 : i32
// CHECK: llvm.func @second_kernel({{.*}} attributes {
// CHECK-NOT: maxnreg
// CHECK: llvm.func @third_kernel({{.*}} attributes {{{.*}}nvvm.maxnreg = 160 : i32
// The merge of the parts.
// CHECK: llvm.func @third_kernel_0({{.*}} attributes {
// CHECK-NOT: maxnreg
// PTX: .entry first_kernel(
// PTX: .reqntid 32, 1, 1
// PTX-NEXT: .maxnreg 168
!t = tensor<1x1x16x64xf16>
!kv = tensor<1x1x512x64xf16>
func.func @first(%q: !t, %kv: !kv) -> !t {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 168>) : (!t, !kv, !kv) -> !t
  return %o : !t
}
func.func @second(%q: !t, %kv: !kv) -> !t {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>) : (!t, !kv, !kv) -> !t
  return %o : !t
}
func.func @third(%q: !t, %kv: !kv) -> !t {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 2, query_in_registers = true, max_registers = 160>) : (!t, !kv, !kv) -> !t
  return %o : !t
}
