// The values of the polynomial. Integers are exact, -127 and below give 0 and
// NaN stays NaN; elsewhere the largest error of results of up to 2 is below
// 2.7 · 2^-24 · 2 = 3.2e-7.

// RUN: attn-run %s --function=values --input="13xf32=0 1 -1 -2 0.5 10 126 127 -126 -127 -1000 -inf nan" | FileCheck %s
// RUN: attn-run %s --function=errors --input=4096xf32=random:1 --check | FileCheck %s --check-prefix=ERROR
// RUN: %if host-x86-64 %{ attn-run %s --function=values --input="13xf32=0 1 -1 -2 0.5 10 126 127 -126 -127 -1000 -inf nan" --target-cpu=x86-64 | FileCheck %s %}

// CHECK: result[0]: 13xf32=1 2 0.5 0.25 1.41421 1024 8.50706e+37 1.70141e+38 1.17549e-38 0 0 0 nan
// ERROR: check: result 0: max error {{[0-2]\.[0-9]+e-07|3\.[01][0-9]+e-07|[0-9.]+e-(08|09)}} in 4096 elements
#x = affine_map<(i) -> (i)>
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
