// RUN: attn-opt %s -split-input-file -verify-diagnostics --attn-gpu-distribute

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>

func.func @unknown(%m: memref<16x16xf32>, %o: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f32
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %t = vector.transfer_read %m[%c0, %c0], %p {in_bounds = [true, true]} : memref<16x16xf32>, vector<16x16xf32>
    // expected-error @below {{'vector.transpose' op on tiles is not known to attn-gpu-distribute}}
    %u = vector.transpose %t, [1, 0] : vector<16x16xf32> to vector<16x16xf32>
    vector.transfer_write %u, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<16x16xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 2, stages = 1, kv_splits = 1, query_in_registers = true>

func.func @across_warps(%m: memref<64x64xf32>, %o: memref<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %p = arith.constant 0.0 : f32
  %zero = arith.constant dense<0.0> : vector<64xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c64, %by = %c1, %bz = %c1) {
    %t = vector.transfer_read %m[%c0, %c0], %p {in_bounds = [true, true]} : memref<64x64xf32>, vector<64x64xf32>
    // expected-error @below {{'vector.multi_reduction' op reduces a dimension that several warps hold}}
    %u = vector.multi_reduction <add>, %t, %zero [0] : vector<64x64xf32> to vector<64xf32>
    vector.transfer_write %u, %o[%c0] {in_bounds = [true]} : vector<64xf32>, memref<64xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>

func.func @two_layouts(%m: memref<16x16xf32>, %n: memref<16x16xf16>, %o: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %p = arith.constant 0.0 : f32
  %h = arith.constant 0.0 : f16
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %t = vector.transfer_read %m[%c0, %c0], %p {in_bounds = [true, true]} : memref<16x16xf32>, vector<16x16xf32>
    %u = vector.transfer_read %n[%c0, %c0], %h {in_bounds = [true, true]} : memref<16x16xf16>, vector<16x16xf16>
    // expected-note @below {{the layouts are}}
    %w = arith.extf %u : vector<16x16xf16> to vector<16x16xf32>
    // expected-error @below {{'arith.addf' op needs a value in two layouts, expected one}}
    %v = arith.addf %t, %w : vector<16x16xf32>
    vector.transfer_write %v, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<16x16xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>

func.func @f64_product(%o: memref<16x16xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : vector<16x16xf64>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    // expected-error @below {{'vector.contract' op multiplies 'f64', expected f16, bf16 or f32}}
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %zero, %zero, %zero : vector<16x16xf64>, vector<16x16xf64> into vector<16x16xf64>
    vector.transfer_write %s, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf64>, memref<16x16xf64>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

#s = #attn.gpu_schedule<query_tile = 16, kv_tile = 16, warps = 1, stages = 1, kv_splits = 1, query_in_registers = true>

func.func @constant_operands(%o: memref<16x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant dense<0.0> : vector<16x16xf32>
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    // expected-error @below {{'vector.contract' op has an operand that is not in shared memory}}
    %s = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} %zero, %zero, %zero : vector<16x16xf32>, vector<16x16xf32> into vector<16x16xf32>
    vector.transfer_write %s, %o[%c0, %c0] {in_bounds = [true, true]} : vector<16x16xf32>, memref<16x16xf32>
    gpu.terminator
  } {attn.kernel = #s}
  return
}

// -----

func.func @any_of_constant(%o: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  gpu.launch blocks(%x, %y, %z) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%bx = %c32, %by = %c1, %bz = %c1) {
    %t = arith.constant dense<true> : vector<16xi1>
    // expected-error @below {{'attn.any' op asks for an element of a constant}}
    %any = attn.any %t : vector<16xi1>
    scf.if %any {
      %e = arith.constant 1.0 : f32
      memref.store %e, %o[%c0] : memref<16xf32>
    }
    gpu.terminator
  } {attn.kernel = 1 : i64}
  return
}
