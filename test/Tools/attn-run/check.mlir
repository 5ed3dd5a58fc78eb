// Results are compared with the function's definition in f64.

// RUN: attn-run %s --function=sdpa --input=1x4x37x40xf32=random:1 --input=1x2x50x40xf32=random:2 --input=1x2x50x24xf32=random:3 --check --stats=%t.json --output=@%t.npy | FileCheck %s --check-prefix=SDPA
// RUN: FileCheck %s --check-prefix=STATS --input-file=%t.json
// RUN: attn-run %s --function=sdpa --input=1x4x37x40xf32=random:1 --input=1x2x50x40xf32=random:2 --input=1x2x50x24xf32=random:3 --check-rows=3 --output=@%t.npy | FileCheck %s --check-prefix=ROWS
// RUN: attn-run %s --function=chain --input=4x8xbf16=random:1 --check | FileCheck %s --check-prefix=CHAIN
// RUN: attn-run %s --function=integers --input=4xi32=3 --check | FileCheck %s --check-prefix=EXACT
// RUN: attn-run %s --function=large --input=1x1x65536x16xf32=random:1 --check --output=@%t.npy | FileCheck %s --check-prefix=LARGE
// RUN: attn-run %s --function=large --input=1x1x65536x16xf32=random:1 --check-rows=5 --output=@%t.npy | FileCheck %s --check-prefix=FEW --implicit-check-not=takes
// RUN: attn-run %s --function=sdpa --input=1x4x37x40xf32=random:1 --input=1x2x50x40xf32=random:2 --input=1x2x50x24xf32=random:3 --check-rows=0 --output=@%t.npy | FileCheck %s --check-prefix=SDPA
// RUN: not attn-run %s --function=mean --input=1x1x16x8xf32=random:1 --check-rows=2 2>&1 | FileCheck %s --check-prefix=MEAN
// RUN: attn-run %s --function=mean --input=1x1x16x8xf32=random:1 --check | FileCheck %s --check-prefix=ALL

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

// Work that takes minutes in f64 is sampled, unless asked for.
// LARGE: check: takes 64 rows of each head: all would take 2.7e+11 operations in float64, --check-rows=0 does
// LARGE-NEXT: check: result 0: max error {{[0-9.]+}}e-0{{[78]}} in 1024 elements
// FEW: check: result 0: max error {{[0-9.]+}}e-0{{[78]}} in 80 elements
func.func @large(%q: tensor<1x1x65536x16xf32>) -> tensor<1x1x65536x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %last = arith.constant 3 : index
      %keep = arith.cmpi sle, %j, %last : index
      attn.yield %keep : i1
    } : (tensor<1x1x65536x16xf32>, tensor<1x1x65536x16xf32>, tensor<1x1x65536x16xf32>) -> tensor<1x1x65536x16xf32>
  return %o : tensor<1x1x65536x16xf32>
}

// What needs all rows cannot be checked from some.
// MEAN: error: no element of result 0 follows from 2 rows of each head alone, --check-rows=0 checks all
// ALL: check: result 0: max error {{[0-9.]+}}e-0{{[678]}} in 1 elements
func.func @mean(%q: tensor<1x1x16x8xf32>) -> tensor<f32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x16x8xf32>, tensor<1x1x16x8xf32>, tensor<1x1x16x8xf32>) -> tensor<1x1x16x8xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sum = linalg.reduce ins(%o : tensor<1x1x16x8xf32>) outs(%init : tensor<f32>) dimensions = [0, 1, 2, 3]
    (%x: f32, %total: f32) {
      %next = arith.addf %total, %x : f32
      linalg.yield %next : f32
    }
  return %sum : tensor<f32>
}
