// Near misses among masks, and bits that are compared as numbers: what is kept
// is what the program keeps.
// RUN: attn-opt %s --attn-raise --canonicalize | FileCheck %s
// RUN: attn-run %s --function=signed_bits --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.signed_bits.npy
// RUN: attn-run %s --function=signed_bits --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.signed_bits.npy --tolerance=1e-5
// RUN: attn-run %s --function=signed_bits_above --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.signed_bits_above.npy
// RUN: attn-run %s --function=signed_bits_above --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.signed_bits_above.npy --tolerance=1e-5
// RUN: attn-run %s --function=two_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.two_levels.npy
// RUN: attn-run %s --function=two_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.two_levels.npy --tolerance=1e-3
// RUN: attn-run %s --function=two_levels_inverse --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.two_levels_inverse.npy
// RUN: attn-run %s --function=two_levels_inverse --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.two_levels_inverse.npy --tolerance=1e-3
// RUN: attn-run %s --function=nested_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.nested_levels.npy
// RUN: attn-run %s --function=nested_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.nested_levels.npy --tolerance=1e-3
// RUN: attn-run %s --function=constant_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.constant_levels.npy
// RUN: attn-run %s --function=constant_levels --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.constant_levels.npy --tolerance=1e-3

#id = affine_map<(h, i, j) -> (h, i, j)>
#table = affine_map<(h, i, j) -> (i, j)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>
#weights = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (h, j, d)>
#out = affine_map<(h, i, d, j) -> (h, i, d)>

// A bit that is true is -1 where it is compared with a sign: this keeps the
// triangle.
// CHECK-LABEL: func @signed_bits
// CHECK: attn.sdpa
// CHECK-SAME: causal
func.func @signed_bits(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %false = arith.constant false
  %triangle = arith.constant dense<[[true,false,false,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,false,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,true,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,true,true,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,true,true,true]]> : tensor<16x16xi1>
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #table, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products, %triangle : tensor<2x16x16xf32>, tensor<16x16xi1>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %m: i1, %unused: f32):
    %kept = arith.cmpi slt, %m, %false : i1
    %r = arith.select %kept, %s, %low : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// And this keeps what is not below the diagonal.
// CHECK-LABEL: func @signed_bits_above
// CHECK: attn.sdpa
// CHECK-SAME: window(0, -1)
func.func @signed_bits_above(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %false = arith.constant false
  %triangle = arith.constant dense<[[false,false,false,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,false,false,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,false,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,false,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,false,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,false,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,false,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,false,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,false,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,false,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,false,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,false,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,false,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,false,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,true,false,false],[true,true,true,true,true,true,true,true,true,true,true,true,true,true,true,false]]> : tensor<16x16xi1>
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #table, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products, %triangle : tensor<2x16x16xf32>, tensor<16x16xi1>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %m: i1, %unused: f32):
    %kept = arith.cmpi sge, %m, %false : i1
    %r = arith.select %kept, %s, %low : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// Both numbers drop: the larger is what keeps. They are added.
// CHECK-LABEL: func @two_levels
// CHECK: attn.sdpa
// CHECK-NOT: causal
// CHECK-NOT: mask
// CHECK: arith.select
// CHECK: return
func.func @two_levels(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %x = arith.constant -1.0e4 : f32
  %y = arith.constant -1.0e9 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %past = arith.cmpi sle, %j, %i : index
    %b = arith.select %past, %x, %y : f32
    %r = arith.addf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// The other one is the larger.
// CHECK-LABEL: func @two_levels_inverse
// CHECK: attn.sdpa
// CHECK-NOT: causal
// CHECK-NOT: mask
// CHECK: arith.select
// CHECK: return
func.func @two_levels_inverse(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %x = arith.constant -1.0e9 : f32
  %y = arith.constant -1.0e4 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %past = arith.cmpi sle, %j, %i : index
    %b = arith.select %past, %x, %y : f32
    %r = arith.addf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// Three numbers, all of which drop.
// CHECK-LABEL: func @nested_levels
// CHECK: attn.sdpa
// CHECK-NOT: causal
// CHECK-NOT: mask
// CHECK: arith.select
// CHECK: return
func.func @nested_levels(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %x = arith.constant -1.0e4 : f32
  %y = arith.constant -1.0e9 : f32
  %z = arith.constant -2.0e4 : f32
  %c0 = arith.constant 0 : index
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %past = arith.cmpi sle, %j, %i : index
    %first = arith.cmpi eq, %j, %c0 : index
    %n = arith.select %first, %z, %x : f32
    %b = arith.select %past, %n, %y : f32
    %r = arith.addf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// A constant of such numbers is a bias.
// CHECK-LABEL: func @constant_levels
// CHECK: attn.sdpa
// CHECK-SAME: bias
// CHECK-NOT: causal
// CHECK-NOT: window
// CHECK: return
func.func @constant_levels(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %levels = arith.constant dense<[[-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+04],[-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09,-1.0e+09]]> : tensor<16x16xf32>
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #table, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products, %levels : tensor<2x16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %m: f32, %unused: f32):
    %r = arith.addf %s, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}
