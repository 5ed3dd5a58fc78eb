// RUN: attn-opt %s -split-input-file --attn-gpu-tile --canonicalize | FileCheck %s

// Tiles are vectors of their whole shape; without a mask and with keys that the
// tile divides there is no mask code.
// CHECK-LABEL: func @full
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[TILE:.*]]) in (2, 4, 8)
// CHECK:   %[[Q:.*]] = vector.transfer_read %{{.*}} {in_bounds = [false, true]} : tensor<?x64xf16>, vector<64x64xf16>
// CHECK:   %[[LOOP:.*]]:4 = scf.for %[[KEY:.*]] = %c0 to %c512 step %c32 iter_args(%[[LIMIT:.*]] = %{{.*}}, %[[SHIFT:.*]] = %{{.*}}, %[[SUM:.*]] = %{{.*}}, %[[OUT:.*]] = %{{.*}}) -> (vector<64xf32>, vector<64xf32>, vector<64x8xf32>, vector<64x64xf32>)
// CHECK:     %[[K:.*]] = vector.transfer_read %{{.*}}[%[[KEY]], %c0]{{.*}} {in_bounds = [true, true]} : tensor<512x64xf16>, vector<32x64xf16>
// CHECK:     %[[S:.*]] = vector.contract {{.*}} %[[Q]], %[[K]], %{{.*}} : vector<64x64xf16>, vector<32x64xf16> into vector<64x32xf32>
// CHECK-NOT: attn.map
// CHECK:     %[[TILEMAX:.*]] = vector.multi_reduction <maxnumf>, %[[S]], %{{.*}} [1] : vector<64x32xf32> to vector<64xf32>
// Rows whose maximum goes beyond the limit take it, and what they have summed
// shrinks; else there is nothing to do.
// CHECK:     %[[RAISED:.*]] = arith.cmpf ogt, %[[TILEMAX]], %[[LIMIT]] : vector<64xf32>
// CHECK:     %[[ANY:.*]] = attn.any %[[RAISED]] : vector<64xi1>
// CHECK:     %[[NEXT:.*]]:4 = scf.if %[[ANY]]
// CHECK:       %[[NEWLIMIT:.*]] = arith.select %[[RAISED]], %{{.*}}, %[[LIMIT]]
// CHECK:       %[[NEWSHIFT:.*]] = arith.select %[[RAISED]], %{{.*}}, %[[SHIFT]]
// CHECK:       math.exp2 %{{.*}} fastmath<afn> : vector<64xf32>
// CHECK:       %[[NEWSUM:.*]] = arith.mulf %[[SUM]]
// CHECK:       %[[NEWOUT:.*]] = arith.mulf %[[OUT]]
// CHECK:       scf.yield %[[NEWLIMIT]], %[[NEWSHIFT]], %[[NEWSUM]], %[[NEWOUT]]
// CHECK:       scf.yield %[[LIMIT]], %[[SHIFT]], %[[SUM]], %[[OUT]]
// CHECK:     math.fma %[[S]]
// CHECK:     %[[P:.*]] = math.exp2 %{{.*}} fastmath<afn> : vector<64x32xf32>
// CHECK:     %[[P16:.*]] = arith.truncf %[[P]] : vector<64x32xf32> to vector<64x32xf16>
// The sums are a product with ones.
// CHECK:     vector.contract {{.*}} %[[P16]], %{{.*}}, %{{.*}} : vector<64x32xf16>, vector<32x8xf16> into vector<64x8xf32>
// CHECK:     %[[V:.*]] = vector.transfer_read
// CHECK:     vector.contract {{.*}} %[[P16]], %[[V]], %{{.*}} : vector<64x32xf16>, vector<32x64xf16> into vector<64x64xf32>
// CHECK:   vector.multi_reduction <maximumf>, %[[LOOP]]#2, %{{.*}} [1] : vector<64x8xf32> to vector<64xf32>
// CHECK:   vector.transfer_write %{{.*}} {in_bounds = [false, true]} : vector<64x64xf16>, tensor<?x64xf16>
// CHECK: {attn.kernel = #attn.gpu_schedule<query_tile = 64{{.*}}mapping = [#gpu.block<z>, #gpu.block<y>, #gpu.block<x>]}
func.func @full(%q: tensor<2x4x512x64xf16>, %k: tensor<2x4x512x64xf16>, %v: tensor<2x4x512x64xf16>) -> tensor<2x4x512x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<2x4x512x64xf16>, tensor<2x4x512x64xf16>, tensor<2x4x512x64xf16>) -> tensor<2x4x512x64xf16>
  return %o : tensor<2x4x512x64xf16>
}

