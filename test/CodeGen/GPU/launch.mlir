// RUN: attn-opt %s -split-input-file --attn-gpu-launch | FileCheck %s

// CHECK-LABEL: func @launch
// CHECK: gpu.launch blocks(%[[X:.*]], %[[Y:.*]], %[[Z:.*]]) in (%{{.*}} = %[[N:.*]], %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) threads({{.*}}) in (%{{.*}} = %c64, %{{.*}} = %c1, %{{.*}} = %c1)
// CHECK:   memref.store %{{.*}}, %{{.*}}[%[[Z]], %[[Y]], %[[X]]]
// CHECK:   gpu.terminator
// CHECK: {attn.kernel = #attn.gpu_schedule<query_tile = 32
// CHECK-NOT: scf.forall
func.func @launch(%m: memref<2x4x?xf32>, %n: index, %x: f32) {
  scf.forall (%b, %h, %i) in (2, 4, %n) {
    memref.store %x, %m[%b, %h, %i] : memref<2x4x?xf32>
  } {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true>, mapping = [#gpu.block<z>, #gpu.block<y>, #gpu.block<x>]}
  return
}

// -----

// Other loops stay.
// CHECK-LABEL: func @other
// CHECK: scf.forall
func.func @other(%m: memref<4xf32>, %x: f32) {
  scf.forall (%i) in (4) {
    memref.store %x, %m[%i] : memref<4xf32>
  }
  return
}

// -----

// A kernel has a name that PTX takes.
// CHECK-LABEL: func @"torch.main-1"
// CHECK: gpu.launch {{.*}} module(@torch_main_1_kernel) function(@torch_main_1_kernel)
func.func @"torch.main-1"(%m: memref<4xf32>, %x: f32) {
  scf.forall (%i) in (4) {
    memref.store %x, %m[%i] : memref<4xf32>
  } {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true>, mapping = [#gpu.block<x>]}
  return
}

// -----

// A launch has 65535 blocks along y and along z: where there may be more, it is
// in a loop.
// CHECK-LABEL: func @large
// CHECK-SAME: (%[[M:.*]]: memref<70000x?x4xf32>, %[[H:.*]]: index, %{{.*}}: f32)
// CHECK: scf.for %[[BSTART:.*]] = %c0 to %c70000 step %c65535
// CHECK:   %[[BLEFT:.*]] = arith.subi %c70000, %[[BSTART]]
// CHECK:   %[[BS:.*]] = arith.minsi %[[BLEFT]], %c65535
// CHECK:   scf.for %[[HSTART:.*]] = %c0{{.*}} to %[[H]] step %c65535
// CHECK:     %[[HLEFT:.*]] = arith.subi %[[H]], %[[HSTART]]
// CHECK:     %[[HS:.*]] = arith.minsi %[[HLEFT]], %c65535
// CHECK:     gpu.launch blocks(%[[X:.*]], %[[Y:.*]], %[[Z:.*]]) in (%{{.*}} = %c4{{.*}}, %{{.*}} = %[[HS]], %{{.*}} = %[[BS]])
// CHECK:       %[[B:.*]] = arith.addi %[[BSTART]], %[[Z]]
// CHECK:       %[[HEAD:.*]] = arith.addi %[[HSTART]], %[[Y]]
// CHECK:       memref.store %{{.*}}, %[[M]][%[[B]], %[[HEAD]], %[[X]]]
func.func @large(%m: memref<70000x?x4xf32>, %heads: index, %x: f32) {
  scf.forall (%b, %h, %i) in (70000, %heads, 4) {
    memref.store %x, %m[%b, %h, %i] : memref<70000x?x4xf32>
  } {attn.kernel = #attn.gpu_schedule<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true>, mapping = [#gpu.block<z>, #gpu.block<y>, #gpu.block<x>]}
  return
}
