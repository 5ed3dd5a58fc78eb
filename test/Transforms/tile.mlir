// RUN: attn-opt %s --attn-tile --canonicalize --split-input-file | FileCheck %s

// The whole of it once: queries along the lanes, scores one tile at a time, the
// online softmax carried by the loop over keys.
// CHECK-DAG: #[[$QUERY_TILE:.*]] = affine_map<(d0) -> (d0 * 16)>
// CHECK-DAG: #[[$QUERIES:.*]] = affine_map<(d0) -> (d0 * -16 + 64, 16)>
// CHECK-DAG: #[[$SAME:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$TRANSPOSED:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[$K:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-DAG: #[[$V:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d1)>
// CHECK-DAG: #[[$REDUCED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[$TILE:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$STATE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: @full
// CHECK-SAME: %[[Q:.*]]: tensor<1x4x64x16xf32>, %[[KEYS:.*]]: tensor<1x2x96x16xf32>, %[[VALUES:.*]]: tensor<1x2x96x8xf32>
// 1/sqrt(16) · log2(e): scores are in units of log2.
// CHECK-DAG: %[[SCALE:.*]] = arith.constant 0.360673755 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0xFF800000 : f32
// CHECK: scf.forall (%[[HEAD:.*]], %[[I:.*]]) in (4, 4) shared_outs(%[[OUT:.*]] = %{{.*}}) -> (tensor<1x4x64x8xf32>)
// Two query heads read one KV head.
// CHECK:   %[[KV_HEAD:.*]] = arith.divui %[[HEAD]], %c2
// CHECK:   %[[COUNT:.*]] = affine.min #[[$QUERIES]](%[[I]])
// CHECK:   %[[Q_TILE:.*]] = tensor.extract_slice %[[Q]][0, %[[HEAD]], %{{.*}}, 0] [1, 1, %[[COUNT]], 16]
// CHECK:   linalg.generic {indexing_maps = [#[[$SAME]], #[[$TRANSPOSED]]], {{.*}} ins(%[[Q_TILE]] : tensor<?x16xf32>)
// CHECK:     arith.mulf %{{.*}}, %[[SCALE]]
// Lanes past the last query are 0.
// CHECK:   linalg.fill ins(%[[ZERO]] : f32)
// CHECK:   %[[PACKED:.*]] = tensor.insert_slice {{.*}} into tensor<1x16x16xf32>
// CHECK:   %[[OUT0:.*]] = linalg.fill ins(%[[ZERO]] : f32) {{.*}} -> tensor<1x8x16xf32>
// CHECK:   %[[MAX0:.*]] = linalg.fill ins(%[[NONE]] : f32) {{.*}} -> tensor<1x16xf32>
// CHECK:   %[[SUM0:.*]] = linalg.fill ins(%[[ZERO]] : f32) {{.*}} -> tensor<1x16xf32>
// CHECK:   %[[LOOP:.*]]:3 = scf.for %[[KEY:.*]] = %c0 to %c96 step %c32 iter_args(%[[MAX:.*]] = %[[MAX0]], %[[SUM:.*]] = %[[SUM0]], %[[O:.*]] = %[[OUT0]])
// CHECK:     %[[K_TILE:.*]] = tensor.extract_slice %[[KEYS]][0, %[[KV_HEAD]], %[[KEY]], 0] [1, 1, 32, 16]
// Scores, key x query.
// CHECK:     %[[S:.*]] = linalg.generic {indexing_maps = [#[[$K]], #[[$REDUCED]], #[[$RESULT]]], {{.*}} ins(%[[K_TILE]], %[[PACKED]] : {{.*}}) outs(%{{.*}} : tensor<1x32x16xf32>)
// CHECK:       arith.mulf {{.*}} fastmath<contract>
// CHECK:       arith.addf {{.*}} fastmath<contract>
// Their maximum; a full tile has no mask code.
// CHECK:     %[[M:.*]]:2 = linalg.generic {indexing_maps = [#[[$TILE]], #[[$STATE]]], iterator_types = ["parallel", "reduction", "parallel"]} outs(%[[S]], %[[MAX]] :
// CHECK-NEXT: ^bb0(%[[SCORE:.*]]: f32, %[[OLD:.*]]: f32):
// CHECK-NEXT:  %[[GREATER:.*]] = arith.cmpf ogt, %[[OLD]], %[[SCORE]]
// CHECK-NEXT:  %[[NEW:.*]] = arith.select %[[GREATER]], %[[OLD]], %[[SCORE]]
// CHECK-NEXT:  linalg.yield %[[SCORE]], %[[NEW]]
// The factor for what was summed before; a row that kept nothing has none.
// CHECK:     %[[F:.*]]:4 = linalg.generic {{.*}} outs(%[[M]]#1, %[[MAX]], %[[SUM]], %{{.*}} :
// CHECK:       %[[IS_NONE:.*]] = arith.cmpf oeq, %{{.*}}, %[[NONE]]
// CHECK:       arith.select %[[IS_NONE]], %[[ZERO]], %{{.*}}
// CHECK:       math.exp2 {{.*}} fastmath<afn>
// The weights take the place of the scores.
// CHECK:     %[[P:.*]]:2 = linalg.generic {{.*}} ins(%[[F]]#0 : {{.*}}) outs(%[[M]]#0, %[[F]]#2 :
// CHECK:       math.exp2 {{.*}} fastmath<afn>
// CHECK:     %[[SCALED:.*]] = linalg.generic {{.*}} ins(%[[F]]#3 : {{.*}}) outs(%[[O]] :
// CHECK:     %[[V_TILE:.*]] = tensor.extract_slice %[[VALUES]][0, %[[KV_HEAD]], %[[KEY]], 0] [1, 1, 32, 8]
// CHECK:     %[[NEXT:.*]] = linalg.generic {indexing_maps = [#[[$V]], #[[$REDUCED]], #[[$RESULT]]], {{.*}} ins(%[[V_TILE]], %[[P]]#0 : {{.*}}) outs(%[[SCALED]] : tensor<1x8x16xf32>)
// CHECK:     scf.yield %[[F]]#1, %[[P]]#1, %[[NEXT]]
// The inverse of the sum, 0 for a row that kept nothing.
// CHECK:   linalg.generic {{.*}} ins(%[[LOOP]]#1 :
// CHECK:     arith.divf
// CHECK:   %[[ROWS:.*]] = linalg.generic {indexing_maps = [#[[$TRANSPOSED]], #{{.*}}, #[[$SAME]]]
// CHECK:     arith.mulf
// CHECK:   tensor.parallel_insert_slice %[[ROWS]] into %[[OUT]][0, %[[HEAD]], %{{.*}}, 0] [1, 1, %[[COUNT]], 8]
// CHECK: } {attn.kernel}
func.func @full(%q: tensor<1x4x64x16xf32>, %k: tensor<1x2x96x16xf32>, %v: tensor<1x2x96x8xf32>) -> tensor<1x4x64x8xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 32, kv_splits = 1>)
    : (tensor<1x4x64x16xf32>, tensor<1x2x96x16xf32>, tensor<1x2x96x8xf32>) -> tensor<1x4x64x8xf32>
  return %o : tensor<1x4x64x8xf32>
}

