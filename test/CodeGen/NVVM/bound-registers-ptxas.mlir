// One line for a ptxas that is not there or does nothing, however many modules.

// RUN: not attn-opt %s --attn-bound-registers=ptxas=%t/none 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING-NOT: {{error|note}}
// MISSING: bound-registers-ptxas.mlir:[[@LINE+7]]:1: error: ptxas '{{.*}}none': no program of that name
// MISSING-NOT: {{error|note}}

// RUN: not attn-opt %s --attn-bound-registers=ptxas=%true 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: bound-registers-ptxas.mlir:[[@LINE+3]]:1: error: {{.*}}true wrote no cubin
// NOTHING-NOT: {{error|note}}

gpu.module @one [#nvvm.target<chip = "sm_80">] {
}
gpu.module @other [#nvvm.target<chip = "sm_80">] {
}
