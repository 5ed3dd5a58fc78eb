// What a program reads or divides by under a condition alone is guarded by it
// where it is raised too, and the results stay those of the program.
// RUN: attn-opt %s --attn-raise --canonicalize | FileCheck %s
// RUN: attn-run %s --function=read_past_the_end --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=16x12xf32=random:4 --no-raise --output=@%t.read_past_the_end.npy
// RUN: attn-run %s --function=read_past_the_end --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input=16x12xf32=random:4 --expected=@%t.read_past_the_end.npy --tolerance=1e-5
// RUN: attn-run %s --function=remainder --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.remainder.npy
// RUN: attn-run %s --function=remainder --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.remainder.npy --tolerance=1e-5
// RUN: attn-run %s --function=remainder_in_mask --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --no-raise --output=@%t.remainder_in_mask.npy
// RUN: attn-run %s --function=remainder_in_mask --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --expected=@%t.remainder_in_mask.npy --tolerance=1e-5
// RUN: attn-run %s --function=table_in_mask --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input="16x12xi1=random:4" --no-raise --output=@%t.table_in_mask.npy
// RUN: attn-run %s --function=table_in_mask --input=2x16x8xf32=random:1 --input=2x16x8xf32=random:2 --input=2x16x8xf32=random:3 --input="16x12xi1=random:4" --expected=@%t.table_in_mask.npy --tolerance=1e-5

#id = affine_map<(h, i, j) -> (h, i, j)>
#table = affine_map<(h, i, j) -> (i, j)>
#query = affine_map<(h, i, j, d) -> (h, i, d)>
#key = affine_map<(h, i, j, d) -> (h, j, d)>
#score = affine_map<(h, i, j, d) -> (h, i, j)>
#weights = affine_map<(h, i, d, j) -> (h, i, j)>
#value = affine_map<(h, i, d, j) -> (h, j, d)>
#out = affine_map<(h, i, d, j) -> (h, i, d)>

// A read that is far outside but where the condition holds.
// CHECK-LABEL: func @read_past_the_end
// CHECK: attn.sdpa
// CHECK: %[[IN:.*]] = arith.cmpi eq
// CHECK-NOT: tensor.extract
// CHECK: scf.if %[[IN]] -> (f32) {
// CHECK: tensor.extract
// CHECK: } else {
func.func @read_past_the_end(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>, %bias: tensor<16x?xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %far = arith.constant 100000000 : index
  %c12 = arith.constant 12 : index
  %half = arith.constant 0.5 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %in = arith.cmpi eq, %j, %c12 : index
    %b = scf.if %in -> f32 {
      %past = arith.subi %j, %c12 : index
      %at = arith.muli %past, %far : index
      %x = tensor.extract %bias[%i, %at] : tensor<16x?xf32>
      scf.yield %x : f32
    } else {
      scf.yield %half : f32
    }
    %r = arith.addf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// A remainder by 0 is undefined.
// CHECK-LABEL: func @remainder
// CHECK: attn.sdpa
// CHECK: %[[ANY:.*]] = arith.cmpi ne
// CHECK-NEXT: scf.if %[[ANY]] -> (f32) {
// CHECK-NEXT: arith.remui
// CHECK: } else {
func.func @remainder(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %any = arith.cmpi ne, %j, %c0 : index
    %b = scf.if %any -> f32 {
      %rest = arith.remui %i, %j : index
      %number = arith.index_cast %rest : index to i32
      %x = arith.sitofp %number : i32 to f32
      scf.yield %x : f32
    } else {
      scf.yield %zero : f32
    }
    %r = arith.addf %s, %b : f32
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// A mask below another: it is asked where the other keeps alone.
// CHECK-LABEL: func @remainder_in_mask
// CHECK: attn.sdpa
// CHECK-SAME: mask
// CHECK: %[[ANY:.*]] = arith.cmpi ne
// CHECK-NEXT: %[[KEPT:.*]] = scf.if %[[ANY]] -> (i1) {
// CHECK-NEXT: arith.remui
// CHECK: } else {
// CHECK-NEXT: scf.yield %false
// CHECK: attn.yield %[[KEPT]]
func.func @remainder_in_mask(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %any = arith.cmpi ne, %j, %c0 : index
    %r = scf.if %any -> f32 {
      %rest = arith.remui %i, %j : index
      %divides = arith.cmpi eq, %rest, %c0 : index
      %x = arith.select %divides, %s, %low : f32
      scf.yield %x : f32
    } else {
      scf.yield %low : f32
    }
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}

// The same of a mask that is read from a table of fewer keys.
// CHECK-LABEL: func @table_in_mask
// CHECK: attn.sdpa
// CHECK-SAME: mask
// CHECK: %[[IN:.*]] = arith.cmpi ult
// CHECK-NEXT: %[[KEPT:.*]] = scf.if %[[IN]] -> (i1) {
// CHECK-NEXT: tensor.extract
// CHECK: attn.yield %[[KEPT]]
func.func @table_in_mask(%q: tensor<2x16x8xf32>, %k: tensor<2x16x8xf32>, %v: tensor<2x16x8xf32>, %keep: tensor<16x12xi1>) -> tensor<2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c12 = arith.constant 12 : index
  %low = arith.constant 0xFF800000 : f32
  %empty = tensor.empty() : tensor<2x16x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %products = linalg.contract indexing_maps = [#query, #key, #score] ins(%q, %k : tensor<2x16x8xf32>, tensor<2x16x8xf32>) outs(%zeros : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %scores = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%products : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) {
  ^bb0(%s: f32, %unused: f32):
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %in = arith.cmpi ult, %j, %c12 : index
    %r = scf.if %in -> f32 {
      %kept = tensor.extract %keep[%i, %j] : tensor<16x12xi1>
      %x = arith.select %kept, %s, %low : f32
      scf.yield %x : f32
    } else {
      scf.yield %low : f32
    }
    linalg.yield %r : f32
  } -> tensor<2x16x16xf32>
  %weights = linalg.softmax dimension(2) ins(%scores : tensor<2x16x16xf32>) outs(%empty : tensor<2x16x16xf32>) -> tensor<2x16x16xf32>
  %none = tensor.empty() : tensor<2x16x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%none : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %o = linalg.contract indexing_maps = [#weights, #value, #out] ins(%weights, %v : tensor<2x16x16xf32>, tensor<2x16x8xf32>) outs(%init : tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  return %o : tensor<2x16x8xf32>
}
