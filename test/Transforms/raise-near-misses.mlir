// What looks like attention and is not stays what it is, and a remark says why:
// softmaxes that are none of the scores, or used elsewhere.
// RUN: attn-opt %s --attn-raise=explain --split-input-file --verify-diagnostics | FileCheck %s

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @scores_returned
// CHECK-NOT: attn.sdpa
func.func @scores_returned(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> (tensor<4x8x16xf32>, tensor<4x8x12xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the scores are used elsewhere}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  // expected-note @below {{by this 'func.return'}}
  return %o, %s : tensor<4x8x16xf32>, tensor<4x8x12xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @weights_returned
// CHECK-NOT: attn.sdpa
func.func @weights_returned(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> (tensor<4x8x16xf32>, tensor<4x8x12xf32>) {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the scores are used elsewhere}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  // expected-note @below {{by this 'func.return'}}
  return %o, %p : tensor<4x8x16xf32>, tensor<4x8x12xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @other_axis
// CHECK-NOT: attn.sdpa
func.func @other_axis(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x12xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x12xf32>) -> tensor<4x12xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x12xf32>) dimensions = [1]
  // expected-note @below {{by this 'linalg.generic'}}
  %d = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x12xf32>) -> tensor<4x12xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x12xf32>) dimensions = [1]
  // expected-remark @below {{softmax is not attention: the softmax is over queries, not over the keys}}
  %p = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @other_maximum
// CHECK-NOT: attn.sdpa
func.func @other_maximum(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %z: tensor<4x8x12xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-note @below {{by this 'linalg.reduce'}}
  %m = linalg.reduce { arith.maximumf } ins(%z : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the maximum is of other data than the exponent}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @other_sum
// CHECK-NOT: attn.sdpa
func.func @other_sum(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %z: tensor<4x8x12xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-note @below {{by this 'linalg.reduce'}}
  %l = linalg.reduce { arith.addf } ins(%z : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the sum is of other data than the dividend}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @added_maximum
// CHECK-NOT: attn.sdpa
func.func @added_maximum(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-note @below {{by this 'linalg.reduce'}}
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.addf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the scores are used elsewhere}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @maximum_from_zero
// CHECK-NOT: attn.sdpa
func.func @maximum_from_zero(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  // expected-note @below {{by this 'linalg.reduce'}}
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%zero : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the maximum does not begin with -inf}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @sum_from_one
// CHECK-NOT: attn.sdpa
func.func @sum_from_one(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %one: f32) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.subf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%d : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.exp %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %li = linalg.fill ins(%one : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = linalg.reduce { arith.addf } ins(%e : tensor<4x8x12xf32>) outs(%li : tensor<4x8xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the divisor is no sum over the keys}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @named_other_axis
// CHECK-NOT: attn.sdpa
func.func @named_other_axis(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: the softmax is over queries, not over the keys}}
  %p = linalg.softmax dimension(1) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}
