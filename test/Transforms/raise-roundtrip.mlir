// What attn-decompose makes of an operation, attn-raise makes the operation of.
// RUN: attn-opt %s --canonicalize --cse -o %t.before.mlir
// RUN: attn-opt %s --attn-decompose --attn-raise=explain --canonicalize --cse -o %t.after.mlir 2>&1 | count 0
// RUN: diff -u %t.before.mlir %t.after.mlir

func.func @mha(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>, tensor<2x4x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @gqa(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @mqa(%q: tensor<2x4x8x16xf32>, %k: tensor<2x1x12x16xf32>, %v: tensor<2x1x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @one_batch(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x12x16xf32>, %v: tensor<1x4x12x16xf32>) -> tensor<1x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x4x8x16xf32>, tensor<1x4x12x16xf32>, tensor<1x4x12x16xf32>) -> tensor<1x4x8x16xf32>
  return %o : tensor<1x4x8x16xf32>
}

func.func @one_head(%q: tensor<2x1x8x16xf32>, %k: tensor<2x1x12x16xf32>, %v: tensor<2x1x12x16xf32>) -> tensor<2x1x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x1x8x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>) -> tensor<2x1x8x16xf32>
  return %o : tensor<2x1x8x16xf32>
}

func.func @decode(%q: tensor<2x4x1x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x1x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x1x16xf32>
  return %o : tensor<2x4x1x16xf32>
}

func.func @head_dims(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x24xf32>) -> tensor<2x4x8x24xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x24xf32>) -> tensor<2x4x8x24xf32>
  return %o : tensor<2x4x8x24xf32>
}

func.func @lse(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>)
  return %o, %lse : tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
}

func.func @f16(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x12x16xf16>, %v: tensor<2x2x12x16xf16>) -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf16>, tensor<2x2x12x16xf16>, tensor<2x2x12x16xf16>) -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>)
  return %o, %lse : tensor<2x4x8x16xf16>, tensor<2x4x8xf32>
}

func.func @bf16_to_f32(%q: tensor<2x4x8x16xbf16>, %k: tensor<2x2x12x16xbf16>, %v: tensor<2x2x12x16xbf16>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xbf16>, tensor<2x2x12x16xbf16>, tensor<2x2x12x16xbf16>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @f64(%q: tensor<2x4x8x16xf64>, %k: tensor<2x2x12x16xf64>, %v: tensor<2x2x12x16xf64>) -> (tensor<2x4x8x16xf64>, tensor<2x4x8xf64>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) : (tensor<2x4x8x16xf64>, tensor<2x2x12x16xf64>, tensor<2x2x12x16xf64>) -> (tensor<2x4x8x16xf64>, tensor<2x4x8xf64>)
  return %o, %lse : tensor<2x4x8x16xf64>, tensor<2x4x8xf64>
}

func.func @dynamic(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  return %o, %lse : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>
}

