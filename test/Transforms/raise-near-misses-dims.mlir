// Dimensions that attn.sdpa does not have, types, and products of which only one
// is attention.
// RUN: attn-opt %s --attn-raise=explain --verify-diagnostics | FileCheck %s

#products = affine_map<(b, k, g, i, j, d) -> (b, k, g, i, j)>
#query = affine_map<(b, k, g, i, j, d) -> (b, k, g, i, d)>
#key = affine_map<(b, k, g, i, j, d) -> (b, k, j, d)>
#weights = affine_map<(b, k, g, i, d, j) -> (b, k, g, i, j)>
#value = affine_map<(b, k, g, i, d, j) -> (b, k, j, d)>
#output = affine_map<(b, k, g, i, d, j) -> (b, k, g, i, d)>
#id = affine_map<(b, k, g, i, j) -> (b, k, g, i, j)>
#group = affine_map<(b, k, g, i, j) -> (g)>

// Weights that have one more dimension than the products.
// CHECK-LABEL: func @weights_of_more
// CHECK-NOT: attn.sdpa
func.func @weights_of_more(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %bias: tensor<3x2x8x12xf32>, %v3: tensor<3x2x12x16xf32>) -> (tensor<3x2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e8 = tensor.empty() : tensor<3x2x8x12xf32>
  %biased9 = linalg.generic {indexing_maps = [affine_map<(n, h, i, j) -> (h, i, j)>, affine_map<(n, h, i, j) -> (n, h, i, j)>, affine_map<(n, h, i, j) -> (n, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores7, %bias : tensor<2x8x12xf32>, tensor<3x2x8x12xf32>) outs(%e8 : tensor<3x2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<3x2x8x12xf32>
  %e10 = tensor.empty() : tensor<3x2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the weights have a dimension that the product of queries and keys lacks}}
  %weights11 = linalg.softmax dimension(3) ins(%biased9 : tensor<3x2x8x12xf32>) outs(%e10 : tensor<3x2x8x12xf32>) -> tensor<3x2x8x12xf32>
  %e12 = tensor.empty() : tensor<3x2x8x16xf32>
  %f13 = linalg.fill ins(%c1 : f32) outs(%e12 : tensor<3x2x8x16xf32>) -> tensor<3x2x8x16xf32>
  %out14 = linalg.generic {indexing_maps = [affine_map<(n, h, i, e, j) -> (n, h, i, j)>, affine_map<(n, h, i, e, j) -> (n, h, j, e)>, affine_map<(n, h, i, e, j) -> (n, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights11, %v3 : tensor<3x2x8x12xf32>, tensor<3x2x12x16xf32>) outs(%f13 : tensor<3x2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<3x2x8x16xf32>
  return %out14 : tensor<3x2x8x16xf32>
}

// A sum in another type.
// CHECK-LABEL: func @output_of_another_type
// CHECK-NOT: attn.sdpa
func.func @output_of_another_type(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<2x8xf32>
  %f10 = linalg.fill ins(%c8 : f32) outs(%e9 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f10 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e12 = tensor.empty() : tensor<2x8x12xf32>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e12 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e14 = tensor.empty() : tensor<2x8xf32>
  %f15 = linalg.fill ins(%c1 : f32) outs(%e14 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf32>) outs(%f15 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the product is rounded to another type}}
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c19 = arith.constant 0.0 : f64
  %e20 = tensor.empty() : tensor<2x8x16xf64>
  %f21 = linalg.fill ins(%c19 : f64) outs(%e20 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  // expected-note @below {{by this 'linalg.generic'}}
  %out22 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f21 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f32, %a1: f32, %o: f64):
    %x = arith.extf %a0 : f32 to f64
    %y = arith.extf %a1 : f32 to f64
    %m = arith.mulf %x, %y : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out22 : tensor<2x8x16xf64>
}

// Two products of one softmax, of which the second is none with values.
// CHECK-LABEL: func @second_product_of_no_values
// CHECK-NOT: attn.sdpa
func.func @second_product_of_no_values(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %v2: tensor<2x8x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c8 = arith.constant 0xFF800000 : f32
  %e9 = tensor.empty() : tensor<2x8xf32>
  %f10 = linalg.fill ins(%c8 : f32) outs(%e9 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f10 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e12 = tensor.empty() : tensor<2x8x12xf32>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e12 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e14 = tensor.empty() : tensor<2x8xf32>
  %f15 = linalg.fill ins(%c1 : f32) outs(%e14 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf32>) outs(%f15 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the value is no view of batch, heads, positions and head_dim}}
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e19 = tensor.empty() : tensor<2x8x16xf32>
  %f20 = linalg.fill ins(%c1 : f32) outs(%e19 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f20 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  %e22 = tensor.empty() : tensor<2x8x16xf32>
  %f23 = linalg.fill ins(%c1 : f32) outs(%e22 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, i, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v2 : tensor<2x8x12xf32>, tensor<2x8x12x16xf32>) outs(%f23 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %x = math.absf %a1 : f32
    %m = arith.mulf %a0, %x : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out21, %out24 : tensor<2x8x16xf32>, tensor<2x8x16xf32>
}

// What is added depends on the place of a head in its group, whose size is not
// known.
// CHECK-LABEL: func @score_of_group
// CHECK-NOT: attn.sdpa
func.func @score_of_group(%q: tensor<2x?x?x8x16xf32>, %k: tensor<2x?x12x16xf32>, %v: tensor<2x?x12x16xf32>, %slopes: tensor<?xf32>, %scores: tensor<2x?x?x8x12xf32>, %outputs: tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %zeros = linalg.fill ins(%zero : f32) outs(%scores : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %products = linalg.contract indexing_maps = [#query, #key, #products] ins(%q, %k : tensor<2x?x?x8x16xf32>, tensor<2x?x12x16xf32>) outs(%zeros : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %biased = linalg.generic {indexing_maps = [#id, #group, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%products, %slopes : tensor<2x?x?x8x12xf32>, tensor<?xf32>) outs(%scores : tensor<2x?x?x8x12xf32>) {
  ^bb0(%x: f32, %y: f32, %out: f32):
    %z = arith.addf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x?x?x8x12xf32>
  // expected-remark @below {{softmax is not attention: a score depends on more than its position}}
  %weights = linalg.softmax dimension(4) ins(%biased : tensor<2x?x?x8x12xf32>) outs(%scores : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #output] ins(%weights, %v : tensor<2x?x?x8x12xf32>, tensor<2x?x12x16xf32>) outs(%init : tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32>
  return %o : tensor<2x?x?x8x16xf32>
}

// The same of a mask.
// CHECK-LABEL: func @mask_of_group
// CHECK-NOT: attn.sdpa
func.func @mask_of_group(%q: tensor<2x?x?x8x16xf32>, %k: tensor<2x?x12x16xf32>, %v: tensor<2x?x12x16xf32>, %keep: tensor<?xi1>, %scores: tensor<2x?x?x8x12xf32>, %outputs: tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %zeros = linalg.fill ins(%zero : f32) outs(%scores : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %products = linalg.contract indexing_maps = [#query, #key, #products] ins(%q, %k : tensor<2x?x?x8x16xf32>, tensor<2x?x12x16xf32>) outs(%zeros : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %masked = linalg.generic {indexing_maps = [#id, #group, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%products, %keep : tensor<2x?x?x8x12xf32>, tensor<?xi1>) outs(%scores : tensor<2x?x?x8x12xf32>) {
  ^bb0(%x: f32, %y: i1, %out: f32):
    %z = arith.select %y, %x, %low : f32
    linalg.yield %z : f32
  } -> tensor<2x?x?x8x12xf32>
  // expected-remark @below {{softmax is not attention: a mask depends on more than its position}}
  %weights = linalg.softmax dimension(4) ins(%masked : tensor<2x?x?x8x12xf32>) outs(%scores : tensor<2x?x?x8x12xf32>) -> tensor<2x?x?x8x12xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #output] ins(%weights, %v : tensor<2x?x?x8x12xf32>, tensor<2x?x12x16xf32>) outs(%init : tensor<2x?x?x8x16xf32>) -> tensor<2x?x?x8x16xf32>
  return %o : tensor<2x?x?x8x16xf32>
}

// The first dimension of the output is read at 0 alone, and its size is not
// known.
// CHECK-LABEL: func @output_of_unknown_size
// CHECK-NOT: attn.sdpa
func.func @output_of_unknown_size(%q: tensor<4x8x16xf32>, %k: tensor<4x12x16xf32>, %v: tensor<4x12x16xf32>, %begin: tensor<?x4x8x16xf32>) -> tensor<?x4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %scores = tensor.empty() : tensor<4x8x12xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%scores : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%begin : tensor<?x4x8x16xf32>) -> tensor<?x4x8x16xf32>
  %products = linalg.contract indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>] ins(%q, %k : tensor<4x8x16xf32>, tensor<4x12x16xf32>) outs(%zeros : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: the result is no view of the output}}
  %weights = linalg.softmax dimension(2) ins(%products : tensor<4x8x12xf32>) outs(%scores : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %o = linalg.generic {indexing_maps = [affine_map<(h, i, d, j) -> (h, i, j)>, affine_map<(h, i, d, j) -> (h, j, d)>, affine_map<(h, i, d, j) -> (0, h, i, d)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%init : tensor<?x4x8x16xf32>) {
  ^bb0(%x: f32, %y: f32, %out: f32):
    %m = arith.mulf %x, %y : f32
    %s = arith.addf %m, %out : f32
    linalg.yield %s : f32
  } -> tensor<?x4x8x16xf32>
  return %o : tensor<?x4x8x16xf32>
}
