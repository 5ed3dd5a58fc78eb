// RUN: attn-opt %s --attn-gpu-tile --attn-gpu-bufferize --attn-gpu-stage --canonicalize --cse | FileCheck %s

// Two stages of K and of V in shared memory, the queries in the values' place.
// A copy is one step ahead, and each read waits for its own alone.
// CHECK-LABEL: func @two_stages
// CHECK: gpu.launch {{.*}} dynamic_shared_memory_size %c16384_i32
// CHECK:   %[[K:.*]] = memref.reinterpret_cast {{.*}} to memref<2x32x64xf16, strided<[2048, 64, 1]>, #gpu.address_space<workgroup>>
// CHECK:   %[[V:.*]] = memref.reinterpret_cast {{.*}} to memref<2x32x16xf16, strided<[768, 24, 1]>, #gpu.address_space<workgroup>>
// CHECK:   %[[Q:.*]] = memref.reinterpret_cast {{.*}} to memref<1x64x64xf16, strided<[4096, 64, 1]>, #gpu.address_space<workgroup>>
// CHECK:   %[[O:.*]] = memref.reinterpret_cast {{.*}} to memref<1x64x16xf16, strided<[1536, 24, 1]>, #gpu.address_space<workgroup>>
// CHECK:   attn.async_copy %{{.*}}, %[[K]][%c0] in_bounds
// CHECK:   nvvm.cp.async.commit.group
// CHECK:   vector.transfer_write %{{.*}}, %[[Q]]
// CHECK:   gpu.barrier
// CHECK:   %[[FRAGMENTS:.*]] = vector.transfer_read %[[Q]]
// CHECK:   gpu.barrier
// CHECK:   attn.async_copy %{{.*}}, %[[V]][%c0] in_bounds
// CHECK:   nvvm.cp.async.commit.group
// A step's stage is its number modulo the stages.
// CHECK:   scf.for %[[STEP32:.*]] = %c0_i32 to %c16_i32 step %c1_i32
// CHECK:     %[[STEP:.*]] = arith.index_cast %[[STEP32]] : i32 to index
// CHECK:     nvvm.cp.async.wait.group 1
// CHECK:     gpu.barrier
// CHECK:     attn.async_copy %{{.*}}, %[[K]][%{{.*}}] in_bounds where(%{{.*}})
// CHECK:     nvvm.cp.async.commit.group
// CHECK:     %[[STAGE:.*]] = arith.remui %[[STEP]], %c2
// CHECK:     %[[KTILE:.*]] = vector.transfer_read %[[K]][%[[STAGE]],
// CHECK:     vector.contract {{.*}} %[[FRAGMENTS]], %[[KTILE]]
// CHECK:     nvvm.cp.async.wait.group 1
// CHECK:     gpu.barrier
// CHECK:     attn.async_copy %{{.*}}, %[[V]][%{{.*}}] in_bounds where(%{{.*}})
// CHECK:     %[[VTILE:.*]] = vector.transfer_read %[[V]]
// CHECK:     vector.contract {{.*}} %{{.*}}, %[[VTILE]]
// CHECK-NOT: vector.contract
// CHECK:     scf.yield
// CHECK:   gpu.barrier
// CHECK:   vector.transfer_write %{{.*}}, %[[O]]
// CHECK:   gpu.barrier
// CHECK:   vector.transfer_read %[[O]]
// CHECK:   vector.transfer_write %{{.*}} : vector<64x16xf16>, memref<?x16xf16
func.func @two_stages(%q: tensor<1x1x512x64xf16>, %k: tensor<1x1x512x64xf16>, %v: tensor<1x1x512x16xf16>) -> tensor<1x1x512x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x16xf16>) -> tensor<1x1x512x16xf16>
  return %o : tensor<1x1x512x16xf16>
}

// One stage: the copy and its use take turns; queries that stay in shared
// memory are read at every step.
// Keys that are the values as well come once.
// CHECK-LABEL: func @one_stage
// CHECK:   %[[Q:.*]] = memref.reinterpret_cast {{.*}} to memref<1x64x64xf16
// CHECK:   vector.transfer_write %{{.*}}, %[[Q]]
// CHECK:   scf.for %{{.*}} = %c0_i32 to %c16_i32 step %c1_i32
// CHECK:     %[[QTILE:.*]] = vector.transfer_read %[[Q]]
// CHECK:     gpu.barrier
// CHECK:     attn.async_copy
// CHECK:     nvvm.cp.async.commit.group
// CHECK:     nvvm.cp.async.wait.group 0
// CHECK:     gpu.barrier
// CHECK:     vector.contract {{.*}} %[[QTILE]]
// CHECK-NOT: attn.async_copy
func.func @one_stage(%q: tensor<1x1x512x64xf16>, %k: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 1, kv_splits = 1, query_in_registers = false>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// A single step: no loop, both tiles at once.
// CHECK-LABEL: func @single_step
// CHECK-NOT: scf.for
// CHECK: attn.async_copy
// CHECK: vector.transfer_write
// CHECK: attn.async_copy
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: vector.contract
// CHECK: vector.contract
func.func @single_step(%q: tensor<1x1x16x16xf16>, %k: tensor<1x1x16x16xf16>, %v: tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16>
  return %o : tensor<1x1x16x16xf16>
}

// One tile is queries, keys and values: it is read as queries, and copied for
// the products.
// CHECK-LABEL: func @one_tensor
// CHECK: %[[Q:.*]] = vector.transfer_read %{{.*}} : memref<16x16xf16
// CHECK: attn.async_copy
// CHECK: vector.transfer_write %[[Q]], %{{.*}}#gpu.address_space<workgroup>>
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: %[[K:.*]] = vector.transfer_read %{{.*}}#gpu.address_space<workgroup>>
// CHECK: vector.contract {{.*}}, %[[K]],
// CHECK: vector.contract {{.*}}, %[[K]],
func.func @one_tensor(%q: tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16>
  return %o : tensor<1x1x16x16xf16>
}
