// RUN: not attn-opt %s --attn-choose-gpu-schedule="chip=sm_42" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: attn-opt %s -split-input-file -verify-diagnostics --attn-choose-gpu-schedule="chip=sm_86"
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=tile=64" 2>&1 | FileCheck %s --check-prefix=FIELD
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=kv_splits=9223372036854775807" 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=stages=none" 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=max_registers=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=warps=3" 2>&1 | FileCheck %s --check-prefix=POWER
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=query_in_registers=1" 2>&1 | FileCheck %s --check-prefix=BOOL
// RUN: not attn-opt %s --attn-choose-gpu-schedule="schedule=stages=2,stages=2" 2>&1 | FileCheck %s --check-prefix=TWICE

// FIELD: error: schedule 'tile=64': expected print or one of query_tile=, kv_tile=, warps=, stages=, kv_splits=, query_in_registers=, max_registers=
// HUGE: error: schedule 'kv_splits=9223372036854775807': expected 1 to 65536
// NUMBER: error: schedule 'stages=none': expected 1 to 65536
// NEGATIVE: error: schedule 'max_registers=-1': expected 0 to 65536
// POWER: error: schedule 'warps=3': expected a power of two
// BOOL: error: schedule 'query_in_registers=1': expected true or false
// TWICE: error: schedule 'stages=2': stages is given twice
// CHIP: error: unknown chip 'sm_42', expected sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a, sm_120, or sm_120a

func.func @f64(%q: tensor<1x1x16x16xf64>) -> tensor<1x1x16x16xf64> {
  // expected-error @below {{'attn.sdpa' op has operands of 'f64', expected f16, bf16 or f32 on sm_86}}
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x16x16xf64>, tensor<1x1x16x16xf64>, tensor<1x1x16x16xf64>) -> tensor<1x1x16x16xf64>
  return %o : tensor<1x1x16x16xf64>
}

// -----

func.func @dynamic(%q: tensor<1x1x16x?xf16>) -> tensor<1x1x16x?xf16> {
  // expected-error @below {{'attn.sdpa' op has a dynamic head_dim, expected static head dimensions on sm_86}}
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x16x?xf16>, tensor<1x1x16x?xf16>, tensor<1x1x16x?xf16>) -> tensor<1x1x16x?xf16>
  return %o : tensor<1x1x16x?xf16>
}

// -----

func.func @too_large(%q: tensor<1x1x16x4096xf16>) -> tensor<1x1x16x4096xf16> {
  // expected-error @below {{'attn.sdpa' op takes at least 262144 bytes of shared memory for head dimensions of 4096 and 4096, sm_86 has 101376}}
  %o = attn.sdpa query(%q) key(%q) value(%q) : (tensor<1x1x16x4096xf16>, tensor<1x1x16x4096xf16>, tensor<1x1x16x4096xf16>) -> tensor<1x1x16x4096xf16>
  return %o : tensor<1x1x16x4096xf16>
}

// -----

// The queries fit neither the registers nor, beside a tile of keys and of
// values, the shared memory.
func.func @f32(%q: tensor<1x1x16x576xf32>, %v: tensor<1x1x16x512xf32>) -> tensor<1x1x16x512xf32> {
  // expected-error @below {{'attn.sdpa' op takes at least 107008 bytes of shared memory for head dimensions of 576 and 512, sm_86 has 101376}}
  %o = attn.sdpa query(%q) key(%q) value(%v) : (tensor<1x1x16x576xf32>, tensor<1x1x16x576xf32>, tensor<1x1x16x512xf32>) -> tensor<1x1x16x512xf32>
  return %o : tensor<1x1x16x512xf32>
}

// -----

func.func @shared_memory(%q: tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule that takes 163840 bytes of shared memory, sm_86 has 101376; kv_tile = 64 fits}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 128, kv_tile = 128, warps = 4, stages = 2, kv_splits = 1, query_in_registers = false>) : (tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16>
  return %o : tensor<1x1x512x128xf16>
}

// -----

