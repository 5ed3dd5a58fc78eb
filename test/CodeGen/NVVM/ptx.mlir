// What operations become in PTX, instruction by instruction.

// RUN: attn-translate --emit=ptx %s --chip=sm_80 | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: attn-translate --emit=ptx %s --chip=sm_89 | FileCheck %s --check-prefixes=CHECK,SM89
// RUN: attn-translate --emit=ptx %s --chip=sm_90a | FileCheck %s --check-prefixes=CHECK,SM90A
// RUN: attn-translate --emit=ptx %s --chip=sm_120 | FileCheck %s --check-prefixes=CHECK,SM120

// SM80: .version 8.0
// SM80: .target sm_80
// SM89: .version 8.0
// SM89: .target sm_89
// SM90A: .version 8.0
// SM90A: .target sm_90a
// SM120: .version 8.7
// SM120: .target sm_120

!global = memref<?xf32, strided<[?], offset: ?>>
#workgroup = #gpu.address_space<workgroup>

gpu.module @kernels {

// CHECK: .extern .shared .align 16 .b8 [[$DYNAMIC:.*]][];

// The block's size is a promise, and a memref all of its descriptor.
// CHECK-LABEL: .entry saxpy(
// CHECK-COUNT-10: .param .u64
// CHECK: .param .f32
// CHECK: .reqntid 128, 1, 1
// CHECK: ld.global
// CHECK: ld.global
// CHECK: fma.rn.f32
// CHECK: st.global
gpu.func @saxpy(%x: !global, %y: !global, %a: f32) kernel
    attributes {known_block_size = array<i32: 128, 1, 1>} {
  %block = gpu.block_id x
  %thread = gpu.thread_id x
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %first = arith.muli %block, %c128 : index
  %i = arith.addi %first, %thread : index
  %n = memref.dim %x, %c0 : !global
  %inside = arith.cmpi ult, %i, %n : index
  scf.if %inside {
    %xi = memref.load %x[%i] : !global
    %yi = memref.load %y[%i] : !global
    %product = arith.mulf %a, %xi fastmath<contract> : f32
    %sum = arith.addf %product, %yi fastmath<contract> : f32
    memref.store %sum, %y[%i] : !global
  }
  gpu.return
}

// Without `contract` nothing is fused, by ptxas neither.
// CHECK-LABEL: .entry not_contracted(
// CHECK-NOT: fma
// CHECK: mul.rn.f32
// CHECK-NEXT: add.rn.f32
gpu.func @not_contracted(%x: memref<1xf32>, %a: f32, %b: f32) kernel {
  %c0 = arith.constant 0 : index
  %product = arith.mulf %a, %b : f32
  %sum = arith.addf %product, %a : f32
  memref.store %sum, %x[%c0] : memref<1xf32>
  gpu.return
}

// Addresses in shared memory are 32 bits wide, constants are in the offset.
// CHECK-LABEL: .entry shared(
// CHECK: mov.b32 [[BASE:%r[0-9]+]], [[$DYNAMIC]]
// CHECK: add.s32 [[ADDRESS:%r[0-9]+]], [[BASE]], {{%r[0-9]+}}
// CHECK: st.shared.b32 {{\[}}[[ADDRESS]]+256], {{%r[0-9]+}}
// CHECK: bar.sync 0
// CHECK: ld.shared.b32 {{%r[0-9]+}}, [{{%r[0-9]+}}+256]
gpu.func @shared(%x: memref<128xf32>) kernel
    attributes {known_block_size = array<i32: 128, 1, 1>} {
  %c256 = arith.constant 256 : index
  %thread = gpu.thread_id x
  %bytes = gpu.dynamic_shared_memory : memref<?xi8, #workgroup>
  %buffer = memref.view %bytes[%c256][]
      : memref<?xi8, #workgroup> to memref<128xf32, #workgroup>
  %own = memref.load %x[%thread] : memref<128xf32>
  memref.store %own, %buffer[%thread] : memref<128xf32, #workgroup>
  gpu.barrier
  %c1 = arith.constant 1 : index
  %other = arith.xori %thread, %c1 : index
  %value = memref.load %buffer[%other] : memref<128xf32, #workgroup>
  memref.store %value, %x[%thread] : memref<128xf32>
  gpu.return
}

// CHECK-LABEL: .entry butterfly(
// CHECK: shfl.sync.bfly.b32 {{%r[0-9]+}}, {{%r[0-9]+}}, 2, 31, -1;
// CHECK: max.f32
// CHECK: max.NaN.f32
// CHECK: min.f32
gpu.func @butterfly(%x: memref<1xf32>, %a: f32, %b: f32) kernel {
  %c0 = arith.constant 0 : index
  %distance = arith.constant 2 : i32
  %width = arith.constant 32 : i32
  %other, %valid = gpu.shuffle xor %a, %distance, %width : f32
  %number = arith.maxnumf %a, %other : f32
  %maximum = arith.maximumf %number, %b : f32
  %minimum = arith.minnumf %maximum, %a : f32
  memref.store %minimum, %x[%c0] : memref<1xf32>
  gpu.return
}

// An approximate power of two is one instruction.
// CHECK-LABEL: .entry power(
// CHECK: ld.param.b32 [[X:%r[0-9]+]]
// CHECK-NOT: mul
// CHECK: ex2.approx.ftz.f32 [[POWER:%r[0-9]+]], [[X]];
// CHECK-NEXT: st.global.b32 [{{%rd[0-9]+}}], [[POWER]]
gpu.func @power(%out: memref<1xf32>, %x: f32) kernel {
  %c0 = arith.constant 0 : index
  %power = math.exp2 %x fastmath<afn> : f32
  memref.store %power, %out[%c0] : memref<1xf32>
  gpu.return
}

// Two elements are converted by one instruction and stored by one.
// CHECK-LABEL: .entry convert(
// CHECK: cvt.rn.f16x2.f32 [[HALF:%r[0-9]+]]
// CHECK-NEXT: cvt.rn.bf16x2.f32 [[BRAIN:%r[0-9]+]]
// CHECK-NOT: cvt
// CHECK-DAG: st.global.b32 [{{%rd[0-9]+}}], [[HALF]]
// CHECK-DAG: st.global.b32 [{{%rd[0-9]+}}], [[BRAIN]]
gpu.func @convert(%h: memref<2xf16>, %b: memref<2xbf16>, %x: f32, %y: f32) kernel {
  %c0 = arith.constant 0 : index
  %pair = vector.from_elements %x, %y : vector<2xf32>
  %half = arith.truncf %pair : vector<2xf32> to vector<2xf16>
  %brain = arith.truncf %pair : vector<2xf32> to vector<2xbf16>
  vector.store %half, %h[%c0] {alignment = 4 : i64} : memref<2xf16>, vector<2xf16>
  vector.store %brain, %b[%c0] {alignment = 4 : i64} : memref<2xbf16>, vector<2xbf16>
  gpu.return
}

// CHECK-LABEL: .entry mma(
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// CHECK: st.global.v2.b32
// CHECK: st.global.v2.b32
gpu.func @mma(%out: memref<2x64xf32>) kernel
    attributes {known_block_size = array<i32: 32, 1, 1>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c1024 = arith.constant 1024 : index
  %zero = arith.constant dense<0.0> : vector<2x2xf32>
  %bytes = gpu.dynamic_shared_memory : memref<?xi8, #workgroup>
  %a = memref.view %bytes[%c0][] : memref<?xi8, #workgroup> to memref<16x16xf16, #workgroup>
  %b = memref.view %bytes[%c1024][] : memref<?xi8, #workgroup> to memref<16x8xf16, #workgroup>
  %thread = gpu.thread_id x
  %c16 = arith.constant 16 : index
  %row = arith.remui %thread, %c16 : index
  %fa = nvgpu.ldmatrix %a[%row, %c0] {numTiles = 4 : i32, transpose = false}
      : memref<16x16xf16, #workgroup> -> vector<4x2xf16>
  %fb = nvgpu.ldmatrix %b[%row, %c0] {numTiles = 2 : i32, transpose = true}
      : memref<16x8xf16, #workgroup> -> vector<2x2xf16>
  %d = nvgpu.mma.sync(%fa, %fb, %zero) {mmaShape = [16, 8, 16]}
      : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
  %d0 = vector.extract %d[0] : vector<2xf32> from vector<2x2xf32>
  %d1 = vector.extract %d[1] : vector<2xf32> from vector<2x2xf32>
  %column = arith.muli %thread, %c2 : index
  vector.store %d0, %out[%c0, %column] {alignment = 8 : i64} : memref<2x64xf32>, vector<2xf32>
  vector.store %d1, %out[%c1, %column] {alignment = 8 : i64} : memref<2x64xf32>, vector<2xf32>
  gpu.return
}

// CHECK-LABEL: .entry async_copy(
// CHECK: cp.async.cg.shared.global [{{%r[0-9]+}}], [{{%rd[0-9]+}}], 16;
// CHECK: cp.async.commit_group
// CHECK: cp.async.wait_group 1
gpu.func @async_copy(%in: memref<64xf16>) kernel {
  %c0 = arith.constant 0 : index
  %thread = gpu.thread_id x
  %bytes = gpu.dynamic_shared_memory : memref<?xi8, #workgroup>
  %buffer = memref.view %bytes[%c0][] : memref<?xi8, #workgroup> to memref<64xf16, #workgroup>
  %copy = nvgpu.device_async_copy %in[%thread], %buffer[%thread], 8 {bypassL1}
      : memref<64xf16> to memref<64xf16, #workgroup>
  %group = nvgpu.device_async_create_group %copy
  nvgpu.device_async_wait %group {numGroups = 1 : i32}
  gpu.return
}

}
