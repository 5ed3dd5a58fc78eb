// RUN: attn-opt %s -split-input-file --attn-gpu-outline | FileCheck %s

// Kernels keep what their launches say, in any number, of any name and in any
// region.

module attributes {gpu.container_module} {

// CHECK-LABEL: func @launches
// CHECK: gpu.launch_func @k::@k
// CHECK: scf.if
// CHECK: gpu.launch_func @launches_kernel::@launches_kernel
// CHECK: gpu.launch_func @k::@k_0
// CHECK: gpu.module @k
// CHECK: gpu.func @k({{.*}}) kernel attributes {attn.kernel = #attn.gpu_schedule<{{.*}}max_registers = 200>
// CHECK-NOT: constant
// CHECK: gpu.func @k_0({{.*}}) kernel attributes {attn.kernel = 1 : i64
// CHECK-NOT: constant
// CHECK: gpu.module @launches_kernel
// CHECK: gpu.func @launches_kernel({{.*}}) kernel attributes {known_block_size
func.func @launches(%m: memref<4xf32>, %n: index, %x: f32, %c: i1) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) module(@k) function(@k) {
    memref.store %x, %m[%bx] : memref<4xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 200>}
  scf.if %c {
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) {
      memref.store %x, %m[%bx] : memref<4xf32>
      gpu.terminator
    }
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c64, %sy = %c1, %sz = %c1) module(@k) function(@k) {
      memref.store %x, %m[%bx] : memref<4xf32>
      gpu.terminator
    } {attn.kernel = 1 : i64}
  }
  gpu.launch_func @other::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
  return
}

gpu.module @other {
  // CHECK: gpu.func @f() kernel {
  gpu.func @f() kernel {
    gpu.return
  }
}

}

// -----

// A launch in a launch.
// CHECK-LABEL: func @nested
// CHECK: gpu.func @outer({{.*}}) kernel attributes {attn.kernel = 2 : i64
// CHECK: gpu.func @inner({{.*}}) kernel attributes {attn.kernel = 3 : i64
func.func @nested(%m: memref<4xf32>, %x: f32) {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) module(@outer) function(@outer) {
    gpu.launch blocks(%bx1, %by1, %bz1) in (%gx1 = %c1, %gy1 = %c1, %gz1 = %c1) threads(%tx1, %ty1, %tz1) in (%sx1 = %c1, %sy1 = %c1, %sz1 = %c1) module(@inner) function(@inner) {
      memref.store %x, %m[%bx1] : memref<4xf32>
      gpu.terminator
    } {attn.kernel = 3 : i64}
    gpu.terminator
  } {attn.kernel = 2 : i64}
  return
}

// -----

// Upstream's pass leaves what is in no function.
// CHECK: gpu.launch
// CHECK-NOT: constant
// CHECK: gpu.terminator
// CHECK-NEXT: } {attn.kernel = 7 : i64}
%c1 = arith.constant 1 : index
gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
  gpu.terminator
} {attn.kernel = 7 : i64}
