// What an option asks for is checked like what an attribute does.

// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_86 schedule=kv_tile=256" 2>&1 | FileCheck %s --check-prefix=SHARED
// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_86 schedule=stages=100" 2>&1 | FileCheck %s --check-prefix=STAGES
// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_86 schedule=query_tile=8" 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_42" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-opt %s --attn-to-nvvm="chip=sm_42" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-opt %s --attn-gpu-tile-stage="chip=sm_42" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-translate %s --emit=ptx --chip=sm_42 2>&1 | FileCheck %s --check-prefix=CHIP

// SHARED: options-invalid.mlir:[[# @LINE + 6]]:8: error: 'attn.sdpa' op has a GPU schedule, #attn.gpu_schedule<{{.*}}kv_tile = 256, {{.*}}>, that takes {{[0-9]+}} bytes of shared memory, sm_86 has 101376; kv_tile = {{[0-9]+}} fits
// STAGES: error: 'attn.sdpa' op has a GPU schedule, #attn.gpu_schedule<{{.*}}stages = 100, {{.*}}>, that takes {{[0-9]+}} bytes of shared memory, sm_86 has 101376; stages = {{[2-4]}} fits
// ROWS: options-invalid.mlir:[[# @LINE + 4]]:8: error: 'attn.sdpa' op has a GPU schedule with query_tile = 8, expected at least 16
// CHIP: options-invalid.mlir:[[# @LINE + 3]]:8: error: {{.*}}unknown chip 'sm_42', expected sm_80, {{.*}}
// CHIP-NOT: error:
func.func @main(%q: tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16>
  return %o : tensor<1x1x512x128xf16>
}
