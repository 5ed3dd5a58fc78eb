// A cubin is made with bounds on registers under which ptxas spills nothing,
// but for bounds that are the user's. What is spilled is in the kernels' names
// here, see Inputs/fake_ptxas.py.

// RUN: split-file %s %t
// RUN: attn-translate --emit=cubin %t/attention.mlir --ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s --check-prefix=CUBIN
// CUBIN: f_nonex8_248x8_kernel: 128

// RUN: attn-translate --emit=ptx %t/attention.mlir | FileCheck %s --check-prefix=PTX
// PTX: .entry f_nonex8_248x8_kernel(
// PTX-NOT: .maxnreg

// RUN: attn-translate --emit=ptx --bound-registers %t/attention.mlir --ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s --check-prefix=BOUND
// BOUND: .entry f_nonex8_248x8_kernel(
// BOUND: .maxnreg 128

// By an option, by an attribute, and by either half way down.
// RUN: attn-translate --emit=cubin %t/pinned.mlir --gpu-module=f_168x8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py -o %t/attribute 2>&1 | FileCheck %s --check-prefix=WARN
// RUN: FileCheck %s --check-prefix=PINNED --input-file=%t/attribute
// RUN: attn-translate --emit=cubin %t/attention.mlir --attn-schedule=max_registers=248 --ptxas=%attn_source/test/Inputs/fake_ptxas.py -o %t/option 2>/dev/null
// RUN: FileCheck %s --check-prefix=OPTION --input-file=%t/option
// RUN: attn-translate --emit=cubin %t/attention.mlir --attn-schedule=max_registers=0 --ptxas=%attn_source/test/Inputs/fake_ptxas.py 2>&1 | FileCheck %s --check-prefix=FREE
// RUN: attn-opt --attn-gpu-tile-stage %t/pinned.mlir | attn-translate --emit=cubin --gpu-module=f_168x8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py 2>/dev/null | FileCheck %s --check-prefix=PINNED
// RUN: attn-opt --attn-to-nvvm %t/pinned.mlir | attn-translate --emit=cubin --gpu-module=f_168x8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py 2>/dev/null | FileCheck %s --check-prefix=PINNED
// WARN: pinned.mlir:4:8: warning: ptxas spills 8 bytes of registers of 'f_168x8_kernel'; bounds that were tried: 168
// PINNED: f_168x8_kernel: 168
// OPTION: f_nonex8_248x8_kernel: 248
// FREE: warning: ptxas spills 8 bytes of registers of 'f_nonex8_248x8_kernel'; bounds that were tried: none
// FREE: f_nonex8_248x8_kernel: none

// An option pins what was chosen before, and so does an edit.
// RUN: attn-opt --attn-choose-gpu-schedule %t/attention.mlir -o %t/chosen.mlir
// RUN: sed -e 's/gpu_schedule(<[^>]*>)//' %t/chosen.mlir | attn-translate --emit=cubin --attn-schedule=max_registers=248 --ptxas=%attn_source/test/Inputs/fake_ptxas.py 2>/dev/null | FileCheck %s --check-prefix=OPTION
// RUN: sed -e 's/query_in_registers = true>/query_in_registers = true, max_registers = 248>/' %t/chosen.mlir | attn-translate --emit=cubin --ptxas=%attn_source/test/Inputs/fake_ptxas.py 2>/dev/null | FileCheck %s --check-prefix=OPTION

// What the model chose may be bounded, beside what is pinned and half way down.
// RUN: attn-translate --emit=cubin %t/pinned.mlir --gpu-module=g_nonex8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s --check-prefix=BESIDE
// RUN: attn-opt --attn-choose-gpu-schedule %t/pinned.mlir | attn-translate --emit=cubin --gpu-module=g_nonex8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s --check-prefix=BESIDE
// RUN: attn-opt --attn-to-nvvm %t/pinned.mlir | attn-translate --emit=cubin --gpu-module=g_nonex8_kernel --ptxas=%attn_source/test/Inputs/fake_ptxas.py | FileCheck %s --check-prefix=BESIDE
// BESIDE: g_nonex8_kernel: 128

// RUN: not attn-translate --emit=llvm --bound-registers %t/attention.mlir 2>&1 | FileCheck %s --check-prefix=IR
// IR: error: --bound-registers: expected --emit=ptx or --emit=cubin

//--- attention.mlir
!t = tensor<1x1x64x64xf16>
func.func @f_nonex8_248x8(%q: !t, %k: !t, %v: !t) -> !t {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (!t, !t, !t) -> !t
  return %o : !t
}

//--- pinned.mlir
!t = tensor<1x1x16x64xf16>
!kv = tensor<1x1x512x64xf16>
func.func @f_168x8(%q: !t, %kv: !kv) -> !t {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 168>) : (!t, !kv, !kv) -> !t
  return %o : !t
}
func.func @g_nonex8(%q: !t, %k: !t) -> !t {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (!t, !t, !t) -> !t
  return %o : !t
}
