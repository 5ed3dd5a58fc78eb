// What gets no schedule is said, at the op, with the reason and what would help.

// RUN: attn-opt %s --attn-choose-schedule --split-input-file --verify-diagnostics

func.func @f64(%q: tensor<1x1x64x16xf64>) -> tensor<1x1x64x16xf64> {
  // expected-warning @below {{'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: its operands are f64; operands of f32, f16 or bf16 would be}}
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x64x16xf64>, tensor<1x1x64x16xf64>, tensor<1x1x64x16xf64>) -> tensor<1x1x64x16xf64>
  return %o : tensor<1x1x64x16xf64>
}

// -----

func.func @dynamic_head_dim(%q: tensor<1x1x64x16xf32>, %v: tensor<1x1x64x?xf32>) -> tensor<1x1x64x?xf32> {
  // expected-warning @below {{'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: its head_dim is dynamic; one of a static size would be}}
  %o = attn.sdpa query(%q) key(%q) value(%v) : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x?xf32>) -> tensor<1x1x64x?xf32>
  return %o : tensor<1x1x64x?xf32>
}

// -----

func.func @loop(%q: tensor<1x1x64x16xf32>, %n: index) -> tensor<1x1x64x16xf32> {
  // expected-warning @below {{'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: region 'score' holds scf.for, which has no form on vectors}}
  %o = attn.sdpa query(%q) key(%q) value(%q) score(%s, %b, %h, %i, %j) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %r = scf.for %at = %c0 to %n step %c1 iter_args(%sum = %s) -> f32 {
      %next = arith.addf %sum, %s : f32
      scf.yield %next : f32
    }
    attn.yield %r : f32
  } : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}

// -----

func.func @complex(%q: tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32> {
  // expected-warning @below {{'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: region 'mask' holds complex.create, which has no form on vectors}}
  %o = attn.sdpa query(%q) key(%q) value(%q) mask(%b, %h, %i, %j) {
    %x = arith.index_cast %i : index to i32
    %y = arith.sitofp %x : i32 to f32
    %z = complex.create %y, %y : complex<f32>
    %w = complex.constant [0.0 : f32, 0.0 : f32] : complex<f32>
    %keep = complex.eq %z, %w : complex<f32>
    attn.yield %keep : i1
  } : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}

// -----

func.func @fused(%q: tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal : (tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>, tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32>
  return %o : tensor<?x?x?x16xf32>
}