// -----

// Keys that do not fill the last tile: its slice is shorter.
// CHECK-DAG: #[[$REST:.*]] = affine_map<(d0) -> (-d0 + 100, 32)>
// CHECK-LABEL: @remainder
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c100 step %c32
// CHECK:   %[[COUNT:.*]] = affine.min #[[$REST]](%[[KEY]])
// CHECK:   tensor.extract_slice %{{.*}}[0, 0, %[[KEY]], 0] [1, 1, %[[COUNT]], 16]
// CHECK:   tensor.extract_slice %{{.*}}[0, 0, 0] [1, %[[COUNT]], 8] {{.*}} : tensor<1x32x8xf32> to tensor<1x?x8xf32>
func.func @remainder(%q: tensor<1x1x8x16xf32>, %kv: tensor<1x1x100x16xf32>) -> tensor<1x1x8x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 32, kv_splits = 1>)
    : (tensor<1x1x8x16xf32>, tensor<1x1x100x16xf32>, tensor<1x1x100x16xf32>) -> tensor<1x1x8x16xf32>
  return %o : tensor<1x1x8x16xf32>
}

// -----

// Causal: the loop ends at the last key that the tile sees, tiles with most
// keys come first, and a tile below the diagonal has no mask code.
// CHECK-DAG: #[[$LAST_FIRST:.*]] = affine_map<(d0) -> (d0 * -8 + 16)>
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0, d1) -> (40, d0 - d1 * 8 + 36)>
// CHECK-LABEL: @causal
// CHECK: scf.forall (%[[HEAD:.*]], %[[I:.*]]) in (2, 3)
// CHECK:   %[[FIRST:.*]] = affine.apply #[[$LAST_FIRST]](%[[I]])
// CHECK:   %[[COUNT:.*]] = affine.min
// CHECK:   %[[STOP:.*]] = affine.min #[[$END]](%[[COUNT]], %[[I]])
// CHECK:   scf.for %[[KEY:.*]] = %c0 to %[[STOP]] step %c16
// CHECK:     %[[AFTER:.*]] = arith.addi %[[KEY]], %{{.*}}
// CHECK:     %[[LAST:.*]] = arith.subi %[[AFTER]], %c1
// Query i sees keys up to i + 40 - 20.
// CHECK:     %[[SEEN:.*]] = arith.addi %[[FIRST]], %c20
// CHECK:     %[[FULL:.*]] = arith.cmpi sle, %[[LAST]], %[[SEEN]]
// CHECK:     scf.if %[[FULL]]
// CHECK-NOT:   arith.cmpi
// CHECK:     } else {
// CHECK:       linalg.index 2
// CHECK:       %[[KEEP:.*]] = arith.cmpi sle
// CHECK-NEXT:  arith.select %[[KEEP]], %{{.*}}, %{{.*}} : f32
func.func @causal(%q: tensor<1x2x20x4xf32>, %kv: tensor<1x1x40x4xf32>) -> tensor<1x2x20x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x20x4xf32>, tensor<1x1x40x4xf32>, tensor<1x1x40x4xf32>) -> tensor<1x2x20x4xf32>
  return %o : tensor<1x2x20x4xf32>
}