// -----

// Three query heads of a KV head are rows of one tile, padded to four; the
// mask's code is in one branch, and the loop ends with the last key kept.
// CHECK-LABEL: func @grouped_causal
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 2, 13)
// CHECK:   vector.transfer_read %{{.*}} {in_bounds = [false, false, true], permutation_map = #{{.*}}} : tensor<3x?x16xf16>, vector<8x4x16xf16>
// CHECK:   vector.shape_cast %{{.*}} : vector<8x4x16xf16> to vector<32x16xf16>
// CHECK:   %[[END:.*]] = affine.min
// CHECK:   scf.for %{{.*}} = %c0 to %[[END]] step %c16
// CHECK:     %[[S:.*]] = vector.contract
// CHECK:     scf.if %{{.*}} -> (vector<32x16xf32>) {
// CHECK-NEXT:  scf.yield %[[S]]
// CHECK-NEXT: } else {
// CHECK-NEXT:  attn.map %[[S]]
// CHECK-NEXT:  ^bb0(%{{.*}}: f32, %[[ROW:.*]]: index, %{{.*}}: index):
// CHECK:         %[[QUERY_IN_TILE:.*]] = arith.divui %[[ROW]], %c4 : index
// CHECK:         affine.apply #{{.*}}(%[[QUERY_IN_TILE]], %{{.*}})
// CHECK:         arith.cmpi sle
// CHECK:         arith.select
func.func @grouped_causal(%q: tensor<1x6x100x16xf16>, %k: tensor<1x2x100x16xf16>, %v: tensor<1x2x100x16xf16>) -> tensor<1x6x100x16xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal gpu_schedule(<query_tile = 32, kv_tile = 16, warps = 2, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x6x100x16xf16>, tensor<1x2x100x16xf16>, tensor<1x2x100x16xf16>) -> tensor<1x6x100x16xf16>
  return %o : tensor<1x6x100x16xf16>
}

// -----

// What a score region reads is read where the mask keeps the position alone,
// and a tile with nothing kept is skipped.
// CHECK-LABEL: func @regions
// CHECK: scf.for
// CHECK:   vector.transfer_read
// CHECK:   vector.transfer_read
// CHECK:   scf.if %{{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16x8xf32>, vector<16x32xf32>)
// CHECK:     vector.contract
// CHECK:     scf.if
// CHECK:       attn.map
// CHECK:       tensor.extract %{{.*}} : tensor<64xf32>
// CHECK:     } else {
// CHECK:       attn.map
// CHECK:       scf.if %{{.*}} -> (f32)
// CHECK:         tensor.extract %{{.*}} : tensor<64xf32>
func.func @regions(%q: tensor<1x1x64x32xbf16>, %t: tensor<64xf32>) -> tensor<1x1x64x32xbf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>)
    score(%s, %b, %h, %i, %j) {
      %x = tensor.extract %t[%j] : tensor<64xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    } mask(%b, %h, %i, %j) {
      %keep = arith.cmpi sge, %j, %i : index
      attn.yield %keep : i1
    } : (tensor<1x1x64x32xbf16>, tensor<1x1x64x32xbf16>, tensor<1x1x64x32xbf16>) -> tensor<1x1x64x32xbf16>
  return %o : tensor<1x1x64x32xbf16>
}

// -----

// Split keys: partial results in f32 and their lse, joined by attn.merge. A
// tile of head_dim 36 is padded to 48 by what reads past the end.
// CHECK-LABEL: func @splits
// CHECK: %[[PARTS:.*]]:2 = scf.forall {{.*}} -> (tensor<4x1x8x1x36xf32>, tensor<4x1x8x1xf32>)
// CHECK: vector.transfer_read {{.*}} {in_bounds = [true, false]} : tensor<1024x36xf16>, vector<64x48xf16>
// CHECK: scf.forall
// CHECK:   tensor.extract %[[PARTS]]#1
func.func @splits(%q: tensor<1x8x1x36xf16>, %k: tensor<1x1x1024x36xf16>) -> tensor<1x8x1x36xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) gpu_schedule(<query_tile = 16, kv_tile = 64, warps = 1, stages = 2, kv_splits = 4, query_in_registers = true>) : (tensor<1x8x1x36xf16>, tensor<1x1x1024x36xf16>, tensor<1x1x1024x36xf16>) -> tensor<1x8x1x36xf16>
  return %o : tensor<1x8x1x36xf16>
}

