// Operations of a score region that have no form on vectors: one lane at a time
// where a vector holds their results, unfused with a warning where none does.

// RUN: attn-run %s --function=lanes --input=1x1x50x16xf32=random:1 --input=3x5xf32=1 --check 2>&1 | FileCheck %s --check-prefix=LANES --implicit-check-not=warning
// LANES: check: result 0: max error {{[0-9.]+e-0[789]}} in 800 elements
func.func @lanes(%q: tensor<1x1x50x16xf32>, %t: tensor<?x?xf32>) -> tensor<1x1x50x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) score(%s, %b, %h, %i, %j) {
    %c2 = index.constant 2
    %parity = index.remu %j, %c2
    %size = tensor.dim %t, %parity : tensor<?x?xf32>
    %least = affine.min affine_map<(d0, d1) -> (d0 + 1, d1 floordiv 2)>(%j, %i)
    %sum = index.add %least, %size
    %int = index.casts %sum : index to i32
    %float = arith.sitofp %int : i32 to f32
    %eighth = arith.constant 0.125 : f32
    %scaled = arith.mulf %float, %eighth : f32
    %r = arith.addf %scaled, %s : f32
    attn.yield %r : f32
  } : (tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32>
  return %o : tensor<1x1x50x16xf32>
}

// RUN: attn-run %s --function=vector --input=1x1x50x16xf32=random:1 --check 2>&1 | FileCheck %s --check-prefix=VECTOR
// VECTOR: score-scalar.mlir:[[# @LINE + 3]]:8: warning: 'attn.sdpa' op is not fused, the scores of all queries and keys will be in memory: region 'score' holds vector.broadcast, which has no form on vectors
// VECTOR: check: result 0: max error {{[0-9.]+e-0[789]}} in 800 elements
func.func @vector(%q: tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) score(%s, %b, %h, %i, %j) {
    %v = vector.broadcast %s : f32 to vector<4xf32>
    %r = vector.reduction <add>, %v : vector<4xf32> into f32
    attn.yield %r : f32
  } : (tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32>
  return %o : tensor<1x1x50x16xf32>
}

// |s + i s| is the root of 2 times |s|.
// RUN: attn-run %s --function=complex --input=1x1x50x16xf32=random:1 --output=@%t.npy 2>&1 | FileCheck %s --check-prefix=COMPLEX
// RUN: attn-run %s --function=root --input=1x1x50x16xf32=random:1 --expected=@%t.npy --tolerance=1e-6
// COMPLEX: warning: 'attn.sdpa' op is not fused, {{.*}} holds complex.create
func.func @complex(%q: tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) score(%s, %b, %h, %i, %j) {
    %z = complex.create %s, %s : complex<f32>
    %r = complex.abs %z : complex<f32>
    attn.yield %r : f32
  } : (tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32>
  return %o : tensor<1x1x50x16xf32>
}
func.func @root(%q: tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) score(%s, %b, %h, %i, %j) {
    %c = arith.constant 1.41421356 : f32
    %a = math.absf %s : f32
    %r = arith.mulf %a, %c : f32
    attn.yield %r : f32
  } : (tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>, tensor<1x1x50x16xf32>) -> tensor<1x1x50x16xf32>
  return %o : tensor<1x1x50x16xf32>
}
