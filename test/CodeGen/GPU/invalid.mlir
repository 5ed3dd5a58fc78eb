// RUN: attn-opt %s -split-input-file -verify-diagnostics --attn-gpu-launch --attn-gpu-stage --attn-gpu-distribute

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>

func.func @tensors(%t: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'scf.forall' op returns tensors, expected buffers: run one-shot-bufferize first}}
  %r = scf.forall (%i) in (4) shared_outs(%o = %t) -> tensor<4xf32> {
    scf.forall.in_parallel {
    }
  } {attn.kernel = #s, mapping = [#gpu.block<x>]}
  return %r : tensor<4xf32>
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>

func.func @steps() {
  // expected-error @below {{'scf.forall' op does not count from 0 in steps of 1}}
  scf.forall (%i) = (0) to (8) step (2) {
  } {attn.kernel = #s, mapping = [#gpu.block<x>]}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>
#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>

func.func @not_attention(%m: memref<16x16xf16>, %o: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f16
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  // expected-error @below {{'gpu.launch' op is no tiled attention: expected two products and a write of their result}}
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %q = vector.transfer_read %m[%c0, %c0], %p : memref<16x16xf16>, vector<16x16xf16>
    %k = vector.transfer_read %m[%c0, %c0], %p : memref<16x16xf16>, vector<16x16xf16>
    %s = vector.contract {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} %q, %k, %zero : vector<16x16xf16>, vector<16x16xf16> into vector<16x16xf32>
    vector.transfer_write %s, %o[%c0, %c0] : vector<16x16xf32>, memref<16x16xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>
#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>

func.func @computed_keys(%m: memref<16x16xf16>, %o: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f16
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %q = vector.transfer_read %m[%c0, %c0], %p : memref<16x16xf16>, vector<16x16xf16>
    %k = vector.transfer_read %m[%c0, %c0], %p : memref<16x16xf16>, vector<16x16xf16>
    %twice = arith.addf %k, %k : vector<16x16xf16>
    // expected-error @below {{'vector.contract' op has an operand that is no tile in memory}}
    %s = vector.contract {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]} %q, %twice, %zero : vector<16x16xf16>, vector<16x16xf16> into vector<16x16xf32>
    vector.transfer_write %s, %o[%c0, %c0] : vector<16x16xf32>, memref<16x16xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}
