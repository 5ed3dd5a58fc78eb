// Results are compared with the function's definition in f64.

// RUN: attn-run %s --function=sdpa --input=1x4x37x40xf32=random:1 --input=1x2x50x40xf32=random:2 --input=1x2x50x24xf32=random:3 --check --stats=%t.json --output=@%t.npy | FileCheck %s --check-prefix=SDPA
// RUN: FileCheck %s --check-prefix=STATS --input-file=%t.json
// RUN: attn-run %s --function=sdpa --input=1x4x37x40xf32=random:1 --input=1x2x50x40xf32=random:2 --input=1x2x50x24xf32=random:3 --check-rows=3 --output=@%t.npy | FileCheck %s --check-prefix=ROWS
// RUN: attn-run %s --function=chain --input=4x8xbf16=random:1 --check | FileCheck %s --check-prefix=CHAIN
// RUN: attn-run %s --function=integers --input=4xi32=3 --check | FileCheck %s --check-prefix=EXACT

// SDPA: check: result 0: max error {{[1-9]\.[0-9]+}}e-0{{[78]}} in 3552 elements, at result 0[0, {{.*}}]: {{.*}}, expected
// SDPA-NEXT: check: result 1: max error {{[1-9]\.[0-9]+}}e-0{{[78]}} in 148 elements, at result 1[
// STATS: "max_error": {{[1-9.]+[0-9]*}}e-07
// Three rows of each of four heads.
// ROWS: check: result 0: max error {{[0-9.]+}}e-0{{[78]}} in 288 elements
// ROWS-NEXT: check: result 1: max error {{[0-9.]+}}e-0{{[78]}} in 12 elements
func.func @sdpa(%q: tensor<1x4x?x40xf32>, %k: tensor<1x2x?x40xf32>, %v: tensor<1x2x?x24xf32>) -> (tensor<1x4x?x24xf32>, tensor<1x4x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%v) causal : (tensor<1x4x?x40xf32>, tensor<1x2x?x40xf32>, tensor<1x2x?x24xf32>) -> (tensor<1x4x?x24xf32>, tensor<1x4x?xf32>)
  return %o, %lse : tensor<1x4x?x24xf32>, tensor<1x4x?xf32>
}

// The error of one rounding to bf16, of values of up to 2.
// CHAIN: check: result 0: max error {{[1-4]\.[0-9]+}}e-03 in 32 elements
func.func @chain(%a: tensor<4x8xbf16>) -> tensor<4x8xbf16> {
  %e = tensor.empty() : tensor<4x8xbf16>
  %r = linalg.exp ins(%a : tensor<4x8xbf16>) outs(%e : tensor<4x8xbf16>) -> tensor<4x8xbf16>
  return %r : tensor<4x8xbf16>
}

// EXACT: check: result 0: max error 0.000e+00 in 4 elements
// EXACT-NEXT: EXEC @integers
func.func @integers(%a: tensor<4xi32>) -> tensor<4xi32> {
  %e = tensor.empty() : tensor<4xi32>
  %r = linalg.mul ins(%a, %a : tensor<4xi32>, tensor<4xi32>) outs(%e : tensor<4xi32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}
