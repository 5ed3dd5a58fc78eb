// RUN: attn-translate --mlir-to-llvmir %s | FileCheck %s
// RUN: not attn-translate %s 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK: define float @f(float %0)
// NONE: Translations to perform option: must be specified at least once
llvm.func @f(%x: f32) -> f32 {
  llvm.return %x : f32
}
