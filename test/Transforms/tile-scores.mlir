// RUN: attn-opt %s --attn-tile --canonicalize --split-input-file | FileCheck %s

// A score region under a mask is in an scf.if: its loads are only executed
// where the position is kept. In a full tile there is no mask to ask. Softcap
// comes before the region; the result goes back to units of log2.
// CHECK-LABEL: @guarded
// CHECK-SAME: %[[BIAS:[a-z0-9]*]]: tensor<32x32xf32>
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG: %[[CAP:.*]] = arith.constant 5.000000e+01 : f32
// CHECK-DAG: %[[INVERSE:.*]] = arith.constant 2.000000e-02 : f32
// CHECK-DAG: %[[LOG2E:.*]] = arith.constant 1.44269502 : f32
// The scale of Q is 1/2 then, with no log2(e) in it.
// CHECK-DAG: arith.constant 5.000000e-01 : f32
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NOT: arith.cmpi
// CHECK:   tensor.extract %[[BIAS]]
// CHECK: } else {
// CHECK:   %[[STORED:.*]] = arith.minsi %[[QUERY:.*]], %{{.*}}
// CHECK:   %[[KEY:.*]] = arith.addi
// CHECK:   %[[KEEP:.*]] = arith.cmpi sle, %[[KEY]], %[[QUERY]]
// CHECK-NEXT: scf.if %[[KEEP]] -> (f32) {
// CHECK-NEXT:   %[[RATIO:.*]] = arith.mulf %{{.*}}, %[[INVERSE]]
// CHECK-NEXT:   %[[TANH:.*]] = math.tanh %[[RATIO]] fastmath<afn>
// CHECK-NEXT:   %[[CAPPED:.*]] = arith.mulf %[[TANH]], %[[CAP]]
// CHECK-NEXT:   %[[X:.*]] = tensor.extract %[[BIAS]][%[[STORED]], %[[KEY]]]
// CHECK-NEXT:   %[[SCORE:.*]] = arith.addf %[[CAPPED]], %[[X]]
// CHECK-NEXT:   %[[IN_LOG2:.*]] = arith.mulf %[[SCORE]], %[[LOG2E]]
// CHECK-NEXT:   scf.yield %[[IN_LOG2]]
// CHECK-NEXT: } else {
// CHECK-NEXT:   scf.yield %[[NONE]]
func.func @guarded(%q: tensor<1x2x32x4xf32>, %bias: tensor<32x32xf32>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal softcap(50.0) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    score(%s, %b, %h, %i, %j) {
      %x = tensor.extract %bias[%i, %j] : tensor<32x32xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    } : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// A lane past the last query stands for the last one, for the mask as for the
// score: else keys that only the lane keeps would be read for the last query,
// here at a negative place.
// CHECK-LABEL: @padded_lanes
// CHECK-SAME: %[[TABLE:[a-z0-9]*]]: tensor<20xf32>
// CHECK: } else {
// CHECK:   %[[STORED:.*]] = arith.minsi
// CHECK:   %[[KEEP:.*]] = arith.cmpi sle, %[[KEY:.*]], %[[STORED]]
// CHECK-NEXT: scf.if %[[KEEP]]
// CHECK-NEXT:   %[[DISTANCE:.*]] = arith.subi %[[STORED]], %[[KEY]]
// CHECK-NEXT:   tensor.extract %[[TABLE]][%[[DISTANCE]]]
func.func @padded_lanes(%q: tensor<1x1x20x4xf32>, %kv: tensor<1x1x40x4xf32>, %table: tensor<20xf32>) -> tensor<1x1x20x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    score(%s, %b, %h, %i, %j) {
      %distance = arith.subi %i, %j : index
      %x = tensor.extract %table[%distance] : tensor<20xf32>
      %r = arith.addf %s, %x : f32
      attn.yield %r : f32
    }
    mask(%b, %h, %i, %j) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } : (tensor<1x1x20x4xf32>, tensor<1x1x40x4xf32>, tensor<1x1x40x4xf32>) -> tensor<1x1x20x4xf32>
  return %o : tensor<1x1x20x4xf32>
}

// -----