// -----

// With top_left alignment query i sees keys up to i.
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0, d1) -> (40, d0 - d1 * 8 + 16)>
// CHECK-LABEL: @causal_top_left
// CHECK: affine.min #[[$END]]
func.func @causal_top_left(%q: tensor<1x2x20x4xf32>, %kv: tensor<1x1x40x4xf32>) -> tensor<1x2x20x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal(top_left) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x20x4xf32>, tensor<1x1x40x4xf32>, tensor<1x1x40x4xf32>) -> tensor<1x2x20x4xf32>
  return %o : tensor<1x2x20x4xf32>
}

// -----

// A query_offset moves the diagonal by a value.
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0, d1)[s0] -> (40, d0 - d1 * 8 + s0 + 16)>
// CHECK-LABEL: @query_offset
// CHECK-SAME: %[[OFFSET:[a-z0-9]*]]: index
// CHECK: affine.min #[[$END]](%{{.*}}, %{{.*}})[%[[OFFSET]]]
func.func @query_offset(%q: tensor<1x2x20x4xf32>, %kv: tensor<1x1x40x4xf32>, %offset: index) -> tensor<1x2x20x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) query_offset(%offset) causal schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x20x4xf32>, tensor<1x1x40x4xf32>, tensor<1x1x40x4xf32>, index) -> tensor<1x2x20x4xf32>
  return %o : tensor<1x2x20x4xf32>
}

// -----

// A window bounds the loop on both sides.
// CHECK-DAG: #[[$END:.*]] = affine_map<(d0, d1) -> (32, d0 + d1 * 8 + 3)>
// CHECK-DAG: #[[$BEGIN:.*]] = affine_map<(d0) -> (0, d0 * 8 - 10)>
// CHECK-LABEL: @window
// CHECK: scf.forall (%[[I:.*]]) in (4)
// CHECK:   %[[STOP:.*]] = affine.min #[[$END]](%{{.*}}, %[[I]])
// CHECK:   %[[START:.*]] = affine.max #[[$BEGIN]](%[[I]])
// CHECK:   scf.for %{{.*}} = %[[START]] to %[[STOP]] step %c16
// CHECK:     %[[RIGHT:.*]] = arith.cmpi sle
// CHECK:     %[[LEFT:.*]] = arith.cmpi sge
// CHECK:     %[[FULL:.*]] = arith.andi %[[RIGHT]], %[[LEFT]]
// CHECK:     scf.if %[[FULL]]
func.func @window(%q: tensor<1x1x32x4xf32>, %kv: tensor<1x1x32x4xf32>) -> tensor<1x1x32x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) window(10, 3) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x1x32x4xf32>, tensor<1x1x32x4xf32>, tensor<1x1x32x4xf32>) -> tensor<1x1x32x4xf32>
  return %o : tensor<1x1x32x4xf32>
}

// -----

