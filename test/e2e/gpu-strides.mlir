// Operands that lie in memory by strides: a kernel reads them where they are.

// RUN: attn-opt %s --attn-gpu-tile-stage=chip=sm_89 --attn-gpu-bufferize=chip=sm_89 -o %t.buffers.mlir
// RUN: not grep "memref.copy\|linalg\." %t.buffers.mlir

// DEFINE: %{fn} =
// DEFINE: %{inputs} =
// DEFINE: %{cpu} = attn-run %s --function=%{fn} --check --tolerance=2e-3 --output=@%t.npy %{inputs}
// DEFINE: %{ptx} = attn-run %s --function=%{fn} --check --tolerance=2e-3 --output=@%t.npy %{inputs} --device=ptx --target=sm_89

// REDEFINE: %{fn} = packed
// REDEFINE: %{inputs} = --input=2x50x12x64xf16=random:1 --input=index=8 --input=index=2
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{inputs} = --input=1x1x3x64xf16=random:1 --input=index=1 --input=index=1
// RUN: %{ptx}
// REDEFINE: %{fn} = cache
// REDEFINE: %{inputs} = --input=2x8x1x64xbf16=random:1 --input=2x2x500x64xbf16=random:2 --input=2x2x500x64xbf16=random:3 --input=index=333
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = padded
// REDEFINE: %{inputs} = --input=1x4x70x72xf16=random:1 --input=1x2x90x72xf16=random:2
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = interleaved
// REDEFINE: %{inputs} = --input=1x4x70x64xf16=random:1 --input=1x4x90x64xf16=random:2
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = features
// REDEFINE: %{inputs} = --input=1x2x70x64xf32=random:1 --input=1x2x90x64xf32=random:2
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = projected
// REDEFINE: %{inputs} = --input=70x200xf16=random:1
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = projectedAt
// REDEFINE: %{inputs} = --input=70x200xf16=random:1 --input=index=3
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = nested
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = unknownRows
// REDEFINE: %{inputs} = --input=1x2x70x67xf16=random:1
// RUN: %{cpu}
// RUN: %{ptx}
// REDEFINE: %{fn} = tail
// REDEFINE: %{inputs} = --output=@%t.lse.npy --input=9000xf16=random:1 --input=index=3 --input=index=70
// RUN: %{cpu}
// RUN: %{ptx}

// What is known to start at multiples of 16 bytes is read by as many.
// REDEFINE: %{fn} = fused
// REDEFINE: %{inputs} = --input=70x512xf16=random:1
// RUN: %{cpu}
// RUN: %{ptx}
// RUN: attn-translate %s --emit=ptx --chip=sm_89 --gpu-module=fused_kernel -o %t.ptx
// RUN: FileCheck %s --input-file=%t.ptx
// CHECK-NOT: ld.global.{{[^v]|v2}}
// CHECK-NOT: cp.async.ca
// CHECK: cp.async.cg
// CHECK-NOT: cp.async.ca
// CHECK-NOT: ld.global.{{[^v]|v2}}

// One tensor holds the queries, keys and values of a token, whose heads only the
// call knows.
func.func @packed(%qkv: tensor<?x?x?x64xf16>, %heads: index, %kvHeads: index) -> tensor<?x?x?x64xf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %qkv, %c0 : tensor<?x?x?x64xf16>
  %s = tensor.dim %qkv, %c1 : tensor<?x?x?x64xf16>
  %v0 = arith.addi %heads, %kvHeads : index
  %q = tensor.extract_slice %qkv[0, 0, 0, 0] [%b, %s, %heads, 64] [1, 1, 1, 1] : tensor<?x?x?x64xf16> to tensor<?x?x?x64xf16>
  %k = tensor.extract_slice %qkv[0, 0, %heads, 0] [%b, %s, %kvHeads, 64] [1, 1, 1, 1] : tensor<?x?x?x64xf16> to tensor<?x?x?x64xf16>
  %v = tensor.extract_slice %qkv[0, 0, %v0, 0] [%b, %s, %kvHeads, 64] [1, 1, 1, 1] : tensor<?x?x?x64xf16> to tensor<?x?x?x64xf16>
  %o = attn.sdpa query(%q) key(%k) value(%v) causal layout(query = bshd, key = bshd, value = bshd, output = bshd)
    : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16>
  return %o : tensor<?x?x?x64xf16>
}

