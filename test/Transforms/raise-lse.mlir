// The logarithm of the sum of exponentials that is computed anew, of the scores.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=logsumexp_beside --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=logsumexp_plain --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=logsumexp_named --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5

// torch.logsumexp beside a softmax: a chain of its own, with a guard of the
// maximum.
// CHECK-LABEL: func @logsumexp_beside
// CHECK-NOT: linalg
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa
// CHECK-NOT: linalg
// CHECK: return %{{.*}}, %{{.*}} : tensor<2x8x16xf32>, tensor<2x8xf32>
func.func @logsumexp_beside(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8xf32>) {
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
  %e22 = tensor.empty() : tensor<2x8xf32>
  %f23 = linalg.fill ins(%c8 : f32) outs(%e22 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max24 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f23 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %c25 = arith.constant 0x7F800000 : f32
  %e26 = tensor.empty() : tensor<2x8xf32>
  %finite27 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%max24 : tensor<2x8xf32>) outs(%e26 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %b = math.absf %a0 : f32
    %c = arith.cmpf oeq, %b, %c25 : f32
    %r = arith.select %c, %c1, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e28 = tensor.empty() : tensor<2x8x12xf32>
  %exps29 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %finite27 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e28 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e30 = tensor.empty() : tensor<2x8xf32>
  %f31 = linalg.fill ins(%c1 : f32) outs(%e30 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum32 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps29 : tensor<2x8x12xf32>) outs(%f31 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e33 = tensor.empty() : tensor<2x8xf32>
  %log34 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum32 : tensor<2x8xf32>) outs(%e33 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.log %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e35 = tensor.empty() : tensor<2x8xf32>
  %lse36 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%log34, %finite27 : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e35 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  return %out21, %lse36 : tensor<2x8x16xf32>, tensor<2x8xf32>
}

// Before the softmax, and without one.
// CHECK-LABEL: func @logsumexp_plain
// CHECK-NOT: linalg
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa
// CHECK-NOT: linalg
// CHECK: return
func.func @logsumexp_plain(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8xf32>) {
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
  %e19 = tensor.empty() : tensor<2x8xf32>
  %f20 = linalg.fill ins(%c8 : f32) outs(%e19 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f20 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e22 = tensor.empty() : tensor<2x8x12xf32>
  %exps23 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max21 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e22 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e24 = tensor.empty() : tensor<2x8xf32>
  %f25 = linalg.fill ins(%c1 : f32) outs(%e24 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum26 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps23 : tensor<2x8x12xf32>) outs(%f25 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e27 = tensor.empty() : tensor<2x8x12xf32>
  %weights28 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps23, %sum26 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e27 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e29 = tensor.empty() : tensor<2x8x16xf32>
  %f30 = linalg.fill ins(%c1 : f32) outs(%e29 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out31 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights28, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f30 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out31, %lse18 : tensor<2x8x16xf32>, tensor<2x8xf32>
}

// Beside linalg.softmax, with the dimension of the keys kept.
// CHECK-LABEL: func @logsumexp_named
// CHECK-NOT: linalg
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa
// CHECK-NOT: linalg
// CHECK: return %{{.*}}, %{{.*}} : tensor<2x8x16xf32>, tensor<2x8x1xf32>
func.func @logsumexp_named(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8x1xf32>) {
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
  %e8 = tensor.empty() : tensor<2x8x12xf32>
  %weights9 = linalg.softmax dimension(2) ins(%scores7 : tensor<2x8x12xf32>) outs(%e8 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %c10 = arith.constant 0xFF800000 : f32
  %e11 = tensor.empty() : tensor<2x8xf32>
  %f12 = linalg.fill ins(%c10 : f32) outs(%e11 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%f12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %exps15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max13 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e14 : tensor<2x8x12xf32>) {
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
  %log20 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum18 : tensor<2x8xf32>) outs(%e19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.log %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %t21 = tensor.expand_shape %log20 [[0], [1, 2]] output_shape [2, 8, 1] : tensor<2x8xf32> into tensor<2x8x1xf32>
  %t22 = tensor.expand_shape %max13 [[0], [1, 2]] output_shape [2, 8, 1] : tensor<2x8xf32> into tensor<2x8x1xf32>
  %e23 = tensor.empty() : tensor<2x8x1xf32>
  %lse24 = linalg.generic {indexing_maps = [affine_map<(h, i, u) -> (h, i, u)>, affine_map<(h, i, u) -> (h, i, u)>, affine_map<(h, i, u) -> (h, i, u)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%t21, %t22 : tensor<2x8x1xf32>, tensor<2x8x1xf32>) outs(%e23 : tensor<2x8x1xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x1xf32>
  %e25 = tensor.empty() : tensor<2x8x16xf32>
  %f26 = linalg.fill ins(%c1 : f32) outs(%e25 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out27 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights9, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f26 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out27, %lse24 : tensor<2x8x16xf32>, tensor<2x8x1xf32>
}
