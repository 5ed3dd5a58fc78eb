// RUN: attn-opt %s --attn-resolve-dynamic-shapes --canonicalize --split-input-file | FileCheck %s
// RUN: split-file %s %t
// RUN: attn-run %t/broadcast.mlir --input=2x3x2xf32="[[1 2][3 4][5 6]][[7 8][9 10][11 12]]" --input=3xf32=0 | FileCheck %s --check-prefix=SAME
// RUN: attn-run %t/broadcast.mlir --input=2x1x2xf32="[[1 2]][[7 8]]" --input=3xf32=0 | FileCheck %s --check-prefix=UNIT
// SAME: result[0]: 2x2x3xf32={{\[\[}}-1 -3 -5][-2 -4 -6]]{{\[\[}}-7 -9 -11][-8 -10 -12]]
// UNIT: result[0]: 2x2x3xf32={{\[\[}}-1 -1 -1][-2 -2 -2]]{{\[\[}}-7 -7 -7][-8 -8 -8]]

// A view that splits a dimension: one size is that of the tensor.
// CHECK-LABEL: @split
// CHECK-SAME: %[[X:.*]]: tensor<8x?x16xf32>
// CHECK: %[[S:.*]] = tensor.dim %[[X]], %c1
// CHECK: %[[R:.*]] = tensor.expand_shape %[[X]] {{\[\[}}0, 1], [2], [3]] output_shape [2, 4, %[[S]], 16]
// CHECK: return %[[R]]
func.func @split(%x: tensor<8x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %c1 = arith.constant 1 : index
  %two = arith.constant 2 : i64
  %four = arith.constant 4 : i64
  %sixteen = arith.constant 16 : i64
  %dim = tensor.dim %x, %c1 : tensor<8x?x16xf32>
  %s = arith.index_cast %dim : index to i64
  %shape = tensor.from_elements %two, %four, %s, %sixteen : tensor<4xi64>
  %r = tensor.reshape %x(%shape) : (tensor<8x?x16xf32>, tensor<4xi64>) -> tensor<2x4x?x16xf32>
  return %r : tensor<2x4x?x16xf32>
}

// -----

// A view with -1 in PyTorch: the size is inferred if it is negative, and a
// product of sizes is not.
// CHECK-LABEL: @inferred
// CHECK-NOT: arith.divsi
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : tensor<?x4x?x16xf32> into tensor<?x?x16xf32>
func.func @inferred(%x: tensor<?x4x?x16xf32>) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %four = arith.constant 4 : i64
  %sixteen = arith.constant 16 : i64
  %dim0 = tensor.dim %x, %c0 : tensor<?x4x?x16xf32>
  %dim2 = tensor.dim %x, %c2 : tensor<?x4x?x16xf32>
  %b = arith.index_cast %dim0 : index to i64
  %s = arith.index_cast %dim2 : index to i64
  %rows = arith.muli %b, %four : i64
  %is_negative = arith.cmpi slt, %rows, %zero : i64
  %known = arith.select %is_negative, %one, %rows : i64
  %below = arith.muli %known, %s : i64
  %all = arith.muli %rows, %s : i64
  %inferred = arith.divsi %all, %below : i64
  %size = arith.select %is_negative, %inferred, %rows : i64
  %shape = tensor.from_elements %size, %s, %sixteen : tensor<3xi64>
  %r = tensor.reshape %x(%shape) : (tensor<?x4x?x16xf32>, tensor<3xi64>) -> tensor<?x?x16xf32>
  return %r : tensor<?x?x16xf32>
}

// -----

// Quotients of products, through tensors that have them as sizes.
// CHECK-LABEL: @quotient
// CHECK-SAME: %[[X:.*]]: tensor<2x?x8xf32>
// CHECK: %[[S:.*]] = tensor.dim %[[X]], %c1
// CHECK: return %[[S]]
func.func @quotient(%x: tensor<2x?x8xf32>) -> index {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %r = tensor.collapse_shape %x [[0, 1], [2]] : tensor<2x?x8xf32> into tensor<?x8xf32>
  %rows = tensor.dim %r, %c0 : tensor<?x8xf32>
  %s = arith.divsi %rows, %c2 : index
  return %s : index
}

// -----

// A unit dimension may stand anywhere; both sides may hold several.
// CHECK-LABEL: @units
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2, 3, 4]] : tensor<1x?x1x4x2xf32> into tensor<?x8xf32>
// CHECK: tensor.expand_shape %[[C]] {{\[\[}}0], [1, 2]] output_shape [%{{.*}}, 8, 1] : tensor<?x8xf32> into tensor<?x8x1xf32>
func.func @units(%x: tensor<1x?x1x4x2xf32>) -> tensor<?x8x1xf32> {
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %dim = tensor.dim %x, %c1 : tensor<1x?x1x4x2xf32>
  %shape = tensor.from_elements %dim, %c8, %c1 : tensor<3xindex>
  %r = tensor.reshape %x(%shape) : (tensor<1x?x1x4x2xf32>, tensor<3xindex>) -> tensor<?x8x1xf32>
  return %r : tensor<?x8x1xf32>
}

// -----

