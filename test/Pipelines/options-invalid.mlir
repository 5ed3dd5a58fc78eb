// Every stage knows an unknown CPU, and none an option that it has not.

// RUN: not attn-opt %s --attn-to-cpu=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-cpu-tile=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-cpu-bufferize=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-cpu-vectorize=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-cpu-to-llvm=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-gpu-host-to-llvm=target-cpu=pentium17 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-to-nvvm=chip=sm_60 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-opt %s --attn-gpu-to-nvvm=chip=sm_60 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-opt %s --attn-to-cpu=cpu=znver4 2>&1 | FileCheck %s --check-prefix=OPTION

// CHECK: error: unknown CPU 'pentium17', expected host or a name that LLVM knows for x86-64 or AArch64, such as x86-64-v3, znver4 or apple-m2
// CHECK-NOT: func.func
// CHIP: error: unknown chip 'sm_60', expected sm_80, {{.*}}
// OPTION: no such option cpu
func.func @f() {
  return
}
