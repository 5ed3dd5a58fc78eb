// RUN: attn-opt %s --attn-choose-schedule="target-cpu=x86-64-v3" | FileCheck %s
// RUN: attn-opt %s --attn-choose-schedule="target-cpu=x86-64" | FileCheck %s --check-prefix=SSE
// RUN: attn-opt %s --attn-choose-schedule="target-cpu=x86-64-v4 threads=2" | FileCheck %s --check-prefix=AVX512
// RUN: attn-opt %s --attn-choose-schedule="target-cpu=znver4 threads=2" | FileCheck %s --check-prefix=AVX512
// RUN: attn-opt %s --attn-choose-schedule="target-cpu=znver4" | FileCheck %s --check-prefix=BF16
// RUN: attn-opt %s --attn-choose-schedule="target-cpu=apple-m2" | FileCheck %s --check-prefix=NEON
// RUN: attn-opt %s --attn-choose-schedule | FileCheck %s --check-prefix=HOST

// A panel of queries fills three vectors of the target, keys a quarter of L2.
// CHECK-LABEL: @prefill
// CHECK: schedule(<queries = lanes, query_tile = 24, query_panel = 24, kv_tile = 128, kv_splits = 1>)
// SSE-LABEL: @prefill
// SSE: schedule(<queries = lanes, query_tile = 12, query_panel = 12, kv_tile = 128, kv_splits = 1>)
// AVX512-LABEL: @prefill
// AVX512: schedule(<queries = lanes, query_tile = 48, query_panel = 48, kv_tile = 128, kv_splits = 1>)
// NEON-LABEL: @prefill
// NEON: schedule(<queries = lanes, query_tile = 12, query_panel = 12, kv_tile = 128, kv_splits = 1>)
// HOST-LABEL: @prefill
// HOST: schedule(<queries = lanes,
func.func @prefill(%q: tensor<1x8x2048x128xf32>, %kv: tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32>
  return %o : tensor<1x8x2048x128xf32>
}

// Dynamic seqlens, heads and batch get the tiles of long ones.
// CHECK-LABEL: @dynamic
// CHECK: schedule(<queries = lanes, query_tile = 24, query_panel = 24, kv_tile = 128, kv_splits = 1>)
func.func @dynamic(%q: tensor<?x?x?x128xf32>, %kv: tensor<?x?x?x128xf32>) -> tensor<?x?x?x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>, tensor<?x?x?x128xf32>) -> tensor<?x?x?x128xf32>
  return %o : tensor<?x?x?x128xf32>
}

// 17 queries waste less in two vectors of 16 lanes than in three, and in
// panels of one vector of 4 lanes than of two or three.
// CHECK-LABEL: @few_queries
// CHECK: query_panel = 24
// AVX512-LABEL: @few_queries
// AVX512: query_panel = 32
// NEON-LABEL: @few_queries
// NEON: query_panel = 4
func.func @few_queries(%q: tensor<1x1x17x64xf32>, %kv: tensor<1x1x1024x64xf32>) -> tensor<1x1x17x64xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x1x17x64xf32>, tensor<1x1x1024x64xf32>, tensor<1x1x1024x64xf32>) -> tensor<1x1x17x64xf32>
  return %o : tensor<1x1x17x64xf32>
}

// Smaller heads leave room for more keys, up to 256.
// CHECK-LABEL: @small_head_dim
// CHECK: kv_tile = 256
func.func @small_head_dim(%q: tensor<1x1x256x32xf32>, %kv: tensor<1x1x1024x32xf32>) -> tensor<1x1x256x32xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x1x256x32xf32>, tensor<1x1x1024x32xf32>, tensor<1x1x1024x32xf32>) -> tensor<1x1x256x32xf32>
  return %o : tensor<1x1x256x32xf32>
}

// The heads of DeepSeek's latent attention leave room for few keys.
// CHECK-LABEL: @large_head_dim
// CHECK: kv_tile = 16
func.func @large_head_dim(%q: tensor<1x1x256x576xf32>, %k: tensor<1x1x1024x576xf32>, %v: tensor<1x1x1024x512xf32>) -> tensor<1x1x256x512xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x1x256x576xf32>, tensor<1x1x1024x576xf32>, tensor<1x1x1024x512xf32>) -> tensor<1x1x256x512xf32>
  return %o : tensor<1x1x256x512xf32>
}

// No more keys than the power of two that holds all.
// CHECK-LABEL: @few_keys
// CHECK: kv_tile = 32
func.func @few_keys(%q: tensor<1x1x256x64xf32>, %kv: tensor<1x1x20x64xf32>) -> tensor<1x1x256x64xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x1x256x64xf32>, tensor<1x1x20x64xf32>, tensor<1x1x20x64xf32>) -> tensor<1x1x256x64xf32>
  return %o : tensor<1x1x256x64xf32>
}

