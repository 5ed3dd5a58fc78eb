// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(gpu.module(attn-math-to-nvvm))' --verify-diagnostics | FileCheck %s

gpu.module @kernels {

// CHECK-LABEL: gpu.func @approximate
// CHECK-SAME: (%[[X:.*]]: f32, %[[Y:.*]]: f32)
gpu.func @approximate(%x: f32, %y: f32) -> (f32, f32, f32, f32) {
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%[[X]]) : (f32) -> f32
  %exp2 = math.exp2 %x fastmath<afn> : f32
  // CHECK: %[[SCALED:.*]] = arith.mulf %[[X]], %{{.*}} fastmath<contract>
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%[[SCALED]])
  %exp = math.exp %x fastmath<fast> : f32
  // CHECK: %[[LOG:.*]] = llvm.call_intrinsic "llvm.nvvm.lg2.approx.ftz.f"(%[[X]])
  // CHECK: arith.mulf %[[LOG]]
  %log = math.log %x fastmath<afn> : f32
  // CHECK: %[[RECIPROCAL:.*]] = llvm.call_intrinsic "llvm.nvvm.rcp.approx.ftz.f"(%[[Y]])
  // CHECK: arith.mulf %[[X]], %[[RECIPROCAL]]
  %quotient = arith.divf %x, %y fastmath<afn> : f32
  gpu.return %exp2, %exp, %log, %quotient : f32, f32, f32, f32
}

// CHECK-LABEL: gpu.func @precise
// CHECK-SAME: (%[[X:.*]]: f32, %[[Y:.*]]: f32)
gpu.func @precise(%x: f32, %y: f32) -> (f32, f32, f32, f32) {
  // CHECK: llvm.call_intrinsic "llvm.nvvm.ex2.approx"(%[[X]])
  %exp2 = math.exp2 %x : f32
  // CHECK: llvm.call_intrinsic "llvm.sqrt"(%[[X]])
  %sqrt = math.sqrt %x : f32
  // CHECK: llvm.call_intrinsic "llvm.maxnum"(%[[X]], %[[Y]])
  %max = arith.maxnumf %x, %y : f32
  // CHECK: arith.divf %[[X]], %[[Y]]
  %quotient = arith.divf %x, %y : f32
  gpu.return %exp2, %sqrt, %max, %quotient : f32, f32, f32, f32
}

// Narrow types are computed in f32; vectors element by element.
// CHECK-LABEL: gpu.func @half
// CHECK-SAME: (%[[X:.*]]: vector<2xf16>)
gpu.func @half(%x: vector<2xf16>) -> vector<2xf16> {
  // CHECK: %[[ELEMENTS:.*]]:2 = vector.to_elements %[[X]]
  // CHECK: %[[WIDE:.*]] = arith.extf %[[ELEMENTS]]#0 : f16 to f32
  // CHECK: %[[POWER:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz"(%[[WIDE]])
  // CHECK: arith.truncf %[[POWER]] : f32 to f16
  // CHECK: vector.from_elements
  %exp2 = math.exp2 %x fastmath<afn> : vector<2xf16>
  gpu.return %exp2 : vector<2xf16>
}

// What the hardware has on vectors stays one.
// CHECK-LABEL: gpu.func @packed
gpu.func @packed(%x: vector<2xf16>) -> vector<2xf16> {
  // CHECK: llvm.call_intrinsic "llvm.fma"(%{{.*}}, %{{.*}}, %{{.*}}) : (vector<2xf16>, vector<2xf16>, vector<2xf16>) -> vector<2xf16>
  %fma = math.fma %x, %x, %x : vector<2xf16>
  gpu.return %fma : vector<2xf16>
}

}

// -----

gpu.module @kernels {
gpu.func @f64(%x: f64) -> f64 {
  // expected-error @+1 {{no code for NVIDIA GPUs without a library for 'math.exp' on 'f64'}}
  %exp = math.exp %x : f64
  gpu.return %exp : f64
}
}

// -----

gpu.module @kernels {
gpu.func @remainder(%x: f32, %y: f32) -> f32 {
  // expected-error @+1 {{no code for NVIDIA GPUs without a library for 'arith.remf' on 'f32', 'f32'}}
  %remainder = arith.remf %x, %y : f32
  gpu.return %remainder : f32
}
}
