// RUN: attn-opt %s --attn-choose-gpu-schedule="chip=sm_89" | FileCheck %s
// RUN: attn-opt %s --attn-choose-gpu-schedule="chip=sm_89 schedule=print" 2>&1 >/dev/null | FileCheck %s --check-prefix=PRINT
// RUN: attn-opt %s --attn-choose-gpu-schedule="chip=sm_90" | FileCheck %s --check-prefix=SM90
// RUN: attn-opt %s --attn-choose-gpu-schedule="chip=sm_80" | FileCheck %s --check-prefix=SM80
// RUN: attn-opt %s --attn-choose-gpu-schedule="chip=sm_89 schedule=query_tile=16,kv_splits=1,print" 2>&1 | FileCheck %s --check-prefix=OPTION

// CHECK-LABEL: func @prefill
// CHECK: gpu_schedule(<query_tile = 128, kv_tile = 64, warps = {{4|8}}, stages = 2, kv_splits = 1,
// Where registers and shared memory have room for two workgroups of it, tiles
// whose warps have 32 rows each read half as much of shared memory.
// SM90-LABEL: func @prefill
// SM90: gpu_schedule(<query_tile = 128, kv_tile = 64, warps = 4, stages = 2, kv_splits = 1, query_in_registers = false>)
// PRINT: remark: chosen #attn.gpu_schedule<query_tile = 128, {{.*}}> for sm_89: {{[0-9]+}} of 101376 bytes of shared memory, about {{[0-9]+}} of 255 registers a thread, 1 x 8 warps a multiprocessor, bounded by registers, {{[0-9.]+}} instructions and {{[0-9.]+}} cycles for each mma
// PRINT: note: the next best, #attn.gpu_schedule<{{.*}}>, expected to take 1.{{[0-9]+}} times as long: {{.*}} for each mma
func.func @prefill(%q: tensor<1x32x4096x128xf16>, %k: tensor<1x8x4096x128xf16>) -> tensor<1x32x4096x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal : (tensor<1x32x4096x128xf16>, tensor<1x8x4096x128xf16>, tensor<1x8x4096x128xf16>) -> tensor<1x32x4096x128xf16>
  return %o : tensor<1x32x4096x128xf16>
}

// An option pins fields of all schedules, and the others follow.
// OPTION: remark: chosen within the options #attn.gpu_schedule<query_tile = 16, {{.*}}
// OPTION: note: the next best, #attn.gpu_schedule<query_tile = 16, {{.*}}
// OPTION: note: the model's choice without the options, #attn.gpu_schedule<query_tile = 128, {{.*}}>, expected to take 0.{{[0-9]+}} times as long:
// OPTION-LABEL: func @prefill
// OPTION: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 1,
// OPTION-LABEL: func @decode
// OPTION: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 1,

// Four query heads are the rows of one fragment; the keys are split, so that
// all multiprocessors have work.
// CHECK-LABEL: func @decode
// CHECK: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 32,
func.func @decode(%q: tensor<1x32x1x128xf16>, %k: tensor<1x8x32768x128xf16>) -> tensor<1x32x1x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x32x1x128xf16>, tensor<1x8x32768x128xf16>, tensor<1x8x32768x128xf16>) -> tensor<1x32x1x128xf16>
  return %o : tensor<1x32x1x128xf16>
}

// A cache whose length only the call knows is taken for one of 32768 keys, an
// open batch for one sequence, open heads for 32.
// CHECK-LABEL: func @decode_any_length
// CHECK: gpu_schedule(<query_tile = 16, {{.*}}stages = 2, kv_splits = 32,
func.func @decode_any_length(%q: tensor<?x32x1x128xf16>, %k: tensor<?x8x?x128xf16>) -> tensor<?x32x1x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal : (tensor<?x32x1x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x32x1x128xf16>
  return %o : tensor<?x32x1x128xf16>
}
// CHECK-LABEL: func @decode_any_heads
// CHECK: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 8,
func.func @decode_any_heads(%q: tensor<?x?x1x128xf16>, %k: tensor<?x?x?x128xf16>) -> tensor<?x?x1x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<?x?x1x128xf16>, tensor<?x?x?x128xf16>, tensor<?x?x?x128xf16>) -> tensor<?x?x1x128xf16>
  return %o : tensor<?x?x1x128xf16>
}

// A window leaves 4096 keys, which are 16 parts, of a cache of any length.
// CHECK-LABEL: func @decode_window
// CHECK: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 16,
func.func @decode_window(%q: tensor<1x8x1x128xf16>, %k: tensor<1x1x?x128xf16>) -> tensor<1x8x1x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal window(4095, 0) : (tensor<1x8x1x128xf16>, tensor<1x1x?x128xf16>, tensor<1x1x?x128xf16>) -> tensor<1x8x1x128xf16>
  return %o : tensor<1x8x1x128xf16>
}