// -----

// With the lse, sums are of weights that are not rounded, in four parts.
// CHECK-LABEL: func @lse
// CHECK: scf.for
// CHECK:   %[[P:.*]] = math.exp2 %{{.*}} fastmath<afn> : vector<64x32xf32>
// CHECK:   vector.multi_reduction <add>, %{{.*}}, %{{.*}} [1, 3] : vector<64x4x4x2xf32> to vector<64x4xf32>
// CHECK:   arith.truncf %[[P]]
// CHECK: vector.multi_reduction <add>, %{{.*}}, %{{.*}} [1] : vector<64x4xf32> to vector<64xf32>
// CHECK: math.log2
func.func @lse(%q: tensor<1x1x64x64xf16>) -> (tensor<1x1x64x64xf16>, tensor<1x1x64xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x64x64xf16>, tensor<1x1x64x64xf16>, tensor<1x1x64x64xf16>) -> (tensor<1x1x64x64xf16>, tensor<1x1x64xf32>)
  return %o, %lse : tensor<1x1x64x64xf16>, tensor<1x1x64xf32>
}

// -----

// A merge: a loop over the parts for each row, in one warp.
// CHECK-LABEL: func @merge
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[S:.*]]) in (1, 32, 7) {{.*}} -> (tensor<1x32x7x128xf16>, tensor<1x32x7xf32>)
// CHECK:   scf.for %[[PART:.*]] = %c0 to %c4 step %c1 iter_args(%{{.*}}, %{{.*}}, %{{.*}}) -> (f32, f32, vector<128xf32>)
// CHECK:     tensor.extract %{{.*}}[%[[PART]], %{{.*}}, %[[H]], %[[S]]]
// CHECK:     vector.transfer_read %{{.*}}[%[[PART]], %{{.*}}, %[[H]], %[[S]], %c0]
// CHECK:   arith.truncf %{{.*}} : vector<128xf32> to vector<128xf16>
// CHECK:   vector.transfer_write
// CHECK: {attn.kernel = 1 : i64
// CHECK-NOT: attn.merge
func.func @merge(%parts: tensor<4x1x32x7x128xf32>, %lses: tensor<4x1x32x7xf32>) -> (tensor<1x32x7x128xf16>, tensor<1x32x7xf32>) {
  %o, %lse = attn.merge %parts, %lses : (tensor<4x1x32x7x128xf32>, tensor<4x1x32x7xf32>) -> (tensor<1x32x7x128xf16>, tensor<1x32x7xf32>)
  return %o, %lse : tensor<1x32x7x128xf16>, tensor<1x32x7xf32>
}

// -----

// Products of f32: what a tile adds to the output is summed up apart, and the
// weights are not rounded.
// CHECK-LABEL: func @f32
// CHECK: scf.for {{.*}}, %[[OUTPUT:[a-z0-9]*]] = %{{[a-z0-9_]*}}) -> (vector<64xf32>, vector<64xf32>, vector<64x4xf32>, vector<64x64xf32>)
// CHECK:   vector.contract {{.*}} : vector<64x64xf32>, vector<32x64xf32> into vector<64x32xf32>
// CHECK-NOT: scf.if
// CHECK:   %[[DIFFERENCE:.*]] = arith.minnumf
// CHECK:   %[[RESCALE:.*]] = math.exp2 %[[DIFFERENCE]]
// CHECK-NOT: arith.truncf
// CHECK:   %[[ADDED:.*]] = vector.contract {{.*}} %{{.*}}, %{{.*}}, %cst{{.*}} : vector<64x32xf32>, vector<32x64xf32> into vector<64x64xf32>
// CHECK:   math.fma %[[OUTPUT]], %{{.*}}, %[[ADDED]] : vector<64x64xf32>
func.func @f32(%q: tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 1, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32>
  return %o : tensor<1x1x512x64xf32>
}

// -----

// Where tf32 is enough, the products say so.
// CHECK-LABEL: func @tf32
// CHECK: scf.for
// CHECK:   vector.contract {{.*}} {attn.allow_tf32} : {{.*}} into vector<64x32xf32>
// CHECK:   %[[STATE:.*]]:4 = scf.if
// CHECK:   vector.contract {{.*}}, %[[STATE]]#3 {attn.allow_tf32} : {{.*}} into vector<64x64xf32>
func.func @tf32(%q: tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) allow_tf32 gpu_schedule(<query_tile = 64, kv_tile = 32, warps = 4, stages = 1, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32>
  return %o : tensor<1x1x512x64xf32>
}
