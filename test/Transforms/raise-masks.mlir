// What programs make of the bits of a mask, and of conditions.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --attn-raise=explain -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// They compute what the program says in float64.
// RUN: attn-run %s --function=one_minus_mask --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --input=2x8xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=of_tokens --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --input=2x8xi64="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=times_mask --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=distance --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=weights_masked_again --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=2x12xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=weights_times_mask --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=2x12xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=weights_masked_alone --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=2x12xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=any_kept --input=2x4x8x16xf32=random:1 --input=2x4x12x16xf32=random:2 --input=2x4x12x16xf32=random:3 --input=2x8x12xi1="1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1 0 1 1 1 1" --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=rows_of_image --input=2x4x16x16xf32=random:1 --input=2x4x16x16xf32=random:2 --input=2x4x16x16xf32=random:3 --input=4x4x16xf32=random:4 --check | FileCheck %s --check-prefix=SMALL
// SMALL: check: result 0: max error {{[0-9.]+}}e-0{{[6789]}} in

// BERT's (1 - mask) * -10000.
// CHECK-LABEL: func @one_minus_mask
// CHECK-SAME: %[[KEEP:[a-z0-9]+]]: tensor<2x8xi1>)
// CHECK: %[[K:.*]] = tensor.expand_shape %[[KEEP]]
// CHECK: attn.sdpa {{.*}} keep(%[[K]]) : (
func.func @one_minus_mask(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %keep: tensor<2x8xi1>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%init : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %keep : tensor<2x4x8x8xf32>, tensor<2x8xi1>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %bit = arith.uitofp %a1 : i1 to f32
    %one = arith.constant 1.0 : f32
    %number = arith.constant -1.0e4 : f32
    %x = arith.subf %one, %bit : f32
    %y = arith.mulf %x, %number : f32
    %r = arith.addf %a0, %y : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %empty4 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// A mask of integers: what is added where it keeps is 0.
// CHECK-LABEL: func @of_tokens
// CHECK: attn.sdpa {{.*}} mask(%{{.*}}) {
// CHECK-NOT: score(
func.func @of_tokens(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>, %tokens: tensor<2x8xi64>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%init : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %tokens : tensor<2x4x8x8xf32>, tensor<2x8xi64>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: i64, %out: f32):
    %x = arith.sitofp %a1 : i64 to f32
    %one = arith.constant 1.0 : f32
    %none = arith.constant 0.0 : f32
    %number = arith.constant -3.40282347E+38 : f32
    %y = arith.subf %one, %x : f32
    %isDropped = arith.cmpf une, %y, %none : f32
    %z = arith.select %isDropped, %number, %y : f32
    %r = arith.addf %a0, %z : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %empty4 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// GPT-2's first form, scores * mask - 1e10 * (1 - mask).
// CHECK-LABEL: func @times_mask
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @times_mask(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%init : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %causal = arith.cmpi sge, %i, %j : index
    %bit = arith.uitofp %causal : i1 to f32
    %one = arith.constant 1.0 : f32
    %number = arith.constant 1.0e10 : f32
    %x = arith.subf %one, %bit : f32
    %y = arith.mulf %number, %x : f32
    %z = arith.mulf %a0, %bit : f32
    %r = arith.subf %z, %y : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %empty4 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// An unsigned distance.
// CHECK-LABEL: func @distance
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal window(4, -1) : (
func.func @distance(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%init : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %distance = arith.subi %i, %j : index
    %five = arith.constant 5 : index
    %near = arith.cmpi ult, %distance, %five : index
    %number = arith.constant -1.0e9 : f32
    %r = arith.select %near, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %empty4 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// DeBERTa's softmax: the mask of the scores zeroes the weights too.
// CHECK-LABEL: func @weights_masked_again
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} keep(%{{.*}}) : (
func.func @weights_masked_again(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %keep: tensor<2x12xi1>) -> (tensor<2x4x8x16xf32>) {
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
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %number = arith.constant -3.40282347E+38 : f32
    %r = arith.select %a1, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %kept = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%weights, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %none = arith.constant 0.0 : f32
    %r = arith.select %a1, %a0, %none : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%kept, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// CHECK-LABEL: func @weights_times_mask
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} keep(%{{.*}}) : (
func.func @weights_times_mask(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %keep: tensor<2x12xi1>) -> (tensor<2x4x8x16xf32>) {
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
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %number = arith.constant -3.40282347E+38 : f32
    %r = arith.select %a1, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %kept = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%weights, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %bit = arith.uitofp %a1 : i1 to f32
    %r = arith.mulf %a0, %bit : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty5 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty5 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%kept, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// A mask of the weights alone: what is left does not sum to 1.
// CHECK-LABEL: func @weights_masked_alone
// CHECK-NOT: attn.sdpa
// REMARK: remark: softmax is not attention: a condition other than an empty row zeroes weights
// REMARK: note: by this 'linalg.generic'
func.func @weights_masked_alone(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %keep: tensor<2x12xi1>) -> (tensor<2x4x8x16xf32>) {
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
  %kept = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%weights, %keep : tensor<2x4x8x12xf32>, tensor<2x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %none = arith.constant 0.0 : f32
    %r = arith.select %a1, %a0, %none : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty4 = tensor.empty() : tensor<2x4x8x16xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty4 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%kept, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init1 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// Zeros where the mask keeps nothing of a row.
// CHECK-LABEL: func @any_kept
// CHECK-NOT: linalg
// CHECK: attn.sdpa {{.*}} keep(%{{.*}}) : (
func.func @any_kept(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x12x16xf32>, %v: tensor<2x4x12x16xf32>, %keep: tensor<2x8x12xi1>) -> (tensor<2x4x8x16xf32>) {
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
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores, %keep : tensor<2x4x8x12xf32>, tensor<2x8x12xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %number = arith.constant -1.0e9 : f32
    %r = arith.select %a1, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %false = arith.constant false
  %empty3 = tensor.empty() : tensor<2x8xi1>
  %init1 = linalg.fill ins(%false : i1) outs(%empty3 : tensor<2x8xi1>) -> tensor<2x8xi1>
  %any = linalg.generic {indexing_maps = [affine_map<(b, i, j) -> (b, i, j)>, affine_map<(b, i, j) -> (b, i)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%keep : tensor<2x8x12xi1>) outs(%init1 : tensor<2x8xi1>) {
  ^bb0(%a0: i1, %out: i1):
    %r = arith.ori %a0, %out : i1
    linalg.yield %r : i1
  } -> tensor<2x8xi1>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x8x12xf32>) outs(%empty : tensor<2x4x8x12xf32>) -> tensor<2x4x8x12xf32>
  %kept = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, i)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%weights, %any : tensor<2x4x8x12xf32>, tensor<2x8xi1>) outs(%empty : tensor<2x4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: i1, %out: f32):
    %none = arith.constant 0.0 : f32
    %r = arith.select %a1, %a0, %none : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x12xf32>
  %empty6 = tensor.empty() : tensor<2x4x8x16xf32>
  %init2 = linalg.fill ins(%zero : f32) outs(%empty6 : tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%kept, %v : tensor<2x4x8x12xf32>, tensor<2x4x12x16xf32>) outs(%init2 : tensor<2x4x8x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x16xf32>
  return %output : tensor<2x4x8x16xf32>
}

// SAM's relative positions: a product of queries and the distances of rows is
// no second product of scores.
// CHECK-LABEL: func @rows_of_image
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x16x16xf32>, %[[K:.*]]: tensor<2x4x16x16xf32>, %[[V:.*]]: tensor<2x4x16x16xf32>,
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<2x4x4x4x16xf32>, tensor<4x4x16xf32>)
// CHECK: attn.sdpa query(%[[Q]]) key(%[[K]]) value(%[[V]]) score(
// CHECK: tensor.extract %[[R]]
func.func @rows_of_image(%q: tensor<2x4x16x16xf32>, %k: tensor<2x4x16x16xf32>, %v: tensor<2x4x16x16xf32>, %rows: tensor<4x4x16xf32>) -> (tensor<2x4x16x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x16x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x16x16xf32>) -> tensor<2x4x16x16xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x16x16xf32>, tensor<2x4x16x16xf32>) outs(%init : tensor<2x4x16x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x16x16xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x16x16xf32>) outs(%empty : tensor<2x4x16x16xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %c = arith.constant 0.25 : f32
    %r = arith.mulf %a0, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x4x16x16xf32>
  %queryImage = tensor.expand_shape %q [[0], [1], [2, 3], [4]] output_shape [2, 4, 4, 4, 16] : tensor<2x4x16x16xf32> into tensor<2x4x4x4x16xf32>
  %empty2 = tensor.empty() : tensor<2x4x4x4x4xf32>
  %init1 = linalg.fill ins(%zero : f32) outs(%empty2 : tensor<2x4x4x4x4xf32>) -> tensor<2x4x4x4x4xf32>
  %relative = linalg.generic {indexing_maps = [affine_map<(b, h, y, w, z, d) -> (b, h, y, w, d)>, affine_map<(b, h, y, w, z, d) -> (y, z, d)>, affine_map<(b, h, y, w, z, d) -> (b, h, y, w, z)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%queryImage, %rows : tensor<2x4x4x4x16xf32>, tensor<4x4x16xf32>) outs(%init1 : tensor<2x4x4x4x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x4x4x4xf32>
  %scoreImage = tensor.expand_shape %scores [[0], [1], [2, 3], [4, 5]] output_shape [2, 4, 4, 4, 4, 4] : tensor<2x4x16x16xf32> into tensor<2x4x4x4x4x4xf32>
  %empty3 = tensor.empty() : tensor<2x4x4x4x4x4xf32>
  %biased = linalg.generic {indexing_maps = [affine_map<(b, h, y, w, z, x) -> (b, h, y, w, z, x)>, affine_map<(b, h, y, w, z, x) -> (b, h, y, w, z)>, affine_map<(b, h, y, w, z, x) -> (b, h, y, w, z, x)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%scoreImage, %relative : tensor<2x4x4x4x4x4xf32>, tensor<2x4x4x4x4xf32>) outs(%empty3 : tensor<2x4x4x4x4x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = arith.addf %a0, %a1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x4x4x4x4xf32>
  %biasedScores = tensor.collapse_shape %biased [[0], [1], [2, 3], [4, 5]] : tensor<2x4x4x4x4x4xf32> into tensor<2x4x16x16xf32>
  %weights = linalg.softmax dimension(3) ins(%biasedScores : tensor<2x4x16x16xf32>) outs(%empty : tensor<2x4x16x16xf32>) -> tensor<2x4x16x16xf32>
  %output = linalg.generic {indexing_maps = [affine_map<(b, h, i, e, j) -> (b, h, i, j)>, affine_map<(b, h, i, e, j) -> (b, h, j, e)>, affine_map<(b, h, i, e, j) -> (b, h, i, e)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x16x16xf32>, tensor<2x4x16x16xf32>) outs(%init : tensor<2x4x16x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x16x16xf32>
  return %output : tensor<2x4x16x16xf32>
}