// To the right of the last key there is none, whatever the window says: what
// canonicalization makes of a causal one where there is one query.
// CHECK-LABEL: func @decode_sliding_window
// CHECK: gpu_schedule(<query_tile = 16, {{.*}}kv_splits = 1,
func.func @decode_sliding_window(%q: tensor<1x64x1x64xf16>, %k: tensor<1x8x8192x64xf16>) -> tensor<1x64x1x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) window(127, -1) : (tensor<1x64x1x64xf16>, tensor<1x8x8192x64xf16>, tensor<1x8x8192x64xf16>) -> tensor<1x64x1x64xf16>
  return %o : tensor<1x64x1x64xf16>
}

// Of keys that are not there, and of a window's neighbours, small tiles compute
// fewer.
// CHECK-LABEL: func @few_keys
// CHECK: kv_tile = 16, {{.*}}kv_splits = 1,
func.func @few_keys(%q: tensor<1x32x512x64xf16>, %k: tensor<1x32x16x64xf16>) -> tensor<1x32x512x64xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x32x512x64xf16>, tensor<1x32x16x64xf16>, tensor<1x32x16x64xf16>) -> tensor<1x32x512x64xf16>
  return %o : tensor<1x32x512x64xf16>
}
// CHECK-LABEL: func @narrow_window
// CHECK: gpu_schedule(<query_tile = {{16|32|64}}, kv_tile = {{16|32}}, {{.*}}kv_splits = 1,
func.func @narrow_window(%q: tensor<1x8x2048x64xf16>) -> tensor<1x8x2048x64xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal window(15, 0) : (tensor<1x8x2048x64xf16>, tensor<1x8x2048x64xf16>, tensor<1x8x2048x64xf16>) -> tensor<1x8x2048x64xf16>
  return %o : tensor<1x8x2048x64xf16>
}

// There is nothing to split of what a window leaves of a prompt.
// CHECK-LABEL: func @prompt_window
// CHECK: kv_splits = 1,
func.func @prompt_window(%q: tensor<1x8x1024x64xf16>) -> tensor<1x8x1024x64xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal window(127, 0) : (tensor<1x8x1024x64xf16>, tensor<1x8x1024x64xf16>, tensor<1x8x1024x64xf16>) -> tensor<1x8x1024x64xf16>
  return %o : tensor<1x8x1024x64xf16>
}

// Queries of any number may be a prompt: one part.
// CHECK-LABEL: func @prompt_any_length
// CHECK: kv_splits = 1,
func.func @prompt_any_length(%q: tensor<1x8x?x128xf16>, %k: tensor<1x1x?x128xf16>) -> tensor<1x8x?x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) causal : (tensor<1x8x?x128xf16>, tensor<1x1x?x128xf16>, tensor<1x1x?x128xf16>) -> tensor<1x8x?x128xf16>
  return %o : tensor<1x8x?x128xf16>
}

// CHECK-LABEL: func @decode_bias
// CHECK: kv_splits = {{[1-9][0-9]+}},
func.func @decode_bias(%q: tensor<1x8x1x128xf16>, %k: tensor<1x1x?x128xf16>, %bias: tensor<1x1x1x?xf32>) -> tensor<1x8x1x128xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) bias(%bias) : (tensor<1x8x1x128xf16>, tensor<1x1x?x128xf16>, tensor<1x1x?x128xf16>, tensor<1x1x1x?xf32>) -> tensor<1x8x1x128xf16>
  return %o : tensor<1x8x1x128xf16>
}

// Partial results of 128 rows in f32 take more shared memory than there is.
// CHECK-LABEL: func @large_parts
// CHECK: gpu_schedule(<query_tile = {{16|32|64}}, {{.*}}kv_splits = {{[2-9]}},
func.func @large_parts(%q: tensor<2x3x75x256xf16>, %k: tensor<2x1x2048x256xf16>) -> tensor<2x3x75x256xf16> {
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<2x3x75x256xf16>, tensor<2x1x2048x256xf16>, tensor<2x1x2048x256xf16>) -> tensor<2x3x75x256xf16>
  return %o : tensor<2x3x75x256xf16>
}

// A pinned schedule stays, whatever the option says of others.
// OPTION-LABEL: func @pinned
// OPTION: gpu_schedule(<query_tile = 32, kv_tile = 16, warps = 2, stages = 3, kv_splits = 2, query_in_registers = false>)
// CHECK-LABEL: func @pinned
// CHECK: gpu_schedule(<query_tile = 32, kv_tile = 16, warps = 2, stages = 3, kv_splits = 2, query_in_registers = false>)
// PRINT: remark: pinned #attn.gpu_schedule<query_tile = 32,
// PRINT: note: the model's choice, #attn.gpu_schedule<{{.*}}>, expected to take {{[0-9.]+}} times as long:
func.func @pinned(%q: tensor<1x1x64x64xf16>) -> tensor<1x1x64x64xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 32, kv_tile = 16, warps = 2, stages = 3, kv_splits = 2, query_in_registers = false>) : (tensor<1x1x64x64xf16>, tensor<1x1x64x64xf16>, tensor<1x1x64x64xf16>) -> tensor<1x1x64x64xf16>
  return %o : tensor<1x1x64x64xf16>
}

