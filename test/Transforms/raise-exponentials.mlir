// Exponentials of other bases, without a maximum, zeroed by a mask.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=base_two --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=base_two_bias --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=4x8x12xf32=random:4 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=other_base --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=4x8x12xf32=random:4 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=base_two_of_difference --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=no_maximum --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=masked_exponentials --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=2x12xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=sinks_without_maximum --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=4xf32=random:4 --check | FileCheck %s --check-prefix=SMALL
// SMALL: check: result 0: max error {{[0-9.]+}}e-0{{[6789]}} in

// exp2, with log2(e) in the scale.
// CHECK-LABEL: func @base_two
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (
// CHECK-NOT: linalg
func.func @base_two(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.36067376 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty2 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%low : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%scores : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.maximumf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %shifted = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.subf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%shifted : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp2 %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty7 = tensor.empty() : tensor<2x4x8x16xf32>
  %init3 = linalg.fill ins(%zero : f32) outs(%empty7 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init3 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// The same with a bias, which is multiplied too.
// CHECK-LABEL: func @base_two_bias
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<4x8x12xf32>)
// CHECK: %[[B:.*]] = tensor.expand_shape %[[BIAS]]
// CHECK: attn.sdpa {{.*}} bias(%[[B]]) : (
func.func @base_two_bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %bias: tensor<4x8x12xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.36067376 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty2 = tensor.empty() : tensor<4x8x12xf32>
  %biasOfTwo = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i, j)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%bias : tensor<4x8x12xf32>) outs(%empty2 : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 1.44269504 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<4x8x12xf32>
  %biased = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %biasOfTwo : tensor<2x4x8x12xf32>, tensor<4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty4 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%low : f32) outs(%empty4 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%biased : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.maximumf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %shifted = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%biased, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.subf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%shifted : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp2 %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty9 = tensor.empty() : tensor<2x4x8x16xf32>
  %init3 = linalg.fill ins(%zero : f32) outs(%empty9 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init3 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// exp2 of what was meant for exp: scores and bias times ln(2).
// CHECK-LABEL: func @other_base
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) scale(0.173286796) score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK: %[[X:.*]] = tensor.extract
// CHECK: %[[Y:.*]] = arith.mulf %[[X]], %cst
// CHECK: arith.addf %[[S]], %[[Y]]
func.func @other_base(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %bias: tensor<4x8x12xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %biased = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %bias : tensor<2x4x8x12xf32>, tensor<4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%low : f32) outs(%empty3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%biased : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.maximumf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %shifted = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%biased, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.subf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%shifted : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp2 %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty8 = tensor.empty() : tensor<2x4x8x16xf32>
  %init3 = linalg.fill ins(%zero : f32) outs(%empty8 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init3 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// log2(e) on the difference: the lse is that of exp.
// CHECK-LABEL: func @base_two_of_difference
// CHECK-NOT: linalg
// CHECK: %[[O:.*]], %[[LSE:.*]] = attn.sdpa
// CHECK-NOT: linalg
// CHECK: return %[[O]], %[[LSE]]
func.func @base_two_of_difference(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty2 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%low : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%scores : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.maximumf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %shifted = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.subf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %inTwo = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%shifted : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 1.44269504 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%inTwo : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp2 %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %lse = linalg.generic {indexing_maps = [affine_map<(b, h, i) -> (b, h, i)>, affine_map<(b, h, i) -> (b, h, i)>, affine_map<(b, h, i) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%max, %sum : tensor<2x4x8xf32>, tensor<2x4x8xf32>) outs(%empty2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %log = math.log %a1 : f32
    %r = arith.addf %a0, %log : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty9 = tensor.empty() : tensor<2x4x8x16xf32>
  %init3 = linalg.fill ins(%zero : f32) outs(%empty9 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init3 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output, %lse : tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
}

// Nothing is subtracted.
// CHECK-LABEL: func @no_maximum
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (
// CHECK-NOT: linalg
func.func @no_maximum(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init2 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Exponentials that a mask zeroes, in the sum too.
// CHECK-LABEL: func @masked_exponentials
// CHECK-SAME: %[[KEEP:[a-z0-9]+]]: tensor<2x12xi1>)
// CHECK: %[[K:.*]] = tensor.expand_shape %[[KEEP]]
// CHECK: attn.sdpa {{.*}} keep(%[[K]]) : (
func.func @masked_exponentials(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %keep: tensor<2x12xi1>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty2 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%low : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%scores : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.maximumf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %shifted = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %max : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.subf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%shifted : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %kept = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %none = arith.constant 0.0 : f32
    %r = arith.select %a1, %a0, %none : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty2 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%kept : tensor<2x4x8x12xf32>) outs(%init2 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%kept, %sum : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty8 = tensor.empty() : tensor<2x4x8x16xf32>
  %init3 = linalg.fill ins(%zero : f32) outs(%empty8 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init3 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// A sink beside exponentials of which nothing is subtracted.
// CHECK-LABEL: func @sinks_without_maximum
// CHECK: attn.sdpa {{.*}} sinks(%{{.*}}) : (
func.func @sinks_without_maximum(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %sinks: tensor<4xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %exps = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%exps : tensor<2x4x8x12xf32>) outs(%init1 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = arith.addf %a0, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %empty4 = tensor.empty() : tensor<4xf32>
  %ofSinks = linalg.generic {indexing_maps = [affine_map<(h) -> (h)>, affine_map<(h) -> (h)>], iterator_types = ["parallel"]} ins(%sinks : tensor<4xf32>) outs(%empty4 : tensor<4xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %r = math.exp %a0 : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  %total = linalg.generic {indexing_maps = [affine_map<(b, h, i) -> (b, h, i)>, affine_map<(b, h, i) -> (h)>, affine_map<(b, h, i) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%sum, %ofSinks : tensor<2x4x8xf32>, tensor<4xf32>) outs(%empty3 : tensor<2x4x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%exps, %total : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.divf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty7 = tensor.empty() : tensor<2x4x8x16xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty7 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init2 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}
