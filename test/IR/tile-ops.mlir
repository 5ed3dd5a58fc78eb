// RUN: attn-opt %s | FileCheck %s
// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @map
// CHECK: attn.map %{{.*}}, %{{.*}} : (vector<32x16xf32>, vector<32xf32>) -> vector<32x16xf32> {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32, %[[ROW:.*]]: index, %[[COLUMN:.*]]: index):
// CHECK: attn.yield %{{.*}} : f32
func.func @map(%tile: vector<32x16xf32>, %rows: vector<32xf32>, %limit: index) -> vector<32x16xf32> {
  %r = attn.map %tile, %rows : (vector<32x16xf32>, vector<32xf32>) -> vector<32x16xf32> {
  ^bb0(%x: f32, %y: f32, %row: index, %column: index):
    %keep = arith.cmpi slt, %column, %limit : index
    %z = arith.select %keep, %x, %y : f32
    attn.yield %z : f32
  }
  return %r : vector<32x16xf32>
}

// CHECK-LABEL: func @map_without_inputs
// CHECK: attn.map : () -> vector<32xf32> {
func.func @map_without_inputs(%x: f32) -> vector<32xf32> {
  %r = attn.map : () -> vector<32xf32> {
  ^bb0(%row: index):
    attn.yield %x : f32
  }
  return %r : vector<32xf32>
}

// CHECK-LABEL: func @any
// CHECK: attn.any %{{.*}} : vector<32xi1>
func.func @any(%tile: vector<32xi1>) -> i1 {
  %r = attn.any %tile : vector<32xi1>
  return %r : i1
}

// CHECK-LABEL: func @async_copy
// CHECK: attn.async_copy %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}}[%{{.*}}] : memref<?x64xf16, strided<[?, 1], offset: ?>>, memref<2x32x64xf16, #gpu.address_space<workgroup>>
// CHECK: attn.async_copy %{{.*}}[%{{.*}}, %{{.*}}], %{{.*}}[%{{.*}}] in_bounds where(%{{.*}}) : memref
func.func @async_copy(%from: memref<?x64xf16, strided<[?, 1], offset: ?>>, %to: memref<2x32x64xf16, #gpu.address_space<workgroup>>, %i: index, %more: i1) {
  attn.async_copy %from[%i, %i], %to[%i] : memref<?x64xf16, strided<[?, 1], offset: ?>>, memref<2x32x64xf16, #gpu.address_space<workgroup>>
  attn.async_copy %from[%i, %i], %to[%i] in_bounds where(%more) : memref<?x64xf16, strided<[?, 1], offset: ?>>, memref<2x32x64xf16, #gpu.address_space<workgroup>>
  return
}

// What is left to the assembler is not written.
// CHECK-LABEL: func @gpu_schedule
// CHECK: attn.sdpa {{.*}} gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>) :
// CHECK: attn.sdpa {{.*}} gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 128>) :
func.func @gpu_schedule(%q: tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 0>) : (tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16>
  %p = attn.sdpa query(%o) key(%q) value(%q) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 128>) : (tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>, tensor<1x1x64x16xf16>) -> tensor<1x1x64x16xf16>
  return %p : tensor<1x1x64x16xf16>
}
