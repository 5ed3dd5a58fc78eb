// What the emulator finds is attn-run's error, one line, and no output file.

// RUN: rm -rf %t && split-file %s %t
// RUN: not attn-run %t/copy.mlir --function=copy --device=ptx --input=8xf32=1 --input=7xf32=1 2>&1 | FileCheck %s --check-prefix=BOUNDS
// RUN: not attn-run %t/copy.mlir --function=past --device=ptx --input=3xf32=1 --output=@%t/out.npy 2>&1 | FileCheck %s --check-prefix=PAST
// RUN: not attn-run %t/copy.mlir --function=block --device=ptx --input=8xf32=1 2>&1 | FileCheck %s --check-prefix=BLOCK
// RUN: not attn-run %t/copy.mlir --function=grid --device=ptx --input=8xf32=1 2>&1 | FileCheck %s --check-prefix=GRID
// RUN: not attn-run %t/race.mlir --device=ptx --target=sm_90a --input=64xf32=1 2>&1 | FileCheck %s --check-prefix=RACE
// RUN: not attn-run %t/copy.mlir --function=copy --device=ptx --input=8xf32=1 --input=8xf32=1 --check 2>&1 | FileCheck %s --check-prefix=CHECK
// RUN: not attn-run %t/copy.mlir --device=ptx --target=sm_75 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not attn-run %t/copy.mlir --target=sm_89 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-run %t/copy.mlir --function=copy --input=8xf32=1 --input=8xf32=1 2>&1 | FileCheck %s --check-prefix=NO-DEVICE
// RUN: not attn-run %t/copy.mlir --function=strided --device=ptx --input=8xf32=1 2>&1 | FileCheck %s --check-prefix=STRIDED
// RUN: not ls %t/out.npy

// BOUNDS: attn-run: error: kernel 'copy', line {{[0-9]+}} of its PTX: ld.global.b32: out-of-bounds read of 4 bytes at 0x{{[0-9a-f]+}} in global array 'input 1' of 28 bytes, block (0,0,0), thread (7,0,0)
// PAST: attn-run: error: kernel 'copy', line {{[0-9]+}} of its PTX: st.global.b32: out-of-bounds write of 4 bytes at 0x{{[0-9a-f]+}} in global array 'buffer' of 12 bytes, block (0,0,0), thread (3,0,0)
// BLOCK: attn-run: error: kernel 'copy': a block of 4x1x1 threads, expected 8x1x1 (.reqntid)
// GRID: attn-run: error: a launch of 4294967296 in dimension 1 of its grid, expected at most 2^31 - 1
// RACE: attn-run: error: kernel 'race', line {{[0-9]+}} of its PTX: {{.*}}race
// CHECK: attn-run: error: the module holds kernels for a GPU, which have no definition in float64
// TARGET: attn-run: error: unknown chip 'sm_75', expected sm_80, {{.*}}
// CPU: attn-run: error: --target=sm_89: the device is the CPU, whose option is --target-cpu
// NO-DEVICE: attn-run: error: the module holds kernels for a GPU, --device says where they run
// STRIDED: attn-run: error: argument 0 of function 'strided' is of type memref<8xf32, strided<[2]>>, expected a ranked tensor, contiguous memref or scalar

//--- copy.mlir
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @copy(%x: memref<?xf32>, %out: memref<?xf32>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %thread = gpu.thread_id x
    %value = memref.load %x[%thread] : memref<?xf32>
    memref.store %value, %out[%thread] : memref<?xf32>
    gpu.return
  }
}
func.func @copy(%out: memref<?xf32>, %x: memref<?xf32>) {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c8, %c1, %c1)
      args(%x : memref<?xf32>, %out : memref<?xf32>)
  return
}
// An allocation is not rounded up.
func.func @past(%n: memref<?xf32>) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %size = memref.dim %n, %c0 : memref<?xf32>
  %x = memref.alloc() {alignment = 64 : i64} : memref<8xf32>
  %from = memref.cast %x : memref<8xf32> to memref<?xf32>
  %out = memref.alloc(%size) {alignment = 64 : i64} : memref<?xf32>
  gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c8, %c1, %c1)
      args(%from : memref<?xf32>, %out : memref<?xf32>)
  return %out : memref<?xf32>
}
func.func @block(%x: memref<?xf32>) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  gpu.launch_func @kernels::@copy blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1)
      args(%x : memref<?xf32>, %x : memref<?xf32>)
  return
}
func.func @grid(%x: memref<?xf32>) {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %many = arith.constant 4294967296 : index
  gpu.launch_func @kernels::@copy blocks in (%c1, %many, %c1) threads in (%c8, %c1, %c1)
      args(%x : memref<?xf32>, %x : memref<?xf32>)
  return
}
func.func @strided(%x: memref<8xf32, strided<[2]>>) {
  return
}
}

//--- race.mlir
module attributes {gpu.container_module} {
gpu.module @kernels {
  gpu.func @race(%x: memref<64xf32>)
      workgroup(%shared: memref<64xf32, #gpu.address_space<workgroup>>) kernel
      attributes {known_block_size = array<i32: 64, 1, 1>} {
    %thread = gpu.thread_id x
    %c63 = arith.constant 63 : index
    %value = memref.load %x[%thread] : memref<64xf32>
    memref.store %value, %shared[%thread] : memref<64xf32, #gpu.address_space<workgroup>>
    %other = arith.subi %c63, %thread : index
    %swapped = memref.load %shared[%other] : memref<64xf32, #gpu.address_space<workgroup>>
    memref.store %swapped, %x[%thread] : memref<64xf32>
    gpu.return
  }
}
func.func @main(%x: memref<64xf32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch_func @kernels::@race blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
      args(%x : memref<64xf32>)
  return
}
}
