// What attn-run asks of NVIDIA's driver, and what it makes of the answers, with
// a stand-in for the driver.

// RUN: rm -rf %t && split-file %s %t && mkdir -p %t/driver %t/old %t/none
// RUN: %host_cc -shared -fPIC -o %t/driver/libcuda.so.1 %S/Inputs/cuda_driver.c
// RUN: %host_cc -shared -fPIC -DcuLaunchKernel=cuLaunchGrid -o %t/old/libcuda.so.1 %S/Inputs/cuda_driver.c
// RUN: touch %t/none/libcuda.so.1

// RUN: env LD_LIBRARY_PATH=%t/driver attn-run %t/saxpy.mlir --device=cuda --input=300xf32=2 --input=300xf32=10 --input=f32=3 --stats=%t/stats.json | FileCheck %s --check-prefix=WORKS
// RUN: FileCheck %s --input-file=%t/stats.json --check-prefix=STATS
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=newer attn-run %t/saxpy.mlir --device=cuda --input=2xf32=2 --input=2xf32=10 --input=f32=3 | FileCheck %s --check-prefix=NEWER
// RUN: env LD_LIBRARY_PATH=%t/driver attn-run %t/saxpy.mlir --device=cuda --target=sm_86 --input=2xf32=2 --input=2xf32=10 --input=f32=3 | FileCheck %s --check-prefix=TARGET
// RUN: env LD_LIBRARY_PATH=%t/driver attn-run %t/shared.mlir --device=cuda --input=2xf32=2 --input=i32=65536 | FileCheck %s --check-prefix=SHARED

// RUN: env LD_LIBRARY_PATH=%t/none not attn-run %t/saxpy.mlir --device=cuda 2>&1 | FileCheck %s --check-prefix=NO-DRIVER
// RUN: env LD_LIBRARY_PATH=%t/old not attn-run %t/saxpy.mlir --device=cuda 2>&1 | FileCheck %s --check-prefix=OLD-DRIVER
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=init not attn-run %t/saxpy.mlir --device=cuda 2>&1 | FileCheck %s --check-prefix=INIT
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=count not attn-run %t/saxpy.mlir --device=cuda 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=old not attn-run %t/saxpy.mlir --device=cuda 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=memory not attn-run %t/saxpy.mlir --device=cuda --input=2xf32=2 --input=2xf32=10 --input=f32=3 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=ptx not attn-run %t/saxpy.mlir --device=cuda --input=2xf32=2 --input=2xf32=10 --input=f32=3 2>&1 | FileCheck %s --check-prefix=PTX
// RUN: env LD_LIBRARY_PATH=%t/driver FAKE_CUDA=fault not attn-run %t/saxpy.mlir --device=cuda --input=2xf32=2 --input=2xf32=10 --input=f32=3 --output=@%t/out.npy 2>&1 | FileCheck %s --check-prefix=FAULT
// RUN: env LD_LIBRARY_PATH=%t/driver not attn-run %t/other.mlir --device=cuda --input=2xf32=2 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: env LD_LIBRARY_PATH=%t/driver not attn-run %t/shared.mlir --device=cuda --input=2xf32=2 --input=i32=139776 2>&1 | FileCheck %s --check-prefix=TOO-MUCH
// RUN: not ls %t/out.npy

// WORKS: load .target sm_89
// WORKS-NEXT: function saxpy
// WORKS-NEXT: launch 3 1 1, 128 1 1, 0
// WORKS-NEXT: unload
// WORKS-NEXT: EXEC @main
// WORKS-NEXT: result[0]: 300xf32=16 16 16
// STATS: "device": "cuda"
// STATS: "device_ms": 0.25
// STATS: "kernel": "saxpy"
// STATS: "target": "sm_89"
// A newer GPU runs what is for an older one.
// NEWER: load .target sm_90{{$}}
// NEWER: result[0]: 2xf32=16 16
// TARGET: load .target sm_86
// Beyond 48 KiB a kernel has to ask.
// SHARED: attribute 8 = 65536
// SHARED-NEXT: launch 1 1 1, 128 1 1, 65536

// NO-DRIVER: attn-run: error: no NVIDIA driver on this machine ({{.*}}libcuda.so.1: file too short); --device=ptx runs the same code on the emulator
// OLD-DRIVER: attn-run: error: the NVIDIA driver is too old: libcuda.so.1 has no cuLaunchKernel
// INIT: attn-run: error: cuInit: no CUDA-capable device is detected (CUDA_ERROR_NO_DEVICE)
// COUNT: attn-run: error: no NVIDIA GPU on this machine; --device=ptx runs the same code on the emulator
// OLD: attn-run: error: the GPU's compute capability is 7.5, expected at least 8.0
// MEMORY: attn-run: error: out of memory: cannot allocate 8 bytes for 2xf32
// PTX: attn-run: error: cuModuleLoadDataEx: ptxas application ptx input, line 9; error : Unknown symbol: a PTX JIT compilation failed (CUDA_ERROR_INVALID_PTX)
// FAULT: attn-run: error: kernel 'saxpy': cuCtxSynchronize: an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)
// FUNCTION: attn-run: error: kernel 'other': cuModuleGetFunction: named symbol not found (CUDA_ERROR_NOT_FOUND)
// TOO-MUCH: attn-run: error: kernel 'saxpy' asks for 139776 bytes of shared memory, this GPU has 101376

//--- saxpy.mlir
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @saxpy(%x: memref<?xf32>, %y: memref<?xf32>, %out: memref<?xf32>, %a: f32) kernel {
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %y: memref<?xf32>, %a: f32) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %out = memref.alloc(%n) : memref<?xf32>
  %blocks = arith.ceildivui %n, %c128 : index
  gpu.launch_func @kernels::@saxpy blocks in (%blocks, %c1, %c1) threads in (%c128, %c1, %c1)
      args(%x : memref<?xf32>, %y : memref<?xf32>, %out : memref<?xf32>, %a : f32)
  return %out : memref<?xf32>
}
}

//--- shared.mlir
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @saxpy(%x: memref<?xf32>, %y: memref<?xf32>, %out: memref<?xf32>, %a: f32) kernel {
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>, %bytes: i32) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %a = arith.constant 1.0 : f32
  gpu.launch_func @kernels::@saxpy blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%x : memref<?xf32>, %x : memref<?xf32>, %x : memref<?xf32>, %a : f32)
  return
}
}

//--- other.mlir
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @other(%x: memref<?xf32>) kernel {
    gpu.return
  }
}
func.func @main(%x: memref<?xf32>) {
  %c1 = arith.constant 1 : index
  gpu.launch_func @kernels::@other blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      args(%x : memref<?xf32>)
  return
}
}
