// RUN: attn-opt %s --attn-gpu-distribute | FileCheck %s

// One warp: S = Q K^T on 16 x 16 with Q in global memory, its row maximum, and
// what a map makes of it.
// CHECK-LABEL: func @tile
// CHECK: gpu.launch
// Each lane names a row of shared memory for ldmatrix; the column's chunk is
// exclusive-or'ed with the row where rows are 8 chunks or more.
// CHECK: arith.xori
// Queries: 16 bytes a thread into shared memory.
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<{{.*}}>, vector<8xf16>
// CHECK: vector.store %{{.*}} {alignment = 16 : i64} : {{.*}}#gpu.address_space<workgroup>>, vector<8xf16>
// CHECK: gpu.barrier
// CHECK: nvgpu.ldmatrix {{.*}} {numTiles = 4 : i32, transpose = false}
// CHECK: nvgpu.ldmatrix {{.*}} {numTiles = 4 : i32, transpose = false}
// CHECK: nvvm.mma.sync A[{{.*}}] B[{{.*}}] C[{{.*}}] {{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 16>
// CHECK: nvvm.mma.sync
// The mask's body, for each of 8 elements.
// CHECK-COUNT-8: arith.cmpi sle
// The maximum of a row: 4 elements of each lane, then of 4 lanes.
// CHECK: arith.maxnumf
// CHECK: arith.maxnumf
// CHECK: arith.maxnumf
// CHECK: gpu.shuffle xor %{{.*}}, %{{.*}}
// CHECK: gpu.shuffle xor
// CHECK: arith.maxnumf
// Four lanes hold a copy of each row's result: the first writes it.
// CHECK: scf.if
// CHECK: vector.store %{{.*}} : memref<{{.*}}>, vector<1xf32>
// CHECK-NOT: vector<16x16
func.func @tile(%m: memref<16x128xf16>, %o: memref<16xf32>, %limit: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f16
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %low = arith.constant dense<0xFF800000> : vector<16xf32>
  %none = arith.constant 0xFF800000 : f32
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<2048xf16, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 128], strides: [2048, 128, 1] : memref<2048xf16, #gpu.address_space<workgroup>> to memref<1x16x128xf16, strided<[2048, 128, 1]>, #gpu.address_space<workgroup>>
    %q = vector.transfer_read %m[%c0, %c0], %p {in_bounds = [true, true]} : memref<16x128xf16>, vector<16x128xf16>
    vector.transfer_write %q, %shared[%c0, %c0, %c0] {in_bounds = [true, true]} : vector<16x128xf16>, memref<1x16x128xf16, strided<[2048, 128, 1]>, #gpu.address_space<workgroup>>
    gpu.barrier
    %qs = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x128xf16, strided<[2048, 128, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %ks = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x128xf16, strided<[2048, 128, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %qs, %ks, %zero : vector<16x16xf16>, vector<16x16xf16> into vector<16x16xf32>
    %t = attn.map %s : (vector<16x16xf32>) -> vector<16x16xf32> {
    ^bb0(%e: f32, %row: index, %column: index):
      %keep = arith.cmpi sle, %column, %limit : index
      %r = arith.select %keep, %e, %none : f32
      attn.yield %r : f32
    }
    %max = vector.multi_reduction <maxnumf>, %t, %low [1] : vector<16x16xf32> to vector<16xf32>
    vector.transfer_write %max, %o[%c0] {in_bounds = [true]} : vector<16xf32>, memref<16xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}

// A thread has rows r and r + 8: what divides 8 divides once for both. What
// does not, or divides a sum, divides for each.
// CHECK-LABEL: func @divisions
// CHECK:     %[[ROW:.*]] = arith.shrui %{{.*}}, %c2_i32{{[_0-9]*}} : i32
// CHECK:     nvvm.mma.sync
// CHECK:     %[[FOURTH:.*]] = arith.divui %[[ROW]], %c4_i32{{[_0-9]*}} : i32
// CHECK:     %[[REST:.*]] = arith.remui %[[ROW]], %c4_i32{{[_0-9]*}} : i32
// CHECK:     %[[SIXTEENTH:.*]] = arith.divui %[[ROW]], %c16_i32{{[_0-9]*}} : i32
// CHECK:     %[[SUM:.*]] = arith.addi %[[ROW]], %{{.*}} : i32
// CHECK:     arith.divui %[[SUM]], %c4_i32{{[_0-9]*}} : i32
// CHECK:     arith.cmpi sle, %[[FOURTH]], %c1_i32{{[_0-9]*}} : i32
// CHECK-NOT: arith.remui
// CHECK:     %[[NEXT:.*]] = arith.addi %[[ROW]], %c8_i32{{[_0-9]*}} overflow<nsw> : i32
// CHECK-NOT: arith.remui
// CHECK:     arith.divui %[[NEXT]], %c16_i32{{[_0-9]*}} : i32
// CHECK-NOT: arith.remui
// CHECK:     %[[NEXT_SUM:.*]] = arith.addi %[[SUM]], %c8_i32{{[_0-9]*}} overflow<nsw> : i32
// CHECK:     arith.divui %[[NEXT_SUM]], %c4_i32{{[_0-9]*}} : i32
// CHECK:     arith.cmpi sle, %[[FOURTH]], %c-1_i32{{[_0-9]*}} : i32
// CHECK-NOT: arith.remui
// CHECK:     gpu.terminator
func.func @divisions(%o: memref<16xf32>, %n: i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %one = arith.constant 1 : i32
  %four = arith.constant 4 : i32
  %sixteen = arith.constant 16 : i32
  %p = arith.constant 0.0 : f16
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %low = arith.constant dense<0xFF800000> : vector<16xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<256xf16, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 16], strides: [256, 16, 1] : memref<256xf16, #gpu.address_space<workgroup>> to memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>
    %q = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %k = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %q, %k, %zero : vector<16x16xf16>, vector<16x16xf16> into vector<16x16xf32>
    %t = attn.map %s : (vector<16x16xf32>) -> vector<16x16xf32> {
    ^bb0(%e: f32, %row: index, %column: index):
      %row32 = arith.index_castui %row : index to i32
      %fourth = arith.divui %row32, %four : i32
      %rest = arith.remui %row32, %four : i32
      %sixteenth = arith.divui %row32, %sixteen : i32
      %sum = arith.addi %row32, %n overflow<nsw> : i32
      %sumFourth = arith.divui %sum, %four : i32
      %first = arith.cmpi sle, %fourth, %one : i32
      %wide = arith.addi %sixteenth, %sumFourth : i32
      %number = arith.select %first, %rest, %wide : i32
      %r = arith.uitofp %number : i32 to f32
      attn.yield %r : f32
    }
    %max = vector.multi_reduction <maxnumf>, %t, %low [1] : vector<16x16xf32> to vector<16xf32>
    vector.transfer_write %max, %o[%c0] {in_bounds = [true]} : vector<16xf32>, memref<16xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}