// The part of a cache that is filled.
func.func @cache(%q: tensor<?x8x1x64xbf16>, %keys: tensor<?x2x?x64xbf16>, %values: tensor<?x2x?x64xbf16>, %length: index) -> tensor<?x8x1x64xbf16> {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %keys, %c0 : tensor<?x2x?x64xbf16>
  %k = tensor.extract_slice %keys[0, 0, 0, 0] [%b, 2, %length, 64] [1, 1, 1, 1] : tensor<?x2x?x64xbf16> to tensor<?x2x?x64xbf16>
  %v = tensor.extract_slice %values[0, 0, 0, 0] [%b, 2, %length, 64] [1, 1, 1, 1] : tensor<?x2x?x64xbf16> to tensor<?x2x?x64xbf16>
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
    : (tensor<?x8x1x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> tensor<?x8x1x64xbf16>
  return %o : tensor<?x8x1x64xbf16>
}

// Rows that are longer than head_dim, by no multiple of 16 bytes from their end.
func.func @padded(%x: tensor<1x4x?x72xf16>, %y: tensor<1x2x?x72xf16>) -> tensor<1x4x?x60xf16> {
  %c2 = arith.constant 2 : index
  %sq = tensor.dim %x, %c2 : tensor<1x4x?x72xf16>
  %sk = tensor.dim %y, %c2 : tensor<1x2x?x72xf16>
  %q = tensor.extract_slice %x[0, 0, 0, 2] [1, 4, %sq, 60] [1, 1, 1, 1] : tensor<1x4x?x72xf16> to tensor<1x4x?x60xf16>
  %k = tensor.extract_slice %y[0, 0, 0, 2] [1, 2, %sk, 60] [1, 1, 1, 1] : tensor<1x2x?x72xf16> to tensor<1x2x?x60xf16>
  %v = tensor.extract_slice %y[0, 0, 0, 12] [1, 2, %sk, 60] [1, 1, 1, 1] : tensor<1x2x?x72xf16> to tensor<1x2x?x60xf16>
  %o = attn.sdpa query(%q) key(%k) value(%v) causal
    : (tensor<1x4x?x60xf16>, tensor<1x2x?x60xf16>, tensor<1x2x?x60xf16>) -> tensor<1x4x?x60xf16>
  return %o : tensor<1x4x?x60xf16>
}

// Every second key and every third query.
func.func @interleaved(%x: tensor<1x4x70x64xf16>, %y: tensor<1x4x90x64xf16>) -> tensor<1x4x23x64xf16> {
  %q = tensor.extract_slice %x[0, 0, 1, 0] [1, 4, 23, 64] [1, 1, 3, 1] : tensor<1x4x70x64xf16> to tensor<1x4x23x64xf16>
  %k = tensor.extract_slice %y[0, 0, 0, 0] [1, 4, 45, 64] [1, 1, 2, 1] : tensor<1x4x90x64xf16> to tensor<1x4x45x64xf16>
  %v = tensor.extract_slice %y[0, 0, 1, 0] [1, 4, 45, 64] [1, 1, 2, 1] : tensor<1x4x90x64xf16> to tensor<1x4x45x64xf16>
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x4x23x64xf16>, tensor<1x4x45x64xf16>, tensor<1x4x45x64xf16>) -> tensor<1x4x23x64xf16>
  return %o : tensor<1x4x23x64xf16>
}

// Features that are not next to each other.
func.func @features(%x: tensor<1x2x70x64xf32>, %y: tensor<1x2x90x64xf32>) -> tensor<1x2x70x32xf32> {
  %q = tensor.extract_slice %x[0, 0, 0, 0] [1, 2, 70, 32] [1, 1, 1, 2] : tensor<1x2x70x64xf32> to tensor<1x2x70x32xf32>
  %k = tensor.extract_slice %y[0, 0, 0, 0] [1, 2, 90, 32] [1, 1, 1, 2] : tensor<1x2x90x64xf32> to tensor<1x2x90x32xf32>
  %v = tensor.extract_slice %y[0, 0, 0, 1] [1, 2, 90, 32] [1, 1, 1, 2] : tensor<1x2x90x64xf32> to tensor<1x2x90x32xf32>
  %o = attn.sdpa query(%q) key(%k) value(%v)
    : (tensor<1x2x70x32xf32>, tensor<1x2x90x32xf32>, tensor<1x2x90x32xf32>) -> tensor<1x2x70x32xf32>
  return %o : tensor<1x2x70x32xf32>
}

// Projections: rows hold the features of all heads from some column on.
func.func @projected(%x: tensor<?x200xf16>) -> tensor<1x?x2x64xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x200xf16>
  %rows = tensor.extract_slice %x[0, 4] [%n, 128] [1, 1] : tensor<?x200xf16> to tensor<?x128xf16>
  %q = tensor.expand_shape %rows [[0, 1], [2, 3]] output_shape [1, %n, 2, 64] : tensor<?x128xf16> into tensor<1x?x2x64xf16>
  %o = attn.sdpa query(%q) key(%q) value(%q) causal layout(query = bshd, key = bshd, value = bshd, output = bshd)
    : (tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>) -> tensor<1x?x2x64xf16>
  return %o : tensor<1x?x2x64xf16>
}

