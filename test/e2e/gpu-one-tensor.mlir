// One tensor may be queries and keys, or values, or all: their tiles are the
// same where one holds them all.

// DEFINE: %{type} = f16
// DEFINE: %{run} = sed 's/f16/%{type}/g' %s > %t.mlir && attn-run %t.mlir --device=ptx --target=sm_80 --input=1x2x40x16x%{type}=random:1 --input=1x2x40x16x%{type}=random:2 --output=@%t.0.npy --output=@%t.1.npy --output=@%t.2.npy --output=@%t.3.npy --check --tolerance
// RUN: %{run}=4e-4 | FileCheck %s
// RUN: %{run}=4e-4 --attn-schedule=kv_tile=16,query_tile=64 | FileCheck %s
// RUN: attn-opt %s --attn-to-nvvm="chip=sm_80 schedule=print" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TILE
// REDEFINE: %{type} = f32
// RUN: %{run}=1e-6 | FileCheck %s
// REDEFINE: %{type} = bf16
// RUN: %{run}=4e-3 | FileCheck %s

// TILE: chosen #attn.gpu_schedule<query_tile = 64, kv_tile = 64,
// CHECK: check: result 0: max error
// CHECK: check: result 1: max error
// CHECK: check: result 2: max error
// CHECK: check: result 3: max error
!t = tensor<1x2x40x16xf16>
func.func @main(%q: !t, %k: !t) -> (!t, !t, !t, tensor<1x2x40xf32>) {
  %all, %lse = attn.sdpa query(%q) key(%q) value(%q) causal : (!t, !t, !t) -> (!t, tensor<1x2x40xf32>)
  %value = attn.sdpa query(%q) key(%k) value(%q) : (!t, !t, !t) -> !t
  %key = attn.sdpa query(%q) key(%q) value(%k) : (!t, !t, !t) -> !t
  return %all, %value, %key, %lse : !t, !t, !t, tensor<1x2x40xf32>
}
