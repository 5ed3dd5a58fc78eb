// What frontends do to scores beside masking them.
// RUN: attn-opt %s --attn-raise --split-input-file | FileCheck %s

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#scalar = affine_map<(d0, d1, d2, d3) -> ()>
#ofkey = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, d3)>
#nohead = affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>
#drop = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#one = affine_map<(d0) -> (d0)>

// A relative position bias.
// CHECK-LABEL: func @bias
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: tensor<1x4x8x8xf32>)
// CHECK: attn.sdpa {{.*}} bias(%[[BIAS]]) : (
func.func @bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %bias: tensor<1x4x8x8xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
  %qc = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %kc = tensor.collapse_shape %kt [[0, 1], [2], [3]] : tensor<2x4x16x8xf32> into tensor<8x16x8xf32>
  %sinit = tensor.empty() : tensor<8x8x8xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x8x16xf32>, tensor<8x16x8xf32>) outs(%szero : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 8, 8] : tensor<8x8x8xf32> into tensor<2x4x8x8xf32>
  %inits1 = tensor.empty() : tensor<2x4x8x8xf32>
  %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%inits1 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.25 : f64
    %y = arith.truncf %x : f64 to f32
    %z = arith.mulf %a0, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x4x8x8xf32>
  %inits2 = tensor.empty() : tensor<2x4x8x8xf32>
  %s2 = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (0, d1, d2, d3)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1, %bias : tensor<2x4x8x8xf32>, tensor<1x4x8x8xf32>) outs(%inits2 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.addf %a1, %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s2 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %j = linalg.index 3 : index
    %ji = arith.index_cast %j : index to i64
    %x = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %y = arith.select %c, %ji, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<2x4x8xf32>, tensor<2x4x8xi64>)
  %m1 = tensor.expand_shape %m#0 [[0], [1], [2, 3]] output_shape [2, 4, 8, 1] : tensor<2x4x8xf32> into tensor<2x4x8x1xf32>
  %initd = tensor.empty() : tensor<2x4x8x8xf32>
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s2, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %inite = tensor.empty() : tensor<2x4x8x8xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d : tensor<2x4x8x8xf32>) outs(%inite : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %li = tensor.empty() : tensor<2x4x8x1xf32>
  %lz = linalg.fill ins(%zero : f32) outs(%li : tensor<2x4x8x1xf32>) -> tensor<2x4x8x1xf32>
  %l = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e : tensor<2x4x8x8xf32>) outs(%lz : tensor<2x4x8x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %x = arith.addf %in, %out : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x1xf32>
  %initp = tensor.empty() : tensor<2x4x8x8xf32>
  %p = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initp : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %pc = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x4x8x8xf32> into tensor<8x8x8xf32>
  %vc = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %oi = tensor.empty() : tensor<8x8x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %oc = linalg.batch_matmul ins(%pc, %vc : tensor<8x8x8xf32>, tensor<8x8x16xf32>) outs(%oz : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %o = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 8, 16] : tensor<8x8x16xf32> into tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#scalar = affine_map<(d0, d1, d2, d3) -> ()>
#ofkey = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, d3)>
#nohead = affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>
#drop = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#one = affine_map<(d0) -> (d0)>

// -10000 is a number as any other: it is added.
// CHECK-LABEL: func @small_number
// CHECK: attn.sdpa {{.*}} score(%[[S:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %[[J:.*]]) {
// CHECK: tensor.extract %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %[[J]]]
// CHECK: arith.mulf
// CHECK: arith.addf %[[S]]
func.func @small_number(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %bias: tensor<1x1x1x8xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
  %qc = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %kc = tensor.collapse_shape %kt [[0, 1], [2], [3]] : tensor<2x4x16x8xf32> into tensor<8x16x8xf32>
  %sinit = tensor.empty() : tensor<8x8x8xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x8x16xf32>, tensor<8x16x8xf32>) outs(%szero : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 8, 8] : tensor<8x8x8xf32> into tensor<2x4x8x8xf32>
  %inits1 = tensor.empty() : tensor<2x4x8x8xf32>
  %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%inits1 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.25 : f64
    %y = arith.truncf %x : f64 to f32
    %z = arith.mulf %a0, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x4x8x8xf32>
  %initneg = tensor.empty() : tensor<1x1x1x8xf32>
  %neg = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%bias : tensor<1x1x1x8xf32>) outs(%initneg : tensor<1x1x1x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant -10000.0 : f32
    %y = arith.mulf %a0, %x : f32
    linalg.yield %y : f32
  } -> tensor<1x1x1x8xf32>
  %inits2 = tensor.empty() : tensor<2x4x8x8xf32>
  %s2 = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (0, 0, 0, d3)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1, %neg : tensor<2x4x8x8xf32>, tensor<1x1x1x8xf32>) outs(%inits2 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.addf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s2 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %j = linalg.index 3 : index
    %ji = arith.index_cast %j : index to i64
    %x = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %y = arith.select %c, %ji, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<2x4x8xf32>, tensor<2x4x8xi64>)
  %m1 = tensor.expand_shape %m#0 [[0], [1], [2, 3]] output_shape [2, 4, 8, 1] : tensor<2x4x8xf32> into tensor<2x4x8x1xf32>
  %initd = tensor.empty() : tensor<2x4x8x8xf32>
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s2, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %inite = tensor.empty() : tensor<2x4x8x8xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d : tensor<2x4x8x8xf32>) outs(%inite : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %li = tensor.empty() : tensor<2x4x8x1xf32>
  %lz = linalg.fill ins(%zero : f32) outs(%li : tensor<2x4x8x1xf32>) -> tensor<2x4x8x1xf32>
  %l = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e : tensor<2x4x8x8xf32>) outs(%lz : tensor<2x4x8x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %x = arith.addf %in, %out : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x1xf32>
  %initp = tensor.empty() : tensor<2x4x8x8xf32>
  %p = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initp : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %pc = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x4x8x8xf32> into tensor<8x8x8xf32>
  %vc = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %oi = tensor.empty() : tensor<8x8x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %oc = linalg.batch_matmul ins(%pc, %vc : tensor<8x8x8xf32>, tensor<8x8x16xf32>) outs(%oz : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %o = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 8, 16] : tensor<8x8x16xf32> into tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#scalar = affine_map<(d0, d1, d2, d3) -> ()>
#ofkey = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, d3)>
#nohead = affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>
#drop = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#one = affine_map<(d0) -> (d0)>

// Gemma's softcap.
// CHECK-LABEL: func @softcap
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) softcap(5.000000e+01) : (
func.func @softcap(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
  %qc = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %kc = tensor.collapse_shape %kt [[0, 1], [2], [3]] : tensor<2x4x16x8xf32> into tensor<8x16x8xf32>
  %sinit = tensor.empty() : tensor<8x8x8xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x8x16xf32>, tensor<8x16x8xf32>) outs(%szero : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 8, 8] : tensor<8x8x8xf32> into tensor<2x4x8x8xf32>
  %inits1 = tensor.empty() : tensor<2x4x8x8xf32>
  %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%inits1 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.25 : f64
    %y = arith.truncf %x : f64 to f32
    %z = arith.mulf %a0, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x4x8x8xf32>
  %inits2 = tensor.empty() : tensor<2x4x8x8xf32>
  %s2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1 : tensor<2x4x8x8xf32>) outs(%inits2 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 50.0 : f32
    %x = arith.divf %a0, %c : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %inits3 = tensor.empty() : tensor<2x4x8x8xf32>
  %s3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s2 : tensor<2x4x8x8xf32>) outs(%inits3 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.tanh %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %inits4 = tensor.empty() : tensor<2x4x8x8xf32>
  %s4 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s3 : tensor<2x4x8x8xf32>) outs(%inits4 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 50.0 : f32
    %x = arith.mulf %a0, %c : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s4 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %j = linalg.index 3 : index
    %ji = arith.index_cast %j : index to i64
    %x = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %y = arith.select %c, %ji, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<2x4x8xf32>, tensor<2x4x8xi64>)
  %m1 = tensor.expand_shape %m#0 [[0], [1], [2, 3]] output_shape [2, 4, 8, 1] : tensor<2x4x8xf32> into tensor<2x4x8x1xf32>
  %initd = tensor.empty() : tensor<2x4x8x8xf32>
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s4, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %inite = tensor.empty() : tensor<2x4x8x8xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d : tensor<2x4x8x8xf32>) outs(%inite : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %li = tensor.empty() : tensor<2x4x8x1xf32>
  %lz = linalg.fill ins(%zero : f32) outs(%li : tensor<2x4x8x1xf32>) -> tensor<2x4x8x1xf32>
  %l = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e : tensor<2x4x8x8xf32>) outs(%lz : tensor<2x4x8x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %x = arith.addf %in, %out : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x1xf32>
  %initp = tensor.empty() : tensor<2x4x8x8xf32>
  %p = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initp : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %pc = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x4x8x8xf32> into tensor<8x8x8xf32>
  %vc = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %oi = tensor.empty() : tensor<8x8x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %oc = linalg.batch_matmul ins(%pc, %vc : tensor<8x8x8xf32>, tensor<8x8x16xf32>) outs(%oz : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %o = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 8, 16] : tensor<8x8x16xf32> into tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, 0)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#scalar = affine_map<(d0, d1, d2, d3) -> ()>