// A boolean tensor may drop any position: no tile is known to be full.
// CHECK-LABEL: @keep
// CHECK-SAME: %[[KEEP:[a-z0-9]*]]: tensor<1x1x8x32xi1>
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: tensor.extract_slice %[[KEEP]]
// CHECK-NOT: scf.if
// CHECK: ^bb0(%[[KEPT:.*]]: i1, %{{.*}}: f32, %{{.*}}: f32):
// CHECK-NEXT: arith.select %[[KEPT]]
func.func @keep(%q: tensor<1x1x8x4xf32>, %kv: tensor<1x1x32x4xf32>, %keep: tensor<1x1x8x32xi1>) -> tensor<1x1x8x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) keep(%keep) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x1x8x4xf32>, tensor<1x1x32x4xf32>, tensor<1x1x32x4xf32>, tensor<1x1x8x32xi1>) -> tensor<1x1x8x4xf32>
  return %o : tensor<1x1x8x4xf32>
}

// -----

// Dynamic batch, heads and seqlens; scratch is static all the same.
// CHECK-DAG: #[[$TILES:.*]] = affine_map<()[s0] -> (s0 ceildiv 8)>
// CHECK-LABEL: @dynamic
// CHECK-SAME: %[[Q:.*]]: tensor<?x?x?x4xf32>, %[[KV:.*]]: tensor<?x?x?x4xf32>
// CHECK-DAG: %[[B:.*]] = tensor.dim %[[Q]], %c0
// CHECK-DAG: %[[HQ:.*]] = tensor.dim %[[Q]], %c1
// CHECK-DAG: %[[SQ:.*]] = tensor.dim %[[Q]], %c2
// CHECK-DAG: %[[HKV:.*]] = tensor.dim %[[KV]], %c1
// CHECK-DAG: %[[SK:.*]] = tensor.dim %[[KV]], %c2
// No KV head means no query head either: nothing divides by 0.
// CHECK-DAG: %[[DIVISOR:.*]] = arith.maxui %[[HKV]], %c1
// CHECK-DAG: %[[GROUP:.*]] = arith.divui %[[HQ]], %[[DIVISOR]]
// CHECK-DAG: %[[N:.*]] = affine.apply #[[$TILES]]()[%[[SQ]]]
// CHECK: scf.forall (%{{.*}}, %[[HEAD:.*]], %{{.*}}) in (%[[B]], %[[HQ]], %[[N]])
// CHECK:   arith.divui %[[HEAD]], %[[GROUP]]
// CHECK:   scf.for %{{.*}} = %c0 to %[[SK]] step %c16
// CHECK:     tensor.empty() : tensor<1x16x8xf32>
func.func @dynamic(%q: tensor<?x?x?x4xf32>, %kv: tensor<?x?x?x4xf32>) -> tensor<?x?x?x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<?x?x?x4xf32>, tensor<?x?x?x4xf32>, tensor<?x?x?x4xf32>) -> tensor<?x?x?x4xf32>
  return %o : tensor<?x?x?x4xf32>
}

// -----

// Layouts are slices of what is there: B,S,H,D queries and output, keys with
// the sequence last, which the product reads through its map.
// CHECK-DAG: #[[$K:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d1)>
// CHECK-LABEL: @layouts
// CHECK-SAME: %[[Q:.*]]: tensor<1x16x2x4xf32>, %[[KEYS:.*]]: tensor<1x2x4x32xf32>, %[[VALUES:.*]]: tensor<1x32x2x4xf32>
// CHECK-NOT: linalg.transpose
// CHECK: scf.forall (%[[HEAD:.*]], %{{.*}}) in (2, 2) {{.*}} -> (tensor<1x16x2x4xf32>)
// CHECK:   tensor.extract_slice %[[Q]][0, %{{.*}}, %[[HEAD]], 0] [1, %{{.*}}, 1, 4]
// CHECK:   scf.for %[[KEY:.*]] = %c0 to
// CHECK:     tensor.extract_slice %[[KEYS]][0, %[[HEAD]], 0, %[[KEY]]] [1, 1, 4, 16] {{.*}} to tensor<4x16xf32>
// CHECK:     linalg.generic {indexing_maps = [#[[$K]],
// CHECK:     tensor.extract_slice %[[VALUES]][0, %[[KEY]], %[[HEAD]], 0] [1, 16, 1, 4] {{.*}} to tensor<16x4xf32>
// CHECK:   tensor.parallel_insert_slice %{{.*}}[0, %{{.*}}, %[[HEAD]], 0] [1, %{{.*}}, 1, 4]
func.func @layouts(%q: tensor<1x16x2x4xf32>, %k: tensor<1x2x4x32xf32>, %v: tensor<1x32x2x4xf32>) -> tensor<1x16x2x4xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) layout(query = bshd, key = bhds, value = bshd, output = bshd)
    schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x16x2x4xf32>, tensor<1x2x4x32xf32>, tensor<1x32x2x4xf32>) -> tensor<1x16x2x4xf32>
  return %o : tensor<1x16x2x4xf32>
}

