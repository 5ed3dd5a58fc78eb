// RUN: attn-opt %s -verify-diagnostics --attn-check-tiled
// RUN: attn-opt %s -verify-diagnostics --attn-gpu-bufferize
// RUN: attn-opt %s -verify-diagnostics --attn-cpu-bufferize

func.func @sdpa(%q: tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16> {
  // expected-error @below {{'attn.sdpa' op is not tiled, expected loops over tiles: run attn-cpu-tile or attn-gpu-tile-stage first}}
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>, tensor<1x1x16x16xf16>) -> tensor<1x1x16x16xf16>
  return %o : tensor<1x1x16x16xf16>
}
