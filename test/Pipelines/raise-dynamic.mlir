// Attention as torch-mlir exports it with dynamic batch and length: views to
// three dimensions and back by sizes that are computed, and expansions of K and
// V, whose heads are half as many, by the sizes of Q.

// RUN: attn-opt %s --attn-cpu-tile --mlir-print-ir-after=attn-raise -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-run %s --input=2x4x9x8xf32=random:1 --input=2x2x9x8xf32=random:2 --input=2x2x9x8xf32=random:3 --output=@%t.raised.npy
// RUN: attn-run %s --input=2x4x9x8xf32=random:1 --input=2x2x9x8xf32=random:2 --input=2x2x9x8xf32=random:3 --no-raise --output=@%t.plain.npy
// RUN: attn-run %s --input=1x4x5x8xf32=random:1 --input=1x2x1x8xf32=random:2 --input=1x2x1x8xf32=random:3 --output=@%t.raised-unit.npy
// RUN: attn-run %s --input=1x4x5x8xf32=random:1 --input=1x2x1x8xf32=random:2 --input=1x2x1x8xf32=random:3 --no-raise --output=@%t.plain-unit.npy
// RUN: %python -c "import numpy; a = [numpy.load(r'%t.' + n + '.npy') for n in ('raised', 'plain', 'raised-unit', 'plain-unit')]; print(abs(a[0]).max() > 0.1, abs(a[0] - a[1]).max() < 1e-6, abs(a[2] - a[3]).max() < 1e-6)" | FileCheck %s --check-prefix=SAME

// CHECK-LABEL: @main
// CHECK: scf.if
// CHECK: scf.if
// CHECK: attn.sdpa query(%arg0) key(%{{.*}}) value(%{{.*}}) scale(5.000000e-01) : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32>
// CHECK-NOT: linalg.softmax
// SAME: True True True

#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#id5 = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>

