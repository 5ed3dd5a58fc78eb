// Host code around a launch: code for the CPU, and calls of the runtime.

// RUN: attn-opt %s --attn-gpu-to-nvvm=chip=sm_89 --attn-gpu-host-to-llvm | FileCheck %s
// RUN: attn-opt %s --attn-gpu-to-nvvm=chip=sm_89 --attn-gpu-host-to-llvm | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM

module attributes {gpu.container_module} {

// CHECK: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_89">, assembly = "
gpu.module @kernels {
  gpu.func @copy(%x: memref<?xf32>, %out: memref<?xf32>) kernel {
    %thread = gpu.thread_id x
    %value = memref.load %x[%thread] : memref<?xf32>
    memref.store %value, %out[%thread] : memref<?xf32>
    gpu.return
  }
}

// CHECK-LABEL: llvm.func @main(
// CHECK-NOT: builtin.unrealized_conversion_cast
// CHECK: llvm.call @mgpuMemAlloc
// CHECK: gpu.launch_func @kernels::@copy
// LLVM: @kernels_binary = internal constant
// LLVM: define {{.*}} @main(
// LLVM: call ptr @mgpuMemAlloc(
// LLVM: call ptr @mgpuModuleGetFunction(
// LLVM: call void @mgpuLaunchKernel(
// LLVM: call void @mgpuStreamSynchronize(
// LLVM: define internal void @kernels_load()
// LLVM: call ptr @mgpuModuleLoadJIT(ptr @kernels_binary
func.func @main(%x: memref<8xf32>) -> memref<8xf32> {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %doubled = memref.alloc() : memref<8xf32>
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%doubled : memref<8xf32>)
  %out = memref.alloc() : memref<8xf32>
  %from = memref.cast %doubled : memref<8xf32> to memref<?xf32>
  %to = memref.cast %out : memref<8xf32> to memref<?xf32>
  gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c8, %c1, %c1)
      args(%from : memref<?xf32>, %to : memref<?xf32>)
  memref.dealloc %doubled : memref<8xf32>
  return %out : memref<8xf32>
}

}
