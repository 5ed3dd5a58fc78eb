// --attn-schedule pins fields of schedules and says what was chosen.

// RUN: attn-translate %s --emit=ptx --chip=sm_89 --attn-schedule=query_tile=16,warps=1,print -o /dev/null 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: attn-translate %s --emit=ptx --chip=sm_89 --attn-schedule=max_registers=128 | FileCheck %s --check-prefix=REGISTERS
// RUN: attn-run %s --device=ptx --target=sm_89 --attn-schedule=query_tile=16,warps=1,stages=3,print --input=1x1x40x16xf16=random:1 --output=@%t.npy --check 2>&1 | FileCheck %s --check-prefix=PTX
// RUN: attn-run %s --target-cpu=host --attn-schedule=kv_tile=32,print --input=1x1x40x16xf16=random:1 --output=@%t.npy --check 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-translate %s --emit=ptx --attn-schedule=rows=4 2>&1 | FileCheck %s --check-prefix=FIELD
// RUN: not attn-run %s --device=ptx --attn-schedule=query_panel=24 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not attn-run %s --attn-schedule=stages=2 2>&1 | FileCheck %s --check-prefix=HOST

// GPU: attn-schedule.mlir:[[# @LINE + 8]]:8: remark: chosen within the options #attn.gpu_schedule<query_tile = 16, {{.*}}warps = 1, {{.*}}> for sm_89:
// REGISTERS: .entry main_kernel(
// REGISTERS: .maxnreg 128
// PTX: remark: chosen within the options #attn.gpu_schedule<query_tile = 16, {{.*}}warps = 1, stages = 3, {{.*}}> for sm_89:
// PTX: check: result 0: max error {{[0-9.]+}}e-{{0[4-9]}}
// CPU: remark: chosen #attn.schedule<{{.*}}kv_tile = 32,
// CPU: check: result 0: max error {{[0-9.]+}}e-{{0[4-9]}}
func.func @main(%q: tensor<1x1x40x16xf16>) -> tensor<1x1x40x16xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x40x16xf16>, tensor<1x1x40x16xf16>, tensor<1x1x40x16xf16>) -> tensor<1x1x40x16xf16>
  return %o : tensor<1x1x40x16xf16>
}
// FIELD: error: schedule 'rows=4': expected print or one of query_tile=, kv_tile=, warps=, stages=, kv_splits=, query_in_registers=, max_registers=
// DEVICE: attn-run: error: --attn-schedule: schedule 'query_panel=24': expected print or one of query_tile=, kv_tile=, warps=
// HOST: attn-run: error: --attn-schedule: schedule 'stages=2': expected print or one of query_tile=, query_panel=, kv_tile=
