// Kernels written by hand, with host code around them, on the emulator.

// RUN: attn-run %s --function=saxpy --device=ptx --target=sm_89 --input=300xf32=random:1 --input=300xf32=random:2 --input=f32=0.5 --stats=%t.json --repeat=3 --output=@%t.npy
// RUN: FileCheck %s --input-file=%t.json --check-prefix=STATS
// RUN: %python -c "import numpy; x = numpy.load(r'%t.npy'); print('saxpy', x.shape, numpy.isfinite(x).all())" | FileCheck %s --check-prefix=SAXPY
// RUN: attn-run %s --function=saxpy --device=ptx "--input=3xf32=[1 2 3]" "--input=3xf32=[10 20 30]" --input=f32=2 "--expected=3xf32=[12 24 36]" --tolerance=0 | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=saxpy --device=ptx --input=0xf32=1 --input=0xf32=1 --input=f32=2 | FileCheck %s --check-prefix=EMPTY
// RUN: attn-run %s --function=reduce --device=ptx --target=sm_90 --input=128xf32=0.25 | FileCheck %s --check-prefix=REDUCE
// RUN: attn-run %s --function=reverse --device=ptx --target=sm_120 "--input=4xf16=[1 2 3 4]" | FileCheck %s --check-prefix=REVERSE
// RUN: attn-run %s --function=product --device=ptx --target=sm_80 --input=16x16xf16=0.5 --input=16x8xf16=2 --expected=16x8xf32=16 --tolerance=0 | FileCheck %s --check-prefix=PRODUCT
// RUN: attn-run %s --function=constant --device=ptx --input=f32=2 | FileCheck %s --check-prefix=CONSTANT
// RUN: attn-run %s --function=repeated --device=ptx "--input=3xf32=[1 2 3]" | FileCheck %s --check-prefix=REPEATED

// RUN: attn-run %s --function=print --device=ptx "--input=2xf32=[1.5 2.5]" | FileCheck %s --check-prefix=PRINT

// STATS: "device": "ptx"
// STATS: "launches": [
// STATS: "block": [
// STATS-NEXT: 128,
// STATS: "grid": [
// STATS-NEXT: 3,
// STATS: "kernel": "saxpy"
// STATS-NOT: "lines"
// STATS: "opcodes": {
// STATS: "fma.rn.f32": 10
// STATS: "spaces": {
// STATS: "global": {
// STATS: "bytes_read": 2400
// STATS: "bytes_written": 1200
// STATS: "total": {
// The last of the three runs alone.
// STATS-NOT: "kernel"
// STATS: "runs": 3
// STATS: "target": "sm_89"
// SAXPY: saxpy (300,) True
// EXACT: expected: result 0: max error 0
// EMPTY: result[0]: 0xf32=
// REDUCE: result[0]: 1xf32=32
// REVERSE: result[0]: 4xf16=4 3 2 1
// PRODUCT: expected: result 0: max error 0
// CONSTANT: result[0]: 4xf32=2 4 6 8
// PRINT: x[0] = 1.500000
// PRINT: x[1] = 2.500000
// REPEATED: result[0]: 3xf32=10001 20002 30003

#workgroup = #gpu.address_space<workgroup>