func.func @dynamic_seqlen(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @scale(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) scale(3.000000e-01) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @causal(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @causal_top_left(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @dynamic_top_left(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal(top_left) : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @query_offset(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>, %n: index) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) query_offset(%n) causal : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, index) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @window(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal window(3, -1) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @two_sided_window(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(3, 2) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @dynamic_window(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(3, 2) : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @decode_window(%q: tensor<2x4x1x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>) -> tensor<2x4x1x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) window(3, -1) : (tensor<2x4x1x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) -> tensor<2x4x1x16xf32>
  return %o : tensor<2x4x1x16xf32>
}

func.func @softcap(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) softcap(3.000000e+01) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @alibi(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<4xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) alibi(%t) causal : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<4xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @sinks(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<4xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) sinks(%t) causal : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<4xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>)
  return %o, %lse : tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
}

func.func @bias0(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x4x8x12xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<2x4x8x12xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @keep0(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x4x8x12xi1>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<2x4x8x12xi1>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @bias1(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<1x1x8x12xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<1x1x8x12xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @keep1(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<1x1x8x12xi1>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<1x1x8x12xi1>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @bias2(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x1x1x12xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<2x1x1x12xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @keep2(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x1x1x12xi1>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<2x1x1x12xi1>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @bias3(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<1x4x8x1xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<1x4x8x1xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @keep3(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<1x4x8x1xi1>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<1x4x8x1xi1>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @bias4(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>, %t: tensor<1x1x?x?xf32>) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<1x1x?x?xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @keep4(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>, %t: tensor<1x1x?x?xi1>) -> tensor<2x4x?x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) keep(%t) : (tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<1x1x?x?xi1>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

func.func @bias_f16(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x4x8x12xf16>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<2x4x8x12xf16>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @everything(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x12x16xf16>, %v: tensor<2x2x12x16xf16>, %b: tensor<1x4x8x12xf32>, %k1: tensor<2x1x1x12xi1>, %a: tensor<4xf32>, %s: tensor<4xbf16>) -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) bias(%b) keep(%k1) alibi(%a) sinks(%s) scale(1.250000e-01) causal window(5, -1) softcap(3.000000e+01) : (tensor<2x4x8x16xf16>, tensor<2x2x12x16xf16>, tensor<2x2x12x16xf16>, tensor<1x4x8x12xf32>, tensor<2x1x1x12xi1>, tensor<4xf32>, tensor<4xbf16>) -> (tensor<2x4x8x16xf16>, tensor<2x4x8xf32>)
  return %o, %lse : tensor<2x4x8x16xf16>, tensor<2x4x8xf32>
}

func.func @layouts(%q: tensor<2x8x4x16xf32>, %k: tensor<2x2x16x12xf32>, %v: tensor<2x12x2x16xf32>) -> (tensor<2x8x4x16xf32>, tensor<2x4x8xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) layout(query = bshd, key = bhds, value = bshd, output = bshd) : (tensor<2x8x4x16xf32>, tensor<2x2x16x12xf32>, tensor<2x12x2x16xf32>) -> (tensor<2x8x4x16xf32>, tensor<2x4x8xf32>)
  return %o, %lse : tensor<2x8x4x16xf32>, tensor<2x4x8xf32>
}

func.func @score(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<4x12xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal score(%s, %b, %h, %i, %j) {
    %x = tensor.extract %t[%h, %j] : tensor<4x12xf32>
    %y = arith.mulf %s, %x : f32
    %z = math.absf %y : f32
    attn.yield %z : f32
  } : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @score_of_batch(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<2x8xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
    %x = tensor.extract %t[%b, %i] : tensor<2x8xf32>
    %y = arith.mulf %s, %x : f32
    attn.yield %y : f32
  } : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @documents(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %t: tensor<2x12xi32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
    %x = tensor.extract %t[%b, %i] : tensor<2x12xi32>
    %y = tensor.extract %t[%b, %j] : tensor<2x12xi32>
    %same = arith.cmpi eq, %x, %y : i32
    attn.yield %same : i1
  } : (tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>, tensor<2x4x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @prefix(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
    %n = arith.constant 4 : index
    %prefix = arith.cmpi slt, %j, %n : index
    %causal = arith.cmpi sle, %j, %i : index
    %keep = arith.ori %prefix, %causal : i1
    attn.yield %keep : i1
  } : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @bias_of_keys(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<1x1x1x12xf32>) -> tensor<2x4x8x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) bias(%t) : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>, tensor<1x1x1x12xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

func.func @dynamic_sinks_softcap(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>, %t: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) sinks(%t) softcap(5.000000e+00) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}

func.func @dynamic_alibi(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>, %t: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) alibi(%t) causal : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?xf32>) -> tensor<?x?x?x?xf32>
  return %o : tensor<?x?x?x?xf32>
}

// A load that the mask guards: the tensor may have fewer elements than there are
// keys, and is no bias.
func.func @guarded_load(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<?xf32>) -> tensor<2x4x8x16xf32> {
  %c0 = arith.constant 0 : index
  %o = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
    %x = tensor.extract %t[%j] : tensor<?xf32>
    %r = arith.addf %s, %x : f32
    attn.yield %r : f32
  } mask(%b, %h, %i, %j) {
    %n = tensor.dim %t, %c0 : tensor<?xf32>
    %keep = arith.cmpi slt, %j, %n : index
    attn.yield %keep : i1
  } : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>) -> tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