// A divisor of the body itself; a number that a distance would take past the
// ends of i32, and one of 64 bits: they are compared with each row.
// CHECK-LABEL: func @numbers
// CHECK:     %[[FOURTH:.*]] = arith.divui %{{.*}}, %{{.*}} : i32
// CHECK:     arith.cmpi slt, %[[FOURTH]], %{{.*}} : i32
// CHECK:     %[[NEXT:.*]] = arith.addi %[[FOURTH]], %c2_i32{{[_0-9]*}} overflow<nsw> : i32
// CHECK:     arith.cmpi slt, %[[NEXT]], %c-2147483648_i32{{[_0-9]*}} : i32
// CHECK:     arith.cmpi slt, %{{.*}}, %c10 : index
func.func @numbers(%o: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %ten = arith.constant 10 : index
  %other = arith.constant 0.0 : f32
  %p = arith.constant 0.0 : f16
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %low = arith.constant dense<0xFF800000> : vector<16xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<256xf16, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 16], strides: [256, 16, 1] : memref<256xf16, #gpu.address_space<workgroup>> to memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>
    %q = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %k = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x16xf16, strided<[256, 16, 1]>, #gpu.address_space<workgroup>>, vector<16x16xf16>
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %q, %k, %zero : vector<16x16xf16>, vector<16x16xf16> into vector<16x16xf32>
    %t = attn.map %s : (vector<16x16xf32>) -> vector<16x16xf32> {
    ^bb0(%e: f32, %row: index, %column: index):
      %four = arith.constant 4 : i32
      %least = arith.constant -2147483648 : i32
      %row32 = arith.index_castui %row : index to i32
      %fourth = arith.divui %row32, %four : i32
      %none = arith.cmpi slt, %fourth, %least : i32
      %head = arith.cmpi slt, %row, %ten : index
      %some = arith.ori %none, %head : i1
      %r = arith.select %some, %e, %other : f32
      attn.yield %r : f32
    }
    %max = vector.multi_reduction <maxnumf>, %t, %low [1] : vector<16x16xf32> to vector<16xf32>
    vector.transfer_write %max, %o[%c0] {in_bounds = [true]} : vector<16xf32>, memref<16xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}

