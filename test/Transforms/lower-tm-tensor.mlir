// RUN: attn-opt %s --attn-lower-tm-tensor --split-input-file --verify-diagnostics | FileCheck %s
// RUN: attn-opt %s --split-input-file --verify-diagnostics | attn-opt --split-input-file | FileCheck %s --check-prefix=ROUNDTRIP
// RUN: split-file %s %t
// RUN: attn-run %t/run.mlir --function=inclusive --input=2x4xi64="[1 2 3 4][5 6 7 8]" | FileCheck %s --check-prefix=INCLUSIVE
// RUN: attn-run %t/run.mlir --function=exclusive --input=2x4xi64="[1 2 3 4][5 6 7 8]" | FileCheck %s --check-prefix=EXCLUSIVE
// RUN: attn-run %t/run.mlir --function=dynamic_sum --input=2x4xi64="[1 2 3 4][5 6 7 8]" --input=2x4xi64=0 --input=2xi64=0 | FileCheck %s --check-prefix=DYNAMIC
// RUN: attn-run %t/run.mlir --function=dynamic_sum --input=2x0xi64=0 --input=2x0xi64=0 --input=2xi64=0 | FileCheck %s --check-prefix=NONE

// INCLUSIVE: result[0]: 2x4xi64=[1 3 6 10][5 11 18 26]
// INCLUSIVE: result[1]: 2xi64=10 26
// EXCLUSIVE: result[0]: 2x4xi64=[0 1 3 6][0 5 11 18]
// EXCLUSIVE: result[1]: 2xi64=10 26

//--- run.mlir
// CHECK-LABEL: @inclusive
// CHECK-SAME: %[[X:.*]]: tensor<2x4xi64>
// CHECK: %[[FIRST:.*]] = tensor.extract_slice %[[X]][0, 0] [2, 1] [1, 1]
// CHECK: %[[INIT:.*]] = tensor.insert_slice %[[FIRST]]
// CHECK: %[[R:.*]]:2 = scf.for %[[I:.*]] = %c1 to %c4 {{.*}} iter_args(%[[ALL:.*]] = %[[INIT]], %[[ACC:.*]] = %[[FIRST]])
// CHECK: %[[E:.*]] = tensor.extract_slice %[[X]][0, %[[I]]] [2, 1] [1, 1]
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[E]], %[[ACC]] :
// CHECK: arith.addi
// CHECK: %[[INSERTED:.*]] = tensor.insert_slice %[[NEXT]] into %[[ALL]][0, %[[I]]]
// CHECK: scf.yield %[[INSERTED]], %[[NEXT]]
// CHECK: return %[[R]]#0, %[[R]]#1
// ROUNDTRIP-LABEL: @inclusive
// ROUNDTRIP: tm_tensor.scan dimension(1) inclusive(true) ins(%{{.*}} : tensor<2x4xi64>) outs(%{{.*}}, %{{.*}} : tensor<2x4xi64>, tensor<2xi64>) {
// ROUNDTRIP: tm_tensor.yield %{{.*}} : i64
// ROUNDTRIP: } -> tensor<2x4xi64>, tensor<2xi64>
func.func @inclusive(%x: tensor<2x4xi64>) -> (tensor<2x4xi64>, tensor<2xi64>) {
  %zero = arith.constant 0 : i64
  %init = tensor.empty() : tensor<2x4xi64>
  %empty = tensor.empty() : tensor<2xi64>
  %acc = linalg.fill ins(%zero : i64) outs(%empty : tensor<2xi64>) -> tensor<2xi64>
  %r:2 = tm_tensor.scan dimension(1) inclusive(true) ins(%x : tensor<2x4xi64>) outs(%init, %acc : tensor<2x4xi64>, tensor<2xi64>) {
  ^bb0(%element: i64, %before: i64):
    %sum = arith.addi %element, %before : i64
    tm_tensor.yield %sum : i64
  } -> tensor<2x4xi64>, tensor<2xi64>
  return %r#0, %r#1 : tensor<2x4xi64>, tensor<2xi64>
}

func.func @exclusive(%x: tensor<2x4xi64>) -> (tensor<2x4xi64>, tensor<2xi64>) {
  %zero = arith.constant 0 : i64
  %init = tensor.empty() : tensor<2x4xi64>
  %empty = tensor.empty() : tensor<2xi64>
  %acc = linalg.fill ins(%zero : i64) outs(%empty : tensor<2xi64>) -> tensor<2xi64>
  %r:2 = tm_tensor.scan dimension(1) inclusive(false) ins(%x : tensor<2x4xi64>) outs(%init, %acc : tensor<2x4xi64>, tensor<2xi64>) {
  ^bb0(%element: i64, %before: i64):
    %sum = arith.addi %element, %before : i64
    tm_tensor.yield %sum : i64
  } -> tensor<2x4xi64>, tensor<2xi64>
  return %r#0, %r#1 : tensor<2x4xi64>, tensor<2xi64>
}

