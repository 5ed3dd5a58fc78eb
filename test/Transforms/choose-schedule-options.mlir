// Schedules for a CPU that an option pins, and what is said of them.

// RUN: attn-opt %s --attn-choose-schedule="target-cpu=x86-64-v3 schedule=kv_tile=128,print" 2>&1 | FileCheck %s
// RUN: not attn-opt %s --attn-choose-schedule="target-cpu=x86-64-v3 schedule=query_tile=25" 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not attn-opt %s --attn-choose-schedule="schedule=warps=2" 2>&1 | FileCheck %s --check-prefix=FIELD
// RUN: not attn-opt %s --attn-to-cpu="schedule=warps=2" 2>&1 | FileCheck %s --check-prefix=FIELD

// CHECK: remark: chosen #attn.schedule<queries = lanes, {{.*}}kv_tile = 128, {{.*}}> for x86-64-v3: panels of 3 vectors of 8 queries, by register tiles of 4 x {{[0-9]+}} of 16 vectors; a tile of keys and values takes 65536 of {{[0-9]+}} bytes of L2
// CHECK: remark: chosen #attn.schedule<queries = rows, {{.*}}kv_tile = 128, {{.*}}> for x86-64-v3: a decode step of 4 rows, at most 32, which reads keys and values once; scores of a tile take 2048 of {{[0-9]+}} bytes of L1, a tile of keys and values 65536 bytes; keys in {{[0-9]+}} parts for 1 thread
// CHECK: remark: pinned #attn.schedule<{{.*}}kv_tile = 32,
// CHECK-LABEL: func @prefill
// CHECK: schedule(<queries = lanes, {{.*}}kv_tile = 128,
// TILE: error: 'attn.sdpa' op schedule's query_tile 25 is not a multiple of query_panel 24
// FIELD: error: schedule 'warps=2': expected print or one of query_tile=, query_panel=, kv_tile=, kv_splits=, key_align=
func.func @prefill(%q: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %o : tensor<1x8x512x64xf32>
}

func.func @decode(%q: tensor<1x8x1x64xf32>, %k: tensor<1x2x4096x64xf32>) -> tensor<1x8x1x64xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x8x1x64xf32>, tensor<1x2x4096x64xf32>, tensor<1x2x4096x64xf32>) -> tensor<1x8x1x64xf32>
  return %o : tensor<1x8x1x64xf32>
}

// What the operation says stays.
// CHECK-LABEL: func @pinned
// CHECK: schedule(<queries = lanes, query_tile = 24, query_panel = 24, kv_tile = 32,
func.func @pinned(%q: tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 24, query_panel = 24, kv_tile = 32, kv_splits = 1>) : (tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>, tensor<1x8x512x64xf32>) -> tensor<1x8x512x64xf32>
  return %o : tensor<1x8x512x64xf32>
}