// Without a mask nothing is guarded. ALiBi counts from a query's position, and
// a bias broadcasts: a dimension of size 1 is read at 0, a dynamic one where it
// turns out to be 1.
// CHECK-LABEL: @alibi_and_bias
// CHECK-SAME: %[[SLOPES:[a-z0-9]*]]: tensor<2xf16>, %[[BIAS:[a-z0-9]*]]: tensor<1x?x1x32xf16>
// CHECK: scf.forall (%[[HEAD:.*]], %{{.*}}) in
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK:   %[[SLOPE:.*]] = tensor.extract %[[SLOPES]][%[[HEAD]]]
// CHECK:   %[[WIDE:.*]] = arith.extf %[[SLOPE]] : f16 to f32
// CHECK:   %[[DISTANCE:.*]] = arith.subi
// CHECK:   arith.index_cast %[[DISTANCE]]
// CHECK:   %[[FLOAT:.*]] = arith.sitofp
// CHECK:   %[[ALIBI:.*]] = arith.mulf %[[WIDE]], %[[FLOAT]]
// CHECK:   %[[SCORE:.*]] = arith.addf %{{.*}}, %[[ALIBI]]
// CHECK:   %[[IS_ONE:.*]] = arith.cmpi eq, %{{.*}}, %c1
// CHECK:   %[[AT:.*]] = arith.select %[[IS_ONE]], %c0, %[[HEAD]]
// CHECK:   %[[B:.*]] = tensor.extract %[[BIAS]][%c0, %[[AT]], %c0, %{{.*}}]
// CHECK:   %[[WIDE:.*]] = arith.extf %[[B]]
// CHECK:   arith.addf %[[SCORE]], %[[WIDE]]
func.func @alibi_and_bias(%q: tensor<1x2x32x4xf32>, %slopes: tensor<2xf16>, %bias: tensor<1x?x1x32xf16>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) bias(%bias) alibi(%slopes) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
   : (tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x2x32x4xf32>, tensor<1x?x1x32xf16>, tensor<2xf16>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// A bias over queries and keys is transposed a tile at a time, into the order of
// the scores, instead of being gathered.
// CHECK-DAG: #[[$TRANSPOSED:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: @bias_tile
// CHECK-SAME: %[[BIAS:[a-z0-9]*]]: tensor<1x2x32x40xf16>
// CHECK: scf.forall (%[[HEAD:.*]], %{{.*}}) in
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c40 step %c16
// CHECK:   %[[COUNT:.*]] = affine.min #{{.*}}(%[[KEY]])
// CHECK:   %[[ROWS:.*]] = tensor.extract_slice %[[BIAS]][0, %[[HEAD]], %{{.*}}, %[[KEY]]] [1, 1, %{{.*}}, %[[COUNT]]]
// CHECK:   linalg.generic {indexing_maps = [#[[$TRANSPOSED]], #{{.*}}], {{.*}} ins(%[[ROWS]] :
// Lanes past the last query are 0.
// CHECK:   linalg.fill {{.*}} outs(%{{.*}} : tensor<?x?xf16>)
// CHECK:   %[[TILE:.*]] = tensor.insert_slice %{{.*}} into %{{.*}} : tensor<?x?xf16> into tensor<1x?x8xf16>
// CHECK:   linalg.generic {{.*}} ins(%[[TILE]] : tensor<1x?x8xf16>) outs(
// CHECK-NEXT: ^bb0(%[[B:.*]]: f16, %[[S:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:   %[[WIDE:.*]] = arith.extf %[[B]]
// CHECK-NEXT:   arith.addf %[[S]], %[[WIDE]]
// CHECK-NOT: tensor.extract %[[BIAS]]
// CHECK: return
func.func @bias_tile(%q: tensor<1x2x32x4xf32>, %kv: tensor<1x2x40x4xf32>, %bias: tensor<1x2x32x40xf16>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) bias(%bias) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x32x4xf32>, tensor<1x2x40x4xf32>, tensor<1x2x40x4xf32>, tensor<1x2x32x40xf16>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// So is a boolean mask.
// CHECK-DAG: #[[$TRANSPOSED:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: @keep_tile
// CHECK-SAME: %[[KEEP:[a-z0-9]*]]: tensor<1x1x32x40xi1>
// CHECK: scf.for %[[KEY:.*]] = %c0 to %c40 step %c16
// CHECK:   %[[ROWS:.*]] = tensor.extract_slice %[[KEEP]][0, 0, %{{.*}}, %[[KEY]]] [1, 1, %{{.*}}, %{{.*}}]
// CHECK:   linalg.generic {indexing_maps = [#[[$TRANSPOSED]], #{{.*}}], {{.*}} ins(%[[ROWS]] :
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<1x?x8xi1>) outs(
// CHECK-NEXT: ^bb0(%[[K:.*]]: i1, %[[S:.*]]: f32, %{{.*}}: f32):
// CHECK:        arith.select %[[K]], %[[S]], %{{.*}}
// CHECK-NOT: tensor.extract %[[KEEP]]
// CHECK: return
func.func @keep_tile(%q: tensor<1x2x32x4xf32>, %kv: tensor<1x2x40x4xf32>, %keep: tensor<1x1x32x40xi1>) -> tensor<1x2x32x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) keep(%keep) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x32x4xf32>, tensor<1x2x40x4xf32>, tensor<1x2x40x4xf32>, tensor<1x1x32x40xi1>) -> tensor<1x2x32x4xf32>
  return %o : tensor<1x2x32x4xf32>
}

// -----

// Dynamic dimensions of 1 broadcast: such a tensor is gathered.
// CHECK-LABEL: @dynamic_bias
// CHECK-SAME: %[[BIAS:[a-z0-9]*]]: tensor<1x1x?x?xf32>
// CHECK: scf.for
// CHECK:   %[[ROWS:.*]] = tensor.dim %[[BIAS]], %c2
// CHECK:   %[[IS_LONG:.*]] = arith.cmpi ne, %[[ROWS]], %c1
// CHECK:   %[[COLUMNS:.*]] = tensor.dim %[[BIAS]], %c3
// CHECK:   %[[IS_WIDE:.*]] = arith.cmpi ne, %[[COLUMNS]], %c1
// CHECK:   %[[VARIES:.*]] = arith.andi %[[IS_LONG]], %[[IS_WIDE]]
// CHECK:   %[[TILE:.*]] = scf.if %[[VARIES]] -> (tensor<1x?x8xf32>) {
// CHECK-NOT:   tensor.extract %[[BIAS]]
// CHECK:   } else {
// CHECK:     tensor.extract %[[BIAS]]
// CHECK:   }
// CHECK:   linalg.generic {{.*}} ins(%[[TILE]] : tensor<1x?x8xf32>) outs(
func.func @dynamic_bias(%q: tensor<1x2x?x4xf32>, %kv: tensor<1x2x?x4xf32>, %bias: tensor<1x1x?x?xf32>) -> tensor<1x2x?x4xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) bias(%bias) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>, tensor<1x2x?x4xf32>, tensor<1x1x?x?xf32>) -> tensor<1x2x?x4xf32>
  return %o : tensor<1x2x?x4xf32>
}
