// Every error is one line and leaves no output file.

// RUN: split-file %s %t
// RUN: not attn-run 2>&1 | FileCheck %s --check-prefix=NO-FILE
// RUN: not attn-run %t/ok.mlir --treads=1 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not attn-run %t/ok.mlir --threads=x 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not attn-run %t/ok.mlir --threads=100000 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not attn-run %t/ok.mlir --tolerance=-1 2>&1 | FileCheck %s --check-prefix=TOLERANCE
// RUN: not attn-run %t/ok.mlir --repeat=0 2>&1 | FileCheck %s --check-prefix=REPEAT
// RUN: not attn-run %t/ok.mlir --device=abacus 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not attn-run %t/none.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not attn-run %t/broken.mlir 2>&1 | FileCheck %s --check-prefix=BROKEN
// RUN: not attn-run %t/two.mlir 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not attn-run %t/two.mlir --function=h 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not attn-run %t/ok.mlir --function=h 2>&1 | FileCheck %s --check-prefix=UNKNOWN-ONE
// RUN: not attn-run %t/empty.mlir 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not attn-run %t/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not attn-run %t/ok.mlir 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not attn-run %t/ok.mlir --input=4x?xf32=1 --input=i32=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not attn-run %t/ok.mlir --input=4x3xf31=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not attn-run %t/ok.mlir --input=3x4xf32=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not attn-run %t/ok.mlir --input=4xf32=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=RANK
// RUN: not attn-run %t/ok.mlir --input=4x3xf16=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=f32=1 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not attn-run %t/ok.mlir --input=@%t/none.npy --input=i32=1 2>&1 | FileCheck %s --check-prefix=NO-NPY
// RUN: attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=@%t/x.npy
// RUN: head -c 130 %t/x.npy > %t/short.npy
// RUN: not attn-run %t/ok.mlir --input=@%t/short.npy --input=i32=1 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// RUN: not attn-run %t/ok.mlir --input=@%t/ok.mlir --input=i32=1 2>&1 | FileCheck %s --check-prefix=NOT-NPY
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=x.npy 2>&1 | FileCheck %s --check-prefix=OUTPUT-FORM
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=@%t/no/x.npy 2>&1 | FileCheck %s --check-prefix=OUTPUT
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=@%t/y.npy --output=@%t/z.npy 2>&1 | FileCheck %s --check-prefix=OUTPUTS
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --stats=%t/no/x.json 2>&1 | FileCheck %s --check-prefix=STATS
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --target-cpu=abacus --output=@%t/y.npy 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --expected=4x3xf32=3 2>&1 | FileCheck %s --check-prefix=EXPECTED
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --expected=4x4xf32=3 2>&1 | FileCheck %s --check-prefix=EXPECTED-SHAPE
// RUN: not attn-run %t/large.mlir --input=index=1152921504606846976 2>&1 | FileCheck %s --check-prefix=MEMORY
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=@ 2>&1 | FileCheck %s --check-prefix=OUTPUT-NAME
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1 --input=i32=1 --output=@%t/y.npy --stats=%t/y.npy 2>&1 | FileCheck %s --check-prefix=OUTPUT-TWICE
// RUN: not attn-run %t/ok.mlir --input=x=4x3xf32=1 --input=i32=1 2>&1 | FileCheck %s --check-prefix=INPUT-NAME
// RUN: not attn-run %t/ok.mlir --input=4x3xf32=1e400 --input=i32=1 2>&1 | FileCheck %s --check-prefix=LARGE-F32
// RUN: not attn-run %t/ok.mlir --input=4x3xf16=70000 --input=i32=1 2>&1 | FileCheck %s --check-prefix=LARGE-F16
// RUN: attn-run %t/ok.mlir --input=4x3xf32=-inf --input=i32=1 --output=@%t/x.npy
// RUN: not attn-run %t/ok.mlir --function= 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not attn-run %t/nothing.mlir --input=4xf32=1 --check 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not attn-run %t/root.mlir --input=4xf32=2 --check --tolerance=0 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: attn-run %t/root.mlir --input=4xf32=2 --check --tolerance=1e-6
// RUN: not attn-run %t/overflow.mlir --input=4xf32=1e30 --check 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// RUN: not attn-run %t/unknown.mlir --input=4xf32=1 2>&1 | FileCheck %s --check-prefix=UNCOMPILED
// RUN: not ls %t/y.npy
// RUN: not ls %t/z.npy

