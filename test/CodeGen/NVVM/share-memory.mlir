// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-share-memory))' | FileCheck %s

module attributes {gpu.container_module} {

gpu.module @kernels {
  gpu.func @kernel(%x: memref<?xf32>) kernel {
    gpu.return
  }
}
memref.global "private" constant @table : memref<4xf32> = dense<1.0>

// CHECK-LABEL: func.func @allocation(
// CHECK-SAME: %[[N:.*]]: index)
// CHECK: %[[BUFFER:.*]] = gpu.alloc host_shared (%[[N]]) : memref<4x?xf32>
// CHECK: memref.dealloc %[[BUFFER]]
func.func @allocation(%n: index) {
  %buffer = memref.alloc(%n) {alignment = 64 : i64} : memref<4x?xf32>
  memref.dealloc %buffer : memref<4x?xf32>
  return
}

// The host's stack is the host's.
// CHECK-LABEL: func.func @stack(
// CHECK: memref.alloca
func.func @stack() -> f32 {
  %c0 = arith.constant 0 : index
  %buffer = memref.alloca() : memref<1xf32>
  %value = memref.load %buffer[%c0] : memref<1xf32>
  return %value : f32
}

// CHECK-LABEL: func.func @constant(
// CHECK: %[[TABLE:.*]] = memref.get_global @table
// CHECK: %[[COPY:.*]] = gpu.alloc host_shared () : memref<4xf32>
// CHECK: memref.copy %[[TABLE]], %[[COPY]]
// CHECK: %[[VIEW:.*]] = memref.cast %[[COPY]]
// CHECK: gpu.launch_func {{.*}} args(%[[VIEW]] : memref<?xf32>)
// CHECK: memref.dealloc %[[COPY]]
// CHECK-NEXT: return
func.func @constant() {
  %c1 = arith.constant 1 : index
  %table = memref.get_global @table : memref<4xf32>
  %view = memref.cast %table : memref<4xf32> to memref<?xf32>
  gpu.launch_func @kernels::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      args(%view : memref<?xf32>)
  return
}

// CHECK-LABEL: func.func @constant_of_the_host(
// CHECK-NOT: gpu.alloc
func.func @constant_of_the_host() -> f32 {
  %c1 = arith.constant 1 : index
  %table = memref.get_global @table : memref<4xf32>
  %value = memref.load %table[%c1] : memref<4xf32>
  return %value : f32
}

}
