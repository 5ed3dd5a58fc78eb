// Sums of several products of queries and keys, which are one over the features
// of all.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=mla --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x8x4xf32=random:4 --input=12x4xf32=random:5 --check --tolerance=1e-5
// RUN: attn-run %s --function=mla_absorbed --input=2x8x16xf32=random:1 --input=12x16xf32=random:2 --input=2x8x4xf32=random:3 --input=12x4xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=mla_heads --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x8x4xf32=random:4 --input=2x12x4xf32=random:5 --check --tolerance=1e-5
// RUN: attn-run %s --function=mla_init --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2x8x4xf32=random:4 --input=12x4xf32=random:5 --check --tolerance=1e-5

// Multi-head latent attention: the rotated keys are shared by all heads. What is
// joined has the size of queries and keys.
// CHECK-LABEL: func @mla
// CHECK-DAG: tensor.concat dim(3) {{.*}} -> tensor<1x2x8x20xf32>
// CHECK-DAG: tensor.concat dim(3) {{.*}} -> tensor<1x2x12x20xf32>
// CHECK-NOT: tensor<2x8x12xf32>
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
// CHECK-NOT: tensor<2x8x12xf32>
// CHECK: return
func.func @mla(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %qr: tensor<2x8x4xf32>, %kr: tensor<12x4xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e5 = tensor.empty() : tensor<2x8x12xf32>
  %f6 = linalg.fill ins(%c1 : f32) outs(%e5 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %rope7 = linalg.generic {indexing_maps = [affine_map<(h, i, j, r) -> (h, i, r)>, affine_map<(h, i, j, r) -> (j, r)>, affine_map<(h, i, j, r) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%qr, %kr : tensor<2x8x4xf32>, tensor<12x4xf32>) outs(%f6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e8 = tensor.empty() : tensor<2x8x12xf32>
  %both9 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4, %rope7 : tensor<2x8x12xf32>, tensor<2x8x12xf32>) outs(%e8 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c10 = arith.constant 0.22360679774997896 : f32
  %e11 = tensor.empty() : tensor<2x8x12xf32>
  %scores12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%both9 : tensor<2x8x12xf32>) outs(%e11 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c10 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c13 = arith.constant 0xFF800000 : f32
  %e14 = tensor.empty() : tensor<2x8xf32>
  %f15 = linalg.fill ins(%c13 : f32) outs(%e14 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores12 : tensor<2x8x12xf32>) outs(%f15 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  %exps18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores12, %max16 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e19 = tensor.empty() : tensor<2x8xf32>
  %f20 = linalg.fill ins(%c1 : f32) outs(%e19 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps18 : tensor<2x8x12xf32>) outs(%f20 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e22 = tensor.empty() : tensor<2x8x12xf32>
  %weights23 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps18, %sum21 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e22 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e24 = tensor.empty() : tensor<2x8x16xf32>
  %f25 = linalg.fill ins(%c1 : f32) outs(%e24 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out26 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights23, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f25 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out26 : tensor<2x8x16xf32>
}

// The same after the projections are absorbed: all keys are shared, and none is
// repeated.
// CHECK-LABEL: func @mla_absorbed
// CHECK-DAG: tensor.concat dim(3) {{.*}} -> tensor<1x2x8x20xf32>
// CHECK-DAG: tensor.concat dim(3) {{.*}} -> tensor<1x1x12x20xf32>
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
// CHECK: return
func.func @mla_absorbed(%q: tensor<2x8x16xf32>, %c: tensor<12x16xf32>, %qr: tensor<2x8x4xf32>, %kr: tensor<12x4xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %c : tensor<2x8x16xf32>, tensor<12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e5 = tensor.empty() : tensor<2x8x12xf32>
  %f6 = linalg.fill ins(%c1 : f32) outs(%e5 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %rope7 = linalg.generic {indexing_maps = [affine_map<(h, i, j, r) -> (h, i, r)>, affine_map<(h, i, j, r) -> (j, r)>, affine_map<(h, i, j, r) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%qr, %kr : tensor<2x8x4xf32>, tensor<12x4xf32>) outs(%f6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e8 = tensor.empty() : tensor<2x8x12xf32>
  %both9 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4, %rope7 : tensor<2x8x12xf32>, tensor<2x8x12xf32>) outs(%e8 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c10 = arith.constant 0.22360679774997896 : f32
  %e11 = tensor.empty() : tensor<2x8x12xf32>
  %scores12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%both9 : tensor<2x8x12xf32>) outs(%e11 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c10 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c13 = arith.constant 0xFF800000 : f32
  %e14 = tensor.empty() : tensor<2x8xf32>
  %f15 = linalg.fill ins(%c13 : f32) outs(%e14 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores12 : tensor<2x8x12xf32>) outs(%f15 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e17 = tensor.empty() : tensor<2x8x12xf32>
  %exps18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores12, %max16 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e19 = tensor.empty() : tensor<2x8xf32>
  %f20 = linalg.fill ins(%c1 : f32) outs(%e19 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps18 : tensor<2x8x12xf32>) outs(%f20 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e22 = tensor.empty() : tensor<2x8x12xf32>
  %weights23 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps18, %sum21 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e22 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e24 = tensor.empty() : tensor<2x8x16xf32>
  %f25 = linalg.fill ins(%c1 : f32) outs(%e24 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out26 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights23, %c : tensor<2x8x12xf32>, tensor<12x16xf32>) outs(%f25 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out26 : tensor<2x8x16xf32>
}

// Each head has rotated keys, and each product has the scale.
// CHECK-LABEL: func @mla_heads
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
// CHECK: return
func.func @mla_heads(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %qr: tensor<2x8x4xf32>, %kr: tensor<2x12x4xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.22360679774997896 : f32
  %c2 = arith.constant 0.0 : f32
  %e3 = tensor.empty() : tensor<2x8x12xf32>
  %f4 = linalg.fill ins(%c2 : f32) outs(%e3 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products5 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f4 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e6 = tensor.empty() : tensor<2x8x12xf32>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products5 : tensor<2x8x12xf32>) outs(%e6 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e8 = tensor.empty() : tensor<2x8x12xf32>
  %f9 = linalg.fill ins(%c2 : f32) outs(%e8 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %rope10 = linalg.generic {indexing_maps = [affine_map<(h, i, j, r) -> (h, i, r)>, affine_map<(h, i, j, r) -> (h, j, r)>, affine_map<(h, i, j, r) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%qr, %kr : tensor<2x8x4xf32>, tensor<2x12x4xf32>) outs(%f9 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e11 = tensor.empty() : tensor<2x8x12xf32>
  %scores12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%rope10 : tensor<2x8x12xf32>) outs(%e11 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e13 = tensor.empty() : tensor<2x8x12xf32>
  %both14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %scores12 : tensor<2x8x12xf32>, tensor<2x8x12xf32>) outs(%e13 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c15 = arith.constant 0xFF800000 : f32
  %e16 = tensor.empty() : tensor<2x8xf32>
  %f17 = linalg.fill ins(%c15 : f32) outs(%e16 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%both14 : tensor<2x8x12xf32>) outs(%f17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8x12xf32>
  %exps20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%both14, %max18 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e21 = tensor.empty() : tensor<2x8xf32>
  %f22 = linalg.fill ins(%c2 : f32) outs(%e21 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum23 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps20 : tensor<2x8x12xf32>) outs(%f22 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e24 = tensor.empty() : tensor<2x8x12xf32>
  %weights25 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps20, %sum23 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e24 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e26 = tensor.empty() : tensor<2x8x16xf32>
  %f27 = linalg.fill ins(%c2 : f32) outs(%e26 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out28 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights25, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f27 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out28 : tensor<2x8x16xf32>
}

// The second product begins with the first.
// CHECK-LABEL: func @mla_init
// CHECK-NOT: tensor<2x8x12xf32>
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) :
// CHECK-NOT: tensor<2x8x12xf32>
// CHECK: return
func.func @mla_init(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %qr: tensor<2x8x4xf32>, %kr: tensor<12x4xf32>) -> (tensor<2x8x16xf32>) {
  %c1 = arith.constant 0.0 : f32
  %e2 = tensor.empty() : tensor<2x8x12xf32>
  %f3 = linalg.fill ins(%c1 : f32) outs(%e2 : tensor<2x8x12xf32>) -> tensor<2x8x12xf32>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf32>, tensor<2x12x16xf32>) outs(%f3 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %both5 = linalg.generic {indexing_maps = [affine_map<(h, i, j, r) -> (h, i, r)>, affine_map<(h, i, j, r) -> (j, r)>, affine_map<(h, i, j, r) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%qr, %kr : tensor<2x8x4xf32>, tensor<12x4xf32>) outs(%products4 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c6 = arith.constant 0.22360679774997896 : f32
  %e7 = tensor.empty() : tensor<2x8x12xf32>
  %scores8 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%both5 : tensor<2x8x12xf32>) outs(%e7 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.mulf %a0, %c6 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c9 = arith.constant 0xFF800000 : f32
  %e10 = tensor.empty() : tensor<2x8xf32>
  %f11 = linalg.fill ins(%c9 : f32) outs(%e10 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores8 : tensor<2x8x12xf32>) outs(%f11 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e13 = tensor.empty() : tensor<2x8x12xf32>
  %exps14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores8, %max12 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e13 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e15 = tensor.empty() : tensor<2x8xf32>
  %f16 = linalg.fill ins(%c1 : f32) outs(%e15 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps14 : tensor<2x8x12xf32>) outs(%f16 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e18 = tensor.empty() : tensor<2x8x12xf32>
  %weights19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps14, %sum17 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e18 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e20 = tensor.empty() : tensor<2x8x16xf32>
  %f21 = linalg.fill ins(%c1 : f32) outs(%e20 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out22 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights19, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f21 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out22 : tensor<2x8x16xf32>
}
