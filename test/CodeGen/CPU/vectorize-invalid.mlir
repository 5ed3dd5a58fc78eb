// RUN: attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=4}))" --split-input-file --verify-diagnostics

#v = affine_map<(i) -> (i)>
func.func private @dynamic(%a: memref<?xf32>, %x: f32) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op has a dynamic size in dimension 0, expected a register tile: run attn-register-tile first}}
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<?xf32>) {
  ^bb0(%old: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

#sum = affine_map<(i, j) -> (i + j)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @window(%a: memref<7xf32>, %b: memref<4x4xf32>) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op has the indexing map affine_map<(d0, d1) -> (d0 + d1)>, expected a projected permutation}}
  linalg.generic {indexing_maps = [#sum, #out], iterator_types = ["parallel", "parallel"]} ins(%a : memref<7xf32>) outs(%b : memref<4x4xf32>) {
  ^bb0(%x: f32, %old: f32):
    linalg.yield %x : f32
  }
  return
}

// -----

#v = affine_map<(i) -> (i)>
func.func private @loop(%a: memref<4xf32>, %n: index) attributes {attn.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{'linalg.generic' op has 'scf.for' in its body, expected scf.if to be the only control flow}}
  linalg.generic {indexing_maps = [#v], iterator_types = ["parallel"]} outs(%a : memref<4xf32>) {
  ^bb0(%x: f32):
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> f32 {
      %z = arith.addf %y, %y : f32
      scf.yield %z : f32
    }
    linalg.yield %r : f32
  }
  return
}

// -----

#row = affine_map<(i, j) -> (i, j)>
#state = affine_map<(i, j) -> (i)>
func.func private @product_of_a_row(%a: memref<1x8xf32>, %b: memref<1xf32>) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op reduces along vector lanes in a way that is neither a sum nor a maximum}}
  linalg.generic {indexing_maps = [#row, #state], iterator_types = ["parallel", "reduction"]} ins(%a : memref<1x8xf32>) outs(%b : memref<1xf32>) {
  ^bb0(%x: f32, %y: f32):
    %r = arith.mulf %x, %y : f32
    linalg.yield %r : f32
  }
  return
}

// -----

#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @dynamic_dot(%q: memref<1x?xf32>, %k: memref<1x?xf32>, %s: memref<1x1xf32>) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op has a dynamic reduction along vector lanes}}
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<1x?xf32>, memref<1x?xf32>) outs(%s : memref<1x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %r = arith.addf %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

#q = affine_map<(i, j, d) -> (i, d)>
#k = affine_map<(i, j, d) -> (j, d)>
#s = affine_map<(i, j, d) -> (i, j)>
func.func private @maximum_of_products(%q: memref<1x8xf32>, %k: memref<1x8xf32>, %s: memref<1x1xf32>) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op is a product that does not sum}}
  linalg.generic {indexing_maps = [#q, #k, #s], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%q, %k : memref<1x8xf32>, memref<1x8xf32>) outs(%s : memref<1x1xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %xy = arith.mulf %x, %y : f32
    %greater = arith.cmpf ogt, %z, %xy : f32
    %r = arith.select %greater, %z, %xy : f32
    linalg.yield %r : f32
  }
  return
}

// -----

#in = affine_map<(i, j) -> (j, i)>
#out = affine_map<(i, j) -> (i, j)>
func.func private @transpose(%a: memref<3x4xf32>, %b: memref<4x3xf32>) attributes {attn.kernel} {
  // expected-error @below {{'linalg.generic' op transposes a block of 3 x 4, expected powers of two: run attn-register-tile first}}
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]} ins(%a : memref<3x4xf32>) outs(%b : memref<4x3xf32>) {
  ^bb0(%x: f32, %y: f32):
    linalg.yield %x : f32
  }
  return
}