// OUTPUT-NAME: attn-run: error: --output=@: expected @ and a file
// OUTPUT-TWICE: attn-run: error: two outputs go to the file {{.*}}y.npy
// INPUT-NAME: attn-run: error: no input has the name 'x': those of an MLIR function are given in order
// LARGE-F32: attn-run: error: value '4x3xf32=1e400': '1e400' is not a value of f32
// LARGE-F16: attn-run: error: value '4x3xf16=70000': '70000' is not a value of f16
// FUNCTION: attn-run: error: --function=: expected a name
// NOTHING: attn-run: error: --check: function 'f' has no result to compare
// BOUND: attn-run: error: result 0[0] is 1.41421354, expected 1.41421356: they differ by {{.*}}e-08, more than 0.000e+00

// OVERFLOW: attn-run: error: result 0[0] is inf, expected {{[0-9.]+}}e+60: only one of them is a finite number
// UNCOMPILED: unknown.mlir:2:8: error:
// UNCOMPILED: attn-run: error: function 'f' cannot be compiled

// NO-FILE: attn-run: error: expected one file to run, found 0; --help explains the options
// OPTION: attn-run: error: unknown option '--treads=1', did you mean '--threads=1'?
// NUMBER: attn-run: error: --threads=x: expected a number from 0 to 4294967295
// THREADS: attn-run: error: --threads=100000: expected at most 4096
// TOLERANCE: attn-run: error: --tolerance=-1: expected a number of at least 0
// REPEAT: attn-run: error: --repeat=0: expected at least 1
// DEVICE: attn-run: error: unknown device 'abacus', expected cpu, cuda or ptx
// MISSING: attn-run: error: cannot open input file '{{.*}}none.mlir': No such file or directory
// BROKEN: broken.mlir:1:18: error:
// BROKEN: attn-run: error: {{.*}}broken.mlir is not a valid module
// SEVERAL: attn-run: error: several functions, name one of them: 'f', 'g'
// UNKNOWN: attn-run: error: no function 'h', expected one of 'f', 'g'
// UNKNOWN-ONE: attn-run: error: no function 'h', expected 'f'
// EMPTY: attn-run: error: the module has no public function
// TYPE: attn-run: error: argument 0 of function 'f' is of type tensor<*xf32>, expected a ranked tensor, contiguous memref or scalar of f64, f32, f16, bf16, index or an integer of 1, 8, 16, 32 or 64 bits
// FEW: attn-run: error: function 'f' takes 2 inputs, found 0
// MANY: attn-run: error: function 'f' takes 2 inputs, found 3
// VALUE: attn-run: error: value '4x3xf31=1': unknown element type 'f31'
// SHAPE: attn-run: error: input 0 of function 'f' is 3x4xf32, expected 4x?xf32
// RANK: attn-run: error: input 0 of function 'f' is 4xf32, expected 4x?xf32
// ELEMENT: attn-run: error: input 0 of function 'f' is 4x3xf16, expected 4x?xf32
// SCALAR: attn-run: error: input 1 of function 'f' is f32, expected i32
// NO-NPY: attn-run: error: {{.*}}none.npy: cannot read the file: No such file or directory
// TRUNCATED: attn-run: error: {{.*}}short.npy: holds 2 bytes of elements, expected 48 for 4x3xf32
// NOT-NPY: attn-run: error: {{.*}}ok.mlir: not a .npy file
// OUTPUT-FORM: attn-run: error: --output=x.npy: expected @ and a file
// OUTPUT: attn-run: error: {{.*}}x.npy: cannot write the file: No such file or directory
// OUTPUTS: attn-run: error: function 'f' has 1 result, found 2 of --output
// STATS: attn-run: error: {{.*}}x.json: cannot write the file: No such file or directory
// CPU: error: unknown CPU 'abacus'
// EXPECTED: attn-run: error: result 0[0, 0] is 2, expected 3: they differ by 1.000e+00, more than 1.000e-04
// EXPECTED-SHAPE: attn-run: error: result 0 is 4x3xf32, expected 4x4xf32
// MEMORY: attn-run: error: out of memory: cannot allocate 4611686018427387904 bytes

//--- ok.mlir
func.func @f(%a: tensor<4x?xf32>, %unused: i32) -> tensor<4x?xf32> {
  %r = linalg.add ins(%a, %a : tensor<4x?xf32>, tensor<4x?xf32>) outs(%a : tensor<4x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}
//--- two.mlir
func.func @f() { return }
func.func @g() { return }
func.func private @hidden() { return }
//--- broken.mlir
func.func @f() { ret }
//--- empty.mlir
func.func private @hidden() { return }
//--- type.mlir
func.func @f(%a: tensor<*xf32>) { return }
//--- large.mlir
func.func @f(%n: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

//--- nothing.mlir
func.func @f(%x: memref<4xf32>) { return }
//--- root.mlir
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = math.sqrt %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
//--- overflow.mlir
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = arith.mulf %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
//--- unknown.mlir
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = async.runtime.create : !async.token
  return %x : tensor<4xf32>
}
