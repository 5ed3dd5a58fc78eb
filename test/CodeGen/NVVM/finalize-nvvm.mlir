// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(attn-finalize-nvvm))' | FileCheck %s

gpu.module @kernels {

// CHECK: llvm.mlir.global external @dynamic() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
llvm.mlir.global internal @dynamic() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
// CHECK: llvm.mlir.global internal @static() {addr_space = 3 : i32} : !llvm.array<4 x i8>
llvm.mlir.global internal @static() {addr_space = 3 : i32} : !llvm.array<4 x i8>

// CHECK: llvm.func @kernel
// CHECK-NOT: nvvm.maxntid
// CHECK-SAME: nvvm.reqntid = array<i32: 128, 1, 1>
llvm.func @kernel() attributes {gpu.kernel, gpu.known_block_size = array<i32: 128, 1, 1>,
    nvvm.kernel, nvvm.maxntid = array<i32: 128, 1, 1>} {
  llvm.return
}

// What a schedule leaves to the assembler.
// CHECK: llvm.func @scheduled() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 200 : i32}
llvm.func @scheduled() attributes {gpu.kernel, nvvm.kernel, attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 200>} {
  llvm.return
}

// CHECK: llvm.func @unlimited() attributes {gpu.kernel, nvvm.kernel}
llvm.func @unlimited() attributes {gpu.kernel, nvvm.kernel, attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true>} {
  llvm.return
}

// CHECK: llvm.func @function() {
llvm.func @function() attributes {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 200>} {
  llvm.return
}

// CHECK: llvm.func @any_size() attributes {gpu.kernel, nvvm.kernel}
llvm.func @any_size() attributes {gpu.kernel, nvvm.kernel} {
  llvm.return
}

// CHECK: llvm.func @not_a_kernel() attributes {gpu.known_block_size = array<i32: 128, 1, 1>}
llvm.func @not_a_kernel() attributes {gpu.known_block_size = array<i32: 128, 1, 1>} {
  llvm.return
}

}
