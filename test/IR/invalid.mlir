// RUN: attn-opt %s --split-input-file --verify-diagnostics

func.func @key_element(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf16>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op element type of key is 'f16', expected 'f32' as in query}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf16>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @value_element(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf16>) {
  // expected-error @below {{'attn.sdpa' op element type of value is 'f16', expected 'f32' as in query}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf16>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @output_element(%q: tensor<1x4x3x8xbf16>, %k: tensor<1x2x5x8xbf16>, %v: tensor<1x2x5x8xbf16>) {
  // expected-error @below {{'attn.sdpa' op element type of output is 'f16', expected 'bf16' or 'f32'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xbf16>, tensor<1x2x5x8xbf16>, tensor<1x2x5x8xbf16>) -> tensor<1x4x3x8xf16>
  return
}

// -----

func.func @query_rank(%q: tensor<4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op operand #0 must be 4D tensor of 32-bit float or 16-bit float or bfloat16 type or 64-bit float values, but got 'tensor<4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @integer_elements(%q: tensor<1x4x3x8xi8>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op operand #0 must be 4D tensor of 32-bit float or 16-bit float or bfloat16 type or 64-bit float values, but got 'tensor<1x4x3x8xi8>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xi8>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @key_batch(%q: tensor<1x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op batch of key is 2, expected 1 as in query: key is 'tensor<2x2x5x8xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @value_batch(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op batch of value is 2, expected 1 as in query: value is 'tensor<2x2x5x8xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @key_head_dim(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x16xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op head_dim of key is 16, expected 8 as in query: key is 'tensor<1x2x5x16xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x16xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @value_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x4x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op heads of value is 4, expected 2 as in key: value is 'tensor<1x4x5x8xf32>', key is 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @value_seqlen(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x6x8xf32>) {
  // expected-error @below {{'attn.sdpa' op seqlen of value is 6, expected 5 as in key: value is 'tensor<1x2x6x8xf32>', key is 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @output_batch(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op batch of output is 2, expected 1 as in query: output is 'tensor<2x4x3x8xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<2x4x3x8xf32>
  return
}

// -----

func.func @output_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op heads of output is 2, expected 4 as in query: output is 'tensor<1x2x3x8xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  return
}

// -----

