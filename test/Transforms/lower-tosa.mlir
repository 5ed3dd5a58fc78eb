// RUN: attn-opt %s --attn-lower-tosa --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-lower-tosa --canonicalize --attn-raise --split-input-file | FileCheck %s --check-prefix=RAISE
// RUN: attn-run %s --function=attention --input=1x2x8x16xf32=random:1 --input=1x2x8x16xf32=random:2 --input=1x2x8x16xf32=random:3 --output=@%t.npy
// RUN: attn-run %s --function=attention --no-raise --input=1x2x8x16xf32=random:1 --input=1x2x8x16xf32=random:2 --input=1x2x8x16xf32=random:3 --expected=@%t.npy --tolerance=1e-6

// Attention of TOSA, whose products have one dimension of batches.
// CHECK-LABEL: @attention
// CHECK-NOT: tosa.
// CHECK: linalg.batch_matmul
// CHECK-NOT: tosa.
// RAISE-LABEL: @attention
// RAISE: attn.sdpa
// RAISE-NOT: linalg.batch_matmul
func.func @attention(%q: tensor<1x2x8x16xf32>, %k: tensor<1x2x8x16xf32>, %v: tensor<1x2x8x16xf32>) -> tensor<1x2x8x16xf32> {
  %heads = tosa.const_shape {values = dense<[2, 8, 16]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %batches = tosa.const_shape {values = dense<[1, 2, 8, 16]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %scale = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %q3 = tosa.reshape %q, %heads : (tensor<1x2x8x16xf32>, !tosa.shape<3>) -> tensor<2x8x16xf32>
  %k3 = tosa.reshape %k, %heads : (tensor<1x2x8x16xf32>, !tosa.shape<3>) -> tensor<2x8x16xf32>
  %v3 = tosa.reshape %v, %heads : (tensor<1x2x8x16xf32>, !tosa.shape<3>) -> tensor<2x8x16xf32>
  %kt = tosa.transpose %k3 {perms = array<i32: 0, 2, 1>} : (tensor<2x8x16xf32>) -> tensor<2x16x8xf32>
  %products = tosa.matmul %q3, %kt, %zero, %zero : (tensor<2x8x16xf32>, tensor<2x16x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x8x8xf32>
  %scores = tosa.mul %products, %scale, %shift : (tensor<2x8x8xf32>, tensor<1x1x1xf32>, tensor<1xi8>) -> tensor<2x8x8xf32>
  %max = tosa.reduce_max %scores {axis = 2 : i32} : (tensor<2x8x8xf32>) -> tensor<2x8x1xf32>
  %difference = tosa.sub %scores, %max : (tensor<2x8x8xf32>, tensor<2x8x1xf32>) -> tensor<2x8x8xf32>
  %exp = tosa.exp %difference : (tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %sum = tosa.reduce_sum %exp {axis = 2 : i32} : (tensor<2x8x8xf32>) -> tensor<2x8x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<2x8x1xf32>) -> tensor<2x8x1xf32>
  %weights = tosa.mul %exp, %inverse, %shift : (tensor<2x8x8xf32>, tensor<2x8x1xf32>, tensor<1xi8>) -> tensor<2x8x8xf32>
  %o = tosa.matmul %weights, %v3, %zero, %zero : (tensor<2x8x8xf32>, tensor<2x8x16xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x8x16xf32>
  %r = tosa.reshape %o, %batches : (tensor<2x8x16xf32>, !tosa.shape<4>) -> tensor<1x2x8x16xf32>
  return %r : tensor<1x2x8x16xf32>
}

// -----

// Without tosa nothing changes.
// CHECK-LABEL: @none
// CHECK: arith.addf %{{.*}}, %{{.*}} : tensor<4xf32>
func.func @none(%x: tensor<4xf32>) -> tensor<4xf32> {
  %unused = arith.mulf %x, %x : tensor<4xf32>
  %r = arith.addf %x, %x : tensor<4xf32>
  return %r : tensor<4xf32>
}
