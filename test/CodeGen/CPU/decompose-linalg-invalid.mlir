// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-decompose-linalg))" --split-input-file --verify-diagnostics

func.func @pack(%x: tensor<8xf32>, %n: index, %to: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{'linalg.pack' op cannot be decomposed, expected tensors with static inner tiles}}
  %r = linalg.pack %x inner_dims_pos = [0] inner_tiles = [%n] into %to : tensor<8xf32> -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
