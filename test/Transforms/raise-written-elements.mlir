// An operation defines those elements of a result that its map writes, from what
// the other results were not.
// RUN: attn-opt %s --attn-raise=explain --canonicalize --verify-diagnostics | FileCheck %s
// RUN: attn-run %s --function=diagonal --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.diagonal.npy
// RUN: attn-run %s --function=diagonal --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.diagonal.npy --tolerance=1e-5
// RUN: attn-run %s --function=column --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.column.npy
// RUN: attn-run %s --function=column --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.column.npy --tolerance=1e-5
// RUN: attn-run %s --function=other_accumulator --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.other_accumulator.npy
// RUN: attn-run %s --function=other_accumulator --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.other_accumulator.npy --tolerance=1e-5

#id = affine_map<(h, i, j) -> (h, i, j)>
#row = affine_map<(h, i, j) -> (h, i)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>
#weight = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (h, j, d)>
#output = affine_map<(h, i, d, j) -> (h, i, d)>
#query_key = affine_map<(h, i, j) -> (i, j)>

// What is not on the diagonal stays what it was.
// CHECK-LABEL: func @diagonal
// CHECK: %[[MASK:.*]] = linalg.generic
// CHECK-SAME: outs(%{{.*}} : tensor<16x16xf32>)
// CHECK: %[[BIAS:.*]] = tensor.expand_shape %[[MASK]]
// CHECK: attn.sdpa {{.*}} bias(%[[BIAS]])
func.func @diagonal(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2x16x16xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %low = arith.constant -1.0e9 : f32
  %high = arith.constant 1.0e9 : f32
  %em = tensor.empty() : tensor<16x16xf32>
  %lows = linalg.fill ins(%low : f32) outs(%em : tensor<16x16xf32>) -> tensor<16x16xf32>
  %mask = linalg.generic {indexing_maps = [affine_map<(i) -> (i, i)>], iterator_types = ["parallel"]} outs(%lows : tensor<16x16xf32>) {
  ^bb0(%c: f32):
    %x = arith.addf %c, %high : f32
    linalg.yield %x : f32
  } -> tensor<16x16xf32>
  %qk = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zs : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %s = linalg.generic {indexing_maps = [#id, #query_key, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%qk, %mask : tensor<2x16x16xf32>, tensor<16x16xf32>) outs(%es : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.addf %a, %b : f32
    linalg.yield %x : f32
  } -> tensor<2x16x16xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x16xf32>) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// CHECK-LABEL: func @column
// CHECK: %[[MASK:.*]] = linalg.generic
// CHECK-SAME: outs(%{{.*}} : tensor<16x16xf32>)
// CHECK: %[[BIAS:.*]] = tensor.expand_shape %[[MASK]]
// CHECK: attn.sdpa {{.*}} bias(%[[BIAS]])
func.func @column(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2x16x16xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %low = arith.constant -1.0e9 : f32
  %high = arith.constant 1.0e9 : f32
  %em = tensor.empty() : tensor<16x16xf32>
  %lows = linalg.fill ins(%low : f32) outs(%em : tensor<16x16xf32>) -> tensor<16x16xf32>
  %mask = linalg.generic {indexing_maps = [affine_map<(i) -> (i, 3)>], iterator_types = ["parallel"]} outs(%lows : tensor<16x16xf32>) {
  ^bb0(%c: f32):
    %x = arith.addf %c, %high : f32
    linalg.yield %x : f32
  } -> tensor<16x16xf32>
  %qk = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zs : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %s = linalg.generic {indexing_maps = [#id, #query_key, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%qk, %mask : tensor<2x16x16xf32>, tensor<16x16xf32>) outs(%es : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.addf %a, %b : f32
    linalg.yield %x : f32
  } -> tensor<2x16x16xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x16xf32>) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// The count of the keys before is added to each score of the sum.
// CHECK-LABEL: func @other_accumulator
// CHECK-NOT: attn.sdpa
func.func @other_accumulator(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2x16x16xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %er = tensor.empty() : tensor<2x16xf32>
  %zr = linalg.fill ins(%zero : f32) outs(%er : tensor<2x16xf32>) -> tensor<2x16xf32>
  %one = arith.constant 1.0 : f32
  %s = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zs : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %l:2 = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%s : tensor<2x16x16xf32>) outs(%zr, %zr : tensor<2x16xf32>, tensor<2x16xf32>) {
  ^bb0(%a: f32, %count: f32, %c: f32):
    %next = arith.addf %count, %one : f32
    %x = arith.addf %a, %count : f32
    %y = math.exp %x : f32
    %z = arith.addf %c, %y : f32
    linalg.yield %next, %z : f32, f32
  } -> (tensor<2x16xf32>, tensor<2x16xf32>)
  // expected-remark @below {{softmax is not attention: the divisor is no sum over the keys}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %l#1 : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%es : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.addf %a, %zero : f32
    %y = math.exp %x : f32
    %z = arith.divf %y, %b : f32
    linalg.yield %z : f32
  } -> tensor<2x16x16xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}
