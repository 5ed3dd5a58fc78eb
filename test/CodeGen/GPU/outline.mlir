// RUN: attn-opt %s --attn-gpu-outline | FileCheck %s

// Kernels keep what their launches say, in any number and of any name.
// CHECK-LABEL: func @launches
// CHECK: gpu.launch_func @k::@k
// CHECK: gpu.launch_func @launches_kernel::@launches_kernel
// CHECK: gpu.launch_func @k::@k_0
// CHECK: gpu.module @k
// CHECK: gpu.func @k({{.*}}) kernel attributes {attn.kernel = #attn.gpu_schedule<{{.*}}max_registers = 200>
// CHECK: gpu.func @k_0({{.*}}) kernel attributes {attn.kernel = 1 : i64
// CHECK: gpu.module @launches_kernel
// CHECK: gpu.func @launches_kernel({{.*}}) kernel attributes {known_block_size
module attributes {gpu.container_module} {

func.func @launches(%m: memref<4xf32>, %n: index, %x: f32) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) module(@k) function(@k) {
    memref.store %x, %m[%bx] : memref<4xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 200>}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) {
    memref.store %x, %m[%bx] : memref<4xf32>
    gpu.terminator
  }
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) module(@k) function(@k) {
    memref.store %x, %m[%bx] : memref<4xf32>
    gpu.terminator
  } {attn.kernel = 1 : i64}
  gpu.launch_func @other::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
  return
}
gpu.module @other {
  gpu.func @f() kernel {
    gpu.return
  }
}

}