func.func @output_seqlen(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op seqlen of output is 5, expected 3 as in query: output is 'tensor<1x4x5x8xf32>', query is 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @output_head_dim(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op head_dim of output is 16, expected 8 as in value: output is 'tensor<1x4x3x16xf32>', value is 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x16xf32>
  return
}

// -----

func.func @layout_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op heads of value is 2, expected 5 as in key: value is 'tensor<1x2x5x8xf32>', key is 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(key = bshd) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @group(%q: tensor<1x4x3x8xf32>, %k: tensor<1x3x5x8xf32>, %v: tensor<1x3x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op has 4 query heads and 3 KV heads, expected a multiple of the KV heads: query is 'tensor<1x4x3x8xf32>', key is 'tensor<1x3x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x3x5x8xf32>, tensor<1x3x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @no_kv_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x0x5x8xf32>, %v: tensor<1x0x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op has 4 query heads and 0 KV heads, expected a multiple of the KV heads: query is 'tensor<1x4x3x8xf32>', key is 'tensor<1x0x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x0x5x8xf32>, tensor<1x0x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @bias_rank(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<3x5xf32>) {
  // expected-error @below {{'attn.sdpa' op bias is 'tensor<3x5xf32>', expected a tensor of rank 4 that broadcasts to batch x query heads x queries x keys}}
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<3x5xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @bias_dim0(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<2x4x3x5xf32>) {
  // expected-error @below {{'attn.sdpa' op bias is 'tensor<2x4x3x5xf32>', whose dimension 0 of 2 does not broadcast to the 1 batch of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<2x4x3x5xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @bias_dim1(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x2x3x5xf32>) {
  // expected-error @below {{'attn.sdpa' op bias is 'tensor<1x2x3x5xf32>', whose dimension 1 of 2 does not broadcast to the 4 query heads of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x3x5xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @bias_dim2(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x1x5x5xf32>) {
  // expected-error @below {{'attn.sdpa' op bias is 'tensor<1x1x5x5xf32>', whose dimension 2 of 5 does not broadcast to the 3 queries of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @bias_dim3(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x4x3x3xf32>) {
  // expected-error @below {{'attn.sdpa' op bias is 'tensor<1x4x3x3xf32>', whose dimension 3 of 3 does not broadcast to the 5 keys of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4x3x3xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_rank(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<3x5xi1>) {
  // expected-error @below {{'attn.sdpa' op keep is 'tensor<3x5xi1>', expected a tensor of rank 4 that broadcasts to batch x query heads x queries x keys}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<3x5xi1>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_dim0(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<2x4x3x5xi1>) {
  // expected-error @below {{'attn.sdpa' op keep is 'tensor<2x4x3x5xi1>', whose dimension 0 of 2 does not broadcast to the 1 batch of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<2x4x3x5xi1>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_dim1(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x2x3x5xi1>) {
  // expected-error @below {{'attn.sdpa' op keep is 'tensor<1x2x3x5xi1>', whose dimension 1 of 2 does not broadcast to the 4 query heads of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x3x5xi1>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_dim2(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x1x5x5xi1>) {
  // expected-error @below {{'attn.sdpa' op keep is 'tensor<1x1x5x5xi1>', whose dimension 2 of 5 does not broadcast to the 3 queries of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x1x5x5xi1>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_dim3(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x4x3x3xi1>) {
  // expected-error @below {{'attn.sdpa' op keep is 'tensor<1x4x3x3xi1>', whose dimension 3 of 3 does not broadcast to the 5 keys of query 'tensor<1x4x3x8xf32>' and key 'tensor<1x2x5x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4x3x3xi1>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @keep_element(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x4x3x5xf32>) {
  // expected-error @below {{'attn.sdpa' op operand #3 must be tensor of 1-bit signless integer values, but got 'tensor<1x4x3x5xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4x3x5xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @alibi_rank(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x4xf32>) {
  // expected-error @below {{'attn.sdpa' op alibi is 'tensor<1x4xf32>', expected a tensor of rank 1 with one element for each query head of query 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) alibi(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @alibi_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<2xf32>) {
  // expected-error @below {{'attn.sdpa' op alibi is 'tensor<2xf32>', expected a tensor of rank 1 with one element for each query head of query 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) alibi(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<2xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @sinks_rank(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<1x4xf32>) {
  // expected-error @below {{'attn.sdpa' op sinks is 'tensor<1x4xf32>', expected a tensor of rank 1 with one element for each query head of query 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) sinks(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<1x4xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @sinks_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: tensor<2xf32>) {
  // expected-error @below {{'attn.sdpa' op sinks is 'tensor<2xf32>', expected a tensor of rank 1 with one element for each query head of query 'tensor<1x4x3x8xf32>'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) sinks(%t) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, tensor<2xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @two_alignments(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %t: index) {
  // expected-error @below {{'attn.sdpa' op has both query_offset and causal(top_left), expected one of them}}
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%t) causal(top_left) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>, index) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @window_side(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op window side is -2, expected a number of positions below 2^62, or -1 for an open side}}
  %o = attn.sdpa query(%q) key(%k) value(%v) window(-2, 0) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @window_overflow(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op window side is 4611686018427387904, expected a number of positions below 2^62, or -1 for an open side}}
  %o = attn.sdpa query(%q) key(%k) value(%v) window(0, 4611686018427387904) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @softcap_zero(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op softcap is 0.000000e+00, expected a positive finite number}}
  %o = attn.sdpa query(%q) key(%k) value(%v) softcap(0.0) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @softcap_infinite(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op softcap is INF, expected a positive finite number}}
  %o = attn.sdpa query(%q) key(%k) value(%v) softcap(0x7F800000) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @scale_nan(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op scale is nan, expected a finite number}}
  %o = attn.sdpa query(%q) key(%k) value(%v) scale(0x7FC00000) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @lse_element(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op element type of lse is 'f64', expected 'f32'}}
  %o:2 = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> (tensor<1x4x3x8xf32>, tensor<1x4x3xf64>)
  return
}

