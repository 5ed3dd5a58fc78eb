// What programs do to weights between the softmax and the product with values.
// RUN: attn-opt %s --attn-raise --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-raise=explain --split-input-file -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

#id = affine_map<(b, i, j) -> (b, i, j)>
#bias = affine_map<(b, i, j) -> (i, j)>
#rowofbias = affine_map<(b, i, j) -> (i)>

// Weights times a number: the output times it.
// CHECK-LABEL: func @times_number
// CHECK-SAME: (%[[Q:.*]]: tensor<2x8x16xf32>, %[[K:.*]]: tensor<2x8x16xf32>, %[[V:.*]]: tensor<2x8x16xf32>)
// CHECK-DAG: %[[N:.*]] = arith.constant 7.500000e-01 : f32
// CHECK: %[[O:.*]] = attn.sdpa
// CHECK: linalg.generic {{.*}} ins(%[[O]] :
// CHECK: arith.mulf %{{.*}}, %[[N]] : f32
// CHECK-NOT: linalg.softmax
func.func @times_number(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x8x8xf32>
  %eo = tensor.empty() : tensor<2x8x16xf32>
  %er = tensor.empty() : tensor<8xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %fr = linalg.fill ins(%low : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %products = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%fs : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.add ins(%products, %fs : tensor<2x8x8xf32>, tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %number = arith.constant 0.75 : f32
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %z = arith.mulf %x, %number : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %o = linalg.batch_matmul ins(%w, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%fo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// -----

#id = affine_map<(b, i, j) -> (b, i, j)>
#bias = affine_map<(b, i, j) -> (i, j)>
#rowofbias = affine_map<(b, i, j) -> (i)>

// PyTorch's export to ONNX: the weights of a row of which nothing is kept are
// NaN, and become 0.
// CHECK-LABEL: func @nan_is_zero
// CHECK: attn.sdpa
// CHECK-NOT: linalg.softmax
func.func @nan_is_zero(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x8x8xf32>
  %eo = tensor.empty() : tensor<2x8x16xf32>
  %er = tensor.empty() : tensor<8xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %fr = linalg.fill ins(%low : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %products = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%fs : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.add ins(%products, %fs : tensor<2x8x8xf32>, tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %w = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p, %p : tensor<2x8x8xf32>, tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %c = arith.cmpf uno, %y, %y : f32
    %z = arith.select %c, %zero, %x : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %o = linalg.batch_matmul ins(%w, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%fo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// -----

#id = affine_map<(b, i, j) -> (b, i, j)>
#bias = affine_map<(b, i, j) -> (i, j)>
#rowofbias = affine_map<(b, i, j) -> (i)>

// ONNX's function of Attention: nothing is kept where all that is added is -inf.
// CHECK-LABEL: func @empty_bias_is_zero
// CHECK-SAME: %[[B:[a-z0-9]+]]: tensor<8x8xf32>)
// CHECK: %[[T:.*]] = tensor.expand_shape %[[B]]
// CHECK: attn.sdpa {{.*}} bias(%[[T]])
// CHECK-NOT: linalg.softmax
func.func @empty_bias_is_zero(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %bias: tensor<8x8xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x8x8xf32>
  %eo = tensor.empty() : tensor<2x8x16xf32>
  %er = tensor.empty() : tensor<8xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %fr = linalg.fill ins(%low : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %products = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%fs : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.generic {indexing_maps = [#id, #bias, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products, %bias : tensor<2x8x8xf32>, tensor<8x8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %z = arith.addf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%bias : tensor<8x8xf32>) outs(%fr : tensor<8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %z = arith.maximumf %x, %o : f32
    linalg.yield %z : f32
  } -> tensor<8xf32>
  %w = linalg.generic {indexing_maps = [#id, #rowofbias, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p, %max : tensor<2x8x8xf32>, tensor<8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %c = arith.cmpf oeq, %y, %low : f32
    %z = arith.select %c, %zero, %x : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %o = linalg.batch_matmul ins(%w, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%fo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// -----

#id = affine_map<(b, i, j) -> (b, i, j)>
#bias = affine_map<(b, i, j) -> (i, j)>
#rowofbias = affine_map<(b, i, j) -> (i)>

// The NaN of another tensor.
// CHECK-LABEL: func @other_nan
// CHECK-NOT: attn.sdpa
// CHECK: linalg.softmax
// REMARK: remark: softmax is not attention: a condition other than an empty row zeroes weights
func.func @other_nan(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %t: tensor<2x8x8xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x8x8xf32>
  %eo = tensor.empty() : tensor<2x8x16xf32>
  %er = tensor.empty() : tensor<8xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %fr = linalg.fill ins(%low : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %products = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%fs : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.add ins(%products, %fs : tensor<2x8x8xf32>, tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %w = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p, %t : tensor<2x8x8xf32>, tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %c = arith.cmpf uno, %y, %y : f32
    %z = arith.select %c, %zero, %x : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %o = linalg.batch_matmul ins(%w, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%fo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}

// -----

#id = affine_map<(b, i, j) -> (b, i, j)>
#bias = affine_map<(b, i, j) -> (i, j)>
#rowofbias = affine_map<(b, i, j) -> (i)>

// The maximum of what is not added.
// CHECK-LABEL: func @other_bias
// CHECK-NOT: attn.sdpa
// CHECK: linalg.softmax
// REMARK: remark: softmax is not attention: a condition other than an empty row zeroes weights
func.func @other_bias(%q: tensor<2x8x16xf32>, %k: tensor<2x8x16xf32>, %v: tensor<2x8x16xf32>, %bias: tensor<8x8xf32>, %t: tensor<8x8xf32>) -> tensor<2x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %es = tensor.empty() : tensor<2x8x8xf32>
  %eo = tensor.empty() : tensor<2x8x16xf32>
  %er = tensor.empty() : tensor<8xf32>
  %fs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %fo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  %fr = linalg.fill ins(%low : f32) outs(%er : tensor<8xf32>) -> tensor<8xf32>
  %products = linalg.batch_matmul indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>, affine_map<(b, i, j, d) -> (b, j, d)>, affine_map<(b, i, j, d) -> (b, i, j)>] ins(%q, %k : tensor<2x8x16xf32>, tensor<2x8x16xf32>) outs(%fs : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %s = linalg.generic {indexing_maps = [#id, #bias, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%products, %bias : tensor<2x8x8xf32>, tensor<8x8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %z = arith.addf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x8x8xf32>) outs(%es : tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %max = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]} ins(%t : tensor<8x8xf32>) outs(%fr : tensor<8xf32>) {
  ^bb0(%x: f32, %o: f32):
    %z = arith.maximumf %x, %o : f32
    linalg.yield %z : f32
  } -> tensor<8xf32>
  %w = linalg.generic {indexing_maps = [#id, #rowofbias, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p, %max : tensor<2x8x8xf32>, tensor<8xf32>) outs(%es : tensor<2x8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %c = arith.cmpf oeq, %y, %low : f32
    %z = arith.select %c, %zero, %x : f32
    linalg.yield %z : f32
  } -> tensor<2x8x8xf32>
  %o = linalg.batch_matmul ins(%w, %v : tensor<2x8x8xf32>, tensor<2x8x16xf32>) outs(%fo : tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
  return %o : tensor<2x8x16xf32>
}
