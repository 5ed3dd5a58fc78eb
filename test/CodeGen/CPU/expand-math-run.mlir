// The values of the polynomials. Powers of integers are exact, -127 and below give 0 and
// NaN stays NaN; elsewhere the largest error of results of up to 2 is below
// 2.7 · 2^-24 · 2 = 3.2e-7.

// RUN: attn-run %s --function=values --input="13xf32=0 1 -1 -2 0.5 10 126 127 -126 -127 -1000 -inf nan" | FileCheck %s
// RUN: attn-run %s --function=errors --input=4096xf32=random:1 --check | FileCheck %s --check-prefix=ERROR
// RUN: %if host-x86-64 %{ attn-run %s --function=values --input="13xf32=0 1 -1 -2 0.5 10 126 127 -126 -127 -1000 -inf nan" --target-cpu=x86-64 | FileCheck %s %}
// RUN: attn-run %s --function=tanh_values --input="11xf32=0 -0.0 1e-30 -0.001 0.5 -1 9 -20 1e30 -inf nan" | FileCheck %s --check-prefix=TANH
// RUN: attn-run %s --function=tanh_errors --input=1000000xf32=random:2 | FileCheck %s --check-prefix=TANH-ERROR
// RUN: %if host-x86-64 %{ attn-run %s --function=tanh_errors --input=1000000xf32=random:2 --target-cpu=x86-64 | FileCheck %s --check-prefix=TANH-ERROR %}

// CHECK: result[0]: 13xf32=1 2 0.5 0.25 1.41421 1024 8.50706e+37 1.70141e+38 1.17549e-38 0 0 0 nan
// ERROR: check: result 0: max error {{[0-2]\.[0-9]+e-07|3\.[01][0-9]+e-07|[0-9.]+e-(08|09)}} in 4096 elements
// Signs stay, that of zero too.
// TANH: result[0]: 11xf32=0 -0 1e-30 -0.001 0.462117 -0.761594 1 -1 1 -1 nan
// The largest relative error of arguments between -9 and 9, most of them small,
// in units of 2^-24: at most 7, and not 0.
// TANH-ERROR: result[0]: f64={{[1-6]\.[0-9]+}}
#x = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>
func.func @values(%x: tensor<13xf32>) -> tensor<13xf32> {
  %init = tensor.empty() : tensor<13xf32>
  %r = linalg.generic {indexing_maps = [#x, #x], iterator_types = ["parallel"]} ins(%x : tensor<13xf32>) outs(%init : tensor<13xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = math.exp2 %in fastmath<afn> : f32
    linalg.yield %y : f32
  } -> tensor<13xf32>
  return %r : tensor<13xf32>
}
func.func @errors(%x: tensor<4096xf32>) -> tensor<4096xf32> {
  %init = tensor.empty() : tensor<4096xf32>
  %r = linalg.generic {indexing_maps = [#x, #x], iterator_types = ["parallel"]} ins(%x : tensor<4096xf32>) outs(%init : tensor<4096xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = math.exp2 %in fastmath<afn> : f32
    linalg.yield %y : f32
  } -> tensor<4096xf32>
  return %r : tensor<4096xf32>
}
func.func @tanh_values(%x: tensor<11xf32>) -> tensor<11xf32> {
  %init = tensor.empty() : tensor<11xf32>
  %r = linalg.generic {indexing_maps = [#x, #x], iterator_types = ["parallel"]} ins(%x : tensor<11xf32>) outs(%init : tensor<11xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = math.tanh %in fastmath<afn> : f32
    linalg.yield %y : f32
  } -> tensor<11xf32>
  return %r : tensor<11xf32>
}
func.func @tanh_errors(%x: tensor<1000000xf32>) -> tensor<f64> {
  %nine = arith.constant 9.0 : f32
  %units = arith.constant 0x1000000 : i32
  %scale = arith.sitofp %units : i32 to f64
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %empty = tensor.empty() : tensor<f64>
  %init = linalg.fill ins(%zero : f64) outs(%empty : tensor<f64>) -> tensor<f64>
  %r = linalg.generic {indexing_maps = [#x, #none], iterator_types = ["reduction"]} ins(%x : tensor<1000000xf32>) outs(%init : tensor<f64>) {
  ^bb0(%in: f32, %largest: f64):
    %square = arith.mulf %in, %in : f32
    %cube = arith.mulf %square, %in : f32
    %argument = arith.mulf %cube, %nine : f32
    %found = math.tanh %argument fastmath<afn> : f32
    %wide = arith.extf %argument : f32 to f64
    %expected = math.tanh %wide : f64
    %wide_found = arith.extf %found : f32 to f64
    %ratio = arith.divf %wide_found, %expected : f64
    %error = arith.subf %ratio, %one : f64
    %distance = math.absf %error : f64
    %in_units = arith.mulf %distance, %scale : f64
    %next = arith.maximumf %largest, %in_units : f64
    linalg.yield %next : f64
  } -> tensor<f64>
  return %r : tensor<f64>
}
