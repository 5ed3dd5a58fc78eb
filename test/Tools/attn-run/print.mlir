// What a program prints is printed.

// RUN: attn-run %s --input=2xf32="1.5 3" | FileCheck %s --check-prefix=PRINT
// PRINT: 1.5
// PRINT-NEXT: ( 1.5, 3 )
// PRINT-NEXT: -7
func.func @print(%x: tensor<2xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %first = tensor.extract %x[%c0] : tensor<2xf32>
  vector.print %first : f32
  %all = vector.transfer_read %x[%c0], %zero : tensor<2xf32>, vector<2xf32>
  vector.print %all : vector<2xf32>
  %n = arith.constant -7 : i32
  vector.print %n : i32
  return
}
