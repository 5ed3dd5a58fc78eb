// Sinks that are numbers, and columns of sinks on either side of the scores.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=softmax1_folded --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=softmax1_max --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=softmax1_plain --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=softmax1_init --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=sinks_first --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=named_sinks_last --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2xf32=random:4 --check --tolerance=1e-5
// RUN: attn-run %s --function=named_sinks_first --input=2x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --input=2xf32=random:4 --check --tolerance=1e-5

// softmax1, exp(x) / (1 + sum of exp(x)): a sink of 0 that joins the maximum.
// CHECK-LABEL: func @softmax1_folded
// CHECK-NOT: linalg
// CHECK-DAG: %[[SINKS:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @softmax1_folded(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %e12 = tensor.empty() : tensor<2x8xf32>
  %most13 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%max11 : tensor<2x8xf32>) outs(%e12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %c1 : f32
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
  %total20 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum18, %most13 : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %n = arith.negf %a1 : f32
    %x = math.exp %n : f32
    %r = arith.addf %a0, %x : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x12xf32>
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

// One that joins the sum alone.
// CHECK-LABEL: func @softmax1_max
// CHECK-NOT: linalg
// CHECK-DAG: %[[SINKS:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @softmax1_max(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %total18 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum16, %max11 : tensor<2x8xf32>, tensor<2x8xf32>) outs(%e17 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %n = arith.subf %c1, %a1 : f32
    %x = math.exp %n : f32
    %r = arith.addf %x, %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e19 = tensor.empty() : tensor<2x8x12xf32>
  %weights20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %total18 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e19 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
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

// Nothing is subtracted.
// CHECK-LABEL: func @softmax1_plain
// CHECK-NOT: linalg
// CHECK-DAG: %[[SINKS:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @softmax1_plain(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %exps9 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%e8 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e10 = tensor.empty() : tensor<2x8xf32>
  %f11 = linalg.fill ins(%c1 : f32) outs(%e10 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum12 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps9 : tensor<2x8x12xf32>) outs(%f11 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %c13 = arith.constant 1.0 : f32
  %e14 = tensor.empty() : tensor<2x8xf32>
  %total15 = linalg.generic {indexing_maps = [affine_map<(h, i) -> (h, i)>, affine_map<(h, i) -> (h, i)>], iterator_types = ["parallel", "parallel"]} ins(%sum12 : tensor<2x8xf32>) outs(%e14 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %c13 : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e16 = tensor.empty() : tensor<2x8x12xf32>
  %weights17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps9, %total15 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e16 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e18 = tensor.empty() : tensor<2x8x16xf32>
  %f19 = linalg.fill ins(%c1 : f32) outs(%e18 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out20 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights17, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f19 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out20 : tensor<2x8x16xf32>
}

// The sum begins with 1.
// CHECK-LABEL: func @softmax1_init
// CHECK-NOT: linalg
// CHECK-DAG: %[[SINKS:.*]] = arith.constant dense<0.000000e+00> : tensor<2xf32>
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @softmax1_init(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x8x16xf32>) {
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
  %exps9 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7 : tensor<2x8x12xf32>) outs(%e8 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %c10 = arith.constant 1.0 : f32
  %e11 = tensor.empty() : tensor<2x8xf32>
  %f12 = linalg.fill ins(%c10 : f32) outs(%e11 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps9 : tensor<2x8x12xf32>) outs(%f12 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e14 = tensor.empty() : tensor<2x8x12xf32>
  %weights15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps9, %sum13 : tensor<2x8x12xf32>, tensor<2x8xf32>) outs(%e14 : tensor<2x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x12xf32>
  %e16 = tensor.empty() : tensor<2x8x16xf32>
  %f17 = linalg.fill ins(%c1 : f32) outs(%e16 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out18 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights15, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f17 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out18 : tensor<2x8x16xf32>
}

// gpt-oss has its sinks last; here they are first.
// CHECK-LABEL: func @sinks_first
// CHECK-SAME: %[[SINKS:[a-z0-9]+]]: tensor<2xf32>)
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @sinks_first(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %sinks: tensor<2xf32>) -> (tensor<2x8x16xf32>) {
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
  %e8 = tensor.empty() : tensor<2x8xf32>
  %col9 = linalg.broadcast ins(%sinks : tensor<2xf32>) outs(%e8 : tensor<2x8xf32>) dimensions = [1]
  %t10 = tensor.expand_shape %col9 [[0], [1, 2]] output_shape [2, 8, 1] : tensor<2x8xf32> into tensor<2x8x1xf32>
  %all11 = tensor.concat dim(2) %t10, %scores7 : (tensor<2x8x1xf32>, tensor<2x8x12xf32>) -> tensor<2x8x13xf32>
  %c12 = arith.constant 0xFF800000 : f32
  %e13 = tensor.empty() : tensor<2x8xf32>
  %f14 = linalg.fill ins(%c12 : f32) outs(%e13 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max15 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%all11 : tensor<2x8x13xf32>) outs(%f14 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.maximumf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e16 = tensor.empty() : tensor<2x8x13xf32>
  %exps17 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%all11, %max15 : tensor<2x8x13xf32>, tensor<2x8xf32>) outs(%e16 : tensor<2x8x13xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d = arith.subf %a0, %a1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x8x13xf32>
  %e18 = tensor.empty() : tensor<2x8xf32>
  %f19 = linalg.fill ins(%c1 : f32) outs(%e18 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum20 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps17 : tensor<2x8x13xf32>) outs(%f19 : tensor<2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r = arith.addf %a0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8xf32>
  %e21 = tensor.empty() : tensor<2x8x13xf32>
  %weights22 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps17, %sum20 : tensor<2x8x13xf32>, tensor<2x8xf32>) outs(%e21 : tensor<2x8x13xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x8x13xf32>
  %cut23 = tensor.extract_slice %weights22[0, 0, 1] [2, 8, 12] [1, 1, 1] : tensor<2x8x13xf32> to tensor<2x8x12xf32>
  %e24 = tensor.empty() : tensor<2x8x16xf32>
  %f25 = linalg.fill ins(%c1 : f32) outs(%e24 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out26 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%cut23, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f25 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out26 : tensor<2x8x16xf32>
}

// A column of linalg.softmax.
// CHECK-LABEL: func @named_sinks_last
// CHECK-SAME: %[[SINKS:[a-z0-9]+]]: tensor<2xf32>)
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @named_sinks_last(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %sinks: tensor<2xf32>) -> (tensor<2x8x16xf32>) {
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
  %e8 = tensor.empty() : tensor<2x8xf32>
  %col9 = linalg.broadcast ins(%sinks : tensor<2xf32>) outs(%e8 : tensor<2x8xf32>) dimensions = [1]
  %t10 = tensor.expand_shape %col9 [[0], [1, 2]] output_shape [2, 8, 1] : tensor<2x8xf32> into tensor<2x8x1xf32>
  %all11 = tensor.concat dim(2) %scores7, %t10 : (tensor<2x8x12xf32>, tensor<2x8x1xf32>) -> tensor<2x8x13xf32>
  %e12 = tensor.empty() : tensor<2x8x13xf32>
  %t13 = linalg.softmax dimension(2) ins(%all11 : tensor<2x8x13xf32>) outs(%e12 : tensor<2x8x13xf32>) -> tensor<2x8x13xf32>
  %cut14 = tensor.extract_slice %t13[0, 0, 0] [2, 8, 12] [1, 1, 1] : tensor<2x8x13xf32> to tensor<2x8x12xf32>
  %e15 = tensor.empty() : tensor<2x8x16xf32>
  %f16 = linalg.fill ins(%c1 : f32) outs(%e15 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out17 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%cut14, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f16 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out17 : tensor<2x8x16xf32>
}

// CHECK-LABEL: func @named_sinks_first
// CHECK-SAME: %[[SINKS:[a-z0-9]+]]: tensor<2xf32>)
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) :
// CHECK-NOT: linalg
// CHECK: return
func.func @named_sinks_first(%q: tensor<2x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>, %sinks: tensor<2xf32>) -> (tensor<2x8x16xf32>) {
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
  %e8 = tensor.empty() : tensor<2x8xf32>
  %col9 = linalg.broadcast ins(%sinks : tensor<2xf32>) outs(%e8 : tensor<2x8xf32>) dimensions = [1]
  %t10 = tensor.expand_shape %col9 [[0], [1, 2]] output_shape [2, 8, 1] : tensor<2x8xf32> into tensor<2x8x1xf32>
  %all11 = tensor.concat dim(2) %t10, %scores7 : (tensor<2x8x1xf32>, tensor<2x8x12xf32>) -> tensor<2x8x13xf32>
  %e12 = tensor.empty() : tensor<2x8x13xf32>
  %t13 = linalg.softmax dimension(2) ins(%all11 : tensor<2x8x13xf32>) outs(%e12 : tensor<2x8x13xf32>) -> tensor<2x8x13xf32>
  %cut14 = tensor.extract_slice %t13[0, 0, 1] [2, 8, 12] [1, 1, 1] : tensor<2x8x13xf32> to tensor<2x8x12xf32>
  %e15 = tensor.empty() : tensor<2x8x16xf32>
  %f16 = linalg.fill ins(%c1 : f32) outs(%e15 : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %out17 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%cut14, %v : tensor<2x8x12xf32>, tensor<2x12x16xf32>) outs(%f16 : tensor<2x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x8x16xf32>
  return %out17 : tensor<2x8x16xf32>
}
