// Scores and weights with which more is done than attn.sdpa does, and the remark
// of each.
// RUN: attn-opt %s --attn-raise=explain --verify-diagnostics | FileCheck %s
// RUN: attn-run %s --function=bits_of_f16 --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.bits_of_f16.npy
// RUN: attn-run %s --function=bits_of_f16 --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.bits_of_f16.npy --tolerance=1e-5
// RUN: attn-run %s --function=row_maximum --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.row_maximum.npy
// RUN: attn-run %s --function=row_maximum --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.row_maximum.npy --tolerance=1e-5
// RUN: attn-run %s --function=talking_heads --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=2x2xf32=random:4 --no-raise --output=@%t.talking_heads.npy
// RUN: attn-run %s --function=talking_heads --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=2x2xf32=random:4 --expected=@%t.talking_heads.npy --tolerance=1e-5
// RUN: attn-run %s --function=gated_exponentials --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=16x16xf32=random:4 --no-raise --output=@%t.gated_exponentials.npy
// RUN: attn-run %s --function=gated_exponentials --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=16x16xf32=random:4 --expected=@%t.gated_exponentials.npy --tolerance=1e-5

#id = affine_map<(h, i, j) -> (h, i, j)>
#table = affine_map<(h, i, j) -> (i, j)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>
#weights = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (h, j, d)>
#out = affine_map<(h, i, d, j) -> (h, i, d)>
#row = affine_map<(h, i, j) -> (h, i)>

// The bits of a float are those of its type, which a region does not compute in.
// CHECK-LABEL: func @bits_of_f16
// CHECK-NOT: attn.sdpa
func.func @bits_of_f16(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %mask = arith.constant -1024 : i16
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %x = arith.truncf %s : f32 to f16
    %bits = arith.bitcast %x : f16 to i16
    %cut = arith.andi %bits, %mask : i16
    %y = arith.bitcast %cut : i16 to f16
    %r = arith.extf %y : f16 to f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  // expected-remark @below {{softmax is not attention: a score depends on more than its position}}
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// A threshold that the largest score of a row sets: to know it, the scores would
// stay.
// CHECK-LABEL: func @row_maximum
// CHECK-NOT: attn.sdpa
func.func @row_maximum(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %rows = tensor.empty() : tensor<2x16xf32>
  %lows = linalg.fill ins(%low : f32) outs(%rows : tensor<2x16xf32>) -> tensor<2x16xf32>
  %max = linalg.reduce ins(%products : tensor<2x16x16xf32>) outs(%lows : tensor<2x16xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %larger = arith.maximumf %x, %y : f32
    linalg.yield %larger : f32
  }
  %scores = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products, %max : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %m: f32, %unused: f32):
    %least = arith.mulf %m, %half : f32
    %above = arith.cmpf ogt, %s, %least : f32
    %x = arith.select %above, %s, %low : f32
    %r = arith.subf %x, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %most = linalg.reduce ins(%scores : tensor<2x16x16xf32>) outs(%lows : tensor<2x16xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %larger = arith.maximumf %x, %y : f32
    linalg.yield %larger : f32
  }
  %exps = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %most : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %m: f32, %unused: f32):
    %d = arith.subf %x, %m : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<2x16x16xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x16xf32>) -> tensor<2x16xf32>
  %sum = linalg.reduce ins(%exps : tensor<2x16x16xf32>) outs(%zeroRows : tensor<2x16xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %total = arith.addf %x, %y : f32
    linalg.yield %total : f32
  }
  // expected-remark @below {{softmax is not attention: a score depends on others of its row}}
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %sum : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %t: f32, %unused: f32):
    %w = arith.divf %x, %t : f32
    linalg.yield %w : f32
  } -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

#mix = affine_map<(h, i, j, g) -> (h, g)>
#mixed = affine_map<(h, i, j, g) -> (g, i, j)>

// Heads whose scores are mixed: as a product with the mix, each query would have
// keys of its own, the scores.
// CHECK-LABEL: func @talking_heads
// CHECK-NOT: attn.sdpa
func.func @talking_heads(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>, %mix: tensor<2x2xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  // expected-note @below {{by this 'linalg.contract'}}
  %scores = linalg.contract indexing_maps = [#mix, #mixed, #score] ins(%mix, %products : tensor<2x2xf32>, tensor<2x16x16xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  // expected-remark @below {{softmax is not attention: keys and values each lack a dimension of the other's, and there is one query for each}}
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// Exponentials times numbers that are no mask, in the sum as well.
// CHECK-LABEL: func @gated_exponentials
// CHECK-NOT: attn.sdpa
func.func @gated_exponentials(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>, %gate: tensor<16x16xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c = arith.constant 0.25 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %r = arith.mulf %s, %c : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %rows = tensor.empty() : tensor<2x16xf32>
  %lowest = arith.constant 0xFF800000 : f32
  %lows = linalg.fill ins(%lowest : f32) outs(%rows : tensor<2x16xf32>) -> tensor<2x16xf32>
  %most = linalg.reduce ins(%scores : tensor<2x16x16xf32>) outs(%lows : tensor<2x16xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %larger = arith.maximumf %x, %y : f32
    linalg.yield %larger : f32
  }
  %exps = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores, %most : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %m: f32, %unused: f32):
    %d = arith.subf %x, %m : f32
    %e = math.exp %d : f32
    linalg.yield %e : f32
  } -> tensor<2x16x16xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %gated = linalg.generic {indexing_maps = [#id, #table, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exps, %gate : tensor<2x16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %g: f32, %unused: f32):
    %y = arith.mulf %x, %g : f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %zeroRows = linalg.fill ins(%zero : f32) outs(%rows : tensor<2x16xf32>) -> tensor<2x16xf32>
  %sum = linalg.reduce ins(%gated : tensor<2x16x16xf32>) outs(%zeroRows : tensor<2x16xf32>) dimensions = [2] (%x: f32, %y: f32) {
    %total = arith.addf %x, %y : f32
    linalg.yield %total : f32
  }
  // expected-remark @below {{softmax is not attention: its exponentials are multiplied by what is no mask}}
  %weights = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gated, %sum : tensor<2x16x16xf32>, tensor<2x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %t: f32, %unused: f32):
    %w = arith.divf %x, %t : f32
    linalg.yield %w : f32
  } -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// Weights of 8 bits are others.
// CHECK-LABEL: func @weights_in_f8
// CHECK-NOT: attn.sdpa
func.func @weights_in_f8(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    linalg.yield %s : f32
  } -> tensor<2x16x16xf32>
  // expected-remark @below {{softmax is not attention: its weights are changed before they are multiplied by values}}
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  // expected-note @below {{by this 'linalg.generic'}}
  %rounded = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%weights : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %narrow = arith.truncf %x : f32 to f8E5M2
    %y = arith.extf %narrow : f8E5M2 to f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%rounded, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// Those of 16 bits are rounded as the operands of a product may be.
// CHECK-LABEL: func @weights_in_bf16
// CHECK: attn.sdpa
func.func @weights_in_bf16(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    linalg.yield %s : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %rounded = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%weights : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%x: f32, %unused: f32):
    %narrow = arith.truncf %x : f32 to bf16
    %y = arith.extf %narrow : bf16 to f32
    linalg.yield %y : f32
  } -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%rounded, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}