// -----

func.func @lse_shape(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op lse is 'tensor<1x4x5xf32>', expected batch x query heads x queries of query 'tensor<1x4x3x8xf32>'}}
  %o:2 = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> (tensor<1x4x3x8xf32>, tensor<1x4x5xf32>)
  return
}

// -----

func.func @lse_rank(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op result #1 must be 3D tensor of 32-bit float or 64-bit float values, but got 'tensor<1x4xf32>'}}
  %o:2 = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> (tensor<1x4x3x8xf32>, tensor<1x4xf32>)
  return
}

// -----

func.func @window_sides(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op window has 1 sides, expected 2}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>, window = array<i64: 3>}> ({}, {}) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @score_blocks(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op region 'score' has 2 blocks, expected 1}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>}> ({
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    cf.br ^bb1
  ^bb1:
    attn.yield %s : f32
  }, {}) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @score_arguments(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op region 'score' has 1 arguments, expected 5}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>}> ({
  ^bb0(%s: f32):
    attn.yield %s : f32
  }, {}) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @score_argument_type(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op argument 1 of region 'score' is 'i32', expected 'index'}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>}> ({
  ^bb0(%s: f32, %b: i32, %h: index, %i: index, %j: index):
    attn.yield %s : f32
  }, {}) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @mask_argument_type(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op argument 3 of region 'mask' is 'i32', expected 'index'}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>}> ({}, {
  ^bb0(%b: index, %h: index, %i: index, %j: i32):
    %true = arith.constant true
    attn.yield %true : i1
  }) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @mask_terminator(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op region 'mask' ends in 'llvm.unreachable', expected 'attn.yield'}}
  %o = "attn.sdpa"(%q, %k, %v) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>}> ({}, {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    llvm.unreachable
  }) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @score_result(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op region 'score' yields 'index', expected 'f32'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
    attn.yield %b : index
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @score_type(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op argument 0 of region 'score' is 'f64', expected 'f32'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) : f64 {
    attn.yield %s : f64
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @mask_result(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op region 'mask' yields 'index', expected 'i1'}}
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
    attn.yield %b : index
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @side_effects(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op region 'score' holds memref.store, which has side effects; expected operations without}}
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
    memref.store %s, %m[] : memref<f32>
    attn.yield %s : f32
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func private @callee(%x: f32) -> f32 {
  return %x : f32
}
func.func @call(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{'attn.sdpa' op region 'score' holds func.call, whose side effects are not known; expected operations without}}
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
    %t = func.call @callee(%s) : (f32) -> f32
    attn.yield %t : f32
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @reads_memory(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %m: memref<f32>) {
  // expected-error @below {{'attn.sdpa' op region 'mask' holds memref.load, which has side effects; expected operations without}}
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
    %keep = scf.execute_region -> i1 {
      %x = memref.load %m[] : memref<f32>
      %zero = arith.constant 0.0 : f32
      %positive = arith.cmpf ogt, %x, %zero : f32
      scf.yield %positive : i1
    }
    attn.yield %keep : i1
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_alignment(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{unknown causal alignment 'middle', expected bottom_right or top_left}}
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(middle) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_layout(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{unknown layout 'sbhd', expected bhsd, bshd or bhds}}
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(query = sbhd) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_layout_operand(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{layout of 'lse', expected query, key, value or output}}
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(lse = bhsd) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_layout_twice(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{layout of 'key' is given twice}}
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(key = bhsd, key = bshd) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_window(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{expected ','}}
  %o = attn.sdpa query(%q) key(%k) value(%v) window(3) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_score_arguments(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{region 'score' has 2 arguments, expected 5: score, batch, head, query, key}}
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b) {
    attn.yield %s : f32
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @parse_mask_arguments(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{region 'mask' has 2 arguments, expected 4: batch, head, query, key}}
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h) {
    attn.yield %b : index
  } : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @no_head_dim(%q: tensor<1x4x3x0xf32>, %k: tensor<1x2x5x0xf32>, %v: tensor<1x2x5x8xf32>) {
  // expected-error @below {{head_dim of query 'tensor<1x4x3x0xf32>' is 0, expected at least 1}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x0xf32>, tensor<1x2x5x0xf32>, tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32>
  return
}

