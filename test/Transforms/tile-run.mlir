// Schedules that are not what attn-choose-schedule takes, and masks whose
// integers wrap, compute the same as attn-decompose in f64. Scores are of
// magnitude 1 and values below 1: 2e-6 is some 16 ulp.

// RUN: attn-run %s --function=panels --input=1x2x50x16xf32=random:1 --input=1x2x70x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=splits --input=1x2x50x16xf32=random:1 --input=1x1x70x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=more_splits_than_keys --input=1x2x3x16xf32=random:1 --input=1x1x2x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=rows --input=2x4x3x16xf32=random:1 --input=2x2x70x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=split_rows --input=1x8x1x16xf32=random:1 --input=1x2x70x16xf32=random:2 --input=8xf32=random:3 --check | FileCheck %s
// RUN: attn-run %s --function=odd_tiles --input=1x1x50x7xf32=random:1 --input=1x1x70x7xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=aligned_window --input=1x1x50x8xf32=random:1 --input=1x1x70x8xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=hash --input=1x1x64x16xf32=random:1 --input=1x1x512x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=truncated --input=1x1x64x16xf32=random:1 --input=1x1x512x16xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=loop --input=1x1x20x16xf32=random:1 --input=4x20xf32=random:2 --check | FileCheck %s
// RUN: attn-run %s --function=paired --input=1x2x50x14xbf16=random:1 --input=1x1x70x14xbf16=random:2 --check | FileCheck %s
// RUN: %if host-x86-64 %{ attn-run %s --function=paired --input=1x2x50x14xbf16=random:1 --input=1x1x70x14xbf16=random:2 --check --target-cpu=x86-64 | FileCheck %s %}

// CHECK: check: result 0: max error {{[01]\.[0-9]+e-06|[0-9.]+e-(07|08|09)}} in
// CHECK-NOT: nan

func.func @panels(%q: tensor<1x2x50x16xf32>, %kv: tensor<1x2x70x16xf32>) -> tensor<1x2x50x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal schedule(<queries = lanes, query_tile = 24, query_panel = 8, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x2x50x16xf32>, tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>) -> tensor<1x2x50x16xf32>
  return %o : tensor<1x2x50x16xf32>
}

func.func @splits(%q: tensor<1x2x50x16xf32>, %kv: tensor<1x1x?x16xf32>) -> (tensor<1x2x50x16xf32>, tensor<1x2x50xf32>) {
  %o:2 = attn.sdpa query(%q) key(%kv) value(%kv) causal schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 16, kv_splits = 3>)
    : (tensor<1x2x50x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) -> (tensor<1x2x50x16xf32>, tensor<1x2x50xf32>)
  return %o#0, %o#1 : tensor<1x2x50x16xf32>, tensor<1x2x50xf32>
}

func.func @more_splits_than_keys(%q: tensor<1x2x3x16xf32>, %kv: tensor<1x1x2x16xf32>) -> tensor<1x2x3x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 16, kv_splits = 5>)
    : (tensor<1x2x3x16xf32>, tensor<1x1x2x16xf32>, tensor<1x1x2x16xf32>) -> tensor<1x2x3x16xf32>
  return %o : tensor<1x2x3x16xf32>
}

func.func @rows(%q: tensor<2x4x3x16xf32>, %kv: tensor<2x2x70x16xf32>) -> tensor<2x4x3x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal schedule(<queries = rows, query_tile = 3, query_panel = 3, kv_tile = 16, kv_splits = 1>)
    : (tensor<2x4x3x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>) -> tensor<2x4x3x16xf32>
  return %o : tensor<2x4x3x16xf32>
}

func.func @split_rows(%q: tensor<1x8x1x16xf32>, %kv: tensor<1x2x70x16xf32>, %sinks: tensor<8xf32>) -> (tensor<1x8x1x16xf32>, tensor<1x8x1xf32>) {
  %o:2 = attn.sdpa query(%q) key(%kv) value(%kv) sinks(%sinks) schedule(<queries = rows, query_tile = 1, query_panel = 1, kv_tile = 16, kv_splits = 3>)
    : (tensor<1x8x1x16xf32>, tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>, tensor<8xf32>) -> (tensor<1x8x1x16xf32>, tensor<1x8x1xf32>)
  return %o#0, %o#1 : tensor<1x8x1x16xf32>, tensor<1x8x1xf32>
}

