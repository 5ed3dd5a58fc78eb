// RUN: attn-opt %s --attn-linalg-to-loops --verify-diagnostics
// RUN: sed 's/-> tensor<4xf32> {/-> tensor<4xf32> attributes {attn.kernel} {/' %s | attn-opt --attn-register-tile --verify-diagnostics
// RUN: sed 's/-> tensor<4xf32> {/-> tensor<4xf32> attributes {attn.kernel} {/' %s | attn-opt --attn-vectorize --verify-diagnostics

func.func @tensors(%a: tensor<4xf32>, %x: f32) -> tensor<4xf32> {
  // expected-error @below {{'linalg.fill' op is on tensors, expected buffers: run one-shot-bufferize first}}
  %r = linalg.fill ins(%x : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
