// RUN: attn-opt %s -split-input-file -verify-diagnostics --attn-gpu-tile

func.func @f64(%q: tensor<1x1x16x16xf64>) -> tensor<1x1x16x16xf64> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule and operands of 'f64', expected f32, f16 or bf16}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x16x16xf64>, tensor<1x1x16x16xf64>, tensor<1x1x16x16xf64>) -> tensor<1x1x16x16xf64>
  return %o : tensor<1x1x16x16xf64>
}

// -----

func.func @dynamic(%q: tensor<1x1x16x?xf16>) -> tensor<1x1x16x?xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule and a dynamic head_dim, expected static head dimensions}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x16x?xf16>, tensor<1x1x16x?xf16>, tensor<1x1x16x?xf16>) -> tensor<1x1x16x?xf16>
  return %o : tensor<1x1x16x?xf16>
}
