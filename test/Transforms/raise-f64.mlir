// scale and softcap of attn.sdpa are numbers of type f32: a region computes what
// they do not hold.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=f64_scale --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=f64_softcap --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=f64_both --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=f64_near_default --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=f64_exact --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=f64_scaled_query --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=large_scale --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --check --tolerance=1e-12
// RUN: attn-run %s --function=root_of_other_size --input=2x8x16xf64=random:1 --input=2x12x16xf64=random:2 --input=2x12x16xf64=random:3 --input=index=20 --check --tolerance=1e-12

// CHECK-LABEL: func @f64_scale
// CHECK-NOT: linalg
// CHECK-DAG: %[[C:.*]] = arith.constant 3.000000e-01 : f64
// CHECK: attn.sdpa {{.*}} scale(1.000000e+00) score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : f64 {
// CHECK-NEXT: arith.mulf %[[S]], %[[C]] : f64
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_scale(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 0.3 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 0xFFF0000000000000 : f64
  %e9 = tensor.empty() : tensor<2x8xf64>
  %f10 = linalg.fill ins(%c8 : f64) outs(%e9 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%f10 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e12 = tensor.empty() : tensor<2x8x12xf64>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e12 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e14 = tensor.empty() : tensor<2x8xf64>
  %f15 = linalg.fill ins(%c1 : f64) outs(%e14 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf64>) outs(%f15 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e17 = tensor.empty() : tensor<2x8x12xf64>
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e17 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e19 = tensor.empty() : tensor<2x8x16xf64>
  %f20 = linalg.fill ins(%c1 : f64) outs(%e19 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f20 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out21 : tensor<2x8x16xf64>
}

// CHECK-LABEL: func @f64_softcap
// CHECK-NOT: linalg
// CHECK-DAG: %[[C:.*]] = arith.constant 3.010000e+01 : f64
// CHECK: attn.sdpa {{.*}} score(
// CHECK: arith.divf %{{.*}}, %[[C]] : f64
// CHECK: math.tanh
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_softcap(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 0.25 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 30.1 : f64
  %e9 = tensor.empty() : tensor<2x8x12xf64>
  %capped10 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%e9 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %x = arith.divf %a0, %c8 : f64
    %y = math.tanh %x : f64
    %r = arith.mulf %y, %c8 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c11 = arith.constant 0xFFF0000000000000 : f64
  %e12 = tensor.empty() : tensor<2x8xf64>
  %f13 = linalg.fill ins(%c11 : f64) outs(%e12 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%capped10 : tensor<2x8x12xf64>) outs(%f13 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e15 = tensor.empty() : tensor<2x8x12xf64>
  %exps16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%capped10, %max14 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e15 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e17 = tensor.empty() : tensor<2x8xf64>
  %f18 = linalg.fill ins(%c1 : f64) outs(%e17 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps16 : tensor<2x8x12xf64>) outs(%f18 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e20 = tensor.empty() : tensor<2x8x12xf64>
  %weights21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps16, %sum19 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e20 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e22 = tensor.empty() : tensor<2x8x16xf64>
  %f23 = linalg.fill ins(%c1 : f64) outs(%e22 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights21, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f23 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out24 : tensor<2x8x16xf64>
}

// CHECK-LABEL: func @f64_both
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} score(
// CHECK: math.tanh
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_both(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 0.3 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 30.1 : f64
  %e9 = tensor.empty() : tensor<2x8x12xf64>
  %capped10 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%e9 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %x = arith.divf %a0, %c8 : f64
    %y = math.tanh %x : f64
    %r = arith.mulf %y, %c8 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c11 = arith.constant 0xFFF0000000000000 : f64
  %e12 = tensor.empty() : tensor<2x8xf64>
  %f13 = linalg.fill ins(%c11 : f64) outs(%e12 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%capped10 : tensor<2x8x12xf64>) outs(%f13 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e15 = tensor.empty() : tensor<2x8x12xf64>
  %exps16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%capped10, %max14 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e15 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e17 = tensor.empty() : tensor<2x8xf64>
  %f18 = linalg.fill ins(%c1 : f64) outs(%e17 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps16 : tensor<2x8x12xf64>) outs(%f18 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e20 = tensor.empty() : tensor<2x8x12xf64>
  %weights21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps16, %sum19 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e20 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e22 = tensor.empty() : tensor<2x8x16xf64>
  %f23 = linalg.fill ins(%c1 : f64) outs(%e22 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights21, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f23 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out24 : tensor<2x8x16xf64>
}

// Near the default, which is another number.
// CHECK-LABEL: func @f64_near_default
// CHECK-NOT: linalg
// CHECK-DAG: %[[C:.*]] = arith.constant 0.25000000010000001 : f64
// CHECK: attn.sdpa {{.*}} scale(1.000000e+00) score(
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_near_default(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 0.2500000001 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 0xFFF0000000000000 : f64
  %e9 = tensor.empty() : tensor<2x8xf64>
  %f10 = linalg.fill ins(%c8 : f64) outs(%e9 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%f10 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e12 = tensor.empty() : tensor<2x8x12xf64>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e12 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e14 = tensor.empty() : tensor<2x8xf64>
  %f15 = linalg.fill ins(%c1 : f64) outs(%e14 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf64>) outs(%f15 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e17 = tensor.empty() : tensor<2x8x12xf64>
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e17 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e19 = tensor.empty() : tensor<2x8x16xf64>
  %f20 = linalg.fill ins(%c1 : f64) outs(%e19 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f20 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out21 : tensor<2x8x16xf64>
}

// What they hold they take.
// CHECK-LABEL: func @f64_exact
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) scale(7.500000e-01) softcap(3.000000e+01) :
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_exact(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 0.75 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 30.0 : f64
  %e9 = tensor.empty() : tensor<2x8x12xf64>
  %capped10 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%e9 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %x = arith.divf %a0, %c8 : f64
    %y = math.tanh %x : f64
    %r = arith.mulf %y, %c8 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c11 = arith.constant 0xFFF0000000000000 : f64
  %e12 = tensor.empty() : tensor<2x8xf64>
  %f13 = linalg.fill ins(%c11 : f64) outs(%e12 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max14 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%capped10 : tensor<2x8x12xf64>) outs(%f13 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e15 = tensor.empty() : tensor<2x8x12xf64>
  %exps16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%capped10, %max14 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e15 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e17 = tensor.empty() : tensor<2x8xf64>
  %f18 = linalg.fill ins(%c1 : f64) outs(%e17 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum19 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps16 : tensor<2x8x12xf64>) outs(%f18 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e20 = tensor.empty() : tensor<2x8x12xf64>
  %weights21 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps16, %sum19 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e20 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e22 = tensor.empty() : tensor<2x8x16xf64>
  %f23 = linalg.fill ins(%c1 : f64) outs(%e22 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out24 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights21, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f23 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out24 : tensor<2x8x16xf64>
}

// A factor of the queries.
// CHECK-LABEL: func @f64_scaled_query
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} scale(1.000000e+00) score(
// CHECK-NOT: linalg
// CHECK: return
func.func @f64_scaled_query(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.3 : f64
  %e2 = tensor.empty() : tensor<2x8x16xf64>
  %scaled3 = linalg.generic {indexing_maps = [affine_map<(h, i, d) -> (h, i, d)>, affine_map<(h, i, d) -> (h, i, d)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%q : tensor<2x8x16xf64>) outs(%e2 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  %c4 = arith.constant 0.0 : f64
  %e5 = tensor.empty() : tensor<2x8x12xf64>
  %f6 = linalg.fill ins(%c4 : f64) outs(%e5 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products7 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%scaled3, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 0xFFF0000000000000 : f64
  %e9 = tensor.empty() : tensor<2x8xf64>
  %f10 = linalg.fill ins(%c8 : f64) outs(%e9 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%products7 : tensor<2x8x12xf64>) outs(%f10 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e12 = tensor.empty() : tensor<2x8x12xf64>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products7, %max11 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e12 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e14 = tensor.empty() : tensor<2x8xf64>
  %f15 = linalg.fill ins(%c4 : f64) outs(%e14 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf64>) outs(%f15 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e17 = tensor.empty() : tensor<2x8x12xf64>
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e17 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e19 = tensor.empty() : tensor<2x8x16xf64>
  %f20 = linalg.fill ins(%c4 : f64) outs(%e19 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f20 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out21 : tensor<2x8x16xf64>
}

// A number that no f32 is.
// CHECK-LABEL: func @large_scale
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} scale(1.000000e+00) score(
// CHECK-NOT: linalg
// CHECK: return
func.func @large_scale(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>) -> (tensor<2x8x16xf64>) {
  %c1 = arith.constant 0.0 : f64
  %e2 = tensor.empty() : tensor<2x8x12xf64>
  %f3 = linalg.fill ins(%c1 : f64) outs(%e2 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products4 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f3 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c5 = arith.constant 1.0e+39 : f64
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products4 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %c5 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 0xFFF0000000000000 : f64
  %e9 = tensor.empty() : tensor<2x8xf64>
  %f10 = linalg.fill ins(%c8 : f64) outs(%e9 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%f10 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e12 = tensor.empty() : tensor<2x8x12xf64>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e12 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e14 = tensor.empty() : tensor<2x8xf64>
  %f15 = linalg.fill ins(%c1 : f64) outs(%e14 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf64>) outs(%f15 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e17 = tensor.empty() : tensor<2x8x12xf64>
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e17 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e19 = tensor.empty() : tensor<2x8x16xf64>
  %f20 = linalg.fill ins(%c1 : f64) outs(%e19 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f20 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out21 : tensor<2x8x16xf64>
}

// The root of another size than head_dim.
// CHECK-LABEL: func @root_of_other_size
// CHECK: attn.sdpa {{.*}} scale(1.000000e+00) score(
// CHECK-NEXT: arith.mulf
// CHECK: return
func.func @root_of_other_size(%q: tensor<2x8x16xf64>, %k: tensor<2x12x16xf64>, %v: tensor<2x12x16xf64>, %n: index) -> (tensor<2x8x16xf64>) {
  %int = arith.index_cast %n : index to i64
  %size = arith.sitofp %int : i64 to f64
  %root = math.sqrt %size : f64
  %c1 = arith.constant 1.0 : f64
  %inverse = arith.divf %c1, %root : f64
  %c2 = arith.constant 0.0 : f64
  %e3 = tensor.empty() : tensor<2x8x12xf64>
  %f4 = linalg.fill ins(%c2 : f64) outs(%e3 : tensor<2x8x12xf64>) -> tensor<2x8x12xf64>
  %products5 = linalg.generic {indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>, affine_map<(h, i, j, d) -> (h, j, d)>, affine_map<(h, i, j, d) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x8x16xf64>, tensor<2x12x16xf64>) outs(%f4 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e6 = tensor.empty() : tensor<2x8x12xf64>
  %scores7 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products5 : tensor<2x8x12xf64>) outs(%e6 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.mulf %a0, %inverse : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %c8 = arith.constant 0xFFF0000000000000 : f64
  %e9 = tensor.empty() : tensor<2x8xf64>
  %f10 = linalg.fill ins(%c8 : f64) outs(%e9 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %max11 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores7 : tensor<2x8x12xf64>) outs(%f10 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.maximumf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e12 = tensor.empty() : tensor<2x8x12xf64>
  %exps13 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%scores7, %max11 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e12 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %d = arith.subf %a0, %a1 : f64
    %r = math.exp %d : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e14 = tensor.empty() : tensor<2x8xf64>
  %f15 = linalg.fill ins(%c2 : f64) outs(%e14 : tensor<2x8xf64>) -> tensor<2x8xf64>
  %sum16 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%exps13 : tensor<2x8x12xf64>) outs(%f15 : tensor<2x8xf64>) {
  ^bb0(%a0: f64, %o: f64):
    %r = arith.addf %a0, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8xf64>
  %e17 = tensor.empty() : tensor<2x8x12xf64>
  %weights18 = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%exps13, %sum16 : tensor<2x8x12xf64>, tensor<2x8xf64>) outs(%e17 : tensor<2x8x12xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %r = arith.divf %a0, %a1 : f64
    linalg.yield %r : f64
  } -> tensor<2x8x12xf64>
  %e19 = tensor.empty() : tensor<2x8x16xf64>
  %f20 = linalg.fill ins(%c2 : f64) outs(%e19 : tensor<2x8x16xf64>) -> tensor<2x8x16xf64>
  %out21 = linalg.generic {indexing_maps = [affine_map<(h, i, e, j) -> (h, i, j)>, affine_map<(h, i, e, j) -> (h, j, e)>, affine_map<(h, i, e, j) -> (h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weights18, %v : tensor<2x8x12xf64>, tensor<2x12x16xf64>) outs(%f20 : tensor<2x8x16xf64>) {
  ^bb0(%a0: f64, %a1: f64, %o: f64):
    %m = arith.mulf %a0, %a1 : f64
    %r = arith.addf %m, %o : f64
    linalg.yield %r : f64
  } -> tensor<2x8x16xf64>
  return %out21 : tensor<2x8x16xf64>
}
