// RUN: attn-opt %s --transform-interpreter --split-input-file --verify-diagnostics=only-expected

func.func @straddles_groups(%q: tensor<1x6x8x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x4xf32>) {
  // expected-error @below {{'attn.sdpa' op has 3 query heads to a KV head, expected a tile of 2 query heads to cover whole groups of them, or to lie within one}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x6x8x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> tensor<1x6x8x4xf32>
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @ragged_heads(%q: tensor<1x6x8x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x4xf32>) {
  // expected-error @below {{'attn.sdpa' op has 3 query heads to a KV head, expected a tile of a dynamic number of query heads to cover whole groups of them, or to lie within one}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x6x8x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> tensor<1x6x8x4xf32>
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @dynamic_heads(%q: tensor<1x?x8x4xf32>, %k: tensor<1x?x8x4xf32>, %v: tensor<1x?x8x4xf32>) {
  // expected-error @below {{'attn.sdpa' op has a dynamic number of heads, expected a tile of one query head, or of all}}
  %o = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x?x8x4xf32>, tensor<1x?x8x4xf32>, tensor<1x?x8x4xf32>) -> tensor<1x?x8x4xf32>
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @lse_of_features(%q: tensor<1x6x8x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x4xf32>) {
  // expected-error @below {{'attn.sdpa' op has an lse, expected a tile of the whole value head_dim}}
  %o:2 = attn.sdpa query(%q) key(%k) value(%v) : (tensor<1x6x8x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x4xf32>) -> (tensor<1x6x8x4xf32>, tensor<1x6x8xf32>)
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.sdpa"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @merge_lse_of_features(%p: tensor<3x1x6x8x4xf32>, %l: tensor<3x1x6x8xf32>) {
  // expected-error @below {{'attn.merge' op has an lse, expected a tile of the whole value head_dim}}
  %o:2 = attn.merge %p, %l : (tensor<3x1x6x8x4xf32>, tensor<3x1x6x8xf32>) -> (tensor<1x6x8x4xf32>, tensor<1x6x8xf32>)
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["attn.merge"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [0, 0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
