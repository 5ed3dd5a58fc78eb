// Attention of one layer of Llama 3.1 8B over a prompt: 32 query heads share 8
// KV heads in groups of four. The context's length is known when it runs.

func.func @prefill(%q: tensor<1x32x?x128xf32>, %k: tensor<1x8x?x128xf32>,
                   %v: tensor<1x8x?x128xf32>) -> tensor<1x32x?x128xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<1x32x?x128xf32>, tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>)
      -> tensor<1x32x?x128xf32>
  return %o : tensor<1x32x?x128xf32>
}
