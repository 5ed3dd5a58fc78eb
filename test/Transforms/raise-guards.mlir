// What stands around a softmax and must not change what it computes.
// RUN: attn-opt %s --attn-raise=explain --canonicalize -verify-diagnostics | FileCheck %s
// RUN: attn-run %s --function=lse_used_first --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=power_of_two --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=mask_under_scale --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --check --tolerance=1e-5
// RUN: attn-run %s --function=sum_above_threshold --input=2x8x16xf32=random:1 --input=2x8x16xf32=random:2 --input=2x8x16xf32=random:3 --input=2x8x8xi1=random:4 --check --tolerance=1e-5

#id = affine_map<(h, i, j) -> (h, i, j)>
#row = affine_map<(h, i, j) -> (h, i)>
#same = affine_map<(h, i) -> (h, i)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>

// The logarithm of the sum is used before the product with the values.
// CHECK-LABEL: func @lse_used_first
// CHECK: %[[OUT:.*]], %[[LSE:.*]] = attn.sdpa
// CHECK: linalg.add ins(%{{.*}}, %{{.*}} : tensor<2x8xf32>
func.func @lse_used_first(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> (tensor<2x8x16xf32>, tensor<2x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x8x8xf32>
  %rows = tensor.empty() : tensor<2x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%zeros : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x8x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %y = arith.mulf %x0, %c : f32
    linalg.yield %y : f32
  } -> tensor<2x8x8xf32>
  %lows = linalg.fill ins(%low : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max = linalg.reduce ins(%scores : tensor<2x8x8xf32>) outs(%lows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %m = arith.maximumf %x, %y : f32
    linalg.yield %m : f32
  }
  %exps = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %max : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %d = arith.subf %x0, %x1 : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<2x8x8xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum = linalg.reduce ins(%exps : tensor<2x8x8xf32>) outs(%zeroRows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  }
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %sum : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %w = arith.divf %x0, %x1 : f32
    linalg.yield %w : f32
  } -> tensor<2x8x8xf32>
  %twice = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%max, %sum : tensor<2x8xf32>, tensor<2x8xf32>) outs(%rows : tensor<2x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %l = math.log %x1 : f32
    %y = arith.addf %x0, %l : f32
    linalg.yield %y : f32
  } -> tensor<2x8xf32>
  %lse = linalg.add ins(%twice, %twice : tensor<2x8xf32>, tensor<2x8xf32>) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %outputs = tensor.empty() : tensor<2x8x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %o = linalg.batch_matmul ins(%weights, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%init : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o, %lse : tensor<2x8x16xf32>, tensor<2x8xf32>
}

