// RUN: attn-opt %s --attn-tile --canonicalize --split-input-file | FileCheck %s

// A mask region is evaluated over whole tiles in interval arithmetic: a tile in
// which no position is kept is skipped, one in which all are has no mask code.

// Prefix-LM: comparisons of positions with each other and a captured value.
// CHECK-LABEL: @prefix_lm
// CHECK-SAME: %[[PREFIX:[a-z0-9]*]]: index
// CHECK: scf.forall (%{{.*}}, %[[I:.*]]) in
// CHECK: %[[FIRST_QUERY:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c32 step %c16 iter_args(%[[MAX:.*]] = %{{.*}}, %[[SUM:.*]] = %{{.*}}, %[[OUT:.*]] =
// Any: the first key against the last query and the prefix.
// CHECK:   %[[LAST_QUERY:.*]] = affine.apply
// CHECK:   %[[PAST:.*]] = arith.cmpi sle, %[[KEY]], %[[LAST_QUERY]]
// CHECK:   %[[IN:.*]] = arith.cmpi slt, %[[KEY]], %[[PREFIX]]
// CHECK:   %[[ANY:.*]] = arith.ori %[[PAST]], %[[IN]]
// CHECK:   scf.if %[[ANY]]
// CHECK:     tensor.extract_slice
// All: the last key against the first query and the prefix.
// CHECK:     %[[LAST_KEY:.*]] = arith.addi %[[KEY]], %c15
// CHECK:     %[[PAST:.*]] = arith.cmpi sle, %[[LAST_KEY]], %[[FIRST_QUERY]]
// CHECK:     %[[IN:.*]] = arith.cmpi slt, %[[LAST_KEY]], %[[PREFIX]]
// CHECK:     %[[ALL:.*]] = arith.ori %[[PAST]], %[[IN]]
// CHECK:     scf.if %[[ALL]]
// CHECK-NOT:   arith.cmpi
// CHECK-NOT:   linalg.index
// CHECK:     } else {
// CHECK:       %[[J:.*]] = arith.addi %[[KEY]], %{{.*}}
// CHECK:       arith.cmpi sle, %[[J]],
// CHECK:       arith.cmpi slt, %[[J]], %[[PREFIX]]
// CHECK:       %[[KEEP:.*]] = arith.ori
// CHECK:       arith.select %[[KEEP]], %{{.*}}, %{{.*}} : f32
// CHECK:   } else {
// CHECK-NEXT: scf.yield %[[MAX]], %[[SUM]], %[[OUT]]
func.func @prefix_lm(%q: tensor<1x2x32x4xf32>, %prefix: index) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %past = arith.cmpi sle, %j, %i : index
      %in_prefix = arith.cmpi slt, %j, %prefix : index
      %keep = arith.ori %past, %in_prefix : i1
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Causal and a region: both decide, and the loop ends at the diagonal.
// CHECK-LABEL: @causal_and_region
// CHECK: %[[STOP:.*]] = affine.min {{.*}}(%{{.*}}, %{{.*}})
// CHECK: scf.for %[[KEY:.*]] = %c0 to %[[STOP]]
// CHECK:   %[[CAUSAL:.*]] = arith.cmpi sle, %[[KEY]], %{{.*}}
// CHECK:   %[[REGION:.*]] = arith.cmpi sge, %{{.*}}, %c5
// CHECK:   %[[ANY:.*]] = arith.andi %[[CAUSAL]], %[[REGION]]
// CHECK:   scf.if %[[ANY]]
func.func @causal_and_region(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c5 = arith.constant 5 : index
      %keep = arith.cmpi sge, %j, %c5 : index
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Chunks: a division by a constant keeps the order of positions.
// CHECK-LABEL: @chunked
// CHECK: scf.for %[[KEY:.*]] = %c0 to
// CHECK-DAG:  %[[LAST_KEY:.*]] = arith.addi %[[KEY]], %c15
// CHECK-DAG:  %[[QUERY_LOW:.*]] = arith.divui %[[FIRST_QUERY:.*]], %c10
// CHECK-DAG:  %[[QUERY_HIGH:.*]] = arith.divui %[[LAST_QUERY:.*]], %c10
// CHECK-DAG:  %[[KEY_LOW:.*]] = arith.divui %[[KEY]], %c10
// CHECK-DAG:  %[[KEY_HIGH:.*]] = arith.divui %[[LAST_KEY]], %c10
// The tile is skipped where the chunks of queries and keys do not meet.
// CHECK:   %[[BELOW:.*]] = arith.cmpi slt, %[[QUERY_HIGH]], %[[KEY_LOW]]
// CHECK:   %[[ABOVE:.*]] = arith.cmpi sgt, %[[QUERY_LOW]], %[[KEY_HIGH]]
// CHECK:   %[[NONE:.*]] = arith.ori %[[BELOW]], %[[ABOVE]]
// CHECK:   scf.if %[[NONE]]
// CHECK-NEXT: scf.yield
// CHECK:   } else {
// It is full where it lies in one chunk of each, and these are equal.
// CHECK:     arith.cmpi eq
// CHECK:     arith.cmpi eq
// CHECK:     arith.andi
// CHECK:     arith.cmpi eq
// CHECK:     %[[ALL:.*]] = arith.andi
// CHECK:     scf.if %[[ALL]]
func.func @chunked(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c10 = arith.constant 10 : index
      %ci = arith.divui %i, %c10 : index
      %cj = arith.divui %j, %c10 : index
      %keep = arith.cmpi eq, %ci, %cj : index
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Dilation: a remainder is exact within one multiple, else anything up to it.
// CHECK-LABEL: @dilated
// CHECK: scf.for %[[KEY:.*]] = %c0 to
// CHECK:   %[[LAST_KEY:.*]] = arith.addi %[[KEY]], %c15
// CHECK:   %[[FROM:.*]] = arith.divsi %[[KEY]], %c24
// CHECK:   %[[TO:.*]] = arith.divsi %[[LAST_KEY]], %c24
// CHECK:   %[[SAME:.*]] = arith.cmpi eq, %[[FROM]], %[[TO]]
// CHECK:   %[[REMAINDER:.*]] = arith.remsi %[[KEY]], %c24
// CHECK:   %[[LOW:.*]] = arith.select %[[SAME]], %[[REMAINDER]], %c0
// CHECK:   %[[ANY:.*]] = arith.cmpi slt, %[[LOW]], %c3
// CHECK:   scf.if %[[ANY]]
// CHECK:     %[[REMAINDER:.*]] = arith.remsi %{{.*}}, %c24
// CHECK:     %[[HIGH:.*]] = arith.select %{{.*}}, %[[REMAINDER]], %c23
// CHECK:     %[[ALL:.*]] = arith.cmpi slt, %[[HIGH]], %c3
// CHECK:     scf.if %[[ALL]]
func.func @dilated(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c24 = arith.constant 24 : index
      %c3 = arith.constant 3 : index
      %r = arith.remui %j, %c24 : index
      %keep = arith.cmpi slt, %r, %c3 : index
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Documents: a tensor of integers is read over the tile for its least and
// greatest value.
// CHECK-LABEL: @documents
// CHECK-SAME: %[[DOC:[a-z0-9]*]]: tensor<32xi32>
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c32
// CHECK:   %[[FIRST:.*]] = tensor.extract %[[DOC]][%[[QUERY:.*]]] : tensor<32xi32>
// CHECK:   %[[QUERY_DOCS:.*]]:2 = scf.for %[[AT:.*]] = %{{.*}} to %{{.*}} step %c1 iter_args(%[[MIN:.*]] = %[[FIRST]], %[[MAX:.*]] = %[[FIRST]])
// CHECK:     %[[D:.*]] = tensor.extract %[[DOC]][%[[AT]]]
// CHECK:     arith.minsi %[[MIN]], %[[D]]
// CHECK:     arith.maxsi %[[MAX]], %[[D]]
// CHECK:   %[[FIRST:.*]] = tensor.extract %[[DOC]][%[[KEY]]] : tensor<32xi32>
// CHECK:   %[[KEY_DOCS:.*]]:2 = scf.for %{{.*}} iter_args(%{{.*}} = %[[FIRST]], %{{.*}} = %[[FIRST]])
// CHECK:   %[[BELOW:.*]] = arith.cmpi slt, %[[QUERY_DOCS]]#1, %[[KEY_DOCS]]#0
// CHECK:   %[[ABOVE:.*]] = arith.cmpi sgt, %[[QUERY_DOCS]]#0, %[[KEY_DOCS]]#1
// CHECK:   %[[NONE:.*]] = arith.ori %[[BELOW]], %[[ABOVE]]
// CHECK:   scf.if %[[NONE]]
// CHECK-NEXT: scf.yield
func.func @documents(%q: tensor<1x2x32x4xf32>, %doc: tensor<32xi32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %di = tensor.extract %doc[%i] : tensor<32xi32>
      %dj = tensor.extract %doc[%j] : tensor<32xi32>
      %keep = arith.cmpi eq, %di, %dj : i32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// An entry of a tensor that is the same for the tile is read once.
// CHECK-LABEL: @lengths
// CHECK-SAME: %[[LENGTHS:[a-z0-9]*]]: tensor<4xindex>
// CHECK: scf.forall (%[[B:.*]], %{{.*}}) in (4, 4)
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c32
// CHECK:   %[[LENGTH:.*]] = tensor.extract %[[LENGTHS]][%[[B]]]
// CHECK-NEXT: %[[ANY:.*]] = arith.cmpi slt, %[[KEY]], %[[LENGTH]]
// CHECK-NEXT: scf.if %[[ANY]]
func.func @lengths(%q: tensor<4x1x32x4xf32>, %lengths: tensor<4xindex>) -> tensor<4x1x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %length = tensor.extract %lengths[%b] : tensor<4xindex>
      %keep = arith.cmpi slt, %j, %length : index
      attn.yield %keep : i1
    } : (tensor<4x1x32x4xf32>, tensor<4x1x32x4xf32>, tensor<4x1x32x4xf32>) -> tensor<4x1x32x4xf32>
  return %o : tensor<4x1x32x4xf32>
}

// -----

// What is not understood, as a comparison of floats, skips nothing and keeps
// its mask code everywhere.
// CHECK-LABEL: @unknown
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: %[[KEEP:.*]] = arith.cmpf olt
// CHECK: arith.select %[[KEEP]], %{{.*}}, %{{.*}} : f32
// CHECK-NOT: scf.if
// CHECK: return
func.func @unknown(%q: tensor<1x2x32x4xf32>, %x: tensor<32xf32>, %y: f32) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %xj = tensor.extract %x[%j] : tensor<32xf32>
      %keep = arith.cmpf olt, %xj, %y : f32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// A table read at a computed place could be left between the ends of the
// interval: it is not read ahead.
// CHECK-LABEL: @computed_place
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: linalg.index
// CHECK: tensor.extract %{{.*}} : tensor<8xi32>
func.func @computed_place(%q: tensor<1x2x32x4xf32>, %table: tensor<8xi32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c8 = arith.constant 8 : index
      %c1 = arith.constant 1 : i32
      %place = arith.remui %j, %c8 : index
      %x = tensor.extract %table[%place] : tensor<8xi32>
      %keep = arith.cmpi eq, %x, %c1 : i32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Arithmetic in i32 on positions does not wrap, and is done as it is.
// CHECK-LABEL: @narrow
// CHECK: scf.for
// CHECK-NOT: arith.extsi
// CHECK: arith.subi %{{.*}} : i32
// CHECK: %[[ANY:.*]] = arith.cmpi slt, %{{.*}} : i32
// CHECK: scf.if %[[ANY]]
func.func @narrow(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c5 = arith.constant 5 : i32
      %ii = arith.index_cast %i : index to i32
      %jj = arith.index_cast %j : index to i32
      %distance = arith.subi %ii, %jj : i32
      %keep = arith.cmpi slt, %distance, %c5 : i32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// What may wrap, as a hash of positions, is computed in 64 bits, and is
// anything where it does.
// CHECK-LABEL: @hash
// CHECK-DAG: %[[LEAST:.*]] = arith.constant -2147483648 : i64
// CHECK-DAG: %[[MOST:.*]] = arith.constant 2147483647 : i64
// CHECK: scf.for
// CHECK: arith.extsi
// CHECK: arith.muli %{{.*}} : i64
// CHECK: %[[ABOVE:.*]] = arith.cmpi sge, %{{.*}}, %[[LEAST]] : i64
// CHECK: %[[BELOW:.*]] = arith.cmpi sle, %{{.*}}, %[[MOST]] : i64
// CHECK: %[[FITS:.*]] = arith.andi %[[ABOVE]], %[[BELOW]]
// CHECK: %[[HIGH:.*]] = arith.select %[[FITS]], %{{.*}}, %[[MOST]]
// CHECK: %[[END:.*]] = arith.trunci %[[HIGH]] : i64 to i32
// CHECK: %[[ANY:.*]] = arith.cmpi sge, %[[END]], %c0_i32
// CHECK: scf.if %[[ANY]]
func.func @hash(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : i32
      %factor = arith.constant 1103515245 : i32
      %jj = arith.index_cast %j : index to i32
      %hash = arith.muli %jj, %factor : i32
      %keep = arith.cmpi sge, %hash, %c0 : i32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Who promises that nothing wraps is believed.
// CHECK-LABEL: @promised
// CHECK: scf.for
// CHECK-NOT: arith.extsi
// CHECK: scf.if
func.func @promised(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c64 = arith.constant 64 : i32
      %factor = arith.constant 1000 : i32
      %jj = arith.index_cast %j : index to i32
      %scaled = arith.muli %jj, %factor overflow<nsw> : i32
      %keep = arith.cmpi sge, %scaled, %c64 : i32
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// 64 bits are all there are: a hash in them skips nothing.
// CHECK-LABEL: @wide_hash
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: arith.select
// CHECK-NOT: scf.if
// CHECK: return
func.func @wide_hash(%q: tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %factor = arith.constant 6364136223846793005 : index
      %hash = arith.muli %j, %factor : index
      %keep = arith.cmpi sge, %hash, %c0 : index
      attn.yield %keep : i1
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// A window's first key, 11 before the tile's first query, is rounded down to a
// multiple of key_align.
// CHECK-DAG: #[[$BEGIN:.*]] = affine_map<(d0) -> (0, d0 * 16 - 16)>
// CHECK-LABEL: @aligned_window
// CHECK: scf.forall (%[[I:.*]]) in (4)
// CHECK:   %[[BEGIN:.*]] = affine.max #[[$BEGIN]](%[[I]])
// CHECK:   scf.for %{{.*}} = %[[BEGIN]] to
func.func @aligned_window(%q: tensor<1x1x64x8xf32>) -> tensor<1x1x64x8xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) window(11, 0) schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 32, kv_splits = 1, key_align = 8>)
    : (tensor<1x1x64x8xf32>, tensor<1x1x64x8xf32>, tensor<1x1x64x8xf32>) -> tensor<1x1x64x8xf32>
  return %o : tensor<1x1x64x8xf32>
}
