// RUN: attn-opt %s --attn-choose-schedule=target-cpu=x86-64-v3 --split-input-file --verify-diagnostics

// A pinned schedule that would take the compiler minutes is an error before it
// is tried.
func.func @panels(%q: tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32> {
  // expected-error @below {{'attn.sdpa' op has a schedule whose query_tile 408 has 17 panels of 24, expected at most 16}}
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 408, query_panel = 24, kv_tile = 16, kv_splits = 1>) : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}

// -----

func.func @fits(%q: tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 384, query_panel = 24, kv_tile = 16, kv_splits = 1>) : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}