// -----

// lse = ln 2 · (max + log2 sum).
// CHECK-LABEL: @lse
// CHECK: %[[LN2:.*]] = arith.constant 0.693147182 : f32
// CHECK: scf.forall {{.*}} -> (tensor<1x2x32x4xf32>, tensor<1x2x32xf32>)
// CHECK: %[[LOOP:.*]]:3 = scf.for
// CHECK: %[[MAX:.*]] = tensor.extract %[[LOOP]]#0
// CHECK: %[[SUM:.*]] = tensor.extract %[[LOOP]]#1
// CHECK: %[[LOG:.*]] = math.log2 %[[SUM]]
// CHECK: %[[TOTAL:.*]] = arith.addf %[[MAX]], %[[LOG]]
// CHECK: arith.mulf %[[TOTAL]], %[[LN2]]
// CHECK: tensor.parallel_insert_slice {{.*}} into tensor<1x2x32x4xf32>
// CHECK: tensor.parallel_insert_slice {{.*}} into tensor<1x2x32xf32>
func.func @lse(%q: tensor<1x2x32x4xf32>) -> (tensor<1x2x32x4xf32>, tensor<1x2x32xf32>) {
  %o:2 = attn.sdpa query(%q) key(%q) value(%q) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> (tensor<1x2x32x4xf32>, tensor<1x2x32xf32>)
  return %o#0, %o#1 : tensor<1x2x32x4xf32>, tensor<1x2x32xf32>
}

// -----

// A sink is a score that every row has seen before the first key.
// CHECK-LABEL: @sinks
// CHECK-SAME: %[[SINKS:[a-z0-9]*]]: tensor<2xf32>
// CHECK-DAG: %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0xFF800000 : f32
// CHECK: scf.forall (%[[HEAD:.*]], %{{.*}})
// CHECK:   %[[INIT:.*]]:2 = linalg.generic {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x8xf32>, tensor<1x8xf32>)
// CHECK:     %[[SINK:.*]] = tensor.extract %[[SINKS]][%[[HEAD]]]
// CHECK:     %[[IN_LOG2:.*]] = arith.mulf %[[SINK]], %[[LOG2E]]
// A sink of -inf weighs nothing.
// CHECK:     arith.cmpf oeq, %[[IN_LOG2]], %[[NONE]]
// CHECK:   scf.for {{.*}} iter_args(%{{.*}} = %[[INIT]]#0, %{{.*}} = %[[INIT]]#1,
func.func @sinks(%q: tensor<1x2x32x4xf32>, %sinks: tensor<2xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) sinks(%sinks) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<2xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// f16 keys and values are widened once a tile, for all three panels of queries;
// the output is rounded when it is stored.
// CHECK-DAG: #[[$SECOND:.*]] = affine_map<(d0) -> (0, d0 - 8)>
// CHECK-DAG: #[[$THIRD:.*]] = affine_map<(d0) -> (0, d0 - 16)>
// CHECK-LABEL: @panels
// CHECK-SAME: %[[Q:.*]]: tensor<1x1x100x4xf16>, %[[KV:.*]]: tensor<1x1x32x4xf16>
// CHECK: scf.forall (%{{.*}}) in (5)
// Queries that exist in each panel, none where the tile ends before it.
// CHECK:   %[[COUNT:.*]] = affine.min
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<?x4xf16>)
// CHECK:     arith.extf
// CHECK:   affine.max #[[$SECOND]](%[[COUNT]])
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<?x4xf16>)
// CHECK:   affine.max #[[$THIRD]](%[[COUNT]])
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<?x4xf16>)
// CHECK:   scf.for {{.*}} -> (tensor<3x8xf32>, tensor<3x8xf32>, tensor<3x4x8xf32>)
// CHECK:     %[[K_TILE:.*]] = tensor.extract_slice %[[KV]]
// CHECK:     %[[K:.*]] = linalg.generic {{.*}} ins(%[[K_TILE]] : tensor<16x4xf16>) outs(%{{.*}} : tensor<16x4xf32>)
// CHECK-NEXT: ^bb0
// CHECK-NEXT:  arith.extf
// CHECK:     linalg.generic {{.*}} ins(%[[K]], %{{.*}} : tensor<16x4xf32>, tensor<3x4x8xf32>) outs(%{{.*}} : tensor<3x16x8xf32>)
// CHECK:     %[[V_TILE:.*]] = tensor.extract_slice %[[KV]]
// CHECK:     %[[V:.*]] = linalg.generic {{.*}} ins(%[[V_TILE]] : tensor<16x4xf16>) outs(%{{.*}} : tensor<16x4xf32>)
// CHECK:     linalg.generic {{.*}} ins(%[[V]], %{{.*}} : tensor<16x4xf32>, tensor<3x16x8xf32>)
// CHECK-COUNT-3: arith.truncf %{{.*}} : f32 to f16
// CHECK:   tensor.parallel_insert_slice
func.func @panels(%q: tensor<1x1x100x4xf16>, %kv: tensor<1x1x32x4xf16>) -> tensor<1x1x100x4xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 24, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x1x100x4xf16>, tensor<1x1x32x4xf16>, tensor<1x1x32x4xf16>) -> tensor<1x1x100x4xf16>
  return %o : tensor<1x1x100x4xf16>
}