// Sizes that do not say which dimensions belong together.
// CHECK-LABEL: @unknown
// CHECK: tensor.reshape
// CHECK-LABEL: @crossed
// CHECK: tensor.reshape
// CHECK-LABEL: @no_sizes
// CHECK: tensor.reshape
// CHECK-LABEL: @maybe_negative
// CHECK: arith.cmpi slt
// CHECK: arith.divsi
// CHECK-LABEL: @wraps
// CHECK: arith.cmpi slt
func.func @unknown(%x: tensor<?x4xf32>, %n: index) -> tensor<?x2xf32> {
  %c2 = arith.constant 2 : index
  %shape = tensor.from_elements %n, %c2 : tensor<2xindex>
  %r = tensor.reshape %x(%shape) : (tensor<?x4xf32>, tensor<2xindex>) -> tensor<?x2xf32>
  return %r : tensor<?x2xf32>
}

func.func @crossed(%x: tensor<4x?xf32>) -> tensor<?x4xf32> {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %dim = tensor.dim %x, %c1 : tensor<4x?xf32>
  %shape = tensor.from_elements %dim, %c4 : tensor<2xindex>
  %r = tensor.reshape %x(%shape) : (tensor<4x?xf32>, tensor<2xindex>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

func.func @no_sizes(%x: tensor<4x?xf32>, %shape: tensor<1xindex>) -> tensor<?xf32> {
  %r = tensor.reshape %x(%shape) : (tensor<4x?xf32>, tensor<1xindex>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

func.func @maybe_negative(%n: i64, %m: i64) -> (i1, i64) {
  %zero = arith.constant 0 : i64
  %is_negative = arith.cmpi slt, %n, %zero : i64
  %all = arith.muli %n, %m : i64
  %inferred = arith.divsi %all, %n : i64
  return %is_negative, %inferred : i1, i64
}

func.func @wraps(%x: tensor<?xf32>) -> i1 {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i8
  %dim = tensor.dim %x, %c0 : tensor<?xf32>
  %s = arith.index_cast %dim : index to i8
  %is_negative = arith.cmpi slt, %s, %zero : i8
  return %is_negative : i1
}

// -----

// An expansion to the size that the tensor has reads it as it is.
// CHECK-LABEL: @expand_to_size
// CHECK-NOT: arith.select
// CHECK: tensor.extract %{{.*}}[%{{.*}}, %{{.*}}]
func.func @expand_to_size(%x: tensor<?x4xf32>) -> tensor<3x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %dim = tensor.dim %x, %c0 : tensor<?x4xf32>
  %init = tensor.empty(%dim) : tensor<3x?x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%init : tensor<3x?x4xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %is_unit = arith.cmpi eq, %dim, %c1 : index
    %at = arith.select %is_unit, %c0, %i : index
    %element = tensor.extract %x[%at, %j] : tensor<?x4xf32>
    linalg.yield %element : f32
  } -> tensor<3x?x4xf32>
  return %r : tensor<3x?x4xf32>
}

// -----

// The size of another tensor may be another: the tensor is brought to it before
// it is negated and transposed, and is not copied where it has it.
//--- broadcast.mlir
// CHECK-LABEL: @main
// CHECK-SAME: %[[X:.*]]: tensor<2x?x2xf32>, %[[Y:.*]]: tensor<?xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[Y]], %c0
// CHECK: %[[DIM:.*]] = tensor.dim %[[X]], %c1
// CHECK: %[[IS_SAME:.*]] = arith.cmpi eq, %[[DIM]], %[[N]]
// CHECK: %[[RESIZED:.*]] = scf.if %[[IS_SAME]] -> (tensor<2x?x2xf32>) {
// CHECK: scf.yield %[[X]]
// CHECK: } else {
// CHECK: arith.minsi
// CHECK: tensor.extract %[[X]]
// CHECK: %[[NEGATED:.*]] = linalg.generic {{.*}} ins(%[[RESIZED]]
// CHECK: arith.negf
// CHECK: %[[TRANSPOSED:.*]] = linalg.transpose ins(%[[NEGATED]] : tensor<2x?x2xf32>)
// CHECK: linalg.generic
// CHECK-NOT: arith.select
// CHECK: tensor.extract %[[TRANSPOSED]]
func.func @main(%x: tensor<2x?x2xf32>, %y: tensor<?xf32>) -> tensor<2x2x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  %dim = tensor.dim %x, %c1 : tensor<2x?x2xf32>
  %negated_init = tensor.empty(%dim) : tensor<2x?x2xf32>
  %negated = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<2x?x2xf32>) outs(%negated_init : tensor<2x?x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  } -> tensor<2x?x2xf32>
  %empty = tensor.empty(%dim) : tensor<2x2x?xf32>
  %transposed = linalg.transpose ins(%negated : tensor<2x?x2xf32>) outs(%empty : tensor<2x2x?xf32>) permutation = [0, 2, 1]
  %init = tensor.empty(%n) : tensor<2x2x?xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%init : tensor<2x2x?xf32>) {
  ^bb0(%out: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 1 : index
    %i = linalg.index 2 : index
    %is_unit = arith.cmpi eq, %dim, %c1 : index
    %at = arith.select %is_unit, %c0, %i : index
    %element = tensor.extract %transposed[%h, %j, %at] : tensor<2x2x?xf32>
    linalg.yield %element : f32
  } -> tensor<2x2x?xf32>
  return %r : tensor<2x2x?xf32>
}