// Two panels share the keys of a tile, which are widened to f32 once for both.
// CHECK-LABEL: @f16
// CHECK: query_tile = 48, query_panel = 24
// AVX512-LABEL: @f16
// AVX512: query_tile = 96, query_panel = 48
func.func @f16(%q: tensor<1x8x2048x128xf16>, %kv: tensor<1x8x2048x128xf16>) -> tensor<1x8x2048x128xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x2048x128xf16>, tensor<1x8x2048x128xf16>, tensor<1x8x2048x128xf16>) -> tensor<1x8x2048x128xf16>
  return %o : tensor<1x8x2048x128xf16>
}

// Where the target has dot products of bf16, scores are products of pairs, and
// nothing is gained by a second panel that shares the keys.
// CHECK-LABEL: @bf16
// CHECK: schedule(<queries = lanes, query_tile = 48, query_panel = 24, kv_tile = 128, kv_splits = 1>)
// BF16-LABEL: @bf16
// BF16: schedule(<queries = lanes, query_tile = 48, query_panel = 48, kv_tile = 128, kv_splits = 1, paired = scores>)
func.func @bf16(%q: tensor<1x8x2048x128xbf16>, %kv: tensor<1x8x2048x128xbf16>) -> tensor<1x8x2048x128xbf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x2048x128xbf16>, tensor<1x8x2048x128xbf16>, tensor<1x8x2048x128xbf16>) -> tensor<1x8x2048x128xbf16>
  return %o : tensor<1x8x2048x128xbf16>
}

// An odd head_dim has no pairs; a layout may have no neighbours along it. A
// decode step waits for memory in any case.
// BF16-LABEL: @bf16_odd
// BF16-NOT: paired
// BF16-LABEL: @bf16_transposed
// BF16-NOT: paired
// BF16-LABEL: @bf16_decode
// BF16-NOT: paired
// BF16-LABEL: @f16_one_panel
func.func @bf16_odd(%q: tensor<1x8x2048x63xbf16>) -> tensor<1x8x2048x63xbf16> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    : (tensor<1x8x2048x63xbf16>, tensor<1x8x2048x63xbf16>, tensor<1x8x2048x63xbf16>) -> tensor<1x8x2048x63xbf16>
  return %o : tensor<1x8x2048x63xbf16>
}
func.func @bf16_transposed(%q: tensor<1x8x2048x64xbf16>, %k: tensor<1x8x64x2048xbf16>) -> tensor<1x8x2048x64xbf16> {
  %o = attn.sdpa query(%q) key(%k) value(%q) layout(key = bhds)
    : (tensor<1x8x2048x64xbf16>, tensor<1x8x64x2048xbf16>, tensor<1x8x2048x64xbf16>) -> tensor<1x8x2048x64xbf16>
  return %o : tensor<1x8x2048x64xbf16>
}
func.func @bf16_decode(%q: tensor<1x8x1x64xbf16>, %kv: tensor<1x8x2048x64xbf16>) -> tensor<1x8x1x64xbf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x1x64xbf16>, tensor<1x8x2048x64xbf16>, tensor<1x8x2048x64xbf16>) -> tensor<1x8x1x64xbf16>
  return %o : tensor<1x8x1x64xbf16>
}

// What one panel holds has no second one.
// CHECK-LABEL: @f16_one_panel
// CHECK: query_tile = 24, query_panel = 24
func.func @f16_one_panel(%q: tensor<1x8x20x128xf16>, %kv: tensor<1x8x2048x128xf16>) -> tensor<1x8x20x128xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x20x128xf16>, tensor<1x8x2048x128xf16>, tensor<1x8x2048x128xf16>) -> tensor<1x8x20x128xf16>
  return %o : tensor<1x8x20x128xf16>
}

// A window keeps few keys: small tiles, and one panel even in f16.
// CHECK-LABEL: @window
// Its first key is rounded down, so that whole register tiles follow.
// CHECK: query_tile = 24, query_panel = 24, kv_tile = 64, kv_splits = 1, key_align = 4>
// AVX512-LABEL: @window
// AVX512: query_tile = 32, query_panel = 32, kv_tile = 64, kv_splits = 1, key_align = 8>
// A panel sees window + panel keys: narrow windows take narrow panels, also of
// an unknown number of queries.
// CHECK-LABEL: @narrow_window
// CHECK: query_panel = 16
// AVX512-LABEL: @narrow_window
// AVX512: query_panel = 16
// AVX512-LABEL: @wide_window
// AVX512: query_panel = 48
// AVX512-LABEL: @open_window
// AVX512: query_panel = 48
func.func @window(%q: tensor<1x8x2048x128xf16>, %kv: tensor<1x8x2048x128xf16>) -> tensor<1x8x2048x128xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) window(255, 0)
    : (tensor<1x8x2048x128xf16>, tensor<1x8x2048x128xf16>, tensor<1x8x2048x128xf16>) -> tensor<1x8x2048x128xf16>
  return %o : tensor<1x8x2048x128xf16>
}