// Copies of 16 bytes a thread; a row of 36 elements allows 8, and what lies
// past the end is filled with zeros.
// CHECK-LABEL: func @copies
// CHECK-COUNT-4: nvgpu.device_async_copy %{{.*}}, 8 {bypassL1} : memref<{{.*}}> to memref<{{.*}}workgroup>>
// CHECK: arith.cmpi slt
// CHECK: arith.select
// CHECK: nvgpu.device_async_copy %{{.*}}, 4, %{{.*}} : memref<{{.*}}> to memref<{{.*}}workgroup>>
func.func @copies(%m: memref<64x64xf16>, %n: memref<?x36xf16>, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<1024xf16, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 64], strides: [1024, 64, 1] : memref<1024xf16, #gpu.address_space<workgroup>> to memref<1x16x64xf16, strided<[1024, 64, 1]>, #gpu.address_space<workgroup>>
    attn.async_copy %m[%i, %c0], %shared[%c0] in_bounds : memref<64x64xf16>, memref<1x16x64xf16, strided<[1024, 64, 1]>, #gpu.address_space<workgroup>>
    %flat2 = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<896xf16, #gpu.address_space<workgroup>>
    %shared2 = memref.reinterpret_cast %flat2 to offset: [0], sizes: [1, 16, 48], strides: [896, 56, 1] : memref<896xf16, #gpu.address_space<workgroup>> to memref<1x16x48xf16, strided<[896, 56, 1]>, #gpu.address_space<workgroup>>
    attn.async_copy %n[%i, %c0], %shared2[%c0] : memref<?x36xf16>, memref<1x16x48xf16, strided<[896, 56, 1]>, #gpu.address_space<workgroup>>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}

// A warp asks all of its threads, each for its own elements.
// CHECK-LABEL: func @any
// CHECK:   gpu.launch
// CHECK:     %[[FIRST:.*]] = arith.cmpf ogt
// CHECK:     %[[ANY:.*]] = nvvm.vote.sync any %c-1_i32, %{{.*}} -> i1
// CHECK:     scf.if %[[ANY]]
// CHECK:       arith.mulf
func.func @any(%m: memref<64x16xf32>, %o: memref<64x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f32
  %ones = arith.constant dense<1.0> : vector<64x16xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %t = vector.transfer_read %m[%c0, %c0], %p {in_bounds = [true, true]} : memref<64x16xf32>, vector<64x16xf32>
    %large = arith.cmpf ogt, %t, %ones : vector<64x16xf32>
    %any = attn.any %large : vector<64x16xi1>
    %u = scf.if %any -> (vector<64x16xf32>) {
      %v = arith.mulf %t, %t : vector<64x16xf32>
      scf.yield %v : vector<64x16xf32>
    } else {
      scf.yield %t : vector<64x16xf32>
    }
    vector.transfer_write %u, %o[%c0, %c0] {in_bounds = [true, true]} : vector<64x16xf32>, memref<64x16xf32>
    gpu.terminator
  } {attn.kernel = 1 : i64}
  return
}

