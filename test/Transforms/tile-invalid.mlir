// RUN: attn-opt %s --attn-tile --split-input-file --verify-diagnostics

func.func @f64(%q: tensor<1x1x8x16xf64>) -> tensor<1x1x8x16xf64> {
  // expected-error @below {{'attn.sdpa' op has a schedule and operands of 'f64', expected f32, f16 or bf16}}
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>) : (tensor<1x1x8x16xf64>, tensor<1x1x8x16xf64>, tensor<1x1x8x16xf64>) -> tensor<1x1x8x16xf64>
  return %o : tensor<1x1x8x16xf64>
}

// -----

func.func @head_dim(%q: tensor<1x1x8x?xf32>) -> tensor<1x1x8x?xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule and a dynamic head_dim, expected static head dimensions}}
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>) : (tensor<1x1x8x?xf32>, tensor<1x1x8x?xf32>, tensor<1x1x8x?xf32>) -> tensor<1x1x8x?xf32>
  return %o : tensor<1x1x8x?xf32>
}

// -----

func.func @value_head_dim(%q: tensor<1x1x8x16xf32>, %v: tensor<1x1x8x?xf32>) -> tensor<1x1x8x?xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule and a dynamic head_dim, expected static head dimensions}}
  %o = attn.sdpa query(%q) key(%q) value(%v) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>) : (tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32>, tensor<1x1x8x?xf32>) -> tensor<1x1x8x?xf32>
  return %o : tensor<1x1x8x?xf32>
}

// -----

func.func @dynamic_heads(%q: tensor<1x?x1x16xf32>, %kv: tensor<1x1x32x16xf32>) -> tensor<1x?x1x16xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule with queries = rows and dynamic heads or queries, expected static numbers of both}}
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 16, kv_splits = 1>) : (tensor<1x?x1x16xf32>, tensor<1x1x32x16xf32>, tensor<1x1x32x16xf32>) -> tensor<1x?x1x16xf32>
  return %o : tensor<1x?x1x16xf32>
}

// -----

func.func @no_kv_heads(%q: tensor<1x0x1x16xf32>, %kv: tensor<1x0x32x16xf32>) -> tensor<1x0x1x16xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule with queries = rows and no KV heads, expected at least one}}
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 16, kv_splits = 1>) : (tensor<1x0x1x16xf32>, tensor<1x0x32x16xf32>, tensor<1x0x32x16xf32>) -> tensor<1x0x1x16xf32>
  return %o : tensor<1x0x1x16xf32>
}

// -----

func.func @part_of_the_queries(%q: tensor<1x2x4x16xf32>, %kv: tensor<1x1x32x16xf32>) -> tensor<1x2x4x16xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule with queries = rows and query_tile = 2, expected the 4 queries of a head}}
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = rows, query_tile = 2, query_panel = 2, kv_tile = 16, kv_splits = 1>) : (tensor<1x2x4x16xf32>, tensor<1x1x32x16xf32>, tensor<1x1x32x16xf32>) -> tensor<1x2x4x16xf32>
  return %o : tensor<1x2x4x16xf32>
}

// -----

func.func @paired_rows(%q: tensor<1x1x1x16xbf16>, %kv: tensor<1x1x32x16xbf16>) -> tensor<1x1x1x16xbf16> {
  // expected-error @below {{'attn.sdpa' op has a schedule with paired = scores, expected queries = lanes and queries and keys of bf16 with an even head_dim, contiguous along it}}
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 16, kv_splits = 1, paired = scores>) : (tensor<1x1x1x16xbf16>, tensor<1x1x32x16xbf16>, tensor<1x1x32x16xbf16>) -> tensor<1x1x1x16xbf16>
  return %o : tensor<1x1x1x16xbf16>
}

// -----

func.func @paired_f16(%q: tensor<1x1x8x16xf16>) -> tensor<1x1x8x16xf16> {
  // expected-error @below {{has a schedule with paired = scores, expected}}
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1, paired = scores>) : (tensor<1x1x8x16xf16>, tensor<1x1x8x16xf16>, tensor<1x1x8x16xf16>) -> tensor<1x1x8x16xf16>
  return %o : tensor<1x1x8x16xf16>
}

// -----

func.func @paired_odd(%q: tensor<1x1x8x15xbf16>) -> tensor<1x1x8x15xbf16> {
  // expected-error @below {{has a schedule with paired = scores, expected}}
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1, paired = scores>) : (tensor<1x1x8x15xbf16>, tensor<1x1x8x15xbf16>, tensor<1x1x8x15xbf16>) -> tensor<1x1x8x15xbf16>
  return %o : tensor<1x1x8x15xbf16>
}

// -----

func.func @rows_without_heads(%q: tensor<1x0x1x16xf32>, %kv: tensor<1x1x32x16xf32>) -> tensor<1x0x1x16xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule with queries = rows and no query heads, expected at least one}}
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 16, kv_splits = 1>) : (tensor<1x0x1x16xf32>, tensor<1x1x32x16xf32>, tensor<1x1x32x16xf32>) -> tensor<1x0x1x16xf32>
  return %o : tensor<1x0x1x16xf32>
}
