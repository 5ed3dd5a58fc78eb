// Results that lie in memory by strides: a kernel writes them where they go.

// RUN: attn-opt %s --attn-gpu-tile-stage=chip=sm_89 --attn-gpu-bufferize=chip=sm_89 -o %t.buffers.mlir
// RUN: not grep "memref.copy" %t.buffers.mlir

// DEFINE: %{fn} =
// DEFINE: %{inputs} =
// DEFINE: %{cpu} = attn-run %s --function=%{fn} --check --tolerance=2e-3 --output=@%t.npy %{inputs}
// DEFINE: %{ptx} = attn-run %s --function=%{fn} --check --tolerance=2e-3 --output=@%t.npy %{inputs} --device=ptx --target=sm_89

// REDEFINE: %{fn} = inserted
// REDEFINE: %{inputs} = --input=1x2x70x64xf16=random:1 --input=f16=2
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = insertedAt
// REDEFINE: %{inputs} = --input=1x2x70x64xf32=random:1 --input=f32=2 --input=index=3
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = unknownRows
// REDEFINE: %{inputs} = --input=1x2x70x64xf16=random:1 --input=f16=2 --input=index=67
// RUN: %{cpu}
// RUN: %{ptx}

// By no multiple of 16 bytes from the start of a row.
func.func @inserted(%x: tensor<1x2x70x64xf16>, %fill: f16) -> tensor<1x2x70x72xf16> {
  %empty = tensor.empty() : tensor<1x2x70x72xf16>
  %rows = linalg.fill ins(%fill : f16) outs(%empty : tensor<1x2x70x72xf16>) -> tensor<1x2x70x72xf16>
  %o = attn.sdpa query(%x) key(%x) value(%x) causal
    : (tensor<1x2x70x64xf16>, tensor<1x2x70x64xf16>, tensor<1x2x70x64xf16>) -> tensor<1x2x70x64xf16>
  %r = tensor.insert_slice %o into %rows[0, 0, 0, 2] [1, 2, 70, 64] [1, 1, 1, 1] : tensor<1x2x70x64xf16> into tensor<1x2x70x72xf16>
  return %r : tensor<1x2x70x72xf16>
}

// Where only the call knows.
func.func @insertedAt(%x: tensor<1x2x?x64xf32>, %fill: f32, %column: index) -> tensor<1x2x?x72xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<1x2x?x64xf32>
  %empty = tensor.empty(%n) : tensor<1x2x?x72xf32>
  %rows = linalg.fill ins(%fill : f32) outs(%empty : tensor<1x2x?x72xf32>) -> tensor<1x2x?x72xf32>
  %o = attn.sdpa query(%x) key(%x) value(%x) causal
    : (tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>) -> tensor<1x2x?x64xf32>
  %r = tensor.insert_slice %o into %rows[0, 0, 0, %column] [1, 2, %n, 64] [1, 1, 1, 1] : tensor<1x2x?x64xf32> into tensor<1x2x?x72xf32>
  return %r : tensor<1x2x?x72xf32>
}

// Rows of a length that only the call knows.
func.func @unknownRows(%x: tensor<1x2x?x64xf16>, %fill: f16, %width: index) -> tensor<1x2x?x?xf16> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<1x2x?x64xf16>
  %empty = tensor.empty(%n, %width) : tensor<1x2x?x?xf16>
  %rows = linalg.fill ins(%fill : f16) outs(%empty : tensor<1x2x?x?xf16>) -> tensor<1x2x?x?xf16>
  %o = attn.sdpa query(%x) key(%x) value(%x) causal
    : (tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>) -> tensor<1x2x?x64xf16>
  %r = tensor.insert_slice %o into %rows[0, 0, 0, 0] [1, 2, %n, 64] [1, 1, 1, 1] : tensor<1x2x?x64xf16> into tensor<1x2x?x?xf16>
  return %r : tensor<1x2x?x?xf16>
}