module attributes {gpu.container_module} {

gpu.module @kernels {

gpu.func @saxpy(%x: memref<?xf32>, %y: memref<?xf32>, %out: memref<?xf32>, %a: f32) kernel
    attributes {known_block_size = array<i32: 128, 1, 1>} {
  %block = gpu.block_id x
  %thread = gpu.thread_id x
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %first = arith.muli %block, %c128 : index
  %i = arith.addi %first, %thread : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %inside = arith.cmpi ult, %i, %n : index
  scf.if %inside {
    %xi = memref.load %x[%i] : memref<?xf32>
    %yi = memref.load %y[%i] : memref<?xf32>
    %product = arith.mulf %a, %xi fastmath<contract> : f32
    %sum = arith.addf %product, %yi fastmath<contract> : f32
    memref.store %sum, %out[%i] : memref<?xf32>
  }
  gpu.return
}

gpu.func @print(%x: memref<2xf32>) kernel
    attributes {known_block_size = array<i32: 2, 1, 1>} {
  %thread = gpu.thread_id x
  %value = memref.load %x[%thread] : memref<2xf32>
  %wide = arith.extf %value : f32 to f64
  %i = arith.index_cast %thread : index to i32
  gpu.printf "x[%d] = %f\0A", %i, %wide : i32, f64
  gpu.return
}

// A tree in shared memory, then a butterfly in the last warp.
gpu.func @reduce(%x: memref<128xf32>, %out: memref<1xf32>)
    workgroup(%partial: memref<128xf32, #workgroup>) kernel
    attributes {known_block_size = array<i32: 128, 1, 1>} {
  %thread = gpu.thread_id x
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %value = memref.load %x[%thread] : memref<128xf32>
  memref.store %value, %partial[%thread] : memref<128xf32, #workgroup>
  gpu.barrier
  scf.for %level = %c1 to %c2 step %c1 {
    %adds = arith.cmpi ult, %thread, %c64 : index
    scf.if %adds {
      %other = arith.addi %thread, %c64 : index
      %a = memref.load %partial[%thread] : memref<128xf32, #workgroup>
      %b = memref.load %partial[%other] : memref<128xf32, #workgroup>
      %sum = arith.addf %a, %b : f32
      memref.store %sum, %partial[%thread] : memref<128xf32, #workgroup>
    }
    gpu.barrier
  }
  %isFirstWarp = arith.cmpi ult, %thread, %c32 : index
  scf.if %isFirstWarp {
    %other = arith.addi %thread, %c32 : index
    %a = memref.load %partial[%thread] : memref<128xf32, #workgroup>
    %b = memref.load %partial[%other] : memref<128xf32, #workgroup>
    %sum = arith.addf %a, %b : f32
    %d16 = arith.constant 16 : i32
    %d8 = arith.constant 8 : i32
    %d4 = arith.constant 4 : i32
    %d2 = arith.constant 2 : i32
    %d1 = arith.constant 1 : i32
    %width = arith.constant 32 : i32
    %o16, %v16 = gpu.shuffle xor %sum, %d16, %width : f32
    %s16 = arith.addf %sum, %o16 : f32
    %o8, %v8 = gpu.shuffle xor %s16, %d8, %width : f32
    %s8 = arith.addf %s16, %o8 : f32
    %o4, %v4 = gpu.shuffle xor %s8, %d4, %width : f32
    %s4 = arith.addf %s8, %o4 : f32
    %o2, %v2 = gpu.shuffle xor %s4, %d2, %width : f32
    %s2 = arith.addf %s4, %o2 : f32
    %o1, %v1 = gpu.shuffle xor %s2, %d1, %width : f32
    %s1 = arith.addf %s2, %o1 : f32
    %isFirst = arith.cmpi eq, %thread, %c0 : index
    scf.if %isFirst {
      memref.store %s1, %out[%c0] : memref<1xf32>
    }
  }
  gpu.return
}

// Through dynamic shared memory, at an offset.
gpu.func @reverse(%x: memref<4xf16>, %out: memref<4xf16>) kernel
    attributes {known_block_size = array<i32: 4, 1, 1>} {
  %thread = gpu.thread_id x
  %c3 = arith.constant 3 : index
  %c128 = arith.constant 128 : index
  %bytes = gpu.dynamic_shared_memory : memref<?xi8, #workgroup>
  %buffer = memref.view %bytes[%c128][] : memref<?xi8, #workgroup> to memref<4xf16, #workgroup>
  %value = memref.load %x[%thread] : memref<4xf16>
  memref.store %value, %buffer[%thread] : memref<4xf16, #workgroup>
  gpu.barrier
  %other = arith.subi %c3, %thread : index
  %result = memref.load %buffer[%other] : memref<4xf16, #workgroup>
  memref.store %result, %out[%thread] : memref<4xf16>
  gpu.return
}

// m16n8k16 by one warp; the operands come by cp.async and ldmatrix.
gpu.func @product(%a: memref<16x16xf16>, %b: memref<16x8xf16>, %out: memref<16x8xf32>) kernel
    attributes {known_block_size = array<i32: 32, 1, 1>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c512 = arith.constant 512 : index
  %zero = arith.constant dense<0.0> : vector<2x2xf32>
  %lane = gpu.thread_id x
  %bytes = gpu.dynamic_shared_memory : memref<?xi8, #workgroup>
  %sa = memref.view %bytes[%c0][] : memref<?xi8, #workgroup> to memref<16x16xf16, #workgroup>
  %sb = memref.view %bytes[%c512][] : memref<?xi8, #workgroup> to memref<16x8xf16, #workgroup>
  %row = arith.remui %lane, %c16 : index
  %half = arith.divui %lane, %c16 : index
  %column = arith.muli %half, %c8 : index
  %copyA = nvgpu.device_async_copy %a[%row, %column], %sa[%row, %column], 8 {bypassL1}
      : memref<16x16xf16> to memref<16x16xf16, #workgroup>
  %isLower = arith.cmpi ult, %lane, %c16 : index
  scf.if %isLower {
    %copyB = nvgpu.device_async_copy %b[%row, %c0], %sb[%row, %c0], 8 {bypassL1}
        : memref<16x8xf16> to memref<16x8xf16, #workgroup>
  }
  %group = nvgpu.device_async_create_group %copyA
  nvgpu.device_async_wait %group {numGroups = 0 : i32}
  gpu.barrier
  %fa = nvgpu.ldmatrix %sa[%row, %column] {numTiles = 4 : i32, transpose = false}
      : memref<16x16xf16, #workgroup> -> vector<4x2xf16>
  %fb = nvgpu.ldmatrix %sb[%row, %c0] {numTiles = 2 : i32, transpose = true}
      : memref<16x8xf16, #workgroup> -> vector<2x2xf16>
  %d = nvgpu.mma.sync(%fa, %fb, %zero) {mmaShape = [16, 8, 16]}
      : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
  %top = vector.extract %d[0] : vector<2xf32> from vector<2x2xf32>
  %bottom = vector.extract %d[1] : vector<2xf32> from vector<2x2xf32>
  %topRow = arith.divui %lane, %c4 : index
  %bottomRow = arith.addi %topRow, %c8 : index
  %pair = arith.remui %lane, %c4 : index
  %outColumn = arith.muli %pair, %c2 : index
  vector.store %top, %out[%topRow, %outColumn] {alignment = 8 : i64} : memref<16x8xf32>, vector<2xf32>
  vector.store %bottom, %out[%bottomRow, %outColumn] {alignment = 8 : i64} : memref<16x8xf32>, vector<2xf32>
  gpu.return
}

}

func.func @saxpy(%x: memref<?xf32>, %y: memref<?xf32>, %a: f32) -> memref<?xf32> {
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

func.func @print(%x: memref<2xf32>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  gpu.launch_func @kernels::@print blocks in (%c1, %c1, %c1) threads in (%c2, %c1, %c1)
      args(%x : memref<2xf32>)
  return
}

func.func @reduce(%x: memref<128xf32>) -> memref<1xf32> {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %out = memref.alloc() : memref<1xf32>
  gpu.launch_func @kernels::@reduce blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      args(%x : memref<128xf32>, %out : memref<1xf32>)
  return %out : memref<1xf32>
}

func.func @reverse(%x: memref<4xf16>) -> memref<4xf16> {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %bytes = arith.constant 136 : i32
  %out = memref.alloc() {alignment = 64 : i64} : memref<4xf16>
  gpu.launch_func @kernels::@reverse blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%x : memref<4xf16>, %out : memref<4xf16>)
  return %out : memref<4xf16>
}

func.func @product(%a: memref<16x16xf16>, %b: memref<16x8xf16>) -> memref<16x8xf32> {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %bytes = arith.constant 768 : i32
  %out = memref.alloc() : memref<16x8xf32>
  gpu.launch_func @kernels::@product blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%a : memref<16x16xf16>, %b : memref<16x8xf16>, %out : memref<16x8xf32>)
  return %out : memref<16x8xf32>
}

// A constant is in the program's memory until a kernel wants it.
memref.global "private" constant @table : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
func.func @constant(%a: f32) -> memref<4xf32> {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %table = memref.get_global @table : memref<4xf32>
  %x = memref.cast %table : memref<4xf32> to memref<?xf32>
  %out = memref.alloc() : memref<4xf32>
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<4xf32>)
  %y = memref.cast %out : memref<4xf32> to memref<?xf32>
  gpu.launch_func @kernels::@saxpy blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
      args(%x : memref<?xf32>, %y : memref<?xf32>, %y : memref<?xf32>, %a : f32)
  return %out : memref<4xf32>
}

// A launch in a loop does not grow the stack, and each sees the one before.
func.func @repeated(%x: memref<3xf32>) -> memref<3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %times = arith.constant 10000 : index
  %one = arith.constant 1.0 : f32
  %out = memref.alloc() : memref<3xf32>
  memref.copy %x, %out : memref<3xf32> to memref<3xf32>
  %from = memref.cast %x : memref<3xf32> to memref<?xf32>
  %to = memref.cast %out : memref<3xf32> to memref<?xf32>
  scf.for %i = %c0 to %times step %c1 {
    gpu.launch_func @kernels::@saxpy blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
        args(%from : memref<?xf32>, %to : memref<?xf32>, %to : memref<?xf32>, %one : f32)
  }
  return %out : memref<3xf32>
}

}
