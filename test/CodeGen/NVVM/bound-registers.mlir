// Kernels whose registers ptxas spills get another bound. What is spilled is
// in the kernels' names here, see Inputs/fake_ptxas.py.

// RUN: attn-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(gpu.module(attn-bound-registers{ptxas=%attn_source/test/Inputs/fake_ptxas.py}))' | FileCheck %s --check-prefixes=CHECK,SEARCH
// RUN: not attn-opt %s --split-input-file --pass-pipeline='builtin.module(gpu.module(attn-bound-registers{keep-bounds ptxas=%attn_source/test/Inputs/fake_ptxas.py}))' 2>/dev/null | FileCheck %s --check-prefixes=CHECK,KEEP
// RUN: not attn-opt %s --split-input-file --pass-pipeline='builtin.module(gpu.module(attn-bound-registers{ptxas=%t/none}))' 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: bound-registers.mlir:{{[0-9]+}}:1: error: --ptxas={{.*}}none: no program of that name

// Of 256 threads two workgroups leave 128 registers each, one leaves 255.

// CHECK-LABEL: gpu.module @search
// CHECK: llvm.func @at_two_nonex24() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 128 : i32,
// CHECK: llvm.func @at_one_otherx24_255x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32,
// SEARCH: llvm.func @fewer_255x24_nonex8_248x8_240x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 240 : i32,
// SEARCH: llvm.func @unbounded_168x24_nonex0_otherx8() attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid =
// KEEP: llvm.func @fewer_255x24_nonex8_248x8_240x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32,
// KEEP: llvm.func @unbounded_168x24_nonex0_otherx8() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32,
// Not spilled: left alone.
// CHECK: llvm.func @fits_otherx8_nonex0() attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid =
// CHECK: llvm.func @bounded_otherx8_160x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 160 : i32,

gpu.module @search [#nvvm.target<chip = "sm_80">] {
  llvm.func @at_two_nonex24() attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @at_one_otherx24_255x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxntid = array<i32: 128, 2, 1>} {
    llvm.return
  }
  llvm.func @fewer_255x24_nonex8_248x8_240x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @unbounded_168x24_nonex0_otherx8() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32, nvvm.reqntid = array<i32: 128, 1, 1>} {
    llvm.return
  }
  llvm.func @fits_otherx8_nonex0() attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @bounded_otherx8_160x0() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 160 : i32, nvvm.reqntid = array<i32: 128, 1, 1>} {
    llvm.return
  }
}

// -----

// Spilled under every bound: the fewest bytes win, of several the first bound.

gpu.module @always [#nvvm.target<chip = "sm_80">] {
  // CHECK-LABEL: gpu.module @always
  // SEARCH: llvm.func @always_otherx24_248x8_240x8() attributes {{.*}}nvvm.maxnreg = 248 : i32
  // KEEP: llvm.func @always_otherx24_248x8_240x8() attributes {{.*}}nvvm.maxnreg = 255 : i32
  // expected-warning @+1 {{ptxas spills 8 bytes of registers of 'always_otherx24_248x8_240x8'; bounds that were tried: 255, none, 248, 240, 232, 224; smaller tiles take fewer registers}}
  llvm.func @always_otherx24_248x8_240x8() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  // Few registers: their number is bounded by that of workgroups alone.
  // expected-warning @+1 {{ptxas spills 16 bytes of registers of 'large_otherx16'; bounds that were tried: none, 128, 120, 112, 104, 96, 255, 248, 240, 232, 224; }}
  llvm.func @large_otherx16() attributes {gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  // Without its number of threads nothing is known of bounds.
  // expected-warning @+1 {{ptxas spills 4 bytes of registers of 'threads_nonex4'; bounds that were tried: none; }}
  llvm.func @threads_nonex4() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// expected-error @+1 {{expected a #nvvm.target, which names the chip}}
gpu.module @untargeted {
}
