// RUN: not attn-opt %s --attn-choose-schedule="target-cpu=pentium17" 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-choose-schedule="threads=0" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not attn-opt %s --attn-to-cpu="threads=0" 2>&1 | FileCheck %s --check-prefix=THREADS

// CHECK: error: unknown CPU 'pentium17', expected host or a name that LLVM knows for x86-64 or AArch64, such as x86-64-v3, znver4 or apple-m2
// CHECK-NOT: func.func
// THREADS: error: threads is 0, expected a positive number
func.func @f() {
  return
}
