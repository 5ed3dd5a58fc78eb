// RUN: attn-opt %s -split-input-file -verify-diagnostics

func.func @map_input_shape(%x: vector<16x32xf32>) -> vector<32x16xf32> {
  // expected-error @below {{'attn.map' op input of type 'vector<16x32xf32>' has no shape that begins the result's, 'vector<32x16xf32>'}}
  %r = attn.map %x : (vector<16x32xf32>) -> vector<32x16xf32> {
  ^bb0(%e: f32, %row: index, %column: index):
    attn.yield %e : f32
  }
  return %r : vector<32x16xf32>
}

// -----

func.func @map_arguments(%x: vector<32xf32>) -> vector<32xf32> {
  // expected-error @below {{'attn.map' op body has arguments of types ('f32'), expected ('f32', 'index')}}
  %r = attn.map %x : (vector<32xf32>) -> vector<32xf32> {
  ^bb0(%e: f32):
    attn.yield %e : f32
  }
  return %r : vector<32xf32>
}

// -----

func.func @map_yield(%x: vector<32xf32>) -> vector<32xi1> {
  // expected-error @below {{'attn.map' op body yields 'f32', expected 'i1' as in the result 'vector<32xi1>'}}
  %r = attn.map %x : (vector<32xf32>) -> vector<32xi1> {
  ^bb0(%e: f32, %row: index):
    attn.yield %e : f32
  }
  return %r : vector<32xi1>
}

// -----

func.func @map_terminator(%x: vector<32xf32>) -> vector<32xf32> {
  // expected-error @below {{'attn.map' op body ends with 'ub.unreachable', expected 'attn.yield'}}
  %r = attn.map %x : (vector<32xf32>) -> vector<32xf32> {
  ^bb0(%e: f32, %row: index):
    ub.unreachable
  }
  return %r : vector<32xf32>
}

// -----

func.func @copy_types(%from: memref<8x64xf32>, %to: memref<2x8x64xf16, 3>, %i: index) {
  // expected-error @below {{'attn.async_copy' op copies elements of 'f32' to 'f16', expected the same type}}
  attn.async_copy %from[%i, %i], %to[%i] : memref<8x64xf32>, memref<2x8x64xf16, 3>
  return
}

// -----

func.func @copy_ranks(%from: memref<8x64xf16>, %to: memref<8x64xf16, 3>, %i: index) {
  // expected-error @below {{'attn.async_copy' op copies 'memref<8x64xf16>' to 'memref<8x64xf16, 3>', expected a source of 2 and a destination of 3 dimensions}}
  attn.async_copy %from[%i, %i], %to[%i] : memref<8x64xf16>, memref<8x64xf16, 3>
  return
}

// -----

func.func @copy_indices(%from: memref<8x64xf16>, %to: memref<2x8x64xf16, 3>, %i: index) {
  // expected-error @below {{'attn.async_copy' op has 1 source indices, expected 2}}
  attn.async_copy %from[%i], %to[%i] : memref<8x64xf16>, memref<2x8x64xf16, 3>
  return
}

// -----

func.func @copy_shape(%from: memref<8x64xf16>, %to: memref<2x?x64xf16, 3>, %i: index) {
  // expected-error @below {{'attn.async_copy' op has a destination of type 'memref<2x?x64xf16, 3>', expected a static shape}}
  attn.async_copy %from[%i, %i], %to[%i] : memref<8x64xf16>, memref<2x?x64xf16, 3>
  return
}

// -----

// expected-error @below {{schedule's warps is 3, expected a power of two}}
func.func @warps() attributes {s = #attn.gpu_schedule<query_tile = 64, kv_tile = 32, warps = 3, stages = 2, kv_splits = 1, query_in_registers = true>} {
  return
}

// -----

// expected-error @below {{schedule's stages is 0, expected 1 to 65536}}
func.func @stages() attributes {s = #attn.gpu_schedule<query_tile = 64, kv_tile = 32, warps = 4, stages = 0, kv_splits = 1, query_in_registers = true>} {
  return
}