#ofkey = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, d3)>
#nohead = affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>
#drop = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>
#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
#one = affine_map<(d0) -> (d0)>

// gpt-oss: a sink is one more column of scores, cut off from the weights.
// CHECK-LABEL: func @sinks
// CHECK-SAME: %[[SINKS:[a-z0-9]+]]: tensor<4xf32>)
// CHECK: attn.sdpa {{.*}} sinks(%[[SINKS]]) : (
func.func @sinks(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %sinks: tensor<4xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
  %qc = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %kc = tensor.collapse_shape %kt [[0, 1], [2], [3]] : tensor<2x4x16x8xf32> into tensor<8x16x8xf32>
  %sinit = tensor.empty() : tensor<8x8x8xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x8x16xf32>, tensor<8x16x8xf32>) outs(%szero : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 8, 8] : tensor<8x8x8xf32> into tensor<2x4x8x8xf32>
  %inits1 = tensor.empty() : tensor<2x4x8x8xf32>
  %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%inits1 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.25 : f64
    %y = arith.truncf %x : f64 to f32
    %z = arith.mulf %a0, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x4x8x8xf32>
  %se = tensor.expand_shape %sinks [[0, 1, 2, 3]] output_shape [1, 4, 1, 1] : tensor<4xf32> into tensor<1x4x1x1xf32>
  %initsb = tensor.empty() : tensor<2x4x8x1xf32>
  %sb = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (0, d1, 0, 0)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%se : tensor<1x4x1x1xf32>) outs(%initsb : tensor<2x4x8x1xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x4x8x1xf32>
  %all = tensor.concat dim(3) %s1, %sb : (tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) -> tensor<2x4x8x9xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%all : tensor<2x4x8x9xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %j = linalg.index 3 : index
    %ji = arith.index_cast %j : index to i64
    %x = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %y = arith.select %c, %ji, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<2x4x8xf32>, tensor<2x4x8xi64>)
  %m1 = tensor.expand_shape %m#0 [[0], [1], [2, 3]] output_shape [2, 4, 8, 1] : tensor<2x4x8xf32> into tensor<2x4x8x1xf32>
  %initd = tensor.empty() : tensor<2x4x8x9xf32>
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%all, %m1 : tensor<2x4x8x9xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x9xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x9xf32>
  %inite = tensor.empty() : tensor<2x4x8x9xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d : tensor<2x4x8x9xf32>) outs(%inite : tensor<2x4x8x9xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x9xf32>
  %li = tensor.empty() : tensor<2x4x8x1xf32>
  %lz = linalg.fill ins(%zero : f32) outs(%li : tensor<2x4x8x1xf32>) -> tensor<2x4x8x1xf32>
  %l = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e : tensor<2x4x8x9xf32>) outs(%lz : tensor<2x4x8x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %x = arith.addf %in, %out : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x1xf32>
  %initp9 = tensor.empty() : tensor<2x4x8x9xf32>
  %p9 = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x8x9xf32>, tensor<2x4x8x1xf32>) outs(%initp9 : tensor<2x4x8x9xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x9xf32>
  %p = tensor.extract_slice %p9[0, 0, 0, 0] [2, 4, 8, 8] [1, 1, 1, 1] : tensor<2x4x8x9xf32> to tensor<2x4x8x8xf32>
  %pc = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x4x8x8xf32> into tensor<8x8x8xf32>
  %vc = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %oi = tensor.empty() : tensor<8x8x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %oc = linalg.batch_matmul ins(%pc, %vc : tensor<8x8x8xf32>, tensor<8x8x16xf32>) outs(%oz : tensor<8x8x16xf32>) -> tensor<8x8x16xf32>
  %o = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 8, 16] : tensor<8x8x16xf32> into tensor<2x4x8x16xf32>
  return %o : tensor<2x4x8x16xf32>
}