// f32: tiles take twice the shared memory; where tf32 is not enough, splitting
// the operands takes registers and instructions, of which larger tiles of
// queries need fewer. A multiprocessor's only workgroup has all registers.
// CHECK-LABEL: func @f32
// CHECK: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, max_registers = 255>)
// PRINT: remark: chosen #attn.gpu_schedule<{{.*}}, max_registers = 255> for sm_89: {{[0-9]+}} of 101376 bytes {{.*}}, 1 x 8 warps a multiprocessor, bounded by registers
func.func @f32(%q: tensor<1x32x4096x128xf32>) -> tensor<1x32x4096x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>) -> tensor<1x32x4096x128xf32>
  return %o : tensor<1x32x4096x128xf32>
}

// CHECK-LABEL: func @tf32
// CHECK: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, max_registers = 255>)
// PRINT: remark: chosen #attn.gpu_schedule<{{.*}}, max_registers = 255> for sm_89: {{[0-9]+}} of 101376 bytes {{.*}}, 1 x 8 warps a multiprocessor, bounded by registers
func.func @tf32(%q: tensor<1x32x4096x128xf32>) -> tensor<1x32x4096x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) allow_tf32 : (tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>) -> tensor<1x32x4096x128xf32>
  return %o : tensor<1x32x4096x128xf32>
}

// With the sums of an lse ptxas may spill some of all 255, where it has no reason
// to look for fewer.
// CHECK-LABEL: func @tf32_lse
// CHECK: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, query_in_registers = {{[a-z]+}}>)
// PRINT: remark: chosen #attn.gpu_schedule<{{.*}}, query_in_registers = {{[a-z]+}}> for sm_89: {{.*}}, 1 x 8 warps a multiprocessor, bounded by registers
func.func @tf32_lse(%q: tensor<1x32x4096x128xf32>) -> (tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%q) value(%q) allow_tf32 : (tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>) -> (tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>)
  return %o, %lse : tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>
}

// Small tiles, with which ptxas might try to make room for a second workgroup.
// CHECK-LABEL: func @tf32_mask
// CHECK: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, max_registers = 255>)
// PRINT: remark: chosen #attn.gpu_schedule<{{.*}}, max_registers = 255> for sm_89: {{.*}}, 1 x 8 warps a multiprocessor, bounded by registers
func.func @tf32_mask(%q: tensor<1x32x4096x128xf32>, %k: tensor<1x8x4096x128xf32>, %bias: tensor<1x32x4096x4096xf32>, %keep: tensor<1x1x4096x4096xi1>) -> (tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%k) bias(%bias) keep(%keep) allow_tf32 : (tensor<1x32x4096x128xf32>, tensor<1x8x4096x128xf32>, tensor<1x8x4096x128xf32>, tensor<1x32x4096x4096xf32>, tensor<1x1x4096x4096xi1>) -> (tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>)
  return %o, %lse : tensor<1x32x4096x128xf32>, tensor<1x32x4096xf32>
}

// Of operands that are split a mask makes ptxas read too far ahead where it is
// told that it may.
// CHECK-LABEL: func @f32_mask
// CHECK: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, query_in_registers = {{[a-z]+}}>)
// PRINT: remark: chosen #attn.gpu_schedule<{{.*}}, query_in_registers = {{[a-z]+}}> for sm_89: {{.*}}, 1 x 8 warps a multiprocessor, bounded by registers
func.func @f32_mask(%q: tensor<1x32x4096x128xf32>, %keep: tensor<1x1x4096x4096xi1>) -> tensor<1x32x4096x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) keep(%keep) : (tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>, tensor<1x32x4096x128xf32>, tensor<1x1x4096x4096xi1>) -> tensor<1x32x4096x128xf32>
  return %o : tensor<1x32x4096x128xf32>
}

// Three workgroups leave each thread 168 registers, a fourth would leave 128.
// SM90-LABEL: func @f32_three_workgroups
// SM90: gpu_schedule(<query_tile = {{[0-9]+}}, {{.*}}, warps = 4, {{.*}}, max_registers = 168>)
func.func @f32_three_workgroups(%q: tensor<1x32x4096x64xf32>) -> tensor<1x32x4096x64xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x32x4096x64xf32>, tensor<1x32x4096x64xf32>, tensor<1x32x4096x64xf32>) -> tensor<1x32x4096x64xf32>
  return %o : tensor<1x32x4096x64xf32>
}