// Keys that lie feature by feature have short rows, which are padded.
func.func @shared_memory_bhds(%q: tensor<1x1x?x128xf32>, %k: tensor<1x1x128x?xf32>) -> tensor<1x1x?x128xf32> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule that takes 102400 bytes of shared memory, sm_86 has 101376}}
  %o = attn.sdpa query(%q) key(%k) value(%q) layout(key = bhds) gpu_schedule(<query_tile = 128, kv_tile = 16, warps = 8, stages = 2, kv_splits = 1, query_in_registers = false>) : (tensor<1x1x?x128xf32>, tensor<1x1x128x?xf32>, tensor<1x1x?x128xf32>) -> tensor<1x1x?x128xf32>
  return %o : tensor<1x1x?x128xf32>
}

// -----

func.func @rows(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with query_tile = 8, expected at least 16}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 8, kv_tile = 64, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

func.func @keys(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with kv_tile = 8, expected at least 16}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 8, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

func.func @warps(%q: tensor<1x1x512x80xf16>) -> tensor<1x1x512x80xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with query_tile = 16 and warps = 8: the output has 1 x 5 blocks of 16 x 16 to share, expected at most 5 warps}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 8, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x80xf16>, tensor<1x1x512x80xf16>, tensor<1x1x512x80xf16>) -> tensor<1x1x512x80xf16>
  return %o : tensor<1x1x512x80xf16>
}

// -----

func.func @many_warps(%q: tensor<1x1x1024x64xf16>) -> tensor<1x1x1024x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with warps = 64, sm_86 has at most 32}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 1024, kv_tile = 16, warps = 64, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x1024x64xf16>, tensor<1x1x1024x64xf16>, tensor<1x1x1024x64xf16>) -> tensor<1x1x1024x64xf16>
  return %o : tensor<1x1x1024x64xf16>
}

// -----

// Positions are integers of 32 bits.
func.func @seqlen(%q: tensor<1x1x1x64xf16>, %k: tensor<1x1x536870913x64xf16>) -> tensor<1x1x1x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a seqlen of 536870913, expected at most 536870912 on sm_86}}
  %o = attn.sdpa query(%q) key(%k) value(%k) : (tensor<1x1x1x64xf16>, tensor<1x1x536870913x64xf16>, tensor<1x1x536870913x64xf16>) -> tensor<1x1x1x64xf16>
  return %o : tensor<1x1x1x64xf16>
}

// -----

// More than the registers of a thread in tiles alone.
func.func @registers(%q: tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule that takes 304 registers a thread for its tiles alone, sm_86 has 255 for each of 64 threads; query_tile = 16 or warps = 8 fit}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 128, kv_tile = 16, warps = 2, stages = 1, kv_splits = 1, query_in_registers = false>) : (tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>, tensor<1x1x512x128xf16>) -> tensor<1x1x512x128xf16>
  return %o : tensor<1x1x512x128xf16>
}

// -----

func.func @max_registers(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with max_registers = 256, sm_86 has at most 255 for each of 32 threads}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 256>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

func.func @max_registers_of_many(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule with max_registers = 136, sm_86 has at most 128 for each of 512 threads}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 256, kv_tile = 64, warps = 16, stages = 1, kv_splits = 1, query_in_registers = false, max_registers = 136>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

func.func @few_registers_for_tiles(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-error @below {{'attn.sdpa' op has a GPU schedule that takes 56 registers a thread for its tiles alone, its max_registers is 40; max_registers = 0 fits}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 40>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

func.func @few_registers(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-warning @below {{'attn.sdpa' op has a GPU schedule that takes about 104 registers a thread, its max_registers is 64: others will go through local memory; max_registers = 0 fits}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true, max_registers = 64>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}

// -----

// More with what else a thread holds.
func.func @spills(%q: tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16> {
  // expected-warning @below {{'attn.sdpa' op has a GPU schedule that takes about 272 registers a thread, sm_86 has 255 for each of 128 threads: others will go through local memory; query_tile = 16 or kv_tile = 64 or warps = 8 or query_in_registers = false fit}}
  %o = attn.sdpa query(%q) key(%q) value(%q) gpu_schedule(<query_tile = 128, kv_tile = 128, warps = 4, stages = 2, kv_splits = 1, query_in_registers = true>) : (tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>, tensor<1x1x512x64xf16>) -> tensor<1x1x512x64xf16>
  return %o : tensor<1x1x512x64xf16>
}
