// RUN: not attn-opt %s --attn-choose-schedule="target-cpu=pentium17" 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-to-cpu="target-cpu=pentium17" 2>&1 | FileCheck %s

// CHECK: error: unknown CPU 'pentium17', expected host or a name that LLVM knows for x86-64 or AArch64, such as x86-64-v3, znver4 or apple-m2
// CHECK-NOT: func.func
func.func @f() {
  return
}