// -----

func.func @no_value_head_dim(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x0xf32>) {
  // expected-error @below {{head_dim of value 'tensor<1x2x5x0xf32>' is 0, expected at least 1}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x0xf32>) -> tensor<1x4x3x0xf32>
  return
}

// -----

func.func @stray_yield(%s: f32) -> f32 {
  // expected-error @below {{'attn.yield' op expects parent op to be one of 'attn.sdpa, attn.map'}}
  attn.yield %s : f32
}

// -----

func.func @merge_lses(%p: tensor<4x1x8x3x16xf32>, %l: tensor<2x1x8x3xf32>) {
  // expected-error @below {{'attn.merge' op partials are 'tensor<4x1x8x3x16xf32>' but partial_lses are 'tensor<2x1x8x3xf32>', expected the same parts x batch x heads x queries}}
  %o = attn.merge %p, %l : (tensor<4x1x8x3x16xf32>, tensor<2x1x8x3xf32>) -> tensor<1x8x3x16xf32>
  return
}

// -----

func.func @merge_output(%p: tensor<4x1x8x3x16xf32>, %l: tensor<4x1x8x3xf32>) {
  // expected-error @below {{'attn.merge' op output is 'tensor<1x8x3x8xf32>', expected the shape of partials 'tensor<4x1x8x3x16xf32>' without its first dimension}}
  %o = attn.merge %p, %l : (tensor<4x1x8x3x16xf32>, tensor<4x1x8x3xf32>) -> tensor<1x8x3x8xf32>
  return
}

// -----

func.func @merge_lse(%p: tensor<4x1x8x3x16xf32>, %l: tensor<4x1x8x3xf32>) {
  // expected-error @below {{'attn.merge' op lse is 'tensor<1x8x5xf32>', expected the shape of partial_lses 'tensor<4x1x8x3xf32>' without its first dimension}}
  %o:2 = attn.merge %p, %l : (tensor<4x1x8x3x16xf32>, tensor<4x1x8x3xf32>) -> (tensor<1x8x3x16xf32>, tensor<1x8x5xf32>)
  return
}

// -----

func.func @merge_lse_element(%p: tensor<4x1x8x3x16xf32>, %l: tensor<4x1x8x3xf32>) {
  // expected-error @below {{'attn.merge' op element type of lse is 'f64', expected 'f32' as in partial_lses}}
  %o:2 = attn.merge %p, %l : (tensor<4x1x8x3x16xf32>, tensor<4x1x8x3xf32>) -> (tensor<1x8x3x16xf32>, tensor<1x8x3xf64>)
  return
}

// -----

func.func @merge_rank(%p: tensor<1x8x3x16xf32>, %l: tensor<4x1x8x3xf32>) {
  // expected-error @below {{'attn.merge' op operand #0 must be 5D tensor of 32-bit float or 16-bit float or bfloat16 type or 64-bit float values, but got 'tensor<1x8x3x16xf32>'}}
  %o = attn.merge %p, %l : (tensor<1x8x3x16xf32>, tensor<4x1x8x3xf32>) -> tensor<1x8x3x16xf32>
  return
}
