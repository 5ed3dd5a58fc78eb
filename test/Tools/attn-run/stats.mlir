// The work is what the mask keeps of what is executed; sizes that the function
// leaves open come from the inputs.

// RUN: attn-run %s --function=causal --input=1x4x6x8xf32=random:1 --input=1x2x10x8xf32=random:2 --input=1x2x10x4xf32=random:3 --stats=%t.json --repeat=3 --threads=1 --output=@%t.npy | count 0
// RUN: FileCheck %s --input-file=%t.json
// RUN: attn-run %s --function=window --input=1x1x6x8xf32=random:1 --input=index=2 --stats=%t.json
// RUN: FileCheck %s --input-file=%t.json --check-prefix=WINDOW
// RUN: attn-run %s --function=none --input=4xf32=1 --stats=%t.json
// RUN: FileCheck %s --input-file=%t.json --check-prefix=NONE
// RUN: attn-run %s --function=twice --input=1x1x6x8xf32=random:1 --stats=%t.json
// RUN: FileCheck %s --input-file=%t.json --check-prefix=TWICE
// RUN: attn-run %s --function=decomposed --input=1x6x8xf32=random:1 --stats=%t.json
// RUN: FileCheck %s --input-file=%t.json --check-prefix=DECOMPOSED
// RUN: attn-run %s --function=decomposed --input=1x6x8xf32=random:1 --stats=%t.json --no-raise
// RUN: FileCheck %s --input-file=%t.json --check-prefix=NONE

// Each thread has a stack with the kernel's tiles: queries, scores and output
// are (8 + 16 + 4) x 16 f32, 1792 bytes. Whole score matrices would take
// 4 x 64 x 64 f32, 65536 bytes.
// RUN: attn-run %s --function=pinned --input=1x4x64x8xf32=random:1 --input=1x4x64x4xf32=random:3 --stats=%t.1 --threads=1 --output=@%t.npy
// RUN: attn-run %s --function=pinned --input=1x4x64x8xf32=random:1 --input=1x4x64x4xf32=random:3 --stats=%t.2 --threads=2 --output=@%t.npy
// RUN: attn-run %s --function=pinned --input=1x4x64x8xf32=random:1 --input=1x4x64x4xf32=random:3 --stats=%t.4 --threads=4 --output=@%t.npy
// RUN: %python -c "import json, sys; one, two, four = [json.load(open(file))['peak_extra_bytes'] for file in sys.argv[1:]]; each = two - one; print(one, two, four); assert 1792 <= each <= one < 16384; assert four == one + 3 * each" %t.1 %t.2 %t.4

// Kept: 5 + 6 + 7 + 8 + 9 + 10 positions in 4 heads.
// CHECK-DAG: "function": "causal"
// CHECK-DAG: "threads": 1
// CHECK-DAG: "runs": 3
// CHECK-DAG: "flops": 4320
// CHECK-DAG: "bytes": 2112
// CHECK-DAG: "gflops": {{[0-9.e-]+}}
// CHECK-DAG: "compile_ms": {{[0-9.]+}}
// CHECK-DAG: "median_ms": {{[0-9.]+}}
// CHECK-DAG: "min_ms": {{[0-9.]+}}
// CHECK-DAG: "peak_extra_bytes": {{[0-9]+}}
func.func @causal(%q: tensor<1x4x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x4xf32>) -> tensor<1x4x?x4xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%v) causal : (tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x4xf32>) -> tensor<1x4x?x4xf32>
  return %o : tensor<1x4x?x4xf32>
}

func.func @pinned(%q: tensor<1x4x64x8xf32>, %v: tensor<1x4x64x4xf32>) -> tensor<1x4x64x4xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%v) schedule(<queries = lanes, query_tile = 16, query_panel = 16, kv_tile = 16, kv_splits = 1>)
    : (tensor<1x4x64x8xf32>, tensor<1x4x64x8xf32>, tensor<1x4x64x4xf32>) -> tensor<1x4x64x4xf32>
  return %o : tensor<1x4x64x4xf32>
}

// Queries at 2 to 7 of keys 0 to 5 see one to the left and two to the right:
// 4 + 4 + 3 + 2 + 1 + 0 positions.
// WINDOW-DAG: "flops": 448
func.func @window(%q: tensor<1x1x?x8xf32>, %offset: index) -> tensor<1x1x?x8xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q) query_offset(%offset) window(1, 2) : (tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, index) -> tensor<1x1x?x8xf32>
  return %o : tensor<1x1x?x8xf32>
}

// A mask region keeps every other key of 6, and the loop calls it twice.
// TWICE-DAG: "flops": 1152
func.func private @evenKeys(%q: tensor<1x1x?x8xf32>) -> tensor<1x1x?x8xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %two = arith.constant 2 : index
      %zero = arith.constant 0 : index
      %rest = arith.remui %j, %two : index
      %keep = arith.cmpi eq, %rest, %zero : index
      attn.yield %keep : i1
    } : (tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>) -> tensor<1x1x?x8xf32>
  return %o : tensor<1x1x?x8xf32>
}
func.func @twice(%q: tensor<1x1x?x8xf32>) -> tensor<1x1x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %o = scf.for %i = %c0 to %c2 step %c1 iter_args(%x = %q) -> tensor<1x1x?x8xf32> {
    %y = func.call @evenKeys(%x) : (tensor<1x1x?x8xf32>) -> tensor<1x1x?x8xf32>
    scf.yield %y : tensor<1x1x?x8xf32>
  }
  return %o : tensor<1x1x?x8xf32>
}

// Attention that is found counts: 2 x 36 x 16.
// DECOMPOSED-DAG: "flops": 1152
func.func @decomposed(%q: tensor<1x6x8xf32>) -> tensor<1x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x6x6xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x6x6xf32>) -> tensor<1x6x6xf32>
  %s = linalg.batch_matmul
      indexing_maps = [affine_map<(b, i, j, d) -> (b, i, d)>,
                       affine_map<(b, i, j, d) -> (b, j, d)>,
                       affine_map<(b, i, j, d) -> (b, i, j)>]
      ins(%q, %q : tensor<1x6x8xf32>, tensor<1x6x8xf32>) outs(%fill : tensor<1x6x6xf32>) -> tensor<1x6x6xf32>
  %p = linalg.softmax dimension(2) ins(%s : tensor<1x6x6xf32>) outs(%empty : tensor<1x6x6xf32>) -> tensor<1x6x6xf32>
  %out = tensor.empty() : tensor<1x6x8xf32>
  %fillOut = linalg.fill ins(%zero : f32) outs(%out : tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  %o = linalg.batch_matmul ins(%p, %q : tensor<1x6x6xf32>, tensor<1x6x8xf32>) outs(%fillOut : tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  return %o : tensor<1x6x8xf32>
}

// NONE-DAG: "flops": 0
func.func @none(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}