// A power of a constant, as torch.exp2 arrives.
// CHECK-LABEL: func @power_of_two
// CHECK: attn.sdpa {{.*}} scale(0.173286796)
func.func @power_of_two(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x8x8xf32>
  %rows = tensor.empty() : tensor<2x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%zeros : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x8x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %y = arith.mulf %x0, %c : f32
    linalg.yield %y : f32
  } -> tensor<2x8x8xf32>
  %lows = linalg.fill ins(%low : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max = linalg.reduce ins(%scores : tensor<2x8x8xf32>) outs(%lows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %m = arith.maximumf %x, %y : f32
    linalg.yield %m : f32
  }
  %exps = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %max : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %two = arith.constant 2.0 : f32
    %d = arith.subf %x0, %x1 : f32
    %e = math.powf %two, %d : f32
    linalg.yield %e : f32
  } -> tensor<2x8x8xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum = linalg.reduce ins(%exps : tensor<2x8x8xf32>) outs(%zeroRows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  }
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %sum : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %w = arith.divf %x0, %x1 : f32
    linalg.yield %w : f32
  } -> tensor<2x8x8xf32>
  %outputs = tensor.empty() : tensor<2x8x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %o = linalg.batch_matmul ins(%weights, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%init : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// A number that is large where it is added is -1 where it counts.
// CHECK-LABEL: func @mask_under_scale
// CHECK: attn.sdpa
// CHECK-NOT: causal
// CHECK: return
func.func @mask_under_scale(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x8x8xf32>
  %rows = tensor.empty() : tensor<2x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%zeros : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %mask = arith.constant dense<[[0.0, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04], [0.0, 0.0, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04], [0.0, 0.0, 0.0, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04], [0.0, 0.0, 0.0, 0.0, -1.0e+04, -1.0e+04, -1.0e+04, -1.0e+04], [0.0, 0.0, 0.0, 0.0, 0.0, -1.0e+04, -1.0e+04, -1.0e+04], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0e+04, -1.0e+04], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0e+04], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x8xf32>
  %scores = linalg.generic {indexing_maps = [#id, affine_map<(h, i, j) -> (i, j)>, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products, %mask : tensor<2x8x8xf32>, tensor<8x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %c = arith.constant 1.0e-04 : f32
    %a = arith.addf %x0, %x1 : f32
    %y = arith.mulf %a, %c : f32
    linalg.yield %y : f32
  } -> tensor<2x8x8xf32>
  %lows = linalg.fill ins(%low : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max = linalg.reduce ins(%scores : tensor<2x8x8xf32>) outs(%lows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %m = arith.maximumf %x, %y : f32
    linalg.yield %m : f32
  }
  %exps = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %max : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %d = arith.subf %x0, %x1 : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<2x8x8xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum = linalg.reduce ins(%exps : tensor<2x8x8xf32>) outs(%zeroRows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  }
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %sum : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %w = arith.divf %x0, %x1 : f32
    linalg.yield %w : f32
  } -> tensor<2x8x8xf32>
  %outputs = tensor.empty() : tensor<2x8x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %o = linalg.batch_matmul ins(%weights, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%init : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// Below a maximum of positions that are zeroed, a sum of 0.9 is no empty row.
// CHECK-LABEL: func @sum_above_threshold
// CHECK-NOT: attn.sdpa
// CHECK: return
func.func @sum_above_threshold(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %keep: tensor<2x8x8xi1>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x8x8xf32>
  %rows = tensor.empty() : tensor<2x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%zeros : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x8x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %y = arith.mulf %x0, %c : f32
    linalg.yield %y : f32
  } -> tensor<2x8x8xf32>
  %lows = linalg.fill ins(%low : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %max = linalg.reduce ins(%scores : tensor<2x8x8xf32>) outs(%lows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %m = arith.maximumf %x, %y : f32
    linalg.yield %m : f32
  }
  %all = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %max : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %d = arith.subf %x0, %x1 : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<2x8x8xf32>
  %exps = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%all, %keep : tensor<2x8x8xf32>, tensor<2x8x8xi1>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: i1, %out: f32):
    %none = arith.constant 0.0 : f32
    %e = arith.select %x1, %x0, %none : f32
    linalg.yield %e : f32
  } -> tensor<2x8x8xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum = linalg.reduce ins(%exps : tensor<2x8x8xf32>) outs(%zeroRows : tensor<2x8xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  }
  // expected-remark @below {{softmax is not attention: a condition other than an empty row zeroes weights}}
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %sum : tensor<2x8x8xf32>, tensor<2x8xf32>) outs(%empty : tensor<2x8x8xf32>) {
  ^bb0(%x0: f32, %x1: f32, %out: f32):
    %least = arith.constant 0.9 : f32
    %none = arith.constant 0.0 : f32
    %some = arith.cmpf ogt, %x1, %least : f32
    %w = arith.divf %x0, %x1 : f32
    %y = arith.select %some, %w, %none : f32
    linalg.yield %y : f32
  } -> tensor<2x8x8xf32>
  %outputs = tensor.empty() : tensor<2x8x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%outputs : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %o = linalg.batch_matmul ins(%weights, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%init : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}