// Products of f32: an element is its rounding to tf32 and the rest, a product
// three; the first operand and keys come by ldmatrix as registers of one
// element.
// CHECK-LABEL: func @split_f32
// CHECK: nvgpu.ldmatrix {{.*}} -> vector<4x1xf32>
// CHECK: %[[X:.*]] = vector.extract %{{.*}}[0, 0] : f32 from vector<4x1xf32>
// CHECK: %[[BITS:.*]] = arith.bitcast %[[X]] : f32 to i32
// CHECK: %[[MOVED:.*]] = arith.addi %[[BITS]], %c4096_i32
// CHECK: %[[HIGH:.*]] = arith.andi %[[MOVED]], %c-8192_i32
// CHECK: %[[ROUNDED:.*]] = arith.bitcast %[[HIGH]] : i32 to f32
// CHECK: %[[REST:.*]] = arith.subf %[[X]], %[[ROUNDED]] : f32
// CHECK: %[[LOW:.*]] = arith.bitcast %[[REST]] : f32 to i32
// Four steps of 8 features, two blocks of 8 keys, three products.
// CHECK: nvvm.mma.sync A[%[[LOW]], {{.*}}multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK: nvvm.mma.sync A[%[[LOW]]
// CHECK: nvvm.mma.sync A[%[[HIGH]]
// CHECK-COUNT-21: nvvm.mma.sync
// CHECK: math.exp2
// Values: four columns of a row for four products.
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-24: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
func.func @split_f32(%m: memref<16x32xf32>, %o: memref<16x32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f32
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %zeros = arith.constant dense<0.0> : vector<16x32xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<512xf32, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 32], strides: [512, 32, 1] : memref<512xf32, #gpu.address_space<workgroup>> to memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>
    %q = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %k = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %v = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %q, %k, %zero : vector<16x32xf32>, vector<16x32xf32> into vector<16x16xf32>
    %w = math.exp2 %s : vector<16x16xf32>
    %r = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %w, %v, %zeros : vector<16x16xf32>, vector<16x32xf32> into vector<16x32xf32>
    vector.transfer_write %r, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x32xf32>, memref<16x32xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}

// Where tf32 is enough there is one product of operands that are rounded: half of
// the last bit is added.
// CHECK-LABEL: func @tf32
// CHECK: %[[BITS:.*]] = arith.bitcast %[[X:.*]] : f32 to i32
// CHECK: %[[POWER:.*]] = arith.andi %[[BITS]], %c-8388608_i32
// CHECK: %[[SCALE:.*]] = arith.bitcast %[[POWER]] : i32 to f32
// CHECK: math.fma %[[SCALE]], %{{.*}}, %[[X]] : f32
// CHECK-COUNT-16: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
func.func @tf32(%m: memref<16x32xf32>, %o: memref<16x32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f32
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  %zeros = arith.constant dense<0.0> : vector<16x32xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %flat = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<512xf32, #gpu.address_space<workgroup>>
    %shared = memref.reinterpret_cast %flat to offset: [0], sizes: [1, 16, 32], strides: [512, 32, 1] : memref<512xf32, #gpu.address_space<workgroup>> to memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>
    %q = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %k = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %v = vector.transfer_read %shared[%c0, %c0, %c0], %p {in_bounds = [true, true]} : memref<1x16x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>, vector<16x32xf32>
    %s = vector.contract {attn.allow_tf32, indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %q, %k, %zero : vector<16x32xf32>, vector<16x32xf32> into vector<16x16xf32>
    %w = math.exp2 %s : vector<16x16xf32>
    %r = vector.contract {attn.allow_tf32, indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %w, %v, %zeros : vector<16x16xf32>, vector<16x32xf32> into vector<16x32xf32>
    vector.transfer_write %r, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x32xf32>, memref<16x32xf32>
    gpu.terminator
  } {attn.kernel = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>}
  return
}
