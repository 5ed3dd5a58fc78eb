// Keys and values of fewer heads than the queries, or of different numbers.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=repeated_head --input=2x4x8x16xf32=random:1 --input=2x1x12x16xf32=random:2 --input=2x1x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=broadcast --input=2x4x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=contracted --input=2x4x8x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=queries_of_all_heads --input=2x8x4x16xf32=random:1 --input=2x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=keys_of_each_head --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=keys_of_groups --input=2x4x8x16xf32=random:1 --input=2x2x12x16xf32=random:2 --input=2x1x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=computed_after_repeating --input=2x4x8x16xf32=random:1 --input=2x2x12x16xf32=random:2 --input=2x2x12x16xf32=random:3 --input=12x16xf32=random:4 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=shared_by_batches --input=2x4x8x16xf32=random:1 --input=4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// SMALL: check: result 0: max error {{[0-9.]+}}e-0{{[6789]}} in

// One key and value for all heads, repeated by an indexing map.
// CHECK-LABEL: func @repeated_head
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x1x12x16xf32>, %[[V:.*]]: tensor<2x1x12x16xf32>)
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) : (tensor<2x4x8x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>)
func.func @repeated_head(%q: tensor<2x4x8x16xf32>, %k: tensor<2x1x12x16xf32>, %v: tensor<2x1x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x12x16xf32>
  %kRepeated = linalg.generic {indexing_maps = [affine_map<(b, h, j, d) -> (b, 0, j, d)>, affine_map<(b, h, j, d) -> (b, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x1x12x16xf32>) outs(%empty : tensor<2x4x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x4x12x16xf32>
  %empty1 = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %kRepeated : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %vRepeated = linalg.generic {indexing_maps = [affine_map<(b, h, j, d) -> (b, 0, j, d)>, affine_map<(b, h, j, d) -> (b, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x1x12x16xf32>) outs(%empty : tensor<2x4x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x4x12x16xf32>
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %vRepeated : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Repeated by linalg.broadcast.
// CHECK-LABEL: func @broadcast
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<2x4x8x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>)
func.func @broadcast(%q: tensor<2x4x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x12x16xf32>
  %kRepeated = linalg.broadcast ins(%k : tensor<2x12x16xf32>) outs(%empty : tensor<2x4x12x16xf32>) dimensions = [1]
  %empty1 = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %kRepeated : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %vRepeated = linalg.broadcast ins(%v : tensor<2x12x16xf32>) outs(%empty : tensor<2x4x12x16xf32>) dimensions = [1]
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %vRepeated : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Not repeated: the products leave the heads out.
// CHECK-LABEL: func @contracted
// CHECK-NOT: linalg
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) : (tensor<2x4x8x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>)
func.func @contracted(%q: tensor<2x4x8x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
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
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// GPT-BigCode: the queries of all heads as rows of one product. The mask shows
// what is a query.
// CHECK-LABEL: func @queries_of_all_heads
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} causal layout(query = bshd, output = bshd) : (tensor<2x8x4x16xf32>, tensor<2x1x12x16xf32>, tensor<2x1x12x16xf32>)
func.func @queries_of_all_heads(%q: tensor<2x8x4x16xf32>, %k: tensor<2x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x32x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %rows = tensor.collapse_shape %q [[0], [1, 2], [3]] : tensor<2x8x4x16xf32> into tensor<2x32x16xf32>
  %empty = tensor.empty() : tensor<2x32x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x32x12xf32>) -> tensor<2x32x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%rows, %k : tensor<2x32x16xf32>, tensor<2x12x16xf32>) outs(%init : tensor<2x32x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x32x12xf32>
  %byHead = tensor.expand_shape %products [[0], [1, 2], [3]] output_shape [2, 8, 4, 12] : tensor<2x32x12xf32> into tensor<2x8x4x12xf32>
  %empty1 = tensor.empty() : tensor<2x8x4x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, i, h, j)>, affine_map<(b, i, h, j) -> (b, i, h, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%byHead : tensor<2x8x4x12xf32>) outs(%empty1 : tensor<2x8x4x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x8x4x12xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, i, h, j)>, affine_map<(b, i, h, j) -> (b, i, h, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x8x4x12xf32>) outs(%empty1 : tensor<2x8x4x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 3 : index
    %past = arith.constant 4 : index
    %last = arith.addi %i, %past : index
    %isKept = arith.cmpi sle, %j, %last : index
    %number = arith.constant -3.40282347E+38 : f32
    %r = arith.select %isKept, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x8x4x12xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x8x4x12xf32>) outs(%empty1 : tensor<2x8x4x12xf32>) -> tensor<2x8x4x12xf32>
  %weightRows = tensor.collapse_shape %weights [[0], [1, 2], [3]] : tensor<2x8x4x12xf32> into tensor<2x32x12xf32>
  %empty4 = tensor.empty() : tensor<2x32x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x32x16xf32>) -> tensor<2x32x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, i, e, j) -> (b, i, j)>, affine_map<(b, i, e, j) -> (b, j, e)>, affine_map<(b, i, e, j) -> (b, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%weightRows, %v : tensor<2x32x12xf32>, tensor<2x12x16xf32>) outs(%init1 : tensor<2x32x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x32x16xf32>
  return %output : tensor<2x32x16xf32>
}

// Keys of each head, and one value for all: the value is repeated.
// CHECK-LABEL: func @keys_of_each_head
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf32>, %[[K:.*]]: tensor<2x4x12x16xf32>, %[[V:.*]]: tensor<2x12x16xf32>)
// CHECK: %[[R:.*]] = linalg.broadcast ins(%[[V]] : tensor<2x12x16xf32>) outs(%{{.*}}) dimensions = [1]
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[R]]) : (
func.func @keys_of_each_head(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Keys for two groups of heads: the value is repeated for each, not for each
// head.
// CHECK-LABEL: func @keys_of_groups
// CHECK: linalg.broadcast
// CHECK: attn.sdpa {{.*}} : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>)
func.func @keys_of_groups(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x1x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x2x2x12x16xf32>
  %kGroups = linalg.generic {indexing_maps = [affine_map<(b, x, h, j, d) -> (b, x, j, d)>, affine_map<(b, x, h, j, d) -> (b, x, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x12x16xf32>) outs(%empty : tensor<2x2x2x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x2x2x12x16xf32>
  %kRepeated = tensor.collapse_shape %kGroups [[0], [1, 2], [3], [4]] : tensor<2x2x2x12x16xf32> into tensor<2x4x12x16xf32>
  %empty1 = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %kRepeated : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty1 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %empty4 = tensor.empty() : tensor<2x4x12x16xf32>
  %vRepeated = linalg.generic {indexing_maps = [affine_map<(b, h, j, d) -> (b, 0, j, d)>, affine_map<(b, h, j, d) -> (b, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x1x12x16xf32>) outs(%empty4 : tensor<2x4x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x4x12x16xf32>
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %vRepeated : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Keys that were repeated and then computed with: one of each group is read.
// CHECK-LABEL: func @computed_after_repeating
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 0, 0] [2, 2, 1, 12, 16]
// CHECK: attn.sdpa {{.*}} : (tensor<2x4x8x16xf32>, tensor<2x2x12x16xf32>, tensor<2x2x12x16xf32>)
func.func @computed_after_repeating(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %cos: tensor<12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x2x2x12x16xf32>
  %kGroups = linalg.generic {indexing_maps = [affine_map<(b, x, h, j, d) -> (b, x, j, d)>, affine_map<(b, x, h, j, d) -> (b, x, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x12x16xf32>) outs(%empty : tensor<2x2x2x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x2x2x12x16xf32>
  %kRepeated = tensor.collapse_shape %kGroups [[0], [1, 2], [3], [4]] : tensor<2x2x2x12x16xf32> into tensor<2x4x12x16xf32>
  %empty1 = tensor.empty() : tensor<2x4x12x16xf32>
  %rotated = linalg.generic {indexing_maps = [affine_map<(b, h, j, d) -> (b, h, j, d)>, affine_map<(b, h, j, d) -> (j, d)>, affine_map<(b, h, j, d) -> (b, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%kRepeated, %cos : tensor<2x4x12x16xf32>, tensor<12x16xf32>) outs(%empty1 : tensor<2x4x12x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.mulf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x12x16xf32>
  %empty2 = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty2 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %rotated : tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x12xf32>) outs(%empty2 : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty2 : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %vGroups = linalg.generic {indexing_maps = [affine_map<(b, x, h, j, d) -> (b, x, j, d)>, affine_map<(b, x, h, j, d) -> (b, x, h, j, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x12x16xf32>) outs(%empty : tensor<2x2x2x12x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    linalg.yield %a0 : f32
  } -> tensor<2x2x2x12x16xf32>
  %vRepeated = tensor.collapse_shape %vGroups [[0], [1, 2], [3], [4]] : tensor<2x2x2x12x16xf32> into tensor<2x4x12x16xf32>
  %empty6 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty6 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %vRepeated : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Keys that all batches share.
// CHECK-LABEL: func @shared_by_batches
// CHECK: linalg.broadcast
// CHECK: attn.sdpa {{.*}} : (tensor<2x4x8x16xf32>, tensor<2x4x12x16xf32>, tensor<2x4x12x16xf32>)
func.func @shared_by_batches(%q: tensor<2x4x8x16xf32>, %k: tensor<4x12x16xf32>, %v: tensor<2x4x12x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x12xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<4x12x16xf32>) outs(%init : tensor<2x4x8x12xf32>) {
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
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %empty3 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty3 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}