func.func @narrow_window(%q: tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) window(31, 0)
    : (tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32>
  return %o : tensor<1x8x?x128xf32>
}
func.func @wide_window(%q: tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) causal window(4095, -1)
    : (tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32>
  return %o : tensor<1x8x?x128xf32>
}
func.func @open_window(%q: tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) window(31, -1)
    : (tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>, tensor<1x8x?x128xf32>) -> tensor<1x8x?x128xf32>
  return %o : tensor<1x8x?x128xf32>
}

// Small tiles are skipped more often.
// CHECK-LABEL: @mask_region
// CHECK: kv_tile = 64
func.func @mask_region(%q: tensor<1x8x2048x128xf32>, %kv: tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    mask(%b, %h, %i, %j) {
      %keep = arith.cmpi sle, %j, %i : index
      attn.yield %keep : i1
    } : (tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32>
  return %o : tensor<1x8x2048x128xf32>
}

// Decode: the query heads of a KV head are rows that read its keys together.
// The 8 KV heads keep one thread busy, two want more units of work.
// CHECK-LABEL: @decode
// CHECK: schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 512, kv_splits = 1>)
// AVX512-LABEL: @decode
// AVX512: schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 512, kv_splits = 2>)
func.func @decode(%q: tensor<1x32x1x128xf32>, %kv: tensor<1x4x32768x128xf32>) -> tensor<1x32x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x32x1x128xf32>, tensor<1x4x32768x128xf32>, tensor<1x4x32768x128xf32>) -> tensor<1x32x1x128xf32>
  return %o : tensor<1x32x1x128xf32>
}

// Many rows have tiles of fewer keys, so that their scores fit half of L1. No
// heads give no rows.
// CHECK-LABEL: @decode_group
// CHECK: queries = rows, query_tile = 1, query_panel = 1, kv_tile = 128
// CHECK-LABEL: @decode_no_heads
// CHECK: queries = lanes
func.func @decode_group(%q: tensor<1x32x1x128xf32>, %kv: tensor<1x1x32768x128xf32>) -> tensor<1x32x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x32x1x128xf32>, tensor<1x1x32768x128xf32>, tensor<1x1x32768x128xf32>) -> tensor<1x32x1x128xf32>
  return %o : tensor<1x32x1x128xf32>
}
func.func @decode_no_heads(%q: tensor<1x0x1x128xf32>, %kv: tensor<1x1x1024x128xf32>) -> tensor<1x0x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x0x1x128xf32>, tensor<1x1x1024x128xf32>, tensor<1x1x1024x128xf32>) -> tensor<1x0x1x128xf32>
  return %o : tensor<1x0x1x128xf32>
}

// Several queries of a step are rows too, as many as 32 with the group's heads.
// CHECK-LABEL: @speculative
// CHECK: queries = rows, query_tile = 4, query_panel = 4
func.func @speculative(%q: tensor<1x16x4x128xf32>, %kv: tensor<1x2x4096x128xf32>) -> tensor<1x16x4x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x16x4x128xf32>, tensor<1x2x4096x128xf32>, tensor<1x2x4096x128xf32>) -> tensor<1x16x4x128xf32>
  return %o : tensor<1x16x4x128xf32>
}

// CHECK-LABEL: @too_many_rows
// CHECK: queries = lanes
func.func @too_many_rows(%q: tensor<1x16x5x128xf32>, %kv: tensor<1x2x4096x128xf32>) -> tensor<1x16x5x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x16x5x128xf32>, tensor<1x2x4096x128xf32>, tensor<1x2x4096x128xf32>) -> tensor<1x16x5x128xf32>
  return %o : tensor<1x16x5x128xf32>
}

// A batch is units of work as heads are: nothing to split for one thread.
// CHECK-LABEL: @decode_batch
// CHECK: kv_splits = 1
func.func @decode_batch(%q: tensor<4x8x1x128xf32>, %kv: tensor<4x1x32768x128xf32>) -> tensor<4x8x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<4x8x1x128xf32>, tensor<4x1x32768x128xf32>, tensor<4x1x32768x128xf32>) -> tensor<4x8x1x128xf32>
  return %o : tensor<4x8x1x128xf32>
}

