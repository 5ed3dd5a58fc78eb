// What tensor.extract reads may be longer than the loops around it: a cache with
// room for more keys than there are. Raised, it is what the loops read.
// RUN: attn-opt %s --canonicalize --attn-raise=explain --canonicalize --verify-diagnostics | FileCheck %s
// RUN: attn-run %s --function=live_keys --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --input=10xf32=random:4 --no-raise --output=@%t.live_keys.npy
// RUN: attn-run %s --function=live_keys --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --input=10xf32=random:4 --expected=@%t.live_keys.npy --tolerance=1e-5
// RUN: attn-run %s --function=live_keys_of_static --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --input=10xf32=random:4 --no-raise --output=@%t.live_keys_of_static.npy
// RUN: attn-run %s --function=live_keys_of_static --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --input=10xf32=random:4 --expected=@%t.live_keys_of_static.npy --tolerance=1e-5
// RUN: attn-run %s --function=static_keys --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --no-raise --output=@%t.static_keys.npy
// RUN: attn-run %s --function=static_keys --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x24x8xf32=random:3 --expected=@%t.static_keys.npy --tolerance=1e-5
// RUN: attn-run %s --function=longer_key --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.longer_key.npy
// RUN: attn-run %s --function=longer_key --input=2x16x8xf32=random:1 --input=2x24x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.longer_key.npy --tolerance=1e-5
// RUN: attn-run %s --function=longer_value --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x24x8xf32=random:3 --no-raise --output=@%t.longer_value.npy
// RUN: attn-run %s --function=longer_value --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x24x8xf32=random:3 --expected=@%t.longer_value.npy --tolerance=1e-5
// RUN: attn-run %s --function=part_of_sum --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=6xf32=random:4 --no-raise --output=@%t.part_of_sum.npy
// RUN: attn-run %s --function=part_of_sum --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=6xf32=random:4 --expected=@%t.part_of_sum.npy --tolerance=1e-5
// RUN: attn-run %s --function=part_behind_copy --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=6xf32=random:4 --no-raise --output=@%t.part_behind_copy.npy
// RUN: attn-run %s --function=part_behind_copy --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=6xf32=random:4 --expected=@%t.part_behind_copy.npy --tolerance=1e-5
// RUN: attn-run %s --function=slopes_of_batches --input=2x2x3x8x16xf32=random:1 --input=2x2x12x16xf32=random:2 --input=2x2x12x16xf32=random:3 --input=12xf32=random:4 --no-raise --output=@%t.slopes_of_batches.npy
// RUN: attn-run %s --function=slopes_of_batches --input=2x2x3x8x16xf32=random:1 --input=2x2x12x16xf32=random:2 --input=2x2x12x16xf32=random:3 --input=12xf32=random:4 --expected=@%t.slopes_of_batches.npy --tolerance=1e-5

#id = affine_map<(h, i, j) -> (h, i, j)>
#row = affine_map<(h, i, j) -> (h, i)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>
#weight = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (h, j, d)>
#output = affine_map<(h, i, d, j) -> (h, i, d)>