// -----

// Split keys: each part is a unit of work, whose results in f32 attn.merge
// joins. Parts are whole tiles; what an op's layout says is done to the result.
// CHECK-DAG: #[[$PART:.*]] = affine_map<()[s0] -> ((s0 ceildiv 48) * 16)>
// CHECK-DAG: #[[$STOP:.*]] = affine_map<(d0)[s0] -> (s0, d0 + (s0 ceildiv 48) * 16)>
// CHECK-LABEL: @splits
// CHECK-SAME: %[[Q:.*]]: tensor<1x8x2x4xf16>, %[[KV:.*]]: tensor<1x2x?x4xf16>
// CHECK: %[[SK:.*]] = tensor.dim %[[KV]], %c2
// CHECK: %[[PARTS:.*]]:2 = scf.forall (%{{.*}}, %[[SPLIT:.*]]) in (2, 3) {{.*}} -> (tensor<3x1x2x8x4xf32>, tensor<3x1x2x8xf32>)
// CHECK:   %[[SIZE:.*]] = affine.apply #[[$PART]]()[%[[SK]]]
// CHECK:   %[[BEGIN:.*]] = arith.muli %[[SIZE]], %[[SPLIT]]
// CHECK:   %[[STOP:.*]] = affine.min #[[$STOP]](%[[BEGIN]])[%[[SK]]]
// CHECK:   scf.for %{{.*}} = %[[BEGIN]] to %[[STOP]] step %c16
// CHECK:   tensor.parallel_insert_slice %{{.*}}[%[[SPLIT]], 0, %{{.*}}, 0, 0]
// CHECK: %[[MERGED:.*]] = attn.merge %[[PARTS]]#0, %[[PARTS]]#1 : (tensor<3x1x2x8x4xf32>, tensor<3x1x2x8xf32>) -> tensor<1x2x8x4xf16>
// CHECK: linalg.transpose ins(%[[MERGED]] : tensor<1x2x8x4xf16>) outs(%{{.*}} : tensor<1x8x2x4xf16>) permutation = [0, 2, 1, 3]
func.func @splits(%q: tensor<1x8x2x4xf16>, %kv: tensor<1x2x?x4xf16>) -> tensor<1x8x2x4xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) layout(query = bshd, output = bshd) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 3>)
    : (tensor<1x8x2x4xf16>, tensor<1x2x?x4xf16>, tensor<1x2x?x4xf16>) -> tensor<1x8x2x4xf16>
  return %o : tensor<1x8x2x4xf16>
}

// -----

// What has no schedule is left alone.
// CHECK-LABEL: @unscheduled
// CHECK: attn.sdpa
func.func @unscheduled(%q: tensor<1x2x16x4xf64>) -> tensor<1x2x16x4xf64> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x2x16x4xf64>, tensor<1x2x16x4xf64>, tensor<1x2x16x4xf64>) -> tensor<1x2x16x4xf64>
  return %o : tensor<1x2x16x4xf64>
}