// Elements of a bias and of a region's tensor are on their way at once: their
// registers are those that queries would stay in.
// CHECK-LABEL: func @bias_beside_table
// CHECK: gpu_schedule(<query_tile = 128, {{.*}}, query_in_registers = false>)
func.func @bias_beside_table(%q: tensor<1x32x?x64xf16>, %k: tensor<1x8x?x64xf16>, %bias: tensor<1x32x?x?xf16>, %t: tensor<32x63xf32>, %documents: tensor<?xi32>) -> (tensor<1x32x?x64xf16>, tensor<1x32x?xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%k) bias(%bias)
    score(%s, %b, %h, %i, %j) {
      %c62 = arith.constant 62 : index
      %at = arith.minui %j, %c62 : index
      %x = tensor.extract %t[%h, %at] : tensor<32x63xf32>
      %sum = arith.addf %s, %x : f32
      attn.yield %sum : f32
    }
    mask(%b, %h, %i, %j) {
      %di = tensor.extract %documents[%i] : tensor<?xi32>
      %dj = tensor.extract %documents[%j] : tensor<?xi32>
      %keep = arith.cmpi eq, %di, %dj : i32
      attn.yield %keep : i1
    } : (tensor<1x32x?x64xf16>, tensor<1x8x?x64xf16>, tensor<1x8x?x64xf16>, tensor<1x32x?x?xf16>) -> (tensor<1x32x?x64xf16>, tensor<1x32x?xf32>)
  return %o, %lse : tensor<1x32x?x64xf16>, tensor<1x32x?xf32>
}

// Compares of positions beside a bias of unknown size leave no room for 128 keys.
// SM80-LABEL: func @bias_causal
// SM80: gpu_schedule(<query_tile = 128, kv_tile = 64,
func.func @bias_causal(%q: tensor<1x32x?x128xf16>, %bias: tensor<1x32x?x?xf16>) -> tensor<1x32x?x128xf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q) bias(%bias) causal : (tensor<1x32x?x128xf16>, tensor<1x32x?x128xf16>, tensor<1x32x?x128xf16>, tensor<1x32x?x?xf16>) -> tensor<1x32x?x128xf16>
  return %o : tensor<1x32x?x128xf16>
}

// Nor do the sums of packed heads, of two fragments of rows for each warp.
// SM80-LABEL: func @packed_lse
// SM80: gpu_schedule(<query_tile = 128, kv_tile = 64, warps = 4,
func.func @packed_lse(%q: tensor<1x32x4096x64xf16>, %k: tensor<1x8x4096x64xf16>) -> (tensor<1x32x4096x64xf16>, tensor<1x32x4096xf32>) {
  %o, %lse = attn.sdpa query(%q) key(%k) value(%k) causal : (tensor<1x32x4096x64xf16>, tensor<1x8x4096x64xf16>, tensor<1x8x4096x64xf16>) -> (tensor<1x32x4096x64xf16>, tensor<1x32x4096xf32>)
  return %o, %lse : tensor<1x32x4096x64xf16>, tensor<1x32x4096xf32>
}

// Where no schedule holds what tensors at every score take of registers, the
// one that spills least is chosen.
// CHECK-LABEL: func @spilled
// CHECK: gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 8,
// PRINT: remark: chosen {{.*}}, about 255 of 255 registers a thread and {{[0-9]+}} spilled, {{[0-9]+}} x
func.func @spilled(%q: tensor<1x4x64x320xf32>, %bias: tensor<1x4x64x64xf32>, %keep: tensor<1x1x64x64xi1>, %t: tensor<64xf32>) -> tensor<1x4x64x320xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) bias(%bias) keep(%keep)
    score(%s, %b, %h, %i, %j) {
      %x = tensor.extract %t[%j] : tensor<64xf32>
      %y = tensor.extract %t[%i] : tensor<64xf32>
      %z = tensor.extract %t[%h] : tensor<64xf32>
      %xy = arith.addf %x, %y : f32
      %u = tensor.extract %t[%b] : tensor<64xf32>
      %ij = arith.addi %i, %j : index
      %w = tensor.extract %t[%ij] : tensor<64xf32>
      %zu = arith.addf %z, %u : f32
      %xyzu = arith.addf %xy, %zu : f32
      %all = arith.addf %xyzu, %w : f32
      %sum = arith.addf %s, %all : f32
      attn.yield %sum : f32
    } : (tensor<1x4x64x320xf32>, tensor<1x4x64x320xf32>, tensor<1x4x64x320xf32>, tensor<1x4x64x64xf32>, tensor<1x1x64x64xi1>) -> tensor<1x4x64x320xf32>
  return %o : tensor<1x4x64x320xf32>
}