// CHECK-LABEL: func @live_keys
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{[^,]+}}, %[[K:[a-z0-9]+]]: {{[^,]+}}, %[[V:[a-z0-9]+]]:
// CHECK: tensor.extract_slice %[[K]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK: tensor.extract_slice %[[V]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK: attn.sdpa
func.func @live_keys(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>, %live: tensor<?xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %live, %c0 : tensor<?xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %s = linalg.generic {indexing_maps = [#query, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : tensor<2x16x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = tensor.extract %k[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x16x?xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %d = linalg.index 2 : index
    %j = linalg.index 3 : index
    %b = tensor.extract %v[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// CHECK-LABEL: func @live_keys_of_static
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{[^,]+}}, %[[K:[a-z0-9]+]]: {{[^,]+}}, %[[V:[a-z0-9]+]]:
// CHECK: tensor.extract_slice %[[K]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK: tensor.extract_slice %[[V]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK: attn.sdpa
func.func @live_keys_of_static(%q: tensor<2x16x8xf32>, %k: tensor<2x24x8xf32>, %v: tensor<2x24x8xf32>, %live: tensor<?xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %live, %c0 : tensor<?xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %s = linalg.generic {indexing_maps = [#query, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : tensor<2x16x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = tensor.extract %k[%h, %j, %d] : tensor<2x24x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x16x?xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %d = linalg.index 2 : index
    %j = linalg.index 3 : index
    %b = tensor.extract %v[%h, %j, %d] : tensor<2x24x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// CHECK-LABEL: func @static_keys
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{[^,]+}}, %[[K:[a-z0-9]+]]: {{[^,]+}}, %[[V:[a-z0-9]+]]:
// CHECK: tensor.extract_slice %[[K]][0, 0, 0] [2, 16, 8] [1, 1, 1]
// CHECK: tensor.extract_slice %[[V]][0, 0, 0] [2, 16, 8] [1, 1, 1]
// CHECK: attn.sdpa
func.func @static_keys(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %es = tensor.empty() : tensor<2x16x16xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %s = linalg.generic {indexing_maps = [#query, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : tensor<2x16x8xf32>) outs(%zs : tensor<2x16x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = tensor.extract %k[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x16xf32>) outs(%es : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %o = linalg.generic {indexing_maps = [#weight, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x16x16xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %d = linalg.index 2 : index
    %j = linalg.index 3 : index
    %b = tensor.extract %v[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// CHECK-LABEL: func @longer_key
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{[^,]+}}, %[[K:[a-z0-9]+]]: {{[^,]+}}, %[[V:[a-z0-9]+]]:
// CHECK: tensor.extract_slice %[[K]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK-NOT: tensor.extract_slice
// CHECK: attn.sdpa
func.func @longer_key(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %n = tensor.dim %v, %c1 : tensor<2x?x8xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %s = linalg.generic {indexing_maps = [#query, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : tensor<2x16x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = tensor.extract %k[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x?xf32>, tensor<2x?x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// What is as long as the loops is read as it is.
// CHECK-LABEL: func @longer_value
// CHECK-SAME: %[[Q:[a-z0-9]+]]: {{[^,]+}}, %[[K:[a-z0-9]+]]: {{[^,]+}}, %[[V:[a-z0-9]+]]:
// CHECK-NOT: tensor.extract_slice %[[K]]
// CHECK: tensor.extract_slice %[[V]][0, 0, 0] [2, %{{.*}}, 8] [1, 1, 1]
// CHECK: attn.sdpa
func.func @longer_value(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %n = tensor.dim %k, %c1 : tensor<2x?x8xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %s = linalg.generic {indexing_maps = [#query, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q : tensor<2x16x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %j = linalg.index 2 : index
    %d = linalg.index 3 : index
    %b = tensor.extract %k[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x16x?xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %h = linalg.index 0 : index
    %d = linalg.index 2 : index
    %j = linalg.index 3 : index
    %b = tensor.extract %v[%h, %j, %d] : tensor<2x?x8xf32>
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// The sum is that of the first exponentials alone.
// CHECK-LABEL: func @part_of_sum
// CHECK-NOT: attn.sdpa
func.func @part_of_sum(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>, %live: tensor<?xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %n = tensor.dim %k, %c1 : tensor<2x?x8xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %er = tensor.empty() : tensor<2x16xf32>
  %zr = linalg.fill ins(%zero : f32) outs(%er : tensor<2x16xf32>) -> tensor<2x16xf32>
  %s = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x8xf32>, tensor<2x?x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %y = math.exp %a : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (j)>, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%live : tensor<?xf32>) outs(%zr : tensor<2x16xf32>) {
  ^bb0(%in: f32, %c: f32):
    %h = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %a = tensor.extract %e[%h, %i, %j] : tensor<2x16x?xf32>
    %x = arith.addf %a, %c : f32
    linalg.yield %x : f32
  } -> tensor<2x16xf32>
  // expected-remark @below {{softmax is not attention: the divisor is no sum over the keys}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x16x?xf32>, tensor<2x16xf32>) outs(%es : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.divf %a, %b : f32
    linalg.yield %x : f32
  } -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x?xf32>, tensor<2x?x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// CHECK-LABEL: func @part_behind_copy
// CHECK-NOT: attn.sdpa
func.func @part_behind_copy(%q: tensor<2x16x8xf32>, %k: tensor<2x?x8xf32>, %v: tensor<2x?x8xf32>, %live: tensor<?xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %n = tensor.dim %k, %c1 : tensor<2x?x8xf32>
  %es = tensor.empty(%n) : tensor<2x16x?xf32>
  %eo = tensor.empty() : tensor<2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x16x?xf32>) -> tensor<2x16x?xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %er = tensor.empty() : tensor<2x16xf32>
  %zr = linalg.fill ins(%zero : f32) outs(%er : tensor<2x16xf32>) -> tensor<2x16xf32>
  %s = linalg.generic {indexing_maps = [#query, #key, #score], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x16x8xf32>, tensor<2x?x8xf32>) outs(%zs : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %e = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s : tensor<2x16x?xf32>) outs(%es : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %y = math.exp %a : f32
    linalg.yield %y : f32
  } -> tensor<2x16x?xf32>
  %c0 = arith.constant 0 : index
  %m = tensor.dim %live, %c0 : tensor<?xf32>
  %ec = tensor.empty(%m) : tensor<2x16x?xf32>
  %first = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel"]} outs(%ec : tensor<2x16x?xf32>) {
  ^bb0(%c: f32):
    %h = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %a = tensor.extract %e[%h, %i, %j] : tensor<2x16x?xf32>
    linalg.yield %a : f32
  } -> tensor<2x16x?xf32>
  // expected-note @below {{by this 'linalg.reduce'}}
  %l = linalg.reduce { arith.addf } ins(%first : tensor<2x16x?xf32>) outs(%zr : tensor<2x16xf32>) dimensions = [2]
  // expected-remark @below {{softmax is not attention: the sum is of other data than the dividend}}
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%e, %l : tensor<2x16x?xf32>, tensor<2x16xf32>) outs(%es : tensor<2x16x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.divf %a, %b : f32
    linalg.yield %x : f32
  } -> tensor<2x16x?xf32>
  %o = linalg.generic {indexing_maps = [#weight, #value, #output], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p, %v : tensor<2x16x?xf32>, tensor<2x?x8xf32>) outs(%zo : tensor<2x16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %x = arith.mulf %a, %b : f32
    %y = arith.addf %c, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

#scores5 = affine_map<(x, y, g, i, j) -> (x, y, g, i, j)>
#heads5 = affine_map<(x, y, g, i, j) -> (x, y, g)>

// The number of a head counts batches too: `(x * 2 + y) * n + g` is more than
// the head of the batch.
// CHECK-LABEL: func @slopes_of_batches
// CHECK-NOT: attn.sdpa
func.func @slopes_of_batches(%q: tensor<2x2x?x8x16xf32>, %k: tensor<2x2x12x16xf32>, %v: tensor<2x2x12x16xf32>, %t: tensor<?xf32>) -> tensor<2x2x?x8x16xf32> {
  %zero = arith.constant 0.0 : f32
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x2x?x8x16xf32>
  %eb = tensor.empty(%n) : tensor<4x?xf32>
  %slopes = linalg.generic {indexing_maps = [affine_map<(h, g) -> (h, g)>], iterator_types = ["parallel", "parallel"]} outs(%eb : tensor<4x?xf32>) {
  ^bb0(%out: f32):
    %h = linalg.index 0 : index
    %g = linalg.index 1 : index
    %above = arith.muli %h, %n : index
    %at = arith.addi %above, %g : index
    %x = tensor.extract %t[%at] : tensor<?xf32>
    linalg.yield %x : f32
  } -> tensor<4x?xf32>
  %slopes3 = tensor.expand_shape %slopes [[0, 1], [2]] output_shape [2, 2, %n] : tensor<4x?xf32> into tensor<2x2x?xf32>
  %es = tensor.empty(%n) : tensor<2x2x?x8x12xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x?x8x12xf32>) -> tensor<2x2x?x8x12xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %qk = linalg.contract indexing_maps = [affine_map<(x, y, g, i, j, d) -> (x, y, g, i, d)>, affine_map<(x, y, g, i, j, d) -> (x, y, j, d)>, affine_map<(x, y, g, i, j, d) -> (x, y, g, i, j)>] ins(%q, %k : tensor<2x2x?x8x16xf32>, tensor<2x2x12x16xf32>) outs(%zs : tensor<2x2x?x8x12xf32>) -> tensor<2x2x?x8x12xf32>
  %s = linalg.generic {indexing_maps = [#scores5, #heads5, #scores5], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%qk, %slopes3 : tensor<2x2x?x8x12xf32>, tensor<2x2x?xf32>) outs(%es : tensor<2x2x?x8x12xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %j = linalg.index 4 : index
    %j32 = arith.index_cast %j : index to i32
    %distance = arith.sitofp %j32 : i32 to f32
    %x = arith.mulf %b, %distance : f32
    %y = arith.addf %a, %x : f32
    linalg.yield %y : f32
  } -> tensor<2x2x?x8x12xf32>
  // expected-remark @below {{softmax is not attention: a score depends on more than its position}}
  %p = linalg.softmax dimension(4) ins(%s : tensor<2x2x?x8x12xf32>) outs(%es : tensor<2x2x?x8x12xf32>) -> tensor<2x2x?x8x12xf32>
  %eo = tensor.empty(%n) : tensor<2x2x?x8x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x?x8x16xf32>) -> tensor<2x2x?x8x16xf32>
  %o = linalg.contract indexing_maps = [affine_map<(x, y, g, i, d, j) -> (x, y, g, i, j)>, affine_map<(x, y, g, i, d, j) -> (x, y, j, d)>, affine_map<(x, y, g, i, d, j) -> (x, y, g, i, d)>] ins(%p, %v : tensor<2x2x?x8x12xf32>, tensor<2x2x12x16xf32>) outs(%zo : tensor<2x2x?x8x16xf32>) -> tensor<2x2x?x8x16xf32>
  return %o : tensor<2x2x?x8x16xf32>
}
