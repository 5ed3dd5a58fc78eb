// Attention as frontends write it.
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

// PyTorch's eager attention by torch-mlir: the batch and the heads as one, a
// maximum with its index, a constant in f64.
// CHECK-LABEL: func @eager
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x4x8x16xf32>, %[[V:.*]]: tensor<2x4x8x16xf32>)
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: %[[O:.*]] = attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) : (
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: return %[[O]]
func.func @eager(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s1 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
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
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
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

// scaled_dot_product_attention by torch-mlir: the root of the scale on query and
// key, and zeros for a row without keys.
// CHECK-LABEL: func @from_sdpa
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: return
func.func @from_sdpa(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
  %initqs = tensor.empty() : tensor<2x4x8x16xf32>
  %qs = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q : tensor<2x4x8x16xf32>) outs(%initqs : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.5 : f32
    %y = arith.mulf %a0, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x16xf32>
  %initks = tensor.empty() : tensor<2x4x16x8xf32>
  %ks = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%kt : tensor<2x4x16x8xf32>) outs(%initks : tensor<2x4x16x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.5 : f32
    %y = arith.mulf %a0, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x4x16x8xf32>
  %qc = tensor.collapse_shape %qs [[0, 1], [2], [3]] : tensor<2x4x8x16xf32> into tensor<8x8x16xf32>
  %kc = tensor.collapse_shape %ks [[0, 1], [2], [3]] : tensor<2x4x16x8xf32> into tensor<8x16x8xf32>
  %sinit = tensor.empty() : tensor<8x8x8xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x8x16xf32>, tensor<8x16x8xf32>) outs(%szero : tensor<8x8x8xf32>) -> tensor<8x8x8xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 8, 8] : tensor<8x8x8xf32> into tensor<2x4x8x8xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
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
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
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
  %initp0 = tensor.empty() : tensor<2x4x8x8xf32>
  %p0 = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initp0 : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x8x8xf32>
  %initinf = tensor.empty() : tensor<2x4x8x8xi1>
  %inf = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%initinf : tensor<2x4x8x8xi1>) {
  ^bb0(%a0: f32, %out: i1):
    %x = arith.extf %a0 : f32 to f64
    %y = arith.constant 0xFFF0000000000000 : f64
    %z = arith.cmpf oeq, %x, %y : f64
    linalg.yield %z : i1
  } -> tensor<2x4x8x8xi1>
  %true = arith.constant true
  %bi = tensor.empty() : tensor<2x4x8x1xi1>
  %bz = linalg.fill ins(%true : i1) outs(%bi : tensor<2x4x8x1xi1>) -> tensor<2x4x8x1xi1>
  %none = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%inf : tensor<2x4x8x8xi1>) outs(%bz : tensor<2x4x8x1xi1>) {
  ^bb0(%in: i1, %out: i1):
    %x = arith.andi %in, %out : i1
    linalg.yield %x : i1
  } -> tensor<2x4x8x1xi1>
  %zeros = arith.constant dense<0.0> : tensor<2x4x8x8xf32>
  %initp = tensor.empty() : tensor<2x4x8x8xf32>
  %p = linalg.generic {indexing_maps = [#row1, #id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%none, %zeros, %p0 : tensor<2x4x8x1xi1>, tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%initp : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: i1, %a1: f32, %a2: f32, %out: f32):
    %x = arith.select %a0, %a1, %a2 : f32
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

// Llama by torch-mlir: keys and values repeated for their group of heads, a mask
// of indices as a number to add.
// CHECK-LABEL: func @grouped_causal
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x2x8x16xf32>, %[[V:.*]]: tensor<2x2x8x16xf32>)
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) causal : (
// CHECK-NOT: {{linalg|tensor\.empty}}
// CHECK: return
func.func @grouped_causal(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x2x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %ii0 = tensor.empty() : tensor<8xi64>
  %iota = linalg.generic {indexing_maps = [#one], iterator_types = ["parallel"]} outs(%ii0 : tensor<8xi64>) {
  ^bb0(%out: i64):
    %i = linalg.index 0 : index
    %x = arith.index_cast %i : index to i64
    linalg.yield %x : i64
  } -> tensor<8xi64>
  %rows = tensor.expand_shape %iota [[0, 1, 2, 3]] output_shape [1, 1, 8, 1] : tensor<8xi64> into tensor<1x1x8x1xi64>
  %cols = tensor.expand_shape %iota [[0, 1, 2, 3]] output_shape [1, 1, 1, 8] : tensor<8xi64> into tensor<1x1x1x8xi64>
  %initmask = tensor.empty() : tensor<1x1x8x8xi1>
  %mask = linalg.generic {indexing_maps = [#ofkey, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%cols, %rows : tensor<1x1x1x8xi64>, tensor<1x1x8x1xi64>) outs(%initmask : tensor<1x1x8x8xi1>) {
  ^bb0(%a0: i64, %a1: i64, %out: i1):
    %x = arith.cmpi sle, %a0, %a1 : i64
    linalg.yield %x : i1
  } -> tensor<1x1x8x8xi1>
  %fzero = arith.constant dense<0.0> : tensor<f32>
  %flow = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %initadd = tensor.empty() : tensor<1x1x8x8xf32>
  %add = linalg.generic {indexing_maps = [#id, #scalar, #scalar, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%mask, %fzero, %flow : tensor<1x1x8x8xi1>, tensor<f32>, tensor<f32>) outs(%initadd : tensor<1x1x8x8xf32>) {
  ^bb0(%a0: i1, %a1: f32, %a2: f32, %out: f32):
    %x = arith.select %a0, %a1, %a2 : f32
    linalg.yield %x : f32
  } -> tensor<1x1x8x8xf32>
  %kri = tensor.empty() : tensor<2x2x2x8x16xf32>
  %kr = linalg.generic {indexing_maps = [#drop, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x8x16xf32>) outs(%kri : tensor<2x2x2x8x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x8x16xf32>
  %vri = tensor.empty() : tensor<2x2x2x8x16xf32>
  %vr = linalg.generic {indexing_maps = [#drop, #id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x8x16xf32>) outs(%vri : tensor<2x2x2x8x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x8x16xf32>
  %kh = tensor.collapse_shape %kr [[0], [1, 2], [3], [4]] : tensor<2x2x2x8x16xf32> into tensor<2x4x8x16xf32>
  %kinit = tensor.empty() : tensor<2x4x16x8xf32>
  %kt = linalg.transpose ins(%kh : tensor<2x4x8x16xf32>) outs(%kinit : tensor<2x4x16x8xf32>) permutation = [0, 1, 3, 2]
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
  %s2 = linalg.generic {indexing_maps = [#id, affine_map<(d0, d1, d2, d3) -> (0, 0, d2, d3)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1, %add : tensor<2x4x8x8xf32>, tensor<1x1x8x8xf32>) outs(%inits2 : tensor<2x4x8x8xf32>) {
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
  %vc = tensor.collapse_shape %vr [[0, 1, 2], [3], [4]] : tensor<2x2x2x8x16xf32> into tensor<8x8x16xf32>
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

// linalg.softmax.
// CHECK-LABEL: func @named
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (
// CHECK-NOT: linalg
func.func @named(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
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
  %pi = tensor.empty() : tensor<2x4x8x8xf32>
  %p = linalg.softmax dimension(3) ins(%s1 : tensor<2x4x8x8xf32>) outs(%pi : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
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

// Contractions of any operand order, without a scale, in place of transposes.
// CHECK-LABEL: func @einsum
// CHECK-SAME: (%[[Q:.*]]: tensor<2x8x4x16xf32>, %[[K:.*]]: tensor<2x8x4x16xf32>, %[[V:.*]]: tensor<2x8x4x16xf32>)
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) scale(1.000000e+00) layout(query = bshd, key = bshd, value = bshd, output = bshd) : (
// CHECK-NOT: linalg
func.func @einsum(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %si = tensor.empty() : tensor<2x4x8x8xf32>
  %sz = linalg.fill ins(%zero : f32) outs(%si : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %s0 = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, j, h, d)>, affine_map<(b, h, i, j, d) -> (b, i, h, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%k, %q : tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) outs(%sz : tensor<2x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x4x8x8xf32>
  %ii = tensor.empty() : tensor<2x4x8xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x8xi64>) -> tensor<2x4x8xi64>
  %mi = tensor.empty() : tensor<2x4x8xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s0 : tensor<2x4x8x8xf32>) outs(%mz, %iz : tensor<2x4x8xf32>, tensor<2x4x8xi64>) {
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
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0, %m1 : tensor<2x4x8x8xf32>, tensor<2x4x8x1xf32>) outs(%initd : tensor<2x4x8x8xf32>) {
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
  %oi = tensor.empty() : tensor<2x8x4x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
  %o = linalg.generic {indexing_maps = [affine_map<(b, i, h, d, j) -> (b, j, h, d)>, affine_map<(b, i, h, d, j) -> (b, h, i, j)>, affine_map<(b, i, h, d, j) -> (b, i, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%v, %p : tensor<2x8x4x16xf32>, tensor<2x4x8x8xf32>) outs(%oz : tensor<2x8x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %x, %c : f32
    linalg.yield %y : f32
  } -> tensor<2x8x4x16xf32>
  return %o : tensor<2x8x4x16xf32>
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

// A single query.
// CHECK-LABEL: func @decode
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<2x4x1x16xf32>, tensor<2x4x12x16xf32>, tensor<2x4x12x16xf32>) -> tensor<2x4x1x16xf32>
func.func @decode(%q: tensor<2x4x1x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> tensor<2x4x1x16xf32> {
  %c0_i64 = arith.constant 0 : i64
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %kinit = tensor.empty() : tensor<2x4x16x12xf32>
  %kt = linalg.transpose ins(%k : tensor<2x4x12x16xf32>) outs(%kinit : tensor<2x4x16x12xf32>) permutation = [0, 1, 3, 2]
  %qc = tensor.collapse_shape %q [[0, 1], [2], [3]] : tensor<2x4x1x16xf32> into tensor<8x1x16xf32>
  %kc = tensor.collapse_shape %kt [[0, 1], [2], [3]] : tensor<2x4x16x12xf32> into tensor<8x16x12xf32>
  %sinit = tensor.empty() : tensor<8x1x12xf32>
  %szero = linalg.fill ins(%zero : f32) outs(%sinit : tensor<8x1x12xf32>) -> tensor<8x1x12xf32>
  %sc = linalg.batch_matmul ins(%qc, %kc : tensor<8x1x16xf32>, tensor<8x16x12xf32>) outs(%szero : tensor<8x1x12xf32>) -> tensor<8x1x12xf32>
  %s0 = tensor.expand_shape %sc [[0, 1], [2], [3]] output_shape [2, 4, 1, 12] : tensor<8x1x12xf32> into tensor<2x4x1x12xf32>
  %inits1 = tensor.empty() : tensor<2x4x1x12xf32>
  %s1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s0 : tensor<2x4x1x12xf32>) outs(%inits1 : tensor<2x4x1x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = arith.constant 0.25 : f64
    %y = arith.truncf %x : f64 to f32
    %z = arith.mulf %a0, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x4x1x12xf32>
  %ii = tensor.empty() : tensor<2x4x1xi64>
  %iz = linalg.fill ins(%c0_i64 : i64) outs(%ii : tensor<2x4x1xi64>) -> tensor<2x4x1xi64>
  %mi = tensor.empty() : tensor<2x4x1xf32>
  %mz = linalg.fill ins(%low : f32) outs(%mi : tensor<2x4x1xf32>) -> tensor<2x4x1xf32>
  %m:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%s1 : tensor<2x4x1x12xf32>) outs(%mz, %iz : tensor<2x4x1xf32>, tensor<2x4x1xi64>) {
  ^bb0(%in: f32, %out: f32, %at: i64):
    %j = linalg.index 3 : index
    %ji = arith.index_cast %j : index to i64
    %x = arith.maximumf %in, %out : f32
    %c = arith.cmpf ogt, %in, %out : f32
    %y = arith.select %c, %ji, %at : i64
    linalg.yield %x, %y : f32, i64
  } -> (tensor<2x4x1xf32>, tensor<2x4x1xi64>)
  %m1 = tensor.expand_shape %m#0 [[0], [1], [2, 3]] output_shape [2, 4, 1, 1] : tensor<2x4x1xf32> into tensor<2x4x1x1xf32>
  %initd = tensor.empty() : tensor<2x4x1x12xf32>
  %d = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s1, %m1 : tensor<2x4x1x12xf32>, tensor<2x4x1x1xf32>) outs(%initd : tensor<2x4x1x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x1x12xf32>
  %inite = tensor.empty() : tensor<2x4x1x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%d : tensor<2x4x1x12xf32>) outs(%inite : tensor<2x4x1x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x1x12xf32>
  %li = tensor.empty() : tensor<2x4x1x1xf32>
  %lz = linalg.fill ins(%zero : f32) outs(%li : tensor<2x4x1x1xf32>) -> tensor<2x4x1x1xf32>
  %l = linalg.generic {indexing_maps = [#id, #row1], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%e : tensor<2x4x1x12xf32>) outs(%lz : tensor<2x4x1x1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %x = arith.addf %in, %out : f32
    linalg.yield %x : f32
  } -> tensor<2x4x1x1xf32>
  %initp = tensor.empty() : tensor<2x4x1x12xf32>
  %p = linalg.generic {indexing_maps = [#id, #row1, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x4x1x12xf32>, tensor<2x4x1x1xf32>) outs(%initp : tensor<2x4x1x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<2x4x1x12xf32>
  %pc = tensor.collapse_shape %p [[0, 1], [2], [3]] : tensor<2x4x1x12xf32> into tensor<8x1x12xf32>
  %vc = tensor.collapse_shape %v [[0, 1], [2], [3]] : tensor<2x4x12x16xf32> into tensor<8x12x16xf32>
  %oi = tensor.empty() : tensor<8x1x16xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%oi : tensor<8x1x16xf32>) -> tensor<8x1x16xf32>
  %oc = linalg.batch_matmul ins(%pc, %vc : tensor<8x1x12xf32>, tensor<8x12x16xf32>) outs(%oz : tensor<8x1x16xf32>) -> tensor<8x1x16xf32>
  %o = tensor.expand_shape %oc [[0, 1], [2], [3]] output_shape [2, 4, 1, 16] : tensor<8x1x16xf32> into tensor<2x4x1x16xf32>
  return %o : tensor<2x4x1x16xf32>
}
