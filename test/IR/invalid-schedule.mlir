// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @schedule_query_tile(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's query_tile is 0, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = rows, query_tile = 0, query_panel = 1, kv_tile = 1, kv_splits = 1>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @schedule_query_panel(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's query_panel is 0, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = rows, query_tile = 1, query_panel = 0, kv_tile = 1, kv_splits = 1>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @schedule_kv_tile(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's kv_tile is -1, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = -1, kv_splits = 1>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @schedule_kv_splits(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's kv_splits is 0, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 1, kv_splits = 0>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @gpu_schedule_stages(%q: tensor<1x4x3x8xf16>, %k: tensor<1x2x5x8xf16>) {
  // expected-error @below {{schedule's stages is 2305843009213693952, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 16, kv_tile = 64, warps = 1, stages = 2305843009213693952, kv_splits = 1, query_in_registers = true>) : (tensor<1x4x3x8xf16>, tensor<1x2x5x8xf16>, tensor<1x2x5x8xf16>) -> tensor<1x4x3x8xf16>
  return
}

// -----

func.func @gpu_schedule_registers(%q: tensor<1x4x3x8xf16>, %k: tensor<1x2x5x8xf16>) {
  // expected-error @below {{schedule's max_registers is 65537, expected 0 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 16, kv_tile = 64, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 65537>) : (tensor<1x4x3x8xf16>, tensor<1x2x5x8xf16>, tensor<1x2x5x8xf16>) -> tensor<1x4x3x8xf16>
  return
}

// -----

func.func @schedule_key_align(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's key_align is 0, expected 1 to 65536}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = lanes, query_tile = 48, query_panel = 48, kv_tile = 64, kv_splits = 1, key_align = 0>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @schedule_panels(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{schedule's query_tile 100 is not a multiple of query_panel 48}}
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = lanes, query_tile = 100, query_panel = 48, kv_tile = 64, kv_splits = 1>) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}
