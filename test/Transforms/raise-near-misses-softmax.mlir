// Softmaxes that are not what attention divides by, and the remark of each.
// RUN: attn-opt %s --attn-raise=explain --verify-diagnostics | FileCheck %s

// What is subtracted varies with the keys.
// CHECK-LABEL: func @maximum_with_bias
// CHECK-NOT: attn.sdpa
func.func @maximum_with_bias(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %bias: tensor<2x8x12xf32>) -> (tensor<2x8x16xf32>) {
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
  %most13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%max11, %bias : tensor<2x8xf32>, tensor<2x8x12xf32>) outs(%e12 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.maximumf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %exps15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %most13 : tensor<2x8x12xf32>, tensor<2x8x12xf32>) outs(%e14 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e16 = tensor.empty() : tensor<2x8xf32>
  %f17 = linalg.fill ins(%c1 : f32) outs(%e16 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps15 : tensor<2x8x12xf32>) outs(%f17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the maximum is with another score}}
  %weights20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %sum18, %most13 : tensor<2x8x12xf32>, tensor<2x8xf32>, tensor<2x8x12xf32>) outs(%e19 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %o: f32):
    %l = math.log %a1 : f32
    %n = arith.addf %l, %a2 : f32
    %d = arith.subf %a0, %n : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e21 = tensor.empty() : tensor<2x8x16xf32>
  %f22 = linalg.fill ins(%c1 : f32) outs(%e21 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out23 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights20, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f22 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out23 : tensor<2x8x16xf32>
}

// A sink has one number for each head.
// CHECK-LABEL: func @sink_of_each_query
// CHECK-NOT: attn.sdpa
func.func @sink_of_each_query(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %sinks: tensor<2x8xf32>) -> (tensor<2x8x16xf32>) {
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
  %e12 = tensor.empty() : tensor<2x8xf32>
  %most13 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%max11, %sinks : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.maximumf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %exps15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %most13 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e14 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e16 = tensor.empty() : tensor<2x8xf32>
  %f17 = linalg.fill ins(%c1 : f32) outs(%e16 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps15 : tensor<2x8x12xf32>) outs(%f17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8xf32>
  %total20 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum18, %sinks, %most13 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %o: f32):
    %d = arith.subf %a1, %a2 : f32
    %x = math.exp %d : f32
    %r = arith.addf %a0, %x : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the sink is not one number for each head}}
  %weights22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps15, %total20 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e21 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e23 = tensor.empty() : tensor<2x8x16xf32>
  %f24 = linalg.fill ins(%c1 : f32) outs(%e23 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out25 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights22, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f24 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out25 : tensor<2x8x16xf32>
}

// The sink is a power of two, as the scores are.
// CHECK-LABEL: func @sink_of_base_two
// CHECK-NOT: attn.sdpa
func.func @sink_of_base_two(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %sinks: tensor<2xf32>) -> (tensor<2x8x16xf32>) {
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
  %e12 = tensor.empty() : tensor<2x8xf32>
  %most13 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%max11, %sinks : tensor<2x8xf32>, tensor<2xf32>) outs(%e12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.maximumf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %exps15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %most13 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e14 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp2 %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e16 = tensor.empty() : tensor<2x8xf32>
  %f17 = linalg.fill ins(%c1 : f32) outs(%e16 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps15 : tensor<2x8x12xf32>) outs(%f17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8xf32>
  %total20 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum18, %sinks, %most13 : tensor<2x8xf32>, tensor<2xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %o: f32):
    %d = arith.subf %a1, %a2 : f32
    %x = math.exp2 %d : f32
    %r = arith.addf %a0, %x : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the sink is scaled by another factor}}
  %weights22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps15, %total20 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e21 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e23 = tensor.empty() : tensor<2x8x16xf32>
  %f24 = linalg.fill ins(%c1 : f32) outs(%e23 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out25 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights22, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f24 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out25 : tensor<2x8x16xf32>
}

