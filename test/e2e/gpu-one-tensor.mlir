// One tensor may be queries and keys, or values, or all: their tiles are the
// same where one holds them all.

// DEFINE: %{run} = attn-run %s --device=ptx --target=sm_80 --input=1x2x40x16xf16=random:1 --input=1x2x40x16xf16=random:2 --output=@%t.0.npy --output=@%t.1.npy --output=@%t.2.npy --check --tolerance=4e-4
// RUN: %{run} | FileCheck %s
// RUN: %{run} --attn-schedule=kv_tile=16,query_tile=64 | FileCheck %s
// RUN: attn-opt %s --attn-to-nvvm="chip=sm_80 schedule=print" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TILE

// TILE: chosen #attn.gpu_schedule<query_tile = 64, kv_tile = 64,
// CHECK: check: result 0: max error
// CHECK: check: result 1: max error
// CHECK: check: result 2: max error
!t = tensor<1x2x40x16xf16>
func.func @main(%q: !t, %k: !t) -> (!t, !t, !t) {
  %all = attn.sdpa query(%q) key(%q) value(%q) : (!t, !t, !t) -> !t
  %value = attn.sdpa query(%q) key(%k) value(%q) : (!t, !t, !t) -> !t
  %key = attn.sdpa query(%q) key(%q) value(%k) : (!t, !t, !t) -> !t
  return %all, %value, %key : !t, !t, !t
}
