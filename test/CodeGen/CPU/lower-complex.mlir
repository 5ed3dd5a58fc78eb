// RUN: attn-opt %s --attn-lower-complex | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK-NOT: complex.
// CHECK: llvm.insertvalue %{{.*}}[1] : !llvm.struct<(f32, f32)>
// CHECK-NOT: complex.
// CHECK: return
func.func @f(%x: f32, %y: f32) -> f32 {
  %z = complex.create %x, %y : complex<f32>
  %r = complex.abs %z : complex<f32>
  return %r : f32
}
