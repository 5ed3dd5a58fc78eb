// Finite numbers that stand for -inf.
// RUN: attn-opt %s --attn-raise --canonicalize --cse | FileCheck %s

// They compute what the program says in float64.
// RUN: attn-run %s --function=billion --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=ten_thousand --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=lowest_of_f16 --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=lowest_of_f32 --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=hundred --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// RUN: attn-run %s --function=divided_after --input=2x4x8x16xf32=random:1 --input=2x4x8x16xf32=random:2 --input=2x4x8x16xf32=random:3 --check | FileCheck %s --check-prefix=SMALL
// SMALL: check: result 0: max error {{[0-9.]+}}e-0{{[6789]}} in

// A number that stands for -inf, in its usual spellings.
// CHECK-LABEL: func @billion
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @billion(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -1.0e9 : f32
    %r = arith.select %causal, %a0, %number : f32
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

// CHECK-LABEL: func @ten_thousand
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @ten_thousand(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -1.0e4 : f32
    %r = arith.select %causal, %a0, %number : f32
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

// CHECK-LABEL: func @lowest_of_f16
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @lowest_of_f16(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -65504.0 : f32
    %r = arith.select %causal, %a0, %number : f32
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

// CHECK-LABEL: func @lowest_of_f32
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @lowest_of_f32(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -3.40282347E+38 : f32
    %r = arith.select %causal, %a0, %number : f32
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

// A number that does not: it leaves a weight.
// CHECK-LABEL: func @hundred
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) score(
// CHECK: arith.select
func.func @hundred(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
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
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -100.0 : f32
    %r = arith.select %causal, %a0, %number : f32
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

// Scaled after the mask.
// CHECK-LABEL: func @divided_after
// CHECK: attn.sdpa query(%{{.*}}) key(%{{.*}}) value(%{{.*}}) causal : (
func.func @divided_after(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x4x8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %products = linalg.generic {indexing_maps = [affine_map<(b, h, i, j, d) -> (b, h, i, d)>, affine_map<(b, h, i, j, d) -> (b, h, j, d)>, affine_map<(b, h, i, j, d) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) outs(%init : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %m = arith.mulf %a0, %a1 : f32
    %r = arith.addf %m, %out : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%products : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %causal = arith.cmpi sle, %j, %i : index
    %number = arith.constant -1.0e9 : f32
    %r = arith.select %causal, %a0, %number : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, j) -> (b, h, i, j)>, affine_map<(b, h, i, j) -> (b, h, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%masked : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %root = arith.constant 4.0 : f32
    %r = arith.divf %a0, %root : f32
    linalg.yield %r : f32
  } -> tensor<2x4x8x8xf32>
  %weights = linalg.softmax dimension(3) ins(%scores : tensor<2x4x8x8xf32>) outs(%empty : tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
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