func.func @projectedAt(%x: tensor<?x200xf16>, %column: index) -> tensor<1x?x2x64xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x200xf16>
  %rows = tensor.extract_slice %x[0, %column] [%n, 128] [1, 1] : tensor<?x200xf16> to tensor<?x128xf16>
  %q = tensor.expand_shape %rows [[0, 1], [2, 3]] output_shape [1, %n, 2, 64] : tensor<?x128xf16> into tensor<1x?x2x64xf16>
  %o = attn.sdpa query(%q) key(%q) value(%q) causal layout(query = bshd, key = bshd, value = bshd, output = bshd)
    : (tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>) -> tensor<1x?x2x64xf16>
  return %o : tensor<1x?x2x64xf16>
}

// A slice of a slice.
func.func @nested(%x: tensor<?x200xf16>, %column: index) -> tensor<1x1x?x64xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x200xf16>
  %rows = tensor.extract_slice %x[0, %column] [%n, 100] [1, 1] : tensor<?x200xf16> to tensor<?x100xf16>
  %part = tensor.extract_slice %rows[0, 8] [%n, 64] [1, 1] : tensor<?x100xf16> to tensor<?x64xf16>
  %q = tensor.expand_shape %part [[0, 1, 2], [3]] output_shape [1, 1, %n, 64] : tensor<?x64xf16> into tensor<1x1x?x64xf16>
  %o = attn.sdpa query(%q) key(%q) value(%q) causal
    : (tensor<1x1x?x64xf16>, tensor<1x1x?x64xf16>, tensor<1x1x?x64xf16>) -> tensor<1x1x?x64xf16>
  return %o : tensor<1x1x?x64xf16>
}

// Rows of a length that only the call knows: each starts elsewhere.
func.func @unknownRows(%x: tensor<1x2x?x?xf16>) -> tensor<1x2x?x64xf16> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<1x2x?x?xf16>
  %q = tensor.extract_slice %x[0, 0, 0, 0] [1, 2, %n, 64] [1, 1, 1, 1] : tensor<1x2x?x?xf16> to tensor<1x2x?x64xf16>
  %o = attn.sdpa query(%q) key(%q) value(%q) causal
    : (tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>) -> tensor<1x2x?x64xf16>
  return %o : tensor<1x2x?x64xf16>
}

// A tail of numbers that become rows.
func.func @tail(%x: tensor<?xf16>, %start: index, %n: index) -> (tensor<1x2x?x64xf16>, tensor<1x2x?xf32>) {
  %c128 = arith.constant 128 : index
  %count = arith.muli %n, %c128 : index
  %part = tensor.extract_slice %x[%start] [%count] [1] : tensor<?xf16> to tensor<?xf16>
  %q = tensor.expand_shape %part [[0, 1, 2, 3]] output_shape [1, 2, %n, 64] : tensor<?xf16> into tensor<1x2x?x64xf16>
  %o, %lse = attn.sdpa query(%q) key(%q) value(%q) causal
    : (tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>, tensor<1x2x?x64xf16>) -> (tensor<1x2x?x64xf16>, tensor<1x2x?xf32>)
  return %o, %lse : tensor<1x2x?x64xf16>, tensor<1x2x?xf32>
}

// Queries of four heads, and keys and values of two.
func.func @fused(%x: tensor<?x512xf16>) -> tensor<1x?x4x64xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x512xf16>
  %xq = tensor.extract_slice %x[0, 0] [%n, 256] [1, 1] : tensor<?x512xf16> to tensor<?x256xf16>
  %xk = tensor.extract_slice %x[0, 256] [%n, 128] [1, 1] : tensor<?x512xf16> to tensor<?x128xf16>
  %xv = tensor.extract_slice %x[0, 384] [%n, 128] [1, 1] : tensor<?x512xf16> to tensor<?x128xf16>
  %q = tensor.expand_shape %xq [[0, 1], [2, 3]] output_shape [1, %n, 4, 64] : tensor<?x256xf16> into tensor<1x?x4x64xf16>
  %k = tensor.expand_shape %xk [[0, 1], [2, 3]] output_shape [1, %n, 2, 64] : tensor<?x128xf16> into tensor<1x?x2x64xf16>
  %v = tensor.expand_shape %xv [[0, 1], [2, 3]] output_shape [1, %n, 2, 64] : tensor<?x128xf16> into tensor<1x?x2x64xf16>
  %o = attn.sdpa query(%q) key(%k) value(%v) causal layout(query = bshd, key = bshd, value = bshd, output = bshd)
    : (tensor<1x?x4x64xf16>, tensor<1x?x2x64xf16>, tensor<1x?x2x64xf16>) -> tensor<1x?x4x64xf16>
  return %o : tensor<1x?x4x64xf16>
}