func.func @odd_tiles(%q: tensor<1x1x50x7xf32>, %kv: tensor<1x1x70x7xf32>) -> tensor<1x1x50x7xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) window(9, 4) schedule(<queries = lanes, query_tile = 10, query_panel = 5, kv_tile = 13, kv_splits = 1>)
    : (tensor<1x1x50x7xf32>, tensor<1x1x70x7xf32>, tensor<1x1x70x7xf32>) -> tensor<1x1x50x7xf32>
  return %o : tensor<1x1x50x7xf32>
}

// Windows whose first tiles begin before them; those of the first queries begin
// before key 0.
func.func @aligned_window(%q: tensor<1x1x50x8xf32>, %kv: tensor<1x1x70x8xf32>) -> tensor<1x1x50x8xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) causal(top_left) window(11, 2) schedule(<queries = lanes, query_tile = 8, query_panel = 8, kv_tile = 13, kv_splits = 1, key_align = 8>)
    : (tensor<1x1x50x8xf32>, tensor<1x1x70x8xf32>, tensor<1x1x70x8xf32>) -> tensor<1x1x50x8xf32>
  return %o : tensor<1x1x50x8xf32>
}

func.func @hash(%q: tensor<1x1x64x16xf32>, %kv: tensor<1x1x512x16xf32>) -> tensor<1x1x64x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : i32
      %factor = arith.constant 1103515245 : i32
      %jj = arith.index_cast %j : index to i32
      %hash = arith.muli %jj, %factor : i32
      %keep = arith.cmpi sge, %hash, %c0 : i32
      attn.yield %keep : i1
    } : (tensor<1x1x64x16xf32>, tensor<1x1x512x16xf32>, tensor<1x1x512x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}

func.func @truncated(%q: tensor<1x1x64x16xf32>, %kv: tensor<1x1x512x16xf32>) -> tensor<1x1x64x16xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 256, kv_splits = 1>)
    mask(%b, %h, %i, %j) {
      %c0 = arith.constant 0 : i8
      %jj = arith.index_cast %j : index to i32
      %low = arith.trunci %jj : i32 to i8
      %keep = arith.cmpi sge, %low, %c0 : i8
      attn.yield %keep : i1
    } : (tensor<1x1x64x16xf32>, tensor<1x1x512x16xf32>, tensor<1x1x512x16xf32>) -> tensor<1x1x64x16xf32>
  return %o : tensor<1x1x64x16xf32>
}

func.func @loop(%q: tensor<1x1x20x16xf32>, %t: tensor<4x20xf32>) -> tensor<1x1x20x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    score(%s, %b, %h, %i, %j) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %r = scf.for %n = %c0 to %c4 step %c1 iter_args(%sum = %s) -> f32 {
        %x = tensor.extract %t[%n, %i] : tensor<4x20xf32>
        %next = arith.addf %sum, %x : f32
        scf.yield %next : f32
      }
      attn.yield %r : f32
    } : (tensor<1x1x20x16xf32>, tensor<1x1x20x16xf32>, tensor<1x1x20x16xf32>) -> tensor<1x1x20x16xf32>
  return %o : tensor<1x1x20x16xf32>
}

// Panels of a whole vector, half a one and single lanes; an f32 output shows
// that products of pairs lose nothing.
func.func @paired(%q: tensor<1x2x50x14xbf16>, %kv: tensor<1x1x70x14xbf16>) -> tensor<1x2x50x14xf32> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv) scale(0.3) causal schedule(<queries = lanes, query_tile = 50, query_panel = 25, kv_tile = 16, kv_splits = 1, paired = scores>)
    : (tensor<1x2x50x14xbf16>, tensor<1x1x70x14xbf16>, tensor<1x1x70x14xbf16>) -> tensor<1x2x50x14xf32>
  return %o : tensor<1x2x50x14xf32>
}
