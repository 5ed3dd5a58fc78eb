// Kernels whose registers ptxas spills get another bound. What is spilled is
// in the kernels' names here, see Inputs/fake_ptxas.py.

// RUN: attn-opt %s --split-input-file --verify-diagnostics --attn-bound-registers=ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s

// Of 256 threads two workgroups leave 128 registers each, one leaves 255.

// CHECK-LABEL: gpu.module @search
// CHECK: llvm.func @at_two_nonex24() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 128 : i32,
// CHECK: llvm.func @at_one_otherx24_255x0() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32,
// CHECK: llvm.func @fewer_255x24_nonex8_248x8_240x0() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 240 : i32,
// CHECK: llvm.func @unbounded_168x24_nonex0_otherx8() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid =
// What is not spilled is left alone.
// CHECK: llvm.func @fits_otherx8_nonex0() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid =
// CHECK: llvm.func @bounded_otherx8_160x0() attributes {attn.chosen_max_registers = {{[0-9]+}} : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 160 : i32,

gpu.module @search [#nvvm.target<chip = "sm_80">] {
  llvm.func @at_two_nonex24() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @at_one_otherx24_255x0() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 128, 2, 1>} {
    llvm.return
  }
  llvm.func @fewer_255x24_nonex8_248x8_240x0() attributes {attn.chosen_max_registers = 255 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @unbounded_168x24_nonex0_otherx8() attributes {attn.chosen_max_registers = 168 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32, nvvm.reqntid = array<i32: 128, 1, 1>} {
    llvm.return
  }
  llvm.func @fits_otherx8_nonex0() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @bounded_otherx8_160x0() attributes {attn.chosen_max_registers = 160 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 160 : i32, nvvm.reqntid = array<i32: 128, 1, 1>} {
    llvm.return
  }
}

// -----

// Spilled under every bound: the fewest bytes win, of several the first bound.

gpu.module @always [#nvvm.target<chip = "sm_80">] {
  // CHECK-LABEL: gpu.module @always
  // CHECK: llvm.func @always_otherx24_248x8_240x8() attributes {{.*}}nvvm.maxnreg = 248 : i32
  // expected-warning @+1 {{ptxas spills 8 bytes of registers of 'always_otherx24_248x8_240x8'; bounds that were tried: 255, none, 248, 240, 232, 224; smaller tiles take fewer registers}}
  llvm.func @always_otherx24_248x8_240x8() attributes {attn.chosen_max_registers = 255 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 255 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  // Of two workgroups a few bounds, then those of one.
  // CHECK: llvm.func @two_otherx16_120x8() attributes {{.*}}nvvm.maxnreg = 120 : i32
  // expected-warning @+1 {{ptxas spills 8 bytes of registers of 'two_otherx16_120x8'; bounds that were tried: none, 128, 120, 255, 248, 240, 232, 224; smaller tiles take fewer registers}}
  llvm.func @two_otherx16_120x8() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  // Without its number of threads nothing is known of bounds.
  // expected-warning @+1 {{ptxas spills 4 bytes of registers of 'threads_nonex4'; bounds that were tried: none; smaller}}
  llvm.func @threads_nonex4() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel} {
    llvm.return
  }
  // expected-warning @+1 {{ptxas spills 4 bytes of registers of 'zero_nonex4'; bounds that were tried: none; smaller}}
  llvm.func @zero_nonex4() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 0, 1, 1>} {
    llvm.return
  }
  // expected-warning @+1 {{ptxas spills 4 bytes of registers of 'many_nonex4'; bounds that were tried: none; smaller}}
  llvm.func @many_nonex4() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 1073741824, 1073741824, 16>} {
    llvm.return
  }
  // Nor without its number of registers.
  // expected-warning @+1 {{ptxas spills 4 bytes of registers of 'unused_nonex4'; bounds that were tried: none; smaller}}
  llvm.func @unused_nonex4() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  // Pinned, or not ours.
  // CHECK: llvm.func @pinned_168x24() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32,
  // expected-warning @+1 {{ptxas spills 24 bytes of registers of 'pinned_168x24'; bounds that were tried: 168}}
  llvm.func @pinned_168x24() attributes {gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
}

// -----

// Of a bound that is not the one that was chosen a user has thought.

// CHECK-LABEL: gpu.module @edited
// CHECK: llvm.func @edited_168x8_nonex0() attributes {{.*}}nvvm.maxnreg = 168 : i32
gpu.module @edited [#nvvm.target<chip = "sm_80">] {
  // expected-warning @+1 {{ptxas spills 8 bytes of registers of 'edited_168x8_nonex0'; bounds that were tried: 168}}
  llvm.func @edited_168x8_nonex0() attributes {attn.chosen_max_registers = 255 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 168 : i32, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
}

// -----

// A bound that ptxas does not take, or of which it says nothing, does not help.

// CHECK-LABEL: gpu.module @failing
// CHECK: llvm.func @refused_nonex8_128xfail() attributes {{.*}}nvvm.maxnreg = 120 : i32
// CHECK: llvm.func @beside_otherx8_128x0() attributes {{.*}}nvvm.maxnreg = 128 : i32
gpu.module @failing [#nvvm.target<chip = "sm_80">] {
  llvm.func @refused_nonex8_128xfail() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
  llvm.func @beside_otherx8_128x0() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
}

// -----

// CHECK-LABEL: gpu.module @silent
// CHECK: llvm.func @silent_nonex8_128xnothing() attributes {{.*}}nvvm.maxnreg = 120 : i32
gpu.module @silent [#nvvm.target<chip = "sm_80">] {
  llvm.func @silent_nonex8_128xnothing() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
}

// -----

// Modules have bounds of their own; the first target counts.

// CHECK-LABEL: gpu.module @one
// CHECK: nvvm.maxnreg = 128 : i32
// CHECK-LABEL: gpu.module @other
// CHECK: nvvm.maxnreg = 168 : i32
gpu.module @one [#nvvm.target<chip = "sm_80">, #nvvm.target<chip = "sm_89">] {
  llvm.func @one_nonex8() attributes {attn.chosen_max_registers = 0 : i64, gpu.kernel, nvvm.kernel, nvvm.reqntid = array<i32: 256, 1, 1>} {
    llvm.return
  }
}
gpu.module @other [#nvvm.target<chip = "sm_80">] {
  llvm.func @other_otherx8_168x0() attributes {attn.chosen_max_registers = 128 : i64, gpu.kernel, nvvm.kernel, nvvm.maxnreg = 128 : i32, nvvm.reqntid = array<i32: 128, 1, 1>} {
    llvm.return
  }
}

// -----

// expected-error @+1 {{expected a #nvvm.target, which names the chip}}
gpu.module @untargeted {
}

// -----

// expected-error @+1 {{unknown chip 'sm_70', expected sm_80, }}
gpu.module @unknown [#nvvm.target<chip = "sm_70">] {
}

// -----

// expected-error @+1 {{the GPU module 'names' defines 'a-b c', expected a name of letters, digits, _ and $ that PTX takes}}
gpu.module @names [#nvvm.target<chip = "sm_80">] {
  llvm.func @"a-b c"() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// expected-error @+1 {{the GPU module 'short' defines '_', expected a name of letters, digits, _ and $ that PTX takes}}
gpu.module @short [#nvvm.target<chip = "sm_80">] {
  llvm.func @_() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