// A split has 512 keys at least.
// CHECK-LABEL: @decode_short
// CHECK: kv_splits = 2
// AVX512-LABEL: @decode_short
// AVX512: kv_splits = 2
func.func @decode_short(%q: tensor<1x8x1x128xf32>, %kv: tensor<1x1x1024x128xf32>) -> tensor<1x8x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x1x128xf32>, tensor<1x1x1024x128xf32>, tensor<1x1x1024x128xf32>) -> tensor<1x8x1x128xf32>
  return %o : tensor<1x8x1x128xf32>
}

// A cache of unknown length is taken for a long one.
// CHECK-LABEL: @decode_dynamic
// CHECK: queries = rows, {{.*}} kv_splits = 4
func.func @decode_dynamic(%q: tensor<1x8x1x128xf32>, %kv: tensor<1x1x?x128xf32>) -> tensor<1x8x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    : (tensor<1x8x1x128xf32>, tensor<1x1x?x128xf32>, tensor<1x1x?x128xf32>) -> tensor<1x8x1x128xf32>
  return %o : tensor<1x8x1x128xf32>
}

// `deterministic`: the same splits on one thread as on two.
// CHECK-LABEL: @decode_deterministic
// CHECK: kv_splits = 8
// AVX512-LABEL: @decode_deterministic
// AVX512: kv_splits = 8
func.func @decode_deterministic(%q: tensor<1x32x1x128xf32>, %kv: tensor<1x8x32768x128xf32>) -> tensor<1x32x1x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) deterministic
    : (tensor<1x32x1x128xf32>, tensor<1x8x32768x128xf32>, tensor<1x8x32768x128xf32>) -> tensor<1x32x1x128xf32>
  return %o : tensor<1x32x1x128xf32>
}

// What the user pinned stays.
// CHECK-LABEL: @pinned
// CHECK: schedule(<queries = lanes, query_tile = 24, query_panel = 8, kv_tile = 40, kv_splits = 3>)
func.func @pinned(%q: tensor<1x8x2048x128xf32>, %kv: tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    schedule(<queries = lanes, query_tile = 24, query_panel = 8, kv_tile = 40, kv_splits = 3>)
    : (tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>, tensor<1x8x2048x128xf32>) -> tensor<1x8x2048x128xf32>
  return %o : tensor<1x8x2048x128xf32>
}

// Kernels accumulate in f32: attn-decompose lowers f64.
// CHECK-LABEL: @f64
// CHECK-NOT: schedule
func.func @f64(%q: tensor<1x8x2048x128xf64>) -> tensor<1x8x2048x128xf64> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    : (tensor<1x8x2048x128xf64>, tensor<1x8x2048x128xf64>, tensor<1x8x2048x128xf64>) -> tensor<1x8x2048x128xf64>
  return %o : tensor<1x8x2048x128xf64>
}

// Tiles have static head dimensions.
// CHECK-LABEL: @dynamic_head_dim
// CHECK-NOT: schedule
func.func @dynamic_head_dim(%q: tensor<1x8x2048x?xf32>) -> tensor<1x8x2048x?xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    : (tensor<1x8x2048x?xf32>, tensor<1x8x2048x?xf32>, tensor<1x8x2048x?xf32>) -> tensor<1x8x2048x?xf32>
  return %o : tensor<1x8x2048x?xf32>
}

// Vectors follow branches in a region, but no loops: attn-decompose again.
// CHECK-LABEL: @loop
// CHECK-NOT: schedule
// CHECK-LABEL: @branch
// CHECK: schedule
func.func @loop(%q: tensor<1x1x64x16xf32>, %t: tensor<4x64xf32>) -> tensor<1x1x64x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    score(%s, %b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %r = scf.for %n = %c0 to %c4 step %c1 iter_args(%sum = %s) -> f32 {
        %x = tensor.extract %t[%n, %i] : tensor<4x64xf32>
        %next = arith.addf %sum, %x : f32
        scf.yield %next : f32
      }
      attn.yield %r : f32
    } : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}
func.func @branch(%q: tensor<1x1x64x16xf32>, %t: tensor<64xf32>) -> tensor<1x1x64x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    score(%s, %b, %h, %i, %j) {
      %is_first = arith.cmpi slt, %j, %i : index
      %r = scf.if %is_first -> f32 {
        %x = tensor.extract %t[%j] : tensor<64xf32>
        scf.yield %x : f32
      } else {
        scf.yield %s : f32
      }
      attn.yield %r : f32
    } : (tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>, tensor<1x1x64x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}