// Other dimensions than the keys.
// CHECK-LABEL: func @over_heads
// CHECK-NOT: attn.sdpa
func.func @over_heads(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %e9 = tensor.empty() : tensor<8x12xf32>
  %f10 = linalg.fill ins(%c8 : f32) outs(%e9 : tensor<8x12xf32>) -> tensor<8x12xf32>
  %max11 = linalg.generic {indexing_maps = [affine_map<(i, j, h) -> (h, i, j)>, affine_map<(i, j, h) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f10 : tensor<8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<8x12xf32>
  %e12 = tensor.empty() : tensor<2x8x12xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf32>, tensor<8x12xf32>) outs(%e12 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e14 = tensor.empty() : tensor<8x12xf32>
  %f15 = linalg.fill ins(%c1 : f32) outs(%e14 : tensor<8x12xf32>) -> tensor<8x12xf32>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(i, j, h) -> (h, i, j)>, affine_map<(i, j, h) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf32>) outs(%f15 : tensor<8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<8x12xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the softmax is over batches or heads, not over the keys}}
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf32>, tensor<8x12xf32>) outs(%e17 : tensor<2x8x12xf32>) {
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
  return %out21 : tensor<2x8x16xf32>
}

// The maximum is over keys, the sum is not.
// CHECK-LABEL: func @sum_over_queries
// CHECK-NOT: attn.sdpa
func.func @sum_over_queries(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %e14 = tensor.empty() : tensor<2x12xf32>
  %f15 = linalg.fill ins(%c1 : f32) outs(%e14 : tensor<2x12xf32>) -> tensor<2x12xf32>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, j, i) -> (h, i, j)>, affine_map<(h, j, i) -> (h, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf32>) outs(%f15 : tensor<2x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x12xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the softmax is over queries, not over the keys}}
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf32>, tensor<2x12xf32>) outs(%e17 : tensor<2x8x12xf32>) {
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
  return %out21 : tensor<2x8x16xf32>
}

// CHECK-LABEL: func @of_no_product
// CHECK-NOT: attn.sdpa
func.func @of_no_product(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %scores: tensor<2x8x12xf32>) -> (tensor<2x8x16xf32>) {
  %e1 = tensor.empty() : tensor<2x8x12xf32>
  // expected-remark @below {{softmax is not attention: the softmax is not over the keys}}
  %weights2 = linalg.softmax dimension(1) ins(%scores : tensor<2x8x12xf32>) outs(%e1 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %c3 = arith.constant 0.0 : f32
  %e4 = tensor.empty() : tensor<2x8x16xf32>
  %f5 = linalg.fill ins(%c3 : f32) outs(%e4 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out6 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights2, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f5 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out6 : tensor<2x8x16xf32>
}

// The softmax is over positions that are no values'.
// CHECK-LABEL: func @over_more_positions
// CHECK-NOT: attn.sdpa
func.func @over_more_positions(%q: tensor<2x8x16xf32>, %k: tensor<2x14x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x14xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x14xf32>) -> tensor<2x8x14xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x14x16xf32>) outs(%f3 : tensor<2x8x14xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x14xf32>
  %c5 = arith.constant 0.25 : f32
  %e6 = tensor.empty() : tensor<2x8x14xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x14xf32>) outs(%e6 : tensor<2x8x14xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c5 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x14xf32>
  %e8 = tensor.empty() : tensor<2x8x14xf32>
  // expected-remark @below {{softmax is not attention: the softmax is over other positions than the values}}
  %weights9 = linalg.softmax dimension(2) ins(%scores7 : tensor<2x8x14xf32>) outs(%e8 : tensor<2x8x14xf32>) -> tensor<2x8x14xf32>
  %cut10 = tensor.extract_slice %weights9[0, 0, 0] [2, 8, 12] [1, 1, 1] : tensor<2x8x14xf32> to tensor<2x8x12xf32>
  %e11 = tensor.empty() : tensor<2x8x16xf32>
  %f12 = linalg.fill ins(%c1 : f32) outs(%e11 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out13 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%cut10, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f12 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out13 : tensor<2x8x16xf32>
}
