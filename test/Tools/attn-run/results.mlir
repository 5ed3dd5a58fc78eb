// Results belong to the caller whatever the function returns, and inputs are
// not written to.

// RUN: attn-run %s --function=ident --input=3xf32="1 2 3" | FileCheck %s --check-prefix=IDENT
// RUN: attn-run %s --function=const  | FileCheck %s --check-prefix=CONST
// RUN: attn-run %s --function=slice --input=4x4xf32="1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16" | FileCheck %s --check-prefix=SLICE
// RUN: attn-run %s --function=same --input=4xf32="1 2 3 4" | FileCheck %s --check-prefix=SAME
// RUN: attn-run %s --function=inplace --input=4xf32="1 2 3 4" --repeat=3 | FileCheck %s --check-prefix=INPLACE
// RUN: attn-run %s --function=scalar --input=f32=1.5 --input=index=3 --input=i1=1 | FileCheck %s --check-prefix=SCALAR
// RUN: attn-run %s --function=caller --input=4xf32="1 2 3 4" --repeat=3 | FileCheck %s --check-prefix=CALLER
// RUN: attn-run %s --function=gather --input=4xf32="1 2 3 4" --input="2xi64=3 1" | FileCheck %s --check-prefix=GATHER
// RUN: attn-run %s --function=bools --input=20xi1=random:1 --input=20xi1=random:2 | FileCheck %s --check-prefix=BOOLS
// RUN: not attn-run %s --function=gather --input=4xf32=1 --input="2xi64=3 4" 2>&1 | FileCheck %s --check-prefix=ASSERT
// RUN: attn-run %s --function=half --input=20xf16=random:1 --input=20xbf16=random:2 | FileCheck %s --check-prefix=HALF
// RUN: %if host-x86-64 %{ attn-run %s --function=half --input=20xf16=random:1 --input=20xbf16=random:2 --target-cpu=x86-64 | FileCheck %s --check-prefix=HALF %}

// ASSERT: {{^}}attn-run: error: {{.*}}results.mlir:{{[0-9]+}}:5: assertion failed: index must be smaller than dim size

func.func @ident(%a: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) { return %a, %a : tensor<?xf32>, tensor<?xf32> }
// IDENT: EXEC @ident
// IDENT-NEXT: result[0]: 3xf32=1 2 3
// IDENT-NEXT: result[1]: 3xf32=1 2 3

func.func @const() -> (tensor<3xf32>, tensor<3xf32>, f32, index) {
 %c = arith.constant dense<[1.0,2.0,3.0]> : tensor<3xf32>
 %f = arith.constant 2.5 : f32
 %i = arith.constant 7 : index
 return %c, %c, %f, %i : tensor<3xf32>, tensor<3xf32>, f32, index }
// CONST: result[0]: 3xf32=1 2 3
// CONST-NEXT: result[1]: 3xf32=1 2 3
// CONST-NEXT: result[2]: f32=2.5
// CONST-NEXT: result[3]: i64=7

func.func @slice(%a: tensor<4x4xf32>) -> tensor<2x2xf32> {
  %s = tensor.extract_slice %a[1, 1] [2, 2] [1, 1] : tensor<4x4xf32> to tensor<2x2xf32>
  return %s : tensor<2x2xf32>
}
// SLICE: result[0]: 2x2xf32=[6 7][10 11]

func.func @same(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.add ins(%a, %a : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r, %r : tensor<4xf32>, tensor<4xf32>
}
// SAME: result[0]: 4xf32=2 4 6 8
// SAME-NEXT: result[1]: 4xf32=2 4 6 8

func.func @inplace(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.add ins(%a, %a : tensor<4xf32>, tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
// INPLACE: result[0]: 4xf32=2 4 6 8

func.func @scalar(%a: f32, %n: index, %b: i1) -> (f32, index, i1) { return %a, %n, %b : f32, index, i1 }
// SCALAR: result[0]: f32=1.5
// SCALAR-NEXT: result[1]: i64=3
// SCALAR-NEXT: result[2]: i1=1

func.func @callee(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.add ins(%a, %a : tensor<4xf32>, tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @caller(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %r = call @callee(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %s = call @callee(%r) : (tensor<4xf32>) -> tensor<4xf32>
  return %r, %s : tensor<4xf32>, tensor<4xf32>
}
// CALLER: result[0]: 4xf32=2 4 6 8
// CALLER-NEXT: result[1]: 4xf32=4 8 12 16

func.func @gather(%t: tensor<4xf32>, %i: tensor<?xi64>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %i, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%i : tensor<?xi64>) outs(%e : tensor<?xf32>) {
  ^bb0(%in: i64, %out: f32):
    %c4 = arith.constant 4 : index
    %x = arith.index_cast %in : i64 to index
    %ok = arith.cmpi ult, %x, %c4 : index
    cf.assert %ok, "index must be smaller than dim size"
    %v = tensor.extract %t[%x] : tensor<4xf32>
    linalg.yield %v : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}
// GATHER: result[0]: 2xf32=4 2

func.func @bools(%a: tensor<20xi1>, %b: tensor<20xi1>) -> tensor<20xi1> {
  %e = tensor.empty() : tensor<20xi1>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%a, %b : tensor<20xi1>, tensor<20xi1>) outs(%e : tensor<20xi1>) {
  ^bb0(%x: i1, %y: i1, %out: i1):
    %v = arith.xori %x, %y : i1
    linalg.yield %v : i1
  } -> tensor<20xi1>
  return %r : tensor<20xi1>
}
// BOOLS: result[0]: 20xi1=0 0 0 1 0 1 0 0 0 0 0 1 1 1 1 0 1 1 1 1

func.func @half(%a: tensor<20xf16>, %b: tensor<20xbf16>) -> (tensor<20xf16>, tensor<20xbf16>) {
  %e = tensor.empty() : tensor<20xf16>
  %r = linalg.add ins(%a, %a : tensor<20xf16>, tensor<20xf16>) outs(%e : tensor<20xf16>) -> tensor<20xf16>
  %f = tensor.empty() : tensor<20xbf16>
  %s = linalg.add ins(%b, %b : tensor<20xbf16>, tensor<20xbf16>) outs(%f : tensor<20xbf16>) -> tensor<20xbf16>
  return %r, %s : tensor<20xf16>, tensor<20xbf16>
}
// HALF: result[0]: 20xf16=0.266357 0.98291 1.88379 -0.222534
// HALF-NEXT: result[1]: 20xbf16=0.365234 0.996094 0.382812 1.0625
