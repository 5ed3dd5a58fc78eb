// A bias to which the product of queries and keys is added, and a softmax of which
// several products with values are made.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=bias_as_init --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x8x12xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=scaled_bias_as_init --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x8x12xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=two_values --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x12x16xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=two_divided --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x12x16xf32=random:4 --check --tolerance=1e-5

// CHECK-LABEL: func @bias_as_init
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<2x8x12xf32>)
// CHECK-NOT: linalg
// CHECK: %[[B:.*]] = tensor.expand_shape %[[BIAS]]
// CHECK: attn.sdpa {{.*}} bias(%[[B]]) scale(1.000000e+00) :
// CHECK-NOT: linalg
// CHECK: return
func.func @bias_as_init(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %bias: tensor<2x8x12xf32>) -> (tensor<2x8x16xf32>) {
  %products1 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%bias : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c2 = arith.constant 0xFF800000 : f32
  %e3 = tensor.empty() : tensor<2x8xf32>
  %f4 = linalg.fill ins(%c2 : f32) outs(%e3 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max5 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%products1 : tensor<2x8x12xf32>) outs(%f4 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %exps7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products1, %max5 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c8 = arith.constant 0.0 : f32
  %e9 = tensor.empty() : tensor<2x8xf32>
  %f10 = linalg.fill ins(%c8 : f32) outs(%e9 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps7 : tensor<2x8x12xf32>) outs(%f10 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e12 = tensor.empty() : tensor<2x8x12xf32>
  %weights13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps7, %sum11 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e12 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e14 = tensor.empty() : tensor<2x8x16xf32>
  %f15 = linalg.fill ins(%c8 : f32) outs(%e14 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out16 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights13, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f15 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out16 : tensor<2x8x16xf32>
}

// The bias is scaled with the product.
// CHECK-LABEL: func @scaled_bias_as_init
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK: %[[X:.*]] = tensor.extract
// CHECK: %[[Y:.*]] = arith.mulf %[[X]]
// CHECK: arith.addf %[[S]], %[[Y]]
// CHECK-NOT: linalg
// CHECK: return
func.func @scaled_bias_as_init(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %bias: tensor<2x8x12xf32>) -> (tensor<2x8x16xf32>) {
  %products1 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%bias : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c2 = arith.constant 0.25 : f32
  %e3 = tensor.empty() : tensor<2x8x12xf32>
  %scores4 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products1 : tensor<2x8x12xf32>) outs(%e3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c2 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c5 = arith.constant 0xFF800000 : f32
  %e6 = tensor.empty() : tensor<2x8xf32>
  %f7 = linalg.fill ins(%c5 : f32) outs(%e6 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max8 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores4 : tensor<2x8x12xf32>) outs(%f7 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e9 = tensor.empty() : tensor<2x8x12xf32>
  %exps10 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores4, %max8 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e9 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c11 = arith.constant 0.0 : f32
  %e12 = tensor.empty() : tensor<2x8xf32>
  %f13 = linalg.fill ins(%c11 : f32) outs(%e12 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps10 : tensor<2x8x12xf32>) outs(%f13 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e15 = tensor.empty() : tensor<2x8x12xf32>
  %weights16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps10, %sum14 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e15 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e17 = tensor.empty() : tensor<2x8x16xf32>
  %f18 = linalg.fill ins(%c11 : f32) outs(%e17 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out19 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights16, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f18 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out19 : tensor<2x8x16xf32>
}

// Two attentions that share query and key: the scores are computed twice, and
// never stored.
// CHECK-LABEL: func @two_values
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%[[Q:.*]]) key(%[[K:.*]]) value(
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(
// CHECK-NOT: linalg
// CHECK: return
func.func @two_values(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %v2: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8x16xf32>) {
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
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v2 : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f23 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out21, %out24 : tensor<2x8x16xf32>, tensor<2x8x16xf32>
}

// Divided after both products, with the logarithm of the sum.
// CHECK-LABEL: func @two_divided
// CHECK-NOT: linalg
// CHECK: attn.sdpa
// CHECK-NOT: linalg
// CHECK: attn.sdpa
// CHECK-NOT: linalg
// CHECK: return
func.func @two_divided(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %v2: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8x16xf32>, tensor<2x8xf32>) {
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
  %e17 = tensor.empty() : tensor<2x8xf32>
  %lse18 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum16, %max11 : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %l = math.log %a0 : f32
    %r = arith.addf %l, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8x16xf32>
  %f20 = linalg.fill ins(%c1 : f32) outs(%e19 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps13, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f20 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  %e22 = tensor.empty() : tensor<2x8x16xf32>
  %f23 = linalg.fill ins(%c1 : f32) outs(%e22 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps13, %v2 : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f23 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  %e25 = tensor.empty() : tensor<2x8x16xf32>
  %divided26 = linalg.generic {indexing_maps = [affine_map<(h, i, e) -> (h, i, e)>, affine_map<(h, i, e) -> (h, i)>, affine_map<(h, i, e) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%out21, %sum16 : tensor<2x8x16xf32>, tensor<2x8xf32>) outs(%e25 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  %e27 = tensor.empty() : tensor<2x8x16xf32>
  %divided28 = linalg.generic {indexing_maps = [affine_map<(h, i, e) -> (h, i, e)>, affine_map<(h, i, e) -> (h, i)>, affine_map<(h, i, e) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%out24, %sum16 : tensor<2x8x16xf32>, tensor<2x8xf32>) outs(%e27 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %divided26, %divided28, %lse18 : tensor<2x8x16xf32>, tensor<2x8x16xf32>, tensor<2x8xf32>
}
