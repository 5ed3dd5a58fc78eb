// The same layer's next token: one query reads the keys and values of the
// whole context.

func.func @decode(%q: tensor<1x32x1x128xf32>, %k: tensor<1x8x?x128xf32>,
                  %v: tensor<1x8x?x128xf32>) -> tensor<1x32x1x128xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<1x32x1x128xf32>, tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>)
      -> tensor<1x32x1x128xf32>
  return %o : tensor<1x32x1x128xf32>
}