func.func @main(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>, %v: tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %four = arith.constant 4 : i64
  %eight = arith.constant 8 : i64
  %f0 = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %batch = tensor.dim %q, %c0 : tensor<?x4x?x8xf32>
  %len = tensor.dim %q, %c2 : tensor<?x4x?x8xf32>
  %b = arith.index_cast %batch : index to i64
  %s = arith.index_cast %len : index to i64

  // expand(x.unsqueeze(2), (b, 2, 2, s, 8)).reshape(b, 4, s, 8)
  %k_batch = tensor.dim %k, %c0 : tensor<?x2x?x8xf32>
  %k_keys = tensor.dim %k, %c2 : tensor<?x2x?x8xf32>
  %k_grouped = tensor.expand_shape %k [[0], [1, 2], [3], [4]] output_shape [%k_batch, 2, 1, %k_keys, 8] : tensor<?x2x?x8xf32> into tensor<?x2x1x?x8xf32>
  %k_init = tensor.empty(%batch, %len) : tensor<?x2x2x?x8xf32>
  %k_repeated = linalg.generic {indexing_maps = [#id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} outs(%k_init : tensor<?x2x2x?x8xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %d = linalg.index 4 : index
    %is_one = arith.cmpi eq, %k_batch, %c1 : index
    %at_i = arith.select %is_one, %c0, %i : index
    %is_unit = arith.cmpi eq, %k_keys, %c1 : index
    %at_j = arith.select %is_unit, %c0, %j : index
    %element = tensor.extract %k_grouped[%at_i, %h, %c0, %at_j, %d] : tensor<?x2x1x?x8xf32>
    linalg.yield %element : f32
  } -> tensor<?x2x2x?x8xf32>
  %k_heads = tensor.collapse_shape %k_repeated [[0], [1, 2], [3], [4]] : tensor<?x2x2x?x8xf32> into tensor<?x4x?x8xf32>
  %v_batch = tensor.dim %v, %c0 : tensor<?x2x?x8xf32>
  %v_keys = tensor.dim %v, %c2 : tensor<?x2x?x8xf32>
  %v_grouped = tensor.expand_shape %v [[0], [1, 2], [3], [4]] output_shape [%v_batch, 2, 1, %v_keys, 8] : tensor<?x2x?x8xf32> into tensor<?x2x1x?x8xf32>
  %v_init = tensor.empty(%batch, %len) : tensor<?x2x2x?x8xf32>
  %v_repeated = linalg.generic {indexing_maps = [#id5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} outs(%v_init : tensor<?x2x2x?x8xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 3 : index
    %d = linalg.index 4 : index
    %is_one = arith.cmpi eq, %v_batch, %c1 : index
    %at_i = arith.select %is_one, %c0, %i : index
    %is_unit = arith.cmpi eq, %v_keys, %c1 : index
    %at_j = arith.select %is_unit, %c0, %j : index
    %element = tensor.extract %v_grouped[%at_i, %h, %c0, %at_j, %d] : tensor<?x2x1x?x8xf32>
    linalg.yield %element : f32
  } -> tensor<?x2x2x?x8xf32>
  %v_heads = tensor.collapse_shape %v_repeated [[0], [1, 2], [3], [4]] : tensor<?x2x2x?x8xf32> into tensor<?x4x?x8xf32>

  // view(-1, s, 8), where -1 is asked for by a size that is not known to be
  // positive.
  %rows = arith.muli %b, %four : i64
  %is_negative = arith.cmpi slt, %rows, %zero : i64
  %rest = arith.select %is_negative, %one, %rows : i64
  %below = arith.muli %rest, %s : i64
  %all = arith.muli %rows, %s : i64
  %inferred = arith.divsi %all, %below : i64
  %n = arith.select %is_negative, %inferred, %rows : i64
  %shape3 = tensor.from_elements %n, %s, %eight : tensor<3xi64>
  %q3 = tensor.reshape %q(%shape3) : (tensor<?x4x?x8xf32>, tensor<3xi64>) -> tensor<?x?x8xf32>
  %k3 = tensor.reshape %k_heads(%shape3) : (tensor<?x4x?x8xf32>, tensor<3xi64>) -> tensor<?x?x8xf32>
  %v3 = tensor.reshape %v_heads(%shape3) : (tensor<?x4x?x8xf32>, tensor<3xi64>) -> tensor<?x?x8xf32>

  %heads = arith.index_cast %n : i64 to index
  %scores_empty = tensor.empty(%heads, %len, %len) : tensor<?x?x?xf32>
  %scores_init = linalg.fill ins(%f0 : f32) outs(%scores_empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %qk = linalg.batch_matmul
      indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>]
      ins(%q3, %k3 : tensor<?x?x8xf32>, tensor<?x?x8xf32>) outs(%scores_init : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %scores_shape = tensor.from_elements %b, %four, %s, %s : tensor<4xi64>
  %qk4 = tensor.reshape %qk(%scores_shape) : (tensor<?x?x?xf32>, tensor<4xi64>) -> tensor<?x4x?x?xf32>
  %empty4 = tensor.empty(%batch, %len, %len) : tensor<?x4x?x?xf32>
  %scaled = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%qk4 : tensor<?x4x?x?xf32>) outs(%empty4 : tensor<?x4x?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.divf %in, %two : f32
    linalg.yield %0 : f32
  } -> tensor<?x4x?x?xf32>
  %p = linalg.softmax dimension(3) ins(%scaled : tensor<?x4x?x?xf32>) outs(%empty4 : tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %weights_shape = tensor.from_elements %n, %s, %s : tensor<3xi64>
  %p3 = tensor.reshape %p(%weights_shape) : (tensor<?x4x?x?xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  %o_empty = tensor.empty(%heads, %len) : tensor<?x?x8xf32>
  %o_init = linalg.fill ins(%f0 : f32) outs(%o_empty : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %o = linalg.batch_matmul ins(%p3, %v3 : tensor<?x?x?xf32>, tensor<?x?x8xf32>) outs(%o_init : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %o_shape = tensor.from_elements %b, %four, %s, %eight : tensor<4xi64>
  %r = tensor.reshape %o(%o_shape) : (tensor<?x?x8xf32>, tensor<4xi64>) -> tensor<?x4x?x8xf32>
  return %r : tensor<?x4x?x8xf32>
}