// Where the size is not known, element 0 may be missing.
// CHECK-LABEL: @dynamic_sum
// CHECK-SAME: %[[X:.*]]: tensor<?x?xi64>, %[[INIT:.*]]: tensor<?x?xi64>, %[[ACC:.*]]: tensor<?xi64>
// CHECK-DAG: %[[ROWS:.*]] = tensor.dim %[[X]], %c0
// CHECK-DAG: %[[SIZE:.*]] = tensor.dim %[[X]], %c1
// CHECK: %[[HAS:.*]] = arith.cmpi ne, %[[SIZE]], %c0
// CHECK: %[[FIRST:.*]]:2 = scf.if %[[HAS]] -> (tensor<?x?xi64>, tensor<?xi64>) {
// CHECK: %[[E:.*]] = tensor.extract_slice %[[X]][0, 0] [%[[ROWS]], 1] [1, 1]
// CHECK: tensor.insert_slice %[[E]] into %[[INIT]]
// CHECK: } else {
// CHECK: scf.yield %[[INIT]], %[[ACC]]
// CHECK: scf.for %{{.*}} = %c1{{.*}} to %[[SIZE]]
// DYNAMIC: result[0]: 2x4xi64=[1 3 6 10][5 11 18 26]
// DYNAMIC: result[1]: 2xi64=10 26
// NONE: result[0]: 2x0xi64=
// NONE: result[1]: 2xi64=0 0
func.func @dynamic_sum(%x: tensor<?x?xi64>, %init: tensor<?x?xi64>, %acc: tensor<?xi64>) -> (tensor<?x?xi64>, tensor<?xi64>) {
  %r:2 = tm_tensor.scan dimension(1) inclusive(true) ins(%x : tensor<?x?xi64>) outs(%init, %acc : tensor<?x?xi64>, tensor<?xi64>) {
  ^bb0(%element: i64, %before: i64):
    %sum = arith.addi %element, %before : i64
    tm_tensor.yield %sum : i64
  } -> tensor<?x?xi64>, tensor<?xi64>
  return %r#0, %r#1 : tensor<?x?xi64>, tensor<?xi64>
}
//--- invalid.mlir

// -----

func.func @dimension(%x: tensor<2x4xi64>, %acc: tensor<2xi64>) {
  // expected-error @below {{has dimension 2, expected one of 'tensor<2x4xi64>'}}
  %r:2 = tm_tensor.scan dimension(2) inclusive(false) ins(%x : tensor<2x4xi64>) outs(%x, %acc : tensor<2x4xi64>, tensor<2xi64>) {
  ^bb0(%element: i64, %before: i64):
    tm_tensor.yield %element : i64
  } -> tensor<2x4xi64>, tensor<2xi64>
  return
}

// -----

func.func @accumulator(%x: tensor<2x4xi64>, %acc: tensor<4xi64>) {
  // expected-error @below {{has output 1 of type 'tensor<4xi64>' and result 1 of type 'tensor<4xi64>', expected 'tensor<2xi64>'}}
  %r:2 = tm_tensor.scan dimension(1) inclusive(false) ins(%x : tensor<2x4xi64>) outs(%x, %acc : tensor<2x4xi64>, tensor<4xi64>) {
  ^bb0(%element: i64, %before: i64):
    tm_tensor.yield %element : i64
  } -> tensor<2x4xi64>, tensor<4xi64>
  return
}

// -----

func.func @region(%x: tensor<2x4xi64>, %acc: tensor<2xi64>) {
  // expected-error @below {{has a region that does not combine two values of 'i64'}}
  %r:2 = tm_tensor.scan dimension(1) inclusive(false) ins(%x : tensor<2x4xi64>) outs(%x, %acc : tensor<2x4xi64>, tensor<2xi64>) {
  ^bb0(%element: i64):
    tm_tensor.yield %element : i64
  } -> tensor<2x4xi64>, tensor<2xi64>
  return
}

// -----

func.func @count(%x: tensor<2x4xi64>) {
  // expected-error @below {{has 1 inputs, 1 outputs and 1 results, expected 1, 2 and 2}}
  %r = tm_tensor.scan dimension(1) inclusive(false) ins(%x : tensor<2x4xi64>) outs(%x : tensor<2x4xi64>) {
  ^bb0(%element: i64, %before: i64):
    tm_tensor.yield %element : i64
  } -> tensor<2x4xi64>
  return
}
