// A program that holds nothing for the device says so.

// RUN: attn-run %s --function=square --input=4xf32=3 --device=ptx 2>&1 | FileCheck %s
// RUN: attn-run %s --function=square --input=4xf32=3 2>&1 | FileCheck %s --check-prefix=CPU --implicit-check-not=warning

// CHECK: attn-run: warning: function 'square' launched no kernel on --device=ptx: all of it ran on the CPU
// CHECK: result[0]: 4xf32=9 9 9 9
// CPU: result[0]: 4xf32=9 9 9 9
func.func @square(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.mulf %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
