// What looks like attention and is not stays what it is, and a remark says why:
// products that are none of queries and keys, or of weights and values.
// RUN: attn-opt %s --attn-raise=explain --split-input-file --verify-diagnostics | FileCheck %s

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @no_values
// CHECK-NOT: attn.sdpa
func.func @no_values(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x12xf32> {
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
  // expected-remark @below {{softmax is not attention: its weights are not multiplied by values}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  // expected-note @below {{by this 'func.return'}}
  return %p : tensor<4x8x12xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#col = affine_map<(d0, d1, d2) -> (d0, d2)>

// CHECK-LABEL: func @no_product
// CHECK-NOT: attn.sdpa
func.func @no_product(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %z: tensor<4x8x12xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%z : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  %d = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%z, %m : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
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
  // expected-remark @below {{softmax is not attention: the scores are no product of queries and keys}}
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

// CHECK-LABEL: func @cut_weights
// CHECK-NOT: attn.sdpa
func.func @cut_weights(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %er = tensor.empty() : tensor<4x8xf32>
  %mi = linalg.fill ins(%low : f32) outs(%er : tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = linalg.reduce { arith.maximumf } ins(%s : tensor<4x8x12xf32>) outs(%mi : tensor<4x8xf32>) dimensions = [2]
  // expected-note @below {{by this 'linalg.generic'}}
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
  // expected-remark @below {{softmax is not attention: what is subtracted is no maximum over the keys}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<4x8x12xf32>, tensor<4x8xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.divf %a0, %a1 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %pcut = tensor.extract_slice %p[0, 0, 0] [4, 8, 8] [1, 1, 1] : tensor<4x8x12xf32> to tensor<4x8x8xf32>
  %vcut = tensor.extract_slice %v[0, 0, 0] [4, 8, 16] [1, 1, 1] : tensor<4x12x16xf32> to tensor<4x8x16xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%pcut, %vcut : tensor<4x8x8xf32>, tensor<4x8x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// The same of the product with values.
// CHECK-LABEL: func @product_onto_output
// CHECK-NOT: attn.sdpa
func.func @product_onto_output(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %begin: tensor<4x8x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: the product with values does not begin with 0}}
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  // expected-note @below {{by this 'linalg.batch_matmul'}}
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%begin : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// An operation between weights and values.
// CHECK-LABEL: func @changed_weights
// CHECK-NOT: attn.sdpa
func.func @changed_weights(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: its weights are changed before they are multiplied by values}}
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %sharp = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %x = math.absf %a0 : f32
    linalg.yield %x : f32
  } -> tensor<4x8x12xf32>
  %o = linalg.batch_matmul ins(%sharp, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// One that is not read through.
// CHECK-LABEL: func @padded_weights
// CHECK-NOT: attn.sdpa
func.func @padded_weights(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %w: tensor<4x16x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: its weights are not multiplied by values}}
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  // expected-note @below {{by this 'tensor.pad'}}
  %wide = tensor.pad %p low[0, 0, 0] high[0, 0, 4] {
  ^bb0(%i: index, %j: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<4x8x12xf32> to tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%wide, %w : tensor<4x8x16xf32>, tensor<4x16x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Weights that multiply themselves.
// CHECK-LABEL: func @squared_weights
// CHECK-NOT: attn.sdpa
func.func @squared_weights(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>, %u: tensor<4x8x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %s = linalg.batch_matmul ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: the values depend on the scores}}
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %eq = tensor.empty() : tensor<4x8x8xf32>
  %zq = linalg.fill ins(%zero : f32) outs(%eq : tensor<4x8x8xf32>) -> tensor<4x8x8xf32>
  // expected-note @below {{by this 'linalg.batch_matmul'}}
  %square = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, l) -> (b, i, l)>, affine_map<(b, i, j, l) -> (b, j, l)>, affine_map<(b, i, j, l) -> (b, i, j)>] ins(%p, %p : tensor<4x8x12xf32>, tensor<4x8x12xf32>) outs(%zq : tensor<4x8x8xf32>) -> tensor<4x8x8xf32>
  %o = linalg.batch_matmul ins(%square, %u : tensor<4x8x8xf32>, tensor<4x8x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}

// -----

#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Scores that another reduction makes.
// CHECK-LABEL: func @maximal_scores
// CHECK-NOT: attn.sdpa
func.func @maximal_scores(%q: tensor<4x8x16xf32>, %k: tensor<4x16x12xf32>, %v: tensor<4x12x16xf32>) -> tensor<4x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<4x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %s = linalg.generic {indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, d, j)>, affine_map<(b, i, j, d) -> (b, i, j)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<4x8x16xf32>, tensor<4x16x12xf32>) outs(%zs : tensor<4x8x12xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %x = arith.mulf %a0, %a1 : f32
    %y = arith.maximumf %x, %out : f32
    linalg.yield %y : f32
  } -> tensor<4x8x12xf32>
  // expected-remark @below {{softmax is not attention: the scores are no product of queries and keys}}
  %p = linalg.softmax dimension(2) ins(%s : tensor<4x8x12xf32>) outs(%es : tensor<4x8x12xf32>) -> tensor<4x8x12xf32>
  %eo = tensor.empty() : tensor<4x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<4x8x12xf32>, tensor<4x12x16xf32>) outs(%zo : tensor<4x8x16xf32>) -> tensor<4x8x16xf32>
  return %o : tensor<4x8x16xf32>
}
